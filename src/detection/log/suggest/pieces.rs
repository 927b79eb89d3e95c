//! A message cut into what it will say again and what it will not.

use std::sync::LazyLock;

use regex::Regex;

/// How much of a message a condition asks for: its first words tell it apart, the rest makes it brittle.
const MOST_WORDS: usize = 14;
const LONGEST: usize = 180;

/// Letters without which a line says nothing.
const FEWEST_LETTERS: usize = 6;

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// What stays.
    Word(String),
    /// Punctuation and single spaces between, which stay too.
    Gap(String),
    /// What does not: the expression that stands for it.
    Noise(&'static str),
}

/// What a rule looks for in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pieces: Vec<Piece>,
}

/// The shapes of what is noise, each with what stands for it; the first that fits is taken.
static SHAPES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    const WRITTEN: &[(&str, &str)] = &[
        ("\x1b\\[[0-9;]*m", r".*"),
        (r"\[(?:token|password|key|secret|session|address|hardware address|private key)[- ]\d{1,7}\]", r"\S+"),
        (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", r"\S+@\S+"),
        (r"\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?:Z|\s?[+-]\d\d:?\d\d)?", r"\d[\dTZ:., +/-]*"),
        (r"\d{1,2}:\d\d:\d\d(?:[.,]\d+)?", r"[\d:.,]+"),
        (r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", r"[0-9a-fA-F-]{36}"),
        (r"(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5}|/\d{1,2})?", r"[\d.:/]+"),
        (r"ip-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}", r"ip-[\d-]+"),
        (r"(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{1,4}", r"[0-9a-fA-F:]+"),
        (r"0x[0-9a-fA-F]+", r"0x[0-9a-fA-F]+"),
        (r"[0-9a-fA-F]{7,}", r"[0-9a-fA-F]+"),
        (r"\d+", r"\d+"),
        (r"\d+(?:[.,]\d+)+", r"[\d.,]+"),
        (r"\d+(?:\.\d+)?(?:[a-zµμ]{1,2}|[KMGTkmgt]i?[Bb]?)(?:\d+(?:\.\d+)?[a-zµμ]{1,2})*", r"\d[\w.µμ]*"),
    ];
    WRITTEN.iter().filter_map(|(shape, stands)| Some((Regex::new(&format!("^(?:{shape})")).ok()?, *stands))).collect()
});

/// What `kubectl` shows behind the name of a Deployment; the alphabet has no vowels.
static POD_HASH: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("^[bcdfghjklmnpqrstvwxz2456789]{5,10}$").ok());

/// The words behind which a number is a code that means something.
const CODES: &[&str] = &[
    "code",
    "status",
    "errno",
    "exit",
    "exitcode",
    "error",
    "err",
    "signal",
    "http",
    "sqlstate",
    "statuscode",
    "rc",
    "status_code",
    "exit_code",
    "ora",
    "rcode",
    "oserror",
];

impl Term {
    /// What to look for in a message; nothing where it has no words to look for.
    pub(super) fn of(message: &str) -> Option<Self> {
        let mut pieces = Cutter { text: message, at: 0, pieces: Vec::new() }.cut();
        shorten(&mut pieces);
        trim(&mut pieces);
        let term = Self { pieces: merged(&pieces) };
        let letters: usize = term.words().map(|word| word.chars().filter(|c| c.is_alphabetic()).count()).sum();
        // One character of Chinese says as much as several letters.
        let wide = term.words().flat_map(str::chars).filter(|c| !c.is_ascii() && c.is_alphabetic()).count();
        (letters + 3 * wide >= FEWEST_LETTERS).then_some(term)
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Word(word) => Some(word.as_str()),
            Piece::Gap(_) | Piece::Noise(_) => None,
        })
    }

    /// Its words for people, shortened.
    pub(super) fn name(&self) -> String {
        const LONG: usize = 70;
        let mut name = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Word(text) | Piece::Gap(text) => name.push_str(text),
                Piece::Noise(_) => name.push('…'),
            }
            if name.len() > LONG {
                break;
            }
        }
        let end = name.floor_char_boundary(LONG);
        let is_cut = end < name.len();
        let name = if is_cut { name[..end].rsplit_once(' ').map_or(&name[..end], |(head, _)| head) } else { &name };
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if is_cut { format!("{name} …") } else { name }
    }

    /// The condition as a line of the rule: text where nothing in it changes, else an expression.
    pub(super) fn written(&self) -> String {
        let is_plain = !self.pieces.iter().any(|piece| matches!(piece, Piece::Noise(_)));
        let text: String = self
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Word(text) | Piece::Gap(text) if is_plain => text.clone(),
                Piece::Word(text) | Piece::Gap(text) => escaped(text),
                Piece::Noise(stands) => (*stands).to_owned(),
            })
            .collect();
        format!("{}: '{}'", if is_plain { "value" } else { "regex" }, text.replace('\'', "''"))
    }

    /// The longest stretch without noise, alone.
    pub(super) fn longest_words(&self) -> Self {
        let length = |pieces: &&[Piece]| -> usize {
            let words = pieces.iter().map(|piece| if let Piece::Word(word) = piece { word.len() } else { 0 });
            words.sum()
        };
        let stretches = self.pieces.split(|piece| matches!(piece, Piece::Noise(_)));
        let mut pieces = stretches.max_by_key(length).unwrap_or_default().to_vec();
        trim(&mut pieces);
        Self { pieces }
    }
}

