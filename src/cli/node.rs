//! What `serve` and the commands beside it share: the data folder and the database, embedded or not.

use std::path::{Path, PathBuf};

use super::Failed;
use crate::postgres::{self, Cluster, DataFolder, PostgresError};
use crate::store::Database;

/// Where the data is.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct NodeOptions {
    /// The folder for this node's index and, without a database address, for PostgreSQL itself
    /// [default: ./data, or /var/lib/casebook for root where other users cannot enter ./data]
    #[arg(long, value_name = "DIR", env = "CASEBOOK_DATA")]
    data: Option<PathBuf>,
    /// A postgres:// address; without one Casebook runs a PostgreSQL of its own in the data folder
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// A file that holds the database address, for those who keep secrets in files
    #[arg(long, value_name = "FILE", env = "DATABASE_URL_FILE", conflicts_with = "database_url")]
    pub database_url_file: Option<PathBuf>,
    /// The folder of the PostgreSQL programs; looked for when absent
    #[arg(long, value_name = "DIR", env = "CASEBOOK_POSTGRES_BIN")]
    pub postgres_bin: Option<PathBuf>,
    /// The user that runs PostgreSQL when Casebook is started as root [default: postgres, else nobody]
    #[arg(long, value_name = "USER", env = "CASEBOOK_POSTGRES_USER")]
    pub postgres_user: Option<String>,
}

impl NodeOptions {
    /// The address of a PostgreSQL that others run, where one is given.
    fn address(&self) -> Result<Option<String>, Failed> {
        let Some(file) = &self.database_url_file else {
            return Ok(self.database_url.clone().filter(|url| !url.trim().is_empty()));
        };
        let text = std::fs::read_to_string(file)
            .map_err(Failed::because(format!("cannot read the database address from {}", file.display())))?;
        Ok(Some(text.trim().to_owned()))
    }

    /// The data folder. PostgreSQL refuses to run as root and so runs as another user, who cannot enter root's own
    /// folders: what root starts there without naming a folder goes where services keep their data.
    fn data(&self) -> Result<PathBuf, Failed> {
        const USUAL: &str = "./data";
        const FOR_ROOT: &str = "/var/lib/casebook";
        if let Some(data) = &self.data {
            return Ok(data.clone());
        }
        if self.address()?.is_some() || postgres::can_reach(USUAL.as_ref(), &self.settings()) {
            return Ok(USUAL.into());
        }
        tracing::info!("the data is in {FOR_ROOT}: the user that runs PostgreSQL cannot enter {USUAL}");
        Ok(FOR_ROOT.into())
    }

    fn settings(&self) -> postgres::Settings {
        postgres::Settings {
            binaries: self.postgres_bin.clone(),
            run_as: self.postgres_user.clone(),
            durability: postgres::Durability::Full,
        }
    }
}

/// The address of the database that runs: the one given, or the embedded one of a server under way.
pub(super) fn running_url(options: &NodeOptions) -> Result<String, Failed> {
    match options.address()? {
        Some(url) => Ok(url),
        None => {
            let data = options.data()?;
            postgres::running_url(&data).map_err(data_folder(&data))
        }
    }
}

/// A database that can be used, and what has to be kept alive for it.
pub(super) struct Node {
    /// The pool's address.
    pub url: String,
    /// The embedded PostgreSQL, if this process runs it; it stops when this is dropped.
    _cluster: Option<Cluster>,
    /// The data folder, if this process has claimed it; the server always has.
    pub folder: Option<DataFolder>,
}

impl Node {
    /// For the server: claims the data folder and starts PostgreSQL in it, unless another one is given.
    pub fn serving(options: &NodeOptions) -> Result<Self, Failed> {
        let data = options.data()?;
        let folder = DataFolder::claim(&data).map_err(data_folder(&data))?;
        match options.address()? {
            Some(url) => Ok(Self { url, _cluster: None, folder: Some(folder) }),
            None => Self::embedded(options, folder),
        }
    }

    /// For a command beside the server: uses the database that runs, or starts the embedded one for as long as it takes.
    pub fn visiting(options: &NodeOptions) -> Result<Self, Failed> {
        if let Some(url) = options.address()? {
            return Ok(Self { url, _cluster: None, folder: None });
        }
        let data = options.data()?;
        match DataFolder::claim(&data) {
            Ok(folder) => Self::embedded(options, folder),
            Err(PostgresError::FolderInUse { .. }) => {
                let url = postgres::running_url(&data).map_err(data_folder(&data))?;
                Ok(Self { url, _cluster: None, folder: None })
            }
            Err(error) => Err(data_folder(&data)(error)),
        }
    }

    fn embedded(options: &NodeOptions, folder: DataFolder) -> Result<Self, Failed> {
        let cluster = Cluster::start(&options.settings(), &folder)
            .map_err(Failed::because("cannot start the embedded PostgreSQL"))?;
        Ok(Self { url: cluster.url(), _cluster: Some(cluster), folder: Some(folder) })
    }

    /// The pool, with every migration applied.
    pub async fn database(&self) -> Result<Database, Failed> {
        let database = Database::lazy(&self.url).map_err(Failed::because("cannot use the database address"))?;
        database.migrate().await.map_err(Failed::because("cannot prepare the database"))?;
        Ok(database)
    }
}

fn data_folder(data: &Path) -> impl FnOnce(PostgresError) -> Failed {
    Failed::because(format!("cannot use the data folder {}", data.display()))
}
