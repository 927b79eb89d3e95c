//! Pages and the JSON beside them: requests come in, views are rendered, errors become pages. The only user of
//! actix-web and askama.
//!
//! Reads go straight to store and search; every write goes through service. Deliberately absent: accounts and
//! sessions (until they exist, submitting is open on this machine only).

pub mod server;
pub mod state;

mod routes;
mod page;
mod extract;
mod error;
mod guard;
mod limits;
mod edge;
mod hot;
mod lanes;
mod assets;
mod theme;
mod spoken;
mod home;
mod answer;
mod evidence;
mod browse;
mod failure;
mod story;
mod pattern;
mod revision;
mod rules;
mod diff;
mod submit;
mod form;
mod api;
mod about;
mod health;

pub use hot::HotPages;
pub use lanes::Lanes;
pub use state::{AppState, Settings, Submissions};

#[cfg(test)]
mod tests;
