//! `when`: the next times at which something may be done that takes so long.
//!
//! The answer is the engine's; the exit status is 3 where there is none.

use super::args::Global;
use super::context::Context;
use super::outcome::{Ended, Exit, Failure};
use super::{print, status, windows};
use crate::config;
use crate::domain::Timestamp;
use crate::domain::span::Span;
use crate::domain::zone::Zone;
use crate::engine::when::{self, Opening};
use crate::engine::{Given, may};
use crate::report::may::Subject;
use crate::runtime::clock::now;
use chrono::TimeDelta;
use serde_json::json;

/// How many openings are told.
const MOST: usize = 10;

/// What is asked.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The verb.
    pub action: &'a str,
    /// The service.
    pub service: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// How long it takes.
    pub takes: Span,
    /// From when on; now where none is given.
    pub from: Option<&'a str>,
    /// How many days ahead.
    pub days: u16,
}

/// Prints the next openings, those with the least beside them first.
pub fn when(global: &Global, asked: &Asked<'_>) -> Ended {
    let context = Context::open(global)?;
    let (ledger, observed) =
        (status::ledger(&context)?, windows::ask_about(&context.workspace, asked.service, asked.environment));
    let now = now();
    let from = asked.from.map(config::instant).transpose().map_err(Failure::usage)?.unwrap_or(now);
    let given = Given { ledger: &ledger, workspace: &context.workspace, observed: &observed, now };
    let subject = Subject::named(&given, asked.action, asked.service, asked.environment).map_err(Failure::usage)?;
    let until = from.checked_add_signed(TimeDelta::days(i64::from(asked.days))).unwrap_or(from);
    let all = when::when(&given, &subject.asking(), asked.takes, (from, until));
    let shown = all.get(..MOST.min(all.len())).unwrap_or_default();
    let zone = context.workspace.environments.values().find(|e| e.name.as_str() == asked.environment);
    let zone = zone.map_or(context.workspace.zone.as_str(), |e| e.zone.as_str());
    // Where nothing opens, what holds at first is the reason.
    let why = may::may(&given, &subject.asking(), from);
    if global.json {
        let rows = shown
            .iter()
            .map(|one| json!({ "start": one.start, "from": one.from, "to": one.to, "remarks": one.remarks }));
        let more = all.len() - shown.len();
        let takes = asked.takes.to_string();
        print::json(&json!({ "asked": subject.to_string(), "for": takes, "from": from, "until": until, "zone": zone,
            "openings": rows.collect::<Vec<_>>(), "more": more,
            "reasons": if all.is_empty() { why.reasons } else { Vec::new() } }));
    } else {
        print::line(&format!("{subject} for {} · from {} to {}", asked.takes, print::date(from), print::date(until)));
        told(shown, all.len(), zone);
        if all.is_empty() {
            print::line("  no opening is long enough, as far as is known");
            why.reasons.iter().for_each(|reason| print::line(&format!("  {reason}")));
        }
    }
    Ok(if all.is_empty() { Exit::Person } else { Exit::Done })
}

fn told(shown: &[Opening], all: usize, zone: &str) {
    let place = Zone::named(zone);
    let local = |at: Timestamp| place.as_ref().map(|zone| zone.local(at).format("%a %H:%M").to_string());
    let rows = shown.iter().enumerate().map(|(n, one)| {
        let closes = one.to.map_or_else(|| "no end known".to_owned(), |to| format!("closes {}", print::date(to)));
        let remarks = if one.remarks.is_empty() { "nothing else is on".to_owned() } else { one.remarks.join(" · ") };
        vec![format!("{:>2}", n + 1), print::date(one.start), local(one.start).unwrap_or_default(), closes, remarks]
    });
    print::table(&rows.collect::<Vec<_>>());
    if all > shown.len() {
        print::line(&format!("and {} more", all - shown.len()));
    }
    if !shown.is_empty() {
        print::line(&format!("local times are those of {zone}"));
    }
}
