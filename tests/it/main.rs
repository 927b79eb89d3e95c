//! The integration tests: one binary, a real PostgreSQL, a real server on port 0.

mod database;
mod server;
mod program;
mod people;

mod tidy;
mod migrations;
mod story_files;
mod taking_in;
mod checking;
mod matching;
mod browsing;
mod aids;
mod submitting;
mod accounts;
mod reviewing;
mod drafting;
mod keeping;
mod api;
mod index;
mod hot;
mod bad_input;
mod limits;
mod access;
mod evaluating;
mod faults;
mod rules;
mod manifest_rules;
mod openid;
mod pictures;
