//! The index folder: generations side by side, and `CURRENT`, which names the one that is searched.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::error::SearchError;
use super::schema::VERSION;

const CURRENT: &str = "CURRENT";
/// Exists while an index is searched that was opened and is not yet verified.
const UNVERIFIED: &str = "UNVERIFIED";

/// The folder that holds the generations, `<data>/index`.
#[derive(Debug, Clone)]
pub(super) struct Storage {
    root: PathBuf,
}

/// What `CURRENT` says.
pub(super) enum Current {
    /// The generation to open.
    Folder(PathBuf),
    /// There is none to open, for this reason.
    None(&'static str),
}

impl Storage {
    pub(super) fn new(root: &Path) -> Result<Self, SearchError> {
        fs::create_dir_all(root).map_err(|source| SearchError::storage("create", root, source))?;
        Ok(Self { root: root.to_owned() })
    }

    pub(super) fn current(&self) -> Current {
        // Whatever is in CURRENT besides the name of a generation (a broken disk, another program) means: none.
        let Ok(name) = fs::read_to_string(self.root.join(CURRENT)) else {
            return Current::None("there is no index yet");
        };
        match Name::parse(name.trim()) {
            None => Current::None("CURRENT names no index"),
            Some(Name { version, .. }) if version != VERSION => {
                Current::None("the index was made by another version of Casebook")
            }
            Some(_) => Current::Folder(self.root.join(name.trim())),
        }
    }

    /// A folder for a new generation. It is not created.
    pub(super) fn fresh(&self) -> PathBuf {
        self.root.join(format!("v{VERSION}-{}", Uuid::new_v4().simple()))
    }

    /// Names the generation that is searched from now on, also after a crash.
    pub(super) fn publish(&self, folder: &Path) -> Result<(), SearchError> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let beside = self.root.join("CURRENT.new");
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&beside)?;
            writeln!(file, "{name}")?;
            file.sync_all()?;
            fs::rename(&beside, self.root.join(CURRENT))?;
            File::open(&self.root)?.sync_all()
        };
        write().map_err(|source| SearchError::storage("write", &self.root.join(CURRENT), source))
    }

    /// Whether a process died while it searched what it had not verified: damage may have killed it, and would again.
    pub(super) fn died_unverified(&self) -> bool {
        self.root.join(UNVERIFIED).exists()
    }

    /// Says that the index is searched before it is verified.
    pub(super) fn set_unverified(&self) {
        // It only guards against dying twice of the same damage: not worth failing for.
        fs::write(self.root.join(UNVERIFIED), []).unwrap_or_default();
    }

    /// Says that the index is whole, or searched no longer.
    pub(super) fn set_verified(&self) {
        fs::remove_file(self.root.join(UNVERIFIED)).unwrap_or_default();
    }

    /// Removes every generation but the one kept: old ones and those that a crash left half built.
    /// Files that are not ours stay. A folder that cannot be removed is tried again at the next start.
    pub(super) fn remove_others(&self, kept: Option<&Path>) {
        let Ok(entries) = fs::read_dir(&self.root) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            let ours = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| Name::parse(name).is_some());
            if ours && kept != Some(path.as_path()) {
                Self::remove(&path);
            }
        }
    }

    pub(super) fn remove(folder: &Path) {
        if let Err(error) = fs::remove_dir_all(folder) {
            tracing::warn!(folder = %folder.display(), %error, "cannot remove an old search index");
        }
    }
}

/// The name of a generation: `v1-` and a UUID.
struct Name {
    version: u32,
}

impl Name {
    fn parse(name: &str) -> Option<Self> {
        let (version, id) = name.strip_prefix('v')?.split_once('-')?;
        Uuid::try_parse(id).ok()?;
        Some(Self { version: version.parse().ok()? })
    }
}
