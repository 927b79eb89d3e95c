//! Where patterns go: into the library with slugs of their own, or into a folder of story files that needs no database.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Candidate;
use crate::domain::{FailureKind, Slug};
use crate::intake::{self, Present};
use crate::service::import::Report;
use crate::service::library::{self, FolderError};
use crate::store::{Database, StoreError, pattern};
use crate::story_file::{self, FieldLines, FileFacts, Library};

/// The patterns as a library of story files, each at the slug that it has already where it came in before.
pub fn library(candidates: Vec<Candidate>, present: &[Present]) -> Library {
    let slugs = slugs(&candidates, present);
    let with_facts = |(slug, candidate): (Slug, Candidate)| {
        let pattern = candidate.taken.pattern;
        let sha256 = digest(&story_file::print_pattern(&pattern));
        let facts = FileFacts { path: path_of(&slug), sha256, lines: FieldLines::default() };
        (slug, pattern, facts)
    };
    let mut library =
        Library { patterns: slugs.into_iter().zip(candidates).map(with_facts).collect(), stories: Vec::new() };
    library.patterns.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    library
}

/// The slug of each pattern.
pub fn slugs(candidates: &[Candidate], present: &[Present]) -> Vec<Slug> {
    intake::settle(candidates.iter().map(|candidate| &candidate.taken.pattern), present)
}

/// The patterns that the database has, and the addresses that none may have any more.
pub async fn present(database: &Database) -> Result<Vec<Present>, StoreError> {
    let mut connection = database.connection().await?;
    let origins = pattern::origins(&mut connection).await?;
    Ok(origins.into_iter().map(|(slug, provenance)| Present { slug, provenance }).collect())
}

/// The patterns that a folder of story files has.
pub fn present_in(folder: &Path) -> Result<Vec<Present>, FolderError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let (library, errors) = library::read_folder(folder)?;
    let right =
        library.patterns.into_iter().map(|(slug, pattern, _)| Present { slug, provenance: pattern.failure.provenance });
    // What cannot be read is somebody's work all the same.
    let wrong = errors.iter().filter_map(|error| {
        let name = error.file.strip_prefix("patterns/")?.strip_suffix(".md")?;
        Some(Present { slug: Slug::parse(name).ok()?, provenance: None })
    });
    Ok(right.chain(wrong).collect())
}

/// Beside the files, what they were when they were written: in the format of `sha256sum`, which can check it.
const WRITTEN_BEFORE: &str = ".taken-in.sha256";

/// Writes a library of patterns as story files. It can be repeated, killed half-way and started again; a file that
/// people edited since it was written is left alone.
pub fn write(library: &Library, folder: &Path) -> Result<Report, FolderError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError { path, source }
    };
    let patterns = folder.join("patterns");
    std::fs::create_dir_all(&patterns).map_err(failed(&patterns))?;
    let list = folder.join(WRITTEN_BEFORE);
    let mut before = written_before(&list);
    let mut report = Report::default();
    for (slug, pattern, facts) in &library.patterns {
        let path = folder.join(&facts.path);
        let now = std::fs::read(&path).ok().map(|bytes| digest_of(&bytes));
        match now {
            Some(now) if now == facts.sha256 => report.unchanged += 1,
            Some(now) if before.get(&facts.path) != Some(&now) => {
                report.kept.push((FailureKind::Pattern, slug.clone()));
                continue;
            }
            Some(_) => {
                replace(&path, &story_file::print_pattern(pattern)).map_err(failed(&path))?;
                report.updated += 1;
            }
            None => {
                replace(&path, &story_file::print_pattern(pattern)).map_err(failed(&path))?;
                report.added += 1;
            }
        }
        before.insert(facts.path.clone(), facts.sha256.clone());
    }
    let lines: String = before.iter().map(|(path, digest)| format!("{digest}  {path}\n")).collect();
    replace(&list, &lines).map_err(failed(&list))?;
    Ok(report)
}

fn written_before(list: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(list).unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.split_once("  "));
    pairs.map(|(digest, path)| (path.to_owned(), digest.to_owned())).collect()
}

/// Writes beside and renames, so that nobody finds half a file.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    std::fs::rename(&beside, path)
}

fn path_of(slug: &Slug) -> String {
    format!("patterns/{slug}.md")
}

fn digest(text: &str) -> String {
    digest_of(text.as_bytes())
}

fn digest_of(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
