//! A point in time that is known to the minute, the day, the month or the year, and says which.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};

use super::Invalid;

/// How exactly a moment is known. Unknown precision is never made up: a day stays a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// `2019`
    Year,
    /// `2019-02`
    Month,
    /// `2019-02-01`
    Day,
    /// `2019-02-01T14:30Z`
    Minute,
}

/// A moment in UTC with its precision. Its text form is the ISO 8601 prefix that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment {
    start: DateTime<Utc>,
    precision: Precision,
}

impl Moment {
    const EXPECTED: &'static str =
        "a date between 1970 and 2100: 2019, 2019-02, 2019-02-01, 2019-02-01T14:30Z or 2019-02-01T14:30+01:00";

    /// Parses an ISO 8601 prefix. A time without a zone is UTC; seconds are accepted and dropped.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let found = text.trim();
        let parsed = match found.len() {
            4 => day(&format!("{found}-01-01")).map(|start| (start, Precision::Year)),
            7 => day(&format!("{found}-01")).map(|start| (start, Precision::Month)),
            10 => day(found).map(|start| (start, Precision::Day)),
            _ => minute(found).map(|start| (start, Precision::Minute)),
        };
        parsed
            .filter(|(start, _)| (1970..=2100).contains(&start.year()))
            .map(|(start, precision)| Self { start, precision })
            .ok_or_else(|| Invalid::new(found, Self::EXPECTED))
    }

    /// A moment from its stored parts; `start` is cut down to the precision.
    pub fn new(start: DateTime<Utc>, precision: Precision) -> Self {
        let format = match precision {
            Precision::Year => "%Y",
            Precision::Month => "%Y-%m",
            Precision::Day => "%Y-%m-%d",
            Precision::Minute => "%Y-%m-%dT%H:%MZ",
        };
        Self::parse(&start.format(format).to_string()).unwrap_or(Self { start, precision })
    }

    /// The first instant of the moment: midnight of the day, the first of the month.
    pub fn start(self) -> DateTime<Utc> {
        self.start
    }

    /// The first instant after the moment.
    pub fn end(self) -> DateTime<Utc> {
        let start = self.start;
        let next_month = |months| start.checked_add_months(chrono::Months::new(months)).unwrap_or(start);
        match self.precision {
            Precision::Year => next_month(12),
            Precision::Month => next_month(1),
            Precision::Day => start + chrono::TimeDelta::days(1),
            Precision::Minute => start + chrono::TimeDelta::minutes(1),
        }
    }

    /// How exactly it is known.
    pub fn precision(self) -> Precision {
        self.precision
    }

    /// The calendar year, in UTC.
    pub fn year(self) -> i32 {
        self.start.year()
    }

    /// For people: `1 February 2019, 14:30 UTC`, `February 2019`, `2019`.
    pub fn for_people(self) -> String {
        let format = match self.precision {
            Precision::Year => "%Y",
            Precision::Month => "%B %Y",
            Precision::Day => "%-d %B %Y",
            Precision::Minute => "%-d %B %Y, %H:%M UTC",
        };
        self.start.format(format).to_string()
    }
}

fn day(text: &str) -> Option<DateTime<Utc>> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_time(chrono::NaiveTime::MIN).and_utc())
}

fn minute(text: &str) -> Option<DateTime<Utc>> {
    let text = text.replacen(' ', "T", 1).replace("UTC", "Z");
    // A second space may set the zone apart from the time: `2019-02-01 14:30 +01:00`.
    let text = match text.split_once(' ') {
        Some((time, zone)) if zone.starts_with(['+', '-', 'Z']) => format!("{time}{zone}"),
        Some(_) | None => text,
    };
    let with_zone = ["%Y-%m-%dT%H:%M%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"]
        .iter()
        .find_map(|format| DateTime::parse_from_str(&text.replace('Z', "+00:00"), format).ok())
        .map(|at| at.with_timezone(&Utc));
    let instant = with_zone.or_else(|| {
        ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(&text, format).ok())
            .map(|at| at.and_utc())
    })?;
    Utc.timestamp_opt(instant.timestamp().div_euclid(60) * 60, 0).single()
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let format = match self.precision {
            Precision::Year => "%Y",
            Precision::Month => "%Y-%m",
            Precision::Day => "%Y-%m-%d",
            Precision::Minute => "%Y-%m-%dT%H:%MZ",
        };
        write!(f, "{}", self.start.format(format))
    }
}

impl TryFrom<String> for Moment {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl Precision {
    /// The name that the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Minute => "minute",
        }
    }

    /// The precision of that name.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        [Self::Year, Self::Month, Self::Day, Self::Minute]
            .into_iter()
            .find(|precision| precision.as_str() == text)
            .ok_or_else(|| Invalid::new(text, "year, month, day or minute"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Moment, Precision};

    #[test]
    fn each_precision_is_read_and_written_as_it_was_known() {
        for text in ["2019", "2019-02", "2019-02-28", "2019-02-28T14:30Z"] {
            assert_eq!(Moment::parse(text).expect(text).to_string(), text);
        }
        assert_eq!(Moment::parse("2019-02-28 14:30:59+01:00").expect("fine").to_string(), "2019-02-28T13:30Z");
        assert_eq!(Moment::parse("2019-02").expect("fine").precision(), Precision::Month);
        assert_eq!(Moment::parse("2019-02").expect("fine").end().to_string(), "2019-03-01 00:00:00 UTC");
    }

    #[test]
    fn a_time_may_be_given_in_the_zone_of_whoever_writes() {
        for text in [
            "2026-01-05 14:03 +08:00",
            "2026-01-05T14:03+08:00",
            "2026-01-05 14:03+0800",
            "2026-01-05 06:03 UTC",
            "2026-01-05 06:03:59 Z",
            "2026-01-04 22:03 -08",
        ] {
            assert_eq!(Moment::parse(text).expect(text).to_string(), "2026-01-05T06:03Z", "{text}");
        }
        for bad in ["2026-01-05 14:03 CEST", "2026-01-05 14:03 +", "2026-01-05 14:03  ", "2026-01-05 14:03 +99:00"] {
            let read = Moment::parse(bad).map(|moment| moment.to_string());
            assert!(read.is_err() || bad.trim().len() == 16, "{bad} was read as {read:?}");
        }
    }

    #[test]
    fn impossible_dates_are_refused() {
        for bad in
            ["", "yesterday", "2019-02-30", "2019-13", "0000", "9999", "2019-02-01T25:00Z", "2019-2-1", "２０１９"]
        {
            assert!(Moment::parse(bad).is_err(), "{bad:?} was accepted");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused_and_what_is_parsed_round_trips(text in "[0-9TZ:+ -]{0,22}") {
            if let Ok(moment) = Moment::parse(&text) {
                prop_assert_eq!(Moment::parse(&moment.to_string()), Ok(moment));
                prop_assert_eq!(Moment::new(moment.start(), moment.precision()), moment);
            }
        }
    }
}
