//! The words of `journal`.
//!
//! What they do is in `cli::journal`.

use clap::Subcommand;
use std::path::PathBuf;

/// What is done with the journal.
#[derive(Subcommand, Debug)]
pub enum JournalVerb {
    /// Print the last lines as a story.
    Tail {
        /// How many.
        #[arg(short = 'n', default_value_t = 20)]
        lines: usize,
        /// Go on as lines come.
        #[arg(short, long)]
        follow: bool,
    },
    /// Print the story, or one line in full.
    Show {
        /// One line.
        seq: Option<u64>,
        /// Only what this person did.
        #[arg(long)]
        person: Option<String>,
        /// Only what is about this step.
        #[arg(long)]
        step: Option<String>,
        /// Only what was refused.
        #[arg(long)]
        refused: bool,
    },
    /// Say whether the journal is proven, tampered with, or cannot be proven.
    Verify,
    /// Print the signed head, or publish it at the anchor.
    Head {
        /// Publish it at the workspace's anchor, and read it back.
        #[arg(long)]
        publish: bool,
    },
    /// Print all lines as they are.
    Export,
    /// Write every signed decision to a new directory, for `ssh-keygen -Y verify`.
    Signatures {
        /// The directory.
        #[arg(value_name = "DIR")]
        out: PathBuf,
    },
}
