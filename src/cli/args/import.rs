//! The words of `import` and `export`.
//!
//! What they do is in `cli::import` and `cli::export`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// A plan that is kept elsewhere, as a runbook.
#[derive(Args, Debug)]
pub struct ImportArgs {
    /// A sheet (.csv, .tsv) or a checklist (.md).
    pub file: PathBuf,
    /// Write the runbook; only shown when not given.
    #[arg(long)]
    pub write: bool,
    /// What it is called; as the file when not given.
    #[arg(long, value_name = "RUNBOOK")]
    pub name: Option<String>,
    /// What a column is: id, task, type, phase, stream, owner, backup, start, end, duration, predecessors, instructions, expected, evidence, rollback.
    #[arg(long = "column", value_name = "HEAD=WHAT")]
    pub columns: Vec<String>,
    /// A column that is left out; others that are not known stay in the instructions.
    #[arg(long = "drop", value_name = "HEAD")]
    pub dropped: Vec<String>,
    /// The role that is meant by what stands there.
    #[arg(long = "role", value_name = "TEXT=ROLE")]
    pub roles: Vec<String>,
    /// The zone of times that name none; the workspace's when not given.
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// 01/02 is the first of February.
    #[arg(long, conflicts_with = "month_first")]
    pub day_first: bool,
    /// 01/02 is the second of January.
    #[arg(long)]
    pub month_first: bool,
}

/// A runbook or a run as a sheet or a checklist.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// The runbook.
    #[arg(required_unless_present = "run", conflicts_with = "run")]
    pub runbook: Option<String>,
    /// The run, with what became of each step.
    #[arg(long, value_name = "RUN")]
    pub run: Option<u32>,
    /// As what.
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    pub format: SheetWord,
}

/// As what a plan leaves.
#[derive(ValueEnum, Debug, Clone, Copy)]
pub enum SheetWord {
    /// For spreadsheets.
    Csv,
    /// A checklist in Markdown.
    Markdown,
}
