//! `calendar` and `may`: what is on, and whether a thing may be done.
//!
//! They read the files and decide nothing; the answer is the engine's, the same
//! that a key press would get.

use super::args::Global;
use super::context::{Context, known};
use super::outcome::{Ended, Exit, Failure};
use super::{print, status};
use crate::config;
use crate::domain::calendar::EventKind;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::Observed;
use crate::domain::operation::Verb;
use crate::domain::verdict::Level;
use crate::domain::zone::Zone;
use crate::engine::calendar::Question;
use crate::engine::{Given, rules};
use crate::runtime::clock::now;
use serde_json::json;

/// Prints releases, windows and freezes of the coming days.
pub fn calendar(global: &Global, days: u16) -> Ended {
    let context = Context::open(global)?;
    let (from, until) = (now(), now() + chrono::TimeDelta::days(i64::from(days)));
    let known = &context.workspace.calendar;
    let mut rows = Vec::new();
    for event in &known.events {
        for (starts, ends) in event.occurrences.iter().filter(|(a, b)| *b > from && *a < until) {
            rows.push((
                *starts,
                *ends,
                kind(event.kind).to_owned(),
                event.title.clone(),
                scope(&event.services, &event.environments),
            ));
        }
    }
    for release in known.releases.iter().filter(|r| r.ends > from && r.starts < until) {
        let bill: Vec<_> = release.bill.iter().map(|i| format!("{} {}", i.service, i.version)).collect();
        rows.push((release.starts, release.ends, "release".to_owned(), release.title.clone(), bill.join(", ")));
    }
    rows.sort();
    if global.json {
        let all = rows.iter().map(|(a, b, kind, title, about)| json!({ "starts": a, "ends": b, "kind": kind, "title": title, "about": about }));
        print::json(&all.collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    let zone = Zone::named(&context.workspace.zone);
    let table = rows.into_iter().map(|(a, b, kind, title, about)| {
        let local = zone.as_ref().map(|z| z.local(a).format("%H:%M local").to_string()).unwrap_or_default();
        let now = if a <= from { "now" } else { "" };
        vec![now.to_owned(), print::date(a), format!("to {}", print::date(b)), local, kind, title, about]
    });
    print::table(&table.collect::<Vec<_>>());
    Ok(Exit::Done)
}

/// May this be done there, at that time? The exit status is the verdict.
pub fn may(global: &Global, action: &str, service: &str, environment: &str, at: Option<String>) -> Ended {
    let context = Context::open(global)?;
    let workspace = &context.workspace;
    let verb = Verb::ALL.into_iter().find(|v| v.word() == action || v.word().replace('-', "") == action);
    let words = Verb::ALL.map(Verb::word).join(", ");
    let verb = verb.ok_or_else(|| Failure::usage(format!("{action:?} is no action; there are {words}")))?;
    let (service, environment) = (ServiceName::new(service), EnvironmentName::new(environment));
    known(
        workspace.services.contains_key(&service),
        "service",
        service.as_str(),
        workspace.services.keys().map(ServiceName::as_str),
    )?;
    known(
        workspace.environments.contains_key(&environment),
        "environment",
        environment.as_str(),
        workspace.environments.keys().map(EnvironmentName::as_str),
    )?;
    let at = match at {
        Some(text) => config::instant(&text).map_err(Failure::usage)?,
        None => now(),
    };
    let ask = Question { service: Some(&service), environment: Some(&environment), direction: verb.direction() };
    // A live run goes by what the files have loosened until that is adopted.
    let (ledger, observed) = (status::ledger(&context)?, Observed::default());
    let given = Given { ledger: &ledger, workspace, observed: &observed, now: now() };
    let verdict = rules::may(&given, ask, at);
    // Beyond what the calendar knows, the end of what holds now is all that can be said.
    let opens = rules::opens(&given, ask, at).or_else(|| verdict.opens());
    let opens = opens.filter(|_| !verdict.passes());
    let closes = rules::closes(&given, ask, at).filter(|_| verdict.passes());
    if global.json {
        print::json(
            &json!({ "level": verdict.level, "reasons": verdict.reasons, "at": at, "opens": opens, "closes": closes }),
        );
    } else {
        print::line(&format!("{} · {verb} {service} {environment} at {}", verdict.level, print::date(at)));
        verdict.reasons.iter().for_each(|reason| print::line(&format!("  {reason}")));
        opens.iter().for_each(|at| print::line(&format!("  opens {}", print::date(*at))));
        closes.iter().for_each(|at| print::line(&format!("  closes {}", print::date(*at))));
    }
    Ok(match verdict.level {
        Level::Pass | Level::Warn => Exit::Done,
        Level::Hold | Level::Unknown => Exit::Person,
        Level::Fail => Exit::Refused,
    })
}

fn kind(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Window => "window",
        EventKind::Freeze => "FREEZE",
        EventKind::Maintenance => "maintenance",
        EventKind::Reservation => "reserved",
        EventKind::Notice => "notice",
    }
}

fn scope(services: &[ServiceName], environments: &[EnvironmentName]) -> String {
    let all = services.iter().map(ServiceName::as_str).chain(environments.iter().map(EnvironmentName::as_str));
    let all: Vec<_> = all.collect();
    if all.is_empty() { "everything".to_owned() } else { all.join(", ") }
}
