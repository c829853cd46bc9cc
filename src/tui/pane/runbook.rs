//! The runbook: every step in order, and the selected one in full.
//!
//! What a dialog would do is readable here first: the command line, the checks
//! with their live values, the contacts.

use super::ahead;
use super::gantt;
use super::now::{first_open, step_row, weight};
use crate::domain::plan::{Need, Question, Step, Work};
use crate::engine::Run;
use crate::engine::run::State;
use crate::engine::show::Shown;
use crate::tui::action::Pane;
use crate::tui::hand::Id;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::gutter::gutter;
use crate::tui::widget::list::window;
use crate::tui::widget::paragraph::paragraph;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, row as table_row};
use crate::tui::widget::text::{Align, margin, put, row, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The columns of a step that is only planned.
const PLANNED: [Column; 4] =
    [Column::numbers(4), Column::rest(24), Column::words(16).optional(2), Column::numbers(6).optional(1)];

/// The most columns of the gutter where the list is narrow.
const GUTTER: usize = 3;

/// Draws the pane: list left and details right where it is wide, else below each other.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let Some(run) = view.run() else {
        rule(buf, area, &Rule::named("runbook"), view.theme);
        list_runbooks(view, area, buf);
        return;
    };
    let all = view.steps(run);
    let steps: Vec<&Shown<'_>> = kept(view, &all).into_iter().filter_map(|n| all.get(n)).collect();
    let name = highlighted(view, &all).and_then(|n| all.get(n)).map(|s| &s.step.name);
    let at = steps.iter().position(|s| Some(&s.step.name) == name);
    let left = area.width * 58 / 100;
    // Beside each other only where the list has the room that its titles and the chart need.
    let (list, detail) = if left >= gantt::LEAST {
        (Rect { width: left, ..area }, Rect { x: area.x + left + 1, width: area.width - left - 1, ..area })
    } else {
        let top = area.height.saturating_sub((area.height / 2).clamp(6, 16));
        (Rect { height: top, ..area }, Rect { y: area.y + top, height: area.height - top, ..area })
    };
    if list.width >= gantt::LEAST && view.filter(Pane::Runbook).is_empty() {
        if let Some(chart) = gantt::chart(view) {
            gantt::draw(view, &chart, true, list, buf);
        }
        if let Some(step) = at.and_then(|at| steps.get(at)) {
            details(view, run, step, detail, buf);
        }
        return;
    }
    let rows = Rect { y: list.y + 1, height: list.height.saturating_sub(1), ..list };
    let win = window(steps.len(), rows.height, at, at.unwrap_or(0).saturating_sub(usize::from(rows.height) / 2));
    let states: Vec<(u8, &str)> = steps.iter().map(|s| (weight(s.word), s.word.text())).collect();
    let hidden = win.hidden(&states).map(|h| format!(" · {h}")).unwrap_or_default();
    let out = all.len() - steps.len();
    let filtered = view.chip(Pane::Runbook, out);
    let back = ahead::counted(view).map(|said| format!(" · {said}")).unwrap_or_default();
    let right = format!("{}{back}{hidden}{filtered}", run.tally());
    rule(buf, list, &Rule { right: &right, focused: true, ..Rule::named("runbook") }, view.theme);
    let gutters = gutter(&gantt::needs(&steps), GUTTER).unwrap_or_default();
    let tree = gutters.iter().map(|g| width(g)).max().map_or(0, |w| w + 1);
    for (y, n) in win.range().enumerate() {
        let line = row(rows, u16::try_from(y).unwrap_or(u16::MAX));
        if let Some(text) = gutters.get(n) {
            put(buf, margin(line), text, Align::Left, view.theme.style(Role::Border), view.theme);
        }
        let line = Rect { x: line.x + tree, width: line.width.saturating_sub(tree), ..line };
        if let Some(step) = steps.get(n) {
            step_row(view, step, Some(n) == at, line, buf);
            ahead::mark(view, &step.step.name, line, buf);
            view.mark(Id::Step(run.id, step.step.name.clone()), line, Some(n) == at);
        }
    }
    if let Some(step) = at.and_then(|at| steps.get(at)) {
        details(view, run, step, detail, buf);
    }
}

/// The positions of the steps that the filter keeps.
pub fn kept(view: &View<'_>, steps: &[Shown<'_>]) -> Vec<usize> {
    let filter = view.filter(Pane::Runbook);
    let keeps = |shown: &Shown<'_>| {
        let owner = shown.state.assigned.as_ref().map(ToString::to_string);
        let owner = owner.or_else(|| shown.step.owner.as_ref().map(ToString::to_string)).unwrap_or_default();
        let step = [shown.step.name.as_str(), &shown.step.title];
        filter.keeps(&[("step", step[0]), ("title", step[1]), ("owner", &owner), ("state", shown.word.text())])
    };
    steps.iter().enumerate().filter(|(_, shown)| filter.is_empty() || keeps(shown)).map(|(n, _)| n).collect()
}

