//! Names of people, replaced by what they are to the story: it says what happened, not who did it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::evidence::mask::pattern;

/// What stands in the place of a name.
const ROLE: &str = "an engineer";

/// Names that are words as well: they are replaced only as part of a whole name, or behind `@`.
const WORDS: &[&str] = &[
    "will", "mark", "may", "art", "bill", "rob", "drew", "chase", "grant", "hope", "pat", "sue", "jack", "root",
    "admin", "deploy", "ops", "sre", "the", "and", "for", "you", "all", "can", "dev", "user", "guest", "grace",
    "faith", "june", "april", "august", "rose", "dale", "cliff", "frank", "gene", "guy", "max", "miles", "ray", "rich",
    "van", "von", "del", "der", "joy", "summer", "dawn", "page", "case", "node", "host", "pod", "service", "on-call",
    "oncall",
];

/// The most names that are looked for in one log.
const MOST: usize = 400;

static MENTION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"<@[A-Z0-9]{6,14}(?:\|[^>\s]{1,60})?>|@[\p{L}_][\p{L}\p{N}_.\-]*"));

/// What is looked for in one log.
pub(super) struct Names {
    known: Option<Regex>,
}

impl Names {
    /// The names of a log in the forms in which people use them: whole, and each part alone.
    pub(super) fn new<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut forms = BTreeSet::new();
        for name in names.map(str::trim).filter(|name| name.chars().count() > 1) {
            if !WORDS.contains(&name.to_lowercase().as_str()) {
                forms.insert(name.to_owned());
            }
            for part in name.split_whitespace().filter(|part| part.chars().count() > 2) {
                let lower = part.to_lowercase();
                if !WORDS.contains(&lower.as_str()) && part.chars().all(|c| c.is_alphanumeric() || "-'’_".contains(c))
                {
                    let mut letters = lower.chars();
                    let capital = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
                    forms.extend([part.to_owned(), lower].into_iter().chain(capital));
                }
            }
            if forms.len() > MOST {
                break;
            }
        }
        let mut forms: Vec<String> = forms.into_iter().collect();
        // Of two that begin alike the longer one is tried first.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        let alternatives: Vec<String> = forms.iter().map(|form| format!("@?{}", regex::escape(form))).collect();
        Self { known: (!forms.is_empty()).then(|| Regex::new(&alternatives.join("|")).ok()).flatten() }
    }

    /// The text without them.
    pub(super) fn replaced(&self, text: &str) -> String {
        let known = match &self.known {
            Some(known) => replace(known, text, |_| true),
            None => text.to_owned(),
        };
        let to_all = ["@here", "@channel", "@everyone", "@all", "@team"];
        replace(&MENTION, &known, |mention| !to_all.contains(&mention.to_lowercase().trim_end_matches(['.', '-'])))
    }
}

fn replace(pattern: &Regex, text: &str, is_meant: impl Fn(&str) -> bool) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut from = 0;
    for found in pattern.find_iter(text) {
        if !stands_alone(text, found.start(), found.end()) || !is_meant(found.as_str()) {
            continue;
        }
        replaced.push_str(&text[from..found.start()]);
        let begins = replaced.trim_end().is_empty() || replaced.trim_end().ends_with(['.', '!', '?']);
        replaced.push_str(if begins { "An engineer" } else { ROLE });
        // `@ada.` ends a sentence.
        let tail = found.as_str().trim_end_matches(['.', '-']).len();
        replaced.push_str(&found.as_str()[tail..]);
        from = found.end();
    }
    replaced.push_str(&text[from..]);
    replaced
}

/// Whether a match is a word of its own. Scripts without spaces between words have no such thing.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let inner_first = text[start..].chars().next().is_some_and(|c| is_of_word(c) || c == '@');
    let inner_last = text[..end].chars().next_back().is_some_and(is_of_word);
    let before = text[..start].chars().next_back().is_some_and(|c| is_of_word(c) || c == '.');
    let after = text[end..].chars().next().is_some_and(is_of_word);
    !(inner_first && before || inner_last && after)
}
