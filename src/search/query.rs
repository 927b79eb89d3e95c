//! The query language: `redis "out of memory" -test tech:kubernetes year:>2018`. Any text is a query.

use crate::domain::{Category, FailureKind, Severity, Technology};

/// A query in parts. Words rank and any of them may be met; phrases, exclusions and qualifiers must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParsedQuery {
    /// In the order in which they were written.
    pub clauses: Vec<Clause>,
    /// The last word, when nothing follows it: it may be the beginning of a longer one.
    pub unfinished: Option<String>,
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clause {
    /// `exhausted`
    Word(String),
    /// `"exact phrase"`
    Phrase(String),
    /// `tech:redis`; several of one kind mean any of them
    Is(Qualifier),
    /// `-word`, `-"exact phrase"`, `-tech:redis`
    Without(Box<Clause>),
}

/// A condition on a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Qualifier {
    /// `category:network`, by name or label
    Category(Category),
    /// `tech:redis`
    Technology(Technology),
    /// `severity:sev1`, `severity:1`
    Severity(Severity),
    /// `org:"JW Player"`, in any case
    Organization(String),
    /// `kind:pattern`
    Kind(FailureKind),
    /// `year:2020`, `year:2018..2020`
    Year(i32, i32),
    /// `year:>2018`, `year:>=2018`: the first year that counts
    FromYear(i32),
    /// `year:<2018`, `year:<=2018`: the last year that counts
    UntilYear(i32),
}

impl ParsedQuery {
    /// Parses a query. What looks like a qualifier and is none is words.
    pub fn parse(text: &str) -> Self {
        let mut clauses = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (clause, after) = clause(rest);
            clauses.extend(clause);
            rest = after.trim_start();
        }
        let unfinished = match clauses.last() {
            Some(Clause::Word(word)) if text.ends_with(word.as_str()) => Some(word.clone()),
            _ => None,
        };
        Self { clauses, unfinished }
    }
}

/// The first clause of a text that begins with no space, and what follows it.
fn clause(text: &str) -> (Vec<Clause>, &str) {
    if let Some(negated) =
        text.strip_prefix('-').filter(|rest| rest.starts_with(|c: char| !c.is_whitespace() && c != '-'))
    {
        let (inner, rest) = clause(negated);
        let without = inner
            .into_iter()
            .map(|clause| match clause {
                Clause::Without(_) => clause,
                Clause::Word(_) | Clause::Phrase(_) | Clause::Is(_) => Clause::Without(Box::new(clause)),
            })
            .collect();
        return (without, rest);
    }
    if let Some((phrase, rest)) = quoted(text) {
        let clause = (!phrase.trim().is_empty()).then(|| Clause::Phrase(phrase.to_owned()));
        return (clause.into_iter().collect(), rest);
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    if let Some((name, value)) = text[..end].split_once(':') {
        let value_at = name.len() + 1;
        let (value, rest) = match quoted(&text[value_at..]) {
            Some((value, rest)) => (value, rest),
            None => (value, &text[end..]),
        };
        if let Some(qualifier) = qualifier(&name.to_lowercase(), value.trim()) {
            return (vec![Clause::Is(qualifier)], rest);
        }
    }
    // A quote inside a word ends it: `say"out of memory"` is a word and a phrase.
    let end = text[..end].find('"').filter(|&at| at > 0).unwrap_or(end);
    (vec![Clause::Word(text[..end].to_owned())], &text[end..])
}

/// The inside of a leading quotation and what follows it. An open one goes on to the end.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let (close, inside) = match text.chars().next()? {
        '"' => ('"', &text[1..]),
        '“' => ('”', &text['“'.len_utf8()..]),
        _ => return None,
    };
    Some(inside.split_once(close).unwrap_or((inside, "")))
}

fn qualifier(name: &str, value: &str) -> Option<Qualifier> {
    if value.is_empty() {
        return None;
    }
    let lower = value.to_lowercase();
    match name {
        "category" | "cat" => Category::ALL
            .iter()
            .find(|category| category.as_str() == lower || category.label().to_lowercase() == lower)
            .map(|&category| Qualifier::Category(category)),
        "tech" | "technology" => Technology::parse(value).ok().map(Qualifier::Technology),
        "severity" | "sev" => Severity::ALL
            .iter()
            .find(|severity| {
                severity.as_str() == lower
                    || severity.label().to_lowercase() == lower
                    || severity.as_str()[3..] == lower
            })
            .map(|&severity| Qualifier::Severity(severity)),
        "org" | "organization" | "organisation" => Some(Qualifier::Organization(lower)),
        "kind" | "type" => FailureKind::parse(&lower).ok().map(Qualifier::Kind),
        "year" => years(value),
        _ => None,
    }
}

