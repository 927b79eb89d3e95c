//! Casebook: a postmortem knowledge base that answers "have we, or has anyone, seen this before?"

pub mod cli;
pub mod domain;
pub mod markdown;
pub mod postgres;
pub mod search;
pub mod service;
pub mod store;
pub mod story_file;
pub mod web;
