//! Programs that a test writes and then runs.
//!
//! A child process writes them: were they written here, a child that another
//! thread starts meanwhile would hold the file open for writing until it is a
//! program of its own, and the kernel refuses to run a file that is.

#![allow(dead_code)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes a program; the directory must exist.
#[track_caller]
pub fn write(path: &Path, text: &str) {
    let mut child = Command::new("sh")
        .args(["-c", r#"cat >"$0" && chmod 755 "$0""#])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "cannot write {}", path.display());
}

/// Copies a program.
#[track_caller]
pub fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg(from).arg(to).status().unwrap().success(), "cannot write {}", to.display());
}
