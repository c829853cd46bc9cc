//! Finding a past run in a journal: the stretch of lines that it took, with what
//! took it back.
//!
//! Files are only read: no lock, no session, nothing written.

use super::outcome::Failure;
use crate::domain::Timestamp;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::name::RunId;
use crate::domain::sample::Kept;
use crate::engine::Ledger;
use crate::engine::timeline::Timeline;
use crate::journal::JournalError;
use std::collections::{BTreeSet, VecDeque};

/// How many lines before the run are kept, for the journal's pane.
const BEFORE: usize = 500;
/// How many lines after the run's end are looked through for what takes it back.
const AFTER: usize = 20_000;

/// A run as it was found.
pub struct Found {
    /// Its lines, with some before it.
    pub history: Timeline,
    /// How many lines there are up to and with the one that started it.
    pub first: usize,
    /// Whether it has ended, with everything that took it back.
    pub ended: bool,
    /// What the journal says of its samples.
    pub kept: Option<Kept>,
    /// What one should know, in words.
    pub notes: Vec<String>,
}

/// Reads entries until the run, and what takes it back, has ended.
///
/// # Errors
/// When the journal cannot be read from its beginning, or has no such run; then
/// the error names the runs there are.
pub fn find(entries: impl Iterator<Item = Result<Entry, JournalError>>, run: RunId) -> Result<Found, Failure> {
    let (mut before, mut recent) = (Ledger::default(), VecDeque::new());
    let mut known = Vec::new();
    let mut search: Option<Search> = None;
    let mut notes = Vec::new();
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                notes.push(format!("the journal is unsound, and the replay ends before it: {error}"));
                break;
            }
        };
        if let Some(search) = &mut search {
            match search.take(entry) {
                Ok(true) => {}
                Ok(false) => break,
                Err(why) => {
                    notes.push(why);
                    break;
                }
            }
            continue;
        }
        known.extend(entry.facts.iter().filter_map(started));
        let starts = known.contains(&run);
        // A file that is a later segment begins with the ledger that it carries.
        if before.seq == 0 && recent.is_empty() {
            before.seq = entry.seq.saturating_sub(1);
        }
        recent.push_back(entry);
        if starts {
            let mut history = Timeline::after(before.clone());
            let illegal = recent.drain(..).find_map(|entry| history.push(entry).err());
            if let Some(why) = illegal {
                return Err(Failure::journal(format!(
                    "cannot replay run {run}: {why}; `holdpoint journal verify` tells more"
                )));
            }
            search = Some(Search::of(history, run));
        } else if recent.len() > BEFORE
            && let Some(oldest) = recent.pop_front()
        {
            let unsound = |why| {
                Failure::journal(format!("cannot replay run {run}: {why}; `holdpoint journal verify` tells more"))
            };
            before.apply(&oldest).map_err(unsound)?;
        }
    }
    match search {
        Some(search) => Ok(search.found(notes)),
        None => Err(unknown(run, &known, notes)),
    }
}

fn started(fact: &Fact) -> Option<RunId> {
    match fact {
        Fact::RunStarted { run, .. } => Some(*run),
        _ => None,
    }
}

/// There is no such run; there are others, or none.
fn unknown(run: RunId, known: &[RunId], notes: Vec<String>) -> Failure {
    let near = known.iter().copied().min_by_key(|k| k.0.abs_diff(run.0));
    let hint = match (known, near) {
        ([], _) => "the journal has none".to_owned(),
        (all, _) if all.len() <= 12 => {
            format!("there are {}", all.iter().map(RunId::to_string).collect::<Vec<_>>().join(", "))
        }
        (all, Some(near)) => format!("there are {}, the nearest is {near}; `holdpoint run list` shows them", all.len()),
        (all, None) => format!("there are {}", all.len()),
    };
    let notes: String = notes.iter().map(|note| format!("; {note}")).collect();
    Failure::usage(format!("there is no run {run}; {hint}{notes}"))
}

/// A run that has started, read on to its end.
struct Search {
    run: RunId,
    history: Timeline,
    first: usize,
    /// The run and what takes it back, as far as it has not ended.
    open: BTreeSet<RunId>,
    /// Lines after the end, which count when something takes the run back.
    after: Vec<Entry>,
    kept: Option<Kept>,
}

impl Search {
    fn of(history: Timeline, run: RunId) -> Self {
        let first = history.len();
        Self { run, history, first, open: BTreeSet::from([run]), after: Vec::new(), kept: None }
    }

    /// Takes the next line; whether more are wanted.
    fn take(&mut self, entry: Entry) -> Result<bool, String> {
        for fact in &entry.facts {
            match fact {
                Fact::RunStarted { run, plan, .. } if plan.reverts == Some(self.run) => {
                    self.open.insert(*run);
                    for entry in std::mem::take(&mut self.after) {
                        self.push(entry)?;
                    }
                }
                Fact::SamplesKept { run, kept } if *run == self.run => self.kept = Some(kept.clone()),
                _ => {}
            }
        }
        if self.open.is_empty() {
            self.after.push(entry);
            return Ok(self.after.len() < AFTER);
        }
        for fact in &entry.facts {
            if let Fact::RunCompleted { run } | Fact::RunAborted { run, .. } = fact {
                self.open.remove(run);
            }
        }
        self.push(entry).map(|()| true)
    }

    fn push(&mut self, entry: Entry) -> Result<(), String> {
        self.history.push(entry).map_err(|why| format!("the journal is unsound, and the replay ends before it: {why}"))
    }

    fn found(self, notes: Vec<String>) -> Found {
        let Self { history, first, open, kept, .. } = self;
        Found { history, first, ended: open.is_empty(), kept, notes }
    }
}

impl Found {
    /// When its last line was decided.
    pub fn last(&self) -> Timestamp {
        self.history.head().at
    }
}
