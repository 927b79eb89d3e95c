//! Pages and the JSON beside them: requests come in, views are rendered, errors become pages. The only user of
//! actix-web and askama.
//!
//! Reads go straight to store and search; every write goes through service. Who may do what is
//! decided in one place: every route names its permission (`routes.rs`).

pub mod server;
pub mod state;

pub mod routes;
mod visitor;
mod page;
mod extract;
mod error;
mod guard;
mod peer;
mod limits;
mod rate;
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
mod keeping;
mod audit;
mod feed;
mod rules;
mod diff;
mod submit;
mod review;
mod drafts;
mod aids;
mod form;
mod api;
mod account;
mod members;
mod about;
mod health;
mod oidc;
mod picture;
mod contact;

pub use hot::HotPages;
pub use lanes::Lanes;
pub use limits::Patience;
pub use peer::Network;
pub use rate::{RateLimit, Rates};
pub use state::{AppState, Settings};

#[cfg(test)]
mod tests;
