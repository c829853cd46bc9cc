//! The mouse points and never acts: whatever is clicked or turned, nothing is asked,
//! sent, armed or closed.

use crate::actions::Desk;
use crate::selection::stages;
use holdpoint::domain::name::RunId;
use holdpoint::tui::action::{Action, Pane};
use holdpoint::tui::arming::USUAL;
use holdpoint::tui::hand::Id;
use holdpoint::tui::run::settings;
use holdpoint::tui::sheet::{Sheet, Subject};
use holdpoint::tui::terminal::{FrameId, Mouse, What};
use holdpoint::tui::theme::Themes;
use holdpoint::tui::theme::user::Place;
use holdpoint::tui::ui::Ui;
use ratatui::layout::Position;

const SIZE: (u16, u16) = (100, 36);

/// A picture leaves, as large as it is.
fn seen(desk: &mut Desk) {
    let shown = desk.drawn(SIZE.0, SIZE.1).1.shown;
    desk.ui.hand.drawn(FrameId(1), shown);
    desk.ui.hand.painted(FrameId(1));
}

/// The mouse on what was seen; whether a request came of it.
fn mouse(desk: &mut Desk, what: Mouse) -> bool {
    seen(desk);
    desk.event(What::Mouse(what), 1).1.is_some()
}

fn with_mouse(mut desk: Desk) -> Desk {
    desk.ui = Ui { mouse: true, ..Ui::default() };
    desk
}

/// The first cell of the first thing in the picture that is so.
fn place(desk: &Desk, holds: impl Fn(&Id) -> bool) -> Position {
    let (_, drawn) = desk.drawn(SIZE.0, SIZE.1);
    let mark = drawn.shown.marks.iter().find(|mark| holds(&mark.id)).unwrap();
    mark.area.as_position()
}

#[test]
fn a_click_selects_the_row_under_it_and_the_next_picture_shows_that() {
    let mut desk = with_mouse(Desk::running());
    for (pane, row) in [
        (Pane::Bridge, Id::Step(RunId(1), "3".into())),
        (Pane::Runbook, Id::Step(RunId(1), "5".into())),
        (Pane::Health, Id::Place("svc-002".into(), "place-00".into())),
    ] {
        desk.ui.pane = pane;
        let at = place(&desk, |id| *id == row);
        assert!(!mouse(&mut desk, Mouse::Click(at)));
        let (_, drawn) = desk.drawn(SIZE.0, SIZE.1);
        assert!(drawn.shown.on().any(|id| *id == row), "{row:?} on {pane:?}\n{}", desk.screen(SIZE.0, SIZE.1));
    }
    // On the bridge the section under it has the hand.
    desk.ui.pane = Pane::Bridge;
    let at = place(&desk, |id| matches!(id, Id::Place(..)));
    mouse(&mut desk, Mouse::Click(at));
    assert_eq!(desk.ui.focus, Pane::Health);
    // A name in the footer shows the pane, and closes what lay over the old one.
    desk.ui.sheet = Some(Sheet::of(Subject::Step(RunId(1), "3".into())));
    let tab = place(&desk, |id| *id == Id::Tab(Pane::Calendar));
    assert_eq!(tab.y, SIZE.1 - 1);
    mouse(&mut desk, Mouse::Click(tab));
    assert_eq!((desk.ui.pane, desk.ui.sheet.is_none()), (Pane::Calendar, true));
}

#[test]
fn the_wheel_moves_what_is_under_it() {
    let mut desk = with_mouse(Desk::running());
    let at = place(&desk, |id| *id == Id::Section(Pane::Health));
    mouse(&mut desk, Mouse::Wheel(at, true));
    mouse(&mut desk, Mouse::Wheel(at, true));
    let second = desk.ui.target.clone();
    assert!(second.is_some() && desk.ui.focus == Pane::Health);
    mouse(&mut desk, Mouse::Wheel(at, true));
    assert_ne!(desk.ui.target, second);
    mouse(&mut desk, Mouse::Wheel(at, false));
    assert_eq!(desk.ui.target, second);
    // An open sheet is scrolled, and what lies under it stays.
    desk.ui.sheet = Some(Sheet { furthest: 5, ..Sheet::of(Subject::Step(RunId(1), "3".into())) });
    mouse(&mut desk, Mouse::Wheel(at, true));
    assert_eq!((desk.ui.sheet.as_ref().unwrap().top, &desk.ui.target), (1, &second));
}

