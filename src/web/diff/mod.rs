//! What changed between two revisions: field by field, word by word, row by row. Pure functions; the pages are elsewhere.

use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use crate::domain::{
    ActionItem, Check, DetectedBy, Fact, Failure, Incident, Line, Pattern, Provenance, Record, Reference, Rule,
    Severity, Story, TimelineEntry, Translation, Trigger,
};

mod words;

pub use words::Piece;

/// How long one comparison may look for the smallest difference. After it the answer is still right, only coarser.
const PATIENCE: Duration = Duration::from_millis(600);

/// One field of a record, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDiff {
    /// The field's name in files and the API, for anchors: `root_cause`.
    pub name: &'static str,
    /// The words that people read.
    pub label: &'static str,
    /// What became of it.
    pub change: Change,
}

/// What became of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Unchanged,
    /// A text changed: its pieces in reading order.
    Text(Vec<Piece>),
    /// A list changed: its rows in reading order.
    Rows(Vec<Row>),
}

/// A row of a changed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// So many rows in succession that are in both.
    Same(usize),
    /// Only in the old list.
    Removed(String),
    /// Only in the new list.
    Added(String),
    /// In both, with other words.
    Changed(Vec<Piece>),
}

impl FieldDiff {
    /// Whether the field differs.
    pub fn is_changed(&self) -> bool {
        self.change != Change::Unchanged
    }
}

/// Every field of two states of a story, in the order of the page.
pub fn compare(old: &Story, new: &Story) -> Vec<FieldDiff> {
    let comparison = Comparison::begin();
    let (before, after) = (&old.incident, &new.incident);
    let mut fields = comparison.failure_head(&old.failure, &new.failure);
    fields.extend(facts(before, after));
    fields.extend(comparison.prose(&old.failure, &new.failure, Some((before, after))));
    fields.extend([
        comparison.rows("timeline", "Timeline", &old.timeline, &new.timeline, timeline_row),
        comparison.text("lessons", "Lessons", old.lessons.as_str(), new.lessons.as_str()),
        comparison.rows("action_items", "Action items", &old.action_items, &new.action_items, action_row),
        comparison.rows("patterns", "Patterns", &old.patterns, &new.patterns, ToString::to_string),
    ]);
    fields.extend(comparison.failure_tail(&old.failure, &new.failure));
    fields.push(comparison.rows("facts", "Facts looked up", &old.facts, &new.facts, fact_row));
    fields
}

/// Every field of two states of a pattern, in the order of the page.
pub fn compare_patterns(old: &Pattern, new: &Pattern) -> Vec<FieldDiff> {
    let comparison = Comparison::begin();
    let mut fields = comparison.failure_head(&old.failure, &new.failure);
    fields.push(comparison.rows("aliases", "Other names", &old.aliases, &new.aliases, ToString::to_string));
    fields.extend(comparison.prose(&old.failure, &new.failure, None));
    fields.extend(comparison.failure_tail(&old.failure, &new.failure));
    fields
}

/// Every field of two revisions of one record; nothing where they are not of one kind.
pub fn compare_records(old: &Record, new: &Record) -> Vec<FieldDiff> {
    match (old, new) {
        (Record::Story(old), Record::Story(new)) => compare(&old.content, &new.content),
        (Record::Pattern(old), Record::Pattern(new)) => compare_patterns(&old.content, &new.content),
        (Record::Story(_), Record::Pattern(_)) | (Record::Pattern(_), Record::Story(_)) => Vec::new(),
    }
}

/// What one text says that another does not, word by word: for two that stand beside each other.
pub fn between(old: &str, new: &str) -> Vec<Piece> {
    words::pieces(old, new, Comparison::begin().deadline)
}

/// One comparison: all its fields share the time it may take.
struct Comparison {
    deadline: Instant,
}

impl Comparison {
    fn begin() -> Self {
        Self { deadline: Instant::now() + PATIENCE }
    }