/// The position of the highlighted step: the selected one unless the filter hides it; without a
/// selection the first that is shown and has not ended.
pub fn highlighted(view: &View<'_>, steps: &[Shown<'_>]) -> Option<usize> {
    let at = selected(view, steps)?;
    if view.ui.pane != Pane::Runbook {
        return Some(at);
    }
    let kept = kept(view, steps);
    match view.ui.step {
        _ if kept.contains(&at) => Some(at),
        Some(_) => None,
        None => kept.iter().find(|n| **n >= at).or(kept.first()).copied(),
    }
}

/// The position of the selected step, else of the first that has not ended.
pub fn selected(view: &View<'_>, steps: &[Shown<'_>]) -> Option<usize> {
    let named = view.ui.step.as_ref().and_then(|name| steps.iter().position(|s| s.step.name == *name));
    named.or_else(|| (!steps.is_empty()).then(|| first_open(steps)))
}

/// The step in focus in full, for the bridge where it has room.
pub fn in_full(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let Some(run) = view.run() else { return planned(view, area, buf) };
    let steps = view.steps(run);
    if let Some(shown) = selected(view, &steps).and_then(|n| steps.get(n)) {
        details(view, run, shown, area, buf);
    }
}

/// The steps of the runbooks, where no run has begun.
fn planned(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let mut rest = area;
    for plan in view.model.workspace.runbooks.values() {
        let right = format!("{} steps", plan.steps.len());
        rule(buf, rest, &Rule { right: &right, ..Rule::named(&plan.title) }, view.theme);
        let room = usize::from(rest.height.saturating_sub(1));
        for (n, step) in plan.steps.iter().take(room).enumerate() {
            let line = margin(row(rest, u16::try_from(n + 1).unwrap_or(u16::MAX)));
            let takes = step.takes.map(|t| t.to_string()).unwrap_or_default();
            let owner = step.owner.as_ref().map(ToString::to_string).unwrap_or_default();
            let cells = [
                Cell { text: step.name.as_str(), role: Role::Dim },
                Cell { text: &step.title, role: Role::Text },
                Cell { text: &owner, role: Role::Dim },
                Cell { text: &takes, role: Role::Dim },
            ];
            table_row(buf, line, &PLANNED, &cells, Role::Text, view.theme);
        }
        let used = u16::try_from(plan.steps.len() + 2).unwrap_or(u16::MAX).min(rest.height);
        rest = Rect { y: rest.y + used, height: rest.height - used, ..rest };
        if rest.height < 3 {
            return;
        }
    }
}

fn list_runbooks(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    for (n, plan) in view.model.workspace.runbooks.values().enumerate() {
        let text = format!(" {}  {} · {} steps", plan.runbook, plan.title, plan.steps.len());
        let line = row(area, u16::try_from(n + 1).unwrap_or(u16::MAX));
        put(buf, line, &text, Align::Left, view.theme.style(Role::Text), view.theme);
    }
    let used = u16::try_from(view.model.workspace.runbooks.len() + 2).unwrap_or(u16::MAX).min(area.height);
    planned(view, Rect { y: area.y + used, height: area.height - used, ..area }, buf);
}

fn details(view: &View<'_>, run: &Run, shown: &Shown<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let title = format!("step {} · {}", shown.step.name, shown.step.title);
    rule(
        buf,
        area,
        &Rule { right: shown.word.text(), role: crate::tui::view::role_of(shown), ..Rule::named(&title) },
        theme,
    );
    let mut inside = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
    };
    for (label, text) in facts(view, run, shown) {
        if inside.height == 0 {
            return;
        }
        put(buf, Rect { width: 9, ..inside }, label, Align::Left, theme.style(Role::Dim), theme);
        let room = Rect { x: inside.x + 10, width: inside.width.saturating_sub(10), ..inside };
        let used = paragraph(buf, room, &text, theme.style(Role::Text), theme).max(1).min(inside.height);
        inside = Rect { y: inside.y + used, height: inside.height - used, ..inside };
    }
    let output = shown.state.intent.and_then(|seq| view.model.output.get(&seq));
    if let (Some(lines), true) = (output, inside.height > 1) {
        rule(buf, inside, &Rule::named("output"), theme);
        let rows = usize::from(inside.height - 1);
        for (n, line) in lines.iter().skip(lines.len().saturating_sub(rows)).enumerate() {
            let at = row(inside, u16::try_from(n + 1).unwrap_or(u16::MAX));
            put(buf, at, line, Align::Left, theme.style(Role::Dim), theme);
        }
    }
}

