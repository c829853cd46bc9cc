//! Backends: systems we observe and ask to act. The only folder with network
//! or child processes.
//!
//! Every adapter answers the same five calls. `preview`, `probe` and `watch`
//! only read; `perform` is sent once and never repeated from here. What an
//! adapter lets through is already made harmless (`domain::text`).

#[cfg(not(feature = "kubernetes"))]
mod absent;
#[cfg(feature = "http")]
pub mod alertmanager;
pub mod anchor;
#[cfg(feature = "http")]
pub mod argocd;
pub mod child;
pub mod command;
#[cfg(feature = "http")]
pub mod compare;
pub mod ending;
#[cfg(feature = "http")]
pub mod feed;
pub mod files;
#[cfg(feature = "http")]
pub mod hide;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
pub mod launcher;
pub mod leave;
#[cfg(feature = "http")]
pub mod literal;
pub mod pace;
pub mod plugin;
pub mod probe;
#[cfg(feature = "http")]
pub mod prometheus;
#[cfg(feature = "http")]
mod record;
pub mod registry;
pub mod secret;
pub mod template;

use crate::domain::drift::Drift;
use crate::domain::introduced::Introduced;
use crate::domain::journal_id::Key;
use crate::domain::name::{BackendName, PersonName};
use crate::domain::observed::{Observation, Placed};
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::{Found, Output, Preview, Receipt, Remark};
use crate::domain::span::Span;
pub use crate::domain::topic::Topic;
use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A system we observe and ask to act. Object-safe; every call is cheap to make
/// and is cancelled by dropping it.
pub trait Backend: Send + Sync {
    /// What it is and what it can do; presence here is capability.
    fn manifest(&self) -> &Manifest;
    /// Watches a topic: a snapshot first, then changes, for ever. After a fault
    /// the stream may go on by itself; when it ends, the observer starts it anew.
    fn watch(&self, topic: Topic) -> BoxStream<'static, Result<Observation, Fault>>;
    /// Says what an operation would do; reads only. It is asked for people who are about to agree, on the
    /// thread that `perform` runs on, and dropped when it takes too long; an obstacle for which `perform`
    /// would certainly refuse is also in `refused`.
    fn preview(&self, operation: &Operation) -> BoxFuture<'static, Result<Preview, Fault>>;
    /// The same for a look that nobody has asked for: reads only, no dry run of the change, and a host that is to be
    /// spared is spared.
    fn glance(&self, operation: &Operation) -> BoxFuture<'static, Result<Preview, Fault>> {
        self.preview(operation)
    }
    /// Says what would be in the way of leading back to what is there now, once so many `changes` of the place have
    /// been made; a look that nobody has asked for, too. That it is there already is no answer. Whoever cannot tell
    /// says that it does not look ahead.
    fn ahead(&self, operation: &Operation, _changes: u32) -> BoxFuture<'static, Result<Preview, Fault>> {
        let (verb, manifest) = (operation.verb, self.manifest());
        let lacks = !manifest.verbs.contains_key(&verb);
        let lacks = lacks.then(|| Fault::Cannot(manifest.name.clone(), verb.word().to_owned()));
        let blind = || Preview { blind: true, ..Preview::default() };
        Box::pin(std::future::ready(lacks.map_or_else(|| Ok(blind()), Err)))
    }
    /// Does it, once.
    fn perform(&self, operation: Operation, key: Key, out: Sink) -> BoxFuture<'static, Result<Done, Fault>>;
    /// Finds out what became of it; reads only.
    fn probe(&self, operation: &Operation, key: Key) -> BoxFuture<'static, Result<Found, Fault>>;
    /// Says what it is talking to, for `doctor`: version, whose credential, until when,
    /// and whether the clocks agree; reads only. Nothing where there is nothing to say.
    fn introduce(&self) -> BoxFuture<'static, Vec<Remark>> {
        Box::pin(std::future::ready(Vec::new()))
    }
    /// Who it said it is when it was last spoken to; asks nobody. Nothing where it has not said so, or never does.
    fn introduced(&self) -> Option<Arc<Introduced>> {
        None
    }
    /// By how much the clock of the system is ahead of ours, the furthest that it told lately; asks nobody. Nothing
    /// where it has not told, or never does.
    fn skew(&self) -> Option<TimeDelta> {
        None
    }
    /// Says how what is live at a place differs from what was declared, for somebody who asks; reads only.
    /// What could not be compared is said in it.
    fn drift(&self, _at: &Placed) -> BoxFuture<'static, Result<Drift, Fault>> {
        let why = format!("{} does not say what was declared", self.manifest().name);
        Box::pin(std::future::ready(Ok(Drift::unknown(why))))
    }
    /// How the end of what it keeps running is waited for, once it and all its calls are
    /// dropped. Nothing where nothing is kept running.
    fn ending(&self) -> Option<ending::Ending> {
        None
    }
}

