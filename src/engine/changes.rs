//! What changed on a service and upstream of it, likeliest cause first.
//!
//! Two sources, kept apart: operations that the journal announced, and
//! deployments that backends say are newer than any of these, which nobody here
//! carried out. Pure; it blames nothing, it only orders what to look at.

use super::Given;
use super::ledger::Ledger;
use super::run::{Fate, Sent};
use crate::domain::Timestamp;
use crate::domain::entry::Entry;
use crate::domain::fact::{Fact, Intent};
use crate::domain::name::{BackendName, EnvironmentName, PersonName, RunId, ServiceName, StepName};
use crate::domain::observed::{Deployed, Deployment, Placed};
use crate::domain::operation::{Direction, Operation};
use crate::domain::report::{Found, Receipt, Report};
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use serde::Serialize;
use std::collections::BTreeMap;

/// How far a backend's clock may be from ours before its change counts as another one.
const SKEW: Span = Span::secs(30);

/// Something that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// When; none when only the fact is known.
    pub at: Option<Timestamp>,
    /// The service.
    pub service: ServiceName,
    /// The environment.
    pub environment: EnvironmentName,
    /// What it was before, where that is known.
    pub from: Option<String>,
    /// What it is since.
    pub to: Option<String>,
    /// The share of traffic that the change gave, in percent, as the step wrote it.
    pub share: Option<String>,
    /// Who did it, as far as anyone says.
    pub by: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// Whether it leads away from the last good state.
    pub forward: bool,
    /// Whether it certainly took effect.
    pub certain: bool,
    /// How far upstream: 0 is the service itself.
    pub distance: u32,
    /// The likelier, the higher; what makes it up is in the book.
    pub score: u32,
}

/// Where a change came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A step of a run.
    Run(RunId, StepName),
    /// Outside any run; the backend that tells of it.
    Outside(BackendName),
}

/// An operation that the journal announced, as far as the past needs it.
#[derive(Clone, Debug)]
pub struct Deed {
    at: Timestamp,
    ended: Option<Timestamp>,
    run: RunId,
    step: StepName,
    operation: Operation,
    by: Option<PersonName>,
    from: Option<String>,
    to: Option<String>,
    fate: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Open,
    Done,
    Not,
}

/// Operations gathered from the journal's own lines: more than a ledger keeps.
#[derive(Debug, Default)]
pub struct Deeds(BTreeMap<u64, Deed>);

impl Deeds {
    /// What a ledger still knows: the operations of the runs that it keeps.
    pub fn of(ledger: &Ledger) -> Self {
        let deed = |sent: &Sent| {
            let by = ledger.run(sent.intent.run).and_then(|run| run.steps.get(&sent.intent.step));
            let mut deed = Deed::of(&sent.intent, sent.at, by.and_then(|step| step.by.clone()));
            match &sent.fate {
                Fate::Settled(report) => deed.report(report, None),
                Fate::Open | Fate::InDoubt(_) | Fate::Resolved => {}
            }
            (sent.seq, deed)
        };
        Self(ledger.sent.values().map(deed).collect())
    }

