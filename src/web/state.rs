//! What every request can reach: the database, the index, the clock and the settings.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::error::PageError;
use super::hot::HotPages;
use super::lanes::Lanes;
use super::peer::Network;
use super::rate::Rates;
use crate::domain::Policy;
use crate::domain::clock::Clock;
use crate::domain::matching::Evidence;
use crate::identity::oidc::Provider;
use crate::search::{SearchError, SearchIndex};
use crate::service::account::Passwords;
use crate::service::diagnose::{Diagnoser, Diagnosis};
use crate::service::follow::IndexStatus;
use crate::store::{Connection, Database, StoreError};

/// One of these is shared by all workers.
pub struct AppState {
    /// The truth.
    pub database: Database,
    /// Its projection, for searching.
    pub index: SearchIndex,
    /// The same with its rules, for matching.
    pub diagnoser: Diagnoser,
    /// Where the present comes from.
    pub clock: Arc<dyn Clock>,
    /// What the operator chose.
    pub settings: Settings,
    /// How the index stands to the database; shown by `/readyz` and `/about`.
    pub index_status: tokio::sync::watch::Receiver<IndexStatus>,
    /// Answers that are ready to be sent.
    pub pages: HotPages,
    /// Turns at the index.
    pub lanes: Lanes,
    /// Turns at passwords, and those that nobody may choose.
    pub passwords: Passwords,
    /// How often each address asked of late.
    pub rates: Rates,
}

/// What the operator chose.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who may do what.
    pub policy: Policy,
    /// Names, without a port, by which this server may be called, besides IP addresses, `localhost` and the name in
    /// `public_url`.
    pub hosts: Vec<String>,
    /// The address people use, such as `https://casebook.example.com`, without a slash at the end.
    pub public_url: Option<String>,
    /// The proxies whose word is taken for where a request comes from.
    pub trusted_proxies: Vec<Network>,
    /// Where to report a vulnerability of this instance: a `mailto:` or `https:` address.
    pub security_contact: Option<String>,
    /// The data folder; its disk is watched by `/readyz`.
    pub data: PathBuf,
    /// The provider that people may log in with, where there is one.
    pub oidc: Option<Arc<Provider>>,
}

impl AppState {
    /// The longest a page waits for the database, all its reads together.
    pub(super) const READING: Duration = Duration::from_secs(4);

    /// Runs reads on one connection and bounds the time they take together, so that a page never waits for a
    /// database that is gone: it answers 503 instead.
    pub async fn reading<T>(
        &self,
        read: impl AsyncFnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, PageError> {
        let work = async {
            let mut connection = self.database.connection().await?;
            read(&mut connection).await
        };
        match tokio::time::timeout(Self::READING, work).await {
            Ok(result) => Ok(result?),
            Err(elapsed) => Err(PageError::Unavailable(Box::new(elapsed))),
        }
    }

    /// Asks the index when it is the caller's turn.
    pub async fn searching<T: Send + 'static>(
        &self,
        search: impl FnOnce(&SearchIndex) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, PageError> {
        let index = self.index.clone();
        Ok(self.lanes.searches.run(move || search(&index)).await??)
    }

    /// Matches evidence when it is its turn.
    pub async fn diagnosing(&self, evidence: Evidence, limit: usize) -> Result<Diagnosis, PageError> {
        let (diagnoser, now) = (self.diagnoser.clone(), self.clock.now());
        let is_long = evidence.as_str().len() >= Lanes::LONG;
        let lane = if is_long { &self.lanes.long_matches } else { &self.lanes.matches };
        Ok(lane.run(move || diagnoser.diagnose(&evidence, now, limit)).await??)
    }
}

impl Settings {
    /// What holds where the operator chose no more than this.
    pub fn new(policy: Policy, data: PathBuf) -> Self {
        Self {
            policy,
            hosts: Vec::new(),
            public_url: None,
            trusted_proxies: Vec::new(),
            security_contact: None,
            data,
            oidc: None,
        }
    }

    /// Whether people reach the server over HTTPS, so that cookies must not travel without it.
    pub fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}