/// Escapes what has a meaning in Go's syntax, and nothing else, so that people can read it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if "\\.+*?()|[]{}^$".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Keeps the first words.
fn shorten(pieces: &mut Vec<Piece>) {
    let (mut words, mut length) = (0, 0);
    let end = pieces.iter().position(|piece| {
        match piece {
            Piece::Word(word) => {
                words += 1;
                length += word.len();
            }
            Piece::Gap(gap) => length += gap.len(),
            Piece::Noise(_) => {}
        }
        words > MOST_WORDS || length > LONGEST
    });
    // A single word that is longer than that still counts.
    if let Some(end) = end {
        pieces.truncate(end.max(1));
    }
}

/// Drops what is no word from both ends.
fn trim(pieces: &mut Vec<Piece>) {
    let is_word = |piece: &Piece| matches!(piece, Piece::Word(_));
    let Some(first) = pieces.iter().position(is_word) else {
        pieces.clear();
        return;
    };
    let last = pieces.iter().rposition(is_word).unwrap_or(first);
    pieces.truncate(last + 1);
    pieces.drain(..first);
}

/// Puts neighbours together: gaps into one, and three changing values without a word between them into anything at all.
fn merged(pieces: &[Piece]) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::with_capacity(pieces.len());
    for part in pieces.split_inclusive(|piece| matches!(piece, Piece::Word(_))) {
        let (values, word) = match part.split_last() {
            Some((word @ Piece::Word(_), before)) => (before, Some(word)),
            Some(_) | None => (part, None),
        };
        let changing = values.iter().filter(|piece| matches!(piece, Piece::Noise(_))).count();
        if changing > 2 {
            merged.push(Piece::Noise(".*"));
        } else {
            merged.extend(values.iter().cloned());
        }
        merged.extend(word.cloned());
    }
    merged
}

/// Cuts a message from left to right.
struct Cutter<'m> {
    text: &'m str,
    at: usize,
    pieces: Vec<Piece>,
}

