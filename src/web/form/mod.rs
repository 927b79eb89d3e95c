//! The form in which a story is written: its body read, changed by a row, and shown again. No requests and no storage in here.

pub mod action;
pub mod sublist;
pub mod body;
pub mod complaint;
pub mod contest;
pub mod menu;
pub mod paste;
pub mod pasted;
pub mod preview;
pub mod rest;
pub mod secrets;
pub mod steps;
pub mod trial;
pub mod view;

pub use action::Action;
pub use body::{BodyError, Filled};
pub use view::FormView;
