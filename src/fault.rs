//! Named points at which a test makes the process die or the disk fail.
//!
//! Compiled in only with the feature `faults`; a release has none of it. A test
//! sets `HOLDPOINT_FAULT=point[#n]=kill|eio|enospc|stop`; the n-th time (the first when
//! not said) the point is passed, it happens. Up to four faults are separated by commas.

use std::io;

/// Every point, in the order an operation passes them. A test kills at each.
pub const POINTS: &[&str] = &[
    // journal: making a segment, the first or a further one
    "journal.segment.begin",
    "journal.segment.written",
    "journal.segment.synced",
    "journal.segment.named",
    // journal: one commit
    "journal.locked",
    "journal.torn.kept",
    "journal.torn.cut",
    "journal.caught-up",
    "journal.roll",
    "journal.rolled",
    "journal.session",
    "journal.reserve",
    "journal.write",
    "journal.write.half",
    "journal.written",
    "journal.synced",
    "journal.tip",
    "journal.unlocked",
    // journal: a write that did not become durable
    "journal.poison",
    "journal.poisoned",
    "journal.cut",
    // executor: around the one call that lets an operation out
    "executor.before-perform",
    "executor.before-report",
    // backend: around a script
    "backend.spawn.before",
    "backend.spawn.after",
    "backend.reply.before",
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
    for (fault, passed) in wanted.split(',').zip(&PASSED) {
        let Some((name, what)) = fault.split_once('=') else { continue };
        let (name, nth) = name.split_once('#').map_or((name, 1), |(name, n)| (name, n.parse().unwrap_or(1)));
        if name == point && passed.fetch_add(1, Ordering::SeqCst) + 1 == nth {
            return happen(what);
        }
    }
    Ok(())
}

#[cfg(feature = "faults")]
fn happen(what: &str) -> io::Result<()> {
    match what {
        "eio" => Err(io::Error::from_raw_os_error(rustix::io::Errno::IO.raw_os_error())),
        "enospc" => Err(io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error())),
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