    fn failure_head(&self, old: &Failure, new: &Failure) -> Vec<FieldDiff> {
        vec![
            self.text("title", "Title", old.title.as_str(), new.title.as_str()),
            whole("category", "Category", old.category.label(), new.category.label()),
            self.rows("technologies", "Technologies", &old.technologies, &new.technologies, ToString::to_string),
        ]
    }

    fn prose(&self, old: &Failure, new: &Failure, incident: Option<(&Incident, &Incident)>) -> Vec<FieldDiff> {
        let mut fields = vec![
            self.text("summary", "Summary", old.summary.as_str(), new.summary.as_str()),
            self.text("symptom", "Symptom", old.symptom.as_str(), new.symptom.as_str()),
        ];
        if let Some((before, after)) = incident {
            fields.push(self.text("impact", "Impact", before.impact.as_str(), after.impact.as_str()));
        }
        fields.extend([
            self.text("root_cause", "Root cause", old.root_cause.as_str(), new.root_cause.as_str()),
            self.rows(
                "contributing_factors",
                "Contributing factors",
                &old.contributing_factors,
                &new.contributing_factors,
                ToString::to_string,
            ),
            self.text("remediation", "Remediation", old.remediation.as_str(), new.remediation.as_str()),
        ]);
        fields
    }

    fn failure_tail(&self, old: &Failure, new: &Failure) -> Vec<FieldDiff> {
        vec![
            self.rows("checks", "How to be sure", &old.checks, &new.checks, check_row),
            self.rows("rules", "Detection rules", &old.rules, &new.rules, rule_row),
            self.rows("references", "References", &old.references, &new.references, reference_row),
            self.rows("provenance", "Provenance", old.provenance.as_slice(), new.provenance.as_slice(), provenance_row),
            self.rows("translations", "Translations", &old.translations, &new.translations, translation_row),
        ]
    }

    fn text(&self, name: &'static str, label: &'static str, old: &str, new: &str) -> FieldDiff {
        let change = if old == new { Change::Unchanged } else { Change::Text(words::pieces(old, new, self.deadline)) };
        FieldDiff { name, label, change }
    }

    fn rows<T: PartialEq>(
        &self,
        name: &'static str,
        label: &'static str,
        old: &[T],
        new: &[T],
        print: impl Fn(&T) -> String,
    ) -> FieldDiff {
        if old == new {
            return FieldDiff { name, label, change: Change::Unchanged };
        }
        let (old, new): (Vec<_>, Vec<_>) = (old.iter().map(&print).collect(), new.iter().map(&print).collect());
        let mut rows = Vec::new();
        for op in capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(self.deadline)) {
            match op {
                DiffOp::Equal { len, .. } => rows.push(Row::Same(len)),
                DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                    self.replaced(&old[op.old_range()], &new[op.new_range()], &mut rows);
                }
            }
        }
        FieldDiff { name, label, change: Change::Rows(rows) }
    }

    /// Rows that took each other's place: told as one changed row where they are akin, else as one gone and one come.
    fn replaced(&self, old: &[String], new: &[String], rows: &mut Vec<Row>) {
        let pairs = old.len().min(new.len());
        for (before, after) in old.iter().zip(new) {
            if words::are_akin(before, after, self.deadline) {
                rows.push(Row::Changed(words::pieces(before, after, self.deadline)));
            } else {
                rows.push(Row::Removed(before.clone()));
                rows.push(Row::Added(after.clone()));
            }
        }
        rows.extend(old[pairs..].iter().cloned().map(Row::Removed));
        rows.extend(new[pairs..].iter().cloned().map(Row::Added));
    }
}

fn facts(old: &Incident, new: &Incident) -> Vec<FieldDiff> {
    let when = |moment: Option<crate::domain::Moment>| moment.map(|moment| moment.for_people()).unwrap_or_default();
    let line = |line: &Option<Line>| line.as_ref().map(ToString::to_string).unwrap_or_default();
    vec![
        whole("organization", "Organization", old.organization.as_str(), new.organization.as_str()),
        whole("started_at", "Started", &when(old.started_at), &when(new.started_at)),
        whole("detected_at", "Detected", &when(old.detected_at), &when(new.detected_at)),
        whole("resolved_at", "Resolved", &when(old.resolved_at), &when(new.resolved_at)),
        whole("duration", "Duration", &line(&old.duration), &line(&new.duration)),
        whole("severity", "Severity", label(old.severity, Severity::label), label(new.severity, Severity::label)),
        whole("trigger", "Trigger", label(old.trigger, Trigger::label), label(new.trigger, Trigger::label)),
        whole(
            "detected_by",
            "Detected by",
            label(old.detected_by, DetectedBy::label),
            label(new.detected_by, DetectedBy::label),
        ),
    ]
}

