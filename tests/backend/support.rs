//! A workspace of scripts in a directory of its own.

use crate::standstill::stood_still;
use holdpoint::backend::command::CommandBackend;
use holdpoint::backend::launcher::Launcher;
use holdpoint::backend::leave::Leave;
use holdpoint::backend::{Backend, Done, Fault, Sink};
use holdpoint::domain::backend::{CommandSpec, Script};
use holdpoint::domain::journal_id::{JournalId, Key};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::span::Span;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// A directory with scripts, and what is declared of them.
pub struct Place {
    pub dir: TempDir,
    pub spec: CommandSpec,
}

impl Place {
    pub fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), spec: CommandSpec::default() }
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    /// Writes an executable script.
    pub fn script(&self, name: &str, text: &str) -> &Self {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        crate::executable::write(&path, text);
        self
    }

    /// Declares `deploy` as a shell script with these lines.
    pub fn deploys(mut self, lines: &str) -> Self {
        self.script("scripts/deploy", &format!("#!/bin/sh\n{lines}\n"));
        self.spec.verbs.insert(Verb::Deploy, script(&["scripts/deploy", "{service}", "{environment}", "{version}"]));
        self
    }

    pub fn backend(&self) -> CommandBackend {
        CommandBackend::new("routers".into(), Span::millis(100), self.spec.clone(), self.root(), launcher())
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Performs a deployment and gives what came of it.
    pub async fn perform(&self, operation: Operation) -> Result<Done, Fault> {
        self.backend().perform(operation, key(), sink(None).0).await
    }
}

/// A workspace with one environment and these backends, as a file that is served over the wire.
pub fn served(environment: &str, backends: &str) -> String {
    format!(
        "[workspace]\nid = \"0707070707070707\"\nname = \"served\"\nzone = \"UTC\"\n[people.ana]\nlogins = [\"ana\"]\n\
         [roles.ops]\npeople = [\"ana\"]\n[environments.{environment}]\ntier = \"testing\"\n{backends}"
    )
}

/// The command that serves a backend of the workspace in a directory.
pub fn serves(root: &Path, backend: &str) -> Vec<String> {
    let (program, root) = (launcher().program.display().to_string(), root.display().to_string());
    [&program, "-C", &root, "serve-plugin", backend].map(str::to_owned).to_vec()
}

pub fn launcher() -> Launcher {
    Launcher::of(env!("CARGO_BIN_EXE_holdpoint"))
}

pub fn script(argv: &[&str]) -> Script {
    let argv = argv.iter().map(ToString::to_string).collect();
    Script { argv, limit: Span::secs(20), not_applied: Vec::new(), idempotent: false }
}

pub fn key() -> Key {
    Key { journal: JournalId::from_random([7; 8]), seq: 412 }
}

pub fn sink(file: Option<PathBuf>) -> (Sink, mpsc::Receiver<String>) {
    let (lines, seen) = mpsc::channel(64);
    (Sink { file, lines, by: None, reason: None, not_after: None, leave: Leave::default() }, seen)
}

/// `deploy payments eu-west version=4.2.0`.
pub fn deploy() -> Operation {
    Operation {
        backend: "routers".into(),
        verb: Verb::Deploy,
        service: Some("payments".into()),
        environment: Some("eu-west".into()),
        args: BTreeMap::from([("version".to_owned(), "4.2.0".to_owned())]),
        argv: Vec::new(),
        limit: Span::secs(20),
        idempotent: false,
    }
}

/// A program that the runbook names.
pub fn program(argv: &[&str]) -> Operation {
    let argv = argv.iter().map(ToString::to_string).collect();
    Operation { verb: Verb::Run, argv, ..deploy() }
}

/// Waits until the condition holds; fails after a minute in which the machine ran.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let (began, before) = (Instant::now(), stood_still());
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60) + (stood_still() - before), "waited a minute until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The number that a script has written in a file.
pub async fn pid(file: &Path) -> i32 {
    let read = || std::fs::read_to_string(file).ok().filter(|t| t.ends_with('\n')).and_then(|t| t.trim().parse().ok());
    until("a process has written its number", || read().is_some()).await;
    read().unwrap()
}

/// Whether a process runs: it exists and is no zombie.
pub fn alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}
