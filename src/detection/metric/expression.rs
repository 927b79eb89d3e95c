//! PromQL, checked before it is saved: read once for what can be told with its place, then parsed.

use std::ops::Range;

use promql_parser::parser::{self, value::ValueType};

/// What is wrong with an expression.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The byte of the expression, where it can be known.
    pub at: Option<usize>,
    /// What was found and what was expected.
    pub message: String,
}

/// The parser's work grows with the square of depth and length, and its stack with the depth: 2,000 nested `sum(` took
/// 0.2 s and 8,000 ended the process. Rules in use stay below 10 levels and 100 operators.
const MOST_LEVELS: usize = 100;
const MOST_OPERATORS: usize = 1_000;

/// A bare number as a duration is in seconds; the parser panics on those that the machine cannot count.
const LONGEST_SECONDS: f64 = 1e10;

/// Checks that an expression is PromQL and gives what an alert can be made of: an instant vector or a scalar.
pub(super) fn check(text: &str) -> Result<(), Fault> {
    let raw_strings = Scan { text, ..Scan::default() }.run()?;
    let expression = parser::parse(&without_raw(text, &raw_strings)).map_err(|message| explained(text, &message))?;
    let found = match expression.value_type() {
        ValueType::Vector | ValueType::Scalar => return Ok(()),
        ValueType::Matrix => "a range of samples for each series",
        ValueType::String => "a string",
    };
    let message =
        format!("found an expression that gives {found}; expected an instant vector or a scalar, for an alert");
    Err(Fault { at: None, message })
}

/// The parser's own words tell what, and of a function its name, but nothing at all about syntax.
fn explained(text: &str, message: &str) -> Fault {
    if message == "invalid promql query" {
        let message = "found an expression that is not PromQL; expected one such as rate(errors_total[5m]) > 0.1";
        return Fault { at: None, message: message.to_owned() };
    }
    let at = message.split('\'').nth(1).and_then(|name| text.find(name));
    Fault { at, message: format!("found an expression that is not PromQL: {message}") }
}

/// The text with raw strings written as others are: the parser looks for escapes in them, where PromQL has none.
fn without_raw(text: &str, raw_strings: &[Range<usize>]) -> String {
    let mut written = String::with_capacity(text.len());
    let mut last = 0;
    for raw in raw_strings {
        let inside = text[raw.start + 1..raw.end - 1].replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        written.push_str(&text[last..raw.start]);
        written.push_str(&format!("\"{inside}\""));
        last = raw.end;
    }
    written.push_str(&text[last..]);
    written
}

/// One pass over the text, without a grammar: brackets, strings, comments and durations.
#[derive(Default)]
struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// The brackets that are open, and where.
    open: Vec<(char, usize)>,
    operators: usize,
    /// Whether a duration has to come next.
    is_after_offset: bool,
    raw_strings: Vec<Range<usize>>,
}

