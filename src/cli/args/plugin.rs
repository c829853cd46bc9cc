//! What is done with plugins, as clap reads it.
//!
//! Words only; what they do is in `cli::plugin`.

use clap::Subcommand;

/// What is done with plugins.
#[derive(Subcommand, Debug)]
pub enum PluginVerb {
    /// Pin a plugin's file as it is now in the workspace's plugins.lock; look at it first.
    Trust {
        /// The program as the workspace declares it: absolute, or from the workspace's directory.
        program: String,
    },
}
