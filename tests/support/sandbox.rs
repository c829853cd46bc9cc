//! A place of its own for a test: a home, a state directory, a workspace, and
//! the program run in it as a command.
//!
//! Dropping it ends every process that still belongs to it. A test that cares
//! asks for [`Sandbox::leftovers`] before.

use super::executable;
use super::launch::Launch;
use super::processes::{self, Process};
use super::wait::until;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The program under test.
pub const HOLDPOINT: &str = env!("CARGO_BIN_EXE_holdpoint");
/// How long a command may take when the test says nothing else.
pub const LIMIT: Duration = Duration::from_secs(60);

/// How long after its end a command's output may still be held open.
const HELD: Duration = Duration::from_secs(10);

/// Directories that nothing outside the test knows.
pub struct Sandbox {
    root: tempfile::TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    /// The arguments, for messages.
    pub what: String,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// How long it took.
    pub took: Duration,
}

impl Sandbox {
    /// Makes the directories.
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("holdpoint-test-").tempdir().unwrap();
        for directory in ["home", "state", "config", "run", "workspace"] {
            fs::create_dir(root.path().join(directory)).unwrap();
        }
        Self { root }
    }

    /// The directory that holds all of them.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// What `XDG_STATE_HOME` names.
    pub fn state(&self) -> PathBuf {
        self.root().join("state")
    }

    /// Where commands are run.
    pub fn workspace(&self) -> PathBuf {
        self.root().join("workspace")
    }

    /// Writes a file below the workspace, with the directories it needs; says where.
    pub fn write(&self, file: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.workspace().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Writes a program below the workspace; says where.
    pub fn program(&self, file: &str, text: &str) -> PathBuf {
        let path = self.workspace().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        executable::write(&path, text);
        path
    }

    /// The whole environment of what is run here.
    pub fn environment(&self) -> Vec<(String, String)> {
        let at = |name: &str| self.root().join(name).display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        [
            ("HOME", at("home")),
            ("XDG_STATE_HOME", at("state")),
            ("XDG_CONFIG_HOME", at("config")),
            ("XDG_RUNTIME_DIR", at("run")),
            ("HOLDPOINT_SANDBOX", at("")),
            ("PATH", path),
            ("LANG", "C.UTF-8".into()),
            ("TERM", "xterm-256color".into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// A program, ready to run in the workspace.
    pub fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.environment()).current_dir(self.workspace());
        command
    }

    /// The program under test in a terminal, ready to start.
    pub fn terminal(&self, arguments: &[&str]) -> Launch {
        Launch::new(HOLDPOINT, arguments).environment(self.environment()).directory(self.workspace())
    }

    /// Runs the program under test to its end, within [`LIMIT`].
    #[track_caller]
    pub fn holdpoint(&self, arguments: &[&str]) -> Outcome {
        finish(self.command(HOLDPOINT, arguments), b"", LIMIT)
    }

    /// Processes that belong here and are still alive.
    pub fn leftovers(&self) -> Vec<Process> {
        processes::of(self.root())
    }

    /// Fails the test when something is still alive after the deadline.
    #[track_caller]
    pub fn nothing_left(&self, deadline: Duration) {
        if until(deadline, || self.leftovers().is_empty().then_some(())).is_none() {
            panic!("still alive after {deadline:?}: {:#?}", self.leftovers());
        }
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let kill_all = || {
            let left = self.leftovers();
            left.iter().for_each(|process| process.signal(Signal::KILL));
            left.is_empty().then_some(())
        };
        let _ = until(Duration::from_secs(20), kill_all);
    }
}

/// Runs a command to its end: standard input given, output captured. Fails the
/// test when it, or whoever has inherited its output, is not done in time.
#[track_caller]
pub fn finish(mut command: Command, input: &[u8], limit: Duration) -> Outcome {
    let what = format!("{command:?}");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let started = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|e| panic!("cannot start {what}: {e}"));
    let (stdout, stderr) = (drained(child.stdout.take().unwrap()), drained(child.stderr.take().unwrap()));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    std::thread::spawn(move || stdin.write_all(&input));
    let Some(status) = until(limit, || child.try_wait().unwrap()) else {
        kill_group(&child);
        let _ = child.wait();
        panic!("{what} was not done after {limit:?}; it had said:\n{}{}", text(stdout), text(stderr));
    };
    let took = started.elapsed();
    Outcome { what, stdout: text(stdout), stderr: text(stderr), code: status.code(), signal: status.signal(), took }
}

fn kill_group(child: &Child) {
    if let Some(group) = Pid::from_raw(child.id() as i32) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Reads a pipe to its end on a thread of its own.
fn drained(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

#[track_caller]
fn text(pipe: mpsc::Receiver<Vec<u8>>) -> String {
    match until(HELD, || pipe.try_recv().ok()) {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => panic!("the command has ended, but a process it left behind still holds its output"),
    }
}

impl Outcome {
    /// The outcome, after checking its exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        let Self { what, stdout, stderr, .. } = &self;
        assert_eq!(self.code, Some(code), "{what}\n-- stdout\n{stdout}\n-- stderr\n{stderr}");
        self
    }

    /// Its standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{}: no JSON: {e}\n{}\n{}", self.what, self.stdout, self.stderr))
    }
}
