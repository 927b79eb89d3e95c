//! Pictures are added to a record, and travel with it: out with an export, in with an import.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::submit::{LEAST_FREE, SubmitError, ensure_space};
use crate::domain::clock::Clock;
use crate::domain::{AccountId, Actor, Deed, FailureId, FailureKind, PictureAddress, PictureFormat, PictureId, Slug};
use crate::picture::{Picture, PictureError};
use crate::store::picture::{self, Standing, StoredPicture};
use crate::store::{self, Connection, Database, StoreError};
use crate::story_file::{self, Library};

/// The most pictures that a record has.
pub const MOST_PICTURES: i64 = 20;

/// The most bytes that the pictures of a record take together.
pub const MOST_BYTES: i64 = 40 << 20;

/// The folder beside story files that holds their pictures.
pub const FOLDER: &str = "pictures";

/// Whose unpublished records somebody has to do with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everybody's: they review.
    All,
    /// Their own.
    Own,
}

/// Why a picture was not added. The sentences are for whoever sent it.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// It is none of theirs.
    #[error("This story is written by somebody else, or withdrawn. Only reviewers add pictures to it.")]
    NotYours,
    /// There are enough.
    #[error("The story has {MOST_PICTURES} pictures already, which is the most that one takes.")]
    TooMany,
    /// They are too large together.
    #[error("The pictures of the story would take more than {} MiB together. Make this one smaller.", MOST_BYTES >> 20)]
    TooHeavy,
    /// The disk is nearly full; PostgreSQL would stop if it filled up.
    #[error("There is no room for pictures on this server: less than {} MiB are free.", LEAST_FREE >> 20)]
    NoSpace,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a picture to a record, published or yet to be, and gives its address. The same one again is the one that is
/// there.
pub async fn add(
    database: &Database,
    clock: &dyn Clock,
    data: &Path,
    (by, reach): (&Actor, Reach),
    failure: FailureId,
    picture: &Picture,
) -> Result<PictureAddress, AddError> {
    if let Err(SubmitError::NoSpace { .. }) = ensure_space(data) {
        return Err(AddError::NoSpace);
    }
    let size = Some((picture.width(), picture.height()));
    let digest = Sha256::digest(picture.bytes()).into();
    let mut transaction = database.begin().await?;
    picture::lock(&mut transaction, failure).await?;
    if reach == Reach::Own && picture::is_of_others(&mut transaction, failure, by.account()).await? {
        return Err(AddError::NotYours);
    }
    if let Some(id) = picture::same(&mut transaction, failure, &digest).await? {
        return Ok(PictureAddress { id, size });
    }
    let held = picture::held(&mut transaction, failure).await?;
    if held.count >= MOST_PICTURES {
        return Err(AddError::TooMany);
    }
    if held.bytes.saturating_add_unsigned(picture.bytes().len() as u64) > MOST_BYTES {
        return Err(AddError::TooHeavy);
    }
    let id = PictureId::new();
    keep(&mut transaction, clock, by, stored(id, failure, picture), &digest).await?;
    Database::commit(transaction).await?;
    Ok(PictureAddress { id, size })
}

/// How a picture stands to whoever asks; none if there is none that they may see.
pub async fn visible(
    connection: &mut Connection,
    id: PictureId,
    account: Option<AccountId>,
    reach: Reach,
) -> Result<Option<Standing>, StoreError> {
    let standing = picture::standing(connection, id, account).await?;
    Ok(standing.filter(|standing| *standing != Standing::Others || reach == Reach::All))
}

fn stored(id: PictureId, failure: FailureId, picture: &Picture) -> StoredPicture {
    let (format, width, height) = (picture.format(), picture.width(), picture.height());
    StoredPicture { id, failure, format, width, height, bytes: picture.bytes().to_vec() }
}

async fn keep(
    connection: &mut Connection,
    clock: &dyn Clock,
    by: &Actor,
    picture: StoredPicture,
    digest: &[u8; 32],
) -> Result<bool, StoreError> {
    let now = clock.now();
    if !picture::insert(connection, &picture, digest, by.account(), now).await? {
        return Ok(false);
    }
    let StoredPicture { id, failure, format, width, height, bytes } = &picture;
    let detail = format!("{format}, {width} × {height} pixels, {} bytes, for record {failure}", bytes.len());
    store::audit::append(connection, by, Deed::PictureAdded, &format!("pictures/{id}"), &detail, now).await?;
    Ok(true)
}

