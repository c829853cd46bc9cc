//! The layout at every size: nothing overlaps, nothing leaves the screen.

use holdpoint::tui::action::Pane;
use holdpoint::tui::layout::{Demand, Layout, Shape, layout};
use proptest::prelude::*;
use ratatui::layout::Rect;

const BUSY: Demand = Demand {
    pane: Pane::Bridge,
    zoomed: false,
    note: false,
    banner: 0,
    card: 0,
    now: 9,
    health: 12,
    waiting: 5,
    signals: 8,
    approvals: 3,
    rollback: 12,
    prompt: false,
    dialog: None,
};

fn at(width: u16, height: u16, ui: &Demand) -> Layout {
    layout(Rect::new(0, 0, width, height), ui)
}

#[track_caller]
fn sound(area: Rect, ui: &Demand) {
    let found = layout(area, ui);
    let parts: Vec<_> = found.parts().into_iter().filter(|part| !part.is_empty()).collect();
    for (n, part) in parts.iter().enumerate() {
        assert_eq!(part.intersection(area), *part, "outside {area}: {part} in {found:#?}");
        for other in &parts[n + 1..] {
            assert!(!part.intersects(*other), "{part} over {other} at {area}: {found:#?}");
        }
    }
    assert!(found.dialog.is_empty() || found.dialog.intersection(area) == found.dialog);
}

#[test]
fn every_size_is_sound() {
    for width in 0..=300 {
        for height in (0..=100).step_by(if width % 10 == 0 { 1 } else { 7 }) {
            for pane in [Pane::Bridge, Pane::Health] {
                let ui = Demand {
                    pane,
                    note: width % 3 == 0,
                    banner: height % 11,
                    card: width % 16,
                    dialog: Some((80, 16)),
                    prompt: width % 2 == 0,
                    ..BUSY
                };
                sound(Rect::new(0, 0, width, height), &ui);
            }
        }
    }
}

proptest! {
    #[test]
    fn every_wish_is_sound(
        x in 0_u16..9, y in 0_u16..9, width in 0_u16..320, height in 0_u16..120, pane in 0_usize..7,
        zoomed: bool, prompt: bool, note: bool, wishes in prop::array::uniform8(any::<u16>()), dialog in prop::option::of(any::<(u16, u16)>()),
    ) {
        let [banner, card, now, health, waiting, signals, approvals, rollback] = wishes;
        let pane = Pane::ALL[pane];
        let wish = Demand { pane, zoomed, note, banner, card, now, health, waiting, signals, approvals, rollback, prompt, dialog };
        sound(Rect::new(x, y, width, height), &wish);
    }

    #[test]
    fn sections_shrink_in_order(height in 24_u16..120, now in 0_u16..200, health in 0_u16..200, waiting in 0_u16..200) {
        let found = at(80, height, &Demand { now, health, waiting, ..BUSY });
        let all = [(found.now, now), (found.health, health), (found.waiting, waiting)];
        for pair in all.windows(2) {
            let [(upper, wanted), (lower, _)] = [pair[0], pair[1]];
            // The upper is smaller than the lower only where it wants no more.
            prop_assert!(upper.height >= lower.height || upper.height > wanted || (wanted == 0 && upper.height == 2), "{:#?}", found);
        }
        let rows: u16 = found.parts().iter().filter(|part| part.width == 80).map(|part| part.height).sum();
        prop_assert_eq!(rows, height, "every row has an owner");
    }
}

#[test]
fn the_bridge_at_80_by_24_is_the_drawing() {
    let found = at(80, 24, &BUSY);
    assert_eq!(found.shape, Shape::Bridge);
    let rows = [found.header, found.now, found.health, found.waiting, found.journal, found.footer];
    assert_eq!(rows.map(|part| (part.y, part.height)), [(0, 3), (3, 7), (10, 6), (16, 4), (20, 3), (23, 1)]);
}

#[test]
fn an_open_hold_point_takes_the_place_of_now_and_waiting() {
    let found = at(80, 24, &Demand { card: 13, ..BUSY });
    let rows = [found.header, found.card, found.health, found.journal, found.footer];
    assert_eq!(rows.map(|part| (part.y, part.height)), [(0, 3), (3, 13), (16, 4), (20, 3), (23, 1)]);
    assert!(found.now.is_empty() && found.waiting.is_empty(), "{found:?}");
    let most = at(80, 24, &Demand { card: 99, ..BUSY });
    assert_eq!(most.card.height, 15, "a quarter is left for the world");
    // Beside two columns over all of it; on the wall over the runbook.
    for (width, height, over) in [(120, 40, 120), (200, 50, 120)] {
        let found = at(width, height, &Demand { card: 13, ..BUSY });
        assert_eq!((found.card.width, found.card.height), (over, 13));
        assert!(!found.now.is_empty() && !found.waiting.is_empty(), "{found:?}");
    }
}

#[test]
fn room_that_one_does_not_want_goes_to_the_others() {
    let found = at(80, 24, &Demand { waiting: 0, ..BUSY });
    assert_eq!(found.waiting.height, 2, "its rule line and the word that there is nothing");
    assert!(found.now.height > 7 && found.health.height >= 6);
    let calm = at(80, 24, &Demand { now: 2, health: 2, waiting: 1, ..BUSY });
    assert_eq!(calm.journal.height, 24 - 4 - 3 - 3 - 2);
}

#[test]
fn shapes_follow_the_size() {
    for ((width, height), shape) in [
        ((39, 50), Shape::Line),
        ((200, 9), Shape::Line),
        ((40, 10), Shape::Single),
        ((79, 60), Shape::Single),
        ((80, 24), Shape::Bridge),
        ((119, 60), Shape::Bridge),
        ((120, 40), Shape::Wide),
        ((200, 49), Shape::Wide),
        ((200, 50), Shape::Wall),
    ] {
        assert_eq!(at(width, height, &BUSY).shape, shape, "{width}x{height}");
    }
    let line = at(30, 5, &BUSY);
    assert_eq!(line.header, Rect::new(0, 0, 30, 3));
    assert_eq!(at(60, 20, &BUSY).header.height, 2, "with how it goes and the time");
    assert!(line.footer.is_empty());
    assert_eq!(at(200, 50, &Demand { zoomed: true, ..BUSY }).shape, Shape::Pane);
    assert_eq!(at(100, 30, &Demand { pane: Pane::Journal, ..BUSY }).pane, Rect::new(0, 3, 100, 26));
}

#[test]
fn the_wall_has_room_for_all_of_it() {
    let found = at(200, 50, &BUSY);
    for part in [found.now, found.health, found.waiting, found.journal, found.detail, found.approvals, found.rollback] {
        assert!(part.height >= 4 && part.width >= 70, "{part} in {found:#?}");
    }
    assert!(found.now.width.abs_diff(120) <= 1);
    assert_eq!(found.now.height, 10, "what the steps do not need shows the one in focus");
    let long = at(200, 50, &Demand { now: 60, approvals: 0, ..BUSY });
    assert!(long.detail.is_empty() && long.approvals.is_empty() && long.now.height > 30);
}
