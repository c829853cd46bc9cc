//! A glance at a workspace names it, whatever else is wrong with it.

use super::Dir;
use holdpoint::config::glance;
use holdpoint::domain::workspace::Purpose;

#[test]
fn a_glance_names_the_workspace_and_what_it_is_for() {
    let dir = Dir::empty();
    dir.put("holdpoint.toml", "[workspace]\nname = \"night\u{202e} train\"\npurpose = \"rehearsal\"\nwrong = 1\n");
    let (name, purpose) = glance(dir.0.path());
    assert!(name.starts_with("night") && !name.contains('\u{202e}'), "{name}");
    assert_eq!(purpose, Purpose::Rehearsal);
}

#[test]
fn what_cannot_be_read_is_named_by_its_directory_and_taken_seriously() {
    for text in ["[workspace", "[workspace]\nname = 3\npurpose = \"demonstration\"\n", ""] {
        let dir = Dir::empty();
        dir.put("holdpoint.toml", text);
        let directory = dir.0.path().file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(glance(dir.0.path()), (directory, Purpose::Real), "{text:?}");
    }
}
