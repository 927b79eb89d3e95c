//! The names under which the words of a search can be met: the words themselves, what else the thing is called, what an
//! unfinished word may become, and what a word that nobody has written was meant to be.

use std::collections::HashSet;

use super::common_words;
use super::error::SearchError;
use super::glossary;
use super::lexicon::{Known, Lexicon};
use super::scoring::{Name, RankedWord};
use super::words::{Role, Word, words};

/// What each word is worth beside what its rarity makes of it, so that meeting one more counts even if it is common. The
/// judged sets are too small to settle it: against none, one alert of 23 more is first, and one duplicate of 24 fewer
/// among the first five. What they do say is that the mere presence of a word must not count beside how often it stands
/// there: that lost on every set.
const ANY_WORD: f32 = 1.0;
/// Another name is not quite the word.
const SYNONYM: f32 = 0.5;
/// Nor is a longer word, or one that is spelt differently.
const LONGER: f32 = 0.5;
const SPELT_LIKE: f32 = 0.5;
/// `crashloop` for `crash loop`, and the other way round.
const APART: f32 = 0.8;

/// How many longer words an unfinished one may stand for, how many neighbours a misspelt one, and how many other names
/// a word has at most.
const MOST_LONGER: usize = 12;
const MOST_SPELLINGS: usize = 8;
const MOST_SYNONYMS: usize = 4;
/// How many words of a search are looked up in other spellings: each is a walk through the dictionary.
const MOST_UNKNOWN: usize = 4;
/// How much of the dictionary is read for the end of a word: little when it is a word as it stands.
const READ_FOR_A_WORD: usize = 64;
const READ_FOR_A_BEGINNING: usize = 3000;
/// Postings that other names may add in any search; beyond, they may add half of what the words themselves have, so
/// that no search is slowed down much by names that it did not ask for.
const SPARE_POSTINGS: u64 = 5000;

/// A word that is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) word: Word,
    /// As it was typed.
    pub(super) text: String,
    pub(super) ending: Ending,
}

/// Whether a word is all there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is.
    Finished,
    /// The cursor may still stand behind it.
    Open,
    /// `exha*`
    Wildcard,
}

/// What is ranked by, and what is marked in what is found.
pub(super) struct Named {
    pub(super) words: Vec<RankedWord>,
    pub(super) marked: HashSet<String>,
}

/// Finds the names of words. Stop words count only where nothing else is asked for.
pub(super) fn name(lexicon: &mut Lexicon<'_>, asked: &[Asked]) -> Result<Named, SearchError> {
    let mut naming = Naming { lexicon, slots: Vec::new(), steps: Vec::new(), spare: 0 };
    let only_stop_words = asked.iter().all(|asked| is_stop_word(&asked.word));
    let mut lasts = Vec::with_capacity(asked.len());
    for asked in asked {
        lasts.push(naming.add(asked, only_stop_words || !is_stop_word(&asked.word))?);
    }
    naming.spare = SPARE_POSTINGS + naming.slots.iter().map(|slot| slot.frequency).sum::<u64>() / 2;
    for (asked, last) in asked.iter().zip(lasts) {
        if let Some(slot) = last.filter(|_| asked.ending != Ending::Finished) {
            naming.add_longer(asked, slot)?;
        }
    }
    naming.add_synonyms()?;
    naming.add_joined()?;
    naming.add_spellings()?;
    Ok(naming.finish())
}

fn is_stop_word(word: &Word) -> bool {
    word.terms.iter().all(|term| common_words::is_stop_word(&term.text))
}

/// A term that is asked for, with the names found for it.
struct Slot {
    term: String,
    frequency: u64,
    /// Less than 1 for one part of several of an identifier.
    weight: f32,
    /// As it was typed, if it is a word of its own.
    alone: Option<String>,
    /// Where its word begins among the steps.
    begins_at: usize,
    /// Terms that must all be met, the share of their worth, and the number of documents that decides it.
    others: Vec<(Vec<String>, f32, u64)>,
}

