//! Which moment a stamp means that leaves its year or its day out.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};

use super::written::{Day, Written};

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;
const UNIX_EPOCH_FROM_CE: i32 = 719_163;

/// Knows when it is, and the last stamp that was settled.
///
/// The first stamp without a year lies in the year in which it is nearest to now, at most a week ahead: clocks differ.
/// Those after it lie nearest to the stamp before them, so that New Year's Eve parts no log, whatever the day is on
/// which it is read.
#[derive(Debug, Clone)]
pub struct Calendar {
    now: DateTime<Utc>,
    last: Option<i64>,
}

impl Calendar {
    /// A calendar at this moment.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { now, last: None }
    }

    /// Nanoseconds since 1970; nothing where the date does not exist.
    pub(super) fn settle(&mut self, written: Written) -> Option<i64> {
        let settled = match written {
            Written::Epoch(nanoseconds) => Some(nanoseconds),
            Written::Dated(Day::Full { year, month, day }, time) => midnight(year, month, day)?.checked_add(time),
            Written::Dated(Day::Yearless { month, day }, time) => self.in_some_year(month, day, time),
            Written::Dated(Day::Unnamed, time) => self.on_some_day(time),
        }?;
        self.last = Some(settled);
        Some(settled)
    }

    fn in_some_year(&self, month: u32, day: u32, time: i64) -> Option<i64> {
        let at = |year| midnight(year, month, day)?.checked_add(time);
        if let Some(last) = self.last {
            let year = DateTime::from_timestamp_nanos(last).year();
            let near = (year - 1..=year + 1).filter_map(at).min_by_key(|moment| moment.abs_diff(last));
            if near.is_some() {
                return near;
            }
        }
        let latest = self.now + Duration::days(7);
        // 29 February may be eight years back.
        (0..=8).filter_map(|back| at(latest.year() - back)).find(|moment| *moment <= nanoseconds(latest))
    }

    fn on_some_day(&self, time: i64) -> Option<i64> {
        let today = |moment: i64| moment.div_euclid(DAY).checked_mul(DAY)?.checked_add(time);
        let Some(last) = self.last else { return today(nanoseconds(self.now)) };
        [-DAY, 0, DAY]
            .into_iter()
            .filter_map(|by| today(last)?.checked_add(by))
            .min_by_key(|moment| moment.abs_diff(last))
    }
}

fn midnight(year: i32, month: u32, day: u32) -> Option<i64> {
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    i64::from(date.num_days_from_ce() - UNIX_EPOCH_FROM_CE).checked_mul(DAY)
}

fn nanoseconds(moment: DateTime<Utc>) -> i64 {
    moment.timestamp_nanos_opt().unwrap_or(i64::MAX)
}
