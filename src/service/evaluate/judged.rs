//! Judged queries and documents, one JSON object a line.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A query with what it should find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What it is called.
    pub id: String,
    /// What is asked: a description, a log, an alert.
    pub query: String,
    /// The documents that are right, any of them; none where nothing should be known.
    pub expected: Vec<String>,
    /// What it is a case of; measures are given for each kind.
    pub kind: String,
}

/// A text that can be found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Document {
    /// What it is called.
    pub id: String,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// All of it; the title may be repeated.
    pub text: String,
}

/// What a file holds: told by its first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// `{"query": …, "expected": […], "kind": …}`
    Queries(Vec<Query>),
    /// `{"id": …, "title": …, "text": …}`
    Documents(Vec<Document>),
}

/// A file that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It is not there, or not readable.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{}:{line}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What was found and what was expected.
        message: String,
    },
}

/// A line of a file of queries: `expected` is a list or a single name.
#[derive(Deserialize)]
struct QueryLine {
    id: Option<String>,
    query: String,
    #[serde(default)]
    expected: Expected,
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Expected {
    One(String),
    Any(Vec<String>),
}

impl Default for Expected {
    fn default() -> Self {
        Self::Any(Vec::new())
    }
}

/// Reads a file of queries or of documents.
pub fn read(path: &Path) -> Result<Input, InputError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| InputError::Unreadable { path: path.to_owned(), source })?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    parse(&text, &name).map_err(|(line, message)| InputError::Malformed { path: path.to_owned(), line, message })
}

/// `name` stands in for what a query does not say: its kind, and with the number of its line its id.
fn parse(text: &str, name: &str) -> Result<Input, (usize, String)> {
    let lines: Vec<(usize, &str)> = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).collect();
    let Some((_, first)) = lines.first() else {
        return Err((1, "found nothing, expected a JSON object a line".to_owned()));
    };
    let has_query = serde_json::from_str::<serde_json::Value>(first).is_ok_and(|value| value.get("query").is_some());
    if has_query {
        let query = |(number, line): (usize, &str)| {
            let QueryLine { id, query, expected, kind } = object(number, line, "query and expected")?;
            let expected = match expected {
                Expected::One(one) => vec![one],
                Expected::Any(any) => any,
            };
            let id = id.unwrap_or_else(|| format!("{name}:{number}"));
            Ok(Query { id, query, expected, kind: kind.unwrap_or_else(|| name.to_owned()) })
        };
        return lines.into_iter().map(query).collect::<Result<_, _>>().map(Input::Queries);
    }
    let documents = lines.into_iter().map(|(number, line)| object(number, line, "query, or id, title and text"));
    documents.collect::<Result<_, _>>().map(Input::Documents)
}

fn object<'l, T: Deserialize<'l>>(number: usize, line: &'l str, expected: &str) -> Result<T, (usize, String)> {
    serde_json::from_str(line).map_err(|error| (number, format!("{error}; expected an object with {expected}")))
}

#[cfg(test)]
mod tests {
    use super::{Input, parse};

    #[test]
    fn a_file_is_told_by_its_first_line() {
        let queries = "{\"query\":\"disk full\",\"expected\":\"a\"}\n\n{\"id\":\"q\",\"query\":\"x\",\"expected\":[\"a\",\"b\"],\"kind\":\"log\"}";
        let Ok(Input::Queries(queries)) = parse(queries, "mine") else { panic!("queries") };
        assert_eq!((queries[0].id.as_str(), queries[0].kind.as_str()), ("mine:1", "mine"));
        assert_eq!(queries[1].expected, ["a", "b"]);
        let documents = parse("{\"id\":\"a\",\"title\":\"T\",\"text\":\"t\"}", "docs");
        assert!(matches!(documents, Ok(Input::Documents(documents)) if documents[0].title == "T"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let (line, message) = parse("{\"query\":\"a\"}\n{\"query\":1}", "x").expect_err("a number is no text");
        assert!(line == 2 && message.contains("expected an object with query"), "{message}");
        assert_eq!(parse("", "x").expect_err("empty").0, 1);
        assert!(parse("nonsense", "x").is_err());
    }
}
