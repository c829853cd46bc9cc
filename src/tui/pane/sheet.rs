//! An open sheet: its title, its lines wrapped to the screen, and how much of
//! it is above and below.
//!
//! It draws over the body and scrolls by lines of the screen.

use super::{health, incident, runbook};
use crate::tui::action::Action;
use crate::tui::sheet::{Sheet, Subject};
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::list::window;
use crate::tui::widget::paragraph::wrap;
use crate::tui::widget::rule::{Rule, rule};
use crate::tui::widget::text::{Align, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The widest that a line of a sheet is; beyond it the eye loses the line.
const WIDEST: u16 = 150;

/// The longest label and its blanks.
const LONGEST_LABEL: usize = 16;

/// The title and lines of what a sheet is about, as of now.
pub fn lines(view: &View<'_>, subject: &Subject) -> (String, Vec<(Role, String)>) {
    match subject {
        Subject::Incident => incident::lines(view),
        Subject::Place(service, environment) => {
            (format!("{service} in {environment}"), health::told(view, service, environment))
        }
        Subject::Step(run, step) => {
            let title = format!("run {run} step {step}");
            let found = view.model.ledger.run(*run);
            let shown = found.into_iter().flat_map(|r| view.steps(r).into_iter().map(move |s| (r, s)));
            let Some((run, shown)) = shown.into_iter().find(|(_, s)| s.step.name == *step) else {
                return (title, vec![(Role::Warn, "that run is not the one that is shown any more".to_owned())]);
            };
            let head = (crate::tui::view::role_of(&shown), format!("{}  {}", shown.step.title, shown.word.text()));
            let facts = runbook::facts(view, run, &shown);
            let facts = facts.into_iter().flat_map(|(label, text)| {
                let lines: Vec<String> = text.lines().map(str::to_owned).collect();
                let label = move |n| if n == 0 { label } else { "" };
                lines.into_iter().enumerate().map(move |(n, l)| (Role::Text, format!("{:<9}{l}", label(n))))
            });
            let output = shown.state.intent.and_then(|seq| view.model.output.get(&seq));
            let output = output.into_iter().flatten().map(|l| (Role::Dim, l.to_string()));
            (title, std::iter::once(head).chain(facts).chain(output).collect())
        }
        Subject::Text(title, lines) => (title.clone(), lines.clone()),
    }
}

/// Draws a sheet over an area; the first line of its last page.
pub fn draw(view: &View<'_>, sheet: &Sheet, area: Rect, buf: &mut Buffer) -> usize {
    let theme = view.theme;
    let (title, lines) = lines(view, &sheet.subject);
    sheet.ids().for_each(|id| view.mark(id, area, true));
    let inside = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2).min(WIDEST),
        height: area.height.saturating_sub(1),
    };
    let wrapped: Vec<(Role, String)> = lines
        .into_iter()
        .flat_map(|(role, text)| hung(&text, inside.width).into_iter().map(move |l| (role, l)))
        .collect();
    let win = window(wrapped.len(), inside.height, None, sheet.top);
    let keys = format!("{} copies · esc closes", view.ui.keys.of(Action::Copy));
    let right = match win.above + win.below {
        0 => keys,
        _ => {
            format!("{} to {} of {} lines · {keys}", win.first + 1, win.first + win.shown, wrapped.len())
        }
    };
    rule(buf, area, &Rule { right: &right, focused: true, ..Rule::named(&title) }, theme);
    for (y, (role, text)) in wrapped.iter().skip(win.first).take(win.shown).enumerate() {
        let line = row(inside, u16::try_from(y).unwrap_or(u16::MAX));
        put(buf, line, text, Align::Left, theme.style(*role), theme);
    }
    wrapped.len() - win.shown
}

/// Wrapped lines, the further ones hung under the text that follows the label.
fn hung(text: &str, width: u16) -> Vec<String> {
    let lines = wrap(text, width);
    if lines.len() < 2 {
        return lines;
    }
    let hang = label(text).filter(|hang| u16::try_from(*hang + 8).is_ok_and(|least| least < width));
    let Some((head, body)) = hang.and_then(|hang| text.split_at_checked(hang)) else {
        let mut rest = wrap(text, width.saturating_sub(4).max(8)).into_iter();
        let first = rest.next();
        return first.into_iter().chain(rest.map(|line| format!("    {}", line.trim_start()))).collect();
    };
    let room = width.saturating_sub(u16::try_from(head.len()).unwrap_or(u16::MAX));
    let body = wrap(body, room).into_iter().enumerate();
    let blank = " ".repeat(head.len());
    body.map(|(n, line)| format!("{}{line}", if n == 0 { head } else { &blank })).collect()
}

/// Where the text begins behind a label of one word and two blanks or more, or behind blanks in its place.
fn label(text: &str) -> Option<usize> {
    let word = text.find(' ')?;
    let blanks = text.get(word..)?.chars().take_while(|c| *c == ' ').count();
    let named = text.get(..word).is_some_and(|word| word.is_ascii());
    (named && blanks >= 2 && word + blanks <= LONGEST_LABEL).then_some(word + blanks)
}
