//! The incident screen: what is wrong, what changed, the release in flight, the
//! ways out and whom to call, for someone who was paged and knows nothing of it.
//!
//! It takes the whole screen, header included. It reads and decides nothing;
//! what its keys do is in `update::incident`.

mod changed;
mod flight;
mod out;
mod part;
mod people;
mod wrong;

use crate::domain::catalogue::Tier;
use crate::domain::span::Span;
use crate::domain::verdict::Level;
use crate::engine::ailing::{Ail, ailing};
use crate::engine::incident::{self, Incident};
use crate::tui::action::Action;
use crate::tui::pane::health;
use crate::tui::sheet::{Sheet, Subject};
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::text::{Align, put, row};
use part::{Part, Row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How many rows its header takes.
const HEADER: u16 = 2;
/// From this width on it has two columns.
const WIDE: u16 = 150;
/// With more rows than this to spare, health has them.
const ROOM: u16 = 8;
/// How many of the last decisions are told at most.
const LAST: usize = 200;

/// Its title and lines, as of now: for copying, and for small screens.
pub fn lines(view: &View<'_>) -> (String, Vec<(Role, String)>) {
    let bad = ailing(&view.given());
    let (first, second) = header(view, &bad);
    let mut lines = vec![first, (Role::Dim, second)];
    for part in parts(view, &bad) {
        lines.push((Role::Text, String::new()));
        lines.extend(part.lines());
    }
    ("incident".to_owned(), lines)
}

/// Whether a sheet is this screen, and there is room to draw it in its own form.
pub fn whole(sheet: &Sheet, area: Rect) -> bool {
    sheet.subject == Subject::Incident && area.width >= 80 && area.height >= 24
}

/// Draws the screen over everything from the top to the prompt, and its keys in place of the footer.
pub fn draw(view: &View<'_>, area: Rect, footer: Rect, buf: &mut Buffer) {
    let bad = ailing(&view.given());
    draw_header(view, &bad, area, buf);
    put(buf, footer, &format!(" {}", keys(view)), Align::Left, view.theme.style(Role::Key), view.theme);
    let body = Rect { y: area.y + HEADER, height: area.height.saturating_sub(HEADER), ..area };
    let mut all = parts(view, &bad);
    if body.width < WIDE {
        let tail = all.pop();
        column(view, &all, tail, body, buf);
        return;
    }
    let left = Rect { width: body.width * 58 / 100, ..body };
    let right = Rect { x: body.x + left.width + 1, width: body.width - left.width - 1, ..body };
    let tail = all.pop();
    let people = all.pop();
    let spare = column(view, &all, None, left, buf);
    if spare.height > ROOM {
        health::draw(view, spare, buf);
    }
    column(view, people.as_slice(), tail, right, buf);
}

fn parts(view: &View<'_>, bad: &[Ail<'_>]) -> Vec<Part> {
    vec![
        wrong::part(view, bad),
        changed::part(view),
        flight::part(view),
        out::part(view, bad),
        people::part(view, bad),
        decisions(view),
    ]
}

/// Draws parts below each other: each what it is promised, then what is left in
/// their order, and the tail takes the rest. Returns what nobody took.
fn column(view: &View<'_>, parts: &[Part], tail: Option<Part>, area: Rect, buf: &mut Buffer) -> Rect {
    let least = |part: &Part| u16::try_from(part.least.min(part.rows.len()) + 1).unwrap_or(u16::MAX);
    let mut left = area.height;
    let mut given: Vec<u16> = Vec::new();
    for part in parts {
        let rows = least(part).min(left);
        given.push(rows);
        left -= rows;
    }
    for (part, given) in parts.iter().zip(&mut given) {
        let more = part.wanted().saturating_sub(*given).min(left);
        *given += more;
        left -= more;
    }
    let mut y = area.y;
    for (part, rows) in parts.iter().zip(given) {
        part.draw(Rect { y, height: rows, ..area }, buf, view.theme);
        y += rows;
    }
    if let Some(tail) = tail.filter(|_| left > 2) {
        tail.draw(Rect { y, height: left, ..area }, buf, view.theme);
        left = 0;
    }
    Rect { y, height: left, ..area }
}

fn decisions(view: &View<'_>) -> Part {
    let last = view.model.recent.iter().rev().take(LAST);
    let rows = last.map(|told| {
        let (entry, clock) = (&told.entry, told.entry.at.format("%H:%M:%SZ"));
        let role = if entry.refusal.is_some() { Role::Warn } else { Role::Text };
        Row::text(role, format!("{clock} {:<6} #{} {}", entry.by.person, entry.seq, told.line()))
    });
    Part { title: "last decisions".to_owned(), rows: rows.collect(), ..Part::default() }
}

