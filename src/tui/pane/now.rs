//! *now*: the steps around what is happening, the watched numbers under each,
//! and a failed or doubtful step on top with its cause and ways out.
//!
//! What is hidden is counted with its worst state.

use super::failed;
use crate::domain::plan::{Question, Work};
use crate::domain::span::Span;
use crate::engine::run::State;
use crate::engine::show::{Shown, Word};
use crate::tui::action::{Action, Pane};
use crate::tui::glyphs::Glyph;
use crate::tui::hand::Id;
use crate::tui::theme::Role;
use crate::tui::view::{View, role_of};
use crate::tui::widget::paragraph::wrap;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, point, row as table_row};
use crate::tui::widget::text::{Align, margin, put, row, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The columns of a step, with this much room for whose it is.
const fn columns(owner: u16) -> [Column; 7] {
    [
        Column::words(1),
        Column::numbers(4),
        Column::rest(24),
        Column::words(owner).optional(2),
        Column::words(10),
        Column::numbers(13).optional(3),
        Column::numbers(6).optional(4),
    ]
}

/// The columns where there is little room, and where there is more.
const NARROW: u16 = 9;
const COLUMNS: [Column; 7] = columns(NARROW);
const WIDE: [Column; 7] = columns(16);

/// Before a note, and its label: `cause  exit 7`.
const NOTE: u16 = 7;
const LABEL: u16 = 7;

/// What stands under each step of the shown run, in the plan's order; worked out once a picture.
pub fn notes(view: &View<'_>) -> Vec<Vec<String>> {
    view.run().map(|run| view.steps(run).iter().map(|shown| second(view, shown)).collect()).unwrap_or_default()
}

/// How many rows it would like.
pub fn wanted(notes: &[Vec<String>]) -> u16 {
    let rows: usize = notes.iter().map(|lines| 1 + lines.len()).sum();
    u16::try_from(rows).unwrap_or(u16::MAX).max(2)
}

/// Draws the section, with the notes of its steps.
pub fn draw(view: &View<'_>, lines: &[Vec<String>], area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let Some(run) = view.run() else {
        rule(buf, area, &Rule::named("now"), theme);
        let start = format!("no run yet: {} starts one", view.ui.keys.of(Action::StartRun));
        let text = match (view.model.open, view.model.workspace.runbooks.len()) {
            (false, _) => view.model.opening.unwrap_or("opening the journal"),
            (_, 0) => "there are no runbooks yet; write one in runbooks/",
            _ => start.as_str(),
        };
        put(buf, row(area, 1), &format!(" {text}"), Align::Left, theme.style(Role::Dim), theme);
        if let Some(root) = view.watermark().and(view.model.workspace.root.to_str()).filter(|_| view.model.open) {
            let text = format!(" from another terminal: holdpoint -C {root} status");
            put(buf, row(area, 2), &text, Align::Left, theme.style(Role::Dim), theme);
        }
        return;
    };
    let steps = view.steps(run);
    let inside = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let selected = selected(view, &steps);
    // Each step may take a second line, so half the rows are steps at the least.
    let focus = selected.unwrap_or_else(|| first_open(&steps));
    let whole = in_whole(lines.get(focus), steps.get(focus), inside);
    let height = |n: usize| match (&whole, n == focus) {
        (Some(whole), true) => 1 + whole.len(),
        _ => 1 + lines.get(n).map_or(0, Vec::len),
    };
    let shown = fitting(steps.len(), height, inside.height, focus);
    let states: Vec<(u8, &str)> = steps.iter().map(|s| (weight(s.word), s.word.text())).collect();
    let mut right = run.tally();
    let win = crate::tui::widget::list::Window {
        first: shown.start,
        shown: shown.len(),
        above: shown.start,
        below: steps.len() - shown.end,
    };
    if let Some(hidden) = win.hidden(&states) {
        right.push_str(&format!(" · {hidden}"));
    }
    let focused = view.ui.focus == Pane::Bridge;
    rule(buf, area, &Rule { right: &right, focused, ..Rule::named("now") }, theme);
    let mut y = 0;
    for n in shown {
        let (Some(step), Some(more)) = (steps.get(n), lines.get(n)) else { continue };
        step_row(view, step, n == focus, row(inside, y), buf);
        view.mark(Id::Step(run.id, step.step.name.clone()), row(inside, y), n == focus);
        if n == focus {
            point(buf, row(inside, y), view.theme);
        }
        y += 1;
        let cut: Vec<(usize, &str)> = more.iter().map(String::as_str).enumerate().collect();
        let whole = whole.as_ref().filter(|_| n == focus);
        let whole = whole.map(|whole| whole.iter().map(|(nth, text)| (*nth, text.as_str())).collect());
        // Once is enough: the key opens all of them.
        let mut opens = n == focus;
        for (nth, text) in whole.unwrap_or(cut) {
            opens &= !second_row(view, text, note_role(step, nth), opens, row(inside, y), buf);
            y += 1;
        }
    }
}

