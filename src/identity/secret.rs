//! Random values that let somebody in: of sessions, API tokens and links. Only their hash is ever kept.

pub use getrandom::Error as NoRandomness;
use sha2::{Digest, Sha256};

/// The SHA-256 of a secret: all that is kept of it.
pub type SecretHash = [u8; 32];

/// 256 random bits. It is shown once, to whoever it is for.
pub struct Secret(String);

impl Secret {
    /// A new one, from the randomness of the operating system.
    pub fn new() -> Result<Self, NoRandomness> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// The value itself, for a cookie, an address or a screen. Never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        hash(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is kept of a secret that came from outside. No salt: it is random, so there is nothing to guess.
pub fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::{Secret, hash};

    #[test]
    fn a_secret_is_found_by_its_hash_and_does_not_show_itself() {
        let secret = Secret::new().expect("randomness");
        assert_eq!(secret.reveal().len(), 64);
        assert_eq!(hash(secret.reveal()), secret.hash());
        assert!(!format!("{secret:?}").contains(secret.reveal()));
        assert_ne!(secret.hash(), Secret::new().expect("randomness").hash());
    }
}
