//! The Gantt chart's pieces: axis, lanes and the gutter of what follows what.

use super::actions::Desk;
use super::ground::{self, start};
use super::widget::{lines, theme};
use chrono::TimeDelta;
use holdpoint::domain::Timestamp;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::series::{Reading, Series};
use holdpoint::domain::signal::{Bad, Signal, SignalAt};
use holdpoint::domain::span::Span;
use holdpoint::runtime::input::Update;
use holdpoint::tui::glyphs::{Glyph, Glyphs};
use holdpoint::tui::pane::trend::trend;
use holdpoint::tui::theme::Role;
use holdpoint::tui::widget::axis::Axis;
use holdpoint::tui::widget::chart::{Chart, chart};
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

/// A signal read every 10 s that fails above 0.5.
fn shares(readings: &[(i64, f64)]) -> (Signal, Series) {
    let signal = ground::workspace(20, 3).signals.into_values().next().unwrap();
    let signal = Signal { fail: Some(0.5), bad: Bad::Above, min_events: 0, ..signal };
    let mut series = Series { every: Span::secs(10), ..Series::default() };
    for (secs, value) in readings {
        series.push(Reading { at: at(*secs), value: *value, events: 1 });
    }
    (signal, series)
}

#[test]
fn a_trend_keeps_the_worst_of_a_cell_and_leaves_gaps() {
    let (signal, series) = shares(&[(0, 0.1), (10, 0.9), (20, 0.2), (70, 0.3), (75, f64::NAN), (110, 0.4)]);
    let found = trend(&signal, &series, Span::secs(30), 4, at(119), &[at(65)]);
    assert_eq!(found.values, [Some(0.9), None, Some(0.3), Some(0.4)]);
    assert_eq!((found.top, found.changes), (1.0, vec![2]));
    let below = trend(&Signal { bad: Bad::Below, ..signal.clone() }, &series, Span::secs(30), 4, at(119), &[]);
    assert_eq!(below.values[0], Some(0.1), "the worst is the lowest");
    // A change that is out of sight, or to come, has no cell; nor has a reading before the first.
    assert_eq!(trend(&signal, &series, Span::secs(30), 4, at(119), &[at(-900)]).changes, [0; 0]);
    assert_eq!(trend(&signal, &series, Span::secs(30), 4, at(119), &[at(900)]).changes, [0; 0]);
    assert_eq!(trend(&signal, &series, Span::secs(30), 2, at(119), &[]).values, [Some(0.3), Some(0.4)]);
    assert!(trend(&signal, &series, Span::ZERO, 0, at(119), &[]).values.is_empty());
}

#[test]
fn a_chart_has_a_threshold_a_change_and_gaps() {
    let values = [Some(0.05), Some(0.5), None, Some(1.0), Some(9.0)];
    let what = Chart { values: &values, top: 1.0, threshold: Some(0.5), changes: &[2], role: Role::Text };
    let draw = |width, height| {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let area = buf.area;
        chart(&mut buf, area, &what, &theme(Glyphs::Unicode));
        lines(&buf)
    };
    assert_eq!(draw(6, 2), [" ──┊██", " ▁█┊██"]);
    assert_eq!(draw(3, 1), ["┊██"]);
    assert_eq!(draw(0, 0), Vec::<String>::new());
}

#[test]
fn every_deploy_has_a_mark_and_two_words_of_one_have_one() {
    let (signal, series) = shares(&[(0, 0.1), (110, 0.4)]);
    // What the backend dates at 31 s was seen to move at 62 s, in the next cell; another came much later.
    let found = trend(&signal, &series, Span::secs(30), 8, at(209), &[at(62), at(31), at(185)]);
    assert_eq!(found.changes, [2, 7]);
}

/// The chart of a place whose backend dates nothing, as of StatefulSets: readings every 5 s for ten minutes, and what
/// is seen of it on the way.
fn charted(seen: &[(i64, Deployment)]) -> String {
    let mut desk = Desk::within(ground::workspace(1, 1), ground::Lines::opened());
    let base = desk.model.derived.at;
    let place = ("svc-000".into(), "place-00".into());
    let at = SignalAt { signal: "errors-svc-000".into(), environment: "place-00".into() };
    for n in 1..=120 {
        let now = base + TimeDelta::seconds(n * 5);
        let mut told: Vec<_> = vec![Observation::Reading(at.clone(), Reading { at: now, value: 0.004, events: 1000 })];
        let moved = seen.iter().filter(|(at, _)| *at == n * 5);
        told.extend(moved.map(|(_, one)| Observation::Deployment(Clone::clone(&place), one.clone().into())));
        let told = told.into_iter().map(|what| ground::stamped(now, what)).collect();
        desk.model.take(Update::Seen(std::sync::Arc::new(told)));
    }
    desk.model.refresh(base + TimeDelta::seconds(601));
    desk.press(&["3"]);
    desk.screen(120, 40)
}

#[test]
fn what_was_seen_to_be_deployed_is_marked_though_nobody_dates_it() {
    let marks = |seen: &[(i64, Deployment)]| {
        let screen = charted(seen);
        let most = screen.lines().map(|line| line.matches('┊').count()).max().unwrap_or(0);
        (most, screen)
    };
    let (none, screen) = marks(&[]);
    assert_eq!(none, 0, "{screen}");
    let (one, screen) = marks(&[(300, ground::deployment("4.2.0"))]);
    assert!(one == 1 && screen.contains("before 0.40 %"), "{screen}");
    // A rollout begins, comes to its end, and is taken back: the end of what began is no other deploy.
    let begun = Deployment { candidate: Some("4.2.0".to_owned()), ..ground::deployment("4.1.9") };
    let (two, screen) = marks(&[(150, begun), (250, ground::deployment("4.2.0")), (450, ground::deployment("4.1.9"))]);
    assert_eq!(two, 2, "{screen}");
}
