//! The engine's tests: release days as data, properties over random days, and
//! plans of many steps.
//!
//! `world` plays the dispatcher: it commits what the engine decides, loops
//! `advance` until nothing is left, and after every line checks what must hold
//! on any day, so each test checks all of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod adhoc;
mod ahead;
mod alert_since;
mod approvals;
mod approvals_model;
mod clocks;
mod cohorts;
mod compare;
mod derived;
mod facts;
mod fed;
mod fed_kept;
mod ground;
mod hard_coded;
mod hold_point;
mod instants;
mod laws;
mod left;
mod loss;
mod mend;
mod outlook;
mod owner;
mod paged;
mod policies;
mod policy;
mod properties;
mod quorum;
mod rehearsals;
mod reporting;
mod scale;
mod scenario;
mod scenarios;
mod seen;
mod series;
mod shifts;
mod signed;
mod slo;
#[path = "../support/standstill.rs"]
mod standstill;
mod told;
#[path = "../support/trial.rs"]
mod trial;
mod versions;
mod waivers;
mod way_back;
mod ways;
mod words;
mod world;
