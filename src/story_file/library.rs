//! A whole library of files, and what can only be seen in all of them together.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::parse::{self, PatternLines};
use super::{FieldLines, FileError, Problem, in_file};
use crate::domain::{Pattern, Slug, Story};

/// What identifies the file that a record came from, so that an unchanged file need not be imported again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// The path within the library: `patterns/pod-ip-range-exhausted.md`.
    pub path: String,
    /// The SHA-256 of the file's bytes, in lower-case hexadecimal digits.
    pub sha256: String,
    /// Where its fields stand.
    pub lines: FieldLines,
}

/// The records of the files that are right, in the order of their paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Library {
    /// The patterns, with their slugs.
    pub patterns: Vec<(Slug, Pattern, FileFacts)>,
    /// The stories, with their slugs. Every pattern that they name is among the patterns, or was known elsewhere.
    pub stories: Vec<(Slug, Story, FileFacts)>,
}

/// Reads the files of a library, given as path within it (with `/`) and content.
///
/// `x.md` is a story and `patterns/x.md` a pattern; `README.md` and files that are not Markdown are passed over.
/// The good files are returned even when others have errors. A story that names a pattern which is missing, or
/// whose own file has errors, is one of those with errors. `known` are the patterns that need no file here.
pub fn read_library(files: impl IntoIterator<Item = (String, Vec<u8>)>, known: &[Slug]) -> (Library, Vec<FileError>) {
    let files: BTreeMap<String, Vec<u8>> = files.into_iter().collect();
    let mut library = Library::default();
    let mut errors = Vec::new();
    let mut broken_patterns = Vec::new();
    let mut stories = Vec::new();
    for (path, bytes) in files {
        if path == "README.md" || !path.ends_with(".md") {
            continue;
        }
        let is_pattern = path.starts_with("patterns/");
        match read_file(&path, &bytes) {
            Ok((slug, Record::Pattern(pattern), facts)) => library.patterns.push((slug, *pattern, facts)),
            Ok((slug, Record::Story(story, lines), facts)) => stories.push((slug, story, lines, facts)),
            Err(problems) => {
                if is_pattern {
                    broken_patterns.push(file_stem(&path).to_owned());
                }
                errors.extend(in_file(&path, problems));
            }
        }
    }
    for (slug, story, lines, facts) in stories {
        let problems = missing_patterns(&story, &lines, &library, &broken_patterns, known);
        if problems.is_empty() {
            library.stories.push((slug, *story, facts));
        } else {
            errors.extend(in_file(&facts.path, problems));
        }
    }
    errors.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    (library, errors)
}

enum Record {
    Story(Box<Story>, PatternLines),
    Pattern(Box<Pattern>),
}

fn read_file(path: &str, bytes: &[u8]) -> Result<(Slug, Record, FileFacts), Vec<Problem>> {
    let mut problems = Vec::new();
    let folder = path.rsplit_once('/').map(|(folder, _)| folder);
    if !matches!(folder, None | Some("patterns")) {
        let message =
            "found a file in a folder of its own; expected stories beside the folder patterns, and patterns in it";
        return Err(vec![Problem::new(1, message)]);
    }
    let slug = Slug::parse(file_stem(path))
        .map_err(|invalid| problems.push(Problem::new(1, format!("file name: {invalid}"))))
        .ok();
    let record = match std::str::from_utf8(bytes) {
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
            Err(vec![Problem::new(line, "found bytes that are not UTF-8; expected a text file in UTF-8")])
        }
        Ok(text) if folder.is_some() => {
            parse::pattern(text).map(|(pattern, fields)| (Record::Pattern(Box::new(pattern)), fields))
        }
        Ok(text) => parse::story(text).map(|(story, lines, fields)| (Record::Story(Box::new(story), lines), fields)),
    };
    let record = record.map_err(|more| problems.extend(more)).ok();
    let sha256 = format!("{:x}", Sha256::digest(bytes));
    match (slug, record) {
        (Some(slug), Some((record, lines))) => Ok((slug, record, FileFacts { path: path.to_owned(), sha256, lines })),
        _ => Err(problems),
    }
}

