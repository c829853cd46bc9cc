//! Flagger: canaries whose controller asks at gates and takes no orders.
//!
//! It has no verb to promote or abort. Its gates lie in its load tester, are kept by the canary's
//! name and stay open: whoever opens one here closes it again, whatever comes, and looks.

pub mod act;
mod back_out;
mod checks;
mod end;
pub mod gate;
mod gather;
mod guard;
pub mod lever;
pub mod pass;
mod plan;
mod preview;
mod probe;
mod restart;
pub mod row;
mod serve;
pub mod state;
mod testers;
mod wait;

pub use act::perform;
pub use gather::{Ground, gather, workload_of};
pub use preview::{left_open, preview, ready};
pub use probe::probe;
pub use restart::{rests, serving};
pub use serve::copied;
pub use state::target;
