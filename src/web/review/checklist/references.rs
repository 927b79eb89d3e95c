//! Whether the addresses of references are such that a reader can follow them: by their form, nothing is fetched.

use std::net::IpAddr;

use super::{Item, Place, Standing};
use crate::domain::WebAddress;
use crate::domain::input::ReferenceInput;

/// Services whose addresses say nothing of where they lead, and end when the service does.
const SHORTENERS: [&str; 20] = [
    "bit.ly",
    "t.co",
    "goo.gl",
    "tinyurl.com",
    "ow.ly",
    "is.gd",
    "v.gd",
    "buff.ly",
    "lnkd.in",
    "rebrand.ly",
    "cutt.ly",
    "t.ly",
    "tiny.cc",
    "shorturl.at",
    "dlvr.it",
    "fb.me",
    "rb.gy",
    "bl.ink",
    "s.id",
    "trib.al",
];

/// Endings of names that only some network knows.
const PRIVATE_ENDINGS: [&str; 8] =
    [".localhost", ".local", ".internal", ".lan", ".corp", ".home", ".intranet", ".test"];

pub(super) fn item(references: &[ReferenceInput]) -> Item {
    const TITLE: &str = "References can be followed";
    let wrong: Vec<(Standing, Place)> = references.iter().enumerate().flat_map(|(row, one)| places(row, one)).collect();
    let standing = wrong.iter().map(|(standing, _)| *standing).max().unwrap_or(Standing::Met);
    let places: Vec<Place> = wrong.into_iter().map(|(_, place)| place).collect();
    match (references.len(), standing) {
        (0, _) => Item {
            standing: Standing::Look,
            title: TITLE,
            words: "There is none: where is it known from?".to_owned(),
            places: Vec::new(),
        },
        (1, Standing::Met) => Item::met(TITLE, "It is well formed."),
        (_, Standing::Met) => Item::met(TITLE, "All are well formed."),
        (_, Standing::Look | Standing::Missing) => Item { standing, title: TITLE, words: String::new(), places },
    }
}

fn places(row: usize, reference: &ReferenceInput) -> Vec<(Standing, Place)> {
    let addresses = [&reference.url, &reference.archived].into_iter().filter(|address| !address.trim().is_empty());
    let found = addresses.filter_map(|address| Some((address, complaint(address)?)));
    found
        .map(|(address, (standing, words))| {
            let label = format!("Reference {}", row + 1);
            let address: String = address.chars().take(80).collect();
            (standing, Place { href: "#field-references".to_owned(), label, words: format!("{address}: {words}") })
        })
        .collect()
}

/// What is wrong with an address.
fn complaint(address: &str) -> Option<(Standing, &'static str)> {
    if WebAddress::parse(address).is_err() {
        return Some((Standing::Missing, "is no web address"));
    }
    let (scheme, rest) = address.trim().split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host(authority).to_lowercase();
    if is_private(&host) {
        return Some((Standing::Missing, "leads into somebody's own network"));
    }
    if SHORTENERS.contains(&host.strip_prefix("www.").unwrap_or(&host)) {
        return Some((Standing::Look, "does not say where it leads; put the address that it leads to"));
    }
    (!scheme.eq_ignore_ascii_case("https")).then_some((Standing::Look, "is not encrypted; https may work too"))
}

/// The host without a port.
fn host(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_private(host: &str) -> bool {
    match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => {
            address.is_loopback() || address.is_private() || address.is_link_local() || address.is_unspecified()
        }
        Ok(IpAddr::V6(address)) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
        Err(_) => {
            let name = host.trim_end_matches('.');
            // Without a dot it is a name of some network, or a number that browsers take for an address.
            !name.contains('.') || PRIVATE_ENDINGS.iter().any(|ending| name.ends_with(ending))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Standing, complaint};

    #[test]
    fn an_address_that_everybody_can_follow_is_right() {
        for right in ["https://example.com/a?b=c#d", "https://203.0.113.7/", "https://[2001:db8::1]:8443/x"] {
            assert_eq!(complaint(right), None, "{right}");
        }
    }

    #[test]
    fn what_leads_home_or_says_nothing_is_told() {
        let told = |address| complaint(address).map(|(standing, _)| standing);
        for home in [
            "http://localhost:8080/",
            "https://wiki/postmortem",
            "https://10.1.2.3/",
            "https://[::1]/",
            "https://[fd00::1]/x",
            "https://2130706433/",
            "https://grafana.corp/d/1",
            "https://[::ffff:192.168.0.1]/",
        ] {
            assert_eq!(told(home), Some(Standing::Missing), "{home}");
        }
        assert_eq!(told("https://bit.ly/abc"), Some(Standing::Look));
        assert_eq!(told("http://example.com"), Some(Standing::Look));
        assert_eq!(told("ftp://example.com"), Some(Standing::Missing));
    }
}
