//! Looking at the files of themes, so that a change is taken up while running.
//!
//! On a thread of its own, once a second: a slow or absent home directory never
//! holds up the screens. A file is read once two looks agree about it.

use super::collection::{Themes, files};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// What tells one state of a file from another: when it was written, its size, which file it is.
type Mark = (PathBuf, Option<(i64, i64, u64, u64)>);

/// Reads all themes now and whenever a file changes, and tells them until nobody
/// listens; `tell` returns whether somebody does.
///
/// # Errors
/// When the thread cannot be started.
pub fn watch(
    dir: Option<PathBuf>,
    also: Option<PathBuf>,
    tell: impl Fn(Themes) -> bool + Send + 'static,
) -> io::Result<()> {
    let look = move || {
        let marks = |dir: &Option<PathBuf>, also: &Option<PathBuf>| {
            files(dir.as_deref()).into_iter().chain(also.clone()).map(mark).collect::<Vec<_>>()
        };
        let mut known = marks(&dir, &also);
        let mut told = tell(Themes::read(dir.as_deref(), also.as_deref()));
        let mut changed = false;
        while told {
            std::thread::sleep(EVERY);
            let now = marks(&dir, &also);
            if now != known {
                (known, changed) = (now, true);
            } else if changed {
                changed = false;
                told = tell(Themes::read(dir.as_deref(), also.as_deref()));
            }
        }
    };
    std::thread::Builder::new().name("themes".to_owned()).spawn(look).map(drop)
}

fn mark(path: PathBuf) -> Mark {
    let meta = std::fs::metadata(&path).ok();
    (path, meta.map(|m| (m.mtime(), m.mtime_nsec(), m.size(), m.ino())))
}
