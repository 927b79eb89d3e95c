//! The rules of everything published, with their examples: for reviews and exports, which read all of them.

use sqlx::types::Json;
use uuid::Uuid;

use super::record::records;
use super::row::select_records;
use super::{Connection, StoreError};
use crate::domain::{FailureAddress, FailureId, FailureKind, Invalid, Line, Record, Rule, RuleKind, Slug, Title};

/// A published record that has rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruled {
    /// The record.
    pub id: FailureId,
    /// Its present address.
    pub address: FailureAddress,
    /// The slugs that it had before.
    pub former: Vec<Slug>,
    /// The patterns that it is an instance of, of a story.
    pub patterns: Vec<Slug>,
    /// Its rules, at least one.
    pub rules: Vec<Rule>,
}

/// A page of the published records that have rules, by id after `after`.
pub async fn with_examples(
    connection: &mut Connection,
    after: Option<FailureId>,
    limit: i64,
) -> Result<Vec<Ruled>, StoreError> {
    let rows = sqlx::query_as!(
        RuledRow,
        r#"SELECT f.id, f.kind, f.slug, r.rules AS "rules: _",
                  ARRAY(SELECT a.slug
                        FROM address a
                        WHERE a.failure_id = f.id AND a.slug <> f.slug
                        ORDER BY a.slug) AS "former!",
                  ARRAY(SELECT kept.slug
                        FROM revision_pattern rp
                        JOIN failure p ON p.id = rp.pattern_id
                        JOIN failure kept ON kept.id = CASE WHEN p.merged_into IS NULL THEN p.id ELSE kept_record(p.id) END
                        WHERE rp.failure_id = r.failure_id AND rp.number = r.number AND kept.status = 'published'
                        GROUP BY kept.slug
                        ORDER BY min(rp.position)) AS "patterns!"
           FROM failure f
           JOIN revision r ON r.failure_id = f.id AND r.number = f.latest_revision
           WHERE f.status = 'published' AND r.rules <> '[]' AND f.id > $1
           ORDER BY f.id
           LIMIT $2"#,
        after.map_or(Uuid::nil(), |id| id.0),
        limit
    )
    .fetch_all(connection)
    .await?;
    let ruled = |row: RuledRow| {
        let what = format!("the rules of {} {}", row.kind, row.id);
        Ruled::try_from(row).map_err(|invalid| StoreError::inconsistent(what, invalid))
    };
    rows.into_iter().map(ruled).collect()
}

/// A page of the published records that have rules, whole, by id after `after`: for files that say what a rule is about.
pub async fn published_after(
    connection: &mut Connection,
    after: Option<FailureId>,
    limit: i64,
) -> Result<Vec<Record>, StoreError> {
    records(
        select_records!(
            "r.number = f.latest_revision AND f.status = 'published' AND r.rules <> '[]' AND f.id > $1
             ORDER BY f.id
             LIMIT $2",
            after.map_or(Uuid::nil(), |id| id.0),
            limit
        )
        .fetch_all(connection)
        .await?,
    )
}

/// A rule in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Whose it is.
    pub address: FailureAddress,
    /// What that is called.
    pub title: Title,
    /// Which of its rules, from 1.
    pub number: usize,
    /// Its language.
    pub kind: RuleKind,
    /// What it recognises.
    pub name: Line,
}

/// How many rules are published, by language; a language without any is not in the answer.
pub async fn counts(connection: &mut Connection) -> Result<Vec<(RuleKind, u64)>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT rule ->> 'kind' AS "kind!", count(*) AS "count!"
           FROM failure f
           JOIN revision r ON r.failure_id = f.id AND r.number = f.latest_revision
           CROSS JOIN jsonb_array_elements(r.rules) AS rule
           WHERE f.status = 'published'
           GROUP BY 1"#
    )
    .fetch_all(connection)
    .await?;
    let counted = |kind: &str, count: i64| RuleKind::parse(kind).map(|kind| (kind, count.unsigned_abs()));
    rows.into_iter()
        .map(|row| counted(&row.kind, row.count))
        .collect::<Result<_, Invalid>>()
        .map_err(|invalid| StoreError::inconsistent("the rules of all records".to_owned(), invalid))
}

/// A page of all published rules, of one language or of all, by language and title.
pub async fn list(
    connection: &mut Connection,
    kind: Option<RuleKind>,
    offset: i64,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    let rows = sqlx::query_as!(
        ListedRow,
        r#"SELECT f.kind AS of, f.slug, r.title, place AS "number!", rule ->> 'kind' AS "kind!", rule ->> 'name' AS "name!"
           FROM failure f
           JOIN revision r ON r.failure_id = f.id AND r.number = f.latest_revision
           CROSS JOIN jsonb_array_elements(r.rules) WITH ORDINALITY AS listed (rule, place)
           WHERE f.status = 'published' AND ($1::text IS NULL OR rule ->> 'kind' = $1)
           ORDER BY rule ->> 'kind', r.title, f.id, place
           LIMIT $2 OFFSET $3"#,
        kind.map(|kind| kind.as_str()),
        limit,
        offset
    )
    .fetch_all(connection)
    .await?;
    let listed = |row: ListedRow| {
        let what = format!("rule {} of {} {}", row.number, row.of, row.slug);
        Listed::try_from(row).map_err(|invalid| StoreError::inconsistent(what, invalid))
    };
    rows.into_iter().map(listed).collect()
}

struct ListedRow {
    of: String,
    slug: String,
    title: String,
    number: i64,
    kind: String,
    name: String,
}

impl TryFrom<ListedRow> for Listed {
    type Error = Invalid;

    fn try_from(row: ListedRow) -> Result<Self, Invalid> {
        Ok(Self {
            address: FailureAddress { kind: FailureKind::parse(&row.of)?, slug: Slug::parse(&row.slug)? },
            title: Title::parse(&row.title)?,
            number: usize::try_from(row.number).unwrap_or_default(),
            kind: RuleKind::parse(&row.kind)?,
            name: Line::parse(&row.name)?,
        })
    }
}

struct RuledRow {
    id: Uuid,
    kind: String,
    slug: String,
    rules: Json<Vec<Rule>>,
    former: Vec<String>,
    patterns: Vec<String>,
}

impl TryFrom<RuledRow> for Ruled {
    type Error = Invalid;

    fn try_from(row: RuledRow) -> Result<Self, Invalid> {
        let slugs = |texts: &[String]| texts.iter().map(|text| Slug::parse(text)).collect::<Result<_, _>>();
        Ok(Self {
            id: FailureId(row.id),
            address: FailureAddress { kind: FailureKind::parse(&row.kind)?, slug: Slug::parse(&row.slug)? },
            former: slugs(&row.former)?,
            patterns: slugs(&row.patterns)?,
            rules: row.rules.0,
        })
    }
}
