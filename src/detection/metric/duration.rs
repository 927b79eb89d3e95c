//! Durations as Prometheus writes them: `30s`, `1d12h`, `250ms`.

const UNITS: [(&str, f64); 7] =
    [("y", 31_536_000e3), ("w", 604_800e3), ("d", 86_400e3), ("h", 3_600e3), ("m", 60e3), ("s", 1e3), ("ms", 1.0)];

/// In milliseconds; Go counts durations in nanoseconds, in 64 bits.
const LONGEST: f64 = 9.2e12;

/// The milliseconds of a duration: `0`, or whole numbers with units, each at most once and the longest first.
pub(super) fn milliseconds(text: &str) -> Option<f64> {
    if text == "0" {
        return Some(0.0);
    }
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut sum = 0.0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, after) = after.split_at(after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len()));
        let (_, length) = units.find(|(name, _)| *name == unit)?;
        sum += number.parse::<f64>().ok()? * length;
        rest = after;
    }
    (!text.is_empty() && sum < LONGEST).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn durations_are_those_of_prometheus() {
        for (text, expected) in [
            ("0", 0.0),
            ("0s", 0.0),
            ("5m", 3e5),
            ("1h30m", 54e5),
            ("300ms", 300.0),
            ("1y2w3d4h5m6s7ms", 33_019_506_007.0),
        ] {
            assert_eq!(milliseconds(text), Some(expected), "{text}");
        }
        for wrong in ["", "5", "m", "5m5m", "30s1h", "1.5h", "-5m", " 5m", "5 m", "5M", "300y", "99999999999999999999d"]
        {
            assert_eq!(milliseconds(wrong), None, "{wrong}");
        }
    }
}
