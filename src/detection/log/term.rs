//! A term: what one line of a log is tried for, compiled.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

use super::jq::Program;
use super::literals::Literals;
use super::re2;

/// What a rule's author wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look {
    /// These characters, in this case, anywhere in the line.
    Value(String),
    /// A regular expression in Go's syntax, anywhere in the line.
    Regex(String),
    /// A jq program over the line as JSON.
    Jq(String),
}

/// The same, ready to be tried.
#[derive(Debug)]
pub(super) struct Term {
    pub(super) look: Look,
    pub(super) literals: Literals,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Regex(Regex),
    Jq(Program),
}

/// A regular expression may not become larger than this when compiled, in bytes.
const LARGEST_REGEX: usize = 1024 * 1024;

/// Compiles an expression in Go's syntax.
pub(super) fn regex(pattern: &str) -> Result<(Regex, Literals), String> {
    let rewritten = re2::translate(pattern).map_err(|error| format!("the regex cannot be read: {error}"))?;
    let built = RegexBuilder::new(&rewritten).size_limit(LARGEST_REGEX).build();
    let regex = built.map_err(|error| {
        if let regex::Error::CompiledTooBig(_) = error {
            return "the regex is too large when compiled; expected at most 1 MiB: repeat less, or split it".to_owned();
        }
        // Its last line says what is wrong; those before it draw the rewritten pattern, which nobody wrote.
        let text = error.to_string();
        let reason = text.lines().next_back().unwrap_or_default().trim_start_matches("error: ");
        format!("the regex cannot be read: {reason}")
    })?;
    let literals = regex_syntax::parse(&rewritten).map_or(Literals::Unknown, |hir| Literals::of_regex(&hir));
    Ok((regex, literals))
}

impl Term {
    /// Compiles it, or says what is wrong with it.
    pub(super) fn compile(look: Look) -> Result<Self, String> {
        let (test, literals) = match &look {
            Look::Value(value) => {
                // An expression without operators is searched as fast as text can be.
                let regex = Regex::new(&regex_syntax::escape(value)).map_err(|_| "the value is too long".to_owned())?;
                (Test::Regex(regex), Literals::of_value(value))
            }
            Look::Regex(pattern) => {
                let (regex, literals) = regex(pattern)?;
                (Test::Regex(regex), literals)
            }
            Look::Jq(program) => (Test::Jq(Program::compile(program)?), Literals::Unknown),
        };
        Ok(Self { look, literals, test })
    }

    /// Whether what is seen of an entry has it.
    pub(super) fn hits(&self, seen: &str) -> bool {
        match &self.test {
            Test::Regex(regex) => regex.is_match(seen),
            Test::Jq(program) => program.chooses(seen),
        }
    }

    /// Where it is in what is seen of an entry that has it. All of it for JSON, and for an expression that met nothing.
    pub(super) fn stretch(&self, seen: &str) -> Range<usize> {
        match &self.test {
            Test::Regex(regex) => regex.find(seen).map(|found| found.range()).filter(|range| !range.is_empty()),
            Test::Jq(_) => None,
        }
        .unwrap_or(0..seen.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_a_pattern_and_minds_case() {
        let term = Term::compile(Look::Value("a.b[".to_owned())).expect("a term");
        assert!(term.hits("xa.b[x"));
        assert!(!term.hits("xaxb["));
        assert!(!term.hits("A.B["));
        assert_eq!(term.stretch("xa.b[x"), 1..5);
    }

    #[test]
    fn a_match_of_nothing_stands_for_the_line() {
        let term = Term::compile(Look::Regex("x*".to_owned())).expect("a term");
        assert!(term.hits("abc"));
        assert_eq!(term.stretch("abc"), 0..3);
    }

    #[test]
    fn a_regex_that_grows_too_large_is_refused() {
        let error = Term::compile(Look::Regex(r"(\pL{500}){500}".to_owned())).expect_err("refused");
        assert!(error.contains("1 MiB"), "{error}");
        let error = Term::compile(Look::Regex("(a".to_owned())).expect_err("refused");
        assert_eq!(error, "the regex cannot be read: unclosed group");
    }
}
