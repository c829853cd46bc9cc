//! Words about what happened: for the journal pane, `journal show` and `status`.
//! It reads entries and the ledger; it decides nothing and opens nothing.
//! The same words serve a screen, a verb and an export.

pub mod access;
pub mod ahead;
pub mod changes;
pub mod controls;
pub mod forecast;
pub mod foreseen;
pub mod holds;
pub mod loss;
pub mod may;
pub mod one_off;
pub mod part;
pub mod sheet;
pub mod story;
pub mod update;
pub mod waivers;
