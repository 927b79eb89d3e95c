//! A chat log, pasted above the timeline, made into rows of it.

use chrono::NaiveDate;

use super::State;
use crate::domain::input::{FieldError, TimelineInput};
use crate::domain::{Invalid, Moment, Precision};
use crate::evidence::chat::{self, Assumed, Row, Unread};
use crate::evidence::mask::mask;
use crate::web::error::PageError;
use crate::web::form::Filled;
use crate::web::lanes::Lanes;

/// What came of a log.
#[derive(Debug, Clone, Default)]
pub struct ChatAnswer {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// Why nothing was read.
    pub note: Option<String>,
    /// The people who speak in it; the rows call each of them an engineer.
    pub people: Vec<String>,
    /// What was masked.
    pub masked: Option<String>,
    /// The lines that could not be read.
    pub unread: Vec<Unread>,
    /// Whether the rows know on which day they are.
    pub day: DayKnown,
}

/// Whether there was a day to assume.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DayKnown {
    #[default]
    Yes,
    No,
}

impl ChatAnswer {
    fn of(log: &str, assumed: Assumed) -> Self {
        let masked = mask(&log.replace("\r\n", "\n").replace('\r', "\n"));
        let log = chat::read(&masked.text);
        Self {
            rows: log.rows(assumed),
            note: None,
            people: log.people().into_iter().map(str::to_owned).collect(),
            masked: masked.tally(),
            day: if assumed.day.is_some() { DayKnown::Yes } else { DayKnown::No },
            unread: log.unread,
        }
    }

    /// For fields that are not right.
    pub fn refused(errors: &[FieldError]) -> Self {
        let words: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
        Self { note: Some(words.join(" ")), ..Self::default() }
    }

    /// `12 messages became rows`, or that there was none.
    pub fn told(&self) -> String {
        match self.rows.len() {
            0 => "No message could be read.".to_owned(),
            1 => "1 message became a row of the timeline.".to_owned(),
            count => format!("{count} messages became rows of the timeline."),
        }
    }

    /// Whether some rows have a time without a day.
    pub fn lacks_day(&self) -> bool {
        self.day == DayKnown::No && self.rows.iter().any(|row| row.at.ends_with("UTC"))
    }

    /// The lines that are left, as text.
    pub fn left(&self) -> String {
        self.unread.iter().map(|line| format!("{}\n", line.text)).collect()
    }
}

/// Reads the log of a form into its timeline, when it is its turn. What could not be read stays where it was pasted.
pub async fn read(state: &State, filled: &mut Filled) -> Result<Result<ChatAnswer, Vec<FieldError>>, PageError> {
    let assumed = match assumed(filled) {
        Ok(assumed) => assumed,
        Err(errors) => return Ok(Err(errors)),
    };
    if filled.pasted.chat.trim().is_empty() {
        let note = Some("There is no chat log yet: paste one first.".to_owned());
        return Ok(Ok(ChatAnswer { note, ..ChatAnswer::default() }));
    }
    let log = filled.pasted.chat.clone();
    let lane = if log.len() >= Lanes::LONG { &state.lanes.long_matches } else { &state.lanes.matches };
    let answer = lane.run(move || ChatAnswer::of(&log, assumed)).await?;
    let row = |row: &Row| TimelineInput { at: row.at.clone(), text: row.text.clone(), ..TimelineInput::default() };
    filled.input.timeline.extend(answer.rows.iter().map(row));
    filled.pasted.chat = answer.left();
    Ok(Ok(answer))
}

/// The day and the zone to assume: as given, else the day on which the incident began, and UTC.
fn assumed(filled: &Filled) -> Result<Assumed, Vec<FieldError>> {
    let pasted = &filled.pasted;
    let wrong = |field: &str, found: &str, expected| FieldError {
        field: field.to_owned(),
        message: Invalid::new(found.trim(), expected).to_string(),
    };
    let zone = chat::zone(&pasted.chat_zone)
        .ok_or_else(|| wrong("chat_zone", &pasted.chat_zone, "UTC, or how far from it: +08:00, -05:00"));
    let given = pasted.chat_day.trim();
    let day = if given.is_empty() {
        Ok(None)
    } else {
        NaiveDate::parse_from_str(given, "%Y-%m-%d")
            .map(Some)
            .map_err(|_| wrong("chat_day", given, "a day such as 2026-01-05"))
    };
    match (zone, day) {
        (Ok(zone), Ok(day)) => {
            let begun = Moment::parse(&filled.input.started_at).ok();
            let begun = begun.filter(|moment| matches!(moment.precision(), Precision::Minute | Precision::Day));
            // A day is the same in every zone; a minute may be of another day there.
            let of_start = begun.map(|moment| match moment.precision() {
                Precision::Minute => moment.start().with_timezone(&zone).date_naive(),
                Precision::Day | Precision::Month | Precision::Year => moment.start().date_naive(),
            });
            Ok(Assumed { day: day.or(of_start), zone })
        }
        (zone, day) => Err([zone.err(), day.err()].into_iter().flatten().collect()),
    }
}