/// A published picture, for an export; none where nobody may see it who reads.
pub(super) async fn published(connection: &mut Connection, id: PictureId) -> Result<Option<StoredPicture>, StoreError> {
    match picture::standing(connection, id, None).await? {
        Some(Standing::Published) => picture::find(connection, id).await,
        Some(Standing::Own | Standing::Others) | None => Ok(None),
    }
}

/// The file of a picture in the folder of an export.
pub fn file_name(id: PictureId, format: PictureFormat) -> String {
    format!("{id}.{}", format.extension())
}

/// What became of the pictures of an import.
#[derive(Debug, Default)]
pub struct Taken {
    /// How many are new.
    pub added: usize,
    /// How many were there.
    pub unchanged: usize,
    /// Files that were left out, each with the reason, as a sentence.
    pub refused: Vec<(PathBuf, String)>,
}

/// Why the pictures of an import did not come in.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// A folder or file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes the pictures beside the story files of a folder, after those were imported: each goes to the first record that
/// names it, under the id that its file is called by. It can be repeated.
pub async fn import(
    database: &Database,
    clock: &dyn Clock,
    library: &Library,
    folder: &Path,
) -> Result<Taken, TakeError> {
    let mut taken = Taken::default();
    let files = files(folder)?;
    if files.is_empty() {
        return Ok(taken);
    }
    let owners = owners(library);
    for (path, id) in files {
        match import_one(database, clock, &owners, &path, id).await? {
            Ok(true) => taken.added += 1,
            Ok(false) => taken.unchanged += 1,
            Err(reason) => taken.refused.push((path, reason)),
        }
    }
    Ok(taken)
}

/// The pictures beside story files, by their names; files of other names are passed over.
pub fn files(folder: &Path) -> Result<Vec<(PathBuf, PictureId)>, TakeError> {
    let folder = folder.join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let error = |source| TakeError::Read { path: folder.clone(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let is_picture = PictureFormat::ALL.iter().any(|format| format.extension() == extension);
        let id = path.file_stem().and_then(|stem| Uuid::try_parse(stem.to_str()?).ok());
        found.extend(id.filter(|_| is_picture).map(|id| (path, PictureId(id))));
    }
    found.sort();
    Ok(found)
}

/// Reads the file of a picture; what is wrong with it is a sentence.
pub fn read_file(path: &Path) -> Result<Result<Picture, PictureError>, TakeError> {
    let error = |source| TakeError::Read { path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(error)?.len();
    if size > Picture::MOST_BYTES as u64 {
        return Ok(Err(PictureError::TooHeavy(usize::try_from(size).unwrap_or(usize::MAX))));
    }
    Ok(Picture::take(std::fs::read(path).map_err(error)?))
}

/// The first record that names each picture, patterns first.
fn owners(library: &Library) -> BTreeMap<PictureId, (FailureKind, Slug)> {
    let patterns = library
        .patterns
        .iter()
        .map(|(slug, pattern, _)| (FailureKind::Pattern, slug, story_file::print_pattern(pattern)));
    let stories =
        library.stories.iter().map(|(slug, story, _)| (FailureKind::Story, slug, story_file::print_story(story)));
    let mut owners = BTreeMap::new();
    for (kind, slug, text) in patterns.chain(stories) {
        for id in PictureAddress::named_in(&text) {
            owners.entry(id).or_insert_with(|| (kind, slug.clone()));
        }
    }
    owners
}

/// Whether it is new, or why it was left out.
async fn import_one(
    database: &Database,
    clock: &dyn Clock,
    owners: &BTreeMap<PictureId, (FailureKind, Slug)>,
    path: &Path,
    id: PictureId,
) -> Result<Result<bool, String>, TakeError> {
    let Some((kind, slug)) = owners.get(&id) else {
        return Ok(Err("No story or pattern here names it.".to_owned()));
    };
    let picture = match read_file(path)? {
        Ok(picture) => picture,
        Err(refusal) => return Ok(Err(refusal.to_string())),
    };
    let mut transaction = database.begin().await?;
    let Some(record) = store::record::find_by_slug(&mut transaction, *kind, slug).await? else {
        return Ok(Err(format!("The {kind} {slug}, which names it, is not in the library.")));
    };
    let digest = Sha256::digest(picture.bytes()).into();
    let picture = stored(id, record.id(), &picture);
    let is_new = keep(&mut transaction, clock, &Actor::ThisMachine, picture, &digest).await?;
    Database::commit(transaction).await?;
    Ok(Ok(is_new))
}
