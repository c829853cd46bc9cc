//! kill -9 of the driver at every fail point, and at random instants.
//!
//! A real workspace, real scripts and the real binary. The scripts count how
//! often each operation ran, so that "nothing is done twice" is read off the
//! world, not off the journal.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod estate;
mod ground;
mod points;
mod random;
