//! The program that children are started through: our own, with a hidden verb.
//!
//! `unsafe` is forbidden here, so nothing can run between fork and exec in the
//! child. What must be done there (a session of its own, the parent-death
//! signal) is done by a second process image instead; see `child::exec`.

use std::path::{Path, PathBuf};

/// The hidden verb of our own program that becomes the child.
pub const VERB: &str = "exec-child";

/// How a child is started: `program prefix… PARENT -- argv…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launcher {
    /// The program, absolute.
    pub program: PathBuf,
    /// Its arguments before ours; the hidden verb, usually.
    pub prefix: Vec<String>,
}

impl Launcher {
    /// The launcher that is this very program. On Linux it is named by
    /// `/proc/self/exe`, which stays right when the file is replaced or removed
    /// by an upgrade while we run.
    pub fn ourselves() -> std::io::Result<Self> {
        let link = Path::new("/proc/self/exe");
        let program = if link.exists() { link.to_owned() } else { std::env::current_exe()? };
        Ok(Self::of(program))
    }

    /// The launcher that is the given holdpoint program.
    pub fn of(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), prefix: vec![VERB.to_owned()] }
    }
}
