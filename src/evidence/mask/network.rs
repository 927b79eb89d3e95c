//! Addresses that say who or where someone is: IPv4, IPv6, hardware and e-mail addresses. What everybody has is left
//! (loopback, unspecified, link-local IPv4, netmasks), and what only looks like an address: versions, times, paths.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::found::{Found, SecretKind, pattern};
use super::pseudonym::is_pseudonym;

pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    find_ipv4(text, found);
    find_colons(text, found);
    find_email(text, found);
}

static IPV4: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?-u)\bip-[0-9]{1,3}(?:-[0-9]{1,3}){3}|[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"));

fn find_ipv4(text: &str, found: &mut Vec<Found>) {
    for met in IPV4.find_iter(text) {
        let is_dashed = met.as_str().starts_with("ip-");
        let span = if is_dashed { met.start() + "ip-".len()..met.end() } else { met.range() };
        let Ok(address) = text[span.clone()].replace('-', ".").parse::<Ipv4Addr>() else { continue };
        if names_nobody(address) || is_private_network(address, &text[span.end..]) {
            continue;
        }
        let is_address = if is_dashed {
            !text[span.end..].starts_with(|c: char| c.is_alphanumeric())
        } else {
            !is_part_of_more(text, &span)
                && (address.is_private() || !is_version(text, &span))
                && !is_stated_version(text, span.start)
        };
        if is_address {
            found.push(Found { span, kind: SecretKind::Address });
        }
    }
}

/// Public resolvers, which everybody asks and every second story of DNS names.
const RESOLVERS: [[u8; 4]; 5] = [[1, 1, 1, 1], [1, 0, 0, 1], [8, 8, 8, 8], [8, 8, 4, 4], [9, 9, 9, 9]];

/// Addresses that every machine has, and those that are nobody's.
fn names_nobody(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    RESOLVERS.contains(&address.octets())
        || first == 0
        || first == 255
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || (first == 198 && (second == 18 || second == 19))
}

/// `10.0.0.0/8` and its like are facts about the world, not about someone's network.
fn is_private_network(address: Ipv4Addr, after: &str) -> bool {
    let prefix = match address.octets() {
        [10, 0, 0, 0] => "/8",
        [172, 16, 0, 0] => "/12",
        [192, 168, 0, 0] => "/16",
        [100, 64, 0, 0] => "/10",
        _ => return false,
    };
    after.strip_prefix(prefix).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether the four numbers are a piece of something longer: `1.2.3.4.5`, `v1.2.3.4`, `1.2.3.4rc1`.
fn is_part_of_more(text: &str, span: &Range<usize>) -> bool {
    let (before, after) = (&text.as_bytes()[..span.start], &text.as_bytes()[span.end..]);
    let digit_at = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let joins = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    joins(before.last())
        || (before.ends_with(b".") && digit_at(before.iter().nth_back(1)))
        || joins(after.first())
        || (after.starts_with(b".") && digit_at(after.get(1)))
}

/// Files and builds that a version is followed by.
const AFTER_VERSIONS: [&str; 14] = [
    ".jar", ".war", ".tar", ".tgz", ".zip", ".deb", ".rpm", ".whl", ".exe", ".dll", ".so", ".RELEASE", ".Final", ".el",
];

/// What a browser calls itself by, before a version of four numbers.
const BROWSERS: [&str; 12] = [
    "chrome",
    "chromium",
    "headlesschrome",
    "crios",
    "edg",
    "edga",
    "edgios",
    "opr",
    "safari",
    "yabrowser",
    "electron",
    "samsungbrowser",
];

/// Whether four numbers stand where a version would: after `Chrome/`, `nginx-` or an image, before `-gke` or `.jar`.
fn is_version(text: &str, span: &Range<usize>) -> bool {
    let before = last_chars(&text[..span.start], 80);
    let after = &text[span.end..];
    let is_built = after.strip_prefix(['-', '+']).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic()));
    if is_built || AFTER_VERSIONS.iter().any(|ending| after.starts_with(ending)) {
        return true;
    }
    if let Some(named) = before.strip_suffix(['-', '_']) {
        return named.ends_with(|c: char| c.is_alphabetic());
    }
    if let Some(product) = before.strip_suffix('/') {
        let word = product.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
        return BROWSERS.contains(&word.as_str());
    }
    let Some(image) = before.strip_suffix(':') else { return false };
    let image = image.rsplit(|c: char| c.is_whitespace() || "\"'=".contains(c)).next().unwrap_or_default();
    image.contains('/') && !image.contains("//")
}

/// Whether the words before say that a version follows: `version: "1.28.3.1"`.
fn is_stated_version(text: &str, start: usize) -> bool {
    let before = last_chars(&text[..start], 24).trim_end_matches(|c: char| c.is_whitespace() || ":=\"'(".contains(c));
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
    ["version", "ver", "release", "build", "revision", "appversion", "tag"].contains(&word.as_str())
}

