//! What is measured, one file a question.

pub mod inside;
pub mod others;
pub mod over_http;
pub mod rebuilding;
pub mod writing;

/// How the searches of a length are called.
pub fn search_of(words: usize) -> String {
    format!("search, {words} words")
}
