//! What is asked of rules, and the facts that they judge it by.
//!
//! What backends told late or not at all is left out, so that a rule that asks for it cannot be told.

use super::super::left::plain;
use super::super::{people, rules, signal};
use crate::domain::Timestamp;
use crate::domain::alert::Severity;
use crate::domain::calendar::EventKind;
use crate::domain::case::{self, Case};
use crate::domain::facts::Facts;
use crate::domain::feed::Feed;
use crate::domain::name::{EnvironmentName, PersonName, ReleaseName, ServiceName};
use crate::domain::observed::Quality;
use crate::domain::operation::{Direction, Operation, Verb};
use crate::domain::plan::Step;
use crate::domain::signal::SignalAt;
use crate::domain::verdict::Level;
use crate::domain::zone::Zone;
use crate::engine::run::Run;
use crate::engine::{Given, feeds};
use chrono::{Datelike, Timelike};
use std::collections::{BTreeMap, BTreeSet};

/// One change that rules are asked about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What is done.
    pub verb: Verb,
    /// To which service.
    pub service: Option<&'a ServiceName>,
    /// Where.
    pub environment: Option<&'a EnvironmentName>,
    /// The version that it brings.
    pub version: Option<&'a str>,
    /// The release that it belongs to.
    pub release: Option<&'a ReleaseName>,
    /// Who does it, where no run says so.
    pub person: Option<&'a PersonName>,
    /// The run and step that do it.
    pub by: Option<(&'a Run, &'a Step)>,
}

impl<'a> About<'a> {
    /// What a step of a run asks.
    pub(super) fn step(run: &'a Run, step: &'a Step, operation: &'a Operation) -> Self {
        let version = ["version", "to"].into_iter().find_map(|name| operation.args.get(name)).map(String::as_str);
        Self {
            verb: operation.verb,
            service: operation.service.as_ref(),
            environment: operation.environment.as_ref(),
            version: version.filter(|_| operation.verb != Verb::Scale),
            release: run.plan.release.as_ref(),
            person: Some(run.conn.as_ref().map_or(&run.by, |conn| &conn.person)),
            by: Some((run, step)),
        }
    }

    /// Which way it leads.
    pub fn direction(&self) -> Direction {
        self.verb.direction()
    }

    /// The zone of its environment.
    pub(super) fn zone(&self, given: &Given<'_>) -> Zone {
        let zone = self.environment.and_then(|name| given.workspace.environments.get(name)).map(|e| e.zone.as_str());
        Zone::named(zone.unwrap_or(given.workspace.zone.as_str())).unwrap_or_else(Zone::utc)
    }

    /// The facts, as of an instant; what backends tell is as it is known now.
    pub fn facts(&self, given: &Given<'_>, at: Timestamp) -> Facts {
        Facts::of(&self.case(given, at)).unwrap_or_default()
    }

    /// The case, as of an instant.
    pub fn case(&self, given: &Given<'_>, at: Timestamp) -> Case {
        Case {
            change: self.change(given),
            service: self.of_service(given),
            environment: self.place(given),
            release: self.of_release(given),
            run: self.by.map(|(run, _)| of_run(run)).unwrap_or_default(),
            calendar: self.on(given, at),
            local: clock(&self.zone(given), at),
            utc: clock(&Zone::utc(), at),
            health: self.health(given),
            approvals: self.by.map(|(run, step)| approvals(given, run, step)).unwrap_or_default(),
            operator: self.operator(given),
            risk: None,
        }
    }

    fn change(&self, given: &Given<'_>) -> case::Change {
        let place = self.service.cloned().zip(self.environment.cloned());
        let live = place.and_then(|place| given.observed.deployment(&place));
        let live = live.filter(|live| live.quality(given.now) != Quality::Lost);
        let from = live.map(|live| live.value.version.clone()).filter(|version| !version.is_empty());
        let kind = match (self.version, &from) {
            // What will be brought is not known where nobody has said it.
            (None, _) => (!matches!(self.verb, Verb::Deploy | Verb::RollBack)).then(|| "none".to_owned()),
            (Some(to), Some(from)) => Some(kind(from, to).to_owned()),
            (Some(_), None) => None,
        };
        case::Change {
            verb: self.verb.word().to_owned(),
            direction: if self.direction() == Direction::Back { "back" } else { "forward" }.to_owned(),
            version: self.version.unwrap_or_default().to_owned(),
            from,
            kind,
        }
    }

