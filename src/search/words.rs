//! Cuts text into words: prose, identifiers whole and in parts, Chinese by dictionary, kana and hangul by pairs.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::LazyLock;

use jieba_rs::Jieba;
use rust_stemmers::{Algorithm, Stemmer};

/// Longer terms are noise (encoded blobs) and are dropped, in bytes.
const LONGEST_TERM: usize = 100;

/// The dictionary takes some hundred milliseconds to load, so only text with Chinese in it pays for it.
static CHINESE: LazyLock<Jieba> = LazyLock::new(Jieba::new);
static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// A word as it stands in the text, with the terms it is indexed under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
    /// How many positions it takes: the number of its parts.
    pub(super) width: usize,
    /// Its terms in order of position. Empty when all are too long.
    pub(super) terms: Vec<WordTerm>,
}

/// One term of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WordTerm {
    /// Lower case and, for English, stemmed.
    pub(super) text: String,
    /// Where it stands, in bytes of the whole text.
    pub(super) range: Range<usize>,
    /// Its position within the word, from 0.
    pub(super) position: usize,
    /// What it is to the word.
    pub(super) role: Role,
}

/// What a term is to its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// One step of the text: a plain word, a part of an identifier, a Chinese word. Phrases are made of these.
    Step,
    /// An identifier of several parts (`kube-dns`), or a part of one that has parts itself.
    Compound,
    /// A shorter word inside a Chinese word.
    Inner,
}

/// Cuts a text into words and hands each to `take`, in order.
pub(super) fn each_word(text: &str, mut take: impl FnMut(Word)) {
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let script = Script::of(character);
        let end = match script {
            Script::None | Script::Mark => at + character.len_utf8(),
            Script::Letters => letters_end(text, at),
            Script::Han | Script::Kana | Script::Hangul => run_end(text, at, script),
        };
        match script {
            Script::None | Script::Mark => {}
            Script::Letters => take(identifier(text, at..end)),
            Script::Han => han(text, at..end, &mut take),
            Script::Kana | Script::Hangul => pairs(text, at..end, &mut take),
        }
        at = end;
    }
}

/// All words of a text.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut all = Vec::new();
    each_word(text, |word| all.push(word));
    all
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    None,
    /// Letters and digits of every script that is not one of the others.
    Letters,
    Mark,
    Han,
    Kana,
    Hangul,
}

impl Script {
    fn of(character: char) -> Self {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => Self::Letters,
            '\0'..='\x7f' => Self::None,
            '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
            | '々'
            | '〇' => Self::Han,
            '\u{30fb}' => Self::None,
            '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' => {
                Self::Kana
            }
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' => Self::Hangul,
            '\u{300}'..='\u{36f}'
            | '\u{483}'..='\u{489}'
            | '\u{591}'..='\u{5bd}'
            | '\u{64b}'..='\u{65f}'
            | '\u{200d}'
            | '\u{fe00}'..='\u{fe0f}' => Self::Mark,
            other if other.is_alphanumeric() => Self::Letters,
            // Vowel signs and viramas: without them every Indic and Thai word would fall apart.
            '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17d3}'
                if !is_indic_punctuation(character) =>
            {
                Self::Mark
            }
            _ => Self::None,
        }
    }
}

fn is_indic_punctuation(character: char) -> bool {
    matches!(character, '\u{964}' | '\u{965}' | '\u{970}' | '\u{df4}' | '\u{104a}'..='\u{104f}')
}

fn run_end(text: &str, start: usize, script: Script) -> usize {
    text[start..]
        .char_indices()
        .find(|&(_, character)| Script::of(character) != script)
        .map_or(text.len(), |(offset, _)| start + offset)
}

