//! The shared test code against programs whose behaviour is known: when one of
//! these fails, what the other areas say of holdpoint means nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "mod.rs"]
mod support;

mod command_works;
mod standstill_works;
mod terminal_works;
