//! What is wrong with the form, in the words that stand in the summary and beside the field alike.

use crate::domain::input::FieldError;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The id of the element to mend: `timeline-3-at`.
    pub id: String,
    /// What is wrong with it, beginning with its name.
    pub words: String,
}

impl Complaint {
    /// What is wrong, in the order in which the page has its fields.
    pub fn all(errors: &[FieldError]) -> Vec<Self> {
        let mut errors: Vec<&FieldError> = errors.iter().collect();
        errors.sort_by_key(|error| {
            let field = Place::parse(&error.field).field;
            ORDER.iter().position(|(name, _)| *name == field).unwrap_or(ORDER.len())
        });
        errors.into_iter().map(Self::from).collect()
    }
}

/// The fields in the order of the page, with the names that the page gives them.
const ORDER: [(&str, &str); 29] = [
    ("title", "Title"),
    ("organization", "Organization"),
    ("summary", "Summary"),
    ("symptom", "Symptom"),
    ("root_cause", "Root cause"),
    ("category", "Category"),
    ("technologies", "Technologies"),
    ("contributing_factors", "Contributing factors"),
    ("patterns", "Patterns"),
    ("remediation", "Remediation"),
    ("lessons", "Lessons"),
    ("action_items", "Action item"),
    ("started_at", "Started"),
    ("detected_at", "Detected"),
    ("resolved_at", "Resolved"),
    ("duration", "Duration"),
    ("severity", "Severity"),
    ("trigger", "Trigger"),
    ("detected_by", "Detected by"),
    ("impact", "Impact"),
    ("timeline", "Timeline"),
    ("rules", "Detection rule"),
    ("checks", "Check"),
    ("references", "Source"),
    ("provenance", "Provenance"),
    ("translations", "Translation"),
    ("facts", "Fact"),
    ("note", "Note"),
    ("author_name", "Your name"),
];

impl From<&FieldError> for Complaint {
    fn from(error: &FieldError) -> Self {
        let place = Place::parse(&error.field);
        // What belongs into an empty field stands beside it already.
        let words = if error.message.starts_with("found nothing; ") {
            place.missing()
        } else {
            format!("{}: {}.", place.label(), error.message)
        };
        Self { id: place.id(), words }
    }
}

/// A path such as `timeline[3].at` or `rules[0].also_fires[1].because`, in its parts.
struct Place<'a> {
    field: &'a str,
    row: Option<usize>,
    part: Option<&'a str>,
    /// The row of a list within a row.
    inner: Option<usize>,
    inner_part: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn parse(path: &'a str) -> Self {
        let (field, row, rest) = step(path);
        if row.is_none() {
            // The parts of what there is only one of, such as `provenance.license`.
            let (field, part) = field.split_once('.').map_or((field, None), |(field, part)| (field, Some(part)));
            return Self { field, row, part, inner: None, inner_part: None };
        }
        let (part, inner, inner_part) = rest.map_or(("", None, None), step);
        Self { field, row, part: Some(part).filter(|part| !part.is_empty()), inner, inner_part }
    }

    /// Lists that are one element on the page have one id for all their entries.
    fn id(&self) -> String {
        match (self.row, self.part) {
            (Some(row), Some(part)) => {
                let inner = self.inner.map(|inner| format!("-{inner}")).unwrap_or_default();
                let inner_part = self.inner_part.map(|part| format!("-{part}")).unwrap_or_default();
                format!("{}-{row}-{part}{inner}{inner_part}", self.field)
            }
            (None, Some(part)) => format!("{}_{part}", self.field),
            (_, None) => self.field.to_owned(),
        }
    }

    fn missing(&self) -> String {
        match (self.row, self.part) {
            (Some(row), Some(_)) => {
                format!("{} {}: {} is missing.", field_label(self.field), row + 1, self.part_words())
            }
            _ => format!("{} is missing.", self.label()),
        }
    }

    fn label(&self) -> String {
        let field = field_label(self.field);
        match (self.row, self.part) {
            (Some(row), Some(_)) => format!("{field} {}, {}", row + 1, self.part_words()),
            (Some(row), None) => format!("{field}, entry {}", row + 1),
            (None, Some(_)) => format!("{field}, {}", self.part_words()),
            (None, None) => field.to_owned(),
        }
    }

    fn part_words(&self) -> String {
        let part = self.part.unwrap_or_default();
        match (part, self.inner.map(|inner| inner + 1), self.inner_part) {
            ("fires_on", Some(number), _) => format!("example {number}"),
            ("silent_on", Some(number), _) => format!("counterexample {number}"),
            ("also_fires", Some(number), Some("because")) => format!("the reason for firing elsewhere {number}"),
            ("also_fires", Some(number), _) => format!("the failure {number} that it also fires on"),
            _ => part_label(part).to_owned(),
        }
    }
}

