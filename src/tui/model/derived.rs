//! What screens show of ledger and observations, worked out once when they move
//! and not for every picture.
//!
//! Nothing here is true by itself: decisions and dialogs ask the engine anew.

use super::agenda::Agenda;
use super::dated::Dated;
use super::lane::What;
use super::{Model, Moved};
use crate::domain::Timestamp;
use crate::domain::foreseen::{Foreseen, Foresight};
use crate::domain::left_off::{self, StillOff};
use crate::domain::name::{RunId, StepName};
use crate::domain::observed::Placed;
use crate::domain::operation::{Direction, Operation};
use crate::domain::plan::{Plan, Question, Work};
use crate::domain::refusal::Refusal;
use crate::domain::trigger::RollsBack;
use crate::domain::verdict::Verdict;
use crate::engine::ahead::{self, Way};
use crate::engine::changes::Change;
use crate::engine::forecast::{self, Forecast, Standing};
use crate::engine::loss::{self, Loss};
use crate::engine::run::{Fate, Run, State, TriggerState};
use crate::engine::show::{self, Pace, Shown, Waiting, Word};
use crate::engine::{Given, asked, rollback, rules};
use crate::report;
use crate::report::foreseen::{self, Line, Weight};
use crate::report::loss::short;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// What backends say of that, as far as they were asked of just that.
    pub said: Vec<Foreseen>,
    /// Whether something of it would be sent that nobody asks about here: another session does, or none.
    pub unasked: bool,
    /// The heaviest of it.
    pub headline: Option<Line>,
    /// What is said of the way back of each step of the shown run that is ahead, as far as it can be said here.
    pub ahead: BTreeMap<StepName, Line>,
    /// What taking back costs, of what the screens may tell now: by run and part of it.
    losses: Vec<(RunId, RollsBack, Loss)>,
    /// What of another run is in doubt where something would go back: the way back waits for it.
    pub held: Option<String>,
    /// What waits for a person, by run.
    pub waiting: Vec<(RunId, Waiting)>,
    /// What the files have loosened and nobody has adopted.
    pub loosened: Vec<String>,
    /// Steps that wait for people's word.
    pub queue: Vec<(RunId, StepName)>,
    /// What is on and what comes within a month.
    pub agenda: Agenda,
    /// The freezes of backends that begin where the shown run goes, the next first: when, where and what.
    pub freezes: Vec<(Timestamp, Vec<Placed>, Arc<What>)>,
    /// What is off in a system because of us.
    pub left_off: Vec<StillOff>,
    /// How the alerts stand to what runs changed.
    pub dated: Dated,
    /// What changed at what is bad, once somebody has looked.
    pub(super) changed: OnceCell<Vec<Change>>,
}

