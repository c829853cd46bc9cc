//! The table of actions and the keymap that comes from it.

use holdpoint::tui::action::{Action, Pane, Place, Reach, TABLE};
use holdpoint::tui::keymap::check::faults;
use holdpoint::tui::keymap::{Found, Keymap};
use holdpoint::tui::terminal::Key;
use std::collections::BTreeSet;

use crate::overlay::overlaid;

fn key(name: &str) -> Key {
    name.parse().unwrap()
}

#[test]
fn the_shipped_keymap_has_no_conflict_and_no_key_of_others() {
    let keyed: usize = TABLE.iter().map(|row| row.keys.len()).sum();
    assert_eq!(Keymap::lines().len(), keyed, "a key of the table is none");
    assert_eq!(faults(&Keymap::lines()), []);
    let lines = Keymap::lines().len();
    assert_eq!(Keymap::shipped().iter().count(), lines);
}

#[test]
fn names_are_unique_and_every_row_helps() {
    let names: BTreeSet<_> = TABLE.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), TABLE.len());
    for row in TABLE {
        assert!(!row.help.is_empty() && row.help.len() <= 60 && !row.help.ends_with('.'), "{}", row.name);
        assert!(row.reach == Reach::View || row.verb.is_some(), "{} acts and has no verb", row.name);
        assert!(Action::named(row.name).is_some());
    }
}

#[test]
fn keys_mean_what_the_screens_say() {
    let keymap = Keymap::shipped();
    let step = [Place::Step];
    for (name, action) in [
        ("s", Action::Start),
        ("d", Action::Done),
        ("f", Action::Fail),
        ("x", Action::Skip),
        ("n", Action::Note),
        ("H", Action::HoldAll),
        ("B", Action::RollBack),
        ("1", Action::Go(Pane::Bridge)),
        ("7", Action::Go(Pane::Journal)),
        ("/", Action::Filter),
        (":", Action::Palette),
        ("esc", Action::Back),
        ("j", Action::Down),
        ("q", Action::Quit),
    ] {
        assert_eq!(keymap.action(&step, key(name)), Some(action), "{name}");
    }
    assert_eq!(keymap.action(&[Place::Approval], key("r")), Some(Action::Reject));
    assert_eq!(keymap.action(&step, key("r")), Some(Action::Retry));
    assert_eq!(keymap.action(&[], key("s")), None);
    assert_eq!(keymap.action(&[], key("S")), None, "postponing is a key only while a trigger is tripped");
    assert_eq!(keymap.action(&[Place::Trigger, Place::Step], key("S")), Some(Action::PostponeTrigger));
    assert!(keymap.keys_of(Action::Up).map(ToString::to_string).eq(["k", "up"]));
}

#[test]
fn what_reaches_a_system_says_so() {
    for action in [Action::Start, Action::Retry, Action::Release, Action::RollBack] {
        assert_eq!(action.reach(), Reach::System);
    }
    assert_eq!(Action::HoldAll.reach(), Reach::Journal);
    assert_eq!(Action::Zoom.reach(), Reach::View);
}

#[test]
fn a_sequence_is_begun_before_it_is_an_action() {
    let keymap = overlaid("[any]\n\"f2 a\" = \"zoom\"\n\"f2 b c\" = \"zone\"\n").unwrap();
    let Found::Begun(longer) = keymap.found(&[Place::Step], &[key("f2")]) else { panic!("not begun") };
    assert_eq!(longer.iter().map(|(keys, _)| keys.to_string()).collect::<Vec<_>>(), ["f2 a", "f2 b c"]);
    assert_eq!(keymap.found(&[], &[key("f2"), key("a")]), Found::Action(Action::Zoom));
    assert!(matches!(keymap.found(&[], &[key("f2"), key("b")]), Found::Begun(_)));
    assert_eq!(keymap.found(&[], &[key("f2"), key("c")]), Found::Nothing);
}