fn file_stem(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.strip_suffix(".md").unwrap_or(name)
}

fn missing_patterns(
    story: &Story,
    lines: &PatternLines,
    library: &Library,
    broken: &[String],
    known: &[Slug],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for name in &story.patterns {
        if known.contains(name) || library.patterns.iter().any(|(slug, ..)| slug == name) {
            continue;
        }
        let expected = if broken.iter().any(|slug| slug == name.as_str()) {
            format!("its file, patterns/{name}.md, to be without errors")
        } else {
            format!("a pattern of this library; there is no patterns/{name}.md")
        };
        let line = lines.get(name.as_str()).copied().unwrap_or(1);
        problems.push(Problem::new(line, format!("patterns: found \"{name}\"; expected {expected}")));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::{FileError, Library, read_library};

    const PATTERN: &str = "---\ntitle: P\ncategory: dns\n---\n\n## Summary\n\ns\n\n## Symptom\n\ns\n\n## Root cause\n\nr\n\n\
                           ## Remediation\n\nr\n";

    fn story(patterns: &str) -> String {
        PATTERN.replace("category: dns\n", &format!("category: dns\norganization: O\npatterns: {patterns}\n"))
    }

    fn read(files: &[(&str, &[u8])]) -> (Library, Vec<String>) {
        let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
        let (library, errors) = read_library(files, &[]);
        (library, errors.iter().map(FileError::to_string).collect())
    }

    #[test]
    fn stories_and_patterns_are_told_apart_by_their_folder() {
        let story = story("[p]");
        let files: &[(&str, &[u8])] = &[
            ("README.md", b"not a story"),
            ("picture.png", b"\xff"),
            ("s.md", story.as_bytes()),
            ("patterns/p.md", PATTERN.as_bytes()),
        ];
        let (library, errors) = read(files);
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(library.stories[0].0.as_str(), "s");
        assert_eq!(library.patterns[0].2.path, "patterns/p.md");
        assert_eq!(library.patterns[0].2.sha256.len(), 64);
        assert_ne!(library.patterns[0].2.sha256, library.stories[0].2.sha256);
    }

    #[test]
    fn the_good_files_are_read_even_when_others_have_errors() {
        let (missing, broken, good) = (story("\n  - p\n  - gone"), story("[bad]"), story("[p]"));
        let files: &[(&str, &[u8])] = &[
            ("good.md", good.as_bytes()),
            ("missing.md", missing.as_bytes()),
            ("broken.md", broken.as_bytes()),
            ("Bad_Name.md", good.as_bytes()),
            ("other/x.md", good.as_bytes()),
            ("latin.md", b"---\ntitle: caf\xe9\n"),
            ("nul.md", b"---\n\0\n"),
            ("patterns/p.md", PATTERN.as_bytes()),
            ("patterns/bad.md", b"x"),
        ];
        let (library, errors) = read(files);
        assert_eq!((library.stories.len(), library.patterns.len()), (1, 1));
        insta::assert_snapshot!(errors.join("\n"), @r#"
        Bad_Name.md:1: file name: found "Bad_Name"; expected a slug: lower-case letters, digits and single hyphens, at most 80 characters, none of new, edit, revisions
        broken.md:5: patterns: found "bad"; expected its file, patterns/bad.md, to be without errors
        latin.md:2: found bytes that are not UTF-8; expected a text file in UTF-8
        missing.md:7: patterns: found "gone"; expected a pattern of this library; there is no patterns/gone.md
        nul.md:2: found a NUL character; expected text without any
        other/x.md:1: found a file in a folder of its own; expected stories beside the folder patterns, and patterns in it
        patterns/bad.md:1: found "x"; expected the line --- that opens the front matter
        "#);
    }

    #[test]
    fn a_repeated_pattern_does_not_shift_the_lines_of_the_others() {
        let text = story("\n  - p\n  - p\n  - gone");
        let (_, errors) = read(&[("s.md", text.as_bytes()), ("patterns/p.md", PATTERN.as_bytes())]);
        assert!(errors[0].starts_with("s.md:8: "), "{errors:?}");
    }
}
