//! The grammar of a rule: from a tree of text to terms, counts, windows and what negates; or an error with its line.
//! What the language of CRE has beyond one log (correlations, nesting, PromQL, fields, extracts) is refused by name.

mod condition;

use self::condition::RawTerm;
use super::RuleError;
use super::duration;
use super::term::Look;
use super::yaml::{Content, Entry, Node};

/// A rule as it was written: nothing compiled, equal terms not yet merged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) order: Order,
    /// In nanoseconds; nothing where there is one condition only.
    pub(super) window: Option<i64>,
    pub(super) source: Option<String>,
    pub(super) positives: Vec<Positive>,
    pub(super) negatives: Vec<Negative>,
    /// What a reader of a verdict should know about how the rule was read.
    pub(super) remarks: Vec<String>,
    /// The line of `set` or `sequence`.
    pub(super) line: u32,
}

/// Whether the order of lines matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// `set`: lines in any order.
    Any,
    /// `sequence`: one after the other.
    Sequence,
}

/// A condition that must be met `count` times.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Positive {
    pub(super) look: Look,
    pub(super) count: usize,
    pub(super) line: u32,
}

/// A condition that must not be met around the others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Negative {
    pub(super) look: Look,
    pub(super) options: Options,
    pub(super) line: u32,
}

/// When a negative condition counts: from the hit `anchor`, moved by `slide`, for `window` more than the hits last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) anchor: usize,
    /// In nanoseconds, as is `slide`.
    pub(super) window: i64,
    pub(super) slide: i64,
    /// Whether the window alone counts, without how long the hits last.
    pub(super) is_absolute: bool,
}

/// More hits than this are not asked for.
pub(super) const MOST_HITS: usize = 1000;
/// More distinct conditions than this are not asked for, nor more that negate.
pub(super) const MOST_TERMS: usize = 64;

/// Reads the tree of a rule, of a mapping with `rule`, or of a whole CRE document.
pub(super) fn read(root: &Node) -> Result<Written, RuleError> {
    let place = Place::find(root)?;
    let mut reader = Reader { names: place.terms, remarks: Vec::new() };
    reader.names()?;
    let (set, sequence) = (find(place.rule, "set"), find(place.rule, "sequence"));
    match (set, sequence) {
        (set, Some(sequence)) => {
            if set.is_some() {
                reader.remarks.push("the rule has a set beside its sequence; only the sequence was read".to_owned());
            }
            reader.body(Order::Sequence, sequence)
        }
        (Some(set), None) => reader.body(Order::Any, set),
        (None, None) => Err(root.error("found neither `set` nor `sequence`; expected one of them")),
    }
}

/// Where in the text the rule and its named terms stand.
struct Place<'n> {
    rule: &'n [Entry],
    terms: Option<&'n Node>,
}

impl<'n> Place<'n> {
    fn find(root: &'n Node) -> Result<Self, RuleError> {
        if let Content::List(items) = &root.content {
            return Self::only(items, root, None);
        }
        let entries = root.entries("a rule")?;
        let terms = find(entries, "terms").map(|entry| &entry.value);
        if let Some(rules) = find(entries, "rules") {
            return Self::only(rules.value.items("`rules`")?, &rules.value, terms);
        }
        if let Some(rule) = find(entries, "rule") {
            return Self::inner(rule, terms);
        }
        known(entries, &["set", "sequence", "terms"], "a rule")?;
        Ok(Self { rule: entries, terms })
    }

    fn only(items: &'n [Node], list: &Node, terms: Option<&'n Node>) -> Result<Self, RuleError> {
        let [item] = items else {
            return Err(list.error(format!("found {} rules; expected exactly one", items.len())));
        };
        let entries = item.entries("an item of `rules`")?;
        let rule = find(entries, "rule").ok_or_else(|| item.error("found an item without `rule`; expected one"))?;
        Self::inner(rule, terms)
    }

