//! One condition as it was written: what a line is tried for, how often, and the options of one that negates.

use super::super::RuleError;
use super::super::duration;
use super::super::term::Look;
use super::super::yaml::{Content, Entry, Node};
use super::{Options, find, known};

/// The parts of CRE's grammar for terms that reach beyond one log or beyond whether a line is there.
const NOT_SUPPORTED: [&str; 5] = ["set", "sequence", "promql", "extract", "field"];
const TERM_KEYS: [&str; 8] = ["value", "regex", "jq", "count", "anchor", "window", "slide", "absolute"];

/// A term as it was written, before it is known on which side it stands.
pub(super) struct RawTerm {
    pub(super) look: Look,
    pub(super) count: Option<usize>,
    pub(super) options: Option<Options>,
    pub(super) line: u32,
}

impl RawTerm {
    pub(super) fn read(item: &Node) -> Result<Self, RuleError> {
        if let Content::Nothing | Content::Text(_) = &item.content {
            let value = without_line_end(item.text("a condition")?);
            if value.is_empty() {
                return Err(item.error("found an empty condition; expected text, or a mapping with value, regex or jq"));
            }
            return Ok(Self { look: checked(item, Look::Value(value))?, count: None, options: None, line: item.line });
        }
        let entries = item.entries("a condition")?;
        if let Some(entry) = entries.iter().find(|entry| NOT_SUPPORTED.contains(&entry.key.as_str())) {
            return Err(entry.error(format!("found `{}` in a condition, which is not supported", entry.key)));
        }
        known(entries, &TERM_KEYS, "a condition")?;
        let text = |key: &str| -> Result<Option<String>, RuleError> {
            let text = find(entries, key).map(|entry| entry.value.text(&format!("`{key}`"))).transpose()?;
            Ok(text.map(without_line_end).filter(|text| !text.is_empty()))
        };
        let look = match (text("value")?, text("regex")?, text("jq")?) {
            (Some(value), None, None) => Look::Value(value),
            (None, Some(regex), None) => Look::Regex(regex),
            (None, None, Some(jq)) => Look::Jq(jq),
            (None, None, None) => {
                return Err(item.error("found a condition without value, regex or jq; expected one of them"));
            }
            _ => return Err(item.error("found several of value, regex and jq in a condition; expected exactly one")),
        };
        let count = find(entries, "count").map(count).transpose()?;
        Ok(Self { look: checked(item, look)?, count, options: options(entries)?, line: item.line })
    }
}

/// A YAML block (`|`) ends in a line end, which no line of a log holds: kept, the condition would never be met.
fn without_line_end(text: &str) -> String {
    text.strip_suffix('\n').unwrap_or(text).to_owned()
}

fn checked(item: &Node, look: Look) -> Result<Look, RuleError> {
    match &look {
        Look::Value(value) if value.contains('\n') => {
            Err(item.error("found a value of several lines; expected one line: no line of a log holds a line end"))
        }
        Look::Value(_) | Look::Regex(_) | Look::Jq(_) => Ok(look),
    }
}

fn count(entry: &Entry) -> Result<usize, RuleError> {
    let text = entry.value.text("`count`")?;
    text.parse().ok().filter(|&count| count > 0).ok_or_else(|| {
        entry.value.error(format!("found the count {}; expected a whole number from 1", entry.value.described()))
    })
}

fn options(entries: &[Entry]) -> Result<Option<Options>, RuleError> {
    let said = |key: &str| find(entries, key).filter(|entry| !matches!(entry.value.content, Content::Nothing));
    let (anchor, window, slide, absolute) = (said("anchor"), said("window"), said("slide"), said("absolute"));
    if anchor.is_none() && window.is_none() && slide.is_none() && absolute.is_none() {
        return Ok(None);
    }
    let span = |entry: Option<&Entry>, key: &str| -> Result<i64, RuleError> {
        let Some(entry) = entry else { return Ok(0) };
        duration::parse(entry.value.text(&format!("`{key}`"))?).map_err(|message| entry.value.error(message))
    };
    let refused = |entry: &Entry, expected: &str| {
        entry.value.error(format!("found {} as `{}`; expected {expected}", entry.value.described(), entry.key))
    };
    let anchor = match anchor {
        Some(entry) => entry.value.text("`anchor`")?.parse().map_err(|_| refused(entry, "a whole number from 0"))?,
        None => 0,
    };
    let is_absolute = match absolute {
        Some(entry) => match entry.value.text("`absolute`")? {
            "true" => true,
            "false" => false,
            _ => return Err(refused(entry, "true or false")),
        },
        None => false,
    };
    Ok(Some(Options { anchor, window: span(window, "window")?, slide: span(slide, "slide")?, is_absolute }))
}
