//! Letters: written in the transaction of what they tell of, sent afterwards by whichever node can.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use crate::domain::Email;
use crate::domain::clock::Clock;
use crate::mail::Mailer;
use crate::store::letter::{self, End, Letter};
use crate::store::{Connection, Database, StoreError};

/// How long a letter is tried.
const TRIED: TimeDelta = TimeDelta::days(1);
/// How long it is known that there was one.
const KNOWN: TimeDelta = TimeDelta::days(30);
/// How long a letter may lie before it is looked for.
const ROUND: Duration = Duration::from_secs(2);
/// How often it is said that letters are sent from here.
const SIGN: TimeDelta = TimeDelta::minutes(10);

/// Where links in letters lead, if letters are sent at all: the public address, without a slash at the end.
pub async fn site(connection: &mut Connection, now: DateTime<Utc>) -> Result<Option<String>, StoreError> {
    letter::office(connection, now).await
}

/// Writes a letter, to be sent once the transaction is committed. Where no letters are sent it comes to nothing.
pub async fn write(
    connection: &mut Connection,
    recipient: &Email,
    subject: &str,
    body: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if letter::office(connection, now).await?.is_none() {
        return Ok(());
    }
    letter::insert(connection, recipient, (&one_line(subject), body), now).await
}

/// As a subject has to be: whatever somebody typed into a title, it begins no line of its own.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 200;
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect()
}

/// The office of a node: sends what is due.
pub struct Office {
    database: Database,
    clock: Arc<dyn Clock>,
    mailer: Mailer,
    /// What links begin with.
    site: String,
    signed_at: Option<DateTime<Utc>>,
}

impl Office {
    /// An office for letters whose links begin with `site`.
    pub fn new(database: Database, clock: Arc<dyn Clock>, mailer: Mailer, site: String) -> Self {
        Self { database, clock, mailer, site, signed_at: None }
    }

    /// Sends letters until it is told to stop.
    pub async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.round().await {
                // What is wrong with the database is said by those who need it more.
                tracing::debug!(error = &error as &dyn std::error::Error, "letters could not be looked for");
            }
            tokio::select! {
                () = tokio::time::sleep(ROUND) => {}
                _ = stopped.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Sends everything that is due, and gives how many letters were taken by a server.
    pub async fn round(&mut self) -> Result<usize, StoreError> {
        self.sign().await?;
        let mut sent = 0;
        loop {
            let now = self.clock.now();
            let taken = letter::take(&mut *self.database.connection().await?, now).await?;
            let Some(letter) = taken else { return Ok(sent) };
            sent += usize::from(self.deliver(&letter).await? == Some(End::Sent));
        }
    }

    async fn sign(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        if self.signed_at.is_none_or(|before| now - before > SIGN) {
            let mut connection = self.database.connection().await?;
            letter::keep_office(&mut connection, &self.site, now).await?;
            letter::forget(&mut connection, now - KNOWN).await?;
            self.signed_at = Some(now);
        }
        Ok(())
    }

    /// What became of a letter; nothing yet where it is tried again. No connection is held meanwhile.
    async fn deliver(&self, letter: &Letter) -> Result<Option<End>, StoreError> {
        let outcome = self.mailer.send(&letter.recipient, &letter.subject, &letter.body).await;
        let now = self.clock.now();
        let end = match outcome {
            Ok(()) => End::Sent,
            Err(error) if now - letter.created_at > TRIED => {
                let attempts = letter.attempts;
                let error = &error as &dyn std::error::Error;
                tracing::error!(letter = %letter.id, attempts, error, "a letter could not be sent and is given up");
                End::Failed
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(letter = %letter.id, attempts = letter.attempts, error, "a letter is tried again later");
                return Ok(None);
            }
        };
        letter::finish(&mut *self.database.connection().await?, letter.id, end, now).await?;
        Ok(Some(end))
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_title_cannot_begin_a_header_of_its_own() {
        assert_eq!(one_line("Pods\r\nBcc: all@example.com\u{0}\tgone "), "Pods Bcc: all@example.com gone");
        assert_eq!(one_line(&"é".repeat(500)).chars().count(), 200);
    }
}