    fn inner(rule: &'n Entry, terms: Option<&'n Node>) -> Result<Self, RuleError> {
        let entries = rule.value.entries("`rule`")?;
        known(entries, &["set", "sequence", "terms"], "`rule`")?;
        Ok(Self { rule: entries, terms: find(entries, "terms").map(|entry| &entry.value).or(terms) })
    }
}

fn find<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Entry> {
    entries.iter().find(|entry| entry.key == key)
}

/// A key that is not known may be one that is, misspelt: read over, it would change what the rule means.
fn known(entries: &[Entry], keys: &[&str], of: &str) -> Result<(), RuleError> {
    match entries.iter().find(|entry| !keys.contains(&entry.key.as_str())) {
        Some(entry) => Err(RuleError {
            line: Some(entry.line),
            message: format!(
                "found the key `{}` in {of}; expected {}",
                super::words::shortened(&entry.key),
                keys.join(", ")
            ),
        }),
        None => Ok(()),
    }
}

struct Reader<'n> {
    names: Option<&'n Node>,
    remarks: Vec<String>,
}

impl Reader<'_> {
    /// Looks at the named terms, so that an error in one that nothing uses is found too.
    fn names(&self) -> Result<(), RuleError> {
        let Some(names) = self.names else { return Ok(()) };
        if matches!(names.content, Content::Nothing) {
            return Ok(());
        }
        names.entries("`terms`")?.iter().try_for_each(|entry| RawTerm::read(&entry.value).map(|_| ()))
    }

    fn body(mut self, order: Order, entry: &Entry) -> Result<Written, RuleError> {
        let (kind, list, other) = match order {
            Order::Any => ("set", "match", "order"),
            Order::Sequence => ("sequence", "order", "match"),
        };
        let entries = entry.value.entries(&format!("`{kind}`"))?;
        if let Some(wrong) = find(entries, other) {
            return Err(wrong.error(format!("found `{other}` in a {kind}; expected `{list}`")));
        }
        refuse_correlations(entries)?;
        let origin = ["origin"].into_iter().filter(|_| order == Order::Sequence);
        let keys: Vec<&str> = ["window", "event", list, "negate", "correlations"].into_iter().chain(origin).collect();
        known(entries, &keys, &format!("a {kind}"))?;
        let items = |key: &str| find(entries, key).map_or(Ok(&[][..]), |entry| entry.value.items(&format!("`{key}`")));
        let positives: Vec<Positive> =
            items(list)?.iter().map(|item| self.positive(item)).collect::<Result<_, RuleError>>()?;
        let negatives: Vec<Negative> =
            items("negate")?.iter().map(|item| self.negative(item)).collect::<Result<_, RuleError>>()?;
        if positives.is_empty() {
            let beside = if negatives.is_empty() { "" } else { " beside `negate`" };
            return Err(entry.error(format!("found no condition in `{list}`{beside}; expected at least one")));
        }
        let written = Written {
            order,
            window: find(entries, "window").map(window).transpose()?.flatten(),
            source: find(entries, "event").map(source).transpose()?.flatten(),
            positives,
            negatives,
            remarks: std::mem::take(&mut self.remarks),
            line: entry.line,
        };
        written.check(find(entries, "window").map_or(entry.line, |window| window.line))?;
        Ok(written)
    }

    fn positive(&mut self, item: &Node) -> Result<Positive, RuleError> {
        let term = self.term(item)?;
        if term.options.is_some() {
            self.remarks.push(format!(
                "anchor, window, slide and absolute say something of `negate` only; on line {} they were not read",
                term.line
            ));
        }
        Ok(Positive { look: term.look, count: term.count.unwrap_or(1), line: term.line })
    }

    fn negative(&mut self, item: &Node) -> Result<Negative, RuleError> {
        let term = self.term(item)?;
        if let Some(count) = term.count.filter(|&count| count > 1) {
            return Err(item.error(format!("found the count {count} in `negate`; expected none: one hit is enough")));
        }
        Ok(Negative { look: term.look, options: term.options.unwrap_or_default(), line: term.line })
    }

    /// A term, by its name where it is the name of one. What is said where it is used goes before what the name says.
    fn term(&self, item: &Node) -> Result<RawTerm, RuleError> {
        let term = RawTerm::read(item)?;
        let Look::Value(name) = &term.look else { return Ok(term) };
        let Some(names) = self.names.filter(|names| !matches!(names.content, Content::Nothing)) else {
            return Ok(term);
        };
        let Some(named) = find(names.entries("`terms`")?, name) else { return Ok(term) };
        let named = RawTerm::read(&named.value)?;
        Ok(RawTerm {
            look: named.look,
            count: term.count.or(named.count),
            options: term.options.or(named.options),
            line: term.line,
        })
    }
}

