//! One picture: every part in its rectangle, dialog and help on top.
//!
//! Pure: the same view draws the same cells. It returns what only drawing finds
//! out: where the cursor stands, and how far an open sheet can be scrolled.

use super::action::{Action, Pane};
use super::coach;
use super::hand::{self, Id, Shown};
use super::keymap::sequence::{Sequence, words};
use super::keymap::{Found, Keymap};
use super::layout::{Demand, Layout, Shape, layout};
use super::pane::{
    approvals, calendar, gantt, header, health, help, hold_point, incident, journal, menu, note, now, palette, past,
    rollback, runbook, sheet, themes, trigger, waiting,
};
use super::press::places;
use super::stray;
use super::terminal::Key;
use super::theme::Role;
use super::ui::PromptKind;
use super::view::View;
use super::widget::card;
use super::widget::field::field;
use super::widget::frame::Kind;
use super::widget::text::{Align, put, row, width};
use crate::runtime::input::Trouble;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

/// What drawing finds out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Where the cursor stands, if it is shown.
    pub cursor: Option<Position>,
    /// The first line of an open sheet's last page.
    pub furthest: Option<usize>,
    /// How many answers of an open menu had room.
    pub answers: Option<usize>,
    /// What can be pointed at or acted on, and what of it is highlighted.
    pub shown: Shown,
}

/// Draws everything.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) -> Drawn {
    let keymap: &Keymap = &view.ui.keys;
    drop(view.marks.take());
    let base = view.theme.style(Role::Text);
    for cell in &mut buf.content {
        cell.set_style(base);
    }
    let tripped = trigger::banner(view);
    let banner = tripped.as_ref().map_or(0, |lines| u16::try_from(lines.len()).unwrap_or(u16::MAX));
    let point = if banner == 0 { hold_point::card(view, keymap, area) } else { None };
    let asked = view.ui.asked.as_ref().map(|a| card::size(&a.dialog, area.width));
    let shape = layout(area, &Demand { pane: view.ui.pane, zoomed: view.ui.zoomed, ..Demand::default() }).shape;
    let runbook = Steps::of(view, shape);
    let coach = coach::line(view, keymap);
    let coached = coach.as_deref().filter(|hint| coached(view, hint, area));
    let wish = Demand {
        pane: view.ui.pane,
        zoomed: view.ui.zoomed,
        note: note::line(view, area.width).is_some(),
        banner,
        card: point.as_ref().map_or(0, hold_point::Card::wanted),
        now: runbook.wanted(),
        prompt: view.ui.prompt.is_some()
            || view.ui.menu.is_some()
            || !view.ui.caption.is_empty()
            || !view.ui.messages.is_empty()
            || trouble(view).is_some()
            || !view.ui.pending.keys(view.uptime).is_empty()
            || view.model.replay.is_some()
            || coached.is_some(),
        dialog: asked,
        ..wishes(view, shape, point.is_some())
    };
    let parts = layout(area, &wish);
    if parts.shape != Shape::Line {
        hand::others(view).into_iter().for_each(|id| view.mark(id, parts.header, true));
    }
    let furthest = match &view.ui.sheet {
        Some(sheet) if incident::whole(sheet, area) => {
            let end = if parts.prompt.is_empty() { parts.footer.y } else { parts.prompt.y };
            sheet.ids().for_each(|id| view.mark(id, area, true));
            // It covers the header, and nothing that has to be said on every screen.
            let top = note::draw(view, Rect { height: parts.note.height, ..area }, buf);
            incident::draw(view, Rect { y: area.y + top, height: end - area.y - top, ..area }, parts.footer, buf);
            Some(0)
        }
        open => {
            header::draw(view, parts.header, buf);
            note::draw(view, parts.note, buf);
            if let Some(lines) = &tripped {
                trigger::draw(view, lines, parts.banner, buf);
            }
            footer(view, keymap, coach.as_deref(), parts.footer, buf);
            open.as_ref().map(|sheet| sheet::draw(view, sheet, parts.body(), buf))
        }
    };
    if furthest.is_none() {
        sections(view, &parts, &runbook, point.as_ref(), buf);
    }
    if parts.shape == Shape::Line {
        let style = view.theme.style(Role::Dim);
        put(buf, row(area, 3), " 40x10 or more shows the rest", Align::Left, style, view.theme);
    }
    if view.ui.stray.holds() {
        let style = view.theme.style(Role::Warn);
        let text = format!(" {:<width$}", stray::WORDS, width = usize::from(parts.footer.width));
        put(buf, parts.footer, &text, Align::Left, style, view.theme);
    }
    let (cursor, answers) = prompt(view, coached, parts.prompt, parts.body(), buf);
    if let Some(chooser) = &view.ui.chooser {
        themes::draw(view, chooser, parts.body(), buf);
    }
    palette::draw(view, parts.body(), buf);
    if let Some(help) = &view.ui.help {
        help::draw(view, help, keymap, &places(view.ui, view.model), area, buf);
    }
    let cursor = match &view.ui.asked {
        Some(asked) => {
            let kind = if asked.dialog.card().production { Kind::Production } else { view.kind() };
            let accent = asked.dialog.card().place.rsplit(" · ").next().and_then(|name| view.accent_of(name));
            let accented = accent.map(|accent| view.theme.accented(kind.role(), accent));
            card::card(buf, parts.dialog, &asked.dialog, kind, accented.as_ref().unwrap_or(view.theme))
        }
        None => cursor,
    };
    let covered = if view.ui.asked.is_some() { parts.dialog } else { Rect::ZERO };
    let mut marks = view.marks.take();
    marks.retain(|mark| !mark.id.row() || !mark.area.intersects(covered));
    let over = view.ui.prompt.is_some() || view.ui.help.is_some() || view.ui.chooser.is_some();
    Drawn { cursor, furthest, answers, shown: Shown { marks, over } }
}

