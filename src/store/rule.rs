//! The rules of everything published, with their examples: for reviews and exports, which read all of them.

use sqlx::types::Json;
use uuid::Uuid;

use super::{Connection, StoreError};
use crate::domain::{FailureAddress, FailureId, FailureKind, Invalid, Rule, Slug};

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
                  ARRAY(SELECT p.slug
                        FROM revision_pattern rp
                        JOIN failure p ON p.id = rp.pattern_id
                        WHERE rp.failure_id = r.failure_id AND rp.number = r.number
                        ORDER BY rp.position) AS "patterns!"
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
