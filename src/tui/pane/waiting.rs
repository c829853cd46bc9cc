//! *waiting for*: whom and what, what blocks, and what closes soon.
//!
//! Holds and locks stand here too, because someone must lift them.

use crate::domain::span::Span;
use crate::engine::run::TriggerState;
use crate::engine::show;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::table::{Cell, Column, row as table_row};
use crate::tui::widget::text::{Align, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const COLUMNS: [Column; 4] = [Column::words(1), Column::words(10), Column::rest(30), Column::numbers(7).optional(1)];

/// One thing that is awaited.
struct Line {
    urgent: bool,
    kind: String,
    text: String,
    age: String,
}

/// How many rows it would like.
pub fn wanted(view: &View<'_>) -> u16 {
    u16::try_from(lines(view).len()).unwrap_or(u16::MAX).max(1)
}

/// Draws the section.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let lines = lines(view);
    let room = usize::from(area.height.saturating_sub(1));
    let right = match lines.len() {
        0 => String::new(),
        n if n > room => format!("{n}, {} hidden", n - room),
        n => n.to_string(),
    };
    rule(buf, area, &Rule { right: &right, ..Rule::named("waiting for") }, theme);
    if lines.is_empty() {
        put(buf, row(area, 1), " nobody", Align::Left, theme.style(Role::Dim), theme);
    }
    for (n, line) in lines.iter().take(room).enumerate() {
        let role = if line.urgent { Role::Warn } else { Role::Dim };
        let cells = [
            Cell { text: if line.urgent { "!" } else { " " }, role },
            Cell { text: &line.kind, role },
            Cell { text: &line.text, role: Role::Text },
            Cell { text: &line.age, role: Role::Dim },
        ];
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
        table_row(buf, row(area, u16::try_from(n + 1).unwrap_or(u16::MAX)), &COLUMNS, &cells, Role::Text, theme);
    }
}

fn lines(view: &View<'_>) -> Vec<Line> {
    let given = view.given();
    let mut lines = Vec::new();
    for run in view.model.ledger.runs.values().filter(|r| !r.ended()) {
        if view.model.ledger.driver(run).is_none() {
            let text = format!("run {}: nobody drives it; T takes the conn", run.id);
            lines.push(Line { urgent: true, kind: "conn".to_owned(), text, age: String::new() });
        }
        for (name, state) in &run.triggers {
            if let TriggerState::Proposed { at, why } = state {
                let text = format!("trigger {name} proposes a rollback: {why}");
                lines.push(Line { urgent: true, kind: "trigger".to_owned(), text, age: age(view, *at) });
            }
        }
        for waiting in show::waiting(&given, run) {
            let text = format!("{} {} · {}", waiting.step, waiting.title, waiting.why);
            let age = waiting.since.map(|at| age(view, at)).unwrap_or_default();
            lines.push(Line { urgent: true, kind: waiting.word.text().to_owned(), text, age });
        }
        for left in run.left_open() {
            let text = format!("{} ({}), closed by step {}", left.what, left.owner, left.closed_by);
            lines.push(Line { urgent: false, kind: "left open".to_owned(), text, age: String::new() });
        }
    }
    for hold in view.model.ledger.holds.values() {
        let kind = if hold.lock { "lock" } else { "hold" };
        let text = format!("{} on {} by {}: {}", hold.id, hold.scope, hold.by, hold.reason);
        lines.push(Line { urgent: !hold.lock, kind: kind.to_owned(), text, age: age(view, hold.since) });
    }
    lines.extend(edges(view));
    lines
}

/// The next freeze that begins, so that nobody runs into it.
fn edges(view: &View<'_>) -> Option<Line> {
    use crate::domain::calendar::EventKind;
    let freezes = view.model.workspace.calendar.events.iter().filter(|e| e.kind == EventKind::Freeze);
    let (from, event) = freezes.filter_map(|e| Some((e.next(view.now)?.0, e))).min_by_key(|(from, _)| *from)?;
    let text = format!("{} from {}; shuts fixing forward too", event.title, from.format("%a %H:%MZ"));
    Some(Line { urgent: false, kind: "freeze".to_owned(), text, age: format!("in {}", Span::between(view.now, from)) })
}

fn age(view: &View<'_>, since: crate::domain::Timestamp) -> String {
    Span::between(since, view.now).to_string()
}
