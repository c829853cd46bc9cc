//! The words of `new`.
//!
//! What they do is in `cli::new`.

use crate::domain::strategy::{Changes, Soon, Traffic};
use clap::{Args, ValueEnum};

/// A runbook from a template.
#[derive(Args, Debug)]
pub struct NewArgs {
    /// The template; the one that fits the five answers when not given.
    pub template: Option<String>,
    /// List the templates.
    #[arg(long)]
    pub list: bool,
    /// What it is called; template and service when not given.
    #[arg(long, value_name = "RUNBOOK")]
    pub name: Option<String>,
    /// The service that is released; the only one when not given.
    #[arg(long, value_name = "SERVICE")]
    pub service: Option<String>,
    /// Where; the only production that it has when not given.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// Where after that; the other production when there are two.
    #[arg(long, value_name = "ENV")]
    pub second: Option<String>,
    /// Where it is tried before; the last environment before production when not given.
    #[arg(long, value_name = "ENV")]
    pub staging: Option<String>,
    /// In which version.
    #[arg(long = "to", value_name = "VERSION", default_value = "1.0.0")]
    pub version: String,
    /// What changes.
    #[arg(long, value_name = "WHAT")]
    pub changes: Option<ChangesWord>,
    /// How soon it must be out.
    #[arg(long, value_name = "WHEN")]
    pub soon: Option<SoonWord>,
    /// Whether old and new can run side by side.
    #[arg(long, value_name = "YES-OR-NO")]
    pub side_by_side: Option<YesNo>,
    /// How traffic can be given to a version.
    #[arg(long, value_name = "HOW")]
    pub traffic: Option<TrafficWord>,
    /// Whether there is more than one place.
    #[arg(long, value_name = "YES-OR-NO")]
    pub places: Option<YesNo>,
    /// Print it, and write nothing.
    #[arg(long)]
    pub print: bool,
}

/// What changes.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub enum ChangesWord {
    /// Code alone.
    Code,
    /// Code whose data are written by batch jobs.
    Jobs,
    /// A schema, or data.
    Database,
    /// Messages between services.
    Messages,
    /// Who supplies something.
    Supplier,
}

impl From<ChangesWord> for Changes {
    fn from(word: ChangesWord) -> Self {
        match word {
            ChangesWord::Code => Self::Code,
            ChangesWord::Jobs => Self::Jobs,
            ChangesWord::Database => Self::Database,
            ChangesWord::Messages => Self::Messages,
            ChangesWord::Supplier => Self::Supplier,
        }
    }
}

/// How soon it must be out.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub enum SoonWord {
    /// At a time that is planned.
    Planned,
    /// Today.
    Today,
    /// Users are hurt.
    Now,
}

impl From<SoonWord> for Soon {
    fn from(word: SoonWord) -> Self {
        match word {
            SoonWord::Planned => Self::Planned,
            SoonWord::Today => Self::Today,
            SoonWord::Now => Self::Now,
        }
    }
}

/// How traffic can be given to a version.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub enum TrafficWord {
    /// In shares.
    Shares,
    /// All or nothing.
    Switch,
    /// By replacing instances only.
    Instances,
}

impl From<TrafficWord> for Traffic {
    fn from(word: TrafficWord) -> Self {
        match word {
            TrafficWord::Shares => Self::Shares,
            TrafficWord::Switch => Self::Switch,
            TrafficWord::Instances => Self::Instances,
        }
    }
}

/// Yes or no.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

impl From<YesNo> for bool {
    fn from(word: YesNo) -> Self {
        matches!(word, YesNo::Yes)
    }
}
