//! Errands: slow reads and plain files that a screen asks for, off its thread.
//!
//! An errand decides nothing and writes nothing into the journal; it works on a
//! journal that is broken too, because that is when it is needed most.

use super::anchor;
use crate::domain::journal_id::Key;
use crate::domain::text::visible;
use crate::journal::{self, Access, Answer, Journal, JournalError, Layout};
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How much of an operation's output is read, from its end.
const TAIL: u64 = 256 << 10;

/// Something to fetch or to put into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Verify the journal, by its anchor if there is one.
    Verify,
    /// Write all lines of the journal into a file of the state directory.
    Export,
    /// Read the end of an operation's output.
    Output(Key),
    /// Put a text into a file of the state directory, for terminals without a clipboard.
    Copy(String),
}

/// What an errand brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Brought {
    /// What can be said of the journal.
    Verified(Verified),
    /// A file was written; how many lines it has.
    Written(PathBuf, u64),
    /// Lines of output, oldest first, and whether older ones were left out.
    Lines(Vec<String>, bool),
}

/// What can be said of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The answer in one word.
    pub sound: Sound,
    /// The answer in full.
    pub text: String,
    /// What else is to be known.
    pub notes: Vec<String>,
}

/// Whether a journal can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// Someone else vouches for it.
    Proven,
    /// It was changed, cut or damaged.
    Tampered,
    /// Nothing contradicts it and nobody vouches for it.
    CannotProve,
}

/// Takes what an errand brought, or why it could not.
pub type Heard = Box<dyn FnOnce(Result<Brought, String>) + Send>;

/// Where errands are run.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) root: PathBuf,
    pub(super) access: Access,
    pub(super) anchor: Option<String>,
}

impl Place {
    /// Runs an errand; the error says what was attempted and why not.
    pub(super) fn run(&self, errand: &Errand) -> Result<Brought, String> {
        match errand {
            Errand::Verify => self.verify().map_err(|e| format!("cannot verify the journal: {e}")),
            Errand::Export => self.export().map_err(|e| format!("cannot export the journal: {e}")),
            Errand::Output(key) => self.output(key),
            Errand::Copy(text) => self.copy(text).map_err(|e| format!("cannot write the copied text: {e}")),
        }
    }

    fn verify(&self) -> Result<Brought, JournalError> {
        let mut silent = None;
        let held = match &self.anchor {
            Some(remote) => {
                let journal = Journal::view(&self.root)?;
                anchor::read(&journal, remote).map_err(|e| silent = Some(e.to_string())).ok()
            }
            None => None,
        };
        let found = journal::verify(&self.root, held.as_ref())?;
        let sound = match found.answer {
            Answer::Proven { .. } => Sound::Proven,
            Answer::Tampered { .. } => Sound::Tampered,
            Answer::CannotProve { .. } => Sound::CannotProve,
        };
        let notes = silent.into_iter().chain(found.notes.iter().cloned()).collect();
        Ok(Brought::Verified(Verified { sound, text: found.to_string(), notes }))
    }

    /// Copies every whole line as it stands, byte for byte.
    fn export(&self) -> Result<Brought, String> {
        let layout = Layout::new(&self.root, self.access);
        let mut lines = 0;
        let path = self.root.join("evidence.jsonl");
        let said = |e: std::io::Error| format!("{}: {e}", path.display());
        let mut out = BufWriter::new(self.fresh(&path)?);
        for number in layout.segments().map_err(|e| e.to_string())? {
            let segment = layout.segment(number);
            let bytes = std::fs::read(&segment).map_err(|e| format!("{}: {e}", segment.display()))?;
            let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |last| last + 1);
            let whole = bytes.get(..whole).unwrap_or_default();
            lines += whole.iter().filter(|b| **b == b'\n').count() as u64;
            out.write_all(whole).map_err(said)?;
        }
        out.flush().and_then(|()| out.get_ref().sync_all()).map_err(said)?;
        Ok(Brought::Written(path, lines))
    }

    fn copy(&self, text: &str) -> Result<Brought, String> {
        let path = self.root.join("copied.txt");
        let written = self.fresh(&path)?.write_all(format!("{text}\n").as_bytes());
        written.map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Brought::Written(path, text.lines().count() as u64))
    }

    /// An empty file of the state directory, with its mode.
    fn fresh(&self, path: &Path) -> Result<File, String> {
        let file = Layout::new(&self.root, self.access).open_file(path).map_err(|e| e.to_string())?;
        file.set_len(0).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(file)
    }

    fn output(&self, key: &Key) -> Result<Brought, String> {
        let path = Layout::new(&self.root, self.access).output(key);
        let read = || -> std::io::Result<(Vec<u8>, bool)> {
            let mut file = File::open(&path)?;
            let from = file.metadata()?.len().saturating_sub(TAIL);
            file.seek(SeekFrom::Start(from))?;
            let mut bytes = Vec::new();
            file.take(TAIL).read_to_end(&mut bytes)?;
            Ok((bytes, from > 0))
        };
        let (bytes, cut) = read().map_err(|e| format!("cannot read the output in {}: {e}", path.display()))?;
        let text = String::from_utf8_lossy(&bytes);
        let first = usize::from(cut);
        Ok(Brought::Lines(text.lines().skip(first).map(visible).collect(), cut))
    }
}
