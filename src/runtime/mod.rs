//! The runtime: where threads, tasks and the clock live. It drives the pure
//! engine: one dispatcher thread with one inbox, an executor that lets effects
//! out, an observer that watches. It decides nothing itself.

pub mod anchor;
pub mod artifact;
pub mod clock;
mod dispatcher;
mod errand;
pub mod executor;
mod feeds;
pub mod foresee;
pub mod identity;
pub mod input;
mod keys;
mod look;
pub mod metrics;
pub mod observer;
mod outdated;
pub mod plugin;
pub mod recorder;
mod recover;
mod reload;
mod start;
mod tail;
mod tellers;
pub mod way_back;

pub use look::{Introduction, drifts, introductions, observe_for};
pub use start::{Runtime, Setup};