impl Cutter<'_> {
    fn cut(mut self) -> Vec<Piece> {
        while let Some(first) = self.text[self.at..].chars().next() {
            if let Some((length, stands)) = self.shape() {
                self.pieces.push(Piece::Noise(stands));
                self.at += length;
            } else if first.is_alphanumeric() || first == '_' {
                self.word();
            } else {
                self.gap(first);
            }
        }
        self.pieces
    }

    /// The noise that begins here and ends with a word's end.
    fn shape(&self) -> Option<(usize, &'static str)> {
        // Nothing that is noise is longer than this.
        const REACH: usize = 128;
        let is_inside = self.text[..self.at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if is_inside {
            return None;
        }
        let rest = &self.text[self.at..];
        let ahead = &rest[..rest.floor_char_boundary(REACH)];
        SHAPES.iter().find_map(|(shape, stands)| {
            let found = shape.find(ahead)?.as_str();
            let ends = !rest[found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            let goes_on = rest[found.len()..].strip_prefix(['.', ':', ',']);
            let is_part =
                *stands == r"\d+" && goes_on.is_some_and(|more| more.starts_with(|c: char| c.is_ascii_digit()));
            let digits = found.bytes().filter(u8::is_ascii_digit).count();
            let is_noise =
                found.starts_with(['\x1b', '[']) || found.contains('@') || digits > 0 && !self.is_code(found);
            // Words such as `deadbeef` are taken for digests only where they hold numbers.
            let is_digest = *stands != "[0-9a-fA-F]+" || digits > 1;
            (ends && !is_part && is_noise && is_digest).then_some((found.len(), *stands))
        })
    }

    /// Whether a number means something: `exit code 137`, `HTTP/1.1" 502`, `ORA-00060`.
    fn is_code(&self, found: &str) -> bool {
        if found.len() > 5 || !found.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        let mut before = self.pieces.iter().rev();
        let last = before.next();
        let Some(Piece::Gap(gap)) = last else { return false };
        if (gap == "\" " || gap == " ") && self.text[..self.at].rfind("HTTP/").is_some_and(|http| self.at - http <= 10)
        {
            return found.len() == 3;
        }
        let Some(Piece::Word(word)) = before.next() else { return false };
        let is_joined = gap.chars().all(|c| " =:\"'(-".contains(c));
        let is_vendors = gap == "-" && word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
        is_joined && (is_vendors || gap != "-" && CODES.contains(&word.to_lowercase().as_str()))
    }

    /// A run of letters and digits.
    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let word = &rest[..length];
        let piece = if self.is_pod_hash(word) {
            Piece::Noise("[a-z0-9]+")
        } else if self.is_code(word) {
            Piece::Word(word.to_owned())
        } else {
            let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
            let is_whole = letters.len() == word.len() || is_stable(word);
            if letters.is_empty() || is_jumble(if is_whole { word } else { letters }) {
                Piece::Noise(r"\w+")
            } else if is_whole {
                Piece::Word(word.to_owned())
            } else {
                // `node17`: the next one has another number.
                self.pieces.push(Piece::Word(letters.to_owned()));
                Piece::Noise(r"\d+")
            }
        };
        self.pieces.push(piece);
        self.at += length;
    }

    fn is_pod_hash(&self, word: &str) -> bool {
        let behind_hyphen = matches!(self.pieces.last(), Some(Piece::Gap(gap)) if gap == "-");
        let behind_hash = matches!(self.pieces.iter().rev().nth(1), Some(Piece::Noise(_)));
        let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
        let fits = POD_HASH.as_ref().is_some_and(|hash| hash.is_match(word));
        behind_hyphen && fits && (has_digit || behind_hash && word.len() == 5)
    }

    /// Punctuation and spaces: kept, but for white space that lines up columns, and for what cannot be written.
    fn gap(&mut self, first: char) {
        let rest = &self.text[self.at..];
        let is_blank = |c: char| c.is_whitespace() || c.is_control();
        if is_blank(first) {
            let length = rest.find(|c: char| !is_blank(c)).unwrap_or(rest.len());
            self.at += length;
            if &rest[..length] == " " {
                self.push_gap(' ');
            } else if rest[..length].chars().all(|c| matches!(c, ' ' | '\t' | '\r')) {
                self.pieces.push(Piece::Noise(r"\s+"));
            } else {
                self.pieces.push(Piece::Noise(".*"));
            }
        } else {
            self.at += first.len_utf8();
            self.push_gap(first);
        }
    }

    fn push_gap(&mut self, character: char) {
        match self.pieces.last_mut() {
            Some(Piece::Gap(gap)) => gap.push(character),
            Some(Piece::Word(_) | Piece::Noise(_)) | None => self.pieces.push(Piece::Gap(character.to_string())),
        }
    }
}

/// Whether a word that ends in digits is a term of the trade or a code: `ipv4`, `x509`, `http2`, `sha256`, `E1205`.
fn is_stable(word: &str) -> bool {
    const KNOWN: &[&str] =
        &["http2", "http3", "sha256", "sha512", "sha384", "oauth2", "base64", "grpc2", "python3", "ipv4", "ipv6"];
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let begins_with_letter = word.starts_with(|c: char| c.is_alphabetic());
    let is_shouted =
        letters > 0 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    begins_with_letter
        && (word.len() <= 4
            || is_shouted && word.len() <= 10 && letters < 8
            || KNOWN.contains(&word.to_lowercase().as_str()))
}

/// Whether letters and digits change so often that no person has written them.
fn is_jumble(word: &str) -> bool {
    let changes =
        word.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let starts_with_digit = word.starts_with(|c: char| c.is_ascii_digit());
    changes > 2 || changes > 0 && (starts_with_digit || letters < 5) && word.len() > 4
}
