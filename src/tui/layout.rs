//! Where everything stands: one pure function for drawing and mouse.
//!
//! Sections shrink by rule (now ≥ health ≥ waiting) and nothing is ever placed
//! outside the screen or over something else. A rectangle without area means
//! that there is no room for its part.

use super::action::Pane;
use ratatui::layout::Rect;

/// The least rows for a step in full below the list of steps.
const DETAIL: u16 = 5;

/// The most that it takes from the journal's tail.
const MOST_DETAIL: u16 = 14;

/// How much of the width is the runbook's, in percent: in two columns, and on the wall.
const WIDE: u16 = 52;
const WALL: u16 = 60;

/// The rows of the journal's tail below a card.
const TAIL: u16 = 3;

/// What the screen is asked to hold. Rows are what each part would like,
/// without its rule line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// The pane that is shown.
    pub pane: Pane,
    /// Whether the focused section has the screen for itself.
    pub zoomed: bool,
    /// Whether something has to be said on every screen, below the header.
    pub note: bool,
    /// Rows of a banner over everything else: a tripped trigger.
    pub banner: u16,
    /// Rows of an open hold point in focus, its rule line included; none when none is.
    pub card: u16,
    /// Rows of *now*.
    pub now: u16,
    /// Rows of *health*.
    pub health: u16,
    /// Rows of *waiting for*.
    pub waiting: u16,
    /// Rows of the signals below *health*, their rule line included.
    pub signals: u16,
    /// Rows of *approvals*; none when nothing waits for a word.
    pub approvals: u16,
    /// Rows of *rollback*.
    pub rollback: u16,
    /// Whether a prompt (filter, palette) takes a line above the footer.
    pub prompt: bool,
    /// Width and height of an open dialog.
    pub dialog: Option<(u16, u16)>,
}

/// The kind of screen that the size allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// Below 40×10: the header alone, everything disarmed.
    #[default]
    Line,
    /// Below 80×24: one pane.
    Single,
    /// The bridge, its sections below each other.
    Bridge,
    /// The bridge in two columns, from 120×30.
    Wide,
    /// Runbook left, world right, from 200×50.
    Wall,
    /// A pane other than the bridge, or a zoomed section.
    Pane,
}

/// Every part's rectangle; empty ones are not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The kind of screen.
    pub shape: Shape,
    /// Where am I, what time is it, is it going well.
    pub header: Rect,
    /// What is said on every screen for as long as it stands.
    pub note: Rect,
    /// A tripped trigger.
    pub banner: Rect,
    /// The pane, when it is not the bridge.
    pub pane: Rect,
    /// An open hold point: where there is little room, in place of *now* and *waiting for*.
    pub card: Rect,
    /// *now*, with its rule line.
    pub now: Rect,
    /// The step in focus in full, below *now* where there is room.
    pub detail: Rect,
    /// *health*, with its rule line.
    pub health: Rect,
    /// *waiting for*, with its rule line.
    pub waiting: Rect,
    /// *journal*, with its rule line.
    pub journal: Rect,
    /// *approvals*, where there is room and something waits for a word.
    pub approvals: Rect,
    /// *rollback*, where there is room.
    pub rollback: Rect,
    /// A prompt's line.
    pub prompt: Rect,
    /// What can I do.
    pub footer: Rect,
    /// An open dialog; the only part that lies over others.
    pub dialog: Rect,
}

impl Layout {
    /// Everything between header and prompt, for what covers all sections.
    pub fn body(&self) -> Rect {
        let top = self.header.y + self.header.height + self.note.height + self.banner.height;
        let end = if self.prompt.is_empty() { self.footer.y } else { self.prompt.y };
        Rect { x: self.header.x, y: top, width: self.header.width, height: end.saturating_sub(top) }
    }

