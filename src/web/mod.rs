//! Pages and the JSON beside them: requests come in, views are rendered, errors become pages. The only user of
//! actix-web and askama.
//!
//! Reads go straight to store and search; every write goes through service. Deliberately absent: accounts and
//! sessions (until they exist, submitting is open on this machine only).

pub mod server;
pub mod state;

mod about;
mod assets;
mod browse;
pub mod diff;
mod edge;
mod error;
mod evidence;
mod extract;
mod failure;
mod guard;
mod health;
mod home;
mod limits;
mod page;
mod pattern;
mod revision;
mod routes;
mod story;
mod theme;

pub use state::{AppState, Settings, Submissions};
