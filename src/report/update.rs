//! An update for people elsewhere, filled with live state, in three lengths, for
//! the moment that the run is in: start, hold, failed, rollback or end.
//!
//! Text to copy: nothing goes out from here.

use crate::domain::span::Span;
use crate::domain::text::visible;
use crate::engine::ailing::{Ail, ailing};
use crate::engine::forecast::{self, Forecast};
use crate::engine::incident::{self, Incident};
use crate::engine::run::{Phase, Run};
use crate::engine::{Given, comms, show, ways};

/// The moment of a run that an update is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// It has begun, or goes on as planned.
    Start,
    /// It stands still on purpose.
    Hold,
    /// Something failed, and it is not being taken back.
    Failed,
    /// It is being taken back.
    Rollback,
    /// It is over.
    End,
}

impl Moment {
    /// Every moment, in the order of a day.
    pub const ALL: [Moment; 5] = [Moment::Start, Moment::Hold, Moment::Failed, Moment::Rollback, Moment::End];

    /// The moment in one word.
    pub const fn word(self) -> &'static str {
        match self {
            Moment::Start => "start",
            Moment::Hold => "hold",
            Moment::Failed => "failed",
            Moment::Rollback => "rollback",
            Moment::End => "end",
        }
    }

    /// The moment that a run is in.
    pub fn of(given: &Given<'_>, run: &Run) -> Self {
        let back = |r: &&Run| !r.ended() && r.plan.reverts == Some(run.id);
        let held = given.ledger.holds.values().any(|h| match &h.scope {
            crate::domain::hold::Scope::All => true,
            crate::domain::hold::Scope::Run(id) | crate::domain::hold::Scope::Step(id, _) => *id == run.id,
            crate::domain::hold::Scope::Target(..) => false,
        });
        match &run.phase {
            _ if given.ledger.runs.values().any(|r| back(&r)) || (run.takes_back() && !run.ended()) => Moment::Rollback,
            Phase::Completed(_) | Phase::Aborted(..) => Moment::End,
            _ if run.steps.values().any(|s| s.state.failed()) || ways::tripped(run).is_some() => Moment::Failed,
            _ if incident::current(given.ledger).is_some() => Moment::Failed,
            Phase::Parked(_) => Moment::Hold,
            Phase::Live if held => Moment::Hold,
            Phase::Live => Moment::Start,
        }
    }
}

/// The update of the moment that a run is in.
pub fn three_lengths(given: &Given<'_>, run: &Run) -> [(&'static str, String); 3] {
    draft(given, run, Moment::of(given, run))
}

/// The update in one line, in a few lines, and with what is known besides.
pub fn draft(given: &Given<'_>, run: &Run, moment: Moment) -> [(&'static str, String); 3] {
    let outlook = forecast::forecast(given, run);
    let (bad, incident) = (ailing(given), incident::current(given.ledger));
    let short = format!("{} {}.", run.plan.title, state(given, run, moment, &outlook));
    let hit = hit(&bad).map(|text| format!(" {text}.")).unwrap_or_default();
    let middle = format!("{short}{hit}{}", next(given, run, moment, incident.as_ref(), &outlook));
    let long = format!("{middle}{}", besides(given, run, incident.as_ref()));
    [("short", visible(&short)), ("middle", visible(&middle)), ("long", visible(&long))]
}

fn state(given: &Given<'_>, run: &Run, moment: Moment, outlook: &Forecast) -> String {
    let (done, of) = run.progress();
    let lands = outlook.lands.map(|at| format!(", expected {} UTC", at.format("%H:%M"))).unwrap_or_default();
    match (moment, &run.phase) {
        (Moment::End, Phase::Completed(at)) => format!("is complete since {} UTC", at.format("%H:%M")),
        (Moment::End, Phase::Aborted(_, why)) => format!("was stopped: {why}"),
        (Moment::End, _) => "is over".to_owned(),
        (Moment::Rollback, _) => format!("is being rolled back{}", back(given, run)),
        (Moment::Failed, _) => format!("has run into trouble: {}", trouble(run)),
        (Moment::Hold, Phase::Parked(why)) => format!("is parked: {why}"),
        (Moment::Hold, _) => {
            let reason = given.ledger.holds.values().next_back().map(|h| format!(": {}", h.reason));
            format!("is on hold{}; {done} of {of} steps are done", reason.unwrap_or_default())
        }
        (Moment::Start, _) => format!("is under way: {done} of {of} steps done{lands}"),
    }
}

