//! Opening a journal: for acting, made if there is none, or for viewing.
//!
//! Only the last segment is read; it begins with the whole ledger. A line that
//! cannot be believed does not fail the opening: the journal is then there to be
//! looked at, up to the line before.

use super::chain::Chain;
use super::error::{During, JournalError};
use super::layout::{Access, Layout, sync_dir};
use super::lock::LockFile;
use super::segment::{self, Segment};
use super::store::{Journal, Limits, Writing};
use super::tip::{Tip, TipFile};
use crate::domain::Timestamp;
use crate::domain::digest::Digest;
use crate::domain::entry::{By, Entry};
use crate::domain::fact::{FORMAT, Fact};
use crate::domain::journal_id::JournalId;
use crate::domain::name::PersonName;
use crate::domain::session::SessionId;
use crate::fault;
use std::io::Write;
use std::path::Path;

/// What the first line of a new journal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The workspace's id.
    pub workspace: String,
    /// Who opens it first.
    pub by: PersonName,
    /// The random bytes of its id; drawn from the system when none.
    pub id: Option<[u8; 8]>,
}

impl Journal {
    /// Opens the journal in the state directory `dir` for acting; makes it if it is empty.
    ///
    /// Look at [`Journal::broken`] afterwards. Fails when the directory can be
    /// written by people who must not, or files cannot be opened or made.
    pub fn open(dir: &Path, access: Access, now: Timestamp, fresh: Genesis) -> Result<Self, JournalError> {
        let (layout, limits) = (Layout::new(dir, access), Limits::default());
        layout.prepare()?;
        let mut lock = LockFile::open(&layout)?;
        if segment::last(&layout)?.is_none() {
            let _held = lock.take(limits.lock_wait)?;
            if segment::last(&layout)?.is_none() {
                begin(&layout, now, fresh)?;
            }
        }
        let tip = TipFile::open(&layout)?;
        read(layout, limits, Some(Writing { lock, tip }))
    }

    /// Opens the journal in `dir` for viewing: nothing is made, locked or written.
    pub fn view(dir: &Path) -> Result<Self, JournalError> {
        read(Layout::new(dir, Access::Private), Limits::default(), None)
    }
}

fn read(layout: Layout, limits: Limits, writing: Option<Writing>) -> Result<Journal, JournalError> {
    // Before the segments are listed: lines may be appended meanwhile, never taken away.
    let tip = Tip::read(&layout)?;
    let number = match segment::last(&layout) {
        Ok(Some(number)) => number,
        Ok(None) => return Err(JournalError::Absent(layout.root().to_owned())),
        Err(_) if layout.absent()? => return Err(JournalError::Absent(layout.root().to_owned())),
        Err(e) => return Err(e),
    };
    let mut segment = Segment::open(&layout, number, writing.is_some())?;
    let (chain, broken) = segment.fold(tip, u64::MAX)?;
    Ok(Journal {
        layout,
        limits,
        segment,
        chain,
        writing,
        broken,
        poisoned: None,
        unpublished: Vec::new(),
        keys: None,
        aside: Vec::new(),
    })
}

fn begin(layout: &Layout, now: Timestamp, fresh: Genesis) -> Result<(), JournalError> {
    let bytes = match fresh.id {
        Some(bytes) => bytes,
        None => {
            let mut bytes = [0u8; 8];
            getrandom::fill(&mut bytes).map_err(|e| JournalError::Random(e.to_string()))?;
            bytes
        }
    };
    let journal = JournalId::from_random(bytes);
    let entry = Entry {
        seq: 1,
        at: now,
        by: By { person: fresh.by, session: SessionId(0) },
        cause: "genesis".to_owned(),
        facts: vec![Fact::Genesis { format: FORMAT, journal, workspace: fresh.workspace }],
        refusal: None,
        keys: None,
        prev: Digest::default(),
    };
    let (line, read_back) = to_line(&entry)?;
    Chain::default().accept_parsed(&read_back, true).map_err(|doubt| JournalError::Unwritable(format!("{doubt:?}")))?;
    place(layout, 1, &line)?;
    fault::at("journal.begun").during("sync", layout.root())?;
    // The names of the directories themselves.
    sync_dir(layout.root())?;
    layout.root().parent().map_or(Ok(()), sync_dir)
}

/// The bytes of an entry's line, and the entry as it will be read back: what is
/// folded is always what the bytes say.
pub(super) fn to_line(entry: &Entry) -> Result<(Vec<u8>, Entry), JournalError> {
    let mut line = serde_json::to_vec(entry).map_err(|e| JournalError::Unwritable(e.to_string()))?;
    line.push(b'\n');
    if line.len() as u64 >= super::lines::LONGEST {
        return Err(JournalError::Unwritable(format!("it would be {} bytes long", line.len())));
    }
    let read_back = super::chain::parse(&line).map_err(JournalError::Unwritable)?;
    Ok((line, read_back))
}

/// Puts a new segment of one line in its place: it is there whole or not at all.
/// The append lock must be held. A failure leaves no segment behind, except that
/// of making its name durable, which is [`Misplaced::Unnamed`].
pub(super) fn place(layout: &Layout, number: u32, line: &[u8]) -> Result<(), Misplaced> {
    let (unborn, path) = (layout.unborn(), layout.segment(number));
    let written = write_unborn(layout, line).and_then(|()| std::fs::rename(&unborn, &path).during("name", &path));
    if let Err(e) = written {
        let _ = std::fs::remove_file(&unborn);
        return Err(Misplaced::Nothing(e));
    }
    fault::at("journal.segment.named")
        .during("sync", &path)
        .and_then(|()| sync_dir(&layout.journal()))
        .and_then(|()| fault::at("journal.segment.placed").during("sync", &path))
        .map_err(Misplaced::Unnamed)
}

/// Why a new segment is not in its place.
#[derive(Debug)]
pub(super) enum Misplaced {
    /// There is no new segment.
    Nothing(JournalError),
    /// There is, but its name may not survive a loss of power.
    Unnamed(JournalError),
}

impl From<Misplaced> for JournalError {
    fn from(misplaced: Misplaced) -> Self {
        match misplaced {
            Misplaced::Nothing(e) | Misplaced::Unnamed(e) => e,
        }
    }
}

fn write_unborn(layout: &Layout, line: &[u8]) -> Result<(), JournalError> {
    let path = layout.unborn();
    fault::at("journal.segment.begin").during("create", &path)?;
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e).during("remove", &path),
        _ => {}
    }
    let mut file = layout.create_new(&path).during("create", &path)?;
    file.write_all(line).during("write", &path)?;
    fault::at("journal.segment.written").during("write", &path)?;
    file.sync_all().during("sync", &path)?;
    fault::at("journal.segment.synced").during("sync", &path)
}
