//! The command line as a person or a pipeline uses it: exit status, standard
//! output and standard error of the real binary, on real scripts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "http")]
mod actions;
mod adhoc;
#[cfg(feature = "http")]
mod alerts;
#[cfg(feature = "http")]
#[path = "../support/argocd/mod.rs"]
#[allow(dead_code)]
mod argo_server;
mod artifacts;
mod bypasses;
mod calendar;
mod changes;
#[cfg(feature = "kubernetes")]
mod cluster;
mod cohorts;
mod conn;
mod day;
#[cfg(feature = "http")]
mod drift;
#[cfg(feature = "http")]
mod feeds;
mod forecast;
mod foreseen;
mod ground;
#[cfg(feature = "http")]
mod health;
mod holds;
mod import;
#[cfg(feature = "tui")]
mod keys;
#[cfg(feature = "http")]
mod left_off;
mod people;
mod plain;
mod policy;
mod questions;
mod regulated;
mod rehearsals;
#[cfg(feature = "http")]
#[path = "../backend/server.rs"]
#[allow(dead_code)]
mod server;
#[cfg(feature = "kubernetes")]
mod shop;
mod signed;
#[cfg(feature = "tui")]
mod tellers;
#[cfg(feature = "http")]
mod templates;
mod theme;
mod usage;
#[cfg(feature = "http")]
mod windows;
#[cfg(feature = "http")]
#[path = "../support/wire.rs"]
mod wire;