/// What the sections beside *now* would like, where they are shown together.
fn wishes(view: &View<'_>, shape: Shape, point: bool) -> Demand {
    if !matches!(shape, Shape::Bridge | Shape::Wide | Shape::Wall) {
        return Demand::default();
    }
    Demand {
        health: health::wanted(view),
        waiting: waiting::wanted(view),
        signals: health::below_wanted(view),
        // What the card of a hold point shows is not shown twice.
        approvals: if point && view.queue().len() < 2 { 0 } else { approvals::wanted(view) },
        rollback: rollback::wanted(view),
        ..Demand::default()
    }
}

/// The steps as the bridge shows them, worked out once a picture.
enum Steps<'a> {
    /// As a list, with what stands under each.
    List(Vec<Vec<String>>),
    /// As a chart.
    Chart(gantt::Chart<'a>),
}

impl<'a> Steps<'a> {
    fn of(view: &View<'a>, shape: Shape) -> Self {
        let chart = if shape == Shape::Wall { gantt::chart(view) } else { None };
        match chart {
            Some(chart) => Steps::Chart(chart),
            None if view.ui.acting() == Pane::Bridge || view.ui.pane == Pane::Bridge => Steps::List(now::notes(view)),
            None => Steps::List(Vec::new()),
        }
    }

    fn wanted(&self) -> u16 {
        match self {
            Steps::List(notes) => now::wanted(notes),
            Steps::Chart(chart) => gantt::wanted(chart),
        }
    }

    fn draw(&self, view: &View<'_>, area: Rect, buf: &mut Buffer) {
        match self {
            Steps::List(notes) => now::draw(view, notes, area, buf),
            Steps::Chart(chart) => gantt::draw(view, chart, gantt::focused(view), area, buf),
        }
    }
}

