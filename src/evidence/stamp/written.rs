//! Dates with times as logs write them, read at one place of a line. Only syntax: what is left out stays open.

use super::cursor::Cursor;

const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const WEEKDAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
const SECOND: i64 = 1_000_000_000;

/// A moment as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// Nanoseconds since 1970.
    Epoch(i64),
    /// A day, and nanoseconds since its beginning in UTC; negative where the zone lies east enough.
    Dated(Day, i64),
}

/// A day as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    Full {
        year: i32,
        month: u32,
        day: u32,
    },
    /// klog and syslog leave the year out.
    Yearless {
        month: u32,
        day: u32,
    },
    /// Java's shortest layouts give the time only.
    Unnamed,
}

/// Reads a date with a time, in any of the layouts.
pub(super) fn dated(cursor: &mut Cursor<'_>) -> Option<Written> {
    let start = *cursor;
    let read = match cursor.peek() {
        b'0'..=b'9' => match cursor.digits_ahead() {
            4 => year_first(cursor),
            8 => compact(cursor),
            1 | 2 => day_first(cursor),
            _ => None,
        },
        b'I' | b'W' | b'E' | b'F' | b'D' if cursor.ahead(1).is_ascii_digit() => klog(cursor),
        b'A'..=b'Z' => named(cursor),
        _ => None,
    };
    read.filter(|_| cursor.is_at_end_of_word()).or_else(|| {
        *cursor = start;
        None
    })
}

/// Reads what only stands at the beginning of lines, being less telling: epochs, `HHMMSS`, a time without a date.
pub(super) fn at_beginning(cursor: &mut Cursor<'_>) -> Option<Written> {
    let start = *cursor;
    let read = match cursor.digits_ahead() {
        2 => zoned(cursor, Day::Unnamed).filter(|_| cursor.at - start.at > "15:04:05".len() || cursor.peek() == b']'),
        6 => six_digits(cursor),
        10 | 13 | 16 | 19 => epoch(cursor),
        _ => None,
    };
    // A number alone on its line is a number.
    let ends = cursor.rest().len() > 1 && matches!(cursor.peek(), b' ' | b'\t' | b']' | b',' | b':' | b'|' | b')');
    read.filter(|_| ends).or_else(|| {
        *cursor = start;
        None
    })
}

/// Reads seconds, milliseconds, microseconds or nanoseconds since 1970, with or without a fraction.
pub(super) fn epoch(cursor: &mut Cursor<'_>) -> Option<Written> {
    let whole = i64::try_from(cursor.number(9..=19)?).ok()?;
    let unit = match whole {
        // Before 1973 nobody kept logs; such numbers are durations and counters.
        ..100_000_000 => return None,
        100_000_000..100_000_000_000 => SECOND,
        100_000_000_000..100_000_000_000_000 => 1_000_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000,
        100_000_000_000_000_000.. => 1,
    };
    let part = fraction(cursor, b".").unwrap_or(0) / (SECOND / unit);
    whole.checked_mul(unit)?.checked_add(part).map(Written::Epoch)
}

/// `2026-03-14T15:04:05`, `2026/03/14 15:04:05`, `2026.03.14 15:04:05`, `2026 Mar 14 15:04:05`.
fn year_first(cursor: &mut Cursor<'_>) -> Option<Written> {
    let year = year(cursor)?;
    let separator = cursor.one_of(b"-/. ")?;
    let month = if separator == b' ' { month_name(cursor)? } else { two(cursor)? };
    cursor.one_of(&[separator])?;
    let day = two(cursor)?;
    // Gin parts them with a dash.
    let gap = cursor.word(b" - ").or_else(|| cursor.one_of(b"T t\t_:").map(|_| ()));
    gap?;
    zoned(cursor, Day::Full { year, month, day })
}

/// `20260314T150405Z`, `20260314 15:04:05.678`, `20171223-22:15:29:606`.
fn compact(cursor: &mut Cursor<'_>) -> Option<Written> {
    let day = Day::Full { year: year_of(cursor.exactly(4)?)?, month: pair(cursor)?, day: pair(cursor)? };
    let separator = cursor.one_of(b"T -")?;
    if separator == b'T' && cursor.digits_ahead() == 6 {
        let time = checked_time(u64::from(pair(cursor)?), u64::from(pair(cursor)?), u64::from(pair(cursor)?))?;
        let time = time + fraction(cursor, b".,").unwrap_or(0);
        return Some(Written::Dated(day, time - zone(cursor)));
    }
    zoned(cursor, day)
}

