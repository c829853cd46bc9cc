//! Conditions of rules: what can be read, how far, and that what is not known is never taken for no.

use holdpoint::domain::condition::{Condition, DEEPEST, LONGEST};
use holdpoint::domain::facts::{Facts, Sort};
use holdpoint::domain::policy::Saying;
use proptest::prelude::*;
use serde_json::json;

fn facts() -> Facts {
    Facts::of(&json!({
        "service": { "name": "web", "tier": 1, "data": ["pii", "cards"], "regions": [] },
        "change": { "version": "2.0.0" },
        "health": { "signals": { "errors": { "value": 0.25, "level": "fail" } } },
        "yes": true,
    }))
    .unwrap()
}

#[track_caller]
fn holds(text: &str) -> Result<bool, String> {
    Condition::read(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}")).holds(&facts().ask())
}

#[test]
fn conditions_hold_by_what_is_known() {
    let cases = [
        ("service.name == 'web'", true),
        ("service.tier < 2 && 'pii' in service.data", true),
        ("size(service.regions) == 0", true),
        ("service.data.exists(kind, kind == 'cards')", true),
        ("health.signals['errors'].value > 0.2", true),
        ("health.signals.errors.level == 'pass'", false),
        ("change.version.startsWith('1.') ? yes : !yes", false),
        ("change.version.matches('^2[.]')", true),
        ("has(change.from)", false),
    ];
    for (text, wanted) in cases {
        assert_eq!(holds(text), Ok(wanted), "{text}");
    }
}

#[test]
fn what_is_not_known_is_an_error_and_never_no() {
    for text in
        ["change.from == '1'", "!(change.from == '1')", "change.from != '1'", "health.signals['slow'].value < 1.0"]
    {
        assert!(holds(text).unwrap_err().ends_with("is not known"), "{text}");
    }
    // Where the rest decides it, it is decided.
    assert_eq!(holds("service.name == 'api' && change.from == '1'"), Ok(false));
    assert_eq!(holds("service.name == 'web' || change.from == '1'"), Ok(true));
    assert!(holds("service.name == 'web' && change.from == '1'").is_err());
    assert_eq!(holds("service.tier"), Err("it is neither true nor false".to_owned()));
    assert!(holds("service.name < 3").unwrap_err().contains("cannot be compared"));
}

#[test]
fn a_condition_is_small_by_force() {
    let wrong = |text: &str| Condition::read(text).map(|_| String::new()).unwrap_or_else(|wrong| wrong.what);
    assert_eq!(wrong(" "), "the condition is empty");
    assert!(wrong(&format!("{}true", " ".repeat(LONGEST))).contains("2000 is the most"));
    for deep in ["(", "["] {
        let text = format!("{}true", deep.repeat(DEEPEST * 20));
        assert_ne!(wrong(&text), "", "{deep}");
    }
    let nested = "service.data.exists(a, service.data.exists(b, a == b))";
    assert!(wrong(nested).contains("a list is gone through within another"));
    assert_eq!(wrong(&vec!["yes"; 40].join(" && ")), "");
    let long = vec!["yes"; 330].join("&&");
    assert!(wrong(&long).is_empty() || wrong(&long).contains("deeply"), "{}", wrong(&long));
}

#[test]
fn a_mistake_has_its_place() {
    for (text, at) in [("service.name ==", 15), ("service.name = 'x'", 13), ("a &&\n  && b", 7)] {
        let wrong = Condition::read(text).unwrap_err();
        assert!(wrong.at.is_some_and(|found| found.abs_diff(at) <= 1), "{text:?}: {wrong:?}");
        assert!(wrong.what.starts_with("no condition: "), "{wrong:?}");
    }
}

