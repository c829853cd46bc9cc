//! The samples of a run: one file beside the journal, one line a sample.
//!
//! It is no part of the chain: a line that is torn or lost is a gap and nothing
//! more, and a file that cannot be written hinders no decision. When the run has
//! ended its length and digest are journaled, so that a change is found.

use super::error::{During, JournalError};
use super::layout::Layout;
use super::lines::Lines;
use crate::domain::digest::Digest;
use crate::domain::name::RunId;
use crate::domain::sample::{Kept, Sample};
use crate::fault;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The most bytes that a run's file takes.
pub const FULL: u64 = 32 << 20;
/// What is kept back of them for the line that says so.
const LAST: u64 = 256;

/// The file of a run's samples, open for appending.
#[derive(Debug)]
pub struct SampleLog {
    path: PathBuf,
    file: File,
    /// Whether the file ends in the middle of a line.
    torn: bool,
    full: bool,
}

/// What was read of a run's samples.
#[derive(Debug, Default)]
pub struct Samples {
    /// The samples, in the order they were taken.
    pub samples: Vec<Sample>,
    /// How many lines were no sample, and are gaps.
    pub bad: u64,
}

/// How a file stands to what the journal says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It is what the journal names.
    Same,
    /// It was changed or cut.
    Changed,
    /// It is not there.
    Missing,
}

impl SampleLog {
    /// Opens the file of a run, made if it is missing; says whether it was.
    pub fn open(layout: &Layout, run: RunId) -> Result<(Self, bool), JournalError> {
        let path = layout.samples(run);
        drop(layout.open_file(&path)?);
        let file = OpenOptions::new().read(true).append(true).open(&path).during("open", &path)?;
        let long = file.metadata().during("look at", &path)?.len();
        let mut last = [b'\n'];
        if long > 0 {
            file.read_exact_at(&mut last, long - 1).during("read", &path)?;
        }
        Ok((Self { path, file, torn: last != [b'\n'], full: long + LAST >= FULL }, long == 0))
    }

    /// Writes a sample; nothing any more once the file has its full length. What
    /// was written in part is a gap: the next line begins anew.
    pub fn append(&mut self, sample: &Sample) -> Result<(), JournalError> {
        if self.full {
            return Ok(());
        }
        let long = self.file.metadata().during("look at", &self.path)?.len();
        let mut line = encoded(sample)?;
        if long + line.len() as u64 + LAST > FULL {
            self.full = true;
            line = encoded(&Sample { at: sample.at, full: true, ..Sample::default() })?;
        }
        if self.torn {
            line.insert(0, b'\n');
        }
        let written = fault::at("samples.write").and_then(|()| self.file.write_all(&line));
        // How much was written is not known when it failed.
        self.torn = written.is_err() && self.file.set_len(long).is_err();
        written.during("write", &self.path)
    }
}

fn encoded(sample: &Sample) -> Result<Vec<u8>, JournalError> {
    let mut line = serde_json::to_vec(sample).map_err(|e| JournalError::Unwritable(e.to_string()))?;
    line.push(b'\n');
    Ok(line)
}

/// Makes the file of a run durable and says what is in it; none when there is none.
pub fn seal(layout: &Layout, run: RunId) -> Result<Option<Kept>, JournalError> {
    let path = layout.samples(run);
    let Some(file) = open(&path)? else { return Ok(None) };
    fault::at("samples.seal").and_then(|()| file.sync_all()).during("sync", &path)?;
    let bytes = file.metadata().during("look at", &path)?.len();
    Ok(Some(Kept { bytes, digest: digest(file, bytes, &path)? }))
}

/// Compares the file of a run with what the journal says of it. Lines after those
/// that the journal names count for nothing.
pub fn matches(layout: &Layout, run: RunId, kept: &Kept) -> Result<Match, JournalError> {
    let path = layout.samples(run);
    let Some(file) = open(&path)? else { return Ok(Match::Missing) };
    let same = digest(file, kept.bytes, &path)? == kept.digest;
    Ok(if same { Match::Same } else { Match::Changed })
}

/// Reads the samples of a run, at most the first `bytes` of the file; none when
/// there is no file. What is no sample is counted and left out.
pub fn read(layout: &Layout, run: RunId, bytes: u64) -> Result<Option<Samples>, JournalError> {
    let path = layout.samples(run);
    let Some(file) = open(&path)? else { return Ok(None) };
    let (mut lines, mut found, mut at) = (Lines::new(&file, 0, 64 << 10), Samples::default(), 0);
    while at < bytes.min(FULL) {
        let Some(line) = lines.next_line().during("read", &path)? else { break };
        at += line.len() as u64;
        match serde_json::from_slice(line) {
            Ok(sample) => found.samples.push(sample),
            Err(_) => found.bad += 1,
        }
    }
    // Two sessions may have written at the change of the conn.
    found.samples.sort_by_key(|sample| sample.at);
    Ok(Some(found))
}

fn open(path: &Path) -> Result<Option<File>, JournalError> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(e) => Err(e).during("open", path),
    }
}

/// The digest of a file's first bytes; of all of them when there are fewer.
fn digest(file: File, bytes: u64, path: &Path) -> Result<Digest, JournalError> {
    let mut all = Vec::new();
    file.take(bytes.min(FULL)).read_to_end(&mut all).during("read", path)?;
    Ok(Digest::of_bytes(&all))
}
