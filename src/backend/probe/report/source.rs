//! Reading a result file whole, and only a file: a pipe or a device is never waited for.
//!
//! A file that is written while it is read is told by what the system says of it before and
//! after. What has not changed since the last time is not read again.

use rustix::fs::{Mode, OFlags};
use std::fs::{self, File, FileType, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

/// The largest file that is read, in bytes.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// What tells a file from what it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Seconds and nanoseconds of its last change.
    pub changed: (i64, i64),
    len: u64,
    place: (u64, u64),
}

/// A file that was looked at.
pub enum Found {
    /// It is the one that is known.
    Same,
    /// Another one, or changed: what it holds.
    Anew(Stamp, Vec<u8>),
}

/// Reads a file, unless it is the one that is known.
///
/// # Errors
/// Why it cannot be used, and what to do.
pub fn read(path: &Path, known: Option<Stamp>) -> Result<Found, String> {
    read_while(path, known, || {})
}

/// Like [`read`]; `meanwhile` is called between reading and looking whether it stood still.
///
/// # Errors
/// Why it cannot be used, and what to do.
pub fn read_while(path: &Path, known: Option<Stamp>, meanwhile: impl FnOnce()) -> Result<Found, String> {
    // To open a device may already do something, so it is looked at before and, as it may be another one then, after.
    let stamp = usable(&fs::metadata(path).map_err(|e| missing(&e))?)?;
    if known == Some(stamp) {
        return Ok(Found::Same);
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::open(path, flags, Mode::empty()).map_err(|e| missing(&e.into()))?);
    let opened = usable(&file.metadata().map_err(|e| missing(&e))?)?;
    let mut bytes = Vec::new();
    // One byte more than was promised shows that it grows.
    let read = Read::by_ref(&mut file).take(opened.len + 1).read_to_end(&mut bytes);
    read.map_err(|e| format!("reading it broke off: {e}; it is read again at the next interval"))?;
    meanwhile();
    let after = usable(&file.metadata().map_err(|e| missing(&e))?)?;
    let there = usable(&fs::metadata(path).map_err(|e| missing(&e))?)?;
    if stamp != opened || after != opened || there != opened || bytes.len() as u64 != opened.len {
        return Err("it changed while it was read; it is read again at the next interval; \
                    have it written beside and moved into place"
            .to_owned());
    }
    Ok(Found::Anew(opened, bytes))
}

fn usable(meta: &Metadata) -> Result<Stamp, String> {
    if !meta.is_file() {
        return Err(format!(
            "it is {}, no regular file; name the file that the pipeline writes",
            kind(meta.file_type())
        ));
    }
    if meta.len() > LARGEST {
        let (is, most) = (meta.len() / (1024 * 1024), LARGEST / (1024 * 1024));
        return Err(format!("it has {is} MiB, more than {most} are not read; have a smaller one written"));
    }
    let (changed, place) = ((meta.mtime(), meta.mtime_nsec()), (meta.dev(), meta.ino()));
    Ok(Stamp { changed, len: meta.len(), place })
}

fn kind(kind: FileType) -> &'static str {
    match () {
        () if kind.is_dir() => "a directory",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    }
}

fn missing(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => {
            "there is no such file; look whether the pipeline has run and leaves it there".to_owned()
        }
        ErrorKind::PermissionDenied => format!("{error}; let whoever runs holdpoint read it"),
        _ => format!("{error}; look at the file and at where it lies"),
    }
}
