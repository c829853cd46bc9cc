//! Kubernetes API servers for measuring: many lean objects of a realistic size, changes at a rate,
//! and every way to go wrong. It stores nothing that is sent to it.

mod answer;
mod feed;
mod object;
mod others;
pub mod process;
pub mod server;
