//! The words of `step`.
//!
//! What they do is in `cli::step`.

use super::Consenting;
use clap::{Args, Subcommand};

/// Which run and step.
#[derive(Args, Debug, Clone)]
pub struct Which {
    /// The run's number.
    pub run: u32,
    /// The step.
    pub step: String,
}

/// What is done to a step.
#[derive(Subcommand, Debug)]
pub enum StepVerb {
    /// Start it.
    Start {
        /// Which.
        #[command(flatten)]
        which: Which,
        /// Confirmation and dry run.
        #[command(flatten)]
        consent: Consenting,
    },
    /// Say that it is done.
    Done {
        /// Which.
        #[command(flatten)]
        which: Which,
        /// What to write down with it.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Take a manual done back within ten seconds.
    Undo {
        /// Which.
        #[command(flatten)]
        which: Which,
    },
    /// Say that it failed.
    Fail(Because),
    /// Try it again.
    Retry {
        /// Which.
        #[command(flatten)]
        which: Which,
        /// Confirmation and dry run.
        #[command(flatten)]
        consent: Consenting,
    },
    /// Leave it out.
    Skip(Because),
    /// Place a hold on it.
    Hold(Because),
    /// Release a hold point, or a hold placed on a step.
    Release(Because),
    /// Write something down about it.
    Note {
        /// Which.
        #[command(flatten)]
        which: Which,
        /// The words.
        text: String,
    },
    /// Accept a verification that does not pass.
    Waive(Because),
    /// Give it to someone.
    Assign {
        /// Which.
        #[command(flatten)]
        which: Which,
        /// To whom.
        person: String,
    },
    /// Choose a branch of a decision.
    Choose {
        /// Which.
        #[command(flatten)]
        which: Which,
        /// The branch.
        branch: String,
    },
    /// Ask the backend what became of an operation in doubt.
    Probe {
        /// Which.
        #[command(flatten)]
        which: Which,
    },
}

impl StepVerb {
    /// Which step it is about.
    pub fn which(&self) -> &Which {
        match self {
            StepVerb::Start { which, .. }
            | StepVerb::Done { which, .. }
            | StepVerb::Undo { which }
            | StepVerb::Retry { which, .. }
            | StepVerb::Note { which, .. }
            | StepVerb::Assign { which, .. }
            | StepVerb::Choose { which, .. }
            | StepVerb::Probe { which } => which,
            StepVerb::Fail(because)
            | StepVerb::Skip(because)
            | StepVerb::Hold(because)
            | StepVerb::Release(because)
            | StepVerb::Waive(because) => &because.which,
        }
    }

    /// What it says of consent, where it may act on a system.
    pub fn consent(&self) -> Option<&Consenting> {
        match self {
            StepVerb::Start { consent, .. } | StepVerb::Retry { consent, .. } => Some(consent),
            _ => None,
        }
    }
}

/// Which step, and why.
#[derive(Args, Debug)]
pub struct Because {
    /// Which.
    #[command(flatten)]
    pub which: Which,
    /// Why.
    #[arg(long, default_value = "")]
    pub reason: String,
}
