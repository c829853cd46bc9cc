//! Filling placeholders.

use holdpoint::backend::template::{fill, fill_all};
use proptest::prelude::*;

fn value(name: &str) -> Option<String> {
    match name {
        "service" => Some("payments".to_owned()),
        "note" => Some("{service} $(rm -rf /) 'x".to_owned()),
        _ => None,
    }
}

#[test]
fn each_element_stays_one_and_is_filled_once() {
    let argv = ["a{service}b".to_owned(), "{note}".to_owned()];
    assert_eq!(fill_all(&argv, value).unwrap(), ["apaymentsb", "{service} $(rm -rf /) 'x"]);
}

#[test]
fn braces_around_anything_but_a_name_stay() {
    for text in ["{}", "{print $1}", "{\"a\":1}", "{", "}", "a{b", "{{}}", "{1}"] {
        assert_eq!(fill(text, value).unwrap(), text);
    }
    assert_eq!(fill("{{service}}", value).unwrap(), "{payments}");
}

#[test]
fn every_placeholder_that_is_not_known_is_named() {
    let argv = ["{version}".to_owned(), "{service}".to_owned(), "--to={to}".to_owned()];
    let error = fill_all(&argv, value).unwrap_err().to_string();
    assert!(error.contains("{version}, {to}"), "{error}");
}

proptest! {
    #[test]
    fn any_text_is_filled_or_refused(text in ".{0,60}") {
        let _ = fill(&text, value);
    }
}
