//! Where PostgreSQL's programs are, and which of several versions fits the cluster.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::PostgresError;

/// A folder with PostgreSQL's programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// The folder named by `explicit`; else the newest on the machine, or of version `born`, the one that made
    /// `cluster`: PostgreSQL opens no cluster of another major version.
    pub fn find(explicit: Option<&Path>, born: Option<u32>, cluster: &Path) -> Result<Self, PostgresError> {
        let candidates = match explicit {
            Some(folder) => vec![folder.to_owned()],
            None => folders_on_this_machine(),
        };
        let mut found: Vec<Self> = candidates.into_iter().filter_map(Self::at).collect();
        // Stable: among folders of one version the better known place stays first.
        found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
        if found.is_empty() {
            let looked_in = explicit.map_or_else(
                || "/usr/lib/postgresql, /usr/pgsql-*, pg_config --bindir and PATH".to_owned(),
                |folder| folder.display().to_string(),
            );
            return Err(PostgresError::NoBinaries { looked_in });
        }
        let Some(made_by) = born else { return Ok(found.swap_remove(0)) };
        match found.iter().position(|binaries| binaries.major == made_by) {
            Some(position) => Ok(found.swap_remove(position)),
            None => Err(PostgresError::OtherMajor {
                cluster: cluster.to_owned(),
                made_by,
                found: found
                    .iter()
                    .map(|binaries| format!("{} (in {})", binaries.major, binaries.folder.display()))
                    .collect::<Vec<_>>()
                    .join(", "),
            }),
        }
    }

    /// The path of one of the programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn at(folder: PathBuf) -> Option<Self> {
        if !folder.join("initdb").is_file() {
            return None;
        }
        // Absolute, because the programs are run from another folder.
        let folder = fs::canonicalize(folder).ok()?;
        let major = first_number(&output_of(Command::new(folder.join("postgres")).arg("--version"))?)?;
        Some(Self { folder, major })
    }
}

/// The major version that made `cluster`, or nothing when there is no cluster.
pub(super) fn version_of(cluster: &Path) -> Result<Option<u32>, PostgresError> {
    let file = cluster.join("PG_VERSION");
    match fs::read_to_string(&file) {
        Ok(text) => match first_number(&text) {
            Some(major) => Ok(Some(major)),
            None => Err(PostgresError::io("understand", &file)(io::ErrorKind::InvalidData.into())),
        },
        // A folder without the file is no cluster, but may hold what is left of one: never build over it.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !cluster.exists() => Ok(None),
        Err(error) => Err(PostgresError::io("read", &file)(error)),
    }
}

fn folders_on_this_machine() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    folders.extend(entries(Path::new("/usr/lib/postgresql")).map(|version| version.join("bin")));
    let red_hat = |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"pgsql-"));
    folders.extend(entries(Path::new("/usr")).filter(red_hat).map(|version| version.join("bin")));
    folders.extend(output_of(Command::new("pg_config").arg("--bindir")).map(|text| PathBuf::from(text.trim())));
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    folders
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first whole number in `text`: 17 in `postgres (PostgreSQL) 17.2`, `17beta1` and `17`.
fn first_number(text: &str) -> Option<u32> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let rest = &text[start..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}