impl Written {
    /// What holds between the parts.
    fn check(&self, window_line: u32) -> Result<(), RuleError> {
        let hits: usize = self.positives.iter().map(|positive| positive.count).fold(0, usize::saturating_add);
        let error = |line: u32, message: String| Err(RuleError { line: Some(line), message });
        if hits > MOST_HITS {
            return error(self.line, format!("found {hits} hits asked for; expected at most {MOST_HITS}"));
        }
        match (self.order, hits, self.window) {
            (Order::Sequence, 1, _) => {
                return error(
                    self.line,
                    "found a sequence of one condition; expected two or more, or a set".to_owned(),
                );
            }
            (Order::Sequence, _, None) => {
                return error(self.line, "found a sequence without `window`; expected one such as 30s".to_owned());
            }
            (Order::Any, 1, Some(_)) => {
                return error(window_line, "found `window` in a set of one condition; expected none".to_owned());
            }
            (Order::Any, 2.., None) => {
                let message = "found a set of several conditions, counts included, without `window`; expected one";
                return error(self.line, message.to_owned());
            }
            (Order::Any | Order::Sequence, _, _) => {}
        }
        if self.negatives.len() > MOST_TERMS {
            let found = self.negatives.len();
            return error(self.line, format!("found {found} conditions in `negate`; expected at most {MOST_TERMS}"));
        }
        match self.negatives.iter().find(|negative| negative.options.anchor >= hits) {
            Some(negative) => error(
                negative.line,
                format!(
                    "found the anchor {}; expected at most {}: hits count from 0, counts included",
                    negative.options.anchor,
                    hits - 1
                ),
            ),
            None => Ok(()),
        }
    }
}

fn refuse_correlations(entries: &[Entry]) -> Result<(), RuleError> {
    match find(entries, "correlations") {
        Some(entry) if !entry.value.items("`correlations`")?.is_empty() => {
            Err(entry.error("found `correlations`, which is not supported: a rule is run over one log"))
        }
        Some(_) | None => Ok(()),
    }
}

fn window(entry: &Entry) -> Result<Option<i64>, RuleError> {
    let text = entry.value.text("`window`")?;
    if text.is_empty() {
        return Ok(None);
    }
    match duration::parse(text) {
        Ok(0) => Ok(None),
        Ok(nanoseconds) if nanoseconds < 0 => {
            Err(entry.value.error(format!("found the window {text}; expected more than 0")))
        }
        Ok(nanoseconds) => Ok(Some(nanoseconds)),
        Err(message) => Err(entry.value.error(message)),
    }
}

fn source(entry: &Entry) -> Result<Option<String>, RuleError> {
    if matches!(entry.value.content, Content::Nothing) {
        return Ok(None);
    }
    let entries = entry.value.entries("`event`")?;
    known(entries, &["source", "origin"], "`event`")?;
    let source = find(entries, "source").map(|source| source.value.text("`source`")).transpose()?;
    Ok(source.filter(|source| !source.is_empty()).map(str::to_owned))
}
