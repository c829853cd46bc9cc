//! Named points at which a test makes the process die or the disk fail.
//!
//! Compiled in only with the feature `faults`; a release has none of it. A test
//! sets `HOLDPOINT_FAULT=point[#n]=kill|eio|enospc|stop`; the n-th time (the first when
//! not said) the point is passed, it happens.

use std::io;

/// Every point, in the order an operation passes them. A test kills at each.
pub const POINTS: &[&str] = &["backend.spawn.before", "backend.spawn.after", "backend.reply.before"];

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
    static PASSED: AtomicU32 = AtomicU32::new(0);
    let Ok(wanted) = std::env::var("HOLDPOINT_FAULT") else {
        return Ok(());
    };
    let Some((name, what)) = wanted.split_once('=') else {
        return Ok(());
    };
    let (name, nth) = name.split_once('#').map_or((name, 1), |(name, n)| (name, n.parse().unwrap_or(1)));
    if name != point || PASSED.fetch_add(1, Ordering::SeqCst) + 1 != nth {
        return Ok(());
    }
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
