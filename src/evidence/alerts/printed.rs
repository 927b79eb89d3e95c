//! Alerts as they are printed: `[FIRING:3] KubePodCrashLooping …` in mail and chat, lists of labels, `amtool alert`,
//! `ALERTS{alertname="…"}`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Alert;
use crate::evidence::blocks::Block;
use crate::evidence::lines::Lines;
use crate::evidence::mask::pattern;

static HEADLINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?-u)\[(?:(FIRING)|(RESOLVED))(?::[0-9]{1,6})?[A-Za-z0-9:, ]{0,40}\][ *_:]{0,8}([A-Za-z][A-Za-z0-9_:-]{2,127})",
    )
});
static LABEL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[ \t]*(?:[-*•·>][ \t]*)?([A-Za-z_][A-Za-z0-9_]{0,127})[ \t]*=[ \t]*(.*?)[ \t]*$"));
static SERIES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?-u:\{)[^{}\n]{0,2000}\balertname="([^"\n]{1,256})"[^{}\n]{0,2000}\}"#));
static PAIR: LazyLock<Regex> = LazyLock::new(|| pattern(r#"([A-Za-z_][A-Za-z0-9_]{0,127})="([^"\n]*)""#));

pub(super) fn read(lines: Lines<'_>, blocks: &[Block]) -> Vec<Alert> {
    let mut reader = Reader { alerts: Vec::new(), last: None, is_annotations: false, is_table: false };
    let mut block = 0;
    for line in 1..=lines.count() {
        while blocks.get(block).is_some_and(|block| block.lines.end <= line) {
            block += 1;
        }
        let is_in_block = blocks.get(block).is_some_and(|block| block.lines.contains(&line));
        if !is_in_block {
            reader.line(lines.get(line), line, lines.span(line).start);
        }
    }
    reader.finish()
}

struct Reader {
    alerts: Vec<Found>,
    /// The alert that lines of labels belong to: they follow it, or it stands among them.
    last: Option<usize>,
    is_annotations: bool,
    is_table: bool,
}

struct Found {
    alert: Alert,
    /// Whether only a headline says so.
    is_headline: bool,
}

/// The name of a label, its value, and where in the line that stands.
fn label(text: &str) -> Option<(&str, (&str, usize))> {
    let label = LABEL.captures(text)?;
    let (key, value) = (label.get(1)?, label.get(2)?);
    Some((key.as_str(), (value.as_str(), value.start())))
}

impl Reader {
    fn line(&mut self, text: &str, line: u32, start: usize) {
        let content = text.trim();
        if content.is_empty() {
            self.is_table = false;
            return;
        }
        if content.starts_with("Alertname ") && content.contains("State") {
            self.is_table = true;
        } else if self.is_table {
            self.row(text, line, start);
        } else if content.len() <= 16 && content.trim_matches('*').starts_with("Annotations") {
            self.is_annotations = true;
        } else if content.len() <= 16 && content.trim_matches('*').starts_with("Labels") {
            self.is_annotations = false;
        } else if let Some((key, value)) = self.could_be_label(text).then(|| label(text)).flatten() {
            self.label(key, value.0, line, start + value.1);
        } else {
            // Labels follow their alert without anything between.
            self.last = None;
            self.headline(text, line, start);
        }
    }

    /// Cheap to ask of each line of a long log.
    fn could_be_label(&self, text: &str) -> bool {
        (self.last.is_some() || text.contains("alertname")) && text.len() < 4096 && text.contains('=')
    }

    fn push(&mut self, name: &str, span: Range<usize>, line: u32, is_headline: bool) -> &mut Alert {
        let labels = BTreeMap::from([("alertname".to_owned(), name.to_owned())]);
        let alert =
            Alert { name: name.to_owned(), labels, annotations: BTreeMap::new(), is_resolved: false, line, span };
        let index = self.alerts.len();
        self.alerts.push(Found { alert, is_headline });
        self.last = Some(index);
        self.is_annotations = false;
        &mut self.alerts[index].alert
    }

    fn headline(&mut self, text: &str, line: u32, start: usize) {
        if (text.contains("FIRING") || text.contains("RESOLVED"))
            && let Some(met) = HEADLINE.captures(text)
            && let Some(name) = met.get(3)
        {
            let is_resolved = met.get(2).is_some();
            self.push(name.as_str(), start + name.start()..start + name.end(), line, true).is_resolved = is_resolved;
        } else if text.contains("alertname=\"") {
            for series in SERIES.captures_iter(text) {
                let (Some(whole), Some(name)) = (series.get(0), series.get(1)) else { continue };
                let alert = self.push(name.as_str(), start + name.start()..start + name.end(), line, false);
                for pair in PAIR.captures_iter(whole.as_str()) {
                    alert.labels.insert(pair[1].to_owned(), pair[2].to_owned());
                }
            }
        }
    }

    fn label(&mut self, key: &str, value: &str, line: u32, at: usize) {
        if key == "alertname" && !value.is_empty() {
            self.push(value, at..at + value.len(), line, false);
        } else if let Some(found) = self.last.and_then(|last| self.alerts.get_mut(last)) {
            let texts = if self.is_annotations { &mut found.alert.annotations } else { &mut found.alert.labels };
            texts.insert(key.to_owned(), value.to_owned());
        }
    }

    /// `Alertname  Starts At  Summary  State`, as `amtool alert` prints them.
    fn row(&mut self, text: &str, line: u32, start: usize) {
        let Some(name) = text.split_whitespace().next().filter(|_| !text.starts_with(' ')) else { return };
        let cells: Vec<&str> = text.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let summary = (cells.len() == 4).then(|| cells[2].to_owned());
        let alert = self.push(name, start..start + name.len(), line, false);
        alert.annotations.extend(summary.map(|summary| ("summary".to_owned(), summary)));
    }

    /// A headline is no alert of its own where the alerts that it announces are listed.
    fn finish(self) -> Vec<Alert> {
        let listed: std::collections::HashSet<String> =
            self.alerts.iter().filter(|found| !found.is_headline).map(|found| found.alert.name.clone()).collect();
        let found = self.alerts.into_iter().filter(|found| !found.is_headline || !listed.contains(&found.alert.name));
        found.map(|found| found.alert).collect()
    }
}
