//! Others that search the same documents: the bare library that Casebook's index is made with, PostgreSQL, and SQLite.

pub mod bare;
pub mod postgres;
pub mod sqlite;
