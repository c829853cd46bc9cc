//! Where a secret is kept; never the secret itself.
//!
//! A reference may stand in files, plans and facts. What it refers to is read by
//! `backend::secret` at the moment of use and goes nowhere else.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// Where a secret is to be had.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SecretRef {
    /// From the first line that a helper program prints; program and arguments.
    Command(Vec<String>),
    /// From a file that nobody else can read; absolute.
    File(PathBuf),
    /// From a variable of our environment.
    Env(String),
}

impl fmt::Display for SecretRef {
    /// Where it is, for messages; arguments of a helper are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(argv) => write!(f, "the helper {}", argv.first().map_or("", String::as_str)),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Env(name) => write!(f, "the variable {name}"),
        }
    }
}
