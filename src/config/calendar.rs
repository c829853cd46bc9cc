//! `calendar/*.toml` resolved: recurrence expanded into instants.
//!
//! The rule is expanded as civil time, the zone attached to each occurrence
//! with its own offset, so a weekly window keeps its local hours across DST.

use super::doc::Doc;
use super::raw::calendar as raw;
use super::time::{self, Local};
use super::tree::Step::{Index, Key};
use crate::domain::Timestamp;
use crate::domain::calendar::{Event, EventKind};
use crate::domain::name::{EnvironmentName, ReleaseName, RunbookName, ServiceName};
use crate::domain::release::{Impact, Item, Release};
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use chrono::{NaiveDateTime, TimeDelta};

/// How far back and ahead occurrences are known.
const BACK: TimeDelta = TimeDelta::days(31);
/// Beyond this nothing is known.
const AHEAD: TimeDelta = TimeDelta::days(366);
/// A rule that gives more occurrences than this in that time is refused.
const MOST: u16 = 800;

/// Resolves one file into the workspace.
pub fn resolve(doc: &Doc, file: raw::File, workspace: &mut Workspace, now: Timestamp) {
    workspace.calendar.until = Some(now + AHEAD);
    let kinds = [
        ("windows", EventKind::Window, file.windows),
        ("freezes", EventKind::Freeze, file.freezes),
        ("maintenance", EventKind::Maintenance, file.maintenance),
        ("reservations", EventKind::Reservation, file.reservations),
        ("notices", EventKind::Notice, file.notices),
    ];
    for (table, kind, events) in kinds {
        for (name, raw) in events {
            let event = event(doc, (table, &name), kind, raw, workspace, now);
            workspace.calendar.events.push(event);
        }
    }
    for (name, raw) in file.releases {
        if let Some(release) = release(doc, &name, raw, workspace) {
            workspace.calendar.releases.push(release);
        }
    }
}

fn event(
    doc: &Doc,
    (table, name): (&str, &str),
    kind: EventKind,
    raw: raw::Event,
    workspace: &Workspace,
    now: Timestamp,
) -> Event {
    let path = |field| [Key(table), Key(name), Key(field)];
    doc.name(&[Key(table), Key(name)], name, false);
    references(doc, &path("services"), "service", &raw.services, workspace.services.keys().map(ServiceName::as_str));
    references(
        doc,
        &path("environments"),
        "environment",
        &raw.environments,
        workspace.environments.keys().map(EnvironmentName::as_str),
    );
    if raw.stops_rollback && kind != EventKind::Freeze {
        doc.say(&path("stops_rollback"), "only a freeze can stop a rollback");
    }
    Event {
        name: name.to_owned(),
        kind,
        title: raw.title.clone().unwrap_or_else(|| name.to_owned()),
        services: raw.services.iter().map(ServiceName::new).collect(),
        environments: raw.environments.iter().map(EnvironmentName::new).collect(),
        stops_rollback: raw.stops_rollback,
        contact: raw.contact.clone(),
        occurrences: occurrences(doc, table, name, &raw, now).unwrap_or_default(),
    }
}

fn occurrences(
    doc: &Doc,
    table: &str,
    name: &str,
    raw: &raw::Event,
    now: Timestamp,
) -> Option<Vec<(Timestamp, Timestamp)>> {
    let path = |field| [Key(table), Key(name), Key(field)];
    let starts = said(doc, &path("starts"), time::local(&raw.starts))?;
    let length = match (&raw.ends, &raw.lasts) {
        (Some(_), Some(_)) | (None, None) => {
            doc.say(&path("starts"), "needs either `ends` or `lasts`");
            return None;
        }
        (None, Some(lasts)) => doc.maybe_span(&path("lasts"), Some(lasts))?.delta(),
        (Some(ends), None) => {
            let ends = said(doc, &path("ends"), time::local(ends))?;
            // In civil time, so that a window that ends at 06:00 does so on the day of a change too.
            instant(&ends, ends.time)? - instant(&starts, starts.time)?
        }
    };
    if length <= TimeDelta::zero() {
        doc.say(&path(if raw.ends.is_some() { "ends" } else { "lasts" }), "ends before it starts");
        return None;
    }
    let civil = match &raw.repeat {
        None => vec![starts.time],
        Some(rule) => said(doc, &path("repeat"), expand(rule, starts.time, now))?,
    };
    let mut all: Vec<_> = civil
        .into_iter()
        .filter_map(|at| {
            let from = instant(&starts, at)?;
            let to = if raw.ends.is_some() { instant(&starts, at + length)? } else { from + length };
            Some((from, to))
        })
        .filter(|(from, to)| raw.repeat.is_none() || (*to > now - BACK && *from < now + AHEAD))
        .collect();
    all.sort();
    Some(all)
}

