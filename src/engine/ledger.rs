//! The ledger: everything that is true, as a fold over the journal's entries.
//!
//! `apply` is the only way in. It never skips and never guesses: a fact that
//! cannot follow from what is known is [`Illegal`], and the journal is then
//! opened for viewing only.

use super::history::History;
use super::left::Left;
use super::run::{Changed, Run, Sent};
use super::standard::Standard;
use crate::domain::Timestamp;
use crate::domain::digest::Digest;
use crate::domain::entry::Entry;
use crate::domain::fact::{Carried, FORMAT};
use crate::domain::hold::Hold;
use crate::domain::journal_id::{JournalId, Key};
use crate::domain::name::{EnvironmentName, PolicyName, RoleName, RunId, RunbookName, ServiceName};
use crate::domain::operation::Operation;
use crate::domain::rehearsal::Rehearsal;
use crate::domain::rules::Rules;
use crate::domain::session::{Origin, SessionId};
use crate::domain::waiver::Waiver;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that is true.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// The journal's id; none before its genesis.
    pub journal: Option<JournalId>,
    /// The workspace it belongs to.
    pub workspace: String,
    /// The highest format its lines may have.
    pub format: u32,
    /// Number of the last line.
    pub seq: u64,
    /// When the last line was decided.
    pub at: Timestamp,
    /// Sessions that have not ended.
    pub sessions: BTreeMap<SessionId, Session>,
    /// Runs that have not ended, and the newest ended one of each runbook.
    pub runs: BTreeMap<RunId, Run>,
    /// Number of the newest run.
    pub last_run: u32,
    /// Holds in force.
    pub holds: BTreeMap<u32, Hold>,
    /// Number of the newest hold.
    pub last_hold: u32,
    /// Holds that were escalated because their time is over, and to whom.
    #[serde(default)]
    pub overdue: BTreeMap<u32, Option<RoleName>>,
    /// Waivers of the runs above, and those that nobody has reviewed yet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waivers: BTreeMap<u32, Waiver>,
    /// How rules that approve beforehand have been used.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub standards: BTreeMap<PolicyName, Standard>,
    /// The newest rehearsal of each runbook.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rehearsals: BTreeMap<RunbookName, Rehearsal>,
    /// Number of the newest waiver.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last_waiver: u32,
    /// The rules that live runs go by, oldest first: all of them bind beside those of the files.
    #[serde(default)]
    pub rules: Vec<Arc<Rules>>,
    /// Operations of the runs above, by the line that announced them.
    pub sent: BTreeMap<u64, Sent>,
    /// Runs that have ended: what they were and how they ended.
    pub closed: Vec<ClosedRun>,
    /// Versions that places were rolled back from; none while nothing was, or where it was not kept yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
    /// How long steps of ended runs took, for forecasts.
    #[serde(default)]
    pub history: Arc<History>,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A session that has not ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// What the operating system said of it.
    pub origin: Origin,
    /// When it opened.
    pub since: Timestamp,
}

/// A run that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClosedRun {
    /// Its number.
    pub run: RunId,
    /// What it carried out.
    pub runbook: RunbookName,
    /// Digest of its plan.
    pub digest: Digest,
    /// When it ended.
    pub at: Timestamp,
    /// `completed` or `aborted`.
    pub how: String,
}

/// A fact that cannot follow from what is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {seq}: {why}")]
pub struct Illegal {
    /// The line.
    pub seq: u64,
    /// What is wrong with it.
    pub why: String,
}

impl Ledger {
    /// Folds one entry in. On error the ledger is as it was before a fact of the
    /// entry failed and must not be used to decide any more.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), Illegal> {
        let illegal = |why: String| Illegal { seq: entry.seq, why };
        if entry.seq != self.seq + 1 {
            return Err(illegal(format!("follows line {}", self.seq)));
        }
        if self.format > FORMAT {
            return Err(illegal(format!("format {} is newer than this program's {FORMAT}", self.format)));
        }
        self.seq = entry.seq;
        self.at = entry.at;
        for fact in &entry.facts {
            super::fold::fact(self, entry, fact).map_err(illegal)?;
        }
        Ok(())
    }

    /// The ledger as the first line of a further segment carries it.
    pub fn carry(&self) -> Result<Carried, serde_json::Error> {
        serde_json::value::to_raw_value(self).map(Carried)
    }

    /// The ledger that a segment's first line carries.
    pub fn carried(carried: &Carried) -> Result<Self, serde_json::Error> {
        serde_json::from_str(carried.0.get())
    }

    /// The run of this number, if it has not ended or is still kept.
    pub fn run(&self, run: RunId) -> Option<&Run> {
        self.runs.get(&run)
    }

    /// Whether a session has opened and not ended.
    pub fn alive(&self, session: SessionId) -> bool {
        self.sessions.contains_key(&session)
    }
}

impl Ledger {
    /// The operation that is open or in doubt on the same service and
    /// environment, across runs: at most one may be. Evidence and announcements
    /// change nothing there and neither occupy it nor wait for it.
    pub fn busy(&self, operation: &Operation) -> Option<&Sent> {
        self.sent.values().rev().find(|s| s.open() && s.intent.operation.meets(operation))
    }

    /// The key of an announced operation: its own line's, or the one it sends again.
    pub fn key(&self, sent: &Sent) -> Option<Key> {
        Some(Key { journal: self.journal.clone()?, seq: sent.intent.resend_of.unwrap_or(sent.seq) })
    }

    /// The newest run that has changed a place and whose change stands: what a way back of the place takes back.
    pub fn changed_by(&self, service: &ServiceName, environment: &EnvironmentName) -> Option<&Run> {
        let stands = |c: &Changed| c.service == *service && c.environment == *environment && c.taken_back.is_none();
        self.runs.values().rev().find(|run| run.changed.iter().any(stands))
    }

    /// The session that drives a run, if it is alive.
    pub fn driver(&self, run: &Run) -> Option<SessionId> {
        run.conn.as_ref().map(|c| c.session).filter(|s| self.alive(*s))
    }
}
