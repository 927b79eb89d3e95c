//! The work on passwords, a few at once: each takes 19 MiB of memory and tens of milliseconds of a core.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::AccountError;
use crate::identity::password::{self, Breached, Verdict, Weakness};

/// Chooses and compares passwords; one for a node.
pub struct Passwords {
    breached: Option<Arc<Breached>>,
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Passwords {
    /// More at once would only make each slower, and take the machine from those who read.
    const MOST_AT_ONCE: usize = 4;
    /// How long anybody waits for a turn.
    const PATIENCE: Duration = Duration::from_secs(5);

    /// With a list of passwords that nobody may choose, or without.
    pub fn new(breached: Option<Breached>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = cores.div_ceil(2).min(Self::MOST_AT_ONCE);
        Self { breached: breached.map(Arc::new), turns: Arc::new(Semaphore::new(at_once)) }
    }

    /// Checks a new password and gives what is kept of it. `context` is what everybody knows of its owner.
    pub async fn choose(&self, password: &str, context: Vec<String>) -> Result<Result<String, Weakness>, AccountError> {
        let (password, breached) = (password.to_owned(), self.breached.clone());
        self.run(move || {
            let context: Vec<&str> = context.iter().map(String::as_str).collect();
            if let Err(weakness) = password::check(&password, &context) {
                return Ok(Err(weakness));
            }
            if let Some(breached) = breached
                && breached.contains(&password).map_err(AccountError::Breached)?
            {
                return Ok(Err(Weakness::Breached));
            }
            Ok(Ok(password::hash(&password)?))
        })
        .await?
    }

    /// Compares a password with what is kept; where nothing is kept it takes as long.
    pub(super) async fn verify(&self, password: &str, kept: Option<String>) -> Result<Verdict, AccountError> {
        // What could not have been chosen is not right; hashing as much as a whole form would be work for nothing.
        let password = if password.len() > password::MOST_BYTES { String::new() } else { password.to_owned() };
        self.run(move || password::verify(&password, kept.as_deref())).await
    }

    /// Hashes a password that was right once more.
    pub(super) async fn hash(&self, password: &str) -> Result<String, AccountError> {
        let password = password.to_owned();
        Ok(self.run(move || password::hash(&password)).await??)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AccountError> {
        let turn = match tokio::time::timeout(Self::PATIENCE, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(turn)) => turn,
            Ok(Err(_)) | Err(_) => return Err(AccountError::Busy),
        };
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work: whoever asked may be gone before it is done.
            let _turn = turn;
            work()
        });
        Ok(done.await?)
    }
}
