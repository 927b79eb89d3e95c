//! What a text must contain for a term to hit: literals, by which many rules are passed over at the price of one search.

use regex_syntax::hir::{Class, Hir, HirKind};

/// What must occur in the text of a paste for one positive term of a rule to hit anywhere in it.
///
/// Literals are compared without regard to ASCII case: that `value: OOM` is case-sensitive is for the term itself to
/// check. They are searched in the pasted text line by line, so a literal never holds a line end.
///
/// A rule can fire only where every one of its terms can hit, and can be partly met where any of them can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literals {
    /// Nothing can be said; the term may hit any text.
    Unknown,
    /// Wherever the term hits, one of these occurs. Never empty, and none of them is.
    OneOf(Vec<String>),
}

/// More alternatives than this are no help to a search.
const MOST: usize = 64;
/// A string is not multiplied into more spellings than this.
const MOST_SPELLINGS: usize = 16;
/// Longer literals tell no more.
const LONGEST: usize = 64;

impl Literals {
    /// Of a term that looks for these very characters.
    pub(super) fn of_value(value: &str) -> Self {
        Self::OneOf(vec![value.to_ascii_lowercase()])
    }

    /// Of a regular expression, as it was parsed.
    pub(super) fn of_regex(hir: &Hir) -> Self {
        match Needs::of(hir).best() {
            Some(strings) if !strings.iter().any(|string| string.contains('\n')) => Self::OneOf(strings),
            Some(_) | None => Self::Unknown,
        }
    }

    /// Whether a text may be one that the term hits, in a search that is plain rather than fast.
    pub fn may_hit(&self, text: &str) -> bool {
        match self {
            Self::Unknown => true,
            Self::OneOf(strings) => {
                let text = text.to_ascii_lowercase();
                strings.iter().any(|string| text.contains(string.as_str()))
            }
        }
    }
}

/// What is known of a part of an expression; strings in ASCII lower case.
#[derive(Debug, Clone, Default)]
struct Needs {
    /// All that it can match, where that is a short list.
    exactly: Option<Vec<String>>,
    /// Of what it matches, one of these is a part.
    holds: Option<Vec<String>>,
}

impl Needs {
    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::exactly(vec![String::new()]),
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) => Self::exactly(vec![text.to_ascii_lowercase()]),
                Err(_) => Self::default(),
            },
            HirKind::Class(class) => spellings(class).map(Self::exactly).unwrap_or_default(),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(repetition) => {
                let once = Self::of(&repetition.sub);
                match (repetition.min, repetition.max) {
                    (0, Some(1)) => once.or_nothing(),
                    (0, _) => Self::default(),
                    (1, Some(1)) => once,
                    _ => Self { exactly: None, holds: once.best() },
                }
            }
            HirKind::Concat(parts) => Self::of_all(parts),
            HirKind::Alternation(branches) => Self::of_any(branches),
        }
    }

    fn exactly(mut strings: Vec<String>) -> Self {
        strings.sort_unstable();
        strings.dedup();
        Self { exactly: Some(strings), holds: None }
    }

    fn or_nothing(self) -> Self {
        match self.exactly {
            Some(mut strings) => {
                strings.push(String::new());
                Self::exactly(strings)
            }
            None => Self::default(),
        }
    }

    /// One after the other: neighbours that are known exactly grow together, and the best of what grew is needed.
    fn of_all(parts: &[Hir]) -> Self {
        let mut grown = vec![String::new()];
        let mut best: Option<Vec<String>> = None;
        let mut is_exact = true;
        for part in parts {
            let needs = Self::of(part);
            match &needs.exactly {
                Some(strings) if fits(&grown, strings) => grown = joined(&grown, strings),
                Some(strings) => {
                    is_exact = false;
                    best = better(best, Some(std::mem::replace(&mut grown, strings.clone())));
                }
                None => {
                    is_exact = false;
                    best = better(best, Some(std::mem::replace(&mut grown, vec![String::new()])));
                    best = better(best, needs.holds);
                }
            }
        }
        if is_exact {
            return Self::exactly(grown);
        }
        Self { exactly: None, holds: better(best, Some(grown)) }
    }

    /// One or the other: each must need something for the whole to.
    fn of_any(branches: &[Hir]) -> Self {
        let all: Vec<Self> = branches.iter().map(Self::of).collect();
        let exact: Option<Vec<Vec<String>>> = all.iter().map(|needs| needs.exactly.clone()).collect();
        if let Some(strings) = exact.map(|lists| lists.concat()).filter(|strings| strings.len() <= MOST_SPELLINGS) {
            return Self::exactly(strings);
        }
        let needed: Option<Vec<Vec<String>>> = all.into_iter().map(Self::best).collect();
        let mut strings = needed.map(|lists| lists.concat()).unwrap_or_default();
        strings.sort_unstable();
        strings.dedup();
        Self { exactly: None, holds: Some(strings).filter(|strings| (1..=MOST).contains(&strings.len())) }
    }

    fn best(self) -> Option<Vec<String>> {
        better(self.exactly, self.holds)
    }
}