/// At most the last `most` bytes, cut on a character boundary.
pub(super) fn last_chars(text: &str, most: usize) -> &str {
    let mut from = text.len().saturating_sub(most);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

static COLONS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?-u)[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{2,44}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}"));

fn find_colons(text: &str, found: &mut Vec<Found>) {
    for candidate in COLONS.find_iter(text) {
        let joins = |c: char| c.is_alphanumeric() || c == '_';
        if text[candidate.end()..].starts_with(joins) {
            continue;
        }
        let mut start = candidate.start();
        // `node:2001:470::1`: what begins within a word begins again after the next colon.
        while text[..start].ends_with(joins) || text[..start].ends_with("::") {
            let Some(colon) = text[start..candidate.end()].find(':') else { break };
            start += colon + 1;
        }
        let written = text[start..candidate.end()].trim_end_matches(':');
        let span = start..start + written.len();
        if is_hardware_address(written) && !text[..start].ends_with(['-', ':']) && !text[span.end..].starts_with('-') {
            found.push(Found { span, kind: SecretKind::HardwareAddress });
        } else if ipv6(written).is_some_and(is_someones) && !is_after_month(&text[..start]) {
            found.push(Found { span, kind: SecretKind::Address });
        }
    }
}

/// Whether a year follows, as Erlang writes it: `20-Mar-2017::18:40:01`.
fn is_after_month(before: &str) -> bool {
    let month = before.strip_suffix('-').and_then(|date| date.rsplit('-').next());
    month.is_some_and(|month| month.len() == 3 && month.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// Six pairs, all apart by the same sign; neither none nor all ones, nor set aside for documentation.
fn is_hardware_address(text: &str) -> bool {
    let has_shape = text.len() == 17
        && ['-', ':'].iter().any(|&sign| {
            text.split(sign).count() == 6
                && text.split(sign).all(|pair| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
        });
    let plain = text.replace('-', ":").to_ascii_lowercase();
    has_shape && plain != "00:00:00:00:00:00" && plain != "ff:ff:ff:ff:ff:ff" && !is_pseudonym(&plain)
}

/// An IPv6 address as text.
pub(super) fn ipv6(text: &str) -> Option<Ipv6Addr> {
    text.parse().ok()
}

/// Global, unique local and link-local addresses. What else parses is `::1`, a path in Rust or C++, or a time.
fn is_someones(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_documentation = first == 0x2001 && second == 0xdb8;
    let is_global = first & 0xe000 == 0x2000;
    (is_global && !is_documentation) || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
}

/// Last labels of names that are files, units and such, not hosts.
const NOT_DOMAINS: [&str; 22] = [
    "service", "socket", "timer", "mount", "slice", "scope", "target", "device", "path", "swap", "png", "jpg", "svg",
    "js", "ts", "css", "json", "yaml", "yml", "go", "py", "rb",
];

fn find_email(text: &str, found: &mut Vec<Found>) {
    let mut from = 0;
    for (at, _) in text.match_indices('@') {
        if !text[..at].ends_with(is_local) || !text[at + 1..].starts_with(|c: char| c.is_ascii_alphanumeric()) {
            continue;
        }
        let local = last_chars(&text[from..at], 64);
        let local = &local[local.rfind(|c| !is_local(c)).map_or(0, |end| end + char_len(local, end))..];
        let local = local.trim_start_matches(['.', '-', '%', '+']);
        let Some(domain) = domain(&text[at + 1..]) else { continue };
        let start = at - local.len();
        let address = &text[start..at + 1 + domain.len()];
        if local.is_empty() || local == "git" || text[..start].ends_with("://") || is_pseudonym(address) {
            continue;
        }
        from = at + 1 + domain.len();
        found.push(Found { span: start..from, kind: SecretKind::Email });
    }
}

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || "._%+-".contains(c)
}

fn char_len(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The host name with at least two labels that a text begins with; `rabbit@rabbitmq-0.svc.cluster.local` is a node.
fn domain(text: &str) -> Option<&str> {
    let mut most = text.len().min(253);
    while !text.is_char_boundary(most) {
        most -= 1;
    }
    let text = &text[..most];
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.').unwrap_or(most);
    let name = text[..end].split("..").next().unwrap_or_default().trim_end_matches(['.', '-']);
    let (host, last) = name.rsplit_once('.')?;
    let is_last = last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_host = host.starts_with(|c: char| c.is_ascii_alphanumeric());
    let is_in_cluster = name.ends_with(".cluster.local");
    (is_last && is_host && !is_in_cluster && !NOT_DOMAINS.contains(&last.to_ascii_lowercase().as_str())).then_some(name)
}
