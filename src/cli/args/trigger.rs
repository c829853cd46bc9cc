//! The words of `trigger`.
//!
//! What they do is in `cli::rollback`.

use clap::{Args, Subcommand};

/// What is done with triggers.
#[derive(Subcommand, Debug)]
pub enum TriggerVerb {
    /// Postpone a tripped trigger; it trips again.
    Postpone(TriggerArgs),
    /// Disarm a trigger; takes rollback authority.
    Disarm(TriggerArgs),
}

/// Which trigger, and why.
#[derive(Args, Debug)]
pub struct TriggerArgs {
    /// The run's number.
    pub run: u32,
    /// The trigger.
    pub trigger: String,
    /// Why.
    #[arg(long, default_value = "")]
    pub reason: String,
}
