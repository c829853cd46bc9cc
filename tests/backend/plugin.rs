//! Plugins: the wire, trust, the life of a process that may die at any moment.

mod examples;
mod frame;
mod ground;
mod kit;
mod life;
mod schema;
mod secret;
mod trust;
mod watch;
