//! Hands the words of a text to the index. A text is cut once, by [`cut`], and what that gives is the value of every
//! field that holds the text: cutting costs far more than taking terms that are cut.

use std::str::Chars;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::words::{Role, each_word};

/// The names under which fields ask for the tokenizer: for terms as they are, and for terms behind the letter that the
/// value begins with.
pub(super) const NAME: &str = "casebook_terms";
pub(super) const NAME_OF_LETTERED: &str = "casebook_lettered_terms";

/// Ends a term. No term holds a control character.
const END: char = '\n';

/// Cuts a text into terms, in order: of each, the positions from the term before and the positions that it takes, as
/// one character either, then the term and [`END`].
pub(super) fn cut(text: &str) -> String {
    let mut terms = String::with_capacity(text.len() + text.len() / 2);
    let (mut word_starts, mut last) = (0, 0);
    each_word(text, |word| {
        for term in word.terms {
            let position = word_starts + term.position;
            terms.push(as_character(position.saturating_sub(last)));
            terms.push(as_character(if term.role == Role::Compound { word.width } else { 1 }));
            terms.push_str(&term.text);
            terms.push(END);
            last = position;
        }
        word_starts += word.width;
    });
    terms
}

/// How many terms a cut text has.
pub(super) fn count(terms: &str) -> u64 {
    terms.bytes().filter(|byte| *byte == END as u8).count() as u64
}

/// A number as a character; from 55,295 on they are all the same, which no phrase is long enough to notice.
fn as_character(number: usize) -> char {
    const LAST_BEFORE_SURROGATES: usize = 0xd7ff;
    u32::try_from(number.min(LAST_BEFORE_SURROGATES)).ok().and_then(char::from_u32).unwrap_or('\0')
}

/// The tokenizer of all text fields: it takes what [`cut`] gives.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    lettered: Lettered,
    token: Token,
}

/// Whether a value begins with a letter that goes before each of its terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lettered {
    Yes,
    No,
}

impl Terms {
    pub(super) fn new(lettered: Lettered) -> Self {
        Self { lettered, token: Token::default() }
    }
}

/// The terms of one text.
pub(super) struct CutTerms<'a> {
    rest: Chars<'a>,
    letter: Option<char>,
    token: &'a mut Token,
}

impl Tokenizer for Terms {
    type TokenStream<'a> = CutTerms<'a>;

    fn token_stream<'a>(&'a mut self, terms: &'a str) -> CutTerms<'a> {
        self.token.position = 0;
        let mut rest = terms.chars();
        let letter = if self.lettered == Lettered::Yes { rest.next() } else { None };
        CutTerms { rest, letter, token: &mut self.token }
    }
}

impl TokenStream for CutTerms<'_> {
    fn advance(&mut self) -> bool {
        let (Some(after), Some(length)) = (self.rest.next(), self.rest.next()) else { return false };
        let (term, rest) = self.rest.as_str().split_once(END).unwrap_or_default();
        self.token.position += after as usize;
        self.token.position_length = length as usize;
        self.token.text.clear();
        self.token.text.extend(self.letter);
        self.token.text.push_str(term);
        self.rest = rest.chars();
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