    /// Takes in a line of the journal.
    pub fn take(&mut self, entry: &Entry) {
        for fact in &entry.facts {
            let (intent, at) = match fact {
                Fact::Announced(intent) => {
                    self.0.insert(entry.seq, Deed::of(intent, entry.at, Some(entry.by.person.clone())));
                    continue;
                }
                Fact::Settled { intent, .. } | Fact::Probed { intent, .. } => (*intent, Some(entry.at)),
                _ => continue,
            };
            let Some(deed) = self.0.get_mut(&intent) else { continue };
            match fact {
                Fact::Settled { report, .. } => deed.report(report, at),
                Fact::Probed { found, .. } => deed.found(found, at),
                _ => {}
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = &Deed> {
        self.0.values().filter(|deed| deed.fate != Outcome::Not && deed.operation.changes().is_some())
    }
}

impl Deed {
    fn of(intent: &Intent, at: Timestamp, by: Option<PersonName>) -> Self {
        let operation = intent.operation.clone();
        let to = ["version", "to"].iter().find_map(|name| operation.args.get(*name)).cloned();
        let (run, step) = (intent.run, intent.step.clone());
        Self { at, ended: None, run, step, operation, by, from: None, to, fate: Outcome::Open }
    }

    fn report(&mut self, report: &Report, at: Option<Timestamp>) {
        self.ended = at;
        match report {
            Report::Done(receipt) | Report::Partly { receipt, .. } => self.receipt(receipt),
            Report::NotDone { .. } | Report::NotSent { .. } => self.fate = Outcome::Not,
            Report::Unknown { .. } => {}
        }
    }

    fn found(&mut self, found: &Found, at: Option<Timestamp>) {
        self.ended = at;
        match found {
            Found::Applied(receipt) | Found::Partly { receipt, .. } => self.receipt(receipt),
            Found::NotApplied { r#final: true, .. } => self.fate = Outcome::Not,
            Found::NotApplied { .. } | Found::Unknown { .. } => {}
        }
    }

    fn receipt(&mut self, receipt: &Receipt) {
        self.fate = Outcome::Done;
        self.from = receipt.detail.get("previous").cloned().or(self.from.take());
        self.to = receipt.detail.get("version").cloned().or(self.to.take());
    }

    /// Whether a change that a backend dates so can be this one.
    fn explains(&self, seen: &Deployment) -> bool {
        let until = self.ended.unwrap_or(self.at + self.operation.limit.delta());
        match seen.since {
            Some(since) => since >= self.at - SKEW.delta() && since <= until + SKEW.delta(),
            None => self.to.as_ref().is_some_and(|to| *to == seen.version || Some(to) == seen.candidate.as_ref()),
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The service.
    pub service: &'a ServiceName,
    /// Where; everywhere when none.
    pub environment: Option<&'a EnvironmentName>,
    /// How far back.
    pub since: Timestamp,
    /// When the first bad reading was taken, if something is wrong; else now counts.
    pub first_bad: Option<Timestamp>,
}

/// What changed, likeliest first; the newer first among equals.
pub fn changes(given: &Given<'_>, deeds: &Deeds, asked: &Asked<'_>) -> Vec<Change> {
    let near = upstream(given.workspace, asked.service);
    let here = |environment: &EnvironmentName| asked.environment.is_none_or(|wanted| wanted == environment);
    let done = deeds.all().filter_map(|deed| of_deed(deed, &near)).filter(|c| here(&c.environment));
    let seen = given.observed.deployments().filter(|((_, environment), _)| here(environment));
    let outside = seen.filter_map(|((s, e), seen)| of_seen((s, e), seen, deeds, &near));
    let recent = |c: &Change| c.at.is_none_or(|at| at >= asked.since);
    let mut all: Vec<Change> = done.chain(outside).filter(recent).collect();
    all.iter_mut().for_each(|change| change.score = score(change, asked.first_bad.unwrap_or(given.now)));
    all.sort_by(|a, b| b.score.cmp(&a.score).then(b.at.cmp(&a.at)).then(a.service.cmp(&b.service)));
    all
}

/// When somebody outside any run last changed a place, as its backend tells it; of that place alone, for it is asked often.
pub(super) fn outside(given: &Given<'_>, deeds: &Deeds, place: &Placed) -> Option<Timestamp> {
    let seen = given.observed.deployment(place)?;
    let (service, environment) = place;
    of_seen((service, environment), seen, deeds, &BTreeMap::from([(service, 0)]))?.at
}

/// A service and everything that it stands on, each with its distance.
pub fn upstream<'a>(workspace: &'a Workspace, service: &'a ServiceName) -> BTreeMap<&'a ServiceName, u32> {
    let mut found = BTreeMap::from([(service, 0)]);
    let mut ring = vec![service];
    for distance in 1.. {
        let needs = ring.iter().filter_map(|name| workspace.services.get(*name)).flat_map(|s| &s.depends_on);
        let mut next: Vec<&ServiceName> = needs.filter(|name| !found.contains_key(name)).collect();
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            break;
        }
        found.extend(next.iter().map(|name| (*name, distance)));
        ring = next;
    }
    found
}

fn of_deed(deed: &Deed, near: &BTreeMap<&ServiceName, u32>) -> Option<Change> {
    let (service, environment) = deed.operation.changes()?;
    Some(Change {
        at: Some(deed.at),
        service: service.clone(),
        environment: environment.clone(),
        from: deed.from.clone(),
        to: deed.to.clone(),
        share: deed.operation.args.get("weight").cloned(),
        by: deed.by.as_ref().map(ToString::to_string),
        origin: Origin::Run(deed.run, deed.step.clone()),
        forward: deed.operation.direction() == Direction::Forward,
        certain: deed.fate == Outcome::Done,
        distance: *near.get(service)?,
        score: 0,
    })
}

/// A deployment that no operation of ours explains: someone else changed it.
fn of_seen(
    (service, environment): (&ServiceName, &EnvironmentName),
    seen: Deployed<'_>,
    deeds: &Deeds,
    near: &BTreeMap<&ServiceName, u32>,
) -> Option<Change> {
    let distance = *near.get(service)?;
    let mine = |deed: &&Deed| deed.operation.changes() == Some((service, environment));
    let ours: Vec<&Deed> = deeds.all().filter(mine).collect();
    let value = &seen.value;
    // Without a time, a version that we never brought is news only where we brought another.
    if ours.iter().any(|deed| deed.explains(value)) || (value.since.is_none() && ours.is_empty()) {
        return None;
    }
    let to = value.candidate.as_ref().unwrap_or(&value.version);
    let before = value.history.iter().find(|version| *version != to).cloned();
    Some(Change {
        at: value.since,
        service: service.clone(),
        environment: environment.clone(),
        from: before,
        to: Some(to.clone()),
        share: value.weight.map(|weight| weight.to_string()),
        by: value.by.clone(),
        origin: Origin::Outside(seen.source.clone()),
        forward: true,
        certain: true,
        distance,
        score: 0,
    })
}

/// Nearness, then how shortly it preceded the first bad reading, then direction and origin.
fn score(change: &Change, first_bad: Timestamp) -> u32 {
    let near = match change.distance {
        0 => 40,
        1 => 25,
        2 => 15,
        _ => 10,
    };
    let recent = match change.at {
        // What came after it did not bring it about; readings and clocks are not exact to the second.
        Some(at) if at > first_bad + SKEW.delta() => 0,
        Some(at) => match Span::between(at, first_bad).as_secs() / 60 {
            0..=5 => 40,
            6..=15 => 32,
            16..=60 => 24,
            61..=360 => 12,
            _ => 4,
        },
        None => 8,
    };
    let outside = matches!(change.origin, Origin::Outside(_));
    near + recent + if change.forward { 10 } else { 0 } + if outside { 12 } else { 0 }
}
