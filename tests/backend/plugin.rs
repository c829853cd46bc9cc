//! Plugins: the wire, trust, the life of a process that may die at any moment.

mod back;
mod examples;
mod frame;
pub mod ground;
mod introduced;
mod kit;
mod life;
mod limits;
mod matrix;
mod meta;
mod schema;
mod secret;
mod trust;
mod watch;
