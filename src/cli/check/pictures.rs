//! Pictures beside story files: those that a text names and that are not there, and those that cannot be read.

use std::collections::HashSet;
use std::path::Path;

use super::Check;
use crate::cli::Failed;
use crate::cli::sarif::{Finding, Level};
use crate::domain::{PictureAddress, PictureId};
use crate::service::picture::{self, FOLDER};
use crate::story_file::Library;

/// What is wrong with the pictures of a folder.
pub(super) fn findings(folder: &Path, library: &Library) -> Result<Vec<Finding>, Failed> {
    let mut findings = Vec::new();
    let mut there: HashSet<PictureId> = HashSet::new();
    for (path, id) in picture::files(folder).map_err(Failed::because("cannot read the pictures"))? {
        there.insert(id);
        if let Err(refusal) = picture::read_file(&path).map_err(Failed::because("cannot read the pictures"))? {
            findings.push(Check::Picture.finding(Level::Error, path.display().to_string(), 1, refusal.to_string()));
        }
    }
    let patterns = library.patterns.iter().map(|(.., facts)| facts);
    for facts in patterns.chain(library.stories.iter().map(|(.., facts)| facts)) {
        let path = folder.join(&facts.path);
        let text =
            std::fs::read_to_string(&path).map_err(Failed::because(format!("cannot read {}", path.display())))?;
        for (line, words) in text.lines().enumerate() {
            for id in PictureAddress::named_in(words).into_iter().filter(|id| !there.contains(id)) {
                let message = format!("found the picture {id}; expected its file in {FOLDER}/ beside the stories");
                findings.push(Check::Picture.finding(Level::Error, path.display().to_string(), line + 1, message));
            }
        }
    }
    Ok(findings)
}
