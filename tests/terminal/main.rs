//! The terminal substrate: its parser in process, its threads and modes in a PTY.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![cfg(feature = "tui")]

mod keys;
mod pace;
mod painter;
mod probe;
mod pty;
mod session;
mod signals;
#[path = "../support/standstill.rs"]
mod standstill;
