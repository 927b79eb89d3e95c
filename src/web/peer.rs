//! Where a request comes from: the address of whoever connected, or, where that is a proxy which the operator trusts, the
//! one that the proxy names. Limits are kept by it, and the list of sessions shows it.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;

use super::state::Settings;

/// A range of addresses: one (`192.0.2.7`) or a network (`10.0.0.0/8`, `2001:db8::/32`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    /// How many bits all its addresses have in common.
    length: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("found {text:?}; expected an address or a network such as 10.0.0.0/8");
        let (first, length) = match text.split_once('/') {
            Some((first, length)) => (first, Some(length.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let first = first.parse::<IpAddr>().map_err(|_| wrong())?.to_canonical();
        let whole = if first.is_ipv4() { 32 } else { 128 };
        let length = length.unwrap_or(whole);
        if length <= whole { Ok(Self { first, length }) } else { Err(wrong()) }
    }
}

impl Network {
    /// Whether the address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(four) => u128::from(four.to_bits()) << 96,
            IpAddr::V6(six) => six.to_bits(),
        };
        let address = address.to_canonical();
        let differ = bits(self.first) ^ bits(address);
        self.first.is_ipv4() == address.is_ipv4() && differ.leading_zeros() >= u32::from(self.length)
    }
}

/// The address that a request comes from; none only where there is no connection, as in tests of a page.
pub(super) fn address(settings: &Settings, request: &HttpRequest) -> Option<IpAddr> {
    let connected = request.peer_addr()?.ip().to_canonical();
    Some(behind(&settings.trusted_proxies, connected, request.headers()))
}

/// What counts as one address where requests are counted: a whole one of IPv4, and of IPv6 the network of 64 bits that a
/// single customer has at least.
pub(super) fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & (u128::MAX << 64)).into(),
        four @ IpAddr::V4(_) => four,
    }
}

/// The same as a name, for what is counted in the database.
pub(super) fn network(address: Option<IpAddr>) -> String {
    match address.map(counted) {
        Some(IpAddr::V4(four)) => four.to_string(),
        Some(IpAddr::V6(six)) => format!("{six}/64"),
        None => "nowhere".to_owned(),
    }
}

/// Each proxy adds whom it talks to at the end of `X-Forwarded-For`. What stands before the entry of the first proxy that
/// is not trusted may be made up by anybody.
fn behind(trusted: &[Network], connected: IpAddr, headers: &HeaderMap) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut nearest = connected;
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").map(|line| line.to_str().unwrap_or_default()).collect();
    for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !is_trusted(nearest) {
            break;
        }
        let Some(address) = entry_address(entry.trim()) else { break };
        nearest = address;
    }
    nearest
}

/// `192.0.2.7`, `192.0.2.7:4000`, `2001:db8::7`, `[2001:db8::7]:4000`.
fn entry_address(entry: &str) -> Option<IpAddr> {
    let whole = entry.parse::<IpAddr>().ok();
    let with_port = || entry.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    whole.or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{Network, behind, network};

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn from(trusted: &[&str], connected: &str, lines: &[&str]) -> String {
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().expect("a network")).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            let value = HeaderValue::from_bytes(line.as_bytes()).expect("a value");
            headers.append(HeaderName::from_static("x-forwarded-for"), value);
        }
        behind(&trusted, ip(connected), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_about_where_they_are_but_a_proxy_that_is_trusted() {
        assert_eq!(from(&[], "192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(from(&["10.0.0.0/8"], "192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(from(&["10.0.0.0/8"], "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(from(&["10.1.2.3"], "10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn the_last_entry_counts_since_the_others_may_be_made_up() {
        let made_up = ["203.0.113.9, 203.0.113.8", "198.51.100.1"];
        assert_eq!(from(&["10.0.0.0/8"], "10.1.2.3", &made_up), "198.51.100.1");
        assert_eq!(from(&["10.0.0.0/8"], "10.1.2.3", &["203.0.113.9, 198.51.100.1, 10.9.9.9"]), "198.51.100.1");
        for nonsense in ["", "unknown", "203.0.113.9, _hidden", "1.2.3", "\u{e9}"] {
            assert_eq!(from(&["10.0.0.0/8"], "10.1.2.3", &[nonsense]), "10.1.2.3", "{nonsense:?}");
        }
    }

    #[test]
    fn entries_come_with_ports_and_in_brackets() {
        for (entry, address) in [
            ("198.51.100.1:4711", "198.51.100.1"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
        ] {
            assert_eq!(from(&["::1"], "::1", &[entry]), address);
        }
    }

    #[test]
    fn a_network_holds_what_begins_alike() {
        let holds = |text: &str, address: &str| text.parse::<Network>().expect("a network").contains(ip(address));
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "192.0.2.7") && !holds("0.0.0.0/0", "2001:db8::7"));
        assert!(holds("2001:db8::/32", "2001:db8:1::7") && !holds("2001:db8::/32", "2001:db9::7"));
        assert!(holds("127.0.0.1", "::ffff:127.0.0.1"));
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "proxy.example", "10.0.0.0/", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn neighbours_in_one_ipv6_network_count_as_one() {
        assert_eq!(network(Some(ip("2001:db8:1:2:3:4:5:6"))), network(Some(ip("2001:db8:1:2::1"))));
        assert_ne!(network(Some(ip("2001:db8:1:2::1"))), network(Some(ip("2001:db8:1:3::1"))));
        assert_eq!(network(Some(ip("192.0.2.7"))), "192.0.2.7");
        assert_ne!(network(Some(ip("192.0.2.1"))), network(Some(ip("192.0.2.2"))));
        assert_eq!(network(Some(ip("::ffff:192.0.2.1"))), network(Some(ip("192.0.2.1"))));
    }
}
