//! Pseudonyms: one for each different secret, in the order in which they are met. Addresses keep their shape and come
//! from ranges that are set aside for documentation (RFC 5737, 2544, 3849, 7042, 2606), so that none is anybody's.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use regex::Regex;

use super::found::{Found, SecretKind, pattern, stands_alone};
use super::network;

/// Whatever looks like a pseudonym.
static LOOK_ALIKES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?-u)\[(?:(?:token|password|key|secret|session|address|hardware address)-|private key )[0-9]{1,7}\]",
        r"|user-[0-9]{1,7}@example\.com",
        r"|(?:192\.0\.2|198\.51\.100|203\.0\.113|198\.1[89]\.[0-9]{1,3})\.[0-9]{1,3}",
        r"|(?:192-0-2|198-51-100|203-0-113|198-1[89]-[0-9]{1,3})-[0-9]{1,3}",
        r"|2001:db8::[0-9a-f]{1,4}|00:00:5e:00:53:[0-9a-f]{2}",
    ))
});

/// Whether a text is a pseudonym, whole.
pub(super) fn is_pseudonym(text: &str) -> bool {
    LOOK_ALIKES.find(text).is_some_and(|found| found.range() == (0..text.len()))
}

/// The names given so far in one paste.
#[derive(Debug, Clone, Default)]
pub(super) struct Pseudonyms {
    given: HashMap<String, (SecretKind, String)>,
    /// How many numbers of each series are used up.
    used: HashMap<Series, u32>,
    /// What the paste has already that could be taken for a pseudonym.
    taken: HashSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Series {
    Of(SecretKind),
    Ipv6,
}

impl Pseudonyms {
    /// Pseudonyms for a text, none of which stands in it already.
    pub(super) fn beside(text: &str) -> Self {
        let taken = LOOK_ALIKES.find_iter(text).map(|found| found.as_str().replace('-', ".")).collect();
        Self { taken, ..Self::default() }
    }

    /// The pseudonym of a secret, given now if it has none.
    pub(super) fn name(&mut self, kind: SecretKind, secret: &str) -> String {
        let identity = identity(kind, secret);
        let name = match self.given.get(&identity) {
            Some((_, name)) => name.clone(),
            None => {
                let name = self.fresh(kind, &identity);
                self.given.insert(identity, (kind, name.clone()));
                name
            }
        };
        // `ip-10-0-1-23` is a host name made of an address.
        let is_dashed = kind == SecretKind::Address && secret.contains('-') && !name.starts_with('[');
        if is_dashed { name.replace('.', "-") } else { name }
    }

    fn fresh(&mut self, kind: SecretKind, identity: &str) -> String {
        let is_ipv6 = kind == SecretKind::Address && identity.contains(':');
        let series = if is_ipv6 { Series::Ipv6 } else { Series::Of(kind) };
        loop {
            let number = self.used.entry(series).or_default();
            *number += 1;
            let name = match kind {
                SecretKind::Address if is_ipv6 => ipv6(*number),
                SecretKind::Address => ipv4(*number),
                SecretKind::HardwareAddress => hardware_address(*number),
                SecretKind::Email => format!("user-{number}@example.com"),
                SecretKind::PrivateKey => format!("[private key {number}]"),
                SecretKind::Token
                | SecretKind::Password
                | SecretKind::Key
                | SecretKind::Secret
                | SecretKind::Session => format!("[{}-{number}]", kind.label()),
            };
            if !self.taken.contains(&name.replace('-', ".")) {
                return name;
            }
        }
    }

    /// The secrets named so far that stand in a short string.
    pub(super) fn known_in(&self, fragment: &str) -> Vec<Found> {
        let lengths: HashSet<usize> = self.given.keys().map(String::len).filter(|&length| length >= SHORTEST).collect();
        let mut found = Vec::new();
        for (start, _) in fragment.char_indices() {
            for &length in &lengths {
                let Some(piece) = fragment.get(start..start + length) else { continue };
                let Some((kind, _)) = self.given.get(piece) else { continue };
                let span = start..start + length;
                if stands_alone(fragment, &span) {
                    found.push(Found { span, kind: *kind });
                }
            }
        }
        found
    }
}

/// Secrets below this length are masked where they are found, not wherever the same letters stand.
const SHORTEST: usize = 4;

/// What two spellings of one secret have in common.
fn identity(kind: SecretKind, secret: &str) -> String {
    match kind {
        SecretKind::Address => {
            if let Some(address) = network::ipv6(secret) {
                address.to_string()
            } else {
                secret.replace('-', ".")
            }
        }
        SecretKind::HardwareAddress => secret.replace('-', ":").to_ascii_lowercase(),
        SecretKind::Email => secret.to_lowercase(),
        SecretKind::Token
        | SecretKind::Password
        | SecretKind::Key
        | SecretKind::PrivateKey
        | SecretKind::Secret
        | SecretKind::Session => secret.to_owned(),
    }
}

/// Three documentation networks of 254 hosts, then the range for benchmarks.
fn ipv4(number: u32) -> String {
    const NETWORKS: [[u8; 3]; 3] = [[192, 0, 2], [198, 51, 100], [203, 0, 113]];
    const HOSTS: u32 = 254;
    const BENCHMARKS: u32 = u32::from_be_bytes([198, 18, 0, 0]);
    let index = number - 1;
    let network = usize::try_from(index / HOSTS).ok().and_then(|network| NETWORKS.get(network));
    if let Some([a, b, c]) = network {
        return format!("{a}.{b}.{c}.{}", index % HOSTS + 1);
    }
    let offset = index - HOSTS * 3 + 1;
    if offset < 1 << 17 { Ipv4Addr::from(BENCHMARKS + offset).to_string() } else { format!("[address-{number}]") }
}

fn ipv6(number: u32) -> String {
    match u16::try_from(number) {
        Ok(host) => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host).to_string(),
        Err(_) => format!("[address-{}]", u64::from(number) + (1 << 17) + 1000),
    }
}

fn hardware_address(number: u32) -> String {
    match u8::try_from(number) {
        Ok(last) => format!("00:00:5e:00:53:{last:02x}"),
        Err(_) => format!("[hardware address-{number}]"),
    }
}