/// What is wrong in one line: what an incident would be called.
pub fn headline(bad: &[Ail<'_>]) -> Option<String> {
    let worst = bad.first()?;
    let unit = worst.signal.unit;
    let now = worst.now.map(|value| format!(" {}", unit.show(value))).unwrap_or_default();
    let normal = worst.normal.map(|value| format!(", normally {}", unit.show(value))).unwrap_or_default();
    Some(format!("{} {}: {}{now}{normal}", worst.signal.service, worst.environment, worst.signal.title))
}

/// The severity that one would propose: 2 where what the business stands on fails users, else 3.
pub fn severity(view: &View<'_>, bad: &[Ail<'_>]) -> u8 {
    let workspace = &view.model.workspace;
    let grave = bad.iter().any(|ail| {
        let tier = workspace.services.get(&ail.signal.service).map_or(9, |s| s.tier);
        let production = workspace.environments.get(ail.environment).is_some_and(|e| e.tier == Tier::Production);
        // What tripped a trigger and cannot be read is no better than what fails.
        matches!(ail.level, Level::Fail | Level::Unknown) && tier == 1 && production
    });
    if grave { 2 } else { 3 }
}

/// What is shown first: where, what, how bad, for how long, who leads.
fn header(view: &View<'_>, bad: &[Ail<'_>]) -> ((Role, String), String) {
    let place = bad.first().map(|ail| format!("{} ", ail.environment)).unwrap_or_default();
    let word = view.watermark().unwrap_or("PROD");
    let first = match (incident::current(&view.model.ledger), headline(bad)) {
        (Some(open), _) => {
            let age = Span::between(open.opened, view.now);
            let place = if open.title.contains(place.trim()) { "" } else { place.as_str() };
            (Role::Alarm, format!(" INCIDENT {word} {place}· SEV{} · {age} · {} ", open.severity, open.title))
        }
        (None, Some(text)) => (Role::Alarm, format!(" TROUBLE {word} · {text} · no incident is open ")),
        (None, None) => (Role::Title, format!(" INCIDENT {word} · nothing is bad that is measured ")),
    };
    let you = view.model.person.as_ref().map(|p| {
        let roles: Vec<_> = view.model.workspace.roles_of(p).map(|r| r.title.clone()).collect();
        if roles.is_empty() { format!("you {p}") } else { format!("you {p}, {}", roles.join(", ")) }
    });
    let armed = match view.ui.arming.left(view.uptime) {
        Some(left) => format!("ARMED {}", Span::secs(left.as_secs())),
        None => "READ-ONLY".to_owned(),
    };
    let armed = if view.model.replay.is_some() { "REPLAY".to_owned() } else { armed };
    (first, [Some(armed), you].into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

fn draw_header(view: &View<'_>, bad: &[Ail<'_>], area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    let ((role, text), second) = header(view, bad);
    let open = incident::current(&view.model.ledger);
    let lead = match &open {
        Some(Incident { lead: Some((who, _)), .. }) => (Role::Title, format!("lead {who} ")),
        Some(_) => (Role::Fail, "lead NOBODY ".to_owned()),
        None => (Role::Dim, String::new()),
    };
    let line = row(area, 0);
    buf.set_style(line, theme.style(Role::Title));
    let rest = put(buf, line, &lead.1, Align::Right, theme.style(lead.0), theme);
    put(buf, rest, &text, Align::Left, theme.style(role), theme);
    let clock = format!("{}  {} ", view.now.format("%H:%M:%SZ"), view.local());
    let rest = put(buf, row(area, 1), &clock, Align::Right, theme.style(Role::Text), theme);
    put(buf, rest, &format!(" {second}"), Align::Left, theme.style(Role::Dim), theme);
}

/// The keys of the screen; the first does what comes next.
fn keys(view: &View<'_>) -> String {
    let next = match incident::current(&view.model.ledger) {
        None => "open",
        Some(Incident { lead: None, .. }) => "lead",
        Some(Incident { lead: Some((who, _)), .. }) if Some(&who) == view.model.person.as_ref() => "close",
        Some(_) => "lead",
    };
    let all = [
        (Action::Incident, next),
        (Action::TakeConn, "conn"),
        (Action::HoldAll, "hold all"),
        (Action::RollBack, "roll back"),
        (Action::Contacts, "call"),
        (Action::Update, "update"),
        (Action::Log, "log"),
        (Action::Evidence, "evidence"),
    ];
    all.map(|(action, word)| format!("{} {word}", view.ui.keys.of(action))).join("  ")
}
