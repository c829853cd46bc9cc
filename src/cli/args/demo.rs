//! The words of `demo`.
//!
//! What they do is in `cli::demo`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The demo.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Bring the estate up in a directory, or down again; without it the whole tour.
    #[command(subcommand)]
    pub verb: Option<DemoVerb>,
    /// Soaks of 8 s in place of 20 s.
    #[arg(long)]
    pub fast: bool,
    /// Press the keys that this file says, as a person would.
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Be kim, who was paged: payments fails in eu-north, and whoever drove the train is gone.
    #[arg(long)]
    pub incident: bool,
    /// Measure by a Prometheus of the demo's own, and tell alerts by its Alertmanager, where they are installed.
    #[arg(long)]
    pub prometheus: bool,
}

/// What is done with the demo's estate.
#[derive(Subcommand, Debug)]
pub enum DemoVerb {
    /// Leave the estate running, with a workspace to play in.
    Up {
        /// Where.
        dir: PathBuf,
        /// Soaks of 8 s in place of 20 s.
        #[arg(long)]
        fast: bool,
        /// Measure by a Prometheus of the demo's own, and tell alerts by its Alertmanager, where they are installed.
        #[arg(long)]
        prometheus: bool,
    },
    /// Stop the estate.
    Down {
        /// Where.
        dir: PathBuf,
    },
}
