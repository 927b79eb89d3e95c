//! The `casebook` program.
fn main() {}
