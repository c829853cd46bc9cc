//! `calendar` and `may`: what is on, and whether a thing may be done.
//!
//! They read the files, ask who tells of windows, and decide nothing; the answer is the
//! engine's, the same that a key press would get.

use super::args::{ExplainArgs, Global};
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::{print, status, windows};
use crate::config;
use crate::domain::Timestamp;
use crate::domain::calendar::{Event, EventKind};
use crate::domain::name::{BackendName, EnvironmentName, ServiceName};
use crate::domain::verdict::Level;
use crate::domain::window::WindowKind;
use crate::domain::zone::Zone;
use crate::engine::{self, Given, Ledger};
use crate::report::may;
use crate::runtime::clock::now;
use serde_json::json;

/// Prints releases, windows and freezes of the coming days.
pub fn calendar(global: &Global, days: u16) -> Ended {
    let context = Context::open(global)?;
    let known = &context.workspace.calendar;
    let observed = windows::ask(&context.workspace);
    // Taken last: what is told is known so far from when it was read.
    let from = now();
    let until = from + chrono::TimeDelta::days(i64::from(days));
    let ledger = Ledger::default();
    let given = Given { ledger: &ledger, workspace: &context.workspace, observed: &observed, now: from };
    let Told { mut rows, unknown, beyond } = told(&given, from, until);
    rows.extend(known.events.iter().flat_map(|event| self::rows(event, None, from, until)));
    for release in known.releases.iter().filter(|r| r.ends > from && r.starts < until) {
        let bill: Vec<_> = release.bill.iter().map(|i| format!("{} {}", i.service, i.version)).collect();
        let (starts, ends) = (Some(release.starts), Some(release.ends));
        rows.push((starts, ends, "release".to_owned(), release.title.clone(), bill.join(", "), None));
    }
    rows.sort_unstable();
    // What is declared twice is on once.
    rows.dedup();
    if global.json {
        let all = rows.iter().map(|(a, b, kind, title, about, source)| {
            json!({ "starts": a, "ends": b, "kind": kind, "title": title, "about": about, "source": source })
        });
        let unknown = unknown.iter().map(|(source, _, why)| json!({ "kind": "unknown", "source": source, "why": why }));
        let beyond = beyond.iter().map(|(source, known)| {
            json!({ "kind": "unknown", "source": source, "starts": known, "why": "windows are known until then" })
        });
        print::json(&all.chain(unknown).chain(beyond).collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    let zone = Zone::named(&context.workspace.zone);
    let table = rows.into_iter().map(|(a, b, kind, title, about, source)| {
        let local = zone.as_ref().zip(a).map(|(z, a)| z.local(a).format("%H:%M local").to_string());
        let now = if a.is_none_or(|a| a <= from) { "now" } else { "" };
        let begins = a.map_or_else(|| "begun before".to_owned(), print::date);
        let ends = b.map_or_else(|| "no end known".to_owned(), |b| format!("to {}", print::date(b)));
        let title = source.map_or_else(|| title.clone(), |source| format!("{source}: {title}"));
        vec![now.to_owned(), begins, ends, local.unwrap_or_default(), kind, title, about]
    });
    print::table(&table.collect::<Vec<_>>());
    for (source, what, why) in unknown {
        let so = if what == WINDOWS { ", so none is open" } else { "" };
        print::line(&format!("?? {what} of {source} are not known{so}: {why}"));
    }
    for (source, known) in beyond {
        print::line(&format!("?? windows of {source} are known until {}, and not beyond", print::date(known)));
    }
    Ok(Exit::Done)
}

/// When it begins and ends, where that is known, its kind, title, and what it is about; the backend that tells it.
type Row = (Option<Timestamp>, Option<Timestamp>, String, String, String, Option<BackendName>);

/// What backends tell.
const WINDOWS: &str = "windows";

/// What backends tell of windows.
#[derive(Default)]
struct Told {
    rows: Vec<Row>,
    /// Whose are not known, what of it, and why.
    unknown: Vec<(BackendName, &'static str, String)>,
    /// Whose are known less far than was asked, and until when.
    beyond: Vec<(BackendName, Timestamp)>,
}

/// The windows that backends tell, and what of them is not known.
fn told(given: &Given<'_>, from: Timestamp, until: Timestamp) -> Told {
    let Told { mut rows, mut unknown, mut beyond } = Told::default();
    for spec in engine::windows::telling(given) {
        let seen = match engine::windows::heard(given.observed, &spec.name, given.now) {
            Ok(seen) => seen,
            Err(why) => {
                unknown.push((spec.name.clone(), WINDOWS, why));
                continue;
            }
        };
        for ((service, environment), why) in engine::windows::unread(given, &spec.name, &seen.value) {
            unknown.push((spec.name.clone(), WINDOWS, format!("{service}@{environment}: {why}")));
        }
        if seen.value.until < until {
            beyond.push((spec.name.clone(), seen.value.until));
        }
        for window in &seen.value.all {
            let about: Vec<_> = window.places.iter().map(|(s, e)| format!("{s}@{e}")).collect();
            let about = about.join(", ");
            let kind = match (window.kind, window.people) {
                (WindowKind::Allow, _) => "window",
                (WindowKind::Deny, true) => "notice",
                (WindowKind::Deny, false) => "FREEZE",
            };
            for span in window.spans.iter().filter(|(a, b)| *b > from && *a < until) {
                let ((starts, ends), source) = (seen.value.edges(*span), Some(spec.name.clone()));
                rows.push((starts, ends, kind.to_owned(), window.title.clone(), about.clone(), source));
            }
        }
    }
    fed(given, Told { rows, unknown, beyond }, from, until)
}

/// The same with what feeds tell; what was read last is told though it may not be all.
fn fed(given: &Given<'_>, mut told: Told, from: Timestamp, until: Timestamp) -> Told {
    for (by, spec) in engine::feeds::declared(given.workspace) {
        if let Err(why) = engine::feeds::heard(given, by, spec) {
            told.unknown.push((by.name.clone(), spec.feed.noun(), why));
        }
        let Some(seen) = engine::feeds::last(given, by) else { continue };
        if seen.value.until < until {
            told.beyond.push((by.name.clone(), seen.value.until));
        }
        told.rows.extend(seen.value.events.iter().flat_map(|event| rows(event, Some(&by.name), from, until)));
    }
    told
}

/// The times at which an event is on.
fn rows(event: &Event, by: Option<&BackendName>, from: Timestamp, until: Timestamp) -> Vec<Row> {
    let about = scope(&event.services, &event.environments);
    let near = event.occurrences.iter().filter(|(a, b)| *b > from && *a < until);
    let row = |(a, b): &(Timestamp, Timestamp)| {
        (Some(*a), Some(*b), kind(event.kind).to_owned(), event.title.clone(), about.clone(), by.cloned())
    };
    near.map(row).collect()
}

/// May this be done there, at that time? The exit status is the verdict.
pub fn may(global: &Global, asked: ExplainArgs) -> Ended {
    let context = Context::open(global)?;
    let at = match &asked.at {
        Some(text) => config::instant(text).map_err(Failure::usage)?,
        None => now(),
    };
    // A live run goes by what the files have loosened until that is adopted.
    let (ledger, observed) =
        (status::ledger(&context)?, windows::ask_about(&context.workspace, &asked.service, &asked.environment));
    let given = Given { ledger: &ledger, workspace: &context.workspace, observed: &observed, now: now() };
    let named = may::Subject::named(&given, &asked.action, &asked.service, &asked.environment);
    let who = context.origin("may").ok().map(|origin| origin.person);
    let subject = named.and_then(|s| s.with(&given, asked.version, asked.release.as_deref(), who));
    let answer = may::ask(&given, subject.map_err(Failure::usage)?, at);
    let may::Answer { subject, verdict, opens, closes, .. } = answer;
    if global.json {
        print::json(
            &json!({ "level": verdict.level, "reasons": verdict.reasons, "at": at, "opens": opens, "closes": closes }),
        );
    } else {
        print::line(&format!("{} · {subject} at {}", verdict.level, print::date(at)));
        verdict.reasons.iter().for_each(|reason| print::line(&format!("  {reason}")));
        let once = if verdict.waits_for_people() { ", once it is approved" } else { "" };
        opens.iter().for_each(|at| print::line(&format!("  opens {}{once}", print::date(*at))));
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
