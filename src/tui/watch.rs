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

/// Looks at some files that belong together, and says whether anybody still listens to what is read of them.
pub type Watched = Box<dyn FnMut() -> bool + Send>;

/// Reads at the first look and when the files have changed, and tells what was read; `tell` returns whether
/// somebody listens.
pub fn watched<T>(
    files: impl Fn() -> Vec<PathBuf> + Send + 'static,
    read: impl Fn() -> T + Send + 'static,
    tell: impl Fn(T) -> bool + Send + 'static,
) -> Watched {
    let (mut known, mut unread) = (None, true);
    Box::new(move || {
        let now: Vec<Mark> = files().into_iter().map(mark).collect();
        let settled = known.is_none() || known.as_ref() == Some(&now);
        unread |= !settled;
        known = Some(now);
        if !(settled && unread) {
            return true;
        }
        unread = false;
        tell(read())
    })
}

/// Looks at all of them, now and from now on, until nobody listens. They share one thread: one whose directory hangs
/// keeps those behind it from being taken up.
///
/// # Errors
/// When the thread cannot be started.
pub fn watch(mut all: Vec<Watched>) -> io::Result<()> {
    let look = move || {
        while all.iter_mut().all(|look| look()) {
            std::thread::sleep(EVERY);
        }
    };
    std::thread::Builder::new().name("files".to_owned()).spawn(look).map(drop)
}

fn mark(path: PathBuf) -> Mark {
    let meta = std::fs::metadata(&path).ok();
    (path, meta.map(|m| (m.mtime(), m.mtime_nsec(), m.size(), m.ino())))
}