fn sections(view: &View<'_>, parts: &Layout, steps: &Steps<'_>, point: Option<&hold_point::Card>, buf: &mut Buffer) {
    let of = [
        (view.ui.acting(), parts.pane),
        (Pane::Bridge, parts.card),
        (Pane::Bridge, parts.now),
        (Pane::Health, parts.health),
        (Pane::Approvals, parts.approvals),
        (Pane::Approvals, parts.waiting),
        (Pane::Journal, parts.journal),
    ];
    of.into_iter().for_each(|(pane, area)| view.mark(Id::Section(pane), area, true));
    if !parts.pane.is_empty() {
        match view.ui.acting() {
            Pane::Bridge => steps.draw(view, parts.pane, buf),
            Pane::Runbook => runbook::draw(view, parts.pane, buf),
            Pane::Health => health::draw(view, parts.pane, buf),
            Pane::Approvals => approvals::draw(view, parts.pane, buf),
            Pane::Rollback => rollback::draw(view, parts.pane, buf),
            Pane::Calendar => calendar::draw(view, parts.pane, buf),
            Pane::Journal => journal::pane(view, parts.pane, buf),
        }
        return;
    }
    if let Some(card) = point.filter(|_| !parts.card.is_empty()) {
        card.draw(view, parts.card, view.ui.focus == Pane::Bridge, buf);
    }
    if !parts.now.is_empty() {
        steps.draw(view, parts.now, buf);
    }
    if !parts.detail.is_empty() {
        runbook::in_full(view, parts.detail, buf);
    }
    health::draw(view, parts.health, buf);
    if !parts.approvals.is_empty() {
        approvals::draw(view, parts.approvals, buf);
    }
    if !parts.rollback.is_empty() {
        rollback::draw(view, parts.rollback, buf);
    }
    if !parts.waiting.is_empty() {
        waiting::draw(view, parts.waiting, buf);
    }
    journal::tail(view, parts.journal, buf);
}

/// The line above the footer: what is being typed, a menu, a script's caption, or the newest message.
fn prompt(
    view: &View<'_>,
    coached: Option<&str>,
    area: Rect,
    above: Rect,
    buf: &mut Buffer,
) -> (Option<Position>, Option<usize>) {
    let theme = view.theme;
    let key = |action| view.ui.keys.of(action);
    if let Some(prompt) = &view.ui.prompt {
        let sign = match prompt.kind {
            PromptKind::Palette => ":",
            PromptKind::Filter => "/",
            PromptKind::Find => " find ",
            PromptKind::May => " may ",
            PromptKind::Jump => " go to (02:15, +5m, -30s, #412; UTC) ",
        };
        let rest = put(buf, row(area, 0), sign, Align::Left, theme.style(Role::Key), theme);
        return (field(buf, rest, &prompt.input, theme), None);
    }
    let begun = view.ui.pending.keys(view.uptime);
    if !begun.is_empty()
        && let Found::Begun(longer) = view.ui.keys.found(&places(view.ui, view.model), begun)
    {
        return (hint(view, begun, &longer, area, buf), None);
    }
    if let Some(menu) = &view.ui.menu {
        return (None, Some(menu::draw(view, menu, row(area, 0), above, buf)));
    }
    if !view.ui.caption.is_empty() {
        put(buf, row(area, 0), &format!(" {}", view.ui.caption), Align::Left, theme.style(Role::Title), theme);
        return (None, None);
    }
    if let Some(message) = view.ui.messages.back() {
        let hint = match view.ui.messages.len() {
            // It goes with the next key.
            _ if message.passing() => String::new(),
            1 => format!(" {} away ", key(Action::Acknowledge)),
            more => format!(" {} away, {more} in all ", key(Action::Acknowledge)),
        };
        let room = area.width.saturating_sub(width(&hint) + 1);
        let hint = match (width(&message.text) > room, view.ui.messages.len()) {
            (false, _) => hint,
            // What there is to read matters more than how it is put away.
            (true, 1) => format!(" {} all of it · {} away ", key(Action::Messages), key(Action::Acknowledge)),
            (true, more) => format!(" {} all {more} · {} away ", key(Action::Messages), key(Action::Acknowledge)),
        };
        let rest = put(buf, row(area, 0), &hint, Align::Right, theme.style(Role::Dim), theme);
        put(buf, rest, &format!(" {}", message.text), Align::Left, theme.style(message.role), theme);
    } else if view.model.replay.is_some() {
        past::bar(view, area, buf);
    } else if let Some((why, role)) = trouble(view) {
        put(buf, row(area, 0), &format!(" {why}"), Align::Left, theme.style(role), theme);
    } else if let Some(hint) = coached {
        put(buf, row(area, 0), &format!(" {hint}"), Align::Left, theme.style(Role::Key), theme);
    }
    (None, None)
}

