//! The journal's promises: nothing acknowledged is lost, nothing is written
//! twice, no damage is silent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod child;
mod damage;
mod disk;
#[cfg(feature = "faults")]
mod faults;
mod format;
mod heads;
mod keys;
mod opening;
mod processes;
mod programs;
mod segments;
mod sessions;
#[path = "../support/skip.rs"]
mod skip;
mod state_dir;
mod verifying;
