//! The recorder: every ten seconds a sample of what is seen in the scope of each
//! run that this session drives, into the run's own file.
//!
//! It judges nothing and hinders nothing: what cannot be written is said, and
//! is a gap. The journal's digest of the file is the dispatcher's to write.

use crate::domain::Timestamp;
use crate::domain::name::{EnvironmentName, RunId, ServiceName};
use crate::domain::sample::{BEFORE, EVERY, Known, Sample, Scope};
use crate::domain::session::SessionId;
use crate::engine::{Given, Run};
use crate::journal::samples::SampleLog;
use crate::journal::{JournalError, Layout};
use std::collections::{BTreeMap, BTreeSet};

/// The runs that are being recorded.
#[derive(Debug, Default)]
pub struct Recorder {
    runs: BTreeMap<RunId, Recording>,
    /// Those of them, and others, whose file was opened or could not be.
    tried: BTreeSet<RunId>,
    /// The ten seconds that were sampled last, counted from the epoch.
    last: i64,
}

#[derive(Debug)]
struct Recording {
    log: SampleLog,
    scope: Scope,
    /// Deployments as this session has written them last.
    told: BTreeMap<(ServiceName, EnvironmentName), Known>,
}

impl Recorder {
    /// Takes a sample of every run that session `me` drives, if one is due; of a run
    /// that has just ended, the last one. How the first that failed failed; none when
    /// nothing was to be written.
    pub fn tick(&mut self, layout: &Layout, given: &Given<'_>, me: SessionId) -> Option<Result<(), JournalError>> {
        let slot = given.now.timestamp().div_euclid(i64::try_from(EVERY.as_secs()).unwrap_or(10));
        let (due, ledger) = (slot != self.last, given.ledger);
        self.last = slot;
        let mut written = Vec::new();
        for run in ledger.runs.values().filter(|run| ledger.driver(run) == Some(me)) {
            match (run.ended(), self.runs.contains_key(&run.id)) {
                (true, false) => {}
                (true, true) => {
                    written.push(self.sample(given, run.id));
                    self.runs.remove(&run.id);
                }
                (false, true) if due => written.push(self.sample(given, run.id)),
                // What cannot be begun is tried again in its time.
                (false, false) if self.tried.insert(run.id) || due => written.push(self.begin(layout, given, run)),
                (false, _) => {}
            }
        }
        // Whoever drives a run next goes on with its file.
        let mine = |id: &RunId| ledger.run(*id).is_some_and(|run| ledger.driver(run) == Some(me));
        self.runs.retain(|id, _| mine(id));
        self.tried.retain(mine);
        written.into_iter().reduce(Result::and)
    }

    fn begin(&mut self, layout: &Layout, given: &Given<'_>, run: &Run) -> Result<(), JournalError> {
        let scope = Scope::of(&run.plan, given.workspace);
        if scope.is_empty() {
            return Ok(());
        }
        let (mut log, fresh) = SampleLog::open(layout, run.id)?;
        // What was seen before the run began, as far back as it is still at hand.
        let written = if fresh { before(&mut log, &scope, given, run) } else { Ok(()) };
        self.runs.insert(run.id, Recording { log, scope, told: BTreeMap::new() });
        written.and_then(|()| if fresh { self.sample(given, run.id) } else { Ok(()) })
    }

    fn sample(&mut self, given: &Given<'_>, run: RunId) -> Result<(), JournalError> {
        let Some(recording) = self.runs.get_mut(&run) else { return Ok(()) };
        let sample = Sample::taken(&recording.scope, given.observed, given.now).shortened(&mut recording.told);
        let written = recording.log.append(&sample);
        if written.is_err() {
            recording.told.clear();
        }
        written
    }
}

/// Writes the samples that would have been taken from an hour before T0 on.
fn before(log: &mut SampleLog, scope: &Scope, given: &Given<'_>, run: &Run) -> Result<(), JournalError> {
    let series = scope.signals.iter().filter_map(|at| given.observed.series.get(at));
    let Some(first) = series.filter_map(|s| s.readings.front()).map(|r| r.at).min() else { return Ok(()) };
    let from = first.max(run.t0.min(given.now) - BEFORE.delta());
    let mut at = upwards(from);
    while at < given.now {
        if let Some(sample) = Sample::earlier(scope, given.observed, at) {
            log.append(&sample)?;
        }
        at += EVERY.delta();
    }
    Ok(())
}

/// The next full ten seconds.
fn upwards(at: Timestamp) -> Timestamp {
    let every = i64::try_from(EVERY.as_millis()).unwrap_or(10_000);
    at + chrono::TimeDelta::milliseconds((every - at.timestamp_millis().rem_euclid(every)).rem_euclid(every))
}
