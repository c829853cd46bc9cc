//! Backends against real programs, real sockets and real files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[cfg(feature = "http")]
mod alertmanager;
#[cfg(feature = "http")]
#[path = "../support/argocd/mod.rs"]
mod argo_server;
#[cfg(feature = "http")]
mod argocd;
mod artifact;
#[cfg(feature = "http")]
mod clocks;
#[cfg(feature = "kubernetes")]
#[path = "../support/cluster/mod.rs"]
mod cluster;
mod command;
#[cfg(feature = "http")]
mod compare;
#[cfg(feature = "http")]
mod contract;
mod deployments;
mod ends;
#[path = "../support/executable.rs"]
mod executable;
#[cfg(feature = "http")]
mod fake;
#[cfg(feature = "faults")]
mod faults;
#[cfg(feature = "http")]
mod feed;
mod files;
mod flux;
mod foreign;
mod foresee;
#[cfg(feature = "http")]
mod frozen;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod http_policy;
#[cfg(feature = "http")]
mod http_recovery;
#[cfg(feature = "http")]
mod http_spared;
#[cfg(feature = "kubernetes")]
mod kube;
mod leave;
mod life;
#[cfg(feature = "http")]
mod literal;
#[cfg(feature = "http")]
mod matrix;
mod measured;
mod metrics;
mod nagios;
mod output;
#[cfg(feature = "http")]
mod periods;
mod plugin;
#[cfg(feature = "http")]
mod probe;
#[cfg(feature = "http")]
mod programs;
#[cfg(feature = "http")]
mod prometheus;
#[cfg(feature = "http")]
mod proxied;
#[cfg(feature = "http")]
mod radicale;
#[cfg(feature = "http")]
mod recorded;
mod report;
#[cfg(feature = "http")]
mod rules;
mod secret;
#[cfg(feature = "http")]
mod server;
#[cfg(feature = "http")]
mod silences;
#[path = "../support/skip.rs"]
mod skip;
#[path = "../support/standstill.rs"]
mod standstill;
mod support;
mod template;
#[cfg(feature = "http")]
mod tls;
#[path = "../support/trial.rs"]
mod trial;
#[path = "../support/undisturbed.rs"]
mod undisturbed;
#[cfg(feature = "kubernetes")]
mod wanted;
#[cfg(feature = "http")]
#[path = "../support/wire.rs"]
mod wire;
