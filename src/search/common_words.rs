//! Words that say little: stop words, which are passed over, and common words of everyday language, which count for
//! little when evidence is matched. In a library of ten stories no count tells that `hour` is common and `subnet` is not.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::words::words;

/// The lists, as text: a section per kind, words separated by spaces.
const LISTS: &str = include_str!("common_words.txt");

struct Lists {
    stop: HashSet<String>,
    common: HashSet<String>,
}

static WORDS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists { stop: HashSet::new(), common: HashSet::new() };
    let mut list = None;
    for line in LISTS.lines() {
        match line.trim() {
            "# stop" => list = Some(&mut lists.stop),
            "# common" => list = Some(&mut lists.common),
            words_of_it => {
                let terms = words(words_of_it).into_iter().flat_map(|word| word.terms).map(|term| term.text);
                if let Some(list) = &mut list {
                    list.extend(terms);
                }
            }
        }
    }
    lists
});

/// Whether a term (as the tokenizer gives it) is passed over.
pub(super) fn is_stop_word(term: &str) -> bool {
    WORDS.stop.contains(term)
}

/// Whether a term says little about a failure.
pub(super) fn is_common(term: &str) -> bool {
    WORDS.common.contains(term)
}
