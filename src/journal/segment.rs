//! One segment: a file of lines that begins with the whole ledger.
//!
//! Folding reads it once from the front. It never changes the file; a line that
//! is not believed ends the fold and is reported, never skipped.

use super::chain::{Chain, Doubt, parse};
use super::error::{Break, During, JournalError};
use super::layout::Layout;
use super::lines::Lines;
use super::tip::Tip;
use crate::domain::Timestamp;
use crate::domain::digest::Digest;
use crate::domain::entry::Entry;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// How many bytes are read at a time when a whole segment is folded.
pub const CHUNK: usize = 1 << 20;

/// A segment that is open, and how far it has been read.
#[derive(Debug)]
pub struct Segment {
    /// Its number, counted from 1.
    pub number: u32,
    /// Its path.
    pub path: PathBuf,
    /// The file; writable when the journal may be appended to.
    pub file: File,
    /// How many bytes of whole lines were read.
    pub offset: u64,
    /// How many lines that were.
    pub lines: u64,
    /// How long its first line is.
    pub first_line: u64,
    /// When its first line was decided.
    pub since: Timestamp,
    /// Whether its name is known to be durable.
    pub named: bool,
}

impl Segment {
    /// Opens a segment; nothing is read yet.
    pub fn open(layout: &Layout, number: u32, write: bool) -> Result<Self, JournalError> {
        let path = layout.segment(number);
        let file = OpenOptions::new().read(true).write(write).open(&path).during("open", &path)?;
        Ok(Self { number, path, file, offset: 0, lines: 0, first_line: 0, since: Timestamp::default(), named: false })
    }

    /// Notes that a line of `length` bytes was read or written.
    pub fn passed(&mut self, length: usize, at: Timestamp) {
        let length = length as u64;
        if self.lines == 0 {
            self.first_line = length;
            self.since = at;
        }
        self.offset += length;
        self.lines += 1;
    }

    /// A break at the next line.
    pub fn broken(&self, why: impl Into<String>) -> Break {
        Break { file: self.path.clone(), line: self.lines + 1, why: why.into() }
    }

    /// Folds the segment from its start into a new chain; at most `limit` lines.
    ///
    /// The break, if any, is where the fold ended; the chain is what came before.
    pub fn fold(&mut self, tip: Option<Tip>, limit: u64) -> Result<(Chain, Option<Break>), JournalError> {
        let mut chain = Chain::default();
        let found = self.fold_into(&mut chain, tip, limit)?;
        let Some((broken, spoilt)) = found else {
            return Ok((chain, None));
        };
        let believed = broken.line.saturating_sub(1);
        if spoilt || believed < self.lines {
            (self.offset, self.lines) = (0, 0);
            chain = Chain::default();
            self.fold_into(&mut chain, None, believed)?;
        }
        Ok((chain, Some(broken)))
    }

    fn fold_into(
        &mut self,
        chain: &mut Chain,
        tip: Option<Tip>,
        limit: u64,
    ) -> Result<Option<(Break, bool)>, JournalError> {
        let file = self.file.try_clone().during("open", &self.path)?;
        let mut lines = Lines::new(&file, self.offset, CHUNK);
        while self.lines < limit {
            let Some(line) = lines.next_line().during("read", &self.path)? else {
                return Ok(self.ends(chain, tip).map(|b| (b, false)));
            };
            if self.lines == 0 && self.number > 1 {
                match parse(line) {
                    Ok(first) => *chain = Chain::before(&first),
                    Err(why) => return Ok(Some((self.broken(why), false))),
                }
            }
            let at = match chain.accept(line, self.lines == 0) {
                Ok(entry) => entry.at,
                Err(doubt) => return Ok(Some((self.blame(&doubt, tip)?, matches!(doubt, Doubt::Illegal(_))))),
            };
            if tip.is_some_and(|tip| tip.seq == chain.ledger.seq && tip.line != chain.last) {
                return Ok(Some((self.broken("is not the line that was acknowledged"), true)));
            }
            self.passed(line.len(), at);
        }
        Ok(None)
    }

    /// What the end of the file says: a journal that ends before its tip has lost lines.
    fn ends(&self, chain: &Chain, tip: Option<Tip>) -> Option<Break> {
        if self.lines == 0 {
            return Some(self.broken("is missing or has no end"));
        }
        let tip = tip.filter(|tip| tip.seq > chain.ledger.seq)?;
        Some(self.broken(format!(
            "is damaged or missing, and {} was acknowledged; bring the lines back, or, to go on without them, \
             remove the file `tip` of the state directory",
            tip.seq
        )))
    }

    /// Says which line a doubt about the next line is about. When a link does not
    /// fit, the next line was changed, or the one before it: whichever nothing
    /// later vouches for.
    pub fn blame(&self, doubt: &Doubt, tip: Option<Tip>) -> Result<Break, JournalError> {
        match doubt {
            Doubt::Line(why) | Doubt::Illegal(why) => Ok(self.broken(why.clone())),
            Doubt::Link => {
                let (vouched, known) = self.vouched(tip)?;
                Ok(match (vouched, known || self.lines == 0) {
                    (false, true) => self.broken("does not name the digest of the line before: it was changed"),
                    (_, known) => Break {
                        line: self.lines.max(1),
                        why: match known {
                            true => "was changed: the line after it names another digest".to_owned(),
                            false => "was changed, or the line after it was: it names another digest".to_owned(),
                        },
                        ..self.broken("")
                    },
                })
            }
        }
    }

    /// Whether the line after the next, or the tip, names the digest of the next
    /// line; and whether there was anything that could.
    pub fn vouched(&self, tip: Option<Tip>) -> Result<(bool, bool), JournalError> {
        let mut lines = Lines::new(&self.file, self.offset, CHUNK);
        let Some(suspect) = lines.next_line().during("read", &self.path)? else {
            return Ok((false, false));
        };
        let (digest, seq) = (Digest::of_bytes(suspect), parse(suspect).map(|e| e.seq));
        let after = match lines.next_line().during("read", &self.path)? {
            Some(after) => Some(parse(after)),
            None => self.after_the_end()?,
        };
        if let Some(after) = after {
            return Ok(after.map_or((false, false), |after| (after.prev == digest, true)));
        }
        Ok(tip.filter(|tip| seq == Ok(tip.seq)).map_or((false, false), |tip| (tip.line == digest, true)))
    }
}

impl Segment {
    /// The first line of the segment after this one, if there is one.
    fn after_the_end(&self) -> Result<Option<Result<Entry, String>>, JournalError> {
        let path = self.path.with_file_name(format!("{:06}.jsonl", self.number.saturating_add(1)));
        match File::open(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            file => {
                let file = file.during("open", &path)?;
                Ok(Lines::new(&file, 0, CHUNK).next_line().during("read", &path)?.map(parse))
            }
        }
    }
}

/// The last segment of a journal; none when there is none.
pub fn last(layout: &Layout) -> Result<Option<u32>, JournalError> {
    Ok(layout.segments()?.last().copied())
}

/// Whether a file is the one that a path names.
pub fn same_file(file: &File, path: &Path) -> Result<bool, JournalError> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata().during("look at", path)?;
    match std::fs::metadata(path) {
        Ok(named) => Ok(named.ino() == open.ino() && named.dev() == open.dev()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e).during("look at", path),
    }
}
