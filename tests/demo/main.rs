//! The demo's estate: real processes, real failures, and nothing left behind.
//!
//! Each test has an estate of its own. What is measured is measured over the
//! routers' counters, as holdpoint's signals are.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
#![cfg(feature = "demo")]

#[path = "../support/mod.rs"]
mod support;

mod coming_up;
mod directing;
mod ending;
mod fault;
mod ground;
mod killed;
mod monitored;
mod shifting;
