//! What the tests of several areas share. Another test binary takes it in with
//! `#[path = "../support/mod.rs"] mod support;`.
//!
//! `ground` is a small team with one service, `launch` and `pty` run the real program in a terminal of its own, `sandbox` runs it as a
//! command with a home of its own, `processes` finds what they left behind.
//! `standstill` and `trial` are for machines that stand still for seconds.
//! Nothing here waits for a fixed time: it waits for something to become true,
//! and says what it saw instead when that never happens.

#![allow(dead_code, unused_imports)]

pub mod executable;
pub mod ground;
pub mod keys;
pub mod launch;
pub mod modes;
pub mod processes;
pub mod pty;
pub mod sandbox;
pub mod skip;
pub mod standstill;
pub mod trial;
pub mod wait;

pub use launch::Launch;
pub use modes::Modes;
pub use processes::Process;
pub use pty::{Exit, Pty};
pub use sandbox::{Outcome, Sandbox};
pub use skip::skipped;
pub use trial::trial;
pub use wait::{promised, until, wait_until};