/// How an operation ended that the backend answered for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// All of it.
    Whole(Receipt),
    /// So many of so many, certainly.
    Partly(u32, u32, Receipt),
}

/// What a backend is and can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The name it is declared by.
    pub name: BackendName,
    /// What can be watched.
    pub topics: Vec<Topic>,
    /// What can be asked for.
    pub verbs: BTreeMap<Verb, Safety>,
    /// Whether `probe` can tell what became of an operation.
    pub probes: bool,
    /// How often a watch says something, at least.
    pub every: Span,
}

/// How safe it is to send a verb twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// The same as once, by declaration.
    Idempotent,
    /// Not known to be the same as once.
    Once,
}

/// Why a call gave nothing. Its two functions are total, so no caller guesses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The backend has no such verb or topic.
    #[error("{0} cannot {1}")]
    Cannot(BackendName, String),
    /// It could not be reached at all: refused, no such host, no such program.
    #[error("{0}")]
    Unreachable(String),
    /// It said no, and certainly did nothing.
    #[error("{why}")]
    Refused {
        /// Verbatim, made harmless.
        why: String,
        /// The output that was kept, if there was any.
        output: Option<Output>,
    },
    /// It took too long, broke off, was killed, or answered nonsense.
    #[error("{why}")]
    Lost {
        /// What was lost.
        why: String,
        /// The output that was kept, if there was any.
        output: Option<Output>,
    },
}

/// Whether the thing that was asked for may have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It certainly did not.
    NotDone,
    /// It may have.
    Unknown,
}

/// The fault of a backend that has no such verb or topic.
fn cannot(name: &BackendName, what: &str) -> Fault {
    Fault::Cannot(name.clone(), what.to_owned())
}

impl Fault {
    /// Whether what was asked for may have happened all the same.
    pub fn certainty(&self) -> Certainty {
        match self {
            Fault::Cannot(..) | Fault::Unreachable(_) | Fault::Refused { .. } => Certainty::NotDone,
            Fault::Lost { .. } => Certainty::Unknown,
        }
    }

    /// Whether a *read* may be tried again later. Mutations never are.
    pub fn worth_retrying(&self) -> bool {
        matches!(self, Fault::Unreachable(_) | Fault::Lost { .. })
    }
}

/// What goes with an operation besides its words: where `perform` puts its output as it
/// comes, lines for the screen and bytes for the file, and who stands behind it. Cheap to
/// clone; dropping it is enough.
#[derive(Clone)]
pub struct Sink {
    /// The file that keeps the output, if it is kept.
    pub file: Option<std::path::PathBuf>,
    /// Takes whole lines, made harmless; never blocks, drops when full.
    pub lines: tokio::sync::mpsc::Sender<String>,
    /// The person by whose word it is done, where that is known; for systems that write down who asked.
    pub by: Option<PersonName>,
    /// Why it is done, where a person or a trigger said so; for the same.
    pub reason: Option<String>,
    /// When it is too late for it to leave: windows, freezes and holds were judged for no later than that. Whoever
    /// looks for long before sending looks at this last.
    pub not_after: Option<crate::domain::Timestamp>,
    /// Leave to stop looking on at what was taken, given when what leads back waits for it.
    pub leave: leave::Leave,
}

impl Sink {
    /// Whether it may still leave: what was decided so long ago is decided anew.
    ///
    /// # Errors
    /// That it is too late, and that nothing was sent.
    pub fn in_time(&self) -> Result<(), Fault> {
        match self.not_after {
            Some(at) if chrono::Utc::now() > at => {
                let at = at.format("%H:%M:%SZ");
                Err(Fault::Unreachable(format!("it was to leave by {at}, and looking took longer; nothing was sent")))
            }
            _ => Ok(()),
        }
    }
}
