//! Looking at files, so that a change is taken up while running.
//!
//! On a thread of its own, once a second: a slow or absent home directory never
//! holds up the screens. Files are read once two looks agree about them.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// What tells one state of a file from another: when it was written, its size, which file it is.
type Mark = (PathBuf, Option<(i64, i64, u64, u64)>);

/// Reads now and whenever one of the files changes, and tells what was read until
/// nobody listens; `tell` returns whether somebody does.
///
/// # Errors
/// When the thread cannot be started.
pub fn watch<T>(
    thread: &str,
    files: impl Fn() -> Vec<PathBuf> + Send + 'static,
    read: impl Fn() -> T + Send + 'static,
    tell: impl Fn(T) -> bool + Send + 'static,
) -> io::Result<()> {
    let look = move || {
        let marks = || files().into_iter().map(mark).collect::<Vec<_>>();
        let mut known = marks();
        let mut told = tell(read());
        let mut changed = false;
        while told {
            std::thread::sleep(EVERY);
            let now = marks();
            if now != known {
                (known, changed) = (now, true);
            } else if changed {
                changed = false;
                told = tell(read());
            }
        }
    };
    std::thread::Builder::new().name(thread.to_owned()).spawn(look).map(drop)
}

fn mark(path: PathBuf) -> Mark {
    let meta = std::fs::metadata(&path).ok();
    (path, meta.map(|m| (m.mtime(), m.mtime_nsec(), m.size(), m.ino())))
}
