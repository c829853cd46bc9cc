//! Which programs backends were: a change is seen, and damage hinders nothing.

use crate::state_dir::{StateDir, at};
use holdpoint::domain::introduced::{Identity, Introduced};
use holdpoint::journal::programs::{note, read};

fn who(version: &str) -> Introduced {
    Introduced { name: "units".to_owned(), version: version.to_owned(), identity: Identity::Untold }
}

#[test]
fn a_change_is_seen_now_and_later_and_what_is_as_it_was_says_nothing() {
    let dir = StateDir::with_lines(2);
    let (journal, units) = (dir.open(), "units".into());
    let layout = journal.layout();
    assert!(read(layout).is_empty());
    for second in [0, 1] {
        note(layout, &units, &who("1"), at(second)).unwrap();
        assert_eq!(read(layout)[&units].since, at(0), "it is what it was");
        assert_eq!(read(layout)[&units].changed("units 1"), None);
    }
    // Nobody has noted it yet, and afterwards somebody has.
    let now = read(layout)[&units].changed("units 2").unwrap();
    assert!(now.contains("it is units 2 now") && now.contains("it was units 1 (since 2026-11-21 02:00:00Z)"), "{now}");
    note(layout, &"more".into(), &who("7"), at(8)).unwrap();
    note(layout, &units, &who("2"), at(9)).unwrap();
    let later = read(layout)[&units].changed("units 2").unwrap();
    assert_eq!(later, "it is units 2 since 2026-11-21 02:00:09Z; before that it was units 1");
    assert_eq!(read(layout).len(), 2);
}

#[test]
fn a_file_that_is_damaged_is_begun_anew() {
    let dir = StateDir::with_lines(2);
    let (journal, units) = (dir.open(), "units".into());
    let layout = journal.layout();
    for text in ["", "{", "[]", "{\"units\":5}", "\u{0}"] {
        std::fs::write(layout.programs(), text).unwrap();
        assert!(read(layout).is_empty(), "{text:?}");
        note(layout, &units, &who("1"), at(0)).unwrap();
        assert_eq!(read(layout)[&units].now, "units 1");
    }
    // Where it cannot be written nothing else is touched.
    std::fs::remove_file(layout.programs()).unwrap();
    std::fs::create_dir(layout.programs()).unwrap();
    assert!(note(layout, &units, &who("1"), at(0)).is_err());
    assert!(read(layout).is_empty());
}
