//! The query language: `redis "out of memory" -test title:evict* tech:kubernetes year:>2018`. Any text is a query.

use crate::domain::matching::Field;
use crate::domain::{Category, FailureKind, Severity, Slug, Technology};

/// A query in parts. Words rank and any of them may be met; phrases, words of a field, exclusions and qualifiers must
/// hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParsedQuery {
    /// In the order in which they were written, at most [`ParsedQuery::MOST_CLAUSES`].
    pub clauses: Vec<Clause>,
    /// Whether the last clause is a word behind which nothing stands: it may be the beginning of a longer one.
    pub is_unfinished: bool,
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clause {
    /// `exhausted`
    Word(String),
    /// `exhaust*`, without the star
    Beginning(String),
    /// `"exact phrase"`
    Phrase(String),
    /// `title:exhausted`, `cause:"ran out"`, `fix:restart*`
    In(Field, Box<Clause>),
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
    /// `pattern:pod-ip-range-exhausted`: the stories that are instances of it
    Pattern(Slug),
    /// `has:rule`
    HasRule,
    /// `year:2020`, `year:2018..2020`
    Year(i32, i32),
    /// `year:>2018`, `year:>=2018`: the first year that counts
    FromYear(i32),
    /// `year:<2018`, `year:<=2018`: the last year that counts
    UntilYear(i32),
}

impl ParsedQuery {
    /// What follows is not read: whoever pastes a log here wants to match it.
    pub const MOST_CLAUSES: usize = 64;

    /// Parses a query. What looks like a qualifier and is none is words.
    pub fn parse(text: &str) -> Self {
        let mut clauses = Vec::new();
        let mut rest = text.trim_start();
        let mut is_unfinished = false;
        while !rest.is_empty() && clauses.len() < Self::MOST_CLAUSES {
            let (clause, after) = clause(rest);
            is_unfinished = after.is_empty() && clause.as_ref().is_some_and(Clause::is_word);
            clauses.extend(clause);
            rest = after.trim_start();
        }
        Self { clauses, is_unfinished }
    }
}

impl Clause {
    fn is_word(&self) -> bool {
        match self {
            Self::Word(_) => true,
            Self::In(_, inner) => inner.is_word(),
            Self::Beginning(_) | Self::Phrase(_) | Self::Is(_) | Self::Without(_) => false,
        }
    }
}

/// The first clause of a text that begins with no space, and what follows it. A phrase of nothing is no clause.
fn clause(text: &str) -> (Option<Clause>, &str) {
    if let Some(negated) =
        text.strip_prefix('-').filter(|rest| rest.starts_with(|c: char| !c.is_whitespace() && c != '-'))
    {
        let (inner, rest) = clause(negated);
        return (inner.map(|inner| Clause::Without(Box::new(inner))), rest);
    }
    if let Some((phrase, rest)) = quoted(text) {
        return ((!phrase.trim().is_empty()).then(|| Clause::Phrase(phrase.to_owned())), rest);
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    if let Some((name, value)) = text[..end].split_once(':') {
        let quotation = quoted(&text[name.len() + 1..]);
        let name = name.to_lowercase();
        let (value, rest) = quotation.unwrap_or((value, &text[end..]));
        if let Some(field) = text_field(&name).filter(|_| value.contains(char::is_alphanumeric)) {
            let inner = if quotation.is_some() { Clause::Phrase(value.to_owned()) } else { word(value) };
            return (Some(Clause::In(field, Box::new(inner))), rest);
        }
        if let Some(qualifier) = qualifier(&name, value.trim()) {
            return (Some(Clause::Is(qualifier)), rest);
        }
    }
    // A quote inside a word ends it: `say"out of memory"` is a word and a phrase.
    let end = text[..end].find('"').filter(|&at| at > 0).unwrap_or(end);
    (Some(word(&text[..end])), &text[end..])
}

/// A word, or the beginning of one.
fn word(text: &str) -> Clause {
    let beginning = text.trim_end_matches('*');
    if beginning.len() < text.len() && beginning.ends_with(char::is_alphanumeric) {
        Clause::Beginning(beginning.to_owned())
    } else {
        Clause::Word(text.to_owned())
    }
}

/// The fields that can be asked for by name.
fn text_field(name: &str) -> Option<Field> {
    match name {
        "title" => Some(Field::Title),
        "symptom" => Some(Field::Symptom),
        "cause" => Some(Field::RootCause),
        "fix" | "remediation" => Some(Field::Remediation),
        "rule" => Some(Field::Rules),
        "summary" => Some(Field::Summary),
        _ => None,
    }
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
        "pattern" => Slug::parse(&lower).ok().map(Qualifier::Pattern),
        "has" => matches!(lower.as_str(), "rule" | "rules").then_some(Qualifier::HasRule),
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
    use crate::domain::matching::Field;
    use crate::domain::{Category, FailureKind, Severity, Slug, Technology};

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
    fn a_field_is_asked_for_a_word_a_beginning_or_a_phrase() {
        let within = |field, clause| Clause::In(field, Box::new(clause));
        assert_eq!(
            clauses(r#"title:redis Symptom:"logged out" cause:evict* fix:"""#),
            [
                within(Field::Title, word("redis")),
                within(Field::Symptom, Clause::Phrase("logged out".to_owned())),
                within(Field::RootCause, Clause::Beginning("evict".to_owned())),
                word("fix:"),
            ]
        );
        let without = within(Field::Remediation, word("restart"));
        assert_eq!(clauses("-remediation:restart"), [Clause::Without(Box::new(without))]);
        assert_eq!(clauses("title: redis"), [word("title:"), word("redis")]);
    }

    #[test]
    fn a_star_at_the_end_of_a_word_asks_for_its_beginning() {
        let beginning = |text: &str| Clause::Beginning(text.to_owned());
        assert_eq!(clauses("evict* k8s** * a*b"), [beginning("evict"), beginning("k8s"), word("*"), word("a*b")]);
    }

    #[test]
    fn patterns_and_rules_are_qualifiers() {
        let slug = Slug::parse("expired-certificate").expect("a slug");
        assert_eq!(
            clauses("pattern:expired-certificate has:rule has:fun pattern:?"),
            [Clause::Is(Qualifier::Pattern(slug)), Clause::Is(Qualifier::HasRule), word("has:fun"), word("pattern:?"),]
        );
    }

    #[test]
    fn only_a_last_word_without_a_space_behind_it_is_unfinished() {
        for (text, is_unfinished) in [
            ("pods exha", true),
            ("title:exha", true),
            ("pods exha ", false),
            ("tech:redis", false),
            ("\"pods exha\"", false),
            ("title:\"exha\"", false),
            ("exha*", false),
            ("-exha", false),
            ("", false),
        ] {
            assert_eq!(ParsedQuery::parse(text).is_unfinished, is_unfinished, "{text}");
        }
    }

    #[test]
    fn of_a_paste_only_the_beginning_is_read() {
        let parsed = ParsedQuery::parse(&"word ".repeat(10_000));
        assert_eq!(parsed.clauses.len(), ParsedQuery::MOST_CLAUSES);
        assert_eq!(ParsedQuery::parse(&"a:\u{201c}".repeat(10_000)).clauses.len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_a_query(text in any::<String>(), language in "[-\":a-z<>=. “”0-9]{0,40}") {
            ParsedQuery::parse(&text);
            ParsedQuery::parse(&language);
            ParsedQuery::parse(&format!("year:{language}"));
            ParsedQuery::parse(&format!("-title:{language}*"));
        }
    }
}
