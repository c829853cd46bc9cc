//! The anchor: signed heads of the journal, held in a git remote by someone else.
//!
//! Heads are lines of one file on one branch per journal, only ever appended
//! and pushed without force. A head counts once it has been read back. Git is
//! run as a program, without a terminal, within a time limit.

use crate::domain::journal_id::JournalId;
use crate::domain::span::Span;
use crate::domain::text::{shortened, visible_bytes};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long one call of git may take.
const LIMIT: Span = Span::secs(30);
/// How often a running git is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Why the remote could not be asked or told.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} the anchor {remote}: {why}")]
pub struct AnchorError {
    /// `read` or `write`.
    pub doing: &'static str,
    /// The remote.
    pub remote: String,
    /// What git said.
    pub why: String,
}

/// A git remote that holds heads of one journal.
pub struct GitAnchor {
    remote: String,
    branch: String,
    scratch: PathBuf,
}

impl GitAnchor {
    /// The remote of a journal; `scratch` is a directory of our own for git's objects.
    pub fn new(remote: &str, journal: &JournalId, scratch: &Path) -> Self {
        Self {
            remote: remote.to_owned(),
            branch: format!("refs/heads/holdpoint/{journal}"),
            scratch: scratch.to_owned(),
        }
    }

    /// The lines that the remote holds now; empty when it holds none yet.
    pub fn read(&self) -> Result<String, AnchorError> {
        self.fetch("read").map(|(_, text)| text)
    }

    /// Adds a line and reads it back.
    pub fn publish(&self, line: &str) -> Result<(), AnchorError> {
        let (parent, before) = self.fetch("write")?;
        if before.lines().any(|held| held == line) {
            return Ok(());
        }
        let text = format!("{before}{line}\n");
        let blob = self.git("write", &["hash-object", "-w", "--stdin"], text.as_bytes())?;
        let tree = self.git("write", &["mktree"], format!("100644 blob {blob}\theads\n").as_bytes())?;
        let mut commit = vec!["commit-tree", tree.as_str(), "-m", "head"];
        if let Some(parent) = &parent {
            commit.extend(["-p", parent]);
        }
        let commit = self.git("write", &commit, b"")?;
        // Without force: whoever pushed in between wins, and this is tried again by the caller.
        self.git("write", &["push", "--quiet", &self.remote, &format!("{commit}:{}", self.branch)], b"")?;
        let held = self.fetch("read back from")?.1;
        if held.lines().any(|h| h == line) {
            Ok(())
        } else {
            Err(self.error("write", "it was not there when read back"))
        }
    }

    /// The branch's commit and the file's text; nothing when there is no such branch.
    fn fetch(&self, doing: &'static str) -> Result<(Option<String>, String), AnchorError> {
        if !self.scratch.join("HEAD").exists() {
            std::fs::create_dir_all(&self.scratch).map_err(|e| self.error(doing, &e.to_string()))?;
            self.git(doing, &["init", "--quiet", "--bare", "."], b"")?;
        }
        let listed = self.git(doing, &["ls-remote", &self.remote, &self.branch], b"")?;
        let Some(commit) = listed.split_whitespace().next().map(str::to_owned) else {
            return Ok((None, String::new()));
        };
        self.git(doing, &["fetch", "--quiet", &self.remote, &self.branch], b"")?;
        let text = self.git(doing, &["cat-file", "blob", &format!("{commit}:heads")], b"")?;
        Ok((Some(commit), format!("{text}\n")))
    }

    fn git(&self, doing: &'static str, arguments: &[&str], input: &[u8]) -> Result<String, AnchorError> {
        run(&self.scratch, arguments, input).map_err(|why| self.error(doing, &why))
    }

    fn error(&self, doing: &'static str, why: &str) -> AnchorError {
        AnchorError { doing, remote: self.remote.clone(), why: why.to_owned() }
    }
}

/// Runs git in a directory; its standard output without the last newline.
fn run(dir: &Path, arguments: &[&str], input: &[u8]) -> Result<String, String> {
    let who = [("GIT_AUTHOR_NAME", "holdpoint"), ("GIT_COMMITTER_NAME", "holdpoint")];
    let mail = [("GIT_AUTHOR_EMAIL", "holdpoint@localhost"), ("GIT_COMMITTER_EMAIL", "holdpoint@localhost")];
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(dir)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")
        .envs(who)
        .envs(mail)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("cannot run git: {e}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(input);
    }
    let end = Instant::now() + LIMIT.std();
    while matches!(child.try_wait(), Ok(None)) {
        if Instant::now() >= end {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("git {} did not end within {LIMIT}", arguments.first().unwrap_or(&"")));
        }
        std::thread::sleep(LOOK);
    }
    let done = child.wait_with_output().map_err(|e| e.to_string())?;
    if !done.status.success() {
        return Err(shortened(visible_bytes(&done.stderr).trim(), 400));
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim_end_matches('\n').to_owned())
}