#[test]
fn no_click_and_no_wheel_acts_agrees_arms_or_closes_anything() {
    let mut clicks = 0;
    for desk in stages() {
        let mut desk = with_mouse(desk);
        for pane in Pane::ALL {
            for armed in [false, true] {
                desk.ui = Ui { pane, mouse: true, ..Ui::default() };
                if armed {
                    desk.ui.arming.arm(desk.uptime, USUAL, true).unwrap();
                }
                for (x, y) in (0..SIZE.0).step_by(9).flat_map(|x| (0..SIZE.1).map(move |y| (x, y))) {
                    let at = Position { x, y };
                    if clicks % 97 == 0 {
                        desk.ui.pane = pane;
                        seen(&mut desk);
                    }
                    for what in [Mouse::Click(at), Mouse::Wheel(at, clicks % 2 == 0)] {
                        assert!(desk.event(What::Mouse(what), 1).1.is_none(), "{what:?} on {pane:?}");
                    }
                    clicks += 1;
                    let ui = &desk.ui;
                    assert!(!ui.busy() && !ui.leaving && ui.messages.is_empty(), "{at:?} on {pane:?}");
                    assert_eq!(ui.arming.is_armed(desk.uptime), armed, "{at:?} on {pane:?}");
                }
            }
        }
    }
    assert!(clicks > 10_000);
}

#[test]
fn what_is_asked_or_typed_ignores_the_mouse() {
    let mut desk = with_mouse(Desk::running());
    let over: [(&str, fn(&mut Desk)); 5] = [
        ("a dialog", |desk| drop(desk.press(&["H"]))),
        ("a line", |desk| drop(desk.press(&[":"]))),
        ("a filter", |desk| drop(desk.press(&["2", "/"]))),
        ("help", |desk| drop(desk.press(&["?"]))),
        ("themes", |desk| {
            desk.ui.themes = Themes::read(None, None);
            drop(desk.act(Action::Theme));
        }),
    ];
    for (name, open) in over {
        desk.ui = Ui { mouse: true, ..Ui::default() };
        open(&mut desk);
        assert!(desk.ui.busy(), "{name}");
        seen(&mut desk);
        let before = desk.screen(SIZE.0, SIZE.1);
        for (x, y) in (0..SIZE.0).step_by(4).flat_map(|x| (0..SIZE.1).map(move |y| (x, y))) {
            let at = Position { x, y };
            for what in [Mouse::Click(at), Mouse::Wheel(at, true)] {
                let (pressed, request) = desk.event(What::Mouse(what), 1);
                assert!(pressed.is_none() && request.is_none(), "{name}: {what:?}");
            }
        }
        assert_eq!(desk.screen(SIZE.0, SIZE.1), before, "{name}");
    }
}

#[test]
fn it_is_off_until_it_is_asked_for() {
    let mut desk = Desk::running();
    let at = place(&desk, |id| *id == Id::Tab(Pane::Health));
    mouse(&mut desk, Mouse::Click(at));
    assert_eq!(desk.ui.pane, Pane::Bridge);
    desk.act(Action::Mouse);
    mouse(&mut desk, Mouse::Click(at));
    assert_eq!(desk.ui.pane, Pane::Health);
    desk.act(Action::Mouse);
    assert!(!desk.ui.mouse);
}

#[test]
fn the_setting_is_read_and_a_mistake_has_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place { dir: Some(dir.path().to_owned()) };
    let read = |text: &str| {
        std::fs::write(dir.path().join("config.toml"), text).unwrap();
        settings::read(&place).map_err(|problem| problem.to_string())
    };
    assert_eq!(read("theme = \"dark\"\n"), Ok(false));
    assert_eq!(read("[screens]\nmouse = true\n[attention]\nbell = false\n"), Ok(true));
    for (text, part) in [
        ("[screens]\nmouse = 3\n", "config.toml:2"),
        ("[screens]\ncat = true\n", "there is mouse"),
        ("screens = true\n", "config.toml:1"),
    ] {
        let said = read(text).unwrap_err();
        assert!(said.contains(part), "{part}: {said}");
    }
}