/// How far the run has got that takes this one back.
fn back(given: &Given<'_>, run: &Run) -> String {
    let found = given.ledger.runs.values().rev().find(|r| r.plan.reverts == Some(run.id) && !r.ended());
    let by = found.unwrap_or(run);
    let (done, of) = by.progress();
    format!(": {done} of {of} steps done")
}

fn trouble(run: &Run) -> String {
    let failed = run.plan.steps.iter().find(|s| run.state(&s.name).failed());
    match (failed, ways::tripped(run)) {
        (Some(step), _) => format!("step {} failed ({})", step.name, step.title),
        (None, Some((trigger, _))) => {
            let signals: Vec<_> = trigger.signals.iter().map(ToString::to_string).collect();
            format!("{} crossed the limit that was agreed beforehand", signals.join(", "))
        }
        (None, None) => "an incident is open".to_owned(),
    }
}

/// What users notice, with what is normal.
fn hit(bad: &[Ail<'_>]) -> Option<String> {
    let all = bad.iter().take(3).filter_map(|ail| {
        let unit = ail.signal.unit;
        let normal = ail.normal.map(|v| format!(", normally {}", unit.show(v))).unwrap_or_default();
        let (title, place) = (&ail.signal.title, ail.environment);
        Some(format!("{} {title} in {place} is {}{normal}", ail.signal.service, unit.show(ail.now?)))
    });
    let all: Vec<_> = all.collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn next(given: &Given<'_>, run: &Run, moment: Moment, incident: Option<&Incident>, outlook: &Forecast) -> String {
    if moment == Moment::End {
        return if run.left_open().next().is_none() { " Nothing is left open.".to_owned() } else { String::new() };
    }
    let now = show::steps(given, run).filter(|s| s.state.state.active()).map(|s| s.step.title.clone());
    let now: Vec<_> = now.collect();
    let doing = if now.is_empty() { String::new() } else { format!(" Now: {}.", now.join("; ")) };
    let lead = incident.and_then(|i| i.lead.as_ref()).map(|(who, _)| format!(" {who} leads.")).unwrap_or_default();
    let back = match (moment, outlook.rollback) {
        (Moment::Failed | Moment::Hold, Some(takes)) => format!(" Going back would take about {takes}."),
        _ => String::new(),
    };
    format!("{doing}{lead}{back}")
}

fn besides(given: &Given<'_>, run: &Run, incident: Option<&Incident>) -> String {
    let waiting = if run.ended() { Vec::new() } else { show::waiting(given, run) };
    let waits: Vec<_> = waiting.iter().map(|w| format!("{} ({})", w.title, w.why)).collect();
    let bill: Vec<_> = run.plan.bill.iter().map(|i| format!("{} {}", i.service, i.version)).collect();
    let due = comms::due(given.workspace, run, incident);
    let next = due.first().map(|due| format!(" Next update by {} UTC.", due.at.format("%H:%M")));
    let since = incident.map(|i| {
        format!(
            " Incident SEV{} since {} UTC, {} ago.",
            i.severity,
            i.opened.format("%H:%M"),
            Span::between(i.opened, given.now)
        )
    });
    let parts = [
        since,
        (!bill.is_empty()).then(|| format!(" Contents: {}.", bill.join(", "))),
        (!waits.is_empty()).then(|| format!(" Waiting for: {}.", waits.join("; "))),
        run.symptom.as_ref().map(|s| format!(" Cause as seen: {s}.")),
        next,
    ];
    parts.into_iter().flatten().collect()
}
