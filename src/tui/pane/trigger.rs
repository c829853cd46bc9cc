//! A tripped trigger: a banner over everything else, never a modal, that takes
//! no typing. What it will do and when, what it saw, what else is bad, what
//! stays, and who agreed to it.
//!
//! It tells; the engine acts.

use crate::domain::observed::Quality;
use crate::domain::span::Span;
use crate::domain::text::shortened;
use crate::domain::trigger::{RollsBack, Trigger};
use crate::engine::ailing::{ailing, spared};
use crate::engine::rollback;
use crate::engine::run::{Run, TriggerState};
use crate::tui::action::Action;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::text::{Align, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The trigger that the banner is about: the first that has tripped, with its run.
pub fn tripped<'a>(view: &View<'a>) -> Option<(&'a Run, &'a Trigger, &'a TriggerState)> {
    view.live().find_map(|run| {
        let state = |trigger: &Trigger| run.triggers.get(&trigger.name);
        let tripped = |state: &&TriggerState| matches!(state, TriggerState::Tripped { .. });
        run.plan.triggers.iter().find_map(|trigger| Some((run, trigger, state(trigger).filter(tripped)?)))
    })
}

/// The banner's lines, the first for its rule; none while no trigger has tripped.
pub fn banner(view: &View<'_>) -> Option<Vec<String>> {
    let (run, trigger, state) = tripped(view)?;
    let TriggerState::Tripped { at, .. } = state else { return None };
    let limits: Vec<_> = trigger.signals.iter().map(|at| limit(run, at)).collect();
    let mut lines = vec![
        format!("TRIGGER {} tripped {} · {}", trigger.name, at.format("%H:%M:%SZ"), limits.join(" or ")),
        act(view, run, trigger, state),
        format!("saw     {}", saw(view, run, state)),
    ];
    lines.extend(also(view, trigger).map(|text| format!("also    {text}")));
    lines.extend(will(view, run, trigger).map(|text| format!("will    {text}")));
    lines.extend(stays(view, run, trigger).map(|text| format!("stays   {text}")));
    lines.push(format!("may     {}", may(view, run, trigger)));
    let key = |action| view.ui.keys.of(action);
    lines.push(format!(
        "{} roll back now   {} postpone {}: reason; trips again   {} disarm",
        key(Action::RollBack),
        key(Action::PostponeTrigger),
        trigger.postpone,
        key(Action::DisarmTrigger)
    ));
    Some(lines)
}

/// Draws the banner.
pub fn draw(view: &View<'_>, lines: &[String], area: Rect, buf: &mut Buffer) {
    let (title, rest) = lines.split_first().map_or(("", lines), |(first, rest)| (first.as_str(), rest));
    // Where a dialog leaves it one line, that says what it does and when.
    let name = title.split(" tripped").next().unwrap_or(title);
    let short = rest.first().map(|act| format!("{name} {act}")).filter(|_| area.height == 1 || view.ui.asked.is_some());
    let title = short.as_deref().unwrap_or(title);
    rule(buf, area, &Rule { heavy: true, ..Rule::named(title) }, view.theme);
    // What is cut is cut in the middle: what it does and the keys stay.
    let room = usize::from(area.height.saturating_sub(1));
    let first = rest.iter().take(room.saturating_sub(1).min(rest.len().saturating_sub(1)));
    for (n, text) in first.chain(rest.last()).take(room).enumerate() {
        let role = match n {
            0 => Role::Alarm,
            _ if Some(text) == rest.last() => Role::Key,
            _ => Role::Text,
        };
        let line = row(area, u16::try_from(n + 1).unwrap_or(u16::MAX));
        put(buf, line, &format!(" {text}"), Align::Left, view.theme.style(role), view.theme);
    }
}

/// What it does and when, or why nothing is sent.
pub fn act(view: &View<'_>, run: &Run, trigger: &Trigger, state: &TriggerState) -> String {
    let what = what(run, trigger);
    match state {
        TriggerState::Tripped { acts_at: Some(_), .. } if view.model.ledger.driver(run).is_none() => {
            let key = view.ui.keys.of(Action::TakeConn);
            format!("WOULD ROLL BACK {what}: nobody drives it, nothing is sent; {key} takes the conn")
        }
        TriggerState::Tripped { acts_at: Some(at), .. } => {
            format!("ROLLS BACK {what} at {}, in {}", at.format("%H:%M:%SZ"), Span::between(view.now, *at))
        }
        TriggerState::Proposed { why, .. } => format!("{} PROPOSES to roll back {what}: {why}", trigger.name),
        _ => format!("PROPOSES to roll back {what}"),
    }
}

fn what(run: &Run, trigger: &Trigger) -> String {
    match &trigger.rolls_back {
        RollsBack::One(service, environment) => {
            let to = run.previous(service, environment).cloned().unwrap_or_else(|| "the version before".to_owned());
            format!("{service} {environment} → {to}")
        }
        RollsBack::Set => "everything this run has changed".to_owned(),
    }
}

