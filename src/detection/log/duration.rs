//! Spans of time as Go writes them: `5m`, `1h30m`, `-1.5s`. There is no unit for days, and 0 alone needs none.

/// Reads one, in nanoseconds. The error says what was expected.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let refused =
        || format!("found the duration `{}`; expected one such as 30s, 5m or 1h30m", super::words::shortened(text));
    let (is_negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        Some(_) | None => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(refused());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(number_end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        total += nanoseconds(number, unit).ok_or_else(refused)?;
        if total > i128::from(i64::MAX) {
            return Err(refused());
        }
        rest = after;
    }
    let total = i64::try_from(total).map_err(|_| refused())?;
    Ok(if is_negative { -total } else { total })
}

fn nanoseconds(number: &str, unit: &str) -> Option<i128> {
    let unit: i128 = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || whole.len() > 19 || fraction.contains('.') {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction = &fraction[..fraction.len().min(15)];
    let part: i128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    Some(whole * unit + part * unit / scale)
}

/// Writes one as people do: `90s` is `1m30s`.
pub(super) fn written(nanoseconds: i64) -> String {
    const UNITS: [(&str, u64); 6] = [
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("µs", 1_000),
        ("ns", 1),
    ];
    let mut rest = nanoseconds.unsigned_abs();
    let mut text = String::new();
    if nanoseconds < 0 {
        text.push('-');
    }
    for (name, unit) in UNITS {
        if rest >= unit {
            text.push_str(&format!("{}{name}", rest / unit));
            rest %= unit;
        }
    }
    if nanoseconds == 0 { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for (text, expected) in [
            ("5m", 300_000_000_000),
            ("300s", 300_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("1.5s", 1_500_000_000),
            (".5s", 500_000_000),
            ("-2s", -2_000_000_000),
            ("+2ms", 2_000_000),
            ("7us", 7_000),
            ("7µs", 7_000),
            ("9ns", 9),
            ("0", 0),
            ("-0", 0),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn days_bare_numbers_and_what_is_too_long_are_refused() {
        for text in ["", "-", "5", "1d", "5 m", "m", ".s", "1..2s", "5M", "99999999h", "1e3s", "é"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_written_as_people_do() {
        assert_eq!(written(300_000_000_000), "5m");
        assert_eq!(written(90_500_000_000), "1m30s500ms");
        assert_eq!(written(-1_000_000_000), "-1s");
        assert_eq!(written(0), "0s");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_duration_or_refused(text in r"[-+]?[0-9.]{0,25}[nuµmsh]{0,3}\PC{0,4}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_written_reads_back(nanoseconds in -10_000_000_000_000_i64..10_000_000_000_000) {
            proptest::prop_assert_eq!(parse(&written(nanoseconds)), Ok(nanoseconds));
        }
    }
}
