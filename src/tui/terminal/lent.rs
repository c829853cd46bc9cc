//! Another program at the terminal while the screens are down: an editor for a
//! text, a pager for a sheet.
//!
//! The text goes through a file that only its owner can read and that is gone
//! afterwards. A program that is stopped stops us too, so that the shell has the
//! terminal; whatever becomes of it, the text is kept by whoever lent.

use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, waitpid};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How often a program at the terminal is looked after.
const LOOK: Duration = Duration::from_millis(40);
/// How long a program may take to end when we are to end.
const GRACE: Duration = Duration::from_millis(600);

/// Whether this process was asked to end meanwhile, and how.
pub type Ends<'a> = &'a dyn Fn() -> Option<&'static str>;

/// How much of an edited text is read.
const MOST: u64 = 64 << 10;

/// A file that is gone when this is dropped.
struct Passing(PathBuf);

impl Passing {
    fn with(text: &str) -> io::Result<Self> {
        let random = getrandom::u64().map_err(|e| io::Error::other(e.to_string()))?;
        let dir = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_dir());
        let path = dir.unwrap_or_else(std::env::temp_dir).join(format!("holdpoint-{random:016x}.txt"));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let passing = Self(path);
        file.write_all(text.as_bytes())?;
        Ok(passing)
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Has a text edited by `$VISUAL` or `$EDITOR`; call it while the terminal is lent.
///
/// # Errors
/// Why there is no other text: no editor is named, it cannot be started, or it failed.
pub fn edited(text: &str, ends: Ends<'_>) -> Result<String, String> {
    let editor = named(&["VISUAL", "EDITOR"]).ok_or("neither VISUAL nor EDITOR is set: name an editor there")?;
    let passing = Passing::with(text).map_err(|e| format!("cannot write a file for the editor: {e}"))?;
    run(&editor, &passing.0, ends)?;
    let read = || {
        let mut bytes = Vec::new();
        File::open(&passing.0)?.take(MOST).read_to_end(&mut bytes)?;
        Ok::<_, io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().map_err(|e| format!("cannot read what {editor} wrote: {e}"))
}

/// Shows a text by `$PAGER`, else by `less`; call it while the terminal is lent.
///
/// # Errors
/// Why it was not shown.
pub fn paged(text: &str, ends: Ends<'_>) -> Result<(), String> {
    let pager = named(&["PAGER"]).unwrap_or_else(|| "less".to_owned());
    let passing = Passing::with(text).map_err(|e| format!("cannot write a file for the pager: {e}"))?;
    run(&pager, &passing.0, ends)
}

fn named(variables: &[&str]) -> Option<String> {
    variables.iter().filter_map(|name| std::env::var(name).ok()).find(|value| !value.trim().is_empty())
}

/// Runs a program of the user's own choice, words and all, on a file. It ends when we
/// are asked to: whoever asks does not wait for an editor.
fn run(program: &str, file: &Path, ends: Ends<'_>) -> Result<(), String> {
    let script = format!("{program} \"$1\"");
    let child = Command::new("/bin/sh").args(["-c", &script, "sh"]).arg(file).spawn();
    let child = child.map_err(|e| format!("cannot start {program}: {e}"))?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or("it has no process id")?;
    loop {
        match waitpid(Some(pid), WaitOptions::UNTRACED | WaitOptions::NOHANG) {
            Ok(Some((_, status))) if status.stopped() => {
                let _ = kill_process(getpid(), Signal::STOP);
                let _ = kill_process(pid, Signal::CONT);
            }
            Ok(Some((_, status))) if status.exit_status() == Some(0) => return Ok(()),
            Ok(Some((_, status))) => {
                let how = status.exit_status().map(|code| format!("ended with status {code}"));
                // The name last: it may be a long path, and the screen cuts the end.
                return Err(format!("the program {}: {program}", how.unwrap_or_else(|| "was killed".to_owned())));
            }
            Ok(None) if ends().is_some() => {
                end(pid);
                return Err(format!("the program was ended with this one: {program}"));
            }
            Ok(None) => std::thread::sleep(LOOK),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(format!("cannot wait for {program}: {error}")),
        }
    }
}

/// Ends a child and everything below it: a shell may stand between us and the program.
fn end(child: Pid) {
    let all = below(child);
    let all = || std::iter::once(child).chain(all.iter().copied());
    for signal in [Signal::TERM, Signal::CONT] {
        for pid in all() {
            let _ = kill_process(pid, signal);
        }
    }
    let until = Instant::now() + GRACE;
    let gone = || all().all(|pid| !alive(pid));
    while Instant::now() < until {
        let _ = waitpid(Some(child), WaitOptions::NOHANG);
        if gone() {
            return;
        }
        std::thread::sleep(LOOK);
    }
    for pid in all().filter(|pid| alive(*pid)) {
        let _ = kill_process(pid, Signal::KILL);
    }
    let _ = waitpid(Some(child), WaitOptions::empty());
}

/// Whether a process is there and has not ended.
fn alive(pid: Pid) -> bool {
    parent(pid.as_raw_nonzero().get()).is_some()
}

/// Everything that descends from a process, as the system tells now.
fn below(of: Pid) -> Vec<Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let parents: BTreeMap<i32, i32> = pids.filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut found = vec![of.as_raw_nonzero().get()];
    let mut next = 0;
    while let Some(above) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, parent)| **parent == above).map(|(pid, _)| *pid));
        next += 1;
    }
    found.into_iter().skip(1).filter_map(Pid::from_raw).collect()
}

/// The parent of a process that has not ended.
fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may hold anything.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut words = rest.split(' ');
    let state = words.next()?;
    if state == "Z" { None } else { words.next()?.parse().ok() }
}
