//! Incidents as the journal has them: opened with a severity and a title, led by
//! someone, closed with a reason.
//!
//! They are notes in a fixed form, on the run they came up in, or the reason of
//! a hold on everything where there is no run. So every older journal and
//! program reads them, and a note typed by hand counts like one from a key.

use super::Given;
use super::ledger::Ledger;
use super::run::{Run, TriggerState};
use super::signal;
use crate::domain::Timestamp;
use crate::domain::hold::Scope;
use crate::domain::name::{PersonName, RunId};
use crate::domain::signal::SignalAt;
use crate::domain::verdict::Level;

/// How a note begins that is about an incident.
const MARK: &str = "incident ";

/// An incident that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// How bad, 1 the worst.
    pub severity: u8,
    /// What is wrong, in a few words.
    pub title: String,
    /// Since when it is open.
    pub opened: Timestamp,
    /// Who opened it.
    pub by: PersonName,
    /// Who leads it, if anyone does, and since when.
    pub lead: Option<(PersonName, Timestamp)>,
    /// The run whose notes tell of it; none when a hold does.
    pub run: Option<RunId>,
}

/// What a note says of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It begins: severity and title.
    Opened(u8, String),
    /// Whoever wrote the note leads it.
    Lead,
    /// It is over, and why.
    Closed(String),
}

impl Said {
    /// The note that says it.
    pub fn note(&self) -> String {
        match self {
            Said::Opened(severity, title) => format!("{MARK}SEV{severity}: {title}"),
            Said::Lead => format!("{MARK}lead"),
            Said::Closed(why) => format!("{MARK}closed: {why}"),
        }
    }

    /// What a note says of an incident; none when it says nothing of one.
    pub fn read(note: &str) -> Option<Self> {
        let rest = note.trim().strip_prefix(MARK)?.trim();
        if rest == "lead" {
            return Some(Said::Lead);
        }
        if let Some(why) = rest.strip_prefix("closed") {
            return Some(Said::Closed(why.trim_start_matches([':', ' ']).to_owned()));
        }
        let (severity, title) = severity(rest)?;
        Some(Said::Opened(severity, title.to_owned()))
    }
}

/// `SEV2: sales down` as severity and title.
pub fn severity(text: &str) -> Option<(u8, &str)> {
    let rest = text.trim().strip_prefix("SEV")?;
    let digit = rest.chars().next()?.to_digit(10).and_then(|n| u8::try_from(n).ok())?;
    let title = rest.get(1..)?.trim_start_matches([':', ' ']);
    (1..=5).contains(&digit).then_some((digit, title))
}

/// The incident that is open: the newest, if there are several.
pub fn current(ledger: &Ledger) -> Option<Incident> {
    let noted = ledger.runs.values().filter_map(of_run);
    let all = ledger.holds.values().filter(|hold| hold.scope == Scope::All);
    let held = all.filter_map(|hold| match Said::read(&hold.reason)? {
        Said::Opened(severity, title) => Some(Incident {
            severity,
            title,
            opened: hold.since,
            by: hold.by.clone(),
            lead: Some((hold.by.clone(), hold.since)),
            run: None,
        }),
        _ => None,
    });
    // A run's notes know more of it than the hold that was placed with them.
    noted.max_by_key(|i| i.opened).or_else(|| held.max_by_key(|i| i.opened))
}

fn of_run(run: &Run) -> Option<Incident> {
    let mut open: Option<Incident> = None;
    for (at, by, _, text) in &run.notes {
        match (Said::read(text), &mut open) {
            (Some(Said::Opened(severity, title)), _) => {
                let before = open.take();
                let (opened, by, lead) = match before {
                    // Another severity or title is the same incident.
                    Some(before) => (before.opened, before.by, before.lead),
                    None => (*at, by.clone(), None),
                };
                open = Some(Incident { severity, title, opened, by, lead, run: Some(run.id) });
            }
            (Some(Said::Lead), Some(open)) => open.lead = Some((by.clone(), *at)),
            (Some(Said::Closed(_)), Some(_)) => open = None,
            _ => {}
        }
    }
    open
}

/// Whether something is wrong that someone who opens the screens must see first:
/// an open incident, a trigger that tripped or proposes, or a failing signal in
/// the scope of a run that nobody drives.
pub fn touches(given: &Given<'_>) -> bool {
    let live = || given.ledger.runs.values().filter(|run| !run.ended());
    let tripped = |state: &TriggerState| matches!(state, TriggerState::Tripped { .. } | TriggerState::Proposed { .. });
    current(given.ledger).is_some()
        || live().any(|run| run.triggers.values().any(tripped))
        || live().any(|run| given.ledger.driver(run).is_none() && scope(run).any(|at| fails(given, run, at)))
}

fn fails(given: &Given<'_>, run: &Run, at: &SignalAt) -> bool {
    signal::judge_planned(given, run, at).0.level == Level::Fail
}

/// The signals that gates, checks and triggers of a run look at.
fn scope(run: &Run) -> impl Iterator<Item = &SignalAt> {
    use crate::domain::plan::Work;
    let watched = run.plan.steps.iter().flat_map(|step| {
        let own = match &step.work {
            Work::Watch { gate, .. } => Some(gate),
            _ => None,
        };
        step.gate.iter().chain(&step.verify).chain(own).flat_map(|gate| gate.signals())
    });
    watched.chain(run.plan.triggers.iter().flat_map(|trigger| &trigger.signals))
}
