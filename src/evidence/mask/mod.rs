//! Secrets in a paste, replaced by stable pseudonyms. Rules and search run over what was pasted; what is shown again,
//! stored, put into an address or handed to a new story is the masked text. The same secret has the same pseudonym
//! everywhere in one paste, and masking what is masked changes nothing.

mod found;
mod fields;
mod value;
mod headers;
mod keys;
mod network;
mod secret_objects;
mod pseudonym;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::ops::Range;

use regex::Regex;

pub use self::found::SecretKind;
pub(super) use self::found::pattern;
use self::found::{Found, settled};
use self::pseudonym::Pseudonyms;
pub(super) use self::value::first_chars;

/// A secret and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The bytes of the secret in the text as it was pasted.
    pub original: Range<usize>,
    /// The bytes of its pseudonym in the masked text.
    pub masked: Range<usize>,
    /// What sort of secret it is.
    pub kind: SecretKind,
}

/// A text with its secrets replaced.
#[derive(Debug, Clone)]
pub struct Masked {
    /// The text as it may be shown.
    pub text: String,
    /// What was replaced, in order, without overlap.
    pub replaced: Vec<Replaced>,
    pseudonyms: Pseudonyms,
}

/// Replacing a secret can make another out of its neighbours; nothing real does so more than once.
const MOST_ROUNDS: usize = 4;

/// Masks the secrets of a text: credentials, cookies, the data of Kubernetes Secrets, e-mail and network addresses.
/// What names nobody is left: loopback and unspecified addresses, documentation addresses, versions, digests, ids.
///
/// Takes time linear in the length of the text. The masked text is looked through again, so that masking it changes
/// nothing.
pub fn mask(text: &str) -> Masked {
    let mut found = find(text);
    for _ in 0..MOST_ROUNDS {
        let masked = replaced(text, &found);
        let again = find(&masked.text);
        if again.is_empty() {
            return masked;
        }
        let again = again.into_iter().map(|secret| Found { span: masked.original(&secret.span), ..secret });
        found = settled(found.into_iter().chain(again).collect());
    }
    replaced(text, &found)
}

fn replaced(text: &str, found: &[Found]) -> Masked {
    let pseudonyms = Pseudonyms::beside(text);
    let mut masked = Masked { text: String::with_capacity(text.len()), replaced: Vec::new(), pseudonyms };
    let mut from = 0;
    for secret in found {
        let pseudonym = masked.pseudonyms.name(secret.kind, &text[secret.span.clone()]);
        masked.text.push_str(&text[from..secret.span.start]);
        let start = masked.text.len();
        masked.text.push_str(&pseudonym);
        from = secret.span.end;
        let span = start..masked.text.len();
        masked.replaced.push(Replaced { original: secret.span.clone(), masked: span, kind: secret.kind });
    }
    masked.text.push_str(&text[from..]);
    masked
}

fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    keys::find(text, &mut found);
    headers::find(text, &mut found);
    fields::find(text, &mut found);
    secret_objects::find(text, &mut found);
    network::find(text, &mut found);
    let repeated = repeats(text, &found);
    found.extend(repeated);
    settled(found)
}

/// How many secrets are looked for where they stand a second time, without the key or header that gave them away.
const MOST_REPEATS: usize = 256;

/// Long secrets that stand elsewhere on their own: a password that a log line names again.
fn repeats(text: &str, found: &[Found]) -> Vec<Found> {
    let mut seen = HashSet::new();
    let known: Vec<(&str, SecretKind)> = found
        .iter()
        .map(|secret| (&text[secret.span.clone()], secret.kind))
        .filter(|(secret, kind)| kind.is_credential() && found::is_unmistakable(secret) && seen.insert(*secret))
        .take(MOST_REPEATS)
        .collect();
    if known.is_empty() {
        return Vec::new();
    }
    let alternatives: Vec<String> = known.iter().map(|(secret, _)| regex::escape(secret)).collect();
    let Ok(pattern) = Regex::new(&alternatives.join("|")) else { return Vec::new() };
    let kinds: std::collections::HashMap<&str, SecretKind> = known.into_iter().collect();
    pattern
        .find_iter(text)
        .filter(|met| found::stands_alone(text, &met.range()))
        .filter_map(|met| kinds.get(met.as_str()).map(|&kind| Found { span: met.range(), kind }))
        .collect()
}

impl Masked {
    /// The bytes of the masked text that stand for these bytes of the original. A range that cuts a secret is widened
    /// to the whole of its pseudonym.
    pub fn range(&self, original: Range<usize>) -> Range<usize> {
        let start = self.moved(original.start, Edge::Start, |replaced| (&replaced.original, &replaced.masked));
        let end = self.moved(original.end, Edge::End, |replaced| (&replaced.original, &replaced.masked));
        start..end.max(start)
    }

    /// The way back.
    fn original(&self, masked: &Range<usize>) -> Range<usize> {
        let start = self.moved(masked.start, Edge::Start, |replaced| (&replaced.masked, &replaced.original));
        start..self.moved(masked.end, Edge::End, |replaced| (&replaced.masked, &replaced.original))
    }

    fn moved(&self, at: usize, edge: Edge, sides: fn(&Replaced) -> (&Range<usize>, &Range<usize>)) -> usize {
        let before = self.replaced.partition_point(|replaced| sides(replaced).0.start < at);
        let Some(last) = before.checked_sub(1).and_then(|index| self.replaced.get(index)) else { return at };
        let (from, to) = sides(last);
        match edge {
            Edge::Start if at < from.end => to.start,
            Edge::End if at < from.end => to.end,
            Edge::Start | Edge::End => to.end + (at - from.end),
        }
    }

    /// A short string about this text, masked: its own secrets, and every secret of the text that it repeats.
    pub fn apply(&self, fragment: &str) -> String {
        let mut pseudonyms = self.pseudonyms.clone();
        let mut found = find(fragment);
        found.extend(pseudonyms.known_in(fragment));
        let mut masked = String::with_capacity(fragment.len());
        let mut from = 0;
        for secret in settled(found) {
            masked.push_str(&fragment[from..secret.span.start]);
            masked.push_str(&pseudonyms.name(secret.kind, &fragment[secret.span.clone()]));
            from = secret.span.end;
        }
        masked.push_str(&fragment[from..]);
        masked
    }

    /// How many different secrets were replaced, for people: `2 tokens, 1 password and 3 addresses`. Nothing where
    /// nothing was.
    pub fn tally(&self) -> Option<String> {
        let counts: Vec<String> = SecretKind::ALL
            .into_iter()
            .filter_map(|kind| {
                let spans = self.replaced.iter().filter(|replaced| replaced.kind == kind);
                let different: HashSet<&str> = spans.map(|replaced| &self.text[replaced.masked.clone()]).collect();
                match different.len() {
                    0 => None,
                    1 => Some(format!("1 {}", kind.label())),
                    several => Some(format!("{several} {}", kind.plural())),
                }
            })
            .collect();
        let (last, others) = counts.split_last()?;
        Some(if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) })
    }
}

#[derive(Clone, Copy)]
enum Edge {
    Start,
    End,
}
