//! Finds processes that belong to a test, so that none is left behind unseen.
//!
//! A process belongs to a directory when its environment, arguments, working
//! directory, program or an open file names it: a child with a cleaned
//! environment still has one of the others.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A process that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: i32,
    /// Its parent's id.
    pub parent: i32,
    /// Its arguments, joined by spaces.
    pub command: String,
}

impl Process {
    /// Sends it a signal; a process that has gone is no error.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid) {
            let _ = kill_process(pid, signal);
        }
    }
}

/// Every process but this one that belongs to the directory, and their
/// descendants; the dead that nobody has waited for do not count.
pub fn of(directory: &Path) -> Vec<Process> {
    let all = all();
    let mut found: Vec<Process> = all.iter().filter(|process| belongs(process.pid, directory)).cloned().collect();
    for process in found.clone() {
        let more = below(process.pid, &all).into_iter().filter(|child| !found.contains(child)).collect::<Vec<_>>();
        found.extend(more);
    }
    found
}

/// The children of a process, theirs, and so on.
pub fn descendants(of: i32) -> Vec<Process> {
    below(of, &all())
}

fn below(of: i32, all: &[Process]) -> Vec<Process> {
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![of];
    while let Some(parent) = parents.pop() {
        for child in all.iter().filter(|process| process.parent == parent) {
            parents.push(child.pid);
            found.push(child.clone());
        }
    }
    found
}

/// Whether a process is alive: there, and not merely unwaited for.
pub fn alive(pid: i32) -> bool {
    look(pid).is_some()
}

/// Processor time a process has used, in clock ticks (100 a second on Linux).
pub fn ticks(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

fn all() -> Vec<Process> {
    let own = std::process::id() as i32;
    let words = look(own).map(|process| process.command);
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != own)
        .filter_map(look)
        // A child of another thread's that is no program of its own yet has all our files open.
        .filter(|process| process.parent != own || Some(&process.command) != words.as_ref())
        .collect()
}

fn look(pid: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    let parent = fields.next()?.parse().ok()?;
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let command = String::from_utf8_lossy(&command).trim_end_matches('\0').replace('\0', " ");
    Some(Process { pid, parent, command })
}

fn belongs(pid: i32, directory: &Path) -> bool {
    let needle = directory.as_os_str().as_bytes();
    let says = |file: &str| {
        fs::read(format!("/proc/{pid}/{file}"))
            .is_ok_and(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
    };
    let points = |link: &str| fs::read_link(format!("/proc/{pid}/{link}")).is_ok_and(|to| to.starts_with(directory));
    says("environ") || says("cmdline") || points("cwd") || points("exe") || opens(pid, directory)
}

fn opens(pid: i32, directory: &Path) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    files.filter_map(|file| fs::read_link(file.ok()?.path()).ok()).any(|to| to.starts_with(directory))
}
