//! tantivy by itself, as its examples use it: one stemmed text field, columns for the facets, every match scored.

use std::path::Path;
use std::time::{Duration, Instant};

use casebook::domain::Story;
use serde_json::json;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::{AggContextParams, AggregationCollector};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Query, TermQuery};
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::snippet::SnippetGenerator;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term};

use crate::Outcome;
use crate::corpus::{Corpus, whole_text};
use crate::sampling::{Bound, Samples, times};

/// The library's own analysis of English: words, in lower case, stemmed.
const ENGLISH: &str = "en_stem";
/// Memory of the writer, all threads together, in bytes.
const MEMORY: usize = 100_000_000;

/// An index of the whole corpus.
pub struct Bare {
    index: Index,
    reader: IndexReader,
    fields: Fields,
}

struct Fields {
    title: Field,
    text: Field,
    category: Field,
    technology: Field,
    severity: Field,
    organization: Field,
    year: Field,
}

impl Bare {
    /// Indexes the corpus with as many threads as there are cores. Tells how long that took up to the end of the
    /// commit; merges that were still running are waited for after it.
    pub fn build(folder: &Path, corpus: &Corpus) -> Outcome<(Self, Duration)> {
        std::fs::create_dir_all(folder)?;
        let (schema, fields) = schema();
        let index = Index::create_in_dir(folder, schema)?;
        let begun = Instant::now();
        let mut writer: IndexWriter = index.writer(MEMORY)?;
        for entry in corpus.entries() {
            writer.add_document(fields.document(&entry?.content))?;
        }
        writer.commit()?;
        let took = begun.elapsed();
        writer.wait_merging_threads()?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok((Self { index, reader, fields }, took))
    }

    /// The first twenty with their titles and a snippet, the number of matches, and the counts of five facets.
    pub fn search(&self, query: &str) -> Outcome<usize> {
        let searcher = self.reader.searcher();
        let query = self.any_word(query)?;
        let facets = AggregationCollector::from_aggs(facets()?, AggContextParams::default());
        let collector = (TopDocs::with_limit(20).order_by_score(), Count, facets);
        let (top, count, facets) = searcher.search(&query, &collector)?;
        std::hint::black_box(facets);
        let snippets = SnippetGenerator::create(&searcher, &query, self.fields.text)?;
        for (_, address) in top {
            let document: TantivyDocument = searcher.doc(address)?;
            std::hint::black_box(document.get_first(self.fields.title).and_then(|title| title.as_str()));
            std::hint::black_box(snippets.snippet_from_doc(&document).to_html());
        }
        Ok(count)
    }

    /// Adds documents one at a time: from handing one over until a new searcher would find it.
    pub fn write_one_by_one(&mut self, bound: Bound, stories: &[Story]) -> Outcome<Samples> {
        let mut writer: IndexWriter = self.index.writer(MEMORY)?;
        let samples = times(bound, stories, |story| {
            writer.add_document(self.fields.document(story))?;
            writer.commit()?;
            self.reader.reload()?;
            Ok(())
        })?;
        writer.wait_merging_threads()?;
        Ok(samples)
    }

    fn any_word(&self, query: &str) -> Outcome<BooleanQuery> {
        let mut analyzer = self.index.tokenizer_for_field(self.fields.text)?;
        let mut clauses: Vec<Box<dyn Query>> = Vec::new();
        analyzer.token_stream(query).process(&mut |token| {
            let term = Term::from_field_text(self.fields.text, &token.text);
            clauses.push(Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)));
        });
        Ok(BooleanQuery::union(clauses))
    }
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer(ENGLISH);
    let indexing = indexing.set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let column = || TextOptions::default().set_fast("raw");
    let fields = Fields {
        title: schema.add_text_field("title", STORED),
        text: schema.add_text_field("text", TextOptions::default().set_stored().set_indexing_options(indexing)),
        category: schema.add_text_field("category", column()),
        technology: schema.add_text_field("technology", column()),
        severity: schema.add_text_field("severity", column()),
        organization: schema.add_text_field("organization", column()),
        year: schema.add_i64_field("year", NumericOptions::default().set_fast()),
    };
    (schema.build(), fields)
}

fn facets() -> Outcome<Aggregations> {
    let columns = ["category", "technology", "severity", "organization", "year"];
    let terms = columns.map(|column| (column.to_owned(), json!({ "terms": { "field": column, "size": 50 } })));
    Ok(serde_json::from_value(serde_json::Value::Object(terms.into_iter().collect()))?)
}

impl Fields {
    fn document(&self, story: &Story) -> TantivyDocument {
        let failure = &story.failure;
        let mut document = TantivyDocument::new();
        document.add_text(self.title, failure.title.as_str());
        document.add_text(self.text, whole_text(story));
        document.add_text(self.category, failure.category.as_str());
        for technology in &failure.technologies {
            document.add_text(self.technology, technology.as_str());
        }
        if let Some(severity) = story.incident.severity {
            document.add_text(self.severity, severity.as_str());
        }
        document.add_text(self.organization, story.incident.organization.as_str());
        if let Some(year) = story.incident.year() {
            document.add_i64(self.year, i64::from(year));
        }
        document
    }
}
