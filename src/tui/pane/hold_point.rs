//! An open hold point or poll, in place of *now* and *waiting for*: what each
//! answer means, what it rests on, who has said what, and what is still missing.
//!
//! Every line is the engine's; what the engine does not know is not said.

mod answers;
mod votes;

use super::{now, waiting};
use crate::domain::span::Span;
use crate::engine::hold_point::{HoldPoint, hold_point};
use crate::engine::run::Run;
use crate::tui::action::{Action, Pane};
use crate::tui::glyphs::Glyph;
use crate::tui::hand::Id;
use crate::tui::keymap::Keymap;
use crate::tui::layout::beside;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::paragraph::wrap;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, row as table_row};
use crate::tui::widget::text::{Align, margin, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The columns of a label and what it says, with a verdict at the right.
const FACT: [Column; 3] = [Column::words(8), Column::rest(30), Column::numbers(7)];
/// How many lines a text may take where there is room.
const LINES: usize = 2;
/// So near its end it is time to call.
const SOON: Span = Span::mins(5);

/// A line of the card. What weighs least is given up first where there is no room.
struct Line {
    weight: u8,
    cells: Vec<(Role, String)>,
}

/// What is drawn, worked out once a picture.
pub struct Card {
    /// The run and the step that it is about, as keys act on them.
    about: [Id; 2],
    title: String,
    right: (Role, String),
    lines: Vec<Line>,
    votes: Vec<Column>,
    keys: String,
}

/// What a part of the card is made from.
struct Looked<'a> {
    view: &'a View<'a>,
    run: &'a Run,
    point: &'a HoldPoint<'a>,
    /// Whether there is room for names, contacts and second lines.
    roomy: bool,
    width: u16,
}

/// The card of the hold point that is in focus on the bridge; none when none is, or when
/// a tripped trigger needs the eyes.
pub fn card(view: &View<'_>, keymap: &Keymap, area: Rect) -> Option<Card> {
    if view.ui.pane != Pane::Bridge || view.ui.zoomed {
        return None;
    }
    let run = view.run()?;
    let steps = view.steps(run);
    let focus = now::selected(view, &steps).unwrap_or_else(|| now::first_open(&steps));
    let point = hold_point(&view.given(), run, steps.get(focus)?.step)?;
    let room = beside(area);
    let looked = Looked { view, run, point: &point, roomy: room.is_some(), width: room.unwrap_or(area.width) };
    let mut lines = answers::lines(&looked);
    lines.extend(answers::evidence(&looked));
    let (votes, rows) = votes::table(&looked);
    lines.extend(rows);
    if !looked.roomy {
        lines.extend(also(&looked));
    }
    lines.push(so_far(&point));
    let word = if point.poll { "POLL" } else { "HOLD" };
    let title = format!("{} {word} {}  {}", view.theme.glyphs.of(Glyph::Hold), point.step.name, point.step.title);
    let name = &point.step.name;
    let about = [Id::Step(run.id, name.clone()), Id::Ask(run.id, name.clone())];
    Some(Card { about, title, right: open(view, &point), lines, votes, keys: keys(&looked, keymap) })
}

impl Card {
    /// How many rows it would like, its rule included.
    pub fn wanted(&self) -> u16 {
        u16::try_from(self.lines.len() + 2).unwrap_or(u16::MAX)
    }

    /// Draws it. What there is no room for is counted on its rule.
    pub fn draw(&self, view: &View<'_>, area: Rect, focused: bool, buf: &mut Buffer) {
        let theme = view.theme;
        self.about.iter().for_each(|id| view.mark(id.clone(), row(area, 0), true));
        let room = usize::from(area.height.saturating_sub(2));
        let shown = fitting(&self.lines, room);
        let (role, mut right) = self.right.clone();
        if shown.len() < self.lines.len() {
            right = format!("{} hidden · {right}", self.lines.len() - shown.len());
        }
        rule(buf, area, &Rule { right: &right, role, focused, ..Rule::named(&self.title) }, theme);
        for (n, line) in shown.iter().enumerate() {
            let place = margin(row(area, u16::try_from(n + 1).unwrap_or(u16::MAX)));
            match line.cells.as_slice() {
                [(role, text)] => drop(put(buf, place, text, Align::Left, theme.style(*role), theme)),
                cells => {
                    let columns = FACT.get(..cells.len()).unwrap_or(&self.votes);
                    let cells: Vec<Cell<'_>> = cells.iter().map(|(role, text)| Cell { text, role: *role }).collect();
                    table_row(buf, place, columns, &cells, Role::Text, theme);
                }
            }
        }
        let last = row(area, u16::try_from(shown.len() + 1).unwrap_or(u16::MAX));
        put(buf, margin(last), &self.keys, Align::Left, theme.style(Role::Key), theme);
    }
}

