//! Letters: written by services, sent over SMTP.

use std::net::IpAddr;
use std::time::Duration;

use lettre::message::{Mailbox, header};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// Why a letter was not sent, or cannot be.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address of the server cannot be used. It is not repeated: it may hold a password.
    #[error(
        "found an address of an SMTP server that cannot be used; expected smtps://user:password@host or smtp://host:port?tls=required"
    )]
    Server(#[source] lettre::transport::smtp::Error),
    /// A password would go over the network for everybody to read.
    #[error("the password for the SMTP server would travel unencrypted; use smtps://, or add ?tls=required")]
    Unencrypted,
    /// An e-mail address makes no sense.
    #[error("found an e-mail address that cannot be used; expected one such as casebook@example.com")]
    Address(#[source] lettre::address::AddressError),
    /// The letter could not be put together.
    #[error("the letter could not be put together")]
    Letter(#[source] lettre::error::Error),
    /// The server did not take it.
    #[error("the SMTP server did not take the letter")]
    Refused(#[source] lettre::transport::smtp::Error),
    /// The server took too long.
    #[error("the SMTP server did not take the letter within {} s", PATIENCE.as_secs())]
    Late,
}

/// The longest that one letter may take; shorter than the time after which it is tried again.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest that the server may take for an answer.
const ANSWER: Duration = Duration::from_secs(15);

/// A way to send letters.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// Over the server at an address such as `smtps://user:password@host:465` or `smtp://host:587?tls=required`, from an
    /// e-mail address.
    pub fn new(server: &str, from: &str) -> Result<Self, MailError> {
        if shows_password(server) {
            return Err(MailError::Unencrypted);
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(server)
            .map_err(MailError::Server)?
            .timeout(Some(ANSWER))
            .build();
        let from = Mailbox::new(Some("Casebook".to_owned()), address(from)?);
        Ok(Self { transport, from })
    }

    /// Sends plain text to an e-mail address.
    pub async fn send(&self, recipient: &str, subject: &str, body: &str) -> Result<(), MailError> {
        let letter = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address(recipient)?))
            .subject(subject)
            .message_id(None)
            // So that machines do not answer.
            .header(header::ContentType::TEXT_PLAIN)
            .body(body.to_owned())
            .map_err(MailError::Letter)?;
        match tokio::time::timeout(PATIENCE, self.transport.send(letter)).await {
            Ok(Ok(_taken)) => Ok(()),
            Ok(Err(refusal)) => Err(MailError::Refused(refusal)),
            Err(_elapsed) => Err(MailError::Late),
        }
    }
}

fn address(text: &str) -> Result<Address, MailError> {
    text.parse().map_err(MailError::Address)
}

/// Whether an address of a server holds a password that would leave this machine unencrypted.
fn shows_password(server: &str) -> bool {
    let Some(rest) = server.strip_prefix("smtp://") else { return false };
    let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let Some((_, host)) = authority.rsplit_once('@') else { return false };
    let host = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    !is_here && !after.contains("tls=required")
}

#[cfg(test)]
mod tests {
    use super::{MailError, Mailer};

    fn refused(server: &str, from: &str) -> MailError {
        Mailer::new(server, from).err().unwrap_or_else(|| panic!("{server} was accepted"))
    }

    #[test]
    fn a_password_never_travels_unencrypted() {
        for server in ["smtp://me:secret@mail.example.com", "smtp://me:secret@mail.example.com:587?tls=opportunistic"] {
            let refusal = refused(server, "a@example.com");
            assert!(matches!(refusal, MailError::Unencrypted), "{refusal}");
            assert!(!format!("{refusal:?} {refusal}").contains("secret"));
        }
        for server in [
            "smtps://me:secret@mail.example.com",
            "smtp://me:secret@mail.example.com:587?tls=required",
            "smtp://me:secret@127.0.0.1:2525",
            "smtp://me:secret@[::1]:2525",
            "smtp://mail.example.com:25",
        ] {
            assert!(Mailer::new(server, "a@example.com").is_ok(), "{server}");
        }
    }

    #[test]
    fn what_is_no_server_and_no_address_is_refused_at_start() {
        assert!(matches!(refused("http://mail.example.com", "a@example.com"), MailError::Server(_)));
        assert!(matches!(refused("smtp://mail.example.com", "nobody"), MailError::Address(_)));
    }
}
