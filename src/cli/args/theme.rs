//! What is done with themes, as clap reads it.
//!
//! Words only; what they do is in `cli::theme`.

use clap::Subcommand;
use std::path::PathBuf;

/// What is done with themes.
#[derive(Subcommand, Debug)]
pub enum ThemeVerb {
    /// Every theme there is, and where it is from.
    List,
    /// Whether everything can be read and told apart; status 1 when not, 2 when a file has a mistake.
    Check {
        /// A theme by name, or the file of a theme or scheme; every theme when not given.
        theme: Option<String>,
    },
    /// Make a theme of a base16 or base24 scheme.
    Import {
        /// The scheme, a YAML file.
        file: PathBuf,
        /// What the theme is called; the file's name when not given.
        #[arg(long)]
        name: Option<String>,
        /// Put it in the place of a theme of that name.
        #[arg(long)]
        replace: bool,
    },
    /// Print a theme as a file to start from.
    Show {
        /// Its name, or a file.
        theme: String,
    },
    /// Keep a theme for good, in your own settings.
    Use {
        /// Its name.
        theme: String,
    },
}
