//! Hands the words of a text to the search library, at indexing and at querying alike.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::words::{Role, each_word};

/// The name under which every text field asks for the tokenizer.
pub(super) const NAME: &str = "casebook";

/// The tokenizer of all text fields.
#[derive(Debug, Clone, Default)]
pub(super) struct Words;

/// The tokens of one text.
pub(super) struct Tokens {
    tokens: Vec<Token>,
    next: usize,
}

impl Tokenizer for Words {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let mut tokens = Vec::with_capacity(text.len() / 5 + 1);
        let mut position = 0;
        each_word(text, |word| {
            for term in word.terms {
                tokens.push(Token {
                    offset_from: term.range.start,
                    offset_to: term.range.end,
                    position: position + term.position,
                    text: term.text,
                    position_length: if term.role == Role::Compound { word.width } else { 1 },
                });
            }
            position += word.width;
        });
        Tokens { tokens, next: 0 }
    }
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}
