//! The engine: decisions over the ledger. Pure: time, ids and everything seen
//! are arguments, and what comes out are facts, refusals and effects.
//!
//! It knows nothing of journals, screens, processes or networks. Whoever calls
//! it makes its facts durable before acting on them.

pub mod adhoc;
mod advance;
pub mod ahead;
pub mod ailing;
pub mod alert_since;
mod announce;
pub mod asked;
pub mod basis;
pub mod before;
pub mod calendar;
pub mod capability;
pub mod changes;
pub mod clocks;
pub mod cohorts;
pub mod comms;
pub mod compare;
pub mod consent;
mod decide;
pub mod derived;
mod due;
pub mod feeds;
mod fold;
pub mod forecast;
pub mod gate;
pub mod hard_coded;
pub mod history;
pub mod hold_point;
pub mod incident;
mod leave;
mod leave_out;
pub mod ledger;
pub mod left;
pub mod loss;
pub mod may;
pub mod owner;
pub mod people;
pub mod policy;
pub mod readiness;
mod recover;
pub mod rehearsal;
pub mod rollback;
pub mod rules;
pub mod run;
mod settle;
pub mod show;
pub mod signal;
pub mod slo;
pub mod standard;
pub mod statement;
pub mod timeline;
pub mod versions;
pub mod waivers;
mod wake;
pub mod ways;
pub mod when;
pub mod windows;

pub use advance::{active, advance};
pub use decide::decide;
pub use due::due;
pub use leave::leave;
pub use ledger::{Illegal, Ledger};
pub use recover::recover;
pub use run::{Run, State, StepState};
pub use settle::{found, settle};
pub use wake::next_wake;

use crate::domain::Timestamp;
use crate::domain::observed::Observed;
use crate::domain::workspace::Workspace;

/// Everything a decision may look at.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// Ours, durable.
    pub ledger: &'a Ledger,
    /// What people declared.
    pub workspace: &'a Workspace,
    /// Theirs, volatile.
    pub observed: &'a Observed,
    /// The instant that everything is judged by.
    pub now: Timestamp,
}
