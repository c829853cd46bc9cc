//! The way back of steps that are ahead, on lists of them: a sign in the margin where there is none or where that is
//! not known, and how many there are in words. What is open is quiet.

use crate::domain::name::StepName;
use crate::report::ahead::heavy;
use crate::report::foreseen::Weight;
use crate::tui::glyphs::Glyph;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::text::{Align, put};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Marks a step's row in its right margin, where its way back needs eyes.
pub fn mark(view: &View<'_>, step: &StepName, line: Rect, buf: &mut Buffer) {
    let Some(said) = view.model.derived.ahead.get(step).filter(|said| heavy(said)) else { return };
    let (glyph, role) = match said.weight {
        Weight::Refused => (Glyph::Conflict, Role::Warn),
        _ => (Glyph::Doubt, Role::Unknown),
    };
    let last = Rect { x: line.x + line.width.saturating_sub(1), width: line.width.min(1), ..line };
    put(buf, last, view.theme.glyphs.of(glyph), Align::Left, view.theme.style(role), view.theme);
}

/// How many steps that are ahead cannot be led back, and of how many that is not known; none where all can.
pub fn counted(view: &View<'_>) -> Option<String> {
    let of = |all: &[Weight]| view.model.derived.ahead.values().filter(|line| all.contains(&line.weight)).count();
    let said = |n: usize, glyph, what: &str| (n > 0).then(|| format!("{} {n} {what}", view.theme.glyphs.of(glyph)));
    let all = [
        said(of(&[Weight::Refused]), Glyph::Conflict, "no way back"),
        said(of(&[Weight::Heed, Weight::Unknown]), Glyph::Doubt, "way back not sure"),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join(" · "))
}