/// `failed requests eu-north > 2.00 % for 10s`.
fn limit(run: &Run, at: &crate::domain::signal::SignalAt) -> String {
    let Some(signal) = run.plan.signal(at) else { return at.to_string() };
    let sign = if signal.bad == crate::domain::signal::Bad::Above { ">" } else { "<" };
    let fail = signal.fail.map(|fail| format!(" {sign} {} for {}", signal.unit.show(fail), signal.hold_for));
    format!("{} {}{}", signal.title, at.environment, fail.unwrap_or_default())
}

/// The reading that tripped it, the newest three, and what is normal.
fn saw(view: &View<'_>, run: &Run, state: &TriggerState) -> String {
    let TriggerState::Tripped { evidence, .. } = state else { return String::new() };
    let bad = ailing(&view.given());
    let each = evidence.iter().map(|e| {
        let unit = run.plan.signal(&e.signal).map(|s| s.unit);
        let show = |value: f64| unit.map_or_else(|| value.to_string(), |unit| unit.show(value));
        let then = e.value.map_or_else(|| "??".to_owned(), show);
        let events = e.events.map(|n| format!(", n {n}")).unwrap_or_default();
        let series = view.model.observed.series.get(&e.signal);
        let last: Vec<_> = series.into_iter().flat_map(|s| s.readings.newest().take(3)).collect();
        let newest = last.iter().rev().map(|r| show(r.value)).collect::<Vec<_>>().join("  ");
        let age = last.first().map(|r| format!(" ({} ago)", Span::between(r.at, view.now))).unwrap_or_default();
        let ail = bad.iter().find(|a| a.signal.name == e.signal.signal && *a.environment == e.signal.environment);
        let normal = ail.and_then(|a| a.normal).map(|v| format!("   before {}", show(v))).unwrap_or_default();
        let now = if newest.is_empty() { String::new() } else { format!("   now {newest}{age}") };
        format!("{} {then}{events}{now}{normal}", e.signal)
    });
    each.collect::<Vec<_>>().join(" · ")
}

/// What else is bad, and what is well: whether it could be the monitoring.
fn also(view: &View<'_>, trigger: &Trigger) -> Option<String> {
    let given = view.given();
    let bad = ailing(&given);
    let own =
        |service: &_, place: &_| trigger.signals.iter().any(|at| at.signal == *service && at.environment == *place);
    let others = bad.iter().filter(|a| !own(&a.signal.name, a.environment) && a.quality == Quality::Fresh);
    let others = others
        .take(3)
        .filter_map(|a| Some(format!("{} {} {}", a.signal.title, a.environment, a.signal.unit.show(a.now?))));
    let well = spared(&given, &bad);
    let well = well.first().map(|(service, places)| {
        let places: Vec<_> = places.iter().map(|p| p.as_str()).collect();
        format!("{service} {} ok", places.join(", "))
    });
    let all: Vec<_> = others.chain(well).collect();
    (!all.is_empty()).then(|| all.join(" · "))
}

fn will(view: &View<'_>, run: &Run, trigger: &Trigger) -> Option<String> {
    match rollback::plan(&view.given(), Some(run), &trigger.rolls_back, None) {
        Ok(plan) => {
            let steps = plan.steps.iter().enumerate().map(|(n, s)| format!("{} {}", n + 1, shortened(&s.title, 40)));
            Some(steps.collect::<Vec<_>>().join("   "))
        }
        Err(refusal) => Some(format!("NOT READY: {}", refusal.reasons.first()?.text)),
    }
}

/// What it leaves as it is, and what going back means for what was written.
fn stays(view: &View<'_>, run: &Run, trigger: &Trigger) -> Option<String> {
    let RollsBack::One(service, environment) = &trigger.rolls_back else { return None };
    let others = crate::tui::pane::rollback::by_place(run).into_iter().filter(|(first, last, _)| {
        last.taken_back.is_none() && !(first.service == *service && first.environment == *environment)
    });
    let others = others.map(|(_, last, _)| {
        let to = last.to.as_deref().unwrap_or("?");
        format!("{} {} {to}", last.service, last.environment)
    });
    let loses = view.model.derived.lost(&view.given(), run, &trigger.rolls_back);
    let loses = Some(loses).filter(|text| !text.is_empty());
    let all: Vec<_> = others.collect();
    let all = [(!all.is_empty()).then(|| all.join(", ")), loses];
    let all: Vec<_> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join(" · "))
}

fn may(view: &View<'_>, run: &Run, trigger: &Trigger) -> String {
    let agreed = trigger.agreed_at.as_ref().map(|poll| format!("agreed at poll {poll}"));
    let driver = match (&run.conn, view.model.ledger.driver(run)) {
        (Some(conn), Some(_)) => format!("driver {} must be alive; if not, nothing is sent", conn.person),
        _ => "nobody drives, so nothing is sent".to_owned(),
    };
    let roles = view.model.workspace.roles.values().filter(|r| r.rollback).map(|r| r.title.clone());
    let stop = format!("disarm: {}", roles.collect::<Vec<_>>().join(", "));
    agreed.into_iter().chain([driver, stop]).collect::<Vec<_>>().join(" · ")
}
