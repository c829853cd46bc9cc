//! The words of `waiver` and `emergency`.
//!
//! What they do is in `cli::waiver`.

use crate::domain::span::Span;
use clap::{Args, Subcommand};

/// What is done with waivers.
#[derive(Subcommand, Debug)]
pub enum WaiverVerb {
    /// Those in force, those that wait, and those that nobody has reviewed yet.
    List,
    /// Ask that a rule, freeze or window does not hold a run back for some time.
    Ask {
        /// The run's number.
        run: u32,
        /// The rule, freeze or window by name or title; with policy:, freeze: or window: before it where several fit.
        of: String,
        /// For how long, from now; it ends by itself.
        #[arg(long = "for", value_name = "SPAN", default_value = "1h")]
        lasts: Span,
        /// A ticket or change that says more.
        #[arg(long, default_value = "")]
        ticket: String,
        /// Why; mandatory.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Grant one: it takes a role that the rule names, and a person who neither asked nor drives.
    Grant(WaiverWord),
    /// Refuse one, or take back what you asked for.
    Refuse(WaiverWord),
    /// End one before its time; anybody may.
    End(WaiverWord),
    /// Review one that is over: a third person looked at it.
    Review(WaiverWord),
}

/// Which waiver, and what is said of it.
#[derive(Args, Debug)]
pub struct WaiverWord {
    /// Its number.
    pub waiver: u32,
    /// What you say of it.
    #[arg(long, default_value = "")]
    pub reason: String,
}

/// An emergency.
#[derive(Args, Debug)]
pub struct EmergencyArgs {
    /// The run that no rule, freeze or window is to hold back.
    pub run: u32,
    /// For how long, from now; it ends by itself.
    #[arg(long = "for", value_name = "SPAN", default_value = "1h")]
    pub lasts: Span,
    /// The incident or ticket; mandatory.
    #[arg(long, default_value = "")]
    pub ticket: String,
    /// Why; mandatory.
    #[arg(long, default_value = "")]
    pub reason: String,
}
