//! Faults under the real program in a real terminal: deaths, full disks, closed
//! windows, panics, other people, and input that makes no sense.
//!
//! Waits for what a person would see, never for time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![cfg(feature = "tui")]

#[path = "../support/mod.rs"]
mod support;

mod disk;
mod endings;
#[cfg(feature = "demo")]
mod estate;
mod freeze;
mod ground;
mod hands;
mod input;
mod lent;
mod mouse;
mod panics;
mod people;
mod replay;
mod stopping;
