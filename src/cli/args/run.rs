//! The words of `run` and `conn`.
//!
//! What they do is in `cli::run`.

use clap::Subcommand;

/// What is done with runs.
#[derive(Subcommand, Debug)]
pub enum RunVerb {
    /// Start a run of a runbook, and drive it until a person is needed.
    Start {
        /// The runbook's name.
        runbook: String,
        /// Show the plan and what would be decided, and do nothing.
        #[arg(long)]
        dry_run: bool,
        /// Rehearse it: the same steps in the environments of `[rehearsal]`.
        #[arg(long)]
        rehearse: bool,
    },
    /// List runs.
    List,
    /// Show a run with all its steps.
    Show {
        /// The run's number.
        run: u32,
    },
    /// Write something down about a run.
    Note {
        /// The run's number.
        run: u32,
        /// The words.
        text: String,
    },
    /// Set a run aside until its next window.
    Park {
        /// The run's number.
        run: u32,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Go on with a parked run.
    Unpark {
        /// The run's number.
        run: u32,
    },
    /// Stop a run for good.
    Abort {
        /// The run's number.
        run: u32,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Close a run in which every step has ended.
    Complete {
        /// The run's number.
        run: u32,
    },
    /// Take over by name something that a run leaves open.
    TakeOver {
        /// The run's number.
        run: u32,
        /// What.
        what: String,
        /// Why it may stay open.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Record the cause of a rollback.
    RootCause {
        /// The rollback's number.
        run: u32,
        /// The cause.
        text: String,
        /// Its category.
        #[arg(long, default_value = "unknown")]
        category: String,
    },
}

/// What is done with the conn.
#[derive(Subcommand, Debug)]
pub enum ConnVerb {
    /// Take the conn, drive until a person is needed, and give it back.
    Take {
        /// The run's number.
        run: u32,
        /// Why, when someone else drives it.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Lay the conn down, or offer it to someone, who takes it without a reason.
    Give {
        /// The run's number.
        run: u32,
        /// To whom; the run is driven as before until they take it.
        #[arg(long, value_name = "PERSON")]
        to: Option<String>,
    },
}
