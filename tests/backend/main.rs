//! Backends against real programs, real sockets and real files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[cfg(feature = "kubernetes")]
#[path = "../support/cluster/mod.rs"]
mod cluster;
mod command;
mod contract;
mod deployments;
#[cfg(feature = "faults")]
mod faults;
mod files;
#[cfg(feature = "kubernetes")]
mod kube;
mod life;
mod metrics;
mod nagios;
mod output;
mod plugin;
#[cfg(feature = "http")]
mod probe;
mod secret;
#[cfg(feature = "http")]
mod server;
mod support;
mod template;
