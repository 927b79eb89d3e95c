//! `casebook new`: an empty story or pattern to fill in, that says beside each key what belongs there.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::{Failed, say};
use crate::domain::{FailureKind, Slug, Title};
use crate::story_file::blank;

/// Arguments of `casebook new`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// What to begin
    #[arg(value_enum)]
    kind: Kind,
    /// Its title: name the failure by what one would search for
    title: String,
    /// The folder of story files
    #[arg(long, value_name = "DIR", default_value = "stories")]
    into: PathBuf,
    /// The name of the file, without .md; by default from the title
    #[arg(long)]
    slug: Option<String>,
}

/// What a file can hold.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Kind {
    /// One incident
    Story,
    /// A failure mode that comes back
    Pattern,
}

/// Writes the file and says where. A file that is there stays as it is.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let title = Title::parse(&options.title).map_err(Failed::because("that is no title"))?;
    let slug = match &options.slug {
        Some(slug) => Slug::parse(slug).map_err(Failed::because("that is no name for a file"))?,
        None => {
            let made = Slug::from_title(title.as_str(), "");
            Slug::parse(made.as_str()).map_err(|_| {
                Failed::new("the title has no letters or digits that a file name can be made of; give one with --slug")
            })?
        }
    };
    let (folder, text) = match options.kind {
        Kind::Story => (options.into.clone(), blank(FailureKind::Story, &title)),
        Kind::Pattern => (options.into.join("patterns"), blank(FailureKind::Pattern, &title)),
    };
    let path = folder.join(format!("{slug}.md"));
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| OpenOptions::new().write(true).create_new(true).open(&path))
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => {
            let (path, checked) = (path.display(), options.into.display());
            say(&format!("{path} is ready to be filled in; casebook check {checked} says what is missing"));
            Ok(ExitCode::SUCCESS)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(Failed::new(format!("{} is there already; choose another title or --slug", path.display())))
        }
        Err(error) => Err(Failed::because(format!("cannot write {}", path.display()))(error)),
    }
}
