//! Child processes: the only place that starts any.
//!
//! A child has a session of its own, no terminal, an environment that was asked for by
//! name, and does not outlive us; it has no input unless it is a companion. What it prints is taken in
//! without limit on time or memory of ours, and kept up to a cap. Nothing here
//! knows what a script means; that is `command` and `probe`.

mod companion;
mod environment;
mod exec;
mod group;
mod intake;
mod kept;
mod lines;
mod run;
mod spawn;
mod wanted;

pub use companion::Companion;
pub use exec::exec_child;
pub use kept::{CAP, Kept};
pub use run::{End, Ended, NotStarted, Running, run, start};
pub use wanted::{Capture, Wanted, executable};