/// `timeline[3].at` as name, number and the rest.
fn step(path: &str) -> (&str, Option<usize>, Option<&str>) {
    let (name, rest) = path.split_once('[').unwrap_or((path, ""));
    let (number, rest) = rest.split_once(']').unwrap_or(("", ""));
    (name, number.parse().ok(), rest.strip_prefix('.'))
}

/// What the page calls a field.
pub(in crate::web) fn field_label(field: &str) -> &str {
    ORDER.iter().find(|(name, _)| *name == field).map_or(field, |(_, label)| label)
}

fn part_label(part: &str) -> &str {
    match part {
        "at" => "when",
        "marker" => "marker",
        "text" => "text",
        "kind" => "kind",
        "name" => "name",
        "title" => "title",
        "url" => "address",
        "owner" => "owner",
        "due" => "due",
        "language" => "language",
        "symptom" => "symptom",
        "fires_on" => "examples",
        "silent_on" => "counterexamples",
        "also_fires" => "other failures",
        "means" => "what its output means",
        "apart_from" => "the failure it tells this one apart from",
        "license" => "licence",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::Complaint;
    use crate::domain::input::FieldError;

    fn complaint(field: &str, message: &str) -> (String, String) {
        let Complaint { id, words } =
            Complaint::from(&FieldError { field: field.to_owned(), message: message.to_owned() });
        (id, words)
    }

    #[test]
    fn a_path_leads_to_the_element_and_counts_from_one() {
        assert_eq!(
            complaint("timeline[3].at", "found \"x\"; expected y"),
            ("timeline-3-at".to_owned(), "Timeline 4, when: found \"x\"; expected y.".to_owned())
        );
        assert_eq!(
            complaint("technologies[1]", "found \"a/b\"; expected a tag").0,
            "technologies",
            "technologies are one element"
        );
    }

    #[test]
    fn a_path_leads_into_the_lists_of_a_rule() {
        let told = |field| complaint(field, "it is so");
        assert_eq!(
            told("rules[0].fires_on[1]"),
            ("rules-0-fires_on-1".to_owned(), "Detection rule 1, example 2: it is so.".to_owned())
        );
        assert_eq!(told("rules[2].silent_on[0]").1, "Detection rule 3, counterexample 1: it is so.");
        assert_eq!(
            told("rules[0].also_fires"),
            ("rules-0-also_fires".to_owned(), "Detection rule 1, other failures: it is so.".to_owned())
        );
        let missing = complaint("rules[0].also_fires[1].because", "found nothing; expected one line");
        assert_eq!(missing.0, "rules-0-also_fires-1-because");
        assert_eq!(missing.1, "Detection rule 1: the reason for firing elsewhere 2 is missing.");
        assert_eq!(
            told("provenance.license"),
            ("provenance_license".to_owned(), "Provenance, licence: it is so.".to_owned())
        );
    }

    #[test]
    fn the_summary_has_the_order_of_the_page() {
        let errors = ["timeline[1].at", "remediation", "category", "organization", "title"]
            .map(|field| FieldError { field: field.to_owned(), message: "found x; expected y".to_owned() });
        let ids: Vec<String> = Complaint::all(&errors).into_iter().map(|complaint| complaint.id).collect();
        assert_eq!(ids, ["title", "organization", "category", "remediation", "timeline-1-at"]);
    }

    #[test]
    fn what_is_missing_is_called_missing() {
        assert_eq!(
            complaint("title", "found nothing; expected one line of 1 to 160 characters").1,
            "Title is missing."
        );
        assert_eq!(
            complaint("timeline[0].at", "found nothing; expected one line of 1 to 300 characters").1,
            "Timeline 1: when is missing."
        );
    }
}