/// The lines that fit; the lightest are given up, the last of them first.
fn fitting(lines: &[Line], room: usize) -> Vec<&Line> {
    let mut kept: Vec<&Line> = lines.iter().collect();
    while kept.len() > room {
        let lightest = kept.iter().map(|line| line.weight).min();
        match kept.iter().rposition(|line| Some(line.weight) == lightest) {
            Some(at) => drop(kept.remove(at)),
            None => break,
        }
    }
    kept
}

/// A label and its text, over as many lines as it may take, and a verdict at the right if there is one.
fn fact(
    looked: &Looked<'_>,
    weight: u8,
    (label, role, text): (&str, Role, &str),
    verdict: Option<(Role, &str)>,
) -> Vec<Line> {
    let beside = if verdict.is_some() { 11 + 8 } else { 11 };
    let texts = match looked.roomy {
        true => wrap(text, looked.width.saturating_sub(beside)),
        false => vec![text.to_owned()],
    };
    let cut = texts.len() > LINES;
    let line = |(n, text): (usize, String)| {
        let first = |role: Role, text: &str| (role, if n == 0 { text.to_owned() } else { String::new() });
        let text = if cut && n + 1 == LINES { format!("{text} …") } else { text };
        let verdict = verdict.map(|(role, word)| first(role, word));
        let cells = [first(Role::Dim, label), (role, text)].into_iter().chain(verdict).collect();
        Line { weight, cells }
    };
    texts.into_iter().take(LINES).enumerate().map(line).collect()
}

/// Since when it is open and by when it must be decided.
fn open(view: &View<'_>, point: &HoldPoint<'_>) -> (Role, String) {
    let open = point.opened.map(|at| format!("open {}", Span::between(at, view.now)));
    let (role, by) = match point.decide_by {
        None => (Role::Dim, None),
        Some(at) if at <= view.now => (Role::Late, Some(format!("LATE: decide by {}", at.format("%H:%MZ")))),
        Some(at) => {
            let near = Span::between(view.now, at) <= SOON;
            (if near { Role::Warn } else { Role::Dim }, Some(format!("decide by {}", at.format("%H:%MZ"))))
        }
    };
    (role, open.into_iter().chain(by).collect::<Vec<_>>().join(" · "))
}

/// What is missing for a go.
fn so_far(point: &HoldPoint<'_>) -> Line {
    let so_far = point.so_far();
    let (role, text) = match (so_far.go, point.poll) {
        (true, _) => (Role::Ok, "GO: every role says go".to_owned()),
        (false, true) => (Role::Held, format!("NO-GO so far: {}", so_far.missing.join(" · "))),
        (false, false) => (Role::Held, format!("HELD: {}", so_far.missing.join(" · "))),
    };
    Line { weight: 9, cells: vec![(role, text)] }
}

/// What else goes on or waits where the card stands alone.
fn also(looked: &Looked<'_>) -> Option<Line> {
    let (view, step) = (looked.view, &looked.point.step.name);
    let active =
        view.steps(looked.run).into_iter().filter(|shown| shown.step.name != *step && shown.state.state.active());
    let active = active.map(|shown| format!("{} {} {}", shown.step.name, shown.step.title, shown.word.text()));
    let urgent = waiting::urgent(view, (looked.run.id, step));
    let all: Vec<String> = urgent.into_iter().chain(active).collect();
    let (first, more) = all.split_first()?;
    let more = if more.is_empty() { String::new() } else { format!(" · and {} more", more.len()) };
    let cells = vec![(Role::Dim, "also".to_owned()), (Role::Warn, format!("{first}{more}"))];
    Some(Line { weight: 7, cells })
}

/// The keys that act here, as the keymap has them.
fn keys(looked: &Looked<'_>, keymap: &Keymap) -> String {
    let (view, point) = (looked.view, looked.point);
    let key = |action: Action| keymap.keys_of(action).next().map(ToString::to_string);
    let mine = votes::mine(view, point);
    let vote = match mine.as_slice() {
        [] => None,
        roles => Some((Action::Vote, format!("vote ({})", roles.join(", ")))),
    };
    let spoken = votes::spoken(view, point).then(|| (Action::SpokenVote, "record a spoken vote".to_owned()));
    let release = (Action::Release, "release".to_owned());
    let decide: Vec<_> = if point.poll { vote.into_iter().chain(spoken).collect() } else { vec![release] };
    let back = (!point.stands.is_empty()).then(|| (Action::RollBack, "roll back".to_owned()));
    let others = [(Action::Contacts, "call".to_owned()), (Action::ParkRun, "park".to_owned())];
    let all = decide.into_iter().chain(others).chain(back);
    let all: Vec<_> = all.filter_map(|(action, word)| Some(format!("{} {word}", key(action)?))).collect();
    all.join("  ")
}
