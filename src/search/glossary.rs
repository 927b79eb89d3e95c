//! Other names for the same thing: `oom` and `out of memory`. Applied to evidence, never to what is indexed, so that a
//! change of the glossary needs no rebuild. What it may contain is described in `glossary.txt`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::common_words;
use super::evidence::steps_of;

const TEXT: &str = include_str!("glossary.txt");

/// The entries of a line in terms, under the first term of each.
struct Glossary {
    lines: Vec<Vec<Vec<String>>>,
    by_first: HashMap<String, Vec<(usize, usize)>>,
}

static GLOSSARY: LazyLock<Glossary> = LazyLock::new(|| {
    let mut glossary = Glossary { lines: Vec::new(), by_first: HashMap::new() };
    for line in TEXT.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let mut entries: Vec<Vec<String>> = line.split('=').map(steps_of).filter(|steps| !steps.is_empty()).collect();
        entries.dedup();
        let number = glossary.lines.len();
        for (place, entry) in entries.iter().enumerate() {
            glossary.by_first.entry(entry[0].clone()).or_default().push((number, place));
        }
        glossary.lines.push(entries);
    }
    glossary
});

/// Finds entries in a sequence of terms: where each stands, and what else it may be called, each as the terms that
/// must all be met.
pub(super) fn find<T>(steps: &[(String, T)]) -> Vec<(Range<usize>, Vec<Vec<String>>)> {
    let mut found = Vec::new();
    for (at, (term, _)) in steps.iter().enumerate() {
        for &(line, place) in GLOSSARY.by_first.get(term).into_iter().flatten() {
            let entries = &GLOSSARY.lines[line];
            let entry = &entries[place];
            let stands_here = steps.len() >= at + entry.len()
                && entry.iter().zip(&steps[at..]).all(|(wanted, (term, _))| wanted == term);
            if stands_here {
                let others = entries.iter().enumerate().filter(|&(other, _)| other != place);
                let synonyms = others.map(|(_, entry)| telling(entry)).filter(|entry| !entry.is_empty()).collect();
                found.push((at..at + entry.len(), synonyms));
            }
        }
    }
    found
}

/// The terms by which a name can be met in a text. What is left of `break in` without its stop word is another word.
fn telling(entry: &[String]) -> Vec<String> {
    let telling: Vec<String> = entry.iter().filter(|term| !common_words::is_stop_word(term)).cloned().collect();
    if telling.len() == entry.len() || telling.len() > 1 { telling } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::find;

    fn synonyms(terms: &[&str]) -> Vec<String> {
        let steps: Vec<(String, ())> = terms.iter().map(|term| ((*term).to_owned(), ())).collect();
        find(&steps).into_iter().flat_map(|(_, synonyms)| synonyms).map(|terms| terms.join(" ")).collect()
    }

    #[test]
    fn names_are_found_both_ways_and_as_phrases() {
        assert!(
            synonyms(&["oom"]).contains(&"memori".to_owned())
                || synonyms(&["oom"]).contains(&"memori limit".to_owned())
        );
        assert!(synonyms(&["out", "of", "memori"]).contains(&"oom".to_owned()));
        assert!(synonyms(&["k8s"]).contains(&"kubernet".to_owned()));
        assert!(synonyms(&["flour"]).is_empty());
    }
}
