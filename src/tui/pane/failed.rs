//! A failed step: what happened, where that leaves it, what users feel, how long
//! one may look for the cause, whom to ask, and the ways on with what each costs.
//!
//! Every line is one of the engine's answers; the keys are where the hand is.

use super::health::word;
use super::runbook::contacts;
use crate::domain::plan::Step;
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::trigger::RollsBack;
use crate::domain::verdict::Level;
use crate::engine::forecast::takes_back;
use crate::engine::run::{Run, State, TriggerState};
use crate::engine::show::Shown;
use crate::engine::signal;
use crate::tui::action::Action;
use crate::tui::view::View;

/// The card's lines; none for a step that has not failed.
pub fn card(view: &View<'_>, run: &Run, shown: &Shown<'_>) -> Vec<String> {
    let (cause, is) = match &shown.state.state {
        State::Failed(why) => (why.as_str(), None),
        State::Partly(done, of, why) => (why.as_str(), Some(format!("PARTLY DONE: {done} of {of}"))),
        _ => return Vec::new(),
    };
    let step = shown.step;
    let (word, key) = (|label: &str| label.to_owned(), |action| view.ui.keys.of(action));
    let lines = [
        Some((word("cause"), cause.to_owned())),
        is.map(|is| (word("is"), format!("{is}{}", probed(view, shown)))),
        users(view, run, step).map(|text| (word("users"), text)),
        time(view, shown).map(|text| (word("time"), text)),
        people(view, step).map(|text| (word("people"), text)),
        Some((key(Action::Retry), retry(view, run, shown))),
        back(view, run, step).map(|text| (key(Action::RollBack), text)),
        Some((key(Action::Skip), skip(step))),
        said(view, shown).map(|text| (key(Action::Output), text)),
    ];
    lines.into_iter().flatten().map(|(label, text)| format!("{label:<7}{text}")).collect()
}

/// What a probe of its operation found.
fn probed(view: &View<'_>, shown: &Shown<'_>) -> String {
    let sent = shown.state.intent.and_then(|seq| view.model.ledger.sent.get(&seq));
    sent.and_then(|s| s.probed.clone()).map(|found| format!(" (probed: {found})")).unwrap_or_default()
}

/// The signals of its service where it acted, the worst first, and whether a trigger has tripped.
fn users(view: &View<'_>, run: &Run, step: &Step) -> Option<String> {
    let (service, environment) = step.operation()?.target()?;
    let here = run.plan.signals.iter().filter(|s| s.service == *service && s.environments.contains(environment));
    let mut judged: Vec<(Level, String)> = here
        .map(|declared| {
            let at = SignalAt { signal: declared.name.clone(), environment: environment.clone() };
            let (verdict, _) = signal::judge(&view.model.observed, Some(declared), &at, view.now);
            let said = verdict.reasons.first().map_or_else(|| at.to_string(), |reason| reason.text.clone());
            (verdict.level, format!("{said} {}", word(verdict.level)))
        })
        .collect();
    judged.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
    let tripped = run.triggers.iter().find(|(_, state)| matches!(state, TriggerState::Tripped { .. }));
    let trigger = tripped.map_or("no trigger tripped".to_owned(), |(name, _)| format!("trigger {name} TRIPPED"));
    let texts = judged.into_iter().take(2).map(|(_, text)| text).chain([trigger]);
    Some(texts.collect::<Vec<_>>().join(" · "))
}

/// Until when one may look for the cause, and who must choose then.
fn time(view: &View<'_>, shown: &Shown<'_>) -> Option<String> {
    let until = shown.state.ended? + shown.step.diagnose?.delta();
    let owner = shown.step.owner.as_ref().map(ToString::to_string).unwrap_or_else(|| "its owner".to_owned());
    Some(match until > view.now {
        true => format!(
            "diagnose until {}, {} left; then {owner} must choose",
            until.format("%H:%M:%SZ"),
            Span::between(view.now, until)
        ),
        false => format!("{owner} must choose since {}", until.format("%H:%M:%SZ")),
    })
}

fn people(view: &View<'_>, step: &Step) -> Option<String> {
    let roles = step.owner.iter().chain(&step.backup);
    let all: Vec<_> = roles.map(|role| contacts(view, role.as_str())).collect();
    (!all.is_empty()).then(|| all.join(" · backup "))
}

fn retry(view: &View<'_>, run: &Run, shown: &Shown<'_>) -> String {
    let takes = view.model.derived.outlook.step(&shown.step.name).map(|found| found.working.p50);
    let takes = takes.filter(|takes| *takes > Span::ZERO).map(|takes| format!(" · {takes}")).unwrap_or_default();
    let probe = format!("not declared idempotent: probe first, {}", view.ui.keys.of(Action::Probe));
    let again = match shown.step.operation() {
        Some(operation) if operation.idempotent => "declared idempotent",
        Some(_) => probe.as_str(),
        None => "it is done anew",
    };
    let lands = view.model.derived.outlook.lands.filter(|_| !run.ended());
    let lands = lands.map(|at| format!(" · lands {}", at.format("%H:%MZ"))).unwrap_or_default();
    format!("retry: {again}{takes}{lands}")
}

/// Going back where it acted, if this run has changed something there; else the whole set.
fn back(view: &View<'_>, run: &Run, step: &Step) -> Option<String> {
    let given = view.given();
    let here = step.operation().and_then(|op| op.target()).map(|(s, e)| (s.clone(), e.clone()));
    let changed = here.filter(|(s, e)| run.previous(s, e).is_some());
    let what = changed.clone().map_or(RollsBack::Set, |(s, e)| RollsBack::One(s, e));
    let takes = takes_back(&given, run, &what)?;
    let target = match &changed {
        Some((s, e)) => format!("{s} {e} → {}", run.previous(s, e).map(String::as_str).unwrap_or("??")),
        None => "everything that this run has changed".to_owned(),
    };
    let loses = view.model.derived.lost(&given, run, &what);
    let loses = if loses.is_empty() { "nothing said to be lost".to_owned() } else { loses };
    Some(format!("roll back {target} · {} · {loses}", takes.p90))
}

fn skip(step: &Step) -> String {
    match step.may_skip {
        true => "skip, with a reason".to_owned(),
        false => "skip: BLOCKED, the runbook does not let it be left out".to_owned(),
    }
}

/// The last line that it said, and how many there are.
fn said(view: &View<'_>, shown: &Shown<'_>) -> Option<String> {
    let lines = shown.state.intent.and_then(|seq| view.model.output.get(&seq))?;
    let last = lines.back()?;
    Some(format!("output: {last}"))
}