/// What is to be known of a step, label and text.
pub fn facts(view: &View<'_>, run: &Run, shown: &Shown<'_>) -> Vec<(&'static str, String)> {
    let step = shown.step;
    let reasons = shown
        .verdict
        .reasons
        .iter()
        .map(|r| format!("{} {}", shown.verdict.level, r.told(view.now)))
        .collect::<Vec<_>>();
    let needs = step.needs.iter().map(|need| match need {
        Need::Step(name) => name.to_string(),
        Need::Other(runbook, name) => format!("{runbook}:{name}"),
    });
    let people = step.owner.iter().chain(&step.backup).map(|role| contacts(view, role.as_str()));
    let again = shown.state.attempt > 1;
    let history = if again { format!("attempt {}", shown.state.attempt) } else { String::new() };
    let trouble = match &shown.state.state {
        State::InDoubt(why) | State::Failed(why) => why.clone(),
        State::Partly(done, of, why) => format!("done to {done} of {of}: {why}"),
        _ => String::new(),
    };
    let ended =
        shown.state.ended.map(|at| format!("{} {}", at.format("%H:%M:%SZ"), shown.state.note)).unwrap_or_default();
    let all = [
        ("trouble", trouble),
        ("runs", does(step)),
        ("do", step.instructions.clone()),
        ("expect", step.expect.clone()),
        ("judged", reasons.join("\n")),
        ("votes", votes(view, run, step)),
        ("needs", needs.collect::<Vec<_>>().join(", ")),
        ("people", people.collect::<Vec<_>>().join("\n")),
        ("back", view.model.derived.ahead.get(&step.name).map(|line| line.text.clone()).unwrap_or_default()),
        ("undo", step.undo.clone()),
        ("ended", ended),
        ("history", history),
    ];
    all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// What the step does, as it will be sent.
fn does(step: &Step) -> String {
    match &step.work {
        Work::Do(op) => format!("{} · {op} · at most {}", op.backend, op.limit),
        Work::Watch { limit, .. } => limit.map_or_else(|| "watches".to_owned(), |l| format!("watches, at most {l}")),
        Work::Ask(Question::Done) => "a person does it".to_owned(),
        Work::Ask(Question::Announce { text, audience }) => format!("to {audience}: {text}"),
        Work::Ask(Question::Choice { branches }) => format!("choose {}", branches.join(" or ")),
        Work::Ask(Question::Release { roles, .. }) => {
            format!("released by {}", roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "))
        }
        Work::Ask(Question::Approval(slots)) => {
            slots.iter().map(|s| format!("{} of {}", s.need, s.role)).collect::<Vec<_>>().join(", ")
        }
        Work::Ask(Question::Poll { closes, .. }) => format!("poll, open for {closes}; silence then is NO-GO"),
        Work::Mark => "done when everything before it is".to_owned(),
    }
}

/// How each role of a poll stands.
fn votes(view: &View<'_>, run: &Run, step: &Step) -> String {
    use crate::engine::people::{Ballot, poll};
    let given = view.given();
    let Some(standing) = poll(&given, run, step) else { return String::new() };
    let lines = standing.ballots.iter().map(|(role, cast, ballot)| {
        let word = match ballot {
            Ballot::Go => "GO",
            Ballot::NoGo => "NO-GO",
            Ballot::GoIf(_) => "GO-IF",
            Ballot::Stale => "STALE",
            Ballot::Silent => "-",
        };
        let who = cast.map(|c| format!("{} {}", c.person, c.at.format("%H:%MZ"))).unwrap_or_default();
        let on = if let Ballot::GoIf(condition) = ballot { format!(": if {condition}") } else { String::new() };
        format!("{role:<12} {word:<6} {who}{on}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A role with the people who fill it and how to reach them.
pub fn contacts(view: &View<'_>, role: &str) -> String {
    let workspace = &view.model.workspace;
    let Some(role) = workspace.roles.get(role) else { return role.to_owned() };
    let people = role.people.iter().filter_map(|p| workspace.people.get(p)).map(|p| {
        let reach = p.contacts.first().map(|c| format!(" {c}")).unwrap_or_default();
        format!("{}{reach}", p.title)
    });
    format!("{}: {}", role.title, people.collect::<Vec<_>>().join(", "))
}
