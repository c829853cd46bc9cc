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

/// So many bytes are read at once.
const PIECE: usize = 256 * 1024;

/// What tells a file from what it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Seconds and nanoseconds of its last change.
    pub changed: (i64, i64),
    /// The same of its last change of any kind, which nobody sets back as they can the other.
    pub touched: (i64, i64),
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

/// How a file stands, of whatever size.
///
/// # Errors
/// Why it cannot be used, and what to do.
pub fn stamp(path: &Path) -> Result<Stamp, String> {
    usable(&fs::metadata(path).map_err(|e| missing(&e))?, u64::MAX)
}

/// Like [`read`]; `meanwhile` is called between reading and looking whether it stood still.
///
/// # Errors
/// Why it cannot be used, and what to do.
pub fn read_while(path: &Path, known: Option<Stamp>, meanwhile: impl FnOnce()) -> Result<Found, String> {
    let mut bytes = Vec::new();
    let keep = |chunk: &[u8]| bytes.extend_from_slice(chunk);
    let stamp = through(path, known, LARGEST, keep, meanwhile)?;
    Ok(stamp.map_or(Found::Same, |stamp| Found::Anew(stamp, bytes)))
}

/// Hands a file of at most so many bytes out in pieces, unless it is the one that is known; how it stood before and
/// after. What was handed out counts for nothing where that is an error.
///
/// # Errors
/// Why it cannot be used, and what to do.
pub fn through(
    path: &Path,
    known: Option<Stamp>,
    most: u64,
    mut each: impl FnMut(&[u8]),
    meanwhile: impl FnOnce(),
) -> Result<Option<Stamp>, String> {
    // To open a device may already do something, so it is looked at before and, as it may be another one then, after.
    let stamp = usable(&fs::metadata(path).map_err(|e| missing(&e))?, most)?;
    if known == Some(stamp) {
        return Ok(None);
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).map_err(|e| missing(&e.into()))?);
    let opened = usable(&file.metadata().map_err(|e| missing(&e))?, most)?;
    // One byte more than was promised shows that it grows.
    let read = pieces((&file).take(opened.len + 1), &mut each);
    let read = read.map_err(|e| format!("reading it broke off: {e}; it is read again at the next interval"))?;
    meanwhile();
    let after = usable(&file.metadata().map_err(|e| missing(&e))?, most)?;
    let there = usable(&fs::metadata(path).map_err(|e| missing(&e))?, most)?;
    if stamp != opened || after != opened || there != opened || read != opened.len {
        return Err("it changed while it was read; it is read again at the next interval; \
                    have it written beside and moved into place"
            .to_owned());
    }
    Ok(Some(opened))
}

/// Reads to the end, piece by piece; how many bytes there were.
fn pieces(mut from: impl Read, each: &mut impl FnMut(&[u8])) -> std::io::Result<u64> {
    let (mut piece, mut all) = (vec![0; PIECE], 0);
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => return Ok(all),
            Ok(read) => read,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        each(piece.get(..read).unwrap_or_default());
        all += read as u64;
    }
}

fn usable(meta: &Metadata, most: u64) -> Result<Stamp, String> {
    if !meta.is_file() {
        return Err(format!(
            "it is {}, no regular file; name the file that the pipeline writes",
            kind(meta.file_type())
        ));
    }
    if meta.len() > most {
        let (is, most) = (meta.len() / (1024 * 1024), most / (1024 * 1024));
        return Err(format!("it has {is} MiB, more than {most} are not read; have a smaller one written"));
    }
    let (changed, place) = ((meta.mtime(), meta.mtime_nsec()), (meta.dev(), meta.ino()));
    Ok(Stamp { changed, touched: (meta.ctime(), meta.ctime_nsec()), len: meta.len(), place })
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
