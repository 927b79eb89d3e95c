//! Secrets in what was pasted, symptom and examples of rules: found before they are published, and masked when asked to.

use std::collections::BTreeMap;

use crate::domain::input::StoryInput;
use crate::evidence::mask::{SecretKind, mask};

/// The secrets of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InField {
    /// The id of the field that holds them.
    pub id: String,
    /// `Rule 1, example 2`, `Symptom`.
    pub label: String,
    /// What they are: `2 tokens, an address`.
    pub words: String,
    pub weight: Weight,
}

/// How bad it would be to publish a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It says who or where.
    Personal,
    /// It opens something.
    Credential,
}

/// What looks like a secret in symptom and examples, in the order of the page.
pub fn find(input: &StoryInput) -> Vec<InField> {
    let mut found = Vec::new();
    found.extend(in_field("symptom".to_owned(), "Symptom".to_owned(), &input.failure.symptom));
    for (rule, content) in input.failure.rules.iter().enumerate() {
        let lists = [("fires_on", "example", &content.fires_on), ("silent_on", "counterexample", &content.silent_on)];
        for (list, noun, texts) in lists {
            for (place, text) in texts.iter().enumerate() {
                let label = format!("Rule {}, {noun} {}", rule + 1, place + 1);
                found.extend(in_field(format!("rules-{rule}-{list}-{place}"), label, text));
            }
        }
    }
    found
}

fn in_field(id: String, label: String, text: &str) -> Option<InField> {
    let kinds: Vec<SecretKind> = mask(text).replaced.into_iter().map(|replaced| replaced.kind).collect();
    if kinds.is_empty() {
        return None;
    }
    let is_credential = kinds.iter().any(|kind| kind.is_credential());
    let weight = if is_credential { Weight::Credential } else { Weight::Personal };
    Some(InField { id, label, words: counted(&kinds), weight })
}

/// Puts pseudonyms into the place of what looks like a secret.
pub fn mask_all(input: &mut StoryInput) {
    input.failure.symptom = mask(&input.failure.symptom).text;
    for rule in &mut input.failure.rules {
        for text in rule.fires_on.iter_mut().chain(&mut rule.silent_on) {
            *text = mask(text).text;
        }
    }
}

fn counted(kinds: &[SecretKind]) -> String {
    let mut counts: BTreeMap<SecretKind, usize> = BTreeMap::new();
    kinds.iter().for_each(|kind| *counts.entry(*kind).or_default() += 1);
    let words = counts.into_iter().map(|(kind, count)| match count {
        1 => format!("1 {}", kind.label()),
        count => format!("{count} {}", kind.plural()),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Weight, find, mask_all};
    use crate::domain::input::{RuleInput, StoryInput};

    #[test]
    fn secrets_are_found_in_symptom_and_examples_and_masked() {
        let mut input = StoryInput::default();
        input.failure.symptom = "401 for token ghp_16C7e42F292c6912E7710c838347Ae178B4a".to_owned();
        input.failure.rules.push(RuleInput {
            fires_on: vec!["fine".to_owned(), "password=hunter2hunter2 from 203.0.114.7".to_owned()],
            silent_on: vec!["from 10.20.5.6 and 10.20.5.7".to_owned()],
            ..RuleInput::default()
        });
        let found = find(&input);
        let told: Vec<(&str, &str, Weight)> =
            found.iter().map(|one| (one.id.as_str(), one.words.as_str(), one.weight)).collect();
        assert_eq!(
            told,
            [
                ("symptom", "1 token", Weight::Credential),
                ("rules-0-fires_on-1", "1 password, 1 address", Weight::Credential),
                ("rules-0-silent_on-0", "2 addresses", Weight::Personal),
            ]
        );
        mask_all(&mut input);
        assert_eq!(find(&input), []);
        assert_eq!(input.failure.rules[0].fires_on[0], "fine");
    }
}
