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
const ORDER: [(&str, &str); 25] = [
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
    ("references", "Source"),
    ("translations", "Translation"),
    ("note", "Note"),
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

/// A path such as `timeline[3].at`, in its parts.
struct Place<'a> {
    field: &'a str,
    row: Option<usize>,
    part: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn parse(path: &'a str) -> Self {
        let (field, rest) = path.split_once('[').unwrap_or((path, ""));
        let (row, part) = rest.split_once(']').unwrap_or(("", ""));
        Self { field, row: row.parse().ok(), part: part.strip_prefix('.') }
    }

    /// Lists that are one element on the page have one id for all their entries.
    fn id(&self) -> String {
        match (self.row, self.part) {
            (Some(row), Some(part)) => format!("{}-{row}-{part}", self.field),
            _ => self.field.to_owned(),
        }
    }

    fn missing(&self) -> String {
        match (self.row, self.part) {
            (Some(row), Some(part)) => {
                format!("{} {}: {} is missing.", field_label(self.field), row + 1, part_label(part))
            }
            _ => format!("{} is missing.", self.label()),
        }
    }

    fn label(&self) -> String {
        let field = field_label(self.field);
        match (self.row, self.part) {
            (Some(row), Some(part)) => format!("{field} {}, {}", row + 1, part_label(part)),
            (Some(row), None) => format!("{field}, entry {}", row + 1),
            _ => field.to_owned(),
        }
    }
}

fn field_label(field: &str) -> &str {
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
