//! A state directory for one test, and the decisions that tests write.

use chrono::{TimeDelta, TimeZone, Utc};
use holdpoint::domain::Timestamp;
use holdpoint::domain::entry::{By, Draft};
use holdpoint::domain::fact::{Fact, Intent};
use holdpoint::domain::name::RunId;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::person::Proof;
use holdpoint::domain::session::{Origin, SessionId};
use holdpoint::domain::span::Span;
use holdpoint::journal::{Access, Committed, Genesis, Journal, JournalError, Limits};
use std::path::{Path, PathBuf};

/// A directory that is removed with the value.
pub struct StateDir(tempfile::TempDir);

impl StateDir {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    /// The state directory, inside a directory of its own so that it can be made.
    pub fn path(&self) -> PathBuf {
        self.0.path().join("state")
    }
    pub fn open(&self) -> Journal {
        open(&self.path()).unwrap()
    }
    pub fn segment(&self, number: u32) -> PathBuf {
        self.path().join(format!("journal/{number:06}.jsonl"))
    }
    /// A journal of so many lines, its first included.
    pub fn with_lines(lines: u64) -> Self {
        let dir = Self::new();
        let mut journal = dir.open();
        for n in 2..=lines {
            note(&mut journal, &format!("n{n}")).unwrap();
        }
        dir
    }
}

pub fn open(dir: &Path) -> Result<Journal, JournalError> {
    Journal::open(dir, Access::Private, at(0), genesis())
}

pub fn genesis() -> Genesis {
    Genesis { workspace: "0f3a9c1de2b84756".into(), by: "ana".into(), id: Some([7; 8]) }
}

pub fn small(segment_bytes: u64) -> Limits {
    Limits { segment_bytes, ..Limits::default() }
}

/// So many seconds into the release night.
pub fn at(seconds: i64) -> Timestamp {
    Utc.with_ymd_and_hms(2026, 11, 21, 2, 0, 0).unwrap() + TimeDelta::seconds(seconds)
}

pub fn ana() -> By {
    By { person: "ana".into(), session: SessionId(2) }
}

pub fn changed(what: &str) -> Draft {
    Draft { cause: "test".into(), outcome: Ok(vec![Fact::WorkspaceChanged { what: what.into() }]) }
}

/// An operation about to be sent; whether the fold accepts it is the engine's to say.
pub fn intent() -> Draft {
    let operation = Operation {
        backend: "routers".into(),
        verb: Verb::Deploy,
        service: Some("payments".into()),
        environment: Some("eu-west".into()),
        args: [("version".to_owned(), "2.14.0".to_owned())].into(),
        argv: vec![],
        limit: Span::mins(2),
        idempotent: false,
    };
    let intent = Intent {
        run: RunId(1),
        step: "14".into(),
        attempt: 1,
        operation,
        session: SessionId(2),
        epoch: 1,
        not_after: at(30),
        resend_of: None,
        knowing: vec![],
        approved: vec![],
        from: None,
    };
    Draft { cause: "advance".into(), outcome: Ok(vec![Fact::Announced(Box::new(intent))]) }
}

pub fn note(journal: &mut Journal, what: &str) -> Result<Committed, JournalError> {
    journal.commit(|| at(1), ana(), |_, _| Some(changed(what)))
}

pub fn origin() -> Origin {
    Origin {
        person: "ana".into(),
        proof: Proof::Login,
        user: "ana".into(),
        uid: 1000,
        login_uid: None,
        ssh_client: None,
        ssh_key: None,
        tty: None,
        host: "jump1".into(),
        pid: std::process::id(),
        program: "tui".into(),
        version: "0.1.0".into(),
    }
}

/// Everything that was noted, in order.
pub fn noted(dir: &Path) -> Vec<String> {
    let entries = holdpoint::journal::entries(dir).unwrap().map(Result::unwrap);
    let facts = entries.flat_map(|entry| entry.facts);
    facts
        .filter_map(|fact| match fact {
            Fact::WorkspaceChanged { what } => Some(what),
            _ => None,
        })
        .collect()
}

/// A copy of a whole directory.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
