//! The file that keeps what a child prints, up to a cap.
//!
//! Its digest goes into the journal, so a file that is already there is never
//! overwritten: it is set aside under the next free number.

use crate::domain::report::Output;
use crate::fault;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How many bytes of one operation's output are kept.
pub const CAP: u64 = 4 * 1024 * 1024;

/// Output on its way to its file.
#[derive(Debug)]
pub struct Kept {
    file: File,
    hash: Sha256,
    bytes: u64,
    dropped: u64,
}

impl Kept {
    /// Opens the file, 0600; an earlier one of that name is set aside.
    pub fn create(path: &Path) -> io::Result<Self> {
        fault::at("backend.output.create")?;
        if path.try_exists()? {
            std::fs::rename(path, aside(path)?)?;
        }
        let file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Self { file, hash: Sha256::new(), bytes: 0, dropped: 0 })
    }

    /// Keeps as much as the cap allows and counts the rest; gives whether that is all of it. After a
    /// write that failed nothing more is kept, so the file and its digest stay together.
    pub fn add(&mut self, bytes: &[u8]) -> bool {
        let room = usize::try_from(CAP.saturating_sub(self.bytes)).unwrap_or(0);
        let room = if self.dropped > 0 { 0 } else { room.min(bytes.len()) };
        let (keep, drop) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        let mut left = keep;
        while !left.is_empty() {
            match fault::at("backend.output.write").and_then(|()| self.file.write(left)) {
                Ok(n) if n > 0 => {
                    let (written, rest) = left.split_at_checked(n).unwrap_or((left, &[]));
                    self.hash.update(written);
                    self.bytes += written.len() as u64;
                    left = rest;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        self.dropped += (left.len() + drop.len()) as u64;
        left.is_empty() && drop.is_empty()
    }

    /// What was kept.
    pub fn finish(self) -> Output {
        let hex: String = self.hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        Output { bytes: self.bytes, dropped: self.dropped, digest: hex.parse().unwrap_or_default() }
    }
}

/// The first name `path.1`, `path.2`, … that is free.
fn aside(path: &Path) -> io::Result<PathBuf> {
    for n in 1..1000 {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{n}"));
        let name = PathBuf::from(name);
        if !name.try_exists()? {
            return Ok(name);
        }
    }
    Err(io::Error::other("a thousand earlier outputs of the same operation are kept; move them away"))
}