/// `14/Mar/2026:15:04:05 +0000`, `14-Mar-2026 15:04:05`, `14 Mar 2026 15:04:05`, `03/14/2026 03:04:05 PM`,
/// `14.03.2026 15:04:05`, `17/06/09 20:10:40` (year first), `03-17 16:13:38.811`.
fn day_first(cursor: &mut Cursor<'_>) -> Option<Written> {
    let has_two_digits = cursor.digits_ahead() == 2;
    let first = two(cursor)?;
    let separator = cursor.one_of(b"/-. ")?;
    if let Some(month) = month_name(cursor) {
        return after_month_name(cursor, separator, first, month);
    }
    if separator == b' ' {
        return None;
    }
    let second = two(cursor)?;
    if separator == b'-' && cursor.peek() == b' ' {
        cursor.at += 1;
        let day = Day::Yearless { month: first, day: second };
        return zoned(cursor, day).filter(|_| has_two_digits);
    }
    cursor.one_of(&[separator])?;
    let day = match cursor.digits_ahead() {
        4 => {
            let year = year(cursor)?;
            // Day first where the separator or the number says so; month first as Windows in America writes it.
            if separator == b'/' && first <= 12 {
                Day::Full { year, month: first, day: second }
            } else {
                Day::Full { year, month: second, day: first }
            }
        }
        1 | 2 if separator == b'/' => {
            let third = two(cursor)?;
            if first > 12 {
                Day::Full { year: 2000 + first as i32, month: second, day: third }
            } else {
                Day::Full { year: 2000 + third as i32, month: first, day: second }
            }
        }
        _ => return None,
    };
    cursor.one_of(b",");
    cursor.blank()?;
    zoned(cursor, day)
}

fn after_month_name(cursor: &mut Cursor<'_>, separator: u8, day: u32, month: u32) -> Option<Written> {
    cursor.one_of(&[separator])?;
    if cursor.digits_ahead() != 4 {
        return zoned(cursor, Day::Yearless { month, day }).filter(|_| separator == b' ');
    }
    let year = year(cursor)?;
    cursor.one_of(b": ")?;
    // Erlang's reports: `14-Mar-2026::15:04:05`.
    cursor.one_of(b":");
    zoned(cursor, Day::Full { year, month, day })
}

/// `I0314 15:04:05.678901`, and with a year as newer glog has it.
fn klog(cursor: &mut Cursor<'_>) -> Option<Written> {
    cursor.at += 1;
    let day = match cursor.digits_ahead() {
        4 => Day::Yearless { month: pair(cursor)?, day: pair(cursor)? },
        8 => Day::Full { year: year_of(cursor.exactly(4)?)?, month: pair(cursor)?, day: pair(cursor)? },
        _ => return None,
    };
    cursor.one_of(b" ")?;
    zoned(cursor, day)
}

/// `Mar 14 15:04:05`, `Mar 14 2026 15:04:05`, `Mar 14, 2026 3:04:05 PM`, `Tue Mar 14 15:04:05.123 2026`,
/// `Tue, 14 Mar 2026 15:04:05 +0000`, `Tue 2026-03-14 15:04:05 UTC`.
fn named(cursor: &mut Cursor<'_>) -> Option<Written> {
    let is_weekday = WEEKDAYS.iter().any(|name| cursor.word(name).is_some());
    if is_weekday {
        cursor.one_of(b",");
        cursor.blank()?;
        match cursor.digits_ahead() {
            0 => {}
            4 => return year_first(cursor),
            _ => return day_first(cursor),
        }
    }
    let month = month_name(cursor)?;
    cursor.blank()?;
    let day = two(cursor)?;
    cursor.one_of(b",");
    cursor.blank()?;
    if cursor.digits_ahead() == 4 {
        let year = year(cursor)?;
        cursor.blank()?;
        return zoned(cursor, Day::Full { year, month, day });
    }
    let Written::Dated(yearless, time) = zoned(cursor, Day::Yearless { month, day })? else { return None };
    let year = if is_weekday { trailing_year(cursor) } else { None };
    Some(Written::Dated(year.map_or(yearless, |year| Day::Full { year, month, day }), time))
}

/// The year that ctime puts last, after the name of a zone perhaps.
fn trailing_year(cursor: &mut Cursor<'_>) -> Option<i32> {
    let mut ahead = *cursor;
    ahead.blank()?;
    while ahead.peek().is_ascii_uppercase() {
        ahead.at += 1;
    }
    ahead.blank();
    let year = year(&mut ahead)?;
    *cursor = ahead;
    Some(year)
}

/// `081109 203518` (Hadoop), `140314 15:04:05` (old MySQL).
fn six_digits(cursor: &mut Cursor<'_>) -> Option<Written> {
    let day = Day::Full { year: 2000 + pair(cursor)? as i32, month: pair(cursor)?, day: pair(cursor)? };
    cursor.blank()?;
    let time = if cursor.digits_ahead() == 6 {
        checked_time(u64::from(pair(cursor)?), u64::from(pair(cursor)?), u64::from(pair(cursor)?))?
    } else {
        time_of_day(cursor)?
    };
    Some(Written::Dated(day, time))
}

