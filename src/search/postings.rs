//! The postings of one term in one segment, read block by block.

use tantivy::postings::BlockSegmentPostings;
use tantivy::{DocId, TERMINATED};

/// The postings of a term from where they have not been read.
pub(super) struct Postings {
    blocks: BlockSegmentPostings,
    at: usize,
}

impl Postings {
    pub(super) fn new(blocks: BlockSegmentPostings) -> Self {
        Self { blocks, at: 0 }
    }

    /// How many documents have the term, in the whole segment.
    pub(super) fn frequency(&self) -> u32 {
        self.blocks.doc_freq()
    }

    /// The next one; the end is beyond all.
    pub(super) fn document(&self) -> DocId {
        self.blocks.docs().get(self.at).copied().unwrap_or(TERMINATED)
    }

    /// Passes over what comes before `target`.
    pub(super) fn seek(&mut self, target: DocId) {
        if self.document() < target {
            self.at = self.blocks.seek(target);
        }
    }

    /// Hands out the documents before `end`, each with how often the term stands there when that is read at all.
    #[inline]
    pub(super) fn each_before(&mut self, end: DocId, mut take: impl FnMut(DocId, u32)) {
        loop {
            let documents = &self.blocks.docs()[self.at.min(self.blocks.block_len())..];
            let here = documents.partition_point(|&document| document < end);
            let often = self.blocks.freqs();
            if often.len() >= self.at + here {
                for (&document, &often) in documents[..here].iter().zip(&often[self.at..]) {
                    take(document, often);
                }
            } else {
                for &document in &documents[..here] {
                    take(document, 1);
                }
            }
            self.at += here;
            if here < documents.len() || documents.is_empty() {
                return;
            }
            self.blocks.advance();
            self.at = 0;
        }
    }
}
