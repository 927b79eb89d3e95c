//! Alerts in pasted JSON and YAML (Alertmanager's webhook and API, Prometheus' API, a set of labels alone), and as mail,
//! chat and terminals print them.

mod printed;

use std::collections::BTreeMap;
use std::ops::Range;

use super::blocks::Block;
use super::lines::Lines;
use super::tree::View;

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The label `alertname`.
    pub name: String,
    /// All labels, `alertname` included.
    pub labels: BTreeMap<String, String>,
    /// All annotations.
    pub annotations: BTreeMap<String, String>,
    /// Whether it was resolved when it was sent.
    pub is_resolved: bool,
    /// The line on which its name stands, from 1.
    pub line: u32,
    /// The bytes of its name in the paste.
    pub span: Range<usize>,
}

/// The alerts of a paste, in order. What blocks hold is not read a second time as print.
pub(super) fn read(lines: Lines<'_>, blocks: &[Block]) -> Vec<Alert> {
    let mut alerts: Vec<Alert> = blocks.iter().flat_map(|block| in_block(lines, block)).collect();
    alerts.extend(printed::read(lines, blocks));
    alerts.sort_by_key(|alert| alert.span.start);
    alerts
}

/// How deep alerts lie at most: Prometheus' rules have them at `data.groups[].rules[].alerts[]`.
const MOST_LEVELS: usize = 10;

/// The alerts of one block: every value whose labels have an `alertname`.
pub(super) fn in_block(lines: Lines<'_>, block: &Block) -> Vec<Alert> {
    let mut alerts = Vec::new();
    if let Some(root) = block.tree.root() {
        // Values that aliases show again are searched again, within what the block could hold without them.
        let mut left = block.span.len();
        search(lines, root, Around::default(), &mut left, &mut alerts);
    }
    alerts
}

/// What the values around an alert say about all they hold.
#[derive(Clone, Copy, Default)]
struct Around<'a> {
    labels: Option<View<'a>>,
    annotations: Option<View<'a>>,
    level: usize,
}

fn search<'a>(lines: Lines<'_>, view: View<'a>, around: Around<'a>, left: &mut usize, alerts: &mut Vec<Alert>) {
    if around.level > MOST_LEVELS || *left == 0 {
        return;
    }
    *left -= 1;
    let deeper = Around { level: around.level + 1, ..around };
    if let Some(items) = view.items() {
        items.for_each(|item| search(lines, item, deeper, left, alerts));
        return;
    }
    let common = view.get("commonLabels").filter(|labels| name_in(*labels).is_some());
    let labels = view.get("labels").filter(|labels| name_in(*labels).is_some());
    if let Some(labels) = labels {
        alerts.extend(alert(lines, labels, view.get("annotations"), view, around));
    } else if name_in(view).is_some() {
        alerts.extend(alert(lines, view, None, view, around));
    } else {
        let before = alerts.len();
        let inside = Around { labels: common, annotations: view.get("commonAnnotations"), ..deeper };
        let about = ["labels", "annotations", "groupLabels", "commonLabels", "commonAnnotations"];
        for (_, field) in view.entries().into_iter().flatten().filter(|(key, _)| !about.contains(key)) {
            search(lines, field, inside, left, alerts);
        }
        // A notification whose alerts were cut off still says what they have in common.
        if let Some(labels) = common.or(view.get("groupLabels")).filter(|_| alerts.len() == before) {
            alerts.extend(alert(lines, labels, inside.annotations, view, Around::default()));
        }
    }
}

fn name_in(labels: View<'_>) -> Option<View<'_>> {
    labels.get("alertname").filter(|name| name.as_str().is_some_and(|name| !name.is_empty()))
}

fn alert(
    lines: Lines<'_>,
    labels: View<'_>,
    annotations: Option<View<'_>>,
    whole: View<'_>,
    around: Around<'_>,
) -> Option<Alert> {
    let name = name_in(labels)?;
    let text = name.as_str()?;
    let span = name.span();
    let at = lines.text.get(span.clone()).and_then(|written| written.find(text));
    let span = at.map_or(span.clone(), |at| span.start + at..span.start + at + text.len());
    let gather = |common: Option<View<'_>>, own: Option<View<'_>>| -> BTreeMap<String, String> {
        [common, own].into_iter().flatten().flat_map(texts).collect()
    };
    Some(Alert {
        name: text.to_owned(),
        labels: gather(around.labels, Some(labels)),
        annotations: gather(around.annotations, annotations),
        is_resolved: is_resolved(whole),
        line: lines.of(span.start),
        span,
    })
}

/// The scalars of a mapping as text.
fn texts(map: View<'_>) -> Vec<(String, String)> {
    let fields = map.entries().into_iter().flatten();
    let text =
        |value: View<'_>| value.as_str().map(str::to_owned).or_else(|| value.as_scalar().map(ToString::to_string));
    fields.filter_map(|(key, value)| Some((key.to_owned(), text(value)?))).collect()
}

/// Alertmanager says `status`, which its API makes a mapping with a `state`; Prometheus says `state`.
fn is_resolved(alert: View<'_>) -> bool {
    let status = alert.get("status").map(|status| status.get("state").unwrap_or(status));
    let state = status.or_else(|| alert.get("state")).and_then(View::as_str);
    state.is_some_and(|state| ["resolved", "inactive", "normal"].contains(&state.to_ascii_lowercase().as_str()))
}
