//! Over which server letters are sent, and from whom.

use std::path::PathBuf;
use std::sync::Arc;

use super::Failed;
use crate::domain::clock::SystemClock;
use crate::mail::Mailer;
use crate::service::letters::Office;
use crate::store::Database;

/// How letters are sent. Without a server, or without a public address for their links, there are none.
#[derive(Debug, clap::Args)]
pub(super) struct MailOptions {
    /// The server that letters are sent over: smtps://user:password@host, or smtp://host:587?tls=required
    #[arg(long = "smtp", value_name = "URL", env = "CASEBOOK_SMTP_URL", hide_env_values = true)]
    smtp: Option<String>,
    /// A file that holds the address of that server, for those who keep secrets in files
    #[arg(long = "smtp-file", value_name = "FILE", env = "CASEBOOK_SMTP_URL_FILE", conflicts_with = "smtp")]
    smtp_file: Option<PathBuf>,
    /// Who letters are from: an e-mail address
    #[arg(long = "mail-from", value_name = "ADDRESS", env = "CASEBOOK_MAIL_FROM")]
    mail_from: Option<String>,
}

impl MailOptions {
    /// What sends the letters of a node, if there are to be any.
    pub(super) fn office(&self, database: &Database, public_url: Option<&str>) -> Result<Option<Office>, Failed> {
        let Some(server) = self.server()? else { return Ok(None) };
        let Some(site) = public_url else {
            return Err(Failed::new("letters need --public-url: without it their links would lead nowhere"));
        };
        let Some(from) = &self.mail_from else {
            return Err(Failed::new("letters need --mail-from: the address that they are from"));
        };
        let mailer = Mailer::new(&server, from).map_err(Failed::because("cannot send letters"))?;
        Ok(Some(Office::new(database.clone(), Arc::new(SystemClock), mailer, site.to_owned())))
    }

    fn server(&self) -> Result<Option<String>, Failed> {
        let Some(file) = &self.smtp_file else {
            return Ok(self.smtp.clone().filter(|url| !url.trim().is_empty()));
        };
        let text = std::fs::read_to_string(file)
            .map_err(Failed::because(format!("cannot read the address of the SMTP server from {}", file.display())))?;
        Ok(Some(text.trim().to_owned()))
    }
}