    fn of_service(&self, given: &Given<'_>) -> case::About {
        let Some(service) = self.service.and_then(|name| given.workspace.services.get(name)) else {
            return case::About {
                name: self.service.map(ToString::to_string).unwrap_or_default(),
                ..Default::default()
            };
        };
        case::About {
            name: service.name.to_string(),
            tier: i64::from(service.tier),
            owner: service.owner.as_ref().map(ToString::to_string).unwrap_or_default(),
            data: service.data.clone(),
            regions: service.regions.clone(),
            depends_on: service.depends_on.iter().map(ToString::to_string).collect(),
            reaches: reaches(given, &service.name).into_iter().map(ToString::to_string).collect(),
        }
    }

    fn place(&self, given: &Given<'_>) -> case::Place {
        let Some(place) = self.environment.and_then(|name| given.workspace.environments.get(name)) else {
            return case::Place {
                name: self.environment.map(ToString::to_string).unwrap_or_default(),
                ..Default::default()
            };
        };
        case::Place {
            name: place.name.to_string(),
            tier: word(&place.tier),
            region: place.region.clone(),
            zone: place.zone.clone(),
            cohort: place.cohort.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }

    fn of_release(&self, given: &Given<'_>) -> case::Release {
        let Some(name) = self.release else {
            return case::Release { name: String::new(), impact: Some(String::new()), services: Some(0) };
        };
        let release = given.workspace.calendar.releases.iter().find(|release| release.name == *name);
        case::Release {
            name: name.to_string(),
            impact: release.map(|release| word(&release.impact)),
            services: release.and_then(|release| i64::try_from(release.bill.len()).ok()),
        }
    }

    fn on(&self, given: &Given<'_>, at: Timestamp) -> case::On {
        let on = feeds::events(given).filter(|e| e.covers(self.service, self.environment) && e.on(at).is_some());
        let mut all = case::On::default();
        for event in on {
            if let Some(list) = of_kind(&mut all, event.kind) {
                list.push(event.title.clone());
            }
        }
        let mine = |feed: &Feed| feed.covers(self.service, self.environment);
        for (by, spec) in feeds::declared(given.workspace).filter(|(_, spec)| mine(&spec.feed)) {
            if feeds::heard(given, by, spec).is_err() {
                *of_kind(&mut all, spec.feed.kind) = None;
            }
        }
        all
    }

    fn health(&self, given: &Given<'_>) -> case::Health {
        let (Some(service), Some(environment)) = (self.service, self.environment) else {
            return case::Health::default();
        };
        let told = &given.observed.alerts;
        let heard = !told.is_empty() && told.values().all(|seen| seen.quality(given.now) == Quality::Fresh);
        let firing =
            || told.values().flat_map(|seen| &seen.value).filter(|a| a.fires() && a.is_about(service, environment));
        let critical = firing().map(|alert| Severity::Critical.reached(&alert.severity)).collect::<Option<Vec<_>>>();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        case::Health {
            alerts: heard.then(|| count(firing().count())),
            critical: critical.filter(|_| heard).map(|all| count(all.into_iter().filter(|yes| *yes).count())),
            signals: signals(given, service, environment),
        }
    }

    fn operator(&self, given: &Given<'_>) -> case::Operator {
        let roles = |person: &PersonName| {
            let fills = given.workspace.roles.keys().filter(|role| rules::fills(given, person, role));
            fills.map(ToString::to_string).collect()
        };
        case::Operator { name: self.person.map(ToString::to_string), roles: self.person.map(roles) }
    }
}

fn of_run(run: &Run) -> case::Run {
    let unowned = run.plan.register.unowned().map(|risk| risk.what.clone()).collect();
    case::Run { runbook: run.plan.runbook.to_string(), takes_back: run.takes_back(), by: run.by.to_string(), unowned }
}

fn approvals(given: &Given<'_>, run: &Run, step: &Step) -> case::Approvals {
    let Some(state) = run.steps.get(&step.name) else { return case::Approvals::default() };
    let yes: Vec<_> = people::counting(given, run, step, state).into_iter().filter(|d| d.yes).collect();
    case::Approvals {
        roles: yes.iter().map(|d| d.role.to_string()).collect::<BTreeSet<_>>().into_iter().collect(),
        people: yes.iter().map(|d| d.person.to_string()).collect::<BTreeSet<_>>().into_iter().collect(),
    }
}

fn signals(given: &Given<'_>, service: &ServiceName, environment: &EnvironmentName) -> BTreeMap<String, case::Signal> {
    let mine =
        given.workspace.signals.values().filter(|s| s.service == *service && s.environments.contains(environment));
    let judged = mine.filter_map(|declared| {
        let at = SignalAt { signal: declared.name.clone(), environment: environment.clone() };
        let (verdict, evidence) = signal::judge(given.observed, Some(declared), &at, given.now);
        let level = match verdict.level {
            Level::Pass => "pass",
            Level::Warn => "warn",
            // A breach that has not lasted long enough lets nothing pass either.
            Level::Hold | Level::Fail => "fail",
            Level::Unknown => return None,
        };
        Some((declared.name.to_string(), case::Signal { value: evidence.value?, level: level.to_owned() }))
    });
    judged.collect()
}

/// What needs a service, directly or through others, in order of name.
fn reaches<'a>(given: &Given<'a>, from: &'a ServiceName) -> BTreeSet<&'a ServiceName> {
    let mut found = BTreeSet::new();
    let mut next = vec![from];
    while let Some(name) = next.pop() {
        for service in given.workspace.services.values().filter(|service| service.depends_on.contains(name)) {
            if service.name != *from && found.insert(&service.name) {
                next.push(&service.name);
            }
        }
    }
    found
}

/// A word of a closed list, as files write it.
fn word<T: serde::Serialize>(of: &T) -> String {
    Facts::of(&BTreeMap::from([("is", of)])).ok().and_then(|facts| facts.words("is")).unwrap_or_default()
}

fn clock(zone: &Zone, at: Timestamp) -> case::Clock {
    let local = zone.local(at);
    case::Clock {
        weekday: local.format("%a").to_string(),
        hour: i64::from(local.hour()),
        time: local.format("%H:%M").to_string(),
        date: local.format("%F").to_string(),
        day: i64::from(local.day()),
        month: i64::from(local.month()),
    }
}

/// How far a version is from another, by what semantic versions say; `other` where they are none.
pub fn kind(from: &str, to: &str) -> &'static str {
    let (from, to) = (bare(from), bare(to));
    if from == to {
        return "same";
    }
    let (Some(a), Some(b)) = (parts(from), parts(to)) else { return "other" };
    match (a, b) {
        _ if b < a => "older",
        _ if a == b => "other",
        ((a, ..), (b, ..)) if a != b => "major",
        // Before 1.0 every minor version may break what was.
        ((0, a, _), (0, b, _)) if a != b => "major",
        ((_, a, _), (_, b, _)) if a != b => "minor",
        _ => "patch",
    }
}

/// A version without what is no part of it: a mark behind `#`, and the `v` that tags begin with.
fn bare(version: &str) -> &str {
    let plain = plain(version);
    plain.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(plain)
}

fn parts(version: &str) -> Option<(u64, u64, u64)> {
    let core = version.split(['-', '+']).next()?;
    let mut numbers = core.split('.').map(|n| n.parse::<u64>().ok());
    let all = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(all)
}

fn of_kind(all: &mut case::On, kind: EventKind) -> &mut Option<Vec<String>> {
    match kind {
        EventKind::Window => &mut all.windows,
        EventKind::Freeze => &mut all.freezes,
        EventKind::Maintenance => &mut all.maintenance,
        EventKind::Reservation => &mut all.reservations,
        EventKind::Notice => &mut all.notices,
    }
}
