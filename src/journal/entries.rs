//! All entries of a journal, streamed over its segments, for showing and export.
//!
//! Lines are read, not believed: whether the chain holds is for `verify` to say.

use super::chain::parse;
use super::error::{Break, During, JournalError};
use super::layout::{Access, Layout};
use super::lines::Lines;
use crate::domain::entry::Entry;
use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};

/// How many bytes are read at a time.
const CHUNK: usize = 256 << 10;

/// The entries of a journal from its first to its last whole line.
#[derive(Debug)]
pub struct Entries {
    segments: VecDeque<PathBuf>,
    open: Option<(PathBuf, File)>,
    offset: u64,
    line: u64,
    batch: VecDeque<Result<Entry, JournalError>>,
}

/// Starts at the first line of the journal in the state directory `dir`. After an
/// error nothing more comes.
pub fn entries(dir: &Path) -> Result<Entries, JournalError> {
    let layout = Layout::new(dir, Access::Private);
    if layout.absent()? {
        return Err(JournalError::Absent(dir.to_owned()));
    }
    Ok(Entries::over(layout.segments()?.into_iter().map(|number| layout.segment(number)).collect()))
}

/// The entries of one file: a segment, or what was exported. After an error nothing more comes.
pub fn of_file(path: &Path) -> Result<Entries, JournalError> {
    if path.metadata().during("open", path)?.is_dir() {
        return Err(JournalError::Malformed { path: path.to_owned(), why: "is a directory, not a journal".to_owned() });
    }
    Ok(Entries::over(VecDeque::from([path.to_owned()])))
}

/// The last `n` entries of the journal in `dir`, oldest first.
pub fn tail(dir: &Path, n: usize) -> Result<Vec<Entry>, JournalError> {
    let mut all = entries(dir)?;
    let mut found: VecDeque<Entry> = VecDeque::new();
    while let Some(segment) = all.segments.pop_back() {
        let mut last: VecDeque<Entry> = VecDeque::new();
        for entry in Entries::over(VecDeque::from([segment])) {
            last.push_back(entry?);
            if last.len() > n - found.len().min(n) {
                last.pop_front();
            }
        }
        last.append(&mut found);
        found = last;
        if found.len() >= n {
            break;
        }
    }
    Ok(found.into())
}

impl Entries {
    fn over(segments: VecDeque<PathBuf>) -> Self {
        Self { segments, open: None, offset: 0, line: 0, batch: VecDeque::new() }
    }

    /// Reads some lines ahead; false at the end.
    fn fill(&mut self) -> Result<bool, JournalError> {
        loop {
            let (path, file) = match self.open.take() {
                Some(open) => open,
                None => match self.segments.pop_front() {
                    None => return Ok(false),
                    Some(path) => {
                        (self.offset, self.line) = (0, 0);
                        let file = File::open(&path).during("open", &path)?;
                        (path, file)
                    }
                },
            };
            let mut lines = Lines::new(&file, self.offset, CHUNK);
            let mut bytes = 0;
            while bytes < CHUNK {
                let Some(line) = lines.next_line().during("read", &path)? else { break };
                self.line += 1;
                bytes += line.len();
                let broken = |why| JournalError::Broken(Break { file: path.clone(), line: self.line, why });
                self.batch.push_back(parse(line).map_err(broken));
            }
            self.offset += bytes as u64;
            if bytes > 0 {
                self.open = Some((path, file));
                return Ok(true);
            }
        }
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.batch.is_empty() {
            match self.fill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(e) => self.batch.push_back(Err(e)),
            }
        }
        let next = self.batch.pop_front();
        if matches!(next, Some(Err(_))) {
            (self.open, self.segments, self.batch) = (None, VecDeque::new(), VecDeque::new());
        }
        next
    }
}
