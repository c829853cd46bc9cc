//! An open dialog, as SCREENS draws it: frame, facts, fields, buttons.
//!
//! It draws what the dialog holds and decides nothing.

use super::field::{field, field_lines, field_text, folded};
use super::frame::{Kind, frame};
use super::paragraph::wrap;
use super::text::{Align, put, row, width};
use crate::report::foreseen::{self, Weight};
use crate::tui::dialog::{Consenting, Dialog, Focus, LONGEST_REASON, Reason};
use crate::tui::glyphs::Glyph;
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

const LABEL: u16 = 7;

/// The size a dialog would like on a screen of this width.
pub fn size(dialog: &Dialog, screen: u16) -> (u16, u16) {
    let inside = screen.min(80).saturating_sub(4);
    let rows = facts(dialog, inside).len() + dialog.card().sends.room();
    let fields = match dialog {
        Dialog::Blocked(_) => 1,
        Dialog::Consent(asked) => usize::from(asked_rows(asked, inside)),
    };
    (screen.min(80), u16::try_from(rows + fields + 4).unwrap_or(u16::MAX))
}

/// Draws a dialog and returns where the cursor stands. Facts give way before
/// fields and buttons, and say how many lines are missing.
pub fn card(buf: &mut Buffer, area: Rect, dialog: &Dialog, kind: Kind, theme: &Theme) -> Option<Position> {
    let shown = dialog.card();
    let kind = if shown.production { Kind::Production } else { kind };
    let inside = frame(buf, area, &shown.place, kind, theme);
    if inside.is_empty() {
        return None;
    }
    let rest = put(buf, inside, &shown.tag, Align::Right, theme.style(Role::Dim), theme);
    put(buf, rest, &shown.title, Align::Left, theme.style(Role::Title), theme);
    if let Some(head) = foreseen::headline(&shown.sends.each) {
        let mut rest = row(inside, 1);
        if let Some(at) = foreseen::oldest(&shown.sends.each) {
            let at = at.format(" at %H:%M:%SZ").to_string();
            rest = put(buf, rest, &at, Align::Right, theme.style(Role::Dim), theme);
        }
        put(buf, rest, &head.text, Align::Left, theme.style(role(head.weight)), theme);
    }
    let below = match dialog {
        Dialog::Blocked(_) => 1,
        Dialog::Consent(asked) => asked_rows(asked, inside.width),
    };
    let room = inside.height.saturating_sub(2 + below);
    let place = Rect { y: inside.y + 2.min(inside.height), height: room, ..inside };
    let mut lines = facts(dialog, inside.width);
    lines.extend(said(dialog, inside.width));
    draw_facts(buf, place, &lines, shown.page, theme);
    let below = below.min(inside.height);
    let below = Rect { y: inside.y + inside.height - below, height: below, ..inside };
    match dialog {
        Dialog::Blocked(_) => {
            put(buf, below, "Enter closes", Align::Right, theme.style(Role::Key), theme);
            None
        }
        Dialog::Consent(asked) => fields(buf, below, asked, theme),
    }
}

fn asked_rows(asked: &Consenting, inside: u16) -> u16 {
    2 + asked.reason.as_ref().map_or(0, |reason| reason_rows(reason, inside)) + u16::from(asked.expected.is_some())
}

/// How many rows its field has in a dialog so wide: a reason as many as lines, up to five; a text
/// as many as it takes, up to ten.
fn reason_rows(reason: &Reason, inside: u16) -> u16 {
    let text = reason.input.value();
    let (rows, most) = match holds_text(reason) {
        true => (folded(text, inside.saturating_sub(LABEL)).len(), 10),
        false => (text.split('\n').count(), 5),
    };
    u16::try_from(rows).unwrap_or(u16::MAX).clamp(1, most)
}

fn holds_text(reason: &Reason) -> bool {
    reason.most > LONGEST_REASON
}

/// A line of the facts.
struct Fact {
    label: String,
    text: String,
    role: Role,
}

/// What was frozen when the dialog opened.
fn facts(dialog: &Dialog, inside: u16) -> Vec<Fact> {
    let rows = &dialog.card().rows;
    rows.iter().flat_map(|(label, text)| wrapped(label, text, Role::Text, inside)).collect()
}

/// What backends say of what it would send; below what was there, which so stays where it is. What has no
/// room turns pages.
fn said(dialog: &Dialog, inside: u16) -> Vec<Fact> {
    let lines = foreseen::lines(&dialog.card().sends.each);
    lines.iter().flat_map(|line| wrapped(line.label, &line.text, role(line.weight), inside)).collect()
}

fn role(weight: Weight) -> Role {
    match weight {
        Weight::Refused => Role::Fail,
        Weight::Heed => Role::Warn,
        Weight::Unknown => Role::Unknown,
        Weight::Plain => Role::Text,
        Weight::Awaited => Role::Dim,
    }
}

/// A label and a text, wrapped; a wrapped line has no label of its own.
fn wrapped(label: &str, text: &str, role: Role, inside: u16) -> Vec<Fact> {
    let label = |n| if n == 0 { label.to_owned() } else { String::new() };
    let lines = wrap(text, inside.saturating_sub(LABEL)).into_iter().enumerate();
    lines.map(|(n, text)| Fact { label: label(n), text, role }).collect()
}

