//! How somebody proves who they are: secrets, passwords, OpenID Connect. No storage and no pages in here.

pub mod secret;
pub mod password;
pub mod oidc;

pub use secret::{Secret, SecretHash};