    /// Every part but the dialog.
    pub fn parts(&self) -> [Rect; 14] {
        [
            self.header,
            self.note,
            self.banner,
            self.pane,
            self.card,
            self.now,
            self.detail,
            self.health,
            self.waiting,
            self.journal,
            self.approvals,
            self.rollback,
            self.prompt,
            self.footer,
        ]
    }
}

/// Places every part on a screen of this size.
pub fn layout(area: Rect, demand: &Demand) -> Layout {
    let mut parts = Layout { shape: shape(area, demand), ..Layout::default() };
    if parts.shape == Shape::Line {
        parts.header = Rect { height: area.height.min(3), ..area };
        return parts;
    }
    let header = match parts.shape {
        Shape::Single if area.height < 16 => 1,
        Shape::Single => 2,
        _ => 3,
    };
    let mut rest = area;
    parts.header = top(&mut rest, header);
    parts.footer = bottom(&mut rest, 1);
    parts.prompt = bottom(&mut rest, u16::from(demand.prompt));
    parts.note = top(&mut rest, u16::from(demand.note));
    let banner = demand.banner.min(rest.height / 2);
    parts.banner = top(&mut rest, banner);
    match parts.shape {
        Shape::Line | Shape::Pane => parts.pane = rest,
        Shape::Single if demand.pane != Pane::Bridge || demand.zoomed => parts.pane = rest,
        Shape::Single => parts.now = rest,
        Shape::Bridge if demand.card > 0 => asking(rest, demand, &mut parts),
        Shape::Bridge => bridge(rest, demand, &mut parts),
        Shape::Wide => {
            let most = rest.height / 2;
            parts.card = top(&mut rest, demand.card.min(most));
            split(rest, WIDE, demand, &mut parts);
        }
        Shape::Wall => split(rest, WALL, demand, &mut parts),
    }
    if let Some(size) = demand.dialog {
        parts.dialog = below_banner(centred(area, size), area, parts.banner);
    }
    parts
}

/// A dialog that leaves the first line of a banner to be seen, where there is room for both.
fn below_banner(dialog: Rect, area: Rect, banner: Rect) -> Rect {
    let (top, end) = (banner.y.saturating_add(1), area.y.saturating_add(area.height));
    if banner.is_empty() || dialog.y >= top || area.height < 24 {
        return dialog;
    }
    Rect { y: top, height: dialog.height.min(end.saturating_sub(top)), ..dialog }
}

/// The width that a card has beside other sections; none where it takes their place.
pub fn beside(area: Rect) -> Option<u16> {
    match shape(area, &Demand::default()) {
        Shape::Wide => Some(area.width),
        Shape::Wall => Some(columns(area, WALL).0.width),
        _ => None,
    }
}

fn shape(area: Rect, demand: &Demand) -> Shape {
    match (area.width, area.height) {
        (..40, _) | (_, ..10) => Shape::Line,
        (..80, _) | (_, ..24) => Shape::Single,
        _ if demand.zoomed || demand.pane != Pane::Bridge => Shape::Pane,
        (200.., 50..) => Shape::Wall,
        (120.., 30..) => Shape::Wide,
        _ => Shape::Bridge,
    }
}

fn bridge(mut rest: Rect, demand: &Demand, parts: &mut Layout) {
    let [now, health, waiting, journal] = share(rest.height, [demand.now, demand.health, demand.waiting]);
    parts.now = top(&mut rest, now);
    parts.health = top(&mut rest, health);
    parts.waiting = top(&mut rest, waiting);
    parts.journal = top(&mut rest, journal);
}

/// The bridge while a hold point asks: its card first, then *health* and the journal's tail;
/// *waiting for* only has what nobody else wants.
fn asking(mut rest: Rect, demand: &Demand, parts: &mut Layout) {
    let most = rest.height - rest.height / 4;
    parts.card = top(&mut rest, demand.card.min(most));
    let tail = TAIL.min(rest.height / 2);
    let health = demand.health.saturating_add(1).min(rest.height - tail);
    parts.health = top(&mut rest, health);
    let spare = rest.height - tail;
    let waiting = demand.waiting.saturating_add(1).min(spare);
    parts.waiting = top(&mut rest, if waiting > 1 { waiting } else { 0 });
    parts.journal = rest;
}

