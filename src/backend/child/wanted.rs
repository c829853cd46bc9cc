//! What is to be run, and what is to be kept of its output.
//!
//! Data only; starting it is `spawn`.

use super::super::Sink;
use super::super::launcher::Launcher;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A program to run.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What it is started through.
    pub launcher: Launcher,
    /// Where it is started, and where a relative program with a slash is looked for.
    pub root: PathBuf,
    /// The program and its arguments; never a shell line.
    pub argv: Vec<String>,
    /// Names of further environment variables it may see.
    pub pass_env: Vec<String>,
    /// What it gets as `HOLDPOINT_KEY`, if anything.
    pub key: Option<String>,
    /// How long it may take.
    pub limit: Duration,
    /// How many bytes of addresses it may have, where that is limited; only of a program that is talked to.
    pub memory: Option<u64>,
}

/// What is to be kept of the output besides its last lines.
#[derive(Clone, Default)]
pub struct Capture {
    /// Where lines and bytes go as they come.
    pub sink: Option<Sink>,
    /// How many bytes of stdout are given back as a document; zero for none.
    pub document: usize,
}

impl Wanted {
    /// The program as it will be executed; none when argv is empty.
    pub fn program(&self) -> Option<PathBuf> {
        let program = Path::new(self.argv.first()?);
        let plain = program.is_absolute() || !self.argv.first()?.contains('/');
        Some(if plain { program.to_owned() } else { self.root.join(program) })
    }
}

/// Why a program could not be executed, as far as that can be told beforehand.
pub fn executable(program: &Path) -> Result<(), String> {
    let shown = crate::domain::text::visible(&program.display().to_string());
    if !program.to_string_lossy().contains('/') {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).any(|dir| check(&dir.join(program)).is_ok());
        return if found { Ok(()) } else { Err(format!("{shown}: no such program in PATH")) };
    }
    check(program).map_err(|why| format!("{shown}: {why}"))
}

fn check(program: &Path) -> Result<(), String> {
    match std::fs::metadata(program) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err("no such program".to_owned()),
        Err(error) => return Err(error.to_string()),
        Ok(meta) if !meta.is_file() => return Err("not a program".to_owned()),
        Ok(_) => {}
    }
    rustix::fs::access(program, rustix::fs::Access::EXEC_OK).map_err(|_| "not executable; chmod +x it".to_owned())
}
