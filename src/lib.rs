//! Casebook: a postmortem knowledge base that answers "have we, or has anyone, seen this before?"
//!
//! The house has floors; a room may use the rooms below it and none beside it. `tests/it/tidy.rs` holds this table.
//!
//! | floor | room | what it is for |
//! |---|---|---|
//! | 0 | [`domain`] | stories, patterns and their parts: types that are right once they exist |
//! | 1 | [`story_file`] | story files to domain and back, errors with file and line |
//! | 1 | [`evidence`] | pasted text to signals: log entries, Kubernetes objects, alerts; secrets masked |
//! | 1 | [`detection`] | detection rules compiled, run and exported |
//! | 1 | [`intake`] | rules that others wrote, in their own formats, to patterns |
//! | 1 | [`markdown`] | Markdown to safe HTML and plain text |
//! | 1 | [`identity`] | how somebody proves who they are: secrets, passwords, OpenID Connect |
//! | 1 | [`picture`] | pictures decoded within limits and written anew |
//! | 1 | [`merging`] | three-way merges of what two people wrote |
//! | 2 | [`mail`] | letters over SMTP |
//! | 2 | [`store`] | PostgreSQL, the truth |
//! | 2 | [`search`] | the full-text index, a projection of the truth |
//! | 2 | [`postgres`] | the embedded database: a supervised child process |
//! | 3 | [`service`] | use cases: whatever writes, or touches both truth and projection |
//! | 4 | [`web`] | pages, forms and the JSON API |
//! | 4 | [`cli`] | commands |

pub mod domain;
pub mod story_file;
pub mod evidence;
pub mod detection;
pub mod intake;
pub mod markdown;
pub mod identity;
pub mod picture;
pub mod merging;
pub mod mail;
pub mod store;
pub mod search;
pub mod postgres;
pub mod service;
pub mod web;
pub mod cli;
pub mod telemetry;