fn instant(local: &Local, at: NaiveDateTime) -> Option<Timestamp> {
    local.zone.instant(at)
}

/// The civil start times of a rule around now.
fn expand(rule: &str, starts: NaiveDateTime, now: Timestamp) -> Result<Vec<NaiveDateTime>, String> {
    let frequency = rule.split(';').find_map(|part| part.strip_prefix("FREQ=")).unwrap_or("");
    if !matches!(frequency, "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY") {
        return Err(format!(
            "`{frequency}` is no frequency of a day or longer; write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY"
        ));
    }
    // As if everything were UTC: the zone comes after, an occurrence at a time.
    let rule = rule.split(';').map(|part| match part.strip_prefix("UNTIL=") {
        Some(until) if !until.ends_with('Z') && until.len() > 8 => format!("UNTIL={until}Z"),
        Some(until) if until.len() == 8 => format!("UNTIL={until}T235959Z"),
        _ => part.to_owned(),
    });
    let text = format!("DTSTART:{}\nRRULE:{}", starts.format("%Y%m%dT%H%M%SZ"), rule.collect::<Vec<_>>().join(";"));
    let set: rrule::RRuleSet = text.parse().map_err(|e| format!("is no RFC 5545 rule: {e}"))?;
    let at = |t: Timestamp| t.with_timezone(&rrule::Tz::UTC);
    let found = set.after(at(now - BACK - TimeDelta::days(2))).before(at(now + AHEAD)).all(MOST);
    if found.limited {
        return Err(format!("gives more than {MOST} occurrences in 13 months"));
    }
    Ok(found.dates.into_iter().map(|d| d.naive_utc()).collect())
}

fn release(doc: &Doc, name: &str, raw: raw::Release, workspace: &Workspace) -> Option<Release> {
    let path = |field| [Key("releases"), Key(name), Key(field)];
    doc.name(&[Key("releases"), Key(name)], name, false);
    references(
        doc,
        &path("environments"),
        "environment",
        &raw.environments,
        workspace.environments.keys().map(EnvironmentName::as_str),
    );
    for (n, item) in raw.bill.iter().enumerate() {
        let path = [path("bill").as_slice(), &[Index(n), Key("service")]].concat();
        doc.refer(&path, "service", &item.service, workspace.services.keys().map(ServiceName::as_str));
    }
    let starts = said(doc, &path("starts"), time::instant(&raw.starts))?;
    let ends = said(doc, &path("ends"), time::instant(&raw.ends))?;
    if ends <= starts {
        doc.say(&path("ends"), "ends before it starts");
    }
    let item = |item: raw::Item| Item {
        service: ServiceName::new(item.service),
        version: item.version,
        digest: item.digest,
        commit: item.commit,
        schema: item.schema,
        known_issues: item.known_issues,
    };
    Some(Release {
        name: ReleaseName::new(name),
        title: raw.title.unwrap_or_else(|| name.to_owned()),
        starts,
        ends,
        environments: raw.environments.into_iter().map(EnvironmentName::new).collect(),
        bill: raw.bill.into_iter().map(item).collect(),
        runbook: raw.runbook.map(RunbookName::new),
        impact: match raw.impact {
            raw::Impact::Low => Impact::Low,
            raw::Impact::Medium => Impact::Medium,
            raw::Impact::High => Impact::High,
        },
        tickets: raw.tickets,
    })
}

/// References of a list, each checked at its place.
fn references<'a>(
    doc: &Doc,
    path: &[super::tree::Step<'_>],
    what: &str,
    names: &[String],
    known: impl Iterator<Item = &'a str> + Clone,
) {
    for (n, name) in names.iter().enumerate() {
        doc.refer(&[path, &[Index(n)]].concat(), what, name, known.clone());
    }
}

/// A value, or none after its mistake was said.
fn said<T>(doc: &Doc, path: &[super::tree::Step<'_>], read: Result<T, String>) -> Option<T> {
    read.map_err(|why| doc.say(path, why)).ok()
}

/// How long ahead occurrences are known.
pub const fn horizon() -> Span {
    Span::secs(366 * 86_400)
}
