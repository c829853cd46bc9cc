//! The Gantt chart's pieces: axis, lanes and the gutter of what follows what.

use super::ground::start;
use super::widget::{lines, theme};
use chrono::TimeDelta;
use holdpoint::domain::Timestamp;
use holdpoint::tui::glyphs::{Glyph, Glyphs};
use holdpoint::tui::theme::Role;
use holdpoint::tui::widget::axis::Axis;
use holdpoint::tui::widget::gutter::gutter;
use holdpoint::tui::widget::lane::{Lane, Upright, lane, uprights};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

fn at(seconds: i64) -> Timestamp {
    start() + TimeDelta::seconds(seconds)
}

const NOTHING: Lane = Lane {
    planned: None,
    expected: None,
    at_worst: None,
    actual: None,
    overrun: None,
    critical: false,
    hold: None,
    role: Role::Text,
};

/// A lane on an axis of 20 cells, 10 s each.
fn drawn(what: &Lane, glyphs: Glyphs) -> String {
    let mut buf = Buffer::empty(Rect::new(0, 0, 20, 1));
    let (area, theme) = (buf.area, theme(glyphs));
    let axis = Axis::new(at(0), at(200), 20);
    uprights(&mut buf, area, &axis, &[Upright { at: at(195), glyph: Glyph::Edge, role: Role::Dim }], &theme);
    lane(&mut buf, area, &axis, what, &theme);
    lines(&buf).remove(0)
}

#[test]
fn a_lane_tells_planned_expected_actual_and_overrun_apart_without_colour() {
    let planned = Lane { planned: Some((at(20), at(60))), ..NOTHING };
    assert_eq!(drawn(&planned, Glyphs::Unicode), "  ░░░░             ┊");
    let to_come = Lane { expected: Some((at(20), at(60))), at_worst: Some(at(90)), ..NOTHING };
    assert_eq!(drawn(&to_come, Glyphs::Unicode), "  ▂▂▂▂──┤          ┊");
    assert_eq!(drawn(&to_come, Glyphs::Ascii), "  ____--|          :");
    let critical = Lane { critical: true, ..to_come };
    assert_eq!(drawn(&critical, Glyphs::Unicode), "  ▄▄▄▄──┤          ┊");
    assert_eq!(drawn(&critical, Glyphs::Ascii), "  ====--|          :");
    let under_way = Lane { actual: Some((at(25), at(53))), expected: Some((at(53), at(80))), ..planned };
    assert_eq!(drawn(&under_way, Glyphs::Unicode), "  ▐██▎▂▂           ┊");
    let over = Lane { actual: Some((at(20), at(90))), overrun: Some(at(60)), ..planned };
    assert_eq!(drawn(&over, Glyphs::Unicode), "  ████▒▒▒          ┊");
    assert_eq!(drawn(&over, Glyphs::Ascii), "  ####///          :");
    let hold = Lane { hold: Some(at(40)), ..planned };
    assert_eq!(drawn(&hold, Glyphs::Unicode), "  ░░◆░             ┊");
}

#[test]
fn a_moment_is_still_a_cell_and_what_is_off_the_axis_is_none() {
    let moment = Lane { actual: Some((at(100), at(100))), ..NOTHING };
    assert_eq!(drawn(&moment, Glyphs::Unicode), "          ▏        ┊");
    let before = Lane { actual: Some((at(-100), at(-50))), ..NOTHING };
    assert_eq!(drawn(&before, Glyphs::Unicode), "                   ┊");
    let across = Lane { actual: Some((at(-100), at(900))), ..NOTHING };
    assert_eq!(drawn(&across, Glyphs::Unicode), "█".repeat(20));
}

#[test]
fn ticks_stand_apart_and_on_even_times() {
    let axis = Axis::new(at(61), at(61 + 3_600), 100);
    let ticks: Vec<_> = axis.ticks().into_iter().map(|(x, at)| (x, axis.label(at))).collect();
    let texts: Vec<_> = ticks.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["02:10Z", "02:20Z", "02:30Z", "02:40Z", "02:50Z", "03:00Z"]);
    assert!(ticks.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 11), "{ticks:?}");
}

#[test]
fn a_gutter_draws_chains_forks_joins_and_crossings() {
    let drawn = |needs: &[&[usize]]| gutter(&needs.iter().map(|n| n.to_vec()).collect(), 4);
    assert_eq!(drawn(&[&[], &[0], &[1]]).unwrap(), ["●", "●", "●"]);
    assert_eq!(drawn(&[&[], &[0], &[0], &[1, 2]]).unwrap(), ["●", "├─●", "● │", "●─╯"]);
    // What is needed through another need is not drawn twice.
    assert_eq!(drawn(&[&[], &[0], &[0, 1]]).unwrap(), ["●", "●", "●"]);
    // Two that have nothing to do with each other.
    assert_eq!(drawn(&[&[], &[], &[0], &[1]]).unwrap(), ["●", "│ ●", "● │", "  ●"]);
    // Too wide, or backwards: no gutter rather than a wrong one.
    assert!(drawn(&[&[], &[], &[], &[], &[], &[0, 1, 2, 3, 4]]).is_none());
    assert!(drawn(&[&[1], &[]]).is_none());
}

proptest! {
    #[test]
    fn any_plan_gets_a_gutter_of_its_rows_or_none(
        needs in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..4), 0..40),
        most in 0_usize..8,
    ) {
        let needs: Vec<Vec<usize>> = needs.into_iter().enumerate()
            .map(|(row, needed)| needed.into_iter().filter(|_| row > 0).map(|n| n.index(row)).collect())
            .collect();
        if let Some(rows) = gutter(&needs, most) {
            prop_assert_eq!(rows.len(), needs.len());
            for row in rows {
                prop_assert_eq!(row.matches('●').count(), 1);
                prop_assert!(row.chars().count() <= 2 * most);
            }
        }
    }

    #[test]
    fn an_axis_never_points_outside_itself(
        from in -1_000_000_i64..1_000_000, long in 0_i64..10_000_000, width in 0_u16..400, here in any::<i32>(),
    ) {
        let axis = Axis::new(at(from), at(from + long), width);
        let eighths = axis.eighths(at(here.into()));
        prop_assert!((0..=i64::from(width) * 8).contains(&eighths));
        prop_assert!(axis.cell(at(here.into())).is_none_or(|cell| cell < width));
        prop_assert!(axis.ticks().len() <= usize::from(width / 4) + 2);
    }
}