/// How a step looks.
#[derive(Clone, Debug)]
struct Look {
    word: Word,
    verdict: Verdict,
    pace: Pace,
    due: Option<Timestamp>,
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
        let queue = open().flat_map(|run| queue(&given, run)).collect();
        let loosened = rules::waiting(&given).map(|waiting| waiting.what).unwrap_or_default();
        let agenda = Agenda::of(&given, &model.derived.agenda);
        let freezes = live.map(|run| agenda.told_freezes(run, now)).unwrap_or_default();
        let any = model.workspace.backends.values().any(|backend| backend.kind.leaves_off());
        let left_off = if any { left_off::still_off(&model.observed, now) } else { Vec::new() };
        let dated = match model.moved {
            Moved::Known => Dated::of(&given, &Dated::default()),
            _ => Dated::of(&given, &model.derived.dated),
        };
        let said = changed.zip(back.as_ref()).map(|(run, back)| said(model, run, back.as_ref().ok()));
        let said = said.unwrap_or_default();
        let unasked = back.as_ref().and_then(|back| back.as_ref().ok()).is_some_and(|back| unasked(back, &said));
        let headline = headline(&said);
        let ahead = live.map(|run| ahead(model, &given, run)).unwrap_or_default();
        let losses = losses(model, &given, run);
        let held = run.zip(back.as_ref()).and_then(|(run, back)| held(model, run, back.as_ref().ok()?));
        Self {
            at: now,
            looks,
            outlook,
            standing,
            back,
            said,
            unasked,
            headline,
            ahead,
            losses,
            held,
            waiting,
            loosened,
            queue,
            agenda,
            freezes,
            left_off,
            dated,
            changed: OnceCell::new(),
        }
    }

    /// What taking back part of what a run has changed costs, in one line; worked out anew where nobody was to tell it.
    pub fn lost(&self, given: &Given<'_>, run: &Run, what: &RollsBack) -> String {
        let known = self.losses.iter().find(|(of, part, _)| *of == run.id && part == what);
        known.map_or_else(|| short(&loss::of_run(given, run, what)), |(.., loss)| short(loss))
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

/// What backends say of what would be sent. What they were not asked about is awaited where this session asks: nobody
/// knows yet how open that way is.
fn said(model: &Model, run: &Run, back: Option<&Plan>) -> Vec<Foreseen> {
    let Some(plan) = back else { return Vec::new() };
    let mut all: Vec<_> = model.way_back.iter().filter(|it| plan.sends(&it.operation)).cloned().collect();
    let asks = |me| rollback::asked(&model.ledger, run, me);
    if model.session.is_some_and(asks) {
        let unasked: Vec<_> = sent(plan).filter(|it| all.iter().all(|known| known.operation != **it)).collect();
        all.extend(unasked.into_iter().map(|it| Foreseen { operation: it.clone(), said: Foresight::Awaited }));
    }
    all
}

/// What a plan sends that leads back.
fn sent(plan: &Plan) -> impl Iterator<Item = &Operation> {
    let sent = plan.steps.iter().filter_map(|step| step.operation());
    sent.filter(|it| it.direction() == Direction::Back)
}

fn unasked(back: &Plan, said: &[Foreseen]) -> bool {
    sent(back).any(|it| said.iter().all(|known| known.operation != *it))
}

/// The heaviest of what is said; how many were not asked yet, where that is all there is to say, and how many are ready
/// all the same, where something is not known.
fn headline(said: &[Foreseen]) -> Option<Line> {
    let line = foreseen::headline(said)?;
    match (line.weight, foreseen::unasked(said)) {
        (Weight::Awaited, Some(text)) => Some(Line { text, ..line }),
        (Weight::Unknown, _) => {
            Some(Line { text: format!("{}: {}", foreseen::counts(said).join(" · "), line.text), ..line })
        }
        _ => Some(line),
    }
}

/// Of what the shown run has changed as a whole and where a step of it failed, and of triggers that have tripped.
fn losses(model: &Model, given: &Given<'_>, run: Option<&Run>) -> Vec<(RunId, RollsBack, Loss)> {
    let trips = |run: &&Run| run.triggers.values().any(|state| matches!(state, TriggerState::Tripped { .. }));
    let tripped = model.ledger.runs.values().filter(|run| !run.ended()).filter(trips);
    let tripped =
        tripped.flat_map(|run| run.plan.triggers.iter().map(move |trigger| (run, trigger.rolls_back.clone())));
    let failed = run.into_iter().flat_map(|run| {
        let failed = run.plan.steps.iter().filter(|step| run.state(&step.name).failed());
        failed.filter_map(move |step| {
            let (service, environment) = step.target()?;
            Some((run, RollsBack::One(service.clone(), environment.clone())))
        })
    });
    let set = run.filter(|run| run.changed.iter().any(|c| c.taken_back.is_none())).map(|run| (run, RollsBack::Set));
    let mut all: Vec<(RunId, RollsBack, Loss)> = Vec::new();
    for (run, what) in set.into_iter().chain(failed).chain(tripped) {
        if !all.iter().any(|(of, part, _)| *of == run.id && *part == what) {
            let loss = loss::of_run(given, run, &what);
            all.push((run.id, what, loss));
        }
    }
    all
}

/// Backends are asked by whoever drives a run: elsewhere only what needs no asking is said.
fn ahead(model: &Model, given: &Given<'_>, run: &Run) -> BTreeMap<StepName, Line> {
    let drives = model.drives(run);
    let here = |way: &Way| drives || matches!(way, Way::None(_) | Way::Unknown(_));
    let ways = ahead::ways(given, run).into_iter().filter(|(_, way)| here(way));
    ways.map(|(step, way)| (step.clone(), report::ahead::line(&way, &model.ahead))).collect()
}

fn held(model: &Model, run: &Run, back: &Plan) -> Option<String> {
    let there = back.steps.iter().filter_map(|step| model.ledger.busy(step.operation()?));
    let mut doubtful = there.filter(|sent| sent.intent.run != run.id && matches!(sent.fate, Fate::InDoubt(_)));
    doubtful.next().map(|sent| format!("run {} {} is in doubt", sent.intent.run, sent.intent.operation))
}

fn looks(given: &Given<'_>, run: &Run) -> Vec<Option<Look>> {
    let look = |shown: Shown<'_>| {
        let Shown { word, verdict, pace, due, .. } = shown;
        Look { word, verdict, pace, due }
    };
    run.plan.steps.iter().map(|step| show::step(given, run, step).map(look)).collect()
}

fn queue<'a>(given: &Given<'a>, run: &'a Run) -> impl Iterator<Item = (RunId, StepName)> + use<'a> {
    let given = *given;
    let waits = run.plan.steps.iter().filter(move |step| {
        let asks = matches!(step.work, Work::Ask(Question::Approval(_) | Question::Poll { .. }));
        let state = run.state(&step.name);
        let gated = || *state == State::Pending && !asked::slots(&given, run, step).is_empty();
        (asks && *state == State::Running) || gated()
    });
    waits.map(|step| (run.id, step.name.clone()))
}