/// A fact is one value, not prose: it is told as replaced, never word by word.
fn whole(name: &'static str, label: &'static str, old: &str, new: &str) -> FieldDiff {
    let change = if old == new { Change::Unchanged } else { Change::Text(words::replaced(old, new)) };
    FieldDiff { name, label, change }
}

fn label<T: Copy>(value: Option<T>, label: impl Fn(T) -> &'static str) -> &'static str {
    value.map_or("", label)
}

fn timeline_row(entry: &TimelineEntry) -> String {
    let marker = entry.marker.map(|marker| format!(" ({})", marker.label())).unwrap_or_default();
    format!("{}{marker}\n{}", entry.at, entry.text)
}

fn action_row(item: &ActionItem) -> String {
    let mut row = item.text.to_string();
    if let Some(owner) = &item.owner {
        row.push_str(&format!("\nOwner: {owner}"));
    }
    if let Some(due) = item.due {
        row.push_str(&format!("\nDue: {due}"));
    }
    if let Some(link) = &item.link {
        row.push_str(&format!("\nFollowed at: {link}"));
    }
    row.push_str(if item.done { "\nDone" } else { "\nNot done" });
    row
}

fn rule_row(rule: &Rule) -> String {
    let mut row = format!("{}: {}\n{}", rule.kind.label(), rule.name, rule.text.as_str());
    for (label, examples) in [("Fires on", &rule.fires_on), ("Silent on", &rule.silent_on)] {
        for example in examples {
            row.push_str(&format!("\n\n{label}:\n{example}"));
        }
    }
    for also in &rule.also_fires {
        row.push_str(&format!("\n\nAlso fires on {}: {}", also.on, also.because));
    }
    row
}

fn check_row(check: &Check) -> String {
    let apart = check.apart_from.as_ref().map(|other| format!("\nTells it apart from {other}")).unwrap_or_default();
    format!("{}\n{}{apart}", check.command, check.means)
}

fn provenance_row(provenance: &Provenance) -> String {
    let known = [
        provenance.id.as_ref().map(ToString::to_string),
        provenance.source.as_ref().map(ToString::to_string),
        provenance.author.as_ref().map(|author| format!("By {author}")),
        Some(format!("Licence: {}", provenance.license)),
    ];
    known.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn reference_row(reference: &Reference) -> String {
    let title = reference.title.as_ref().map(|title| format!(" {title}")).unwrap_or_default();
    let archived = reference.archived.as_ref().map(|copy| format!("\nArchived: {copy}")).unwrap_or_default();
    let language = reference.language.as_ref().map(|tag| format!("\nLanguage: {tag}")).unwrap_or_default();
    format!("{}:{title}\n{}{archived}{language}", reference.kind.label(), reference.url)
}

fn translation_row(translation: &Translation) -> String {
    format!("{}: {}\n{}\n{}", translation.language, translation.title, translation.summary, translation.symptom)
}

fn fact_row(fact: &Fact) -> String {
    format!("{}\n{}, {}", fact.claim, fact.source, fact.passage)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Change, FieldDiff, Piece, Row, compare};
    use crate::domain::Story;
    use crate::domain::input::StoryInput;

    fn story(changes: &serde_json::Value) -> Story {
        let mut value = serde_json::json!({
            "title": "Pods without addresses", "summary": "s", "symptom": "s", "root_cause": "r", "remediation": "r",
            "category": "capacity", "organization": "Example", "technologies": ["gke", "vpc"],
            "timeline": [{"at": "T", "text": "It began to hurt"}, {"at": "T+1", "text": "Somebody noticed the alert"}],
        });
        for (key, changed) in changes.as_object().expect("an object") {
            value[key] = changed.clone();
        }
        serde_json::from_value::<StoryInput>(value).expect("shape").parse().expect("fine")
    }

    fn changed(old: &Story, new: &Story) -> Vec<FieldDiff> {
        compare(old, new).into_iter().filter(FieldDiff::is_changed).collect()
    }

    #[test]
    fn a_story_compared_with_itself_has_every_field_and_no_change() {
        let story = story(&serde_json::json!({}));
        let fields = compare(&story, &story);
        assert_eq!(fields.len(), 27);
        assert!(fields.iter().all(|field| !field.is_changed()));
    }

    #[test]
    fn a_fact_that_becomes_known_is_added_and_one_that_is_taken_back_is_removed() {
        let unknown = story(&serde_json::json!({}));
        let known = story(&serde_json::json!({"severity": "sev2"}));
        let fields = changed(&unknown, &known);
        assert_eq!((fields.len(), fields[0].label), (1, "Severity"));
        assert_eq!(fields[0].change, Change::Text(vec![Piece::Added("SEV 2".to_owned())]));
        assert_eq!(changed(&known, &unknown)[0].change, Change::Text(vec![Piece::Removed("SEV 2".to_owned())]));
    }

    #[test]
    fn rows_are_told_as_changed_added_or_removed() {
        let old = story(&serde_json::json!({}));
        let new = story(&serde_json::json!({
            "technologies": ["gke"],
            "timeline": [
                {"at": "T", "text": "It began to hurt"},
                {"at": "T+1", "text": "Somebody noticed the page"},
                {"at": "T+2", "text": "Over"},
            ],
        }));
        let fields = changed(&old, &new);
        assert_eq!(fields[0].change, Change::Rows(vec![Row::Same(1), Row::Removed("vpc".to_owned())]));
        let Change::Rows(rows) = &fields[1].change else { panic!("the timeline is a list") };
        assert_eq!((rows.len(), &rows[0], &rows[2]), (3, &Row::Same(1), &Row::Added("T+2\nOver".to_owned())));
        assert!(matches!(&rows[1], Row::Changed(pieces) if pieces.contains(&Piece::Added("page".to_owned()))));
    }

    #[test]
    fn what_a_rule_was_tried_on_is_part_of_it() {
        let rule = |fires_on| serde_json::json!({"kind": "log", "name": "n", "text": "t", "fires_on": [fires_on]});
        let old = story(&serde_json::json!({"rules": [rule("it broke at noon")]}));
        let new = story(&serde_json::json!({
            "rules": [rule("it broke at night")],
            "checks": [{"command": "uptime", "means": "Less than a day", "apart_from": "patterns/x"}],
            "provenance": {"id": "X-1", "license": "MIT"},
        }));
        let fields = changed(&old, &new);
        assert_eq!(fields.iter().map(|field| field.name).collect::<Vec<_>>(), ["checks", "rules", "provenance"]);
        let Change::Rows(rows) = &fields[1].change else { panic!("rules are a list") };
        assert!(matches!(&rows[0], Row::Changed(pieces) if pieces.contains(&Piece::Added("night".to_owned()))));
        let check = "uptime\nLess than a day\nTells it apart from patterns/x";
        assert_eq!(fields[0].change, Change::Rows(vec![Row::Added(check.to_owned())]));
    }

    #[test]
    fn the_largest_fields_are_compared_in_bounded_time() {
        let words = |seed: u64| {
            let mut state = seed;
            let mut text = String::new();
            while text.len() < 64 * 1024 - 8 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(&format!("{:x} ", (state >> 33) % 4096));
            }
            text
        };
        let filled = |seed| {
            let text = words(seed);
            story(&serde_json::json!({"symptom": text, "root_cause": text, "remediation": text, "lessons": text}))
        };
        let began = Instant::now();
        assert_eq!(changed(&filled(1), &filled(2)).len(), 4);
        assert!(began.elapsed() < Duration::from_secs(10), "took {:?}", began.elapsed());
    }
}
