//! Whether what a rule waits for has become true. Reads files only, each line
//! of a growing file once.

use super::layout::Layout;
use super::rules::When;
use super::wanted::Wanted;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The most that is taken in at one look.
const AT_ONCE: u64 = 4 * 1024 * 1024;

/// A condition and how far its file has been read.
#[derive(Debug)]
pub struct Condition {
    when: When,
    read: Option<(PathBuf, u64)>,
}

impl Condition {
    /// Nothing read yet.
    pub fn new(when: When) -> Self {
        Self { when, read: None }
    }

    /// Whether it is true now, or has come true since the last look.
    pub fn holds(&mut self, layout: &Layout) -> bool {
        match &self.when {
            When::Up => true,
            When::Share { place, version, weight } => Wanted::load(layout, place).is_ok_and(|wanted| {
                let candidate = wanted.candidate.as_ref() == Some(version) && wanted.weight >= *weight;
                candidate || wanted.stable == *version
            }),
            When::Line { file, contains } => {
                let Some(file) = newest(&layout.dir().join(file)) else { return false };
                let from = self.read.take().filter(|(was, _)| *was == file).map_or(0, |(_, at)| at);
                let (text, at) = lines(&file, from).unwrap_or((String::new(), from));
                self.read = Some((file, at));
                text.lines().any(|line| contains.iter().all(|part| line.contains(part.as_str())))
            }
        }
    }
}

/// The file itself, or the last segment of a directory by name.
fn newest(path: &Path) -> Option<PathBuf> {
    if !path.is_dir() {
        return path.is_file().then(|| path.to_owned());
    }
    let files = fs::read_dir(path)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"));
    files.max()
}

/// The whole lines after an offset, and where the next one begins.
fn lines(path: &Path, from: u64) -> std::io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(AT_ONCE).read_to_end(&mut bytes)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    bytes.truncate(whole);
    let at = from.saturating_add(u64::try_from(whole).unwrap_or(0));
    Ok((String::from_utf8_lossy(&bytes).into_owned(), at))
}