fn years(value: &str) -> Option<Qualifier> {
    let year = |text: &str| text.trim().parse::<i32>().ok();
    if let Some(rest) = value.strip_prefix(">=") {
        return year(rest).map(Qualifier::FromYear);
    }
    if let Some(rest) = value.strip_prefix("<=") {
        return year(rest).map(Qualifier::UntilYear);
    }
    if let Some(rest) = value.strip_prefix('>') {
        return year(rest).map(|after| Qualifier::FromYear(after.saturating_add(1)));
    }
    if let Some(rest) = value.strip_prefix('<') {
        return year(rest).map(|before| Qualifier::UntilYear(before.saturating_sub(1)));
    }
    if let Some((from, until)) = value.split_once("..") {
        return Some(Qualifier::Year(year(from)?, year(until)?));
    }
    year(value).map(|year| Qualifier::Year(year, year))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Clause, ParsedQuery, Qualifier};
    use crate::domain::{Category, FailureKind, Severity, Technology};

    fn clauses(text: &str) -> Vec<Clause> {
        ParsedQuery::parse(text).clauses
    }

    fn word(text: &str) -> Clause {
        Clause::Word(text.to_owned())
    }

    #[test]
    fn words_phrases_exclusions_and_qualifiers_are_told_apart() {
        assert_eq!(
            clauses(r#"pods "out of memory" -test -"dry run" tech:redis org:"JW Player" -kind:pattern"#),
            [
                word("pods"),
                Clause::Phrase("out of memory".to_owned()),
                Clause::Without(Box::new(word("test"))),
                Clause::Without(Box::new(Clause::Phrase("dry run".to_owned()))),
                Clause::Is(Qualifier::Technology(Technology::parse("redis").expect("a tag"))),
                Clause::Is(Qualifier::Organization("jw player".to_owned())),
                Clause::Without(Box::new(Clause::Is(Qualifier::Kind(FailureKind::Pattern)))),
            ]
        );
        assert_eq!(
            clauses("category:Network severity:SEV1 sev:2"),
            [
                Clause::Is(Qualifier::Category(Category::Network)),
                Clause::Is(Qualifier::Severity(Severity::Sev1)),
                Clause::Is(Qualifier::Severity(Severity::Sev2)),
            ]
        );
    }

    #[test]
    fn years_are_exact_or_bounded() {
        let year = |text: &str| clauses(text).remove(0);
        assert_eq!(year("year:2020"), Clause::Is(Qualifier::Year(2020, 2020)));
        assert_eq!(year("year:>2018"), Clause::Is(Qualifier::FromYear(2019)));
        assert_eq!(year("year:<=2020"), Clause::Is(Qualifier::UntilYear(2020)));
        assert_eq!(year("year:2018..2020"), Clause::Is(Qualifier::Year(2018, 2020)));
        assert_eq!(year("year:>2147483647"), Clause::Is(Qualifier::FromYear(i32::MAX)));
    }

    #[test]
    fn what_is_no_query_language_is_words() {
        assert_eq!(
            clauses("error:timeout category:fruit year:soon"),
            [word("error:timeout"), word("category:fruit"), word("year:soon")]
        );
        assert_eq!(clauses("\"open phrase"), [Clause::Phrase("open phrase".to_owned())]);
        assert_eq!(clauses(" - -- \"\" "), [word("-"), word("--")]);
    }

    #[test]
    fn only_a_last_word_without_a_space_behind_it_is_unfinished() {
        assert_eq!(ParsedQuery::parse("pods exha").unfinished.as_deref(), Some("exha"));
        assert_eq!(ParsedQuery::parse("pods exha ").unfinished, None);
        assert_eq!(ParsedQuery::parse("tech:redis").unfinished, None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_query(text in any::<String>(), language in "[-\":a-z<>=. “”0-9]{0,40}") {
            ParsedQuery::parse(&text);
            ParsedQuery::parse(&language);
            ParsedQuery::parse(&format!("year:{language}"));
        }
    }
}
