//! What `init` writes is a workspace, and nothing is written over.

use super::{Dir, now};
use holdpoint::config::{init, load, new_id};

#[test]
fn what_init_writes_loads() {
    let dir = Dir::empty();
    let id = new_id([0x0f, 0x3a, 0x9c, 0x1d, 0xe2, 0xb8, 0x47, 0x56]);
    let written = init(dir.path(), "a \"quoted\" name\n", "Europe/Paris", &id, "me").unwrap();
    assert!(written.iter().all(|file| file.is_file()));
    let loaded = load(dir.path(), now()).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(loaded.warnings, []);
    assert_eq!(
        (loaded.workspace.id.as_str(), loaded.workspace.name.as_str()),
        ("0f3a9c1de2b84756", "a \"quoted\" name\n")
    );
    assert_eq!(loaded.workspace.runbooks["first"].title, "Bring web 1.0.0 to production");
    assert!(!loaded.workspace.calendar.events[0].occurrences.is_empty());
}

#[test]
fn init_overwrites_nothing() {
    let dir = Dir::empty();
    dir.put("services.toml", "# mine");
    let refused = init(dir.path(), "x", "UTC", "0123456789abcdef", "me").unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(dir.text("services.toml"), "# mine");
    assert!(!dir.path().join("holdpoint.toml").exists());
}

#[test]
fn init_refuses_a_zone_that_is_none() {
    let dir = Dir::empty();
    assert!(init(dir.path(), "x", "Mars/Base", "0123456789abcdef", "me").is_err());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