#[test]
fn hostile_texts_are_refused_or_end() {
    let texts = [
        "\0".to_owned(),
        "'\u{1b}[31m'".to_owned(),
        "(".repeat(LONGEST),
        "[".repeat(LONGEST),
        "!".repeat(LONGEST),
        "{".repeat(LONGEST),
        "a.".repeat(LONGEST / 2),
        "9".repeat(LONGEST),
        "-9223372036854775808".to_owned(),
        "1 / 0 == 1".to_owned(),
        "1 % 0 == 1".to_owned(),
        "9223372036854775807 + 1 > 0".to_owned(),
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('(a+)+$')".to_owned(),
        "'a'.matches('[')".to_owned(),
        "'é'.size() == 1".to_owned(),
        "service.data.map(a, service.data) == []".to_owned(),
        "timestamp('x') > timestamp('y')".to_owned(),
        "duration('1') > duration('y')".to_owned(),
        "b'\\xff' == b''".to_owned(),
        "dyn(service) == service".to_owned(),
    ];
    for text in texts {
        if let Ok(condition) = Condition::read(&text) {
            let _ = (condition.holds(&facts().ask()), condition.words(&facts().ask()), condition.seen());
        }
    }
}

proptest! {
    #[test]
    fn no_text_ends_the_program(text in "[-()\\[\\]{}!&|.,?:+*/%=<> 'a-c0-9\"\\\\\n]{0,60}") {
        if let Ok(condition) = Condition::read(&text) {
            let _ = condition.holds(&facts().ask());
        }
    }
}

#[test]
fn what_a_journal_holds_and_nobody_can_read_cannot_be_told() {
    let condition: Condition = serde_json::from_str("\"service.name ==\"").unwrap();
    assert!(condition.holds(&facts().ask()).unwrap_err().starts_with("no condition"));
    assert_eq!(serde_json::to_string(&condition).unwrap(), "\"service.name ==\"");
}

#[test]
fn what_it_asks_for_is_seen() {
    let read = |text| Condition::read(text).unwrap().seen();
    let seen =
        read("service.name == 'web' && health.signals['errors'].value > 2 && service.data.exists(k, k in ['pii'])");
    let paths: Vec<_> = seen.paths.iter().map(String::as_str).collect();
    assert_eq!(paths, ["health.signals.errors.value", "service.data", "service.name"]);
    assert!(seen.texts.contains("pii") && seen.numbers.contains(&2));
    assert_eq!(seen.compared.into_iter().collect::<Vec<_>>(), [("service.name".to_owned(), "web".to_owned())]);
    assert!(read("has(change.from)").paths.contains("change.from"));
}

#[test]
fn facts_lie_over_others_table_by_table() {
    let over = Facts::of(&json!({ "service": { "tier": 2 }, "new": { "a": "b" } })).unwrap();
    let both = facts().over(&over);
    assert_eq!(both.words("service.tier").as_deref(), Some("2"));
    assert_eq!(both.words("service.name").as_deref(), Some("web"));
    assert_eq!(both.words("new.a").as_deref(), Some("b"));
    assert_eq!(both.words("service.data").as_deref(), Some("pii, cards"));
    assert_eq!(both.words("service.regions").as_deref(), Some("none"));
    assert_eq!(both.words("service.nothing"), None);
    assert_eq!(both.sort("service"), Some(Sort::Table));
    assert_eq!(both.sort("service.data"), Some(Sort::List));
    assert_eq!((both.sort("yes"), both.sort("service.tier")), (Some(Sort::Yes), Some(Sort::Number)));
    assert!(Facts::of(&json!(["no", "table"])).is_err());
}

#[test]
fn a_sentence_is_filled_with_what_is_known() {
    let said = |text: &str| Saying::new(text).filled(&facts().ask());
    let cases = [
        ("{service.name} holds {service.data}", "web holds pii, cards"),
        ("from {change.from} to {change.version}", "from ?? to 2.0.0"),
        ("tier {service.tier + 1}", "tier 2"),
        ("{", "{"),
        ("{service.name", "{service.name"),
        ("} {} {{", "} ?? {{"),
        ("é{service.name}é", "éwebé"),
        ("", ""),
    ];
    for (text, wanted) in cases {
        assert_eq!(said(text), wanted, "{text}");
    }
    assert_eq!(Saying::new("a {b} {c.d}").blanks(), [(3, "b"), (7, "c.d")]);
}
