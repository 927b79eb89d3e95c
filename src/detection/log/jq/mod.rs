//! jq programs as conditions: a line of JSON is chosen when the program answers true, or anything but false and null.
//!
//! The syntax is read by jaq's parser. The programs are run here, because a program must not be able to hang a server,
//! and a general jq can: every step is counted, and a line that takes too many is not chosen. Definitions, loops,
//! assignments and whatever reaches outside of the line are refused when the rule is compiled.

mod value;
mod work;
mod builtin;
mod filter;
mod run;
mod index;
mod math;
mod search;

use jaq_core::load::{lex::Lexer, parse::Parser};

use self::filter::Filter;
use self::run::Runner;
use self::value::Json;

/// A program, ready to run.
#[derive(Debug)]
pub(super) struct Program(Filter);

/// Longer programs are refused, in bytes.
const LONGEST_PROGRAM: usize = 1024;
/// Programs that could nest deeper than this are refused before the parser, which is recursive, follows them.
const DEEPEST: usize = 64;
/// Longer lines are not looked at, in bytes.
const LONGEST_LINE: usize = 64 * 1024;

impl Program {
    /// Compiles it, or says what is wrong with it.
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST_PROGRAM {
            return Err(format!("found a jq program of {} bytes; expected at most {LONGEST_PROGRAM}", text.len()));
        }
        if nesting(text) > DEEPEST {
            return Err("found a jq program that is nested too deeply; expected a simpler one".to_owned());
        }
        let refused = |near: &str| match near.trim() {
            "" => "found a jq program that ends too early".to_owned(),
            near => format!("found a jq program that cannot be read near `{}`", super::words::shortened(near)),
        };
        let tokens = Lexer::new(text).lex().map_err(|errors| refused(errors.first().map_or("", |(_, near)| near)))?;
        let term = Parser::new(&tokens).parse(|parser| parser.term()).map_err(|errors| {
            refused(errors.first().and_then(|(_, token)| *token).map_or("", |token| token.as_str()))
        })?;
        filter::read(&term).map(Self)
    }

    /// Whether it chooses this line. One that is not JSON, is too long, raises an error or takes too much work is not
    /// chosen.
    pub(super) fn chooses(&self, line: &str) -> bool {
        if line.len() > LONGEST_LINE {
            return false;
        }
        let Some(value) = Json::read(line) else { return false };
        let (answers, stop) = Runner::for_line(line.len()).run(&self.0, &value);
        stop.is_none() && answers.iter().any(Json::is_true)
    }
}

/// No less than how deep a program nests: its brackets, and all that has what follows inside of it.
fn nesting(text: &str) -> usize {
    let depths = text.chars().scan(0_usize, |depth, character| {
        match character {
            '(' | '[' | '{' => *depth += 1,
            ')' | ']' | '}' => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some(*depth)
    });
    let operators = text.bytes().filter(|byte| matches!(byte, b'-' | b'|')).count();
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    let words =
        words.filter(|word| matches!(*word, "if" | "try" | "as" | "def" | "label" | "reduce" | "foreach")).count();
    depths.max().unwrap_or_default() + operators + words
}

#[cfg(test)]
mod tests;
