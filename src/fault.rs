//! Named points at which a test makes the process die or the disk fail.
//!
//! Compiled in only with the feature `faults`; a release has none of it. A test sets
//! `HOLDPOINT_FAULT=point[#n[+]]=what`: the n-th time (the first when not said) the
//! point is passed, it happens; with `+` from then on. `what` is `kill`, `panic`,
//! `stop`, or an error: `eio`, `enospc`, `erofs`, `eacces`. Up to four faults are
//! separated by commas. `HOLDPOINT_FAULT=@FILE` reads them from the file at each
//! point, so that a disk can fail and recover under a program that runs.

use std::io;

/// Every point, in the order an operation passes them. A test kills at each.
pub const POINTS: &[&str] = &[
    // journal: making a segment, the first or a further one
    "journal.segment.begin",
    "journal.segment.written",
    "journal.segment.synced",
    "journal.segment.named",
    "journal.segment.placed",
    "journal.begun",
    // journal: one commit
    "journal.locked",
    "journal.torn.copied",
    "journal.torn.kept",
    "journal.torn.cut",
    "journal.caught-up",
    "journal.roll",
    "journal.carried",
    "journal.rolled",
    "journal.alive",
    "journal.session",
    "journal.reserve",
    "journal.write",
    "journal.write.half",
    "journal.written",
    "journal.synced",
    "journal.tip",
    "journal.tip.written",
    "journal.unlocked",
    // journal: a write that did not become durable
    "journal.poison",
    "journal.poison.written",
    "journal.poisoned",
    "journal.cut",
    // journal: a signed head
    "journal.head",
    "journal.head.half",
    "journal.head.kept",
    // journal: the navigation keys of a session
    "keys.write",
    "keys.write.half",
    "keys.sync",
    // runtime: between what is durable and who is told
    "runtime.opened",
    "dispatcher.recover",
    "dispatcher.publish",
    "dispatcher.answer",
    "dispatcher.launch",
    "dispatcher.close",
    // executor: around the one call that lets an operation out, and around its probe
    "executor.before-perform",
    "executor.before-report",
    "executor.before-probe",
    "executor.before-found",
    // backend: around a script and what it prints
    "backend.spawn.before",
    "backend.spawn.after",
    "backend.output.create",
    "backend.output.write",
    "backend.reply.before",
    // terminal: a picture that is drawn, and one that is written
    "terminal.draw",
    "terminal.paint",
];

/// Passes a point: does nothing, fails, or does not return.
#[cfg(not(feature = "faults"))]
#[inline(always)]
pub fn at(_point: &'static str) -> io::Result<()> {
    Ok(())
}

/// Passes a point: does nothing, fails, or does not return.
#[cfg(feature = "faults")]
pub fn at(point: &'static str) -> io::Result<()> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static PASSED: [AtomicU32; 4] = [const { AtomicU32::new(0) }; 4];
    let Ok(wanted) = std::env::var("HOLDPOINT_FAULT") else {
        return Ok(());
    };
    let wanted = match wanted.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file).unwrap_or_default(),
        None => wanted,
    };
    for (fault, passed) in wanted.trim().split(',').zip(&PASSED) {
        let Some((name, what)) = fault.split_once('=') else { continue };
        let (name, nth) = name.split_once('#').unwrap_or((name, "1"));
        if name != point {
            continue;
        }
        let now = passed.fetch_add(1, Ordering::SeqCst) + 1;
        let from: u32 = nth.trim_end_matches('+').parse().unwrap_or(1);
        if now == from || (nth.ends_with('+') && now > from) {
            return happen(point, what);
        }
    }
    Ok(())
}

#[cfg(feature = "faults")]
#[expect(clippy::panic, reason = "a test asked for it")]
fn happen(point: &str, what: &str) -> io::Result<()> {
    use rustix::io::Errno;
    let error = |errno: Errno| Err(io::Error::from_raw_os_error(errno.raw_os_error()));
    match what {
        "eio" => error(Errno::IO),
        "enospc" => error(Errno::NOSPC),
        "erofs" => error(Errno::ROFS),
        "eacces" => error(Errno::ACCESS),
        "panic" => std::panic::panic_any(format!("a test's fault at {point}")),
        "stop" => loop {
            std::thread::park();
        },
        _ => {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            loop {
                std::thread::park();
            }
        }
    }
}
