//! The marks of a replay: the word in the header, and the bar that says where in
//! the run one stands.
//!
//! They are on every screen, so that the past is never taken for now.

use crate::tui::glyphs::Glyph;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::text::{Align, put, row};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The word of the header: that it is a replay, and how it goes.
pub fn word(view: &View<'_>) -> String {
    match &view.model.replay {
        Some(replay) if replay.playing => format!(" REPLAY x{} ", replay.speed),
        Some(replay) if replay.at >= replay.until => " REPLAY ended ".to_owned(),
        _ => " REPLAY paused ".to_owned(),
    }
}

/// Draws the bar: line, a track with the place in it, and what comes next.
pub fn bar(view: &View<'_>, area: Rect, buf: &mut Buffer) {
    let (theme, Some(replay)) = (view.theme, &view.model.replay) else { return };
    let dim = theme.style(Role::Dim);
    let line = row(area, 0);
    let at = replay.at.format("%F %H:%M:%SZ");
    let head = format!(" REPLAY {at} · line {} of {} · x{} ", replay.line, replay.last, replay.speed);
    let mut rest = put(buf, line, &head, Align::Left, theme.style(Role::Rehearsal), theme);
    let next = match &replay.next {
        Some((at, what)) => format!(" next {} {} ", what.word(), at.format("%H:%M:%SZ")),
        None => format!(" ends {} ", replay.until.format("%H:%M:%SZ")),
    };
    rest = put(buf, rest, &next, Align::Right, dim, theme);
    // Only a track that is long enough says anything.
    if rest.width >= 12 {
        let room = usize::from(rest.width - 2);
        let whole = (replay.until - replay.from).num_milliseconds().max(1);
        let gone = (replay.at - replay.from).num_milliseconds().clamp(0, whole);
        let full = usize::try_from(gone).unwrap_or(0) * room / usize::try_from(whole).unwrap_or(1);
        let sign = |glyph: Glyph, n: usize| theme.glyphs.of(glyph).repeat(n);
        let track = Rect { x: rest.x + 1, width: rest.width - 2, ..rest };
        let after = put(buf, track, &sign(Glyph::HeavyRule, full), Align::Left, theme.style(Role::Accent), theme);
        let _ = put(buf, after, &sign(Glyph::Rule, room - full), Align::Left, dim, theme);
    }
}
