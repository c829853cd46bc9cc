//! Facts by dotted name, laid over each other, and as words.

use holdpoint::domain::case::Case;
use holdpoint::domain::facts::{Facts, Sort};
use serde_json::json;
use std::collections::BTreeMap;

fn of(value: serde_json::Value) -> Facts {
    Facts::of(&value).unwrap()
}

#[test]
fn only_a_table_is_facts() {
    for value in [json!(1), json!("a"), json!(["a"]), json!(null), json!(true)] {
        assert_eq!(Facts::of(&value), Err("facts are a table".to_owned()), "{value}");
    }
    assert_eq!(Facts::of(&json!({})), Ok(Facts::default()));
    assert!(Facts::of(&BTreeMap::from([(1, "a")])).is_ok_and(|facts| facts.words("1").is_some()));
}

#[test]
fn a_fact_is_found_by_its_whole_name() {
    let facts = of(json!({ "a": { "b": { "c": 1 }, "": 2 }, "d": [1] }));
    assert_eq!(facts.words("a.b.c").as_deref(), Some("1"));
    assert_eq!(facts.words("a.").as_deref(), Some("2"));
    for none in ["", ".", "a.c", "a.b.c.d", "b", "d.0", "A", "a..b"] {
        assert!(facts.get(none).is_none(), "{none:?}");
    }
    let paths: Vec<_> = facts.paths().into_iter().collect();
    assert_eq!(paths, ["a", "a.", "a.b", "a.b.c", "d"]);
}

#[test]
fn each_kind_has_a_sort_and_words() {
    let facts = of(json!({
        "text": "x", "int": -3, "big": 18_446_744_073_709_551_615_u64, "float": 0.05, "yes": true, "no": false,
        "list": ["a", "b"], "empty": [], "table": { "b": 1, "a": { "c": 2 } }, "null": null,
    }));
    for (name, sort, words) in [
        ("text", Sort::Text, "x"),
        ("int", Sort::Number, "-3"),
        ("big", Sort::Number, "18446744073709551615"),
        ("float", Sort::Number, "0.05"),
        ("yes", Sort::Yes, "yes"),
        ("no", Sort::Yes, "no"),
        ("list", Sort::List, "a, b"),
        ("empty", Sort::List, "none"),
        ("table", Sort::Table, "a c 2, b 1"),
    ] {
        assert_eq!((facts.sort(name), facts.words(name).as_deref()), (Some(sort), Some(words)), "{name}");
    }
    assert_eq!((facts.sort("other"), facts.words("null").as_deref()), (None, Some("nothing")));
}

#[test]
fn facts_lie_over_facts_table_by_table() {
    let under = of(json!({ "a": { "b": 1, "c": 2 }, "d": [1, 2], "e": 3 }));
    let over = of(json!({ "a": { "c": 5, "f": 6 }, "d": [9], "g": { "h": 7 } }));
    let both = of(json!({ "a": { "b": 1, "c": 5, "f": 6 }, "d": [9], "e": 3, "g": { "h": 7 } }));
    assert_eq!(under.clone().over(&over), both);
    assert_eq!(under.clone().over(&Facts::default()), under);
    assert_eq!(Facts::default().over(&under), under);
    assert_eq!(of(json!({ "a": { "b": 1 } })).over(&of(json!({ "a": 2 }))), of(json!({ "a": 2 })));
    assert_eq!(of(json!({ "a": 2 })).over(&of(json!({ "a": { "b": 1 } }))), of(json!({ "a": { "b": 1 } })));
}

#[test]
fn a_blank_case_knows_everything_and_one_of_no_words_knows_less() {
    let (blank, unheard) = (Facts::of(&Case::blank()).unwrap(), Facts::of(&Case::default()).unwrap());
    let missing: Vec<_> = blank.paths().difference(&unheard.paths()).cloned().collect();
    let told = [
        "change.from",
        "change.kind",
        "health.alerts",
        "health.critical",
        "operator.name",
        "operator.roles",
        "release.impact",
        "release.services",
    ];
    assert_eq!(missing, told);
    assert!(unheard.paths().is_subset(&blank.paths()));
    for watched in Case::WATCHED.iter().chain(&Case::TIMED).chain(&Case::OPEN) {
        assert!(blank.get(watched).is_some(), "{watched} is no fact");
    }
}
