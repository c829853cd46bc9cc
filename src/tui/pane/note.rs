//! A line below the header of every screen, for as long as something is off because of us:
//! what, since when, of which applications, and what to do.
//!
//! It tells; putting it back is an operation like any other.

use crate::domain::left_off::{NEXT, StillOff};
use crate::domain::observed::Quality;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::text::{Align, put, row, width};
use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The line, where there is something to say; as many names as there is room for.
pub fn line(view: &View<'_>, room: u16) -> Option<String> {
    let all = view.model.derived.left_off.as_slice();
    let first = all.first()?;
    let since = all.iter().filter_map(|one| one.off.since).min().map(|at| match view.now - at {
        age if age < TimeDelta::hours(20) => at.format(" since %H:%MZ").to_string(),
        _ => at.format(" since %F %H:%MZ").to_string(),
    });
    let head = format!(" {} OFF{}: ", first.off.what.to_uppercase(), since.unwrap_or_default());
    let tail = format!(" · {NEXT}");
    let left = room.saturating_sub(width(&head) + width(&tail));
    Some(format!("{head}{}{tail}", names(all, left)))
}

/// The first name, however long, and as many others as fit; those that do not are counted.
fn names(all: &[StillOff], room: u16) -> String {
    let names: Vec<_> = all.iter().map(name).collect();
    let told = |n: usize| {
        let more = names.len().saturating_sub(n);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("{}{more}", names.iter().take(n).map(String::as_str).collect::<Vec<_>>().join(", "))
    };
    (1..=names.len()).rev().map(told).find(|text| width(text) <= room).unwrap_or_else(|| told(1))
}

fn name(one: &StillOff) -> String {
    let mark = match one.quality {
        Quality::Fresh => "",
        Quality::Late => "~",
        // It may be on again.
        Quality::Lost => "?? ",
    };
    format!("{mark}{}", one.off.of)
}

/// Draws it; how many rows it took.
pub fn draw(view: &View<'_>, area: Rect, buf: &mut Buffer) -> u16 {
    match line(view, area.width).filter(|_| area.height > 0) {
        Some(text) => {
            put(buf, row(area, 0), &text, Align::Left, view.theme.style(Role::Warn), view.theme);
            1
        }
        None => 0,
    }
}