/// A line under a step; what does not fit is one key away where that key opens this step, and
/// whether that was said.
fn second_row(view: &View<'_>, text: &str, role: Role, opens: bool, area: Rect, buf: &mut Buffer) -> bool {
    let (text, theme) = (format!("       {text}"), view.theme);
    let cut = opens && width(&text) > area.width;
    let hint = if cut { format!(" {}: all of it ", view.ui.keys.of(Action::Open)) } else { String::new() };
    let rest = put(buf, area, &hint, Align::Right, theme.style(Role::Key), theme);
    put(buf, rest, &text, Align::Left, theme.style(role), theme);
    cut
}

/// The selected step's position; the first open one when none is.
pub fn selected(view: &View<'_>, steps: &[Shown<'_>]) -> Option<usize> {
    let name = view.ui.step.as_ref()?;
    steps.iter().position(|s| s.step.name == *name)
}

/// Where the eyes belong while nobody points: at what has failed or is in doubt, at an open hold
/// point, at a step that a person is awaited for; else at the first step that has not ended.
pub fn first_open(steps: &[Shown<'_>]) -> usize {
    let trouble = |s: &Shown<'_>| matches!(s.word, Word::Failed | Word::Partly | Word::InDoubt);
    let asks = |s: &Shown<'_>| {
        matches!(s.step.work, Work::Ask(Question::Poll { .. } | Question::Release { .. }))
            && s.state.state == State::Running
    };
    let awaited = |s: &Shown<'_>| matches!(s.word, Word::Ready | Word::Waiting | Word::Approval);
    let open = |s: &Shown<'_>| !s.state.state.ended();
    let first = |of: &dyn Fn(&Shown<'_>) -> bool| steps.iter().position(|s| open(s) && of(s));
    let found = first(&trouble).or_else(|| first(&asks)).or_else(|| first(&awaited)).or_else(|| first(&|_| true));
    found.unwrap_or(steps.len().saturating_sub(1))
}

/// The notes of a step in trouble with nothing cut, each line with the note that it belongs to;
/// none where there is no room for that.
fn in_whole(notes: Option<&Vec<String>>, step: Option<&Shown<'_>>, area: Rect) -> Option<Vec<(usize, String)>> {
    let notes =
        notes.filter(|_| step.is_some_and(|s| matches!(s.word, Word::Failed | Word::Partly | Word::InDoubt)))?;
    let room = area.width.saturating_sub(NOTE + LABEL);
    let lines = notes.iter().enumerate().flat_map(|(nth, note)| {
        let (label, text) = note.split_at_checked(LABEL.into()).unwrap_or(("", note));
        let indented = move |(n, line): (usize, String)| {
            let label = if n == 0 { label } else { "" };
            (nth, format!("{label:<width$}{line}", width = usize::from(LABEL)))
        };
        wrap(text, room).into_iter().enumerate().map(indented)
    });
    let lines: Vec<_> = lines.collect();
    (lines.len() < usize::from(area.height)).then_some(lines)
}

/// The steps that fit around the one in focus, two before it where there is room.
fn fitting(total: usize, height: impl Fn(usize) -> usize, rows: u16, focus: usize) -> std::ops::Range<usize> {
    let rows = usize::from(rows);
    let (mut start, mut end, mut used) = (focus, (focus + 1).min(total), height(focus));
    let before = |start: &mut usize, used: &mut usize, least: usize| {
        while *start > least && *used + height(*start - 1) <= rows {
            *start -= 1;
            *used += height(*start);
        }
    };
    before(&mut start, &mut used, focus.saturating_sub(2));
    while end < total && used + height(end) <= rows {
        used += height(end);
        end += 1;
    }
    before(&mut start, &mut used, 0);
    start..end
}

/// One step in one line.
pub fn step_row(view: &View<'_>, shown: &Shown<'_>, selected: bool, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let role = role_of(shown);
    let sign = theme.glyphs.of(glyph(shown.word));
    let wide = area.width >= 88;
    let owner = who(shown);
    let owner = if wide { owner } else { initials(&owner, NARROW) };
    let late = role == Role::Late;
    let times = times(view, shown, late);
    let due =
        shown.due.filter(|_| !shown.state.state.ended()).map(|at| at.format("%H:%MZ").to_string()).unwrap_or_default();
    let plain = if shown.state.state.ended() || shown.word == Word::Pending { Role::Dim } else { Role::Text };
    let cells = [
        Cell { text: sign, role },
        Cell { text: shown.step.name.as_str(), role: plain },
        Cell { text: &shown.step.title, role: plain },
        Cell { text: &owner, role: Role::Dim },
        Cell { text: shown.word.text(), role },
        Cell { text: &times, role: if late { role } else { Role::Dim } },
        Cell { text: &due, role: if role == Role::Late { role } else { Role::Dim } },
    ];
    let whole = if selected { Role::Selected } else { Role::Text };
    let columns = if wide { &WIDE } else { &COLUMNS };
    table_row(buf, margin(area), columns, &cells, whole, theme);
}

/// Who does it: the one it was given to, who started it, else its role.
fn who(shown: &Shown<'_>) -> String {
    let person = shown.state.assigned.as_ref().or(shown.state.by.as_ref().filter(|_| shown.state.state.active()));
    let role = shown.step.owner.as_ref().map(ToString::to_string);
    person.map(ToString::to_string).or(role).unwrap_or_default()
}

/// A name of several parts that has no room, with all of them but the last as initials:
/// `release-manager` as `r-manager`, because the last part says what they do.
fn initials(name: &str, room: u16) -> String {
    match name.rsplit_once('-') {
        Some((before, last)) if width(name) > room => {
            let first = before.split('-').filter_map(|part| part.chars().next());
            first.flat_map(|c| [c, '-']).chain(last.chars()).collect()
        }
        _ => name.to_owned(),
    }
}

/// `3m12 / 5m00`: how long so far, of how long planned; `5m07 LATE` once it is.
fn times(view: &View<'_>, shown: &Shown<'_>, late: bool) -> String {
    let took = shown.state.started.map(|from| Span::between(from, shown.state.ended.unwrap_or(view.now)).to_string());
    let plan = shown.step.takes.map(|t| t.to_string());
    match (took, plan) {
        (took, _) if late => format!("{} LATE", took.unwrap_or_default()),
        (Some(took), Some(plan)) => format!("{took} / {plan}"),
        (Some(took), None) => took,
        (None, Some(plan)) => plan,
        (None, None) => String::new(),
    }
}

/// What stands under a step: its watched numbers, or why it does not go on.
pub fn second(view: &View<'_>, shown: &Shown<'_>) -> Vec<String> {
    let reasons = |max: usize| {
        let texts: Vec<_> = shown.verdict.reasons.iter().map(|reason| reason.told(view.now)).collect();
        let text = texts.join(" · ");
        (!text.is_empty()).then(|| format!("{} {}", crate::domain::text::shortened(&text, max), shown.verdict.level))
    };
    let key = |action| view.ui.keys.of(action);
    match (&shown.state.state, shown.word) {
        (State::Failed(_) | State::Partly(..), _) => {
            view.run().map(|run| failed::card(view, run, shown)).unwrap_or_default()
        }
        (State::InDoubt(why), _) => {
            let sent = shown.state.intent.and_then(|seq| view.model.ledger.sent.get(&seq));
            let probed = sent.and_then(|s| s.probed.clone()).map(|p| format!("probe {p}"));
            std::iter::once(format!("in doubt: {why}"))
                .chain(probed)
                .chain([format!("{} probe   {} resolve", key(Action::Probe), key(Action::Resolve))])
                .collect()
        }
        (_, Word::Running | Word::Verifying | Word::Held | Word::Approval) => {
            let last = shown.state.intent.and_then(|seq| view.model.output.get(&seq)).and_then(|l| l.back());
            reasons(150)
                .into_iter()
                .chain(last.filter(|_| shown.word == Word::Running).map(|l| l.to_string()))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The role of the n-th line under a step: of a failed one only the cause is loud.
pub fn note_role(shown: &Shown<'_>, n: usize) -> Role {
    match (shown.state.state.failed(), n) {
        (true, 0) => Role::Fail,
        (true, _) => Role::Text,
        (false, _) => verdict_role(shown),
    }
}

/// The role of a verdict's level.
fn verdict_role(shown: &Shown<'_>) -> Role {
    use crate::domain::verdict::Level;
    match shown.verdict.level {
        Level::Pass => Role::Dim,
        Level::Warn => Role::Warn,
        Level::Hold => Role::Held,
        Level::Unknown => Role::Unknown,
        Level::Fail => Role::Fail,
    }
}

/// The sign of a word.
pub fn glyph(word: Word) -> Glyph {
    match word {
        Word::Pending => Glyph::Pending,
        Word::Ready => Glyph::Ready,
        Word::Running | Word::Verifying => Glyph::Running,
        Word::Waiting | Word::Approval => Glyph::Attention,
        Word::Held => Glyph::Hold,
        Word::Done => Glyph::Done,
        Word::Skipped | Word::RolledBack => Glyph::Skipped,
        Word::Partly | Word::Failed => Glyph::Failed,
        Word::InDoubt => Glyph::Doubt,
    }
}

/// How heavy a word weighs among what is hidden.
pub fn weight(word: Word) -> u8 {
    match word {
        Word::Done | Word::Skipped | Word::RolledBack => 0,
        Word::Pending => 1,
        Word::Ready => 2,
        Word::Running | Word::Verifying => 3,
        Word::Waiting | Word::Approval => 4,
        Word::Held => 5,
        Word::Partly | Word::Failed => 6,
        Word::InDoubt => 7,
    }
}
