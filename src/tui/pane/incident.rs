//! The incident screen: what failed, what tripped, what changed, the ways out
//! and whom to call, for someone who was paged and knows nothing of the run.
//!
//! Plain lines, trouble first; it reads and decides nothing.

use super::{health, rollback};
use crate::domain::span::Span;
use crate::domain::verdict::Level;
use crate::engine::Run;
use crate::engine::run::{Phase, TriggerState};
use crate::tui::theme::Role;
use crate::tui::view::View;

/// How many of the last decisions are told.
const LAST: usize = 10;

type Lines = Vec<(Role, String)>;

/// Its title and lines, as of now.
pub fn lines(view: &View<'_>) -> (String, Lines) {
    let mut lines = Vec::new();
    wrong(view, &mut lines);
    match view.run() {
        Some(run) => of_run(view, run, &mut lines),
        None => lines.push((Role::Dim, "no run is known here, so nothing of ours is in flight".to_owned())),
    }
    head(&mut lines, "ways out");
    lines.extend(rollback::ways(view).into_iter().filter(|(_, text)| !text.is_empty()));
    lines.push((Role::Key, "H hold all · B roll back · T take the conn · L log · U update · X evidence".to_owned()));
    head(&mut lines, "people");
    people(view, &mut lines);
    head(&mut lines, "last decisions");
    let last = view.model.recent.iter().rev().take(LAST);
    lines.extend(last.map(|told| {
        let entry = &told.entry;
        let clock = entry.at.format("%H:%M:%SZ");
        let role = if entry.refusal.is_some() { Role::Warn } else { Role::Text };
        (role, format!("{clock} {:<6} #{} {}", entry.by.person, entry.seq, told.line()))
    }));
    ("incident".to_owned(), lines)
}

fn head(lines: &mut Lines, title: &str) {
    lines.extend([(Role::Text, String::new()), (Role::Title, title.to_owned())]);
}

/// Every place that is not well, worst first, and how many are.
fn wrong(view: &View<'_>, lines: &mut Lines) {
    lines.push((Role::Title, "what is wrong".to_owned()));
    let unwell: Vec<_> = view.model.places.iter().take_while(|p| p.level > Level::Pass).collect();
    for place in unwell.iter().take(12) {
        let told = health::told(view, &place.service, &place.environment);
        lines.extend(told.into_iter().take(1));
        let signals = health::told(view, &place.service, &place.environment);
        let bad = signals.into_iter().skip(1).filter(|(role, _)| !matches!(role, Role::Text | Role::Dim));
        lines.extend(bad.map(|(role, text)| (role, format!("  {text}"))));
    }
    let (bad, all) = (unwell.len(), view.model.places.len());
    lines.push((Role::Dim, format!("{bad} of {all} places are not well")));
}

fn of_run(view: &View<'_>, run: &Run, lines: &mut Lines) {
    let phase = match &run.phase {
        Phase::Live if run.takes_back() => "ROLLING BACK".to_owned(),
        Phase::Live => "LIVE".to_owned(),
        Phase::Parked(why) => format!("PARKED: {why}"),
        Phase::Completed(at) => format!("completed {}", at.format("%H:%MZ")),
        Phase::Aborted(at, why) => format!("aborted {}: {why}", at.format("%H:%MZ")),
    };
    head(lines, "release in flight");
    let driver = match (&run.conn, view.model.ledger.driver(run)) {
        _ if run.ended() => String::new(),
        (Some(conn), Some(_)) => format!(" · conn {}", conn.person),
        _ => " · UNATTENDED: T takes the conn".to_owned(),
    };
    lines.push((Role::Text, format!("run {} · {} · {phase}{driver}", run.id, run.plan.title)));
    for shown in view.steps(run) {
        let state = &shown.state.state;
        let (role, why) = match state {
            crate::engine::State::Failed(why) | crate::engine::State::Partly(_, _, why) => (Role::Fail, why.clone()),
            crate::engine::State::InDoubt(why) => (Role::Unknown, why.clone()),
            _ if state.active() => (Role::Running, String::new()),
            _ => continue,
        };
        let since = shown.state.started.map(|at| format!(" {}", Span::between(at, view.now))).unwrap_or_default();
        let (name, title, word) = (&shown.step.name, &shown.step.title, shown.word.text());
        lines.push((role, format!("step {name} {title}  {word}{since}  {why}")));
    }
    for (name, state) in &run.triggers {
        if let TriggerState::Tripped { at, .. } | TriggerState::Proposed { at, .. } = state {
            lines.push((Role::Alarm, format!("trigger {name} tripped {}", at.format("%H:%M:%SZ"))));
        }
    }
    lines.extend(run.symptom.iter().map(|text| (Role::Warn, format!("rolled back because: {text}"))));
    head(lines, "what changed, and what was there before");
    for (first, last, steps) in rollback::by_place(run) {
        let (from, to) = (first.from.as_deref().unwrap_or("?"), last.to.as_deref().unwrap_or("?"));
        let back = last.taken_back.map(|by| format!(" · taken back by run {by}")).unwrap_or_default();
        let place = format!("{} {}", last.service, last.environment);
        lines.push((Role::Text, format!("{place:<20} {to}, last good {from}  {steps}{back}")));
    }
    if run.changed.is_empty() {
        lines.push((Role::Dim, "this run has changed nothing yet".to_owned()));
    }
}

fn people(view: &View<'_>, lines: &mut Lines) {
    let workspace = &view.model.workspace;
    lines.extend(workspace.bridge.iter().map(|b| (Role::Accent, format!("bridge  {b}"))));
    for role in workspace.roles.values() {
        let may = if role.rollback { " (may decide a rollback)" } else { "" };
        let text = super::runbook::contacts(view, role.name.as_str());
        lines.push((Role::Text, format!("{text}{may}")));
    }
}
