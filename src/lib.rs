//! Casebook: a postmortem knowledge base that answers "have we, or has anyone, seen this before?"

pub mod domain;
pub mod story_file;
pub mod markdown;
pub mod store;
pub mod search;
pub mod postgres;
pub mod service;
pub mod web;
pub mod cli;
