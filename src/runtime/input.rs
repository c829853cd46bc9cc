//! What reaches the dispatcher, and what it tells the skins.
//!
//! One inbox gives a total order: commands, reports, findings and observations
//! are handled one after the other, each in a commit of its own.

pub use super::errand::{Brought, Errand, Heard, Sound, Verified};
use crate::domain::command::Command;
use crate::domain::entry::Entry;
use crate::domain::foreseen::{Foreseen, Foresight, Returning};
use crate::domain::observed::Stamped;
use crate::domain::operation::Operation;
use crate::domain::refusal::Refusal;
use crate::domain::report::{Found, Report};
use crate::domain::workspace::Workspace;
use crate::engine::Ledger;
pub use crate::journal::Pressed;
use std::sync::Arc;
use std::sync::mpsc::Sender;

/// Something for the dispatcher.
pub enum Input {
    /// A command of this session's person.
    Command(Box<Command>, Reply),
    /// A command that the screens did not give, because it would be refused: the
    /// refusal is written down, and nothing else ever comes of it.
    Tried(Box<Command>),
    /// How an operation ended.
    Report(u64, Report),
    /// What a probe found.
    Found(u64, Found),
    /// What watches saw.
    Seen(Vec<Stamped>),
    /// A line of a running operation's output.
    Line(u64, String),
    /// The workspace's files were read again: the workspace, or why they are wrong.
    Workspace(Result<Box<Workspace>, String>),
    /// A key that was pressed, for the session's key log.
    Key(Pressed),
    /// Something to fetch or to put into a file.
    Errand(Errand, Heard),
    /// Operations whose backends are to be asked what they would do, and the question's number. The
    /// question before it is given up.
    Foresee(u64, Vec<Operation>),
    /// What a backend said: the question's number, which of its operations, and what.
    Foreseen(u64, usize, Foresight),
    /// Somebody reads from now on what backends say of the way back of the runs that this session drives: of what they
    /// have changed, and of what they still have ahead.
    LookBack,
    /// What a backend said of the way back, of which it is asked by itself: the same three.
    WayBack(u64, usize, Foresight),
    /// A head of the journal was published, or why not.
    Published(Result<(), String>),
    /// Tells when nothing is in flight and the inbox is empty.
    Idle(Sender<()>),
    /// Ends the session: how.
    Close(String, Sender<()>),
}

/// Takes the answer to a command: the line it became, or why it did not.
pub type Reply = Box<dyn FnOnce(Answer) + Send>;

/// The answer to a command.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is durable; the line's number.
    Done(u64),
    /// It was refused, and the refusal is durable.
    Refused(Refusal),
    /// It could not be written down, so nothing happened.
    Unwritten(String),
}

/// What the skins are told, in order.
#[derive(Clone)]
pub enum Update {
    /// The journal is open: the ledger, the workspace and this session's number.
    Opened(Box<Opened>),
    /// Lines of the journal, our own and others', in order.
    Entries(Arc<Vec<Entry>>),
    /// Lines that were told are void, because their writer could not make them durable: the ledger as it stands.
    CutBack(Box<Ledger>),
    /// What watches saw.
    Seen(Arc<Vec<Stamped>>),
    /// A line of output of the operation that line `.0` announced.
    Line(u64, Arc<str>),
    /// What a backend said: the question's number, which of its operations, and what.
    Foreseen(u64, usize, Foresight),
    /// What backends say of the operations that would take back what live runs have changed; all that is
    /// known of it, empty where nothing would be sent.
    WayBack(Arc<Vec<Foreseen>>),
    /// What they say of the operations that would lead back what live runs still have ahead; all that is known of it.
    Ahead(Arc<Vec<Returning>>),
    /// The workspace's files were read again.
    Workspace(Arc<Workspace>),
    /// Something is wrong that stays until it is mended; none when it is.
    Trouble(Trouble, Option<String>),
    /// The session has ended.
    Closed,
}

/// What a skin starts from.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The ledger as it stands.
    pub ledger: Ledger,
    /// The last lines of the journal, oldest first, for its pane.
    pub recent: Vec<Entry>,
    /// What people declared.
    pub workspace: Arc<Workspace>,
    /// This session.
    pub session: crate::domain::session::SessionId,
}

/// What can be wrong for longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// The journal cannot be written or read.
    Journal,
    /// Heads of the journal cannot be published.
    Anchor,
    /// Keys cannot be logged; decisions still are.
    Keys,
    /// Samples of a run's signals cannot be kept; decisions are journaled as before.
    Samples,
    /// The workspace's files have mistakes; the last good reading stays in force.
    Workspace,
    /// What backends were opened with has changed on disk; it stays in force until the next start.
    Backends,
}
