//! The joined row of a record and one of its revisions, and its way into the domain.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::StoreError;
use crate::domain::{
    ActionItem, Category, Check, DetectedBy, Entry, Fact, Failure, FailureId, FailureKind, Incident, Line, Markdown,
    Moment, Pattern, Precision, Provenance, Record, Reference, RevisionNumber, Rule, Severity, Slug, Status, Story,
    Technology, TimelineEntry, Title, Translation, Trigger,
};

/// Selects [`RecordRow`]s; the argument is everything from `WHERE` on. `f` is the record, `r` the revision. The patterns are
/// those that can be read: where one was merged into another this other, and none that was withdrawn.
macro_rules! select_records {
    ($rest:tt $(, $argument:expr)*) => {
        sqlx::query_as!(
            $crate::store::row::RecordRow,
            r#"SELECT f.id, f.kind, f.slug, f.status, f.created_at, f.published_at,
                      r.number, r.saved_at, r.title, r.summary, r.symptom, r.root_cause, r.contributing_factors, r.remediation,
                      r.rules AS "rules: _", r.category, r.technologies, r."references" AS "references: _",
                      r.translations AS "translations: _", r.checks AS "checks: _", r.provenance AS "provenance: _", r.aliases, r.organization,
                      r.started_at, r.started_precision, r.detected_at, r.detected_precision, r.resolved_at, r.resolved_precision,
                      r.duration, r.severity, r.trigger, r.detected_by, r.impact, r.timeline AS "timeline: _", r.lessons,
                      r.action_items AS "action_items: _", r.facts AS "facts: _",
                      ARRAY(SELECT kept.slug
                            FROM revision_pattern rp
                            JOIN failure p ON p.id = rp.pattern_id
                            JOIN failure kept ON kept.id = CASE WHEN p.merged_into IS NULL THEN p.id ELSE kept_record(p.id) END
                            WHERE rp.failure_id = r.failure_id AND rp.number = r.number AND kept.status = 'published'
                            GROUP BY kept.slug
                            ORDER BY min(rp.position)) AS "patterns!"
               FROM failure f
               JOIN revision r ON r.failure_id = f.id
               WHERE "# + $rest
            $(, $argument)*
        )
    };
}

pub(super) use select_records;

pub(super) struct RecordRow {
    pub id: Uuid,
    pub kind: String,
    pub slug: String,
    pub status: String,
    pub created_at: DateTime<Utc>,
    pub published_at: Option<DateTime<Utc>>,
    pub number: i32,
    pub saved_at: DateTime<Utc>,
    pub title: String,
    pub summary: String,
    pub symptom: String,
    pub root_cause: String,
    pub contributing_factors: Vec<String>,
    pub remediation: String,
    pub rules: Json<Vec<Rule>>,
    pub category: String,
    pub technologies: Vec<String>,
    pub references: Json<Vec<Reference>>,
    pub translations: Json<Vec<Translation>>,
    pub checks: Json<Vec<Check>>,
    pub provenance: Option<Json<Provenance>>,
    pub aliases: Vec<String>,
    pub organization: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub started_precision: Option<String>,
    pub detected_at: Option<DateTime<Utc>>,
    pub detected_precision: Option<String>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub resolved_precision: Option<String>,
    pub duration: Option<String>,
    pub severity: Option<String>,
    pub trigger: Option<String>,
    pub detected_by: Option<String>,
    pub impact: String,
    pub timeline: Json<Vec<TimelineEntry>>,
    pub lessons: String,
    pub action_items: Json<Vec<ActionItem>>,
    pub facts: Json<Vec<Fact>>,
    pub patterns: Vec<String>,
}

impl TryFrom<RecordRow> for Record {
    type Error = StoreError;

    fn try_from(row: RecordRow) -> Result<Self, StoreError> {
        let what = format!("revision {} of {} {}", row.number, row.kind, row.id);
        row.into_record().map_err(|invalid| StoreError::inconsistent(what, invalid))
    }
}

impl RecordRow {
    fn into_record(self) -> Result<Record, crate::domain::Invalid> {
        let kind = FailureKind::parse(&self.kind)?;
        let failure = Failure {
            title: Title::parse(&self.title)?,
            summary: Markdown::parse(&self.summary)?,
            symptom: Markdown::parse(&self.symptom)?,
            root_cause: Markdown::parse(&self.root_cause)?,
            contributing_factors: all(&self.contributing_factors, Line::parse)?,
            remediation: Markdown::parse(&self.remediation)?,
            rules: self.rules.0,
            category: Category::parse(&self.category)?,
            technologies: all(&self.technologies, Technology::parse)?,
            references: self.references.0,
            translations: self.translations.0,
            checks: self.checks.0,
            provenance: self.provenance.map(|provenance| provenance.0),
        };
        let identity = Identity {
            id: FailureId(self.id),
            slug: Slug::parse(&self.slug)?,
            status: Status::parse(&self.status)?,
            revision: RevisionNumber(self.number),
            created_at: self.created_at,
            updated_at: self.saved_at,
            published_at: self.published_at,
        };
        Ok(match kind {
            FailureKind::Pattern => {
                Record::Pattern(identity.with(Pattern { failure, aliases: all(&self.aliases, Title::parse)? }))
            }
            FailureKind::Story => Record::Story(identity.with(Story {
                failure,
                incident: Incident {
                    organization: Line::parse(self.organization.as_deref().unwrap_or_default())?,
                    started_at: moment(self.started_at, self.started_precision.as_deref())?,
                    detected_at: moment(self.detected_at, self.detected_precision.as_deref())?,
                    resolved_at: moment(self.resolved_at, self.resolved_precision.as_deref())?,
                    duration: self.duration.as_deref().map(Line::parse).transpose()?,
                    severity: self.severity.as_deref().map(Severity::parse).transpose()?,
                    trigger: self.trigger.as_deref().map(Trigger::parse).transpose()?,
                    detected_by: self.detected_by.as_deref().map(DetectedBy::parse).transpose()?,
                    impact: Markdown::parse(&self.impact)?,
                },
                timeline: self.timeline.0,
                lessons: Markdown::parse(&self.lessons)?,
                action_items: self.action_items.0,
                patterns: all(&self.patterns, Slug::parse)?,
                facts: self.facts.0,
            })),
        })
    }
}

struct Identity {
    id: FailureId,
    slug: Slug,
    status: Status,
    revision: RevisionNumber,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    published_at: Option<DateTime<Utc>>,
}

impl Identity {
    fn with<T>(self, content: T) -> Entry<T> {
        Entry {
            id: self.id,
            slug: self.slug,
            status: self.status,
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
            published_at: self.published_at,
            content,
        }
    }
}

fn all<T>(
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, crate::domain::Invalid>,
) -> Result<Vec<T>, crate::domain::Invalid> {
    texts.iter().map(|text| parse(text)).collect()
}

fn moment(start: Option<DateTime<Utc>>, precision: Option<&str>) -> Result<Option<Moment>, crate::domain::Invalid> {
    match (start, precision) {
        (Some(start), Some(precision)) => Ok(Some(Moment::new(start, Precision::parse(precision)?))),
        _ => Ok(None),
    }
}