/// The end of an identifier: letters, digits and marks, joined by `_ - . / : @ '` (or `::`, `__`) when more follows.
fn letters_end(text: &str, start: usize) -> usize {
    let mut end = start;
    loop {
        end += text.as_bytes()[end..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let rest = &text[end..];
        let Some(character) = rest.chars().next() else { return end };
        match Script::of(character) {
            Script::Letters | Script::Mark => end += character.len_utf8(),
            Script::None if is_joiner(character) => {
                let after = rest.trim_start_matches(character);
                let joiners = rest.len() - after.len();
                let more = after.chars().next().is_some_and(|next| Script::of(next) == Script::Letters);
                if !more || joiners > 2 * character.len_utf8() {
                    return end;
                }
                end += joiners;
            }
            Script::None | Script::Han | Script::Kana | Script::Hangul => return end,
        }
    }
}

fn is_joiner(character: char) -> bool {
    matches!(character, '_' | '-' | '.' | '/' | ':' | '@' | '\'' | '’')
}

/// An identifier or a plain word.
fn identifier(text: &str, range: Range<usize>) -> Word {
    if is_plain(&text.as_bytes()[range.clone()]) {
        let mut terms = Vec::with_capacity(1);
        push(&mut terms, text, range.clone(), 0, Role::Step);
        return Word { range, width: 1, terms };
    }
    let slashed = range.start > 0
        && text.as_bytes()[range.start - 1] == b'/'
        && text.as_bytes()[range.start].is_ascii_digit()
        && !text[..range.start - 1].ends_with(|before: char| before.is_alphanumeric() || before == '/');
    let range = if slashed { range.start - 1..range.end } else { range };
    let mut terms = Vec::new();
    let mut position = 0;
    let segments = segments(text, range.clone());
    for segment in &segments {
        let parts = camel_parts(text, segment.clone());
        if parts.len() > 1 {
            push(&mut terms, text, segment.clone(), position, Role::Compound);
        }
        for part in parts {
            push(&mut terms, text, part, position, Role::Step);
            position += 1;
        }
    }
    if segments.len() > 1 || slashed {
        let mut whole = Vec::new();
        push(&mut whole, text, range.clone(), 0, Role::Compound);
        whole.append(&mut terms);
        terms = whole;
    }
    Word { range, width: position.max(1), terms }
}

/// Whether it is plainly one word, as most are: ASCII letters, none but the first a capital. A shortcut only.
fn is_plain(word: &[u8]) -> bool {
    let (first, rest) = word.split_first().map_or((b' ', word), |(first, rest)| (*first, rest));
    first.is_ascii_alphabetic() && rest.iter().all(|byte| byte.is_ascii_lowercase())
}

/// The pieces between joiners. What follows an apostrophe is part of the word (`can't`) or a possessive that is left out.
fn segments(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut start = range.start;
    let mut glue = false;
    let mut close = |start: usize, end: usize, glue: bool| {
        if start == end {
            return;
        }
        match found.last_mut() {
            Some(last) if glue => {
                if !matches!(&text[start..end], "s" | "S") {
                    last.end = end;
                }
            }
            _ => found.push(start..end),
        }
    };
    for (offset, character) in text[range.clone()].char_indices() {
        if is_joiner(character) {
            let at = range.start + offset;
            close(start, at, glue);
            glue = matches!(character, '\'' | '’');
            start = at + character.len_utf8();
        }
    }
    close(start, range.end, glue);
    found
}

/// Cuts `CrashLoopBackOff` and `OOMKilled` at their capitals. `IPs` and `K8S` stay whole.
fn camel_parts(text: &str, segment: Range<usize>) -> Vec<Range<usize>> {
    let bytes = &text.as_bytes()[segment.clone()];
    let plural =
        bytes.len() > 1 && bytes.ends_with(b"s") && bytes[..bytes.len() - 1].iter().all(u8::is_ascii_uppercase);
    if plural || !bytes.is_ascii() {
        return vec![segment];
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for at in 1..bytes.len() {
        let (before, here, after) = (bytes[at - 1], bytes[at], bytes.get(at + 1));
        let next_is_lower = after.is_some_and(u8::is_ascii_lowercase);
        let boundary = here.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit() && next_is_lower
                || before.is_ascii_uppercase() && next_is_lower && !plural_ends(bytes, at));
        if boundary {
            parts.push(segment.start + start..segment.start + at);
            start = at;
        }
    }
    parts.push(segment.start + start..segment.end);
    parts
}

/// Whether the capital at `at` is the last of an acronym whose plural `s` follows: the `P` of `PodIPs`.
fn plural_ends(bytes: &[u8], at: usize) -> bool {
    bytes.get(at + 1) == Some(&b's') && bytes.len() == at + 2
}

fn push(terms: &mut Vec<WordTerm>, text: &str, range: Range<usize>, position: usize, role: Role) {
    // A term never grows longer than twice its source, so that a blob is not even copied.
    if range.len() > 2 * LONGEST_TERM {
        return;
    }
    let term = normalized(&text[range.clone()]);
    if !term.is_empty() && term.len() <= LONGEST_TERM {
        terms.push(WordTerm { text: term, range, position, role });
    }
}

/// Lower case, full-width forms narrowed, accents written apart and apostrophes dropped, English stemmed.
fn normalized(text: &str) -> String {
    let term = if text.is_ascii() { lowered_ascii(text) } else { lowered(text) };
    if term.len() > 2 && term.bytes().all(|byte| byte.is_ascii_lowercase()) { stemmed(term) } else { term }
}

fn lowered_ascii(text: &str) -> String {
    let mut term = text.to_ascii_lowercase();
    if term.contains('\'') {
        term.retain(|character| character != '\'');
    }
    term
}

fn lowered(text: &str) -> String {
    let mut term = String::with_capacity(text.len());
    for character in text.chars() {
        let narrow = match character {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
            other => other,
        };
        match narrow {
            '\'' | '’' | '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' => {}
            other => term.extend(other.to_lowercase()),
        }
    }
    term
}

/// The stem of a word. Most words of a text have come before, and stemming costs more than all the rest of cutting.
fn stemmed(word: String) -> String {
    const REMEMBERED: usize = 4096;
    thread_local! {
        static STEMS: RefCell<Vec<(String, String)>> = RefCell::new(vec![Default::default(); REMEMBERED]);
    }
    STEMS.with_borrow_mut(|stems| {
        let place = word.bytes().fold(0_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        let (known, stem) = &mut stems[place % REMEMBERED];
        if *known != word {
            *stem = ENGLISH.stem(&word).into_owned();
            *known = word;
        }
        stem.clone()
    })
}

/// Chinese words by the dictionary, each with the shorter words inside it.
fn han(text: &str, range: Range<usize>, take: &mut impl FnMut(Word)) {
    let run = &text[range.clone()];
    let tokens = CHINESE.cut_for_search(run, true);
    let mut inner: Vec<Range<usize>> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let here = range.start + token.byte_start..range.start + token.byte_end;
        // The word itself comes after the words inside it, which all begin before it ends.
        let closes = tokens.get(index + 1).is_none_or(|next| next.byte_start >= token.byte_end)
            && inner.iter().all(|part| part.start >= here.start && part.end <= here.end);
        if !closes {
            inner.push(here);
            continue;
        }
        let mut terms = Vec::with_capacity(inner.len() + 1);
        push(&mut terms, text, here.clone(), 0, Role::Step);
        for part in inner.drain(..) {
            push(&mut terms, text, part, 0, Role::Inner);
        }
        take(Word { range: here, width: 1, terms });
    }
}

/// Overlapping pairs of characters, for scripts that no dictionary is at hand for.
fn pairs(text: &str, range: Range<usize>, take: &mut impl FnMut(Word)) {
    let starts: Vec<usize> = text[range.clone()].char_indices().map(|(offset, _)| range.start + offset).collect();
    let pairs = starts.len().saturating_sub(1).max(1);
    for (index, &start) in starts.iter().take(pairs).enumerate() {
        let here = start..starts.get(index + 2).copied().unwrap_or(range.end);
        let mut terms = Vec::with_capacity(1);
        push(&mut terms, text, here.clone(), 0, Role::Step);
        take(Word { range: here, width: 1, terms });
    }
}