impl Scan<'_> {
    /// The answer is where the strings in backticks are.
    fn run(mut self) -> Result<Vec<Range<usize>>, Fault> {
        while let Some(c) = self.rest().chars().next() {
            match c {
                '"' | '\'' | '`' => self.string(c)?,
                '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                '(' | '[' | '{' => self.opened(c)?,
                ')' | ']' | '}' => self.closed(c)?,
                _ if c.is_ascii_digit() || c == '.' => self.number()?,
                _ if c.is_ascii_alphabetic() || c == '_' => self.word()?,
                _ => {
                    if "+-*/%^=!<>".contains(c) {
                        self.operator()?;
                    }
                    self.at += c.len_utf8();
                }
            }
        }
        match self.open.pop() {
            Some((bracket, at)) => Err(Fault { at: Some(at), message: format!("found {bracket} that is not closed") }),
            None => Ok(self.raw_strings),
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn string(&mut self, quote: char) -> Result<(), Fault> {
        let mut escaped = false;
        for (offset, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' if quote != '`' => escaped = true,
                '\n' if quote != '`' => break,
                _ if c == quote => {
                    let string = self.at..self.at + offset + 1;
                    self.at = string.end;
                    self.raw_strings.extend((quote == '`').then_some(string));
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(self.fault(format!("found a string that begins with {quote} and does not end")))
    }

    fn opened(&mut self, bracket: char) -> Result<(), Fault> {
        if self.open.len() == MOST_LEVELS {
            return Err(self.fault(format!("found brackets nested deeper than {MOST_LEVELS} levels")));
        }
        self.open.push((bracket, self.at));
        self.at += 1;
        Ok(())
    }

    fn closed(&mut self, bracket: char) -> Result<(), Fault> {
        let wanted = match bracket {
            ')' => '(',
            ']' => '[',
            _ => '{',
        };
        match self.open.pop() {
            Some((open, _)) if open == wanted => {
                self.at += 1;
                Ok(())
            }
            Some((open, _)) => Err(self.fault(format!("found {bracket} where {open} has to be closed first"))),
            None => Err(self.fault(format!("found {bracket} without the {wanted} it would close"))),
        }
    }

    fn number(&mut self) -> Result<(), Fault> {
        let mut before = ' ';
        let ends = |c: char| {
            let goes_on = c.is_ascii_alphanumeric() || c == '.' || ("+-".contains(c) && "eE".contains(before));
            before = c;
            !goes_on
        };
        let length = self.rest().find(ends).unwrap_or(self.rest().len());
        self.duration(length)?;
        self.at += length;
        Ok(())
    }

    fn word(&mut self) -> Result<(), Fault> {
        let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let length = self.rest().find(ends).unwrap_or(self.rest().len());
        // Infinity is a word.
        self.duration(length)?;
        let word = self.rest()[..length].to_ascii_lowercase();
        self.is_after_offset = word == "offset";
        if matches!(word.as_str(), "and" | "or" | "unless" | "atan2") {
            self.operator()?;
        }
        self.at += length;
        Ok(())
    }

    /// Looks at the next `length` bytes if they stand for a duration.
    fn duration(&mut self, length: usize) -> Result<(), Fault> {
        let is_in_range = self.open.last().is_some_and(|(bracket, _)| *bracket == '[');
        if !is_in_range && !std::mem::take(&mut self.is_after_offset) {
            return Ok(());
        }
        let text = &self.rest()[..length];
        match text.parse::<f64>() {
            Ok(seconds) if seconds.is_nan() || seconds.abs() > LONGEST_SECONDS => {
                Err(self.fault(format!("found {text} as a duration; expected one such as 5m")))
            }
            _ => Ok(()),
        }
    }

    fn operator(&mut self) -> Result<(), Fault> {
        self.operators += 1;
        if self.operators > MOST_OPERATORS {
            return Err(self.fault(format!("found more than {MOST_OPERATORS} operators")));
        }
        Ok(())
    }

    fn fault(&self, message: String) -> Fault {
        Fault { at: Some(self.at), message }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Fault, check};
    use crate::evidence::tests::processor::processor_time;

    #[track_caller]
    fn refused(text: &str) -> Fault {
        check(text).expect_err("not an expression for an alert")
    }

    #[test]
    fn expressions_as_alerts_have_them_are_fine() {
        for fine in [
            "up == 0",
            "vector(1)",
            "1",
            "count(kube_node_info) / 256 > 0.8",
            "sum by (job) (rate(errors_total{code=~\"5..\"}[5m])) / sum by (job) (rate(all_total[5m])) > 0.05",
            "max_over_time(deriv(rate(distance_total[5s])[30s:5s])[10m:]) > 1 # see the runbook )",
            "a offset 1d and on (x) b{y='}'} unless c @ 1609746000",
            "absent(up{job=~`(a[)])\\d\"é`, x=``})",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
    }

    #[test]
    fn what_is_wrong_with_brackets_and_strings_is_told_with_its_place() {
        for (text, at, expected) in [
            ("sum(rate(a[5m])", 3, "found ( that is not closed"),
            ("sum(a]", 5, "found ] where ( has to be closed first"),
            ("a > humanise(up)", 4, "found an expression that is not PromQL: unknown function with name 'humanise'"),
            ("up)", 2, "found ) without the ( it would close"),
            ("up{job=\"a}", 7, "found a string that begins with \" and does not end"),
        ] {
            assert_eq!(refused(text), Fault { at: Some(at), message: expected.to_owned() }, "{text}");
        }
    }

    #[test]
    fn what_no_alert_can_be_made_of_is_refused() {
        for (text, expected) in [
            ("up == == 0", "found an expression that is not PromQL; expected one such as"),
            ("rate(up)", "found an expression that is not PromQL: expected type matrix"),
            ("humanise(up)", "found an expression that is not PromQL: unknown function with name 'humanise'"),
            ("up[5m]", "found an expression that gives a range of samples"),
            ("\"up\"", "found an expression that gives a string"),
            ("up{job=~\"(\"}", "found an expression that is not PromQL: illegal regex"),
            ("up[1e300]", "found 1e300 as a duration; expected one such as 5m"),
            ("up[5m:1e+300]", "found 1e+300 as a duration"),
            ("up offset -1e300", "found 1e300 as a duration"),
            ("up offset # long ago\n - Inf", "found Inf as a duration"),
        ] {
            assert!(refused(text).message.starts_with(expected), "{text} gives {}", refused(text).message);
        }
    }

    #[test]
    fn hostile_depth_and_length_are_refused_before_they_are_parsed() {
        let length = crate::domain::RuleText::MAX;
        for opening in ["(", "sum(", "abs(", "-", "1+", "1^", "a and ", "a or\n", "[", "{", "!", "a["] {
            let text = opening.repeat(length / opening.len());
            let began = processor_time();
            refused(&text);
            refused(&format!("{text}a"));
            let taken = processor_time().saturating_sub(began);
            assert!(taken.as_millis() < 500, "{opening:?} took {taken:?}");
        }
        let deepest = format!("{}a{}", "sum(".repeat(100), ")".repeat(100));
        assert_eq!(check(&deepest), Ok(()));
        let longest = format!("{}a", "a and ".repeat(1_000));
        assert_eq!(check(&longest), Ok(()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn no_text_makes_the_check_panic(text in "\\PC{0,60}") {
            let _ = check(&text);
        }

        #[test]
        fn no_mixture_of_what_promql_is_made_of_makes_the_check_panic(parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "a", "up", "sum", "rate", "(", ")", "[", "]", "{", "}", "5m", "1e9", "0x", "1", "-", "+", "@", "offset", "by",
                "on", "group_left", "bool", "==", "=~", "!=", "\"x\"", "'(", ",", ":", " ", "\n", "#", "é", "inf", "nan",
                "start()", "1y", "fill", "0", ".", "e", "_", "limitk", "quantile", "label_replace", "and", "9999999999",
            ]), 0..24)) {
            let _ = check(&parts.concat());
            let _ = check(&parts.join(" "));
        }
    }
}