/// The lines of a page of the facts; all of them where there is room.
fn draw_facts(buf: &mut Buffer, area: Rect, facts: &[Fact], page: i32, theme: &Theme) {
    let rows = usize::from(area.height);
    if facts.len() <= rows {
        return draw_page(buf, area, facts, theme);
    }
    if rows == 0 {
        return;
    }
    if rows == 1 {
        let more = format!("{} lines: a larger screen shows them", facts.len());
        put(buf, row(area, 0), &more, Align::Left, theme.style(Role::Warn), theme);
        return;
    }
    let kept = rows - 1;
    let pages = i32::try_from(facts.len().div_ceil(kept)).unwrap_or(i32::MAX);
    let first = usize::try_from(page.rem_euclid(pages)).unwrap_or(0) * kept;
    let shown = facts.get(first..).unwrap_or_default();
    let shown = shown.get(..kept).unwrap_or(shown);
    draw_page(buf, area, shown, theme);
    let more = format!("lines {} to {} of {}: pagedown turns", first + 1, first + shown.len(), facts.len());
    put(buf, row(area, area.height - 1), &more, Align::Left, theme.style(Role::Warn), theme);
}

fn draw_page(buf: &mut Buffer, area: Rect, facts: &[Fact], theme: &Theme) {
    for (n, fact) in (0..area.height).zip(facts) {
        labelled(buf, row(area, n), &fact.label, &fact.text, fact.role, theme);
    }
}

fn labelled(buf: &mut Buffer, line: Rect, label: &str, text: &str, role: Role, theme: &Theme) {
    put(buf, Rect { width: LABEL.min(line.width), ..line }, label, Align::Left, theme.style(Role::Dim), theme);
    put(buf, after_label(line), text, Align::Left, theme.style(role), theme);
}

fn after_label(line: Rect) -> Rect {
    let used = LABEL.min(line.width);
    Rect { x: line.x + used, width: line.width - used, ..line }
}

fn fields(buf: &mut Buffer, area: Rect, asked: &Consenting, theme: &Theme) -> Option<Position> {
    let mut cursor = None;
    let mut n = 0;
    let (text, role) = match &asked.note {
        Some(note) => (note.as_ref(), Role::Warn),
        None => (how(asked), Role::Dim),
    };
    put(buf, row(area, n), text, Align::Left, theme.style(role), theme);
    n += 1;
    if let Some(reason) = &asked.reason {
        labelled(buf, row(area, n), reason.what.label(), "", Role::Text, theme);
        hand(buf, row(area, n), asked.focus == Focus::Reason, theme);
        let rows = reason_rows(reason, area.width);
        let mut place = after_label(row(area, n));
        if place.width >= 50 && !holds_text(reason) {
            let word = if reason.needed { " required" } else { " optional" };
            put(buf, place, word, Align::Right, theme.style(Role::Dim), theme);
            place.width -= width(word);
        }
        let place = Rect { height: rows.min(area.height.saturating_sub(n)), ..place };
        let draw = if holds_text(reason) { field_text } else { field_lines };
        let at = draw(buf, place, &reason.input, theme);
        cursor = cursor.or(at.filter(|_| asked.focus == Focus::Reason));
        n += rows;
    }
    if let Some(expected) = &asked.expected {
        let line = row(area, n);
        labelled(buf, line, "type", &expected.to_string(), Role::Accent, theme);
        hand(buf, line, asked.focus == Focus::Challenge, theme);
        let used = (LABEL + width(&expected.to_string()) + 2).max(line.width / 2).min(line.width);
        let at = field(buf, Rect { x: line.x + used, width: line.width - used, ..line }, &asked.typed, theme);
        cursor = cursor.or(at.filter(|_| asked.focus == Focus::Challenge));
        n += 1;
    }
    buttons(buf, row(area, n), asked, theme);
    cursor
}

/// How the challenge is answered, and what its code is for; nothing where there is none.
fn how(asked: &Consenting) -> &'static str {
    match asked.expected.as_ref().map(|expected| expected.code.is_some()) {
        Some(true) => "typed, never pasted; the code is fresh, so that no habit starts it",
        Some(false) => "typed, never pasted",
        None => "",
    }
}

/// Marks the field that has the hand, on the blank cell before its label.
fn hand(buf: &mut Buffer, line: Rect, on: bool, theme: &Theme) {
    if on && line.x > 0 {
        let sign = Rect { x: line.x - 1, width: 1, ..line };
        put(buf, sign, theme.glyphs.of(Glyph::Cursor), Align::Left, theme.style(Role::Accent), theme);
    }
}

/// What Enter does now.
fn enter(asked: &Consenting) -> String {
    match asked.focus {
        Focus::Cancel => "Enter leaves".to_owned(),
        Focus::Reason if asked.goes_on() => "Enter goes on · Esc leaves".to_owned(),
        _ => format!("Enter: {} · Esc leaves", asked.card.accept),
    }
}

fn buttons(buf: &mut Buffer, line: Rect, asked: &Consenting, theme: &Theme) {
    let mut rest = line;
    for (word, focus) in [(asked.card.accept.as_str(), Focus::Accept), ("Cancel", Focus::Cancel)] {
        let on = asked.focus == focus;
        let sign = if on { theme.glyphs.of(Glyph::Cursor) } else { " " };
        let role = if on { Role::Selected } else { Role::Text };
        rest = put(buf, rest, &format!(" {sign} {word} "), Align::Right, theme.style(role), theme);
        rest.width = rest.width.saturating_sub(2);
    }
    let enter = enter(asked);
    if width(&enter) < rest.width {
        put(buf, rest, &enter, Align::Left, theme.style(Role::Dim), theme);
    }
}
