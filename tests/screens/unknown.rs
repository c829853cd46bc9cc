//! What backends could not find out of the way back: counted and shown in its own sign and colour, and never called ready.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use crate::sends::{SIZES, desk, fine, keeps, refusing, told, unsure, way_back};
use chrono::TimeDelta;
use holdpoint::domain::foreseen::Foresight;
use holdpoint::domain::observed::{Deployment, Observation, Placed};
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::{Action, Pane};
use holdpoint::tui::glyphs::Glyphs;
use holdpoint::tui::theme::{Depth, Role, Theme};
use ratatui::style::Style;
use std::sync::Arc;

#[test]
fn a_way_out_is_as_ready_as_those_say_who_would_do_it() {
    let mut desk = desk(true);
    let ready = |desk: &mut Desk, said: Foresight, word: &str| {
        way_back(desk, |_| said.clone());
        desk.act(Action::Incident);
        let screen = desk.screen(120, 40);
        let row = screen.lines().find(|line| line.contains("roll back") && line.contains("nothing known"));
        assert!(row.is_some_and(|row| row.contains(word)), "{word}: {screen}");
        desk.press(&["1"]);
        screen
    };
    ready(&mut desk, told(fine()), " yes ");
    let screen = ready(&mut desk, told(unsure()), " ?? * ");
    assert!(screen.contains(": sh could not find out: whether version 4.1.9"), "{screen}");
    ready(&mut desk, told(refusing()), " no * ");
    ready(&mut desk, Foresight::Untold("gone".to_owned()), " ?? * ");
}

/// The style of the first cell of a text on a screen.
fn style(desk: &Desk, text: &str) -> Style {
    let picture = desk.picture(120, 40);
    let screen = desk.screen(120, 40);
    let (y, line) = screen.lines().enumerate().find(|(_, line)| line.contains(text)).expect(text);
    let x = line.split(text).next().unwrap().chars().count();
    picture[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())].style()
}

#[test]
fn what_could_not_be_found_out_is_counted_and_never_called_ready() {
    let mut desk = desk(true);
    way_back(&mut desk, |n| told(if n == 1 { unsure() } else { fine() }));
    for (pane, width) in ["1", "2", "3", "6"].into_iter().flat_map(|pane| [(pane, 80), (pane, 120)]) {
        desk.press(&[pane]);
        let screen = desk.screen(width, 24);
        assert!(screen.contains(", 1 of 2 ready · 1 not known: "), "{pane}: {screen}");
        assert!(!screen.contains("ROLLBACK ready"), "{pane}: {screen}");
    }
    desk.press(&["5"]);
    let mut all = String::new();
    for (width, height) in SIZES {
        all += &format!("── {width}×{height}\n{}\n", desk.screen(width, height));
    }
    keeps("rollback_not_known", &all);
    let unknown = Theme::built_in("dark", Depth::True, Glyphs::default()).unwrap().style(Role::Unknown).fg;
    for text in ["ROLLBACK ", "whether version 4.1.9", "whether a pod is stuck"] {
        assert_eq!(style(&desk, text).fg, unknown, "{text}");
    }
    // What is in the way weighs more, and is counted beside it.
    way_back(&mut desk, |n| told(if n == 1 { unsure() } else { refusing() }));
    let screen = desk.screen(120, 40);
    assert!(screen.contains("ROLLBACK BLOCKED: ") && screen.contains(" · 0 of 2 ready · 1 in the way · 1 not known"));
}

#[test]
fn a_dialog_shows_it_in_the_colour_of_what_is_unknown() {
    let mut desk = desk(true);
    desk.press(&["B", "a"]);
    let (number, operations) = desk.ui.foresee().unwrap();
    (0..operations.len()).for_each(|n| desk.ui.foreseen(number, n, told(unsure())));
    let unknown = Theme::built_in("dark", Depth::True, Glyphs::default()).unwrap().style(Role::Unknown).fg;
    for text in ["sh could not find out: whether version", "whether a pod is stuck"] {
        assert_eq!(style(&desk, text).fg, unknown, "{text}");
    }
}

#[test]
fn the_details_of_a_place_say_how_many_more_hold_it_than_are_kept() {
    for (more, said) in [(0, false), (4, true)] {
        let workspace = ground::workspace(2, 1);
        let mut lines = Lines::opened();
        lines.run(&workspace, ground::plan(30));
        let mut desk = Desk::within(workspace, lines);
        let now = desk.model.derived.at + TimeDelta::seconds(1);
        let place: Placed = ("svc-000".into(), "place-00".into());
        let held = Deployment { owners_left_out: more, ..ground::deployment("4.1.9") };
        let seen = ground::stamped(now, Observation::Deployments(vec![(place.clone(), Arc::new(held))]));
        desk.model.take(Update::Seen(Arc::new(vec![seen])));
        desk.model.refresh(now);
        desk.ui.pane = Pane::Health;
        desk.ui.target = Some(place);
        desk.act(Action::Open);
        let screen = desk.screen(200, 50);
        assert_eq!(screen.contains("held by  ?? 4 more, which are left out"), said, "{screen}");
    }
}
