//! What screens show of ledger and observations, worked out once when they move
//! and not for every picture.
//!
//! Nothing here is true by itself: decisions and dialogs ask the engine anew.

use super::Model;
use crate::domain::Timestamp;
use crate::domain::calendar::EventKind;
use crate::domain::name::{BackendName, RunId, StepName};
use crate::domain::plan::{Plan, Question, Work};
use crate::domain::refusal::Refusal;
use crate::domain::trigger::RollsBack;
use crate::domain::verdict::Verdict;
use crate::domain::window::{Window, WindowKind};
use crate::engine::forecast::{self, Forecast, Standing};
use crate::engine::run::{Run, State};
use crate::engine::show::{self, Pace, Shown, Waiting, Word};
use crate::engine::{Given, rollback, rules, windows};

/// How far ahead the agenda looks.
const AHEAD: chrono::TimeDelta = chrono::TimeDelta::days(31);
/// The most times that one window of a backend is listed; a week of one that comes every hour.
const TOLD: usize = 200;

/// What is worked out.
#[derive(Debug, Default)]
pub struct Derived {
    /// The instant that it was worked out for.
    pub at: Timestamp,
    /// How each step of the shown run looks, in the plan's order.
    looks: Vec<Option<Look>>,
    /// The shown run's outlook.
    pub outlook: Forecast,
    /// How the shown run stands; none when it is not live.
    pub standing: Option<Standing>,
    /// The plan that takes back all that the shown run has changed; none when that is nothing.
    pub back: Option<Result<Plan, Refusal>>,
    /// What waits for a person, by run.
    pub waiting: Vec<(RunId, Waiting)>,
    /// What the files have loosened and nobody has adopted.
    pub loosened: Vec<String>,
    /// Steps that wait for people's word.
    pub queue: Vec<(RunId, StepName)>,
    /// What is on and what comes within a month, in order of time.
    pub agenda: Vec<Slot>,
}

/// How a step looks.
#[derive(Clone, Debug)]
struct Look {
    word: Word,
    verdict: Verdict,
    pace: Pace,
    due: Option<Timestamp>,
}

/// A piece of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub to: Timestamp,
    /// What kind it is; a release when none.
    pub kind: Option<EventKind>,
    /// Its title.
    pub title: String,
    /// What it covers or contains; empty when that is everything.
    pub about: String,
    /// The backend that tells it; the workspace's own files when none.
    pub source: Option<BackendName>,
}

impl Derived {
    /// Works everything out for an instant.
    pub fn of(model: &Model, now: Timestamp) -> Self {
        let given = model.given(now);
        let run = model.run();
        let looks = run.map(|run| looks(&given, run)).unwrap_or_default();
        let live = run.filter(|r| !r.ended());
        let outlook = run.map(|run| forecast::forecast(&given, run)).unwrap_or_default();
        let standing = live.map(|run| forecast::standing(&given, run, &outlook));
        let changed = model.subject().filter(|run| run.changed.iter().any(|c| c.taken_back.is_none()));
        let back = changed.map(|run| rollback::plan(&given, Some(run), &RollsBack::Set, None));
        let open = || model.ledger.runs.values().filter(|r| !r.ended());
        let waiting = open().flat_map(|r| show::waiting(&given, r).into_iter().map(|w| (r.id, w))).collect();
        let queue = open().flat_map(queue).collect();
        let loosened = rules::waiting(&given).map(|waiting| waiting.what).unwrap_or_default();
        Self { at: now, looks, outlook, standing, back, waiting, loosened, queue, agenda: agenda(&given) }
    }

    /// The steps of the shown run as they look.
    pub fn steps<'a>(&'a self, run: &'a Run) -> impl Iterator<Item = Shown<'a>> {
        let looked = run.plan.steps.iter().zip(&self.looks);
        looked.filter_map(|(step, look)| {
            let (look, state) = (look.as_ref()?, run.steps.get(&step.name)?);
            let (word, pace, due) = (look.word, look.pace, look.due);
            Some(Shown { step, state, word, verdict: look.verdict.clone(), pace, due })
        })
    }
}

fn looks(given: &Given<'_>, run: &Run) -> Vec<Option<Look>> {
    let look = |shown: Shown<'_>| {
        let Shown { word, verdict, pace, due, .. } = shown;
        Look { word, verdict, pace, due }
    };
    run.plan.steps.iter().map(|step| show::step(given, run, step).map(look)).collect()
}

fn queue(run: &Run) -> impl Iterator<Item = (RunId, StepName)> + '_ {
    let waits = run.plan.steps.iter().filter(|step| {
        let asks = matches!(step.work, Work::Ask(Question::Approval(_) | Question::Poll { .. }));
        let gated = step.gate.iter().any(|g| !g.slots().is_empty());
        let state = run.state(&step.name);
        (asks && *state == State::Running) || (gated && *state == State::Pending)
    });
    waits.map(|step| (run.id, step.name.clone()))
}

fn agenda(given: &Given<'_>) -> Vec<Slot> {
    let (now, until) = (given.now, given.now + AHEAD);
    let calendar = &given.workspace.calendar;
    let near = |from: Timestamp, to: Timestamp| to > now && from < until;
    let mut all = Vec::new();
    for event in &calendar.events {
        let services = event.services.iter().map(ToString::to_string);
        let about: Vec<_> = services.chain(event.environments.iter().map(ToString::to_string)).collect();
        let occurrences = event.occurrences.iter().filter(|(from, to)| near(*from, *to));
        all.extend(occurrences.map(|(from, to)| Slot {
            from: *from,
            to: *to,
            kind: Some(event.kind),
            title: event.title.clone(),
            about: about.join(", "),
            source: None,
        }));
    }
    all.extend(calendar.releases.iter().filter(|r| near(r.starts, r.ends)).map(|r| {
        let bill: Vec<_> = r.bill.iter().map(|i| format!("{} {}", i.service, i.version)).collect();
        Slot { from: r.starts, to: r.ends, kind: None, title: r.title.clone(), about: bill.join(", "), source: None }
    }));
    for spec in windows::telling(given) {
        let Ok(seen) = windows::heard(given.observed, &spec.name, now) else { continue };
        for window in &seen.value.all {
            let about: Vec<_> = window.places.iter().map(|(s, e)| format!("{s}@{e}")).collect();
            let on = window.spans.iter().filter(|(from, to)| near(*from, *to)).take(TOLD);
            all.extend(on.map(|(from, to)| Slot {
                from: *from,
                to: *to,
                kind: Some(kind(window)),
                title: format!("{}: {}", spec.name, window.title),
                about: about.join(", "),
                source: Some(spec.name.clone()),
            }));
        }
    }
    all.sort_by_key(|slot| (slot.from, slot.to));
    all
}

/// What a window that a backend tells is to whoever deploys by hand.
fn kind(window: &Window) -> EventKind {
    match window.kind {
        WindowKind::Allow => EventKind::Window,
        WindowKind::Deny if window.people => EventKind::Notice,
        WindowKind::Deny => EventKind::Freeze,
    }
}