struct Naming<'a, 'b> {
    lexicon: &'a mut Lexicon<'b>,
    slots: Vec<Slot>,
    /// All steps in order, for names of several words; those of stop words have no slot.
    steps: Vec<(String, Option<usize>)>,
    spare: u64,
}

impl Naming<'_, '_> {
    /// Adds the terms of a word; gives the slot of its last step.
    fn add(&mut self, asked: &Asked, counts: bool) -> Result<Option<usize>, SearchError> {
        let terms = &asked.word.terms;
        let begins_at = self.steps.len();
        let mut last = None;
        let parts = terms.iter().filter(|term| term.role != Role::Compound).count().max(1);
        let has_inner = terms.iter().any(|term| term.role == Role::Inner);
        for term in terms {
            let frequency = self.lexicon.frequency(&term.text)?;
            let is_part = term.role != Role::Compound;
            // An identifier that stands nowhere whole is asked for by its parts.
            let slot = (counts && (is_part || frequency > 0)).then_some(self.slots.len());
            if slot.is_some() {
                self.slots.push(Slot {
                    term: term.text.clone(),
                    frequency,
                    weight: if is_part { 1.0 / (parts as f32).sqrt() } else { 1.0 },
                    alone: (terms.len() == 1).then(|| asked.text.clone()),
                    begins_at,
                    others: Vec::new(),
                });
            }
            if term.role == Role::Step {
                last = slot;
            }
            if term.role == Role::Inner || (term.role == Role::Step && !has_inner) {
                self.steps.push((term.text.clone(), slot));
            }
        }
        Ok(last)
    }

    /// Takes what another name costs from what is left for all of them.
    fn affords(&mut self, postings: u64) -> bool {
        let left = self.spare.checked_sub(postings);
        self.spare = left.unwrap_or(self.spare);
        left.is_some()
    }

