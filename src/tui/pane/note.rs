//! A line below the header of every screen, for as long as something is off because of us:
//! what, since when, of which applications, and what to do.
//!
//! It tells; putting it back is an operation like any other. What is not seen any more is said to be that.

use crate::domain::Timestamp;
use crate::domain::left_off::{NEXT, StillOff};
use crate::domain::observed::Quality;
use crate::tui::action::Action;
use crate::tui::glyphs::Glyphs;
use crate::tui::theme::Role;
use crate::tui::view::View;
use crate::tui::widget::text::{Align, fit_middle, put, row, width};
use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What is to be done, where there is little room.
const NEXT_SHORT: &str = "fix git, resume";
/// With less room for its name than this an application cannot be told from others.
const SHORTEST: u16 = 12;

/// The line, where there is something to say; as many names as there is room for.
pub fn line(view: &View<'_>, room: u16) -> Option<String> {
    let known = |one: &&StillOff| one.quality != Quality::Lost;
    let (sure, unsure): (Vec<_>, Vec<_>) = view.model.derived.left_off.iter().partition(known);
    let what = sure.iter().chain(&unsure).next()?.off.what.to_uppercase();
    let since = |at: Option<Timestamp>| match at {
        Some(at) if view.now - at < TimeDelta::hours(20) => at.format(" since %H:%MZ").to_string(),
        Some(at) => at.format(" since %F %H:%MZ").to_string(),
        None => String::new(),
    };
    let head = match sure.is_empty() {
        false => format!(" {what} OFF{}: ", since(sure.iter().filter_map(|one| one.off.since).min())),
        true => format!(" {what} was OFF, not seen{}: ", since(unsure.iter().map(|one| one.seen).min())),
    };
    let all: Vec<_> = sure.into_iter().chain(unsure).collect();
    let key = view.ui.keys.of(Action::Do);
    let tail = |next: &str| format!(" · {next} ({key})");
    let left = |tail: &str| room.saturating_sub(width(&head) + width(tail));
    let (long, short) = (tail(NEXT), tail(NEXT_SHORT));
    for tail in [&long, &short] {
        if let Some(names) = whole(&all, left(tail)) {
            return Some(format!("{head}{names}{tail}"));
        }
    }
    let tail = if left(&short) < SHORTEST { "" } else { short.as_str() };
    Some(format!("{head}{}{tail}", first(&all, left(tail), view.theme.glyphs)))
}

/// As many names as fit in whole, at least one; those that do not are counted.
fn whole(all: &[&StillOff], room: u16) -> Option<String> {
    let names: Vec<_> = all.iter().map(|one| format!("{}{}", mark(one), name(one))).collect();
    let told = |n: usize| {
        let more = names.len().saturating_sub(n);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("{}{more}", names.iter().take(n).map(String::as_str).collect::<Vec<_>>().join(", "))
    };
    (1..=names.len()).rev().map(told).find(|text| width(text) <= room)
}

/// The first name without its middle, and how many there are besides.
fn first(all: &[&StillOff], room: u16, glyphs: Glyphs) -> String {
    let Some(one) = all.first() else { return String::new() };
    let more = if all.len() > 1 { format!(" +{}", all.len() - 1) } else { String::new() };
    let left = room.saturating_sub(width(mark(one)) + width(&more));
    format!("{}{}{more}", mark(one), fit_middle(name(one), left, glyphs))
}

/// The name alone: that it is an application goes without saying.
fn name(one: &StillOff) -> &str {
    one.off.of.split_once(' ').map_or(one.off.of.as_str(), |(_, name)| name)
}

fn mark(one: &StillOff) -> &'static str {
    match one.quality {
        Quality::Fresh => "",
        Quality::Late => "~",
        // It may be on again.
        Quality::Lost => "?? ",
    }
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