/// The characters of a class that has few, ASCII case aside.
fn spellings(class: &Class) -> Option<Vec<String>> {
    let Class::Unicode(class) = class else { return None };
    let count: usize = class.iter().map(regex_syntax::hir::ClassUnicodeRange::len).sum();
    (count <= MOST_SPELLINGS).then(|| {
        let characters = class.iter().flat_map(|range| range.start()..=range.end());
        characters.map(|character| character.to_ascii_lowercase().to_string()).collect()
    })
}

fn fits(grown: &[String], next: &[String]) -> bool {
    let longest = |strings: &[String]| strings.iter().map(String::len).max().unwrap_or_default();
    grown.len() * next.len() <= MOST_SPELLINGS && longest(grown) + longest(next) <= LONGEST
}

fn joined(grown: &[String], next: &[String]) -> Vec<String> {
    grown.iter().flat_map(|start| next.iter().map(move |end| format!("{start}{end}"))).collect()
}

/// The list that says more: a longer shortest string, then fewer strings. One with an empty string says nothing.
fn better(one: Option<Vec<String>>, other: Option<Vec<String>>) -> Option<Vec<String>> {
    let worth = |strings: &Option<Vec<String>>| {
        let strings = strings.as_ref()?;
        let shortest = strings.iter().map(String::len).min().filter(|&length| length > 0)?;
        Some((shortest, std::cmp::Reverse(strings.len())))
    };
    match (worth(&one), worth(&other)) {
        (None, None) => None,
        (Some(_), None) => one,
        (None, Some(_)) => other,
        (Some(first), Some(second)) => {
            if second > first {
                other
            } else {
                one
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Literals {
        Literals::of_regex(&regex_syntax::parse(pattern).expect("an expression"))
    }

    fn one_of(strings: &[&str]) -> Literals {
        Literals::OneOf(strings.iter().map(|&string| string.to_owned()).collect())
    }

    #[test]
    fn a_value_needs_itself_in_any_case() {
        assert_eq!(Literals::of_value("OOMKilled"), one_of(&["oomkilled"]));
        assert!(Literals::of_value("OOMKilled").may_hit("pod was OomKilled"));
    }

    #[test]
    fn the_longest_stretch_between_gaps_is_needed() {
        assert_eq!(of(r"panic(.+)runtime error(.+)nil"), one_of(&["runtime error"]));
        assert_eq!(of(r".*DD_API_KEY undefined\. Metrics.*"), one_of(&["dd_api_key undefined. metrics"]));
    }

    #[test]
    fn each_alternative_brings_its_own() {
        assert_eq!(of("JWT.*secret|token.*signature"), one_of(&["secret", "signature"]));
        assert_eq!(of("4[0-9]+|.*"), Literals::Unknown);
        assert_eq!(of("status=(?:404|503)"), one_of(&["status=404", "status=503"]));
    }

    #[test]
    fn case_is_left_aside_and_what_folds_beyond_ascii_is_spelt_out() {
        assert_eq!(of("(?i)OOM"), one_of(&["oom"]));
        assert_eq!(of("(?i)disk"), one_of(&["disk", "dis\u{212a}", "di\u{17f}k", "di\u{17f}\u{212a}"]));
    }

    #[test]
    fn what_may_be_absent_is_not_needed() {
        assert_eq!(of("(?:foo)?"), Literals::Unknown);
        assert_eq!(of("x*"), Literals::Unknown);
        assert_eq!(of("colou?r of"), one_of(&["color of", "colour of"]));
        assert_eq!(of("(?:connection )+refused"), one_of(&["connection "]));
    }

    proptest::proptest! {
        #[test]
        fn whatever_matches_has_what_is_needed(
            pattern in r"(?:\(\?i\))?(?:[a-cK.]|\(a\|bc?\)|[ab]\?|c\+|\[ab\]|\|){1,12}",
            text in "[abcABCkK\u{212a} ]{0,16}",
        ) {
            let (Ok(hir), Ok(regex)) = (regex_syntax::parse(&pattern), regex::Regex::new(&pattern)) else {
                return Ok(());
            };
            if regex.is_match(&text) {
                let literals = Literals::of_regex(&hir);
                proptest::prop_assert!(literals.may_hit(&text), "{pattern} {text} {literals:?}");
            }
        }
    }
}