    fn add_longer(&mut self, asked: &Asked, slot: usize) -> Result<(), SearchError> {
        let typed = asked.text.to_lowercase();
        let beginning = typed.rsplit(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
        if beginning.chars().count() < 2 {
            return Ok(());
        }
        let is_word = asked.ending == Ending::Open && self.slots[slot].frequency > 0;
        let read = if is_word { READ_FOR_A_WORD } else { READ_FOR_A_BEGINNING };
        let longer = self.lexicon.beginning_with(beginning, read)?;
        self.add_alike(slot, longer, LONGER, MOST_LONGER);
        Ok(())
    }

    /// Names of which any may be meant: they are as telling as the commonest of them.
    fn add_alike(&mut self, slot: usize, alike: Vec<Known>, share: f32, most: usize) {
        let own = (self.slots[slot].term.clone(), self.slots[slot].frequency);
        let commonest = alike.iter().map(|(_, frequency)| *frequency).max().unwrap_or(0).max(own.1);
        for (term, frequency) in alike.into_iter().filter(|(term, _)| *term != own.0).take(most) {
            if self.affords(frequency) {
                self.slots[slot].others.push((vec![term], share, commonest));
            }
        }
    }

    fn add_synonyms(&mut self) -> Result<(), SearchError> {
        for (range, names) in glossary::find(&self.steps) {
            // A name of several words belongs to the most telling of them.
            let of_entry = self.steps[range].iter().filter_map(|(_, slot)| *slot);
            let Some(slot) = of_entry.min_by_key(|&slot| self.slots[slot].frequency) else { continue };
            let mut known: Vec<(u64, u64, Vec<String>)> = Vec::new();
            for terms in names {
                let frequencies: Vec<u64> =
                    terms.iter().map(|term| self.lexicon.frequency(term)).collect::<Result<_, _>>()?;
                let rarest = frequencies.iter().copied().min().unwrap_or(0);
                if rarest > 0 && terms != [self.slots[slot].term.as_str()] {
                    known.push((rarest, frequencies.iter().sum(), terms));
                }
            }
            known.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.2.cmp(&b.2)));
            for (rarest, cost, terms) in known.into_iter().take(MOST_SYNONYMS) {
                let others = &self.slots[slot].others;
                if !others.iter().any(|(known, ..)| *known == terms) && self.affords(cost) {
                    // It is never more telling than the word that was asked for.
                    let decides = rarest.max(self.slots[slot].frequency);
                    self.slots[slot].others.push((terms, SYNONYM, decides));
                }
            }
        }
        Ok(())
    }

    /// Two words that somebody else writes as one.
    fn add_joined(&mut self) -> Result<(), SearchError> {
        for second in 1..self.slots.len() {
            let [a, b] = &self.slots[second - 1..=second] else { continue };
            let (Some(left), Some(right)) = (&a.alone, &b.alone) else { continue };
            if a.begins_at + 1 != b.begins_at || !is_latin(left) || !is_latin(right) {
                continue;
            }
            let [word] = &mut words(&format!("{left}{right}"))[..] else { continue };
            let Some(joined) = word.terms.pop().filter(|_| word.terms.is_empty()) else { continue };
            let frequency = self.lexicon.frequency(&joined.text)?;
            if frequency > 0 && self.affords(frequency) {
                for slot in [second - 1, second] {
                    self.slots[slot].others.push((vec![joined.text.clone()], APART, frequency));
                }
            }
        }
        Ok(())
    }

    /// What a word that no document has may have been meant to be: two words, or one that is spelt like it.
    fn add_spellings(&mut self) -> Result<(), SearchError> {
        let unknown = (0..self.slots.len()).filter(|&slot| {
            let slot = &self.slots[slot];
            slot.frequency == 0 && slot.others.is_empty()
        });
        for slot in unknown.take(MOST_UNKNOWN).collect::<Vec<_>>() {
            let typed = self.slots[slot].alone.clone();
            if let Some((apart, rarest)) = typed.map(|typed| self.apart(&typed)).transpose()?.flatten() {
                self.slots[slot].others.push((apart, APART, rarest));
                continue;
            }
            let near = self.lexicon.spelt_like(&self.slots[slot].term)?;
            self.add_alike(slot, near, SPELT_LIKE, MOST_SPELLINGS);
        }
        Ok(())
    }

    /// The two known words that a word is made of, the rarer of them as common as can be.
    fn apart(&mut self, typed: &str) -> Result<Option<(Vec<String>, u64)>, SearchError> {
        const SHORTEST: usize = 3;
        const LONGEST: usize = 40;
        if !is_latin(typed) || !(2 * SHORTEST..=LONGEST).contains(&typed.len()) {
            return Ok(None);
        }
        let mut best: Option<(Vec<String>, u64)> = None;
        for at in SHORTEST..=typed.len() - SHORTEST {
            let both: Vec<String> = [&typed[..at], &typed[at..]]
                .iter()
                .flat_map(|half| words(half))
                .flat_map(|word| word.terms)
                .map(|term| term.text)
                .collect();
            let mut rarest = u64::MAX;
            for half in &both {
                rarest = rarest.min(self.lexicon.frequency(half)?);
            }
            if both.len() == 2 && rarest > best.as_ref().map_or(0, |(_, known)| *known) {
                best = Some((both, rarest));
            }
        }
        Ok(best)
    }

    fn finish(self) -> Named {
        let mut marked = HashSet::new();
        let mut ranked = Vec::with_capacity(self.slots.len());
        for slot in self.slots {
            let worth = |share: f32, frequency: u64| slot.weight * share * (ANY_WORD + self.lexicon.rarity(frequency));
            let mut names = Vec::with_capacity(1 + slot.others.len());
            if slot.frequency > 0 {
                names.push(Name { terms: vec![slot.term.clone()], worth: worth(1.0, slot.frequency) });
            }
            for (terms, share, frequency) in slot.others {
                marked.extend(terms.iter().cloned());
                names.push(Name { terms, worth: worth(share, frequency) });
            }
            marked.insert(slot.term);
            if !names.is_empty() {
                ranked.push(RankedWord { names });
            }
        }
        Named { words: ranked, marked }
    }
}

/// Whether a word is of plain letters and digits, whose halves are words too.
fn is_latin(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
