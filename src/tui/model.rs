//! What the screens know: their own fold of what the runtime publishes.
//!
//! It only takes in; it never decides and never asks the runtime for more. The
//! ledger here is the same as the dispatcher's, entry by entry.

use crate::domain::Timestamp;
use crate::domain::entry::Entry;
use crate::domain::name::PersonName;
use crate::domain::observed::Observed;
use crate::domain::session::SessionId;
use crate::domain::workspace::Workspace;
use crate::engine::{Given, Ledger, Run};
use crate::runtime::input::{Trouble, Update};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How many entries the journal pane keeps at hand.
const RECENT: usize = 5_000;
/// How many lines of a command's output are kept at hand.
const LINES: usize = 500;

/// What is known.
#[derive(Default)]
pub struct Model {
    /// Whether the journal is open; before that nothing can be done.
    pub open: bool,
    /// What is being done before there is a journal to open, in words.
    pub opening: Option<&'static str>,
    /// Ours, durable.
    pub ledger: Ledger,
    /// Theirs, volatile.
    pub observed: Observed,
    /// What people declared.
    pub workspace: Arc<Workspace>,
    /// This session, once it is open.
    pub session: Option<SessionId>,
    /// Who sits here.
    pub person: Option<PersonName>,
    /// The newest entries, oldest first.
    pub recent: VecDeque<Entry>,
    /// The newest lines of output by the line that announced the operation.
    pub output: BTreeMap<u64, VecDeque<Arc<str>>>,
    /// What is wrong for longer.
    pub troubles: BTreeMap<Trouble, String>,
    /// Whether the session has ended.
    pub closed: bool,
}

impl Model {
    /// Takes in what the runtime says.
    pub fn take(&mut self, update: Update) {
        match update {
            Update::Opened(opened) => {
                self.open = true;
                self.ledger = opened.ledger;
                self.workspace = opened.workspace;
                self.session = Some(opened.session);
                self.person = self.ledger.sessions.get(&opened.session).map(|s| s.origin.person.clone());
                self.recent = opened.recent.into();
            }
            Update::Entries(entries) => entries.iter().for_each(|entry| self.fold(entry)),
            Update::CutBack(ledger) => {
                self.ledger = *ledger;
                let stands = self.ledger.seq;
                self.recent.retain(|entry| entry.seq <= stands);
            }
            Update::Seen(batch) => batch.iter().cloned().for_each(|seen| self.observed.apply(seen)),
            Update::Line(intent, line) => {
                let lines = self.output.entry(intent).or_default();
                if lines.len() >= LINES {
                    lines.pop_front();
                }
                lines.push_back(line);
            }
            Update::Workspace(workspace) => self.workspace = workspace,
            Update::Trouble(what, Some(why)) => drop(self.troubles.insert(what, why)),
            Update::Trouble(what, None) => drop(self.troubles.remove(&what)),
            Update::Closed => self.closed = true,
        }
    }

    fn fold(&mut self, entry: &Entry) {
        if entry.seq <= self.ledger.seq {
            return;
        }
        if let Err(illegal) = self.ledger.apply(entry) {
            self.troubles.insert(Trouble::Journal, illegal.to_string());
        }
        if self.recent.len() >= RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(entry.clone());
        let kept = &self.ledger.sent;
        self.output.retain(|intent, _| kept.contains_key(intent));
    }

    /// Everything a judgement may look at, as of `now`.
    pub fn given(&self, now: Timestamp) -> Given<'_> {
        Given { ledger: &self.ledger, workspace: &self.workspace, observed: &self.observed, now }
    }

    /// The run that the screens are about: the newest that has not ended, a
    /// rollback before what it takes back; else the newest that has.
    pub fn run(&self) -> Option<&Run> {
        let live = self.ledger.runs.values().rev().find(|r| !r.ended());
        live.or_else(|| self.ledger.runs.values().next_back())
    }

    /// Whether this session drives a run.
    pub fn drives(&self, run: &Run) -> bool {
        self.session.is_some() && self.ledger.driver(run) == self.session
    }
}
