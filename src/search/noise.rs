//! What tells an incident from itself and from nothing else: timestamps, addresses, ids, digests, counters. In evidence
//! they drown what the words say.

/// Whether a word of evidence is passed over.
pub(super) fn is_noise(word: &str) -> bool {
    if !word.is_ascii() {
        return false;
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let hexadecimal = |b: u8| b.is_ascii_hexdigit();
    let is_date_part = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b':' | b'.' | b'T' | b'Z' | b'/');
    let groups = word.split(['-', ':', '.', '/']).count();
    let stamp = groups >= 3 && digits >= 4 && word.bytes().all(is_date_part);
    let address = word.bytes().all(|b| hexadecimal(b) || matches!(b, b':' | b'.' | b'/')) && groups >= 4;
    let digest = word.len() >= 8 && word.bytes().all(|b| hexadecimal(b) || b == b'-') && digits >= 2;
    let pointer = word.starts_with("0x");
    let long_number = digits >= 7 && word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    stamp || address || digest || pointer || long_number
}

/// A number, a single character, or letters and digits in a jumble such as the end of a pod's name: such a term tells
/// something only when the library knows it.
pub(super) fn looks_generated(term: &str) -> bool {
    let changes =
        term.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    term.chars().all(char::is_numeric) || term.chars().count() < 2 || (changes >= 2 && term.len() >= 5)
}

#[cfg(test)]
mod tests {
    use super::is_noise;

    #[test]
    fn what_only_this_incident_has_is_noise() {
        for noise in [
            "2020-02-01T14:30:59.123Z",
            "14:30:59.123",
            "2020-02-01",
            "10.0.0.1",
            "10.1.2.3:8080",
            "fe80::1:2:3",
            "123e4567-e89b-12d3-a456-426614174000",
            "7d9f8b6c54",
            "0x7ffe12",
            "1580567459",
        ] {
            assert!(is_noise(noise), "{noise} was kept");
        }
        for word in ["0/256", "/16", "v1.14", "i3en.large", "502", "65535", "ipv4", "k8s", "kube-dns", "2.5.1"] {
            assert!(!is_noise(word), "{word} was dropped");
        }
    }
}
