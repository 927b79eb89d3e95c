//! What is asked of the corpus: words out of its incidents, and pastes of logs that a few of their lines are in.

use casebook_benches::dice::Dice;
use casebook_benches::logs;

use super::Corpus;
use super::vocabulary::RARE;
use crate::Outcome;

/// The lengths of the searches, in words.
pub const LENGTHS: [usize; 3] = [2, 5, 30];

/// A paste to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paste {
    OneLine,
    HundredLines,
    Mebibyte,
}

impl Paste {
    pub const ALL: [Self; 3] = [Self::OneLine, Self::HundredLines, Self::Mebibyte];

    /// As the tables name it.
    pub fn label(self) -> &'static str {
        match self {
            Self::OneLine => "match, 1 line",
            Self::HundredLines => "match, 100 lines",
            Self::Mebibyte => "match, 1 MiB",
        }
    }
}

/// The words of some incidents, to make searches of.
pub struct Questions {
    /// How many incidents there are in all.
    pub size: usize,
    /// Of each incident its different words with their ranks, the frequent ones first.
    incidents: Vec<Vec<(usize, String)>>,
}

impl Questions {
    /// How many incidents are asked about: enough for hundreds of thousands of different searches.
    const INCIDENTS: usize = 2_000;

    pub fn about(corpus: &Corpus) -> Outcome<Self> {
        let mut dice = Dice(0xa5c);
        let incidents = (0..Self::INCIDENTS).map(|_| words_of(corpus, dice.below(corpus.size as u64)));
        Ok(Self { size: corpus.size, incidents: incidents.collect::<Outcome<_>>()? })
    }

    /// Searches, each in words of one incident: half of them rare, half as they come. Every `stream` has others.
    pub fn searches(&self, words: usize, count: usize, stream: u64) -> Vec<String> {
        let mut dice = Dice(words as u64 ^ (stream << 32));
        let one = |_| {
            let incident: &Vec<_> = dice.one(&self.incidents);
            search(incident, words, &mut dice)
        };
        (0..count).map(one).collect()
    }
}

fn words_of(corpus: &Corpus, number: u64) -> Outcome<Vec<(usize, String)>> {
    let text = super::whole_text(&corpus.story(number)?);
    let mut known: Vec<(usize, String)> = text
        .split(|c: char| c.is_whitespace() || "`.,:".contains(c))
        .filter(|word| word.len() > 2)
        .filter_map(|word| Some((corpus.vocabulary.rank(word)?, word.to_owned())))
        .collect();
    known.sort_unstable();
    known.dedup_by_key(|(rank, _)| *rank);
    Ok(known)
}

fn search(known: &[(usize, String)], words: usize, dice: &mut Dice) -> String {
    let mut known: Vec<(usize, &str)> = known.iter().map(|(rank, word)| (*rank, word.as_str())).collect();
    let mut chosen: Vec<&str> = Vec::with_capacity(words);
    while chosen.len() < words && !known.is_empty() {
        let first_rare = known.partition_point(|(rank, _)| *rank < RARE);
        let from = if chosen.len() % 2 == 1 && first_rare < known.len() { first_rare } else { 0 };
        let at = from + dice.below((known.len() - from) as u64) as usize;
        chosen.push(known.remove(at).1);
    }
    chosen.join(" ")
}

/// Ordinary logs to take pastes from.
pub struct Pastes {
    log: String,
}

impl Pastes {
    pub fn new() -> Self {
        Self { log: logs::generated(4 * 1024 * 1024, &[]) }
    }

    /// A paste with lines of one incident in it; another for every number.
    pub fn paste(&self, corpus: &Corpus, kind: Paste, number: u64) -> Outcome<String> {
        let mut dice = Dice(number ^ 0x9a57e);
        let incident = dice.below(corpus.size as u64);
        let telling = format!("2026-01-30T02:40:01Z scheduler error {}\n", corpus.marker(incident));
        let (lines, bytes) = match kind {
            Paste::OneLine => return Ok(telling),
            Paste::HundredLines => (97, usize::MAX),
            Paste::Mebibyte => (usize::MAX, 1024 * 1024 - 2_048),
        };
        let from = self.log.floor_char_boundary(dice.below(2 * 1024 * 1024) as usize);
        let from = from + self.log[from..].find('\n').map_or(0, |end| end + 1);
        let mut ordinary: Vec<&str> = logs::beginning(&self.log[from..], bytes.min(self.log.len() - from))
            .split_inclusive('\n')
            .take(lines)
            .collect();
        let symptom = corpus.story(incident)?.failure.symptom;
        let sentence = symptom.as_str().split('.').next().unwrap_or_default();
        let second = format!("2026-01-30T02:40:02Z controller error {sentence}\n");
        for line in [&telling, &second, &telling] {
            let at = dice.below(ordinary.len() as u64 + 1) as usize;
            ordinary.insert(at, line);
        }
        Ok(ordinary.concat())
    }
}
