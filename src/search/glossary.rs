//! Other names for the same thing: `oom` and `out of memory`. Applied to evidence, never to what is indexed, so that a
//! change of the glossary needs no rebuild. What it may contain is described in `glossary.txt`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use super::common_words;
use super::evidence::steps_of;

const BUILT_IN: &str = include_str!("glossary.txt");

/// The entries of a line in terms, under the first term of each.
#[derive(Default)]
struct Glossary {
    lines: Vec<Vec<Vec<String>>>,
    by_first: HashMap<String, Vec<(usize, usize)>>,
}

/// A glossary that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlossaryError {
    /// A line that names nothing twice.
    #[error("line {line}: found {found:?}, expected names separated by \"=\", such as: shop = storefront")]
    NoNames {
        /// The line, from 1.
        line: usize,
        /// What it says.
        found: String,
    },
    /// The process has a glossary of a team already.
    #[error("a glossary is in use already")]
    InUse,
}

static OURS: LazyLock<Glossary> = LazyLock::new(|| Glossary::parse(BUILT_IN).unwrap_or_default());
/// The names that a team adds; the same for all indexes of the process.
static OF_TEAM: OnceLock<Glossary> = OnceLock::new();

/// Adds a team's own names to the built-in ones, once and before anything is matched. The text has one thing to a line,
/// its names separated by `=`; what begins with `#` is a remark.
pub fn extend_glossary(text: &str) -> Result<(), GlossaryError> {
    OF_TEAM.set(Glossary::parse(text)?).map_err(|_| GlossaryError::InUse)
}

impl Glossary {
    fn parse(text: &str) -> Result<Self, GlossaryError> {
        let mut glossary = Self::default();
        for (line, found) in (1..).zip(text.lines().map(str::trim)) {
            if found.is_empty() || found.starts_with('#') {
                continue;
            }
            let mut entries: Vec<Vec<String>> =
                found.split('=').map(steps_of).filter(|steps| !steps.is_empty()).collect();
            if entries.len() < 2 {
                return Err(GlossaryError::NoNames { line, found: found.to_owned() });
            }
            entries.dedup();
            let number = glossary.lines.len();
            for (place, entry) in entries.iter().enumerate() {
                glossary.by_first.entry(entry[0].clone()).or_default().push((number, place));
            }
            glossary.lines.push(entries);
        }
        Ok(glossary)
    }

    fn find<T>(&self, steps: &[(String, T)], found: &mut Vec<(Range<usize>, Vec<Vec<String>>)>) {
        for (at, (term, _)) in steps.iter().enumerate() {
            for &(line, place) in self.by_first.get(term).into_iter().flatten() {
                let entries = &self.lines[line];
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
    }
}

/// Finds entries in a sequence of terms: where each stands, and what else it may be called, each as the terms that
/// must all be met.
pub(super) fn find<T>(steps: &[(String, T)]) -> Vec<(Range<usize>, Vec<Vec<String>>)> {
    let mut found = Vec::new();
    OURS.find(steps, &mut found);
    if let Some(glossary) = OF_TEAM.get() {
        glossary.find(steps, &mut found);
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
    use super::{BUILT_IN, Glossary, GlossaryError, find};

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

    #[test]
    fn the_built_in_glossary_can_be_used_whole() {
        let glossary = Glossary::parse(BUILT_IN).expect("names on every line");
        assert!(glossary.lines.len() > 50 && glossary.lines.iter().all(|entries| entries.len() > 1));
    }

    #[test]
    fn a_team_names_its_own_things() {
        let glossary = Glossary::parse("# ours\n\nbasket = cart service = 购物车\n").expect("a glossary");
        let mut found = Vec::new();
        glossary.find(&[("cart".to_owned(), ()), ("servic".to_owned(), ())], &mut found);
        assert_eq!(found[0].0, 0..2);
        assert!(found[0].1.contains(&vec!["basket".to_owned()]));
        let refused = Glossary::parse("basket = cart\nbasket\n").err();
        assert_eq!(refused, Some(GlossaryError::NoNames { line: 2, found: "basket".to_owned() }));
        assert!(Glossary::parse("a =").is_err());
    }
}
