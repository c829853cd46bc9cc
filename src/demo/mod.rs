//! The estate: a small world of real processes on loopback that ships inside.
//!
//! Services payments, ledger and fx run in two regions, each instance a process
//! of its own, with routers before them, customers who pay, and a control
//! program that a `command` backend calls. What goes wrong there goes wrong for
//! real. Nothing here knows runs, journals or screens; holdpoint meets the
//! estate only through programs and HTTP, as it meets any other.
//!
//! ```text
//!  up ─pipe→ supervisor ─parent-death signal→ front · routers · instances · traffic · director · monitors
//!  control ─ wanted/SERVICE@REGION.json ─→ supervisor (starts, stops) ─ live.json ─→ routers
//!  routers ─ applied/SERVICE@REGION ─→ supervisor, control: only what they have taken over is so
//! ```

mod applied;
mod belonging;
mod blip;
mod clock;
mod closing;
mod conditions;
mod control;
mod director;
pub mod failure;
mod files;
mod flags;
mod front;
mod hidden;
mod instance;
pub mod layout;
mod link;
mod live;
mod metrics;
pub mod monitors;
mod network;
mod operations;
pub mod place;
mod records;
mod rollout;
mod router;
pub mod rules;
mod serve;
mod silence;
mod supervisor;
mod traffic;
mod up;
mod versions;
mod wanted;
mod workspace;

pub use failure::Failure;
pub use hidden::{VERB, hidden};
pub use layout::Layout;
pub use monitors::Monitors;
pub use place::Place;
pub use rules::{Act, Rule, When};
pub use up::{Ending, Estate, Options, down, up};
