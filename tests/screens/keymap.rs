//! The table of actions and the keymap that comes from it.

use holdpoint::tui::action::{Action, Pane, Place, Reach, TABLE};
use holdpoint::tui::keymap::{BadKeymap, Keymap};
use holdpoint::tui::terminal::Key;
use std::collections::BTreeSet;

fn key(name: &str) -> Key {
    name.parse().unwrap()
}

#[test]
fn the_shipped_keymap_has_no_conflict_and_no_key_of_others() {
    Keymap::shipped().unwrap();
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
    let keymap = Keymap::shipped().unwrap();
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
    assert!(keymap.keys_of(Action::Up).eq([key("k"), key("up")]));
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
fn overrides_replace_and_every_mistake_is_told_at_once() {
    let keymap = Keymap::with(&[("start".into(), vec![key("f8")])]).unwrap();
    assert_eq!(keymap.action(&[Place::Step], key("f8")), Some(Action::Start));
    assert_eq!(keymap.action(&[Place::Step], key("s")), None);
    let wrong = Keymap::with(&[
        ("start".into(), vec![key("H")]),
        ("zoom".into(), vec![key("ctrl-s")]),
        ("approve".into(), vec![key("r")]),
        ("fly".into(), vec![]),
    ])
    .unwrap_err();
    assert!(wrong.contains(&BadKeymap::Conflict(key("H"), "hold-all", "start")), "{wrong:?}");
    assert!(wrong.contains(&BadKeymap::Taken(key("ctrl-s"), "zoom")));
    assert!(wrong.contains(&BadKeymap::Conflict(key("r"), "approve", "reject")));
    assert!(wrong.contains(&BadKeymap::NoSuchAction("fly".into())));
    assert_eq!(wrong.len(), 4, "{wrong:?}");
}
