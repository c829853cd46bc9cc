//! What is done with plugins, as clap reads it.
//!
//! Words only; what they do is in `cli::plugin`.

use clap::Subcommand;
use std::path::PathBuf;

/// What is done with plugins.
#[derive(Subcommand, Debug)]
pub enum PluginVerb {
    /// Pin a plugin's file as it is now in the workspace's plugins.lock; look at it first.
    Trust {
        /// The program as the workspace declares it: absolute, or from the workspace's directory.
        program: String,
    },
    /// Try a plugin against the protocol's page, trial by trial; status 1 when one fails. It is not pinned.
    Check {
        /// The program and its arguments; a program from here or absolute.
        #[arg(required = true, num_args = 1.., trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
        /// What it is told as its `config`, a JSON object; {} or what the transcript says, when not given.
        #[arg(long, value_name = "JSON")]
        config: Option<String>,
        /// An operation that may really be performed again and again, as JSON: {"verb":"deploy","service":…}.
        #[arg(long, value_name = "JSON")]
        operation: Option<String>,
        /// Write the whole conversation to this file, to be kept as a golden transcript.
        #[arg(long, value_name = "FILE", conflicts_with = "against")]
        record: Option<PathBuf>,
        /// Hold it against such a transcript: what differs in shape or meaning fails, what may differ is named.
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
}