fn zoned(cursor: &mut Cursor<'_>, day: Day) -> Option<Written> {
    let time = time_of_day(cursor)?;
    Some(Written::Dated(day, time - zone(cursor)))
}

/// Nanoseconds since midnight, of `15:04:05` with or without a fraction and AM or PM.
fn time_of_day(cursor: &mut Cursor<'_>) -> Option<i64> {
    let mut hour = cursor.number(1..=2)?;
    cursor.one_of(b":")?;
    let minute = cursor.number(2..=2)?;
    cursor.one_of(b":")?;
    let second = cursor.number(2..=2)?;
    // WebSphere and some Android logs part the milliseconds with a colon.
    let fraction = fraction(cursor, b".,:").unwrap_or(0);
    let mut ahead = *cursor;
    ahead.one_of(b" ");
    if let Some(half) = ahead.one_of(b"AP").filter(|_| ahead.one_of(b"M").is_some() && ahead.is_at_end_of_word()) {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if half == b'P' { 12 } else { 0 };
        *cursor = ahead;
    }
    Some(checked_time(hour, minute, second)? + fraction)
}

fn checked_time(hour: u64, minute: u64, second: u64) -> Option<i64> {
    // 60 is a leap second.
    let is_time = hour < 24 && minute < 60 && second <= 60;
    is_time.then(|| i64::try_from((hour * 60 + minute) * 60 + second).unwrap_or(0) * SECOND)
}

/// The nanoseconds of a fraction of a second; digits past the ninth say nothing more.
fn fraction(cursor: &mut Cursor<'_>, separators: &[u8]) -> Option<i64> {
    let mut ahead = *cursor;
    ahead.one_of(separators)?;
    let mut digits = 0;
    let mut value = 0;
    while ahead.peek().is_ascii_digit() {
        if digits < 9 {
            value = value * 10 + i64::from(ahead.peek() - b'0');
            digits += 1;
        }
        ahead.at += 1;
    }
    if digits == 0 {
        return None;
    }
    *cursor = ahead;
    Some(value * 10_i64.pow(9 - digits))
}

/// How far a zone lies ahead of UTC, in nanoseconds. No zone, and any that has only a name, is UTC.
fn zone(cursor: &mut Cursor<'_>) -> i64 {
    if cursor.one_of(b"Zz").is_some() {
        return 0;
    }
    let mut ahead = *cursor;
    let is_apart = ahead.one_of(b" ").is_some();
    if is_apart && (ahead.word(b"UTC").is_some() || ahead.word(b"GMT").is_some()) && ahead.is_at_end_of_word() {
        *cursor = ahead;
        return 0;
    }
    match offset(&mut ahead) {
        Some((seconds, digits)) if digits == 4 || !is_apart => {
            *cursor = ahead;
            seconds * SECOND
        }
        _ => 0,
    }
}

fn offset(cursor: &mut Cursor<'_>) -> Option<(i64, usize)> {
    let sign = cursor.one_of(b"+-")?;
    let digits = cursor.digits_ahead();
    let hours = match digits {
        2 | 4 => i64::from(pair(cursor)?),
        _ => return None,
    };
    let has_colon = digits == 2 && cursor.peek() == b':' && cursor.ahead(1).is_ascii_digit();
    cursor.at += usize::from(has_colon);
    let minutes = if has_colon || digits == 4 { i64::from(pair(cursor)?) } else { 0 };
    if hours > 15 || minutes > 59 || !cursor.is_at_end_of_word() {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    Some((if sign == b'-' { -seconds } else { seconds }, if has_colon { 4 } else { digits }))
}

fn month_name(cursor: &mut Cursor<'_>) -> Option<u32> {
    let index = MONTHS.iter().position(|name| cursor.word(name).is_some())?;
    Some(index as u32 + 1)
}

fn year(cursor: &mut Cursor<'_>) -> Option<i32> {
    year_of(cursor.number(4..=4)?)
}

fn year_of(number: u64) -> Option<i32> {
    i32::try_from(number).ok().filter(|year| (1970..2262).contains(year))
}

/// A number of one or two digits.
fn two(cursor: &mut Cursor<'_>) -> Option<u32> {
    u32::try_from(cursor.number(1..=2)?).ok()
}

/// Two digits of a longer run.
fn pair(cursor: &mut Cursor<'_>) -> Option<u32> {
    u32::try_from(cursor.exactly(2)?).ok()
}
