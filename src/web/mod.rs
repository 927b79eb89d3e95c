//! Pages and the JSON beside them: requests come in, views are rendered, errors become pages. The only user of
//! actix-web and askama.
//!
//! Reads go straight to store and search; every write goes through service. Deliberately absent: accounts and
//! sessions (until they exist, submitting is open on this machine only).

pub mod server;
pub mod state;

mod about;
mod assets;
mod edge;
mod error;
mod evidence;
mod extract;
mod guard;
mod health;
mod home;
mod limits;
mod page;
mod routes;
mod theme;

pub use state::{AppState, IndexState, Settings, Submissions};

#[cfg(test)]
mod tests;