/// Runbook left, world right.
fn split(rest: Rect, percent: u16, demand: &Demand, parts: &mut Layout) {
    let (mut left, mut right) = columns(rest, percent);
    // On the wall a card stands over the runbook, and the world beside it stays whole.
    if parts.shape == Shape::Wall {
        let most = left.height / 2;
        parts.card = top(&mut left, demand.card.min(most));
    }
    let tail = (left.height / 5).clamp(4, 10);
    let now = demand.now.saturating_add(1);
    let room = left.height.saturating_sub(tail);
    // A part that would have no room to say anything leaves it to the others.
    let detail = if room.saturating_sub(now) >= DETAIL { (room - now).min(MOST_DETAIL) } else { 0 };
    parts.now = top(&mut left, if detail > 0 { now } else { room });
    parts.detail = top(&mut left, detail);
    parts.journal = left;
    let health = demand.health.saturating_add(1);
    let waiting = demand.waiting.saturating_add(1).clamp(3, (right.height / 3).max(3));
    let approvals = if demand.approvals > 0 { demand.approvals.saturating_add(1).min(right.height / 4) } else { 0 };
    parts.waiting = bottom(&mut right, waiting);
    parts.approvals = bottom(&mut right, approvals);
    let spare = right.height.saturating_sub(health);
    let rollback = demand.rollback.saturating_add(1).min(spare.max(right.height / 4));
    // Signals have the room first, as long as the ways back keep half of what is spare.
    let rollback = rollback.min(spare.saturating_sub(demand.signals).max(spare / 2));
    if rollback >= 5 {
        parts.rollback = bottom(&mut right, rollback);
    }
    parts.health = right;
}

/// Shares rows among *now*, *health*, *waiting* and *journal*, each with its
/// rule line. The least each is promised is what the drawing at 80×24 shows;
/// what one does not want goes to the next in order, the last of it to the journal.
fn share(height: u16, wanted: [u16; 3]) -> [u16; 4] {
    const LEAST: [u16; 3] = [7, 6, 4];
    const JOURNAL: u16 = 3;
    let wanted = wanted.map(|rows| rows.saturating_add(1).max(2));
    let journal = JOURNAL.min(height / 4);
    let mut left = height - journal;
    let mut given = [0_u16; 3];
    // First the promises, a row at a time in order, then the wishes.
    for limit in [LEAST, [u16::MAX; 3]] {
        loop {
            let open = |n: usize| -> Option<(u16, usize)> {
                let (have, want, limit) = (*given.get(n)?, *wanted.get(n)?, *limit.get(n)?);
                (have < want.min(limit)).then(|| (have * 6 / LEAST.get(n).copied().unwrap_or(1), n))
            };
            let Some((_, next)) = (0..3).filter_map(open).min() else { break };
            if left == 0 {
                break;
            }
            if let Some(rows) = given.get_mut(next) {
                *rows += 1;
            }
            left -= 1;
        }
    }
    let [now, health, waiting] = given;
    [now, health, waiting, journal + left]
}

fn top(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    let part = Rect { height: rows, ..*rest };
    *rest = Rect { y: rest.y + rows, height: rest.height - rows, ..*rest };
    part
}

fn bottom(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    rest.height -= rows;
    Rect { y: rest.y + rest.height, height: rows, ..*rest }
}

/// Two columns with a blank one between.
fn columns(rest: Rect, percent: u16) -> (Rect, Rect) {
    let left = u16::try_from(u32::from(rest.width) * u32::from(percent) / 100).unwrap_or(rest.width);
    let from = (left + 1).min(rest.width);
    (Rect { width: left, ..rest }, Rect { x: rest.x + from, width: rest.width - from, ..rest })
}

fn centred(area: Rect, (width, height): (u16, u16)) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}
