//! Every route held against every visitor under every policy, and what docs/security.md says held against the sources.

mod matrix;
mod filling;
mod visitors;
mod whole;
mod headers;
mod rates;
mod contact;
mod asvs;
