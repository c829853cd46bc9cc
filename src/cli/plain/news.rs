//! What has changed since the last look: a line for each change, and none twice.
//!
//! Entries of the journal as they come; signals only when their level changes,
//! deployments when they change, what begins to wait for a person, how runs stand.

use super::repeats::Repeats;
use super::{awaited, lists, saying, told};
use crate::cli::print;
use crate::cli::session::Session;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::foreseen::Foreseen;
use crate::domain::name::{EnvironmentName, RunId, ServiceName, StepName};
use crate::domain::signal::SignalAt;
use crate::domain::verdict::Level;
use crate::engine::forecast;
use crate::report::forecast as words;
use crate::report::foreseen::{Line, Weight};
use crate::runtime::input::Trouble;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// How often signals, deployments and standings are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// What was told last.
#[derive(Default)]
pub struct News {
    levels: BTreeMap<SignalAt, Level>,
    live: BTreeMap<(ServiceName, EnvironmentName), String>,
    awaited: BTreeSet<String>,
    standing: BTreeMap<RunId, forecast::Standing>,
    way_back: Option<Line>,
    no_way_back: Vec<(RunId, StepName, Weight)>,
    repeats: Repeats,
    looked: Option<Instant>,
}

impl News {
    /// Takes everything as told already.
    pub fn settle(&mut self, session: &Session) {
        drop(self.changes(session));
    }

    /// What is new, oldest first.
    pub fn take(&mut self, session: &mut Session) -> Vec<String> {
        let me = session.me();
        let mut told = Vec::new();
        let entries: Vec<_> = session.news.drain(..).collect();
        // What was refused here has been said when it was refused.
        for entry in entries.iter().filter(|e| e.refusal.is_none() || e.by.session != me).filter(|e| !comes_or_goes(e))
        {
            if self.repeats.first(entry, Instant::now()) {
                told.extend(saying::news(session, entry));
            }
        }
        told.extend(self.repeats.stopped(Instant::now()));
        let now = print::clock(session.given().now);
        for (what, trouble) in std::mem::take(&mut session.troubles) {
            let name = format!("{what:?}").to_lowercase();
            told.push(match trouble {
                Some(why) if what == Trouble::Backends => format!("{now} NOT IN FORCE: {why}."),
                None if what == Trouble::Backends => format!("{now} The files are as the backends were started again."),
                Some(why) => format!("{now} TROUBLE with the {name}: {why}"),
                None => format!("{now} The {name} is well again."),
            });
        }
        if !entries.is_empty() || self.looked.is_none_or(|at| at.elapsed() >= EVERY) {
            told.extend(self.changes(session).into_iter().map(|line| format!("{now} {line}")));
        }
        told
    }

    fn changes(&mut self, session: &Session) -> Vec<String> {
        self.looked = Some(Instant::now());
        let given = session.given();
        let mut told = Vec::new();
        for told::Told { at, level, line, .. } in told::signals(&given).into_iter().filter(|s| !s.guarded) {
            if let Some(before) = self.levels.insert(at, level).filter(|before| *before != level) {
                told.push(format!("{} It was {before}.", line));
            }
        }
        for ((service, environment), seen) in given.observed.deployments() {
            let words = told::deployed(seen.value);
            let place = (service.clone(), environment.clone());
            if self.live.insert(place, words.clone()).is_some_and(|before| before != words) {
                told.push(format!("{service} in {environment} is {words}."));
            }
        }
        for run in given.ledger.runs.values().filter(|r| !r.ended()) {
            let all = forecast::forecast(&given, run);
            let standing = forecast::standing(&given, run, &all);
            if self.standing.insert(run.id, standing).is_some_and(|before| before != standing) {
                told.push(format!("Run {} stands {standing} now: {}.", run.id, words::why(&given, run, &all)));
            }
        }
        told.extend(self.way_back(session));
        told.extend(self.no_way_back(session));
        let mut awaited = BTreeSet::new();
        for wait in awaited::all(session) {
            if !self.awaited.contains(&wait.key) {
                told.push(wait.line);
            }
            awaited.insert(wait.key);
        }
        self.awaited = awaited;
        told
    }

    /// Steps that are ahead and of which it is said now that they cannot be led back, or that this is not known.
    fn no_way_back(&mut self, session: &Session) -> Vec<String> {
        let live = session.ledger.runs.values().filter(|run| !run.ended());
        let said = live.flat_map(|run| lists::no_way_back(session, run).into_iter().map(|said| (run.id, said)));
        let (now, texts): (Vec<_>, Vec<_>) =
            said.map(|(run, (step, weight, text))| ((run, step, weight), text)).unzip();
        let before = std::mem::replace(&mut self.no_way_back, now);
        let new = self.no_way_back.iter().zip(texts).filter(|(now, _)| !before.contains(now));
        new.map(|(_, text)| text).collect()
    }

    /// What has begun to be in the way back, or is no more.
    fn way_back(&mut self, session: &Session) -> Option<String> {
        let said = lists::heavy(session);
        // What was not asked yet may still be in the way.
        if said.is_none() && session.way_back.iter().any(Foreseen::is_awaited) {
            return None;
        }
        let before = std::mem::replace(&mut self.way_back, said.clone());
        match (before, said) {
            (Some(before), Some(now)) if same(&before, &now) => None,
            (_, Some(now)) => Some(lists::in_the_way(&now)),
            (Some(_), None) if session.way_back.is_empty() => None,
            (Some(_), None) => Some("Nothing is said to be in the way back any more.".to_owned()),
            (None, None) => None,
        }
    }
}

/// Whether two lines say the same, but for numbers: "asked again in 7s" is no news.
fn same(before: &Line, now: &Line) -> bool {
    let words = |line: &Line| line.text.split(|c: char| c.is_ascii_digit()).map(str::to_owned).collect::<Vec<_>>();
    before.weight == now.weight && words(before) == words(now)
}

/// Whether an entry says only that somebody came or left: a verb in another shell is a session too.
pub fn comes_or_goes(entry: &Entry) -> bool {
    let passing = |fact: &Fact| matches!(fact, Fact::SessionOpened(_) | Fact::SessionClosed { .. });
    !entry.facts.is_empty() && entry.facts.iter().all(passing)
}
