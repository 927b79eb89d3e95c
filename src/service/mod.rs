//! Use cases: whatever writes, needs a transaction, or touches both PostgreSQL and the index. One file each.

pub mod account;
pub mod review;
pub mod rule_aid;
pub mod submit;
pub mod reviewing;
pub mod letters;
pub mod draft;
pub mod import;
pub mod keeping;
pub mod audit;
pub mod take_in;
pub mod library;
pub mod export;
pub mod picture;
pub mod project;
pub mod follow;
pub mod rebuild;
mod filling;
pub mod offline;
pub mod diagnose;
mod rules_of_index;
pub mod answer;
pub mod promtool;
pub mod rules;
pub mod evaluate;
pub mod oidc;
