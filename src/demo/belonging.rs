//! Which processes belong to an estate, and how none outlives it.
//!
//! A child asks the kernel to be killed when its parent ends; that also reaches
//! a process that is stopped, which no pipe could. Others are found by the
//! estate's directory in their arguments.

use super::failure::Failure;
use super::layout::Layout;
use super::monitors::Monitor;
use rustix::process::{Pid, Signal, getppid, kill_process, set_parent_process_death_signal};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Makes this process end with its parent, whatever ends that.
///
/// A parent that has ended before this was asked for is noticed by its number.
pub fn to_parent(parent: u32) -> Result<(), Failure> {
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|e| Failure::refused(format!("cannot be bound to the parent's life: {e}")))?;
    let now = getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
    if now == Some(parent) { Ok(()) } else { Err(Failure::refused("the parent has ended already")) }
}

/// Sends a signal; a process that has gone is no error.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// The arguments of a process that is alive; none for one that only waits to be waited for.
pub fn arguments(pid: u32) -> Option<Vec<Vec<u8>>> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).ok().filter(|line| !line.is_empty())?;
    Some(line.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect())
}

/// Every process but this one whose arguments hold all of these words, whole.
pub fn with_arguments(words: &[&OsStr]) -> Vec<u32> {
    let own = std::process::id();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let holds = |pid: &u32| {
        arguments(*pid).is_some_and(|line| words.iter().all(|word| line.iter().any(|arg| arg == word.as_bytes())))
    };
    pids.filter(|pid| *pid != own).filter(holds).collect()
}

/// The processes of the estate in a directory, the programs of others among them.
pub fn of_estate(dir: &Path) -> Vec<u32> {
    let layout = Layout::new(dir);
    let monitors = [Monitor::Prometheus, Monitor::Alertmanager].map(|monitor| monitor.belongs(&layout));
    let monitors = monitors.iter().flat_map(|argument| with_arguments(&[OsStr::new(argument)]));
    let mut all = with_arguments(&[OsStr::new(super::VERB), OsStr::new("--owned-by"), dir.as_os_str()]);
    all.extend(monitors);
    all.sort_unstable();
    all.dedup();
    all
}