/// A sequence that has begun: its keys, and what each that may follow does.
fn hint(
    view: &View<'_>,
    begun: &[Key],
    longer: &[(Sequence, Action)],
    area: Rect,
    buf: &mut Buffer,
) -> Option<Position> {
    let theme = view.theme;
    let style = |role| theme.style(role);
    let mut rest = put(buf, row(area, 0), " esc drops it ", Align::Right, style(Role::Dim), theme);
    rest = put(buf, rest, &format!(" {} …  ", words(begun)), Align::Left, style(Role::Title), theme);
    for (keys, action) in longer {
        let next = words(keys.keys().get(begun.len()..).unwrap_or_default());
        let name = action.binding().map_or("", |row| row.name);
        rest = put(buf, rest, &next, Align::Left, style(Role::Key), theme);
        rest = put(buf, rest, &format!(" {name}  "), Align::Left, style(Role::Text), theme);
    }
    None
}

/// What is wrong for longer and has no lamp of its own.
fn trouble<'a>(view: &View<'a>) -> Option<(&'a str, Role)> {
    let mut found = view.model.troubles.iter().filter(|(what, _)| **what != Trouble::Journal || !view.model.open);
    found.next().map(|(what, why)| (why.as_str(), of_trouble(*what)))
}

/// How bad it is: what waits for the next start is no failure.
fn of_trouble(what: Trouble) -> Role {
    if what == Trouble::Backends { Role::Warn } else { Role::Fail }
}

/// Whether, in the demo, the footer has no room for the coach's hint, so that it has a line of its own.
fn coached(view: &View<'_>, hint: &str, area: Rect) -> bool {
    let Some(watermark) = view.watermark() else { return false };
    let panes: u16 = Pane::ALL.iter().map(|pane| width(pane.name()) + 3).sum();
    width(hint) > area.width.saturating_sub(panes + width(watermark) + 11)
}

fn footer(view: &View<'_>, keymap: &Keymap, coach: Option<&str>, area: Rect, buf: &mut Buffer) {
    let theme = view.theme;
    // The header says it too; here it gives way to the panes' names.
    let (rehearsal, style) = (view.rehearses().then_some("REHEARSAL"), theme.style(Role::Rehearsal));
    let style = if rehearsal.is_some() { style.add_modifier(Modifier::REVERSED) } else { style };
    let watermark = view.watermark().or(rehearsal).filter(|_| area.width >= 84);
    let watermark = watermark.map(|w| format!(" {w} ")).unwrap_or_default();
    let mut rest = put(buf, area, &watermark, Align::Right, style, theme);
    let ways = [Action::Help, Action::Palette].map(|action| view.ui.keys.of(action));
    rest = put(buf, rest, &ways.join("  "), Align::Right, theme.style(Role::Key), theme);
    rest = Rect { x: rest.x + 1, width: rest.width.saturating_sub(2), ..rest };
    for pane in Pane::ALL {
        // A pane without a key is a line of the palette, and its name says that already.
        let key = keymap.keys_of(Action::Go(pane)).next().map(|_| format!("{} ", view.ui.keys.of(Action::Go(pane))));
        let text = format!("{}{} ", key.unwrap_or_default(), pane.name());
        if rest.width < width(&text) {
            return;
        }
        let role = if pane == view.ui.pane { Role::Accent } else { Role::Dim };
        view.mark(Id::Tab(pane), Rect { width: width(&text), ..rest }, true);
        rest = put(buf, rest, &text, Align::Left, theme.style(role), theme);
    }
    if let Some(hint) = coach.filter(|h| width(h) + 3 <= rest.width) {
        let _ = put(buf, rest, &format!("  {hint}"), Align::Left, theme.style(Role::Key), theme);
    }
}
