//! Conditions: what can be read, what ends soon whatever it is, and what is not known and so never *no*.

use holdpoint::domain::case::Case;
use holdpoint::domain::condition::{Condition, DEEPEST, LONGEST, Wrong};
use holdpoint::domain::facts::Facts;
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// How long a text may take to be read, or to be asked, on a busy machine without optimisation.
const SOON: Duration = Duration::from_secs(5);

fn blank() -> Facts {
    Facts::of(&Case::blank()).unwrap()
}

/// A case of which what is told by backends is not known.
fn unheard() -> Facts {
    Facts::of(&Case::default()).unwrap()
}

#[track_caller]
fn wrong(text: &str) -> Wrong {
    Condition::read(text).expect_err(text)
}

/// Whether it holds; `Err` where that cannot be told.
#[track_caller]
fn holds(facts: &Facts, text: &str) -> Result<bool, String> {
    Condition::read(text).unwrap_or_else(|e| panic!("{text}: {e:?}")).holds(&facts.ask())
}

/// Reads a text and asks what it reads as, soon; whether it was a condition.
#[track_caller]
fn ends_soon(text: &str) -> bool {
    let (began, facts) = (Instant::now(), blank());
    let read = Condition::read(text);
    if let Ok(read) = &read {
        let _ = (read.holds(&facts.ask()), read.words(&facts.ask()), read.seen());
    }
    if let Err(Wrong { at: Some(at), what }) = &read {
        assert!(*at <= text.len() && text.is_char_boundary(*at), "{at} is no place of {text:?}: {what}");
    }
    let (took, head) = (began.elapsed(), text.chars().take(60).collect::<String>());
    assert!(took < SOON, "{took:?} for {head:?}, {} bytes", text.len());
    read.is_ok()
}

#[test]
fn nothing_and_too_much_are_no_conditions() {
    for text in ["", " ", "\n\t "] {
        assert_eq!(wrong(text), Wrong { at: None, what: "the condition is empty".to_owned() });
    }
    let long = |n: usize| format!("true{}", " ".repeat(n - 4));
    assert!(Condition::read(&long(LONGEST)).is_ok());
    assert_eq!(wrong(&long(LONGEST + 1)).what, "the condition is 2001 bytes long, and 2000 is the most");
    let wide = "é".repeat(LONGEST / 2 + 1);
    assert!(wrong(&wide).what.contains("2002 bytes long"), "bytes are counted, as the limit is of bytes");
}

#[test]
fn what_is_wrong_has_a_place() {
    for (text, at) in [
        ("environment.tier ==", 19),
        ("environment.tier = 'x'", 17),
        ("(true", 5),
        ("true)", 4),
        ("true &&\n  && false", 10),
        ("'é' == ]", 8),
        ("\"open", 0),
    ] {
        let wrong = wrong(text);
        assert_eq!(wrong.at, Some(at), "{text:?}: {}", wrong.what);
        assert!(wrong.what.starts_with("no condition: ") && wrong.what.len() < 200, "{wrong:?}");
    }
}

#[test]
fn what_lies_too_deep_is_not_read() {
    let nested = |n: usize| format!("{}true{}", "(".repeat(n), ")".repeat(n));
    assert!(Condition::read(&nested(5)).is_ok());
    assert!(Condition::read(&nested(DEEPEST * 3)).is_err());
    let sum = |n: usize| format!("{}1 > 0", "1 + ".repeat(n));
    assert_eq!(holds(&blank(), &sum(20)), Ok(true));
    assert!(wrong(&sum(400)).what.contains("too deeply"));
    let deep = |n: usize| format!("{}true", "!".repeat(n));
    assert!(Condition::read(&deep(DEEPEST * 3)).is_ok(), "pairs of it are nothing");
    assert!(Condition::read(&format!("size({}'a')", "'a' + ".repeat(300))).is_err());
}

#[test]
fn a_list_is_gone_through_once_and_not_within_another() {
    let once = "['a', 'b'].exists(x, x == 'b') && ['c'].all(y, y != 'd')";
    assert_eq!(holds(&blank(), once), Ok(true));
    for nested in [
        "['a'].exists(x, ['b'].exists(y, x == y))",
        "['a'].map(x, ['b'].map(y, x + y)).size() > 0",
        "['a'].filter(x, x != '').exists(y, y == 'a')",
    ] {
        assert!(wrong(nested).what.contains("within another"), "{nested}");
    }
}

#[test]
fn whatever_is_written_ends_soon() {
    let hundred_kilobytes = ["(", "[", "!", "-", "{", "a.", "a?", "[[", "1+", "true&&", "has(", "\"", "\\", "\0", "é"];
    for part in hundred_kilobytes {
        ends_soon(&part.repeat(100_000 / part.len()));
        ends_soon(&part.repeat(LONGEST / part.len()));
        ends_soon(&format!("{}1", part.repeat(LONGEST / part.len() - 1)));
        ends_soon(&part.repeat(DEEPEST / 2));
    }
    let chained = |part: &str, end: &str| format!("{}{end}", part.repeat((LONGEST - 4) / part.len()));
    for (part, end) in [
        ("1+", "1"),
        ("'aaaaaaaaaaaa'+", "''"),
        ("true||", "x"),
        ("false?1:", "2"),
        ("a.", "b"),
        ("x[0]", ""),
        ("1<", "2"),
        ("!-", "1"),
        ("has(a.b)&&", "true"),
        ("\n", "true"),
    ] {
        ends_soon(&chained(part, end));
    }
}

#[test]
fn hostile_texts_and_numbers_do_no_harm() {
    for text in [
        "9223372036854775807 + 1 > 0",
        "-9223372036854775808 - 1 < 0",
        "-(-9223372036854775808) > 0",
        "9223372036854775808 > 0",
        "99999999999999999999999999999999 > 0",
        "1e400 > 0.0",
        "1 / 0 > 0",
        "1 % 0 > 0",
        "-9223372036854775808 / -1 > 0",
        "-9223372036854775808 % -1 == 0",
        "9223372036854775807 * 9223372036854775807 > 0",
        "int('99999999999999999999') > 0",
        "int(1e300) > 0",
        "'a' * 1000000000 == ''",
        "[1] * 1000000000 == []",
        "service.data[9223372036854775807] == 'x'",
        "service.data[-1] == 'x'",
        "'\u{202e}' == '\u{0}'",
        "'日本語'.contains('本')",
        "service\u{200b}.name == ''",
        "b'\\xff' == b''",
        "{'a': {'a': {'a': 1}}}.a.a.a == 1",
        "{1: 2}[1] == 2",
        "type(1) == int",
        "duration('1h') > duration('1s')",
        "timestamp('2026-01-01T00:00:00Z') > timestamp('2025-01-01T00:00:00Z')",
        "dyn(1) == 1",
        "a.b.c(d.e(f))",
        "google.protobuf.Any{}",
        "x{y: 1}",
        "[1,2,3].map(x, x * 2, x > 1)",
    ] {
        ends_soon(text);
    }
}

#[test]
fn a_pattern_that_runs_away_elsewhere_does_not_here() {
    let long = "a".repeat(900);
    for pattern in ["(a+)+$", "(a|aa)+$", "(a|a?)+$", "((a*)*)*b", "(.*a){20}", "(a{1000}){1000}", "[", "(?<n>a)\\k<n>"]
    {
        ends_soon(&format!("'{long}!'.matches(r'{pattern}')"));
    }
    assert_eq!(holds(&blank(), "'v1.2'.matches('^v[0-9]')"), Ok(true));
    assert!(holds(&blank(), "'x'.matches('[')").is_err(), "a pattern that is none is no answer");
}

#[test]
fn what_is_not_known_is_an_error_and_never_no() {
    let facts = unheard();
    for text in [
        "change.kind == 'major'",
        "change.kind != 'major'",
        "!(change.kind == 'major')",
        "change.kind in ['major', 'minor']",
        "health.alerts > 0",
        "health.alerts == 0",
        "health.signals.errors.value > 0.1",
        "health.signals['errors'].value > 0.1",
        "health.signals.errors.level == 'fail'",
        "'ops' in operator.roles",
        "!('ops' in operator.roles)",
        "size(operator.roles) == 0",
        "nothing.at.all == 1",
        "true && change.kind == 'major'",
        "false || change.kind == 'major'",
        "change.kind == 'major' || false",
        "change.kind == 'major' && true",
        "change.kind == 'major' ? true : false",
        "change.from.startsWith('1')",
    ] {
        let told = holds(&facts, text);
        assert!(told.as_ref().is_err_and(|why| why.contains("not known")), "{text}: {told:?}");
    }
}

#[test]
fn what_does_not_hang_on_the_unknown_is_told() {
    let facts = unheard();
    for (text, wanted) in [
        ("false && change.kind == 'major'", false),
        ("change.kind == 'major' && false", false),
        ("true || change.kind == 'major'", true),
        ("change.kind == 'major' || true", true),
        ("true ? true : change.kind == 'major'", true),
        ("has(change.kind)", false),
        ("has(change.verb)", true),
        ("has(change.kind) && change.kind == 'major'", false),
        ("!has(health.alerts) || health.alerts > 0", true),
    ] {
        assert_eq!(holds(&facts, text), Ok(wanted), "{text}");
    }
}

#[test]
fn what_is_neither_true_nor_false_is_no_answer() {
    for text in ["1", "'true'", "service.name", "null", "[true]", "size(service.data)", "{'a': true}"] {
        assert_eq!(holds(&blank(), text), Err("it is neither true nor false".to_owned()), "{text}");
    }
    for text in ["local.time > 15", "service.tier > 'x'", "service.data > 1", "!service.name", "service.name && true"] {
        assert!(holds(&blank(), text).is_err(), "{text}");
    }
}

#[test]
fn numbers_compare_as_they_are_written() {
    let facts =
        Facts::of(&serde_json::json!({ "a": 1, "b": 1.5, "c": 18_446_744_073_709_551_615_u64, "d": -2 })).unwrap();
    for text in ["a == 1", "a < 2", "a < b", "b > 1", "a == 1.0", "c > 0", "c > a", "d < a", "d == -2", "a + 1 == 2"] {
        assert_eq!(holds(&facts, text), Ok(true), "{text}");
    }
}

#[test]
fn it_is_written_and_read_as_its_text() {
    let read = Condition::read("service.tier == 1").unwrap();
    let json = serde_json::to_string(&read).unwrap();
    assert_eq!(json, "\"service.tier == 1\"");
    let again: Condition = serde_json::from_str(&json).unwrap();
    assert_eq!((&again, again.as_str()), (&read, "service.tier == 1"));
    // What a journal of another version holds is not refused: it cannot be told.
    let odd: Condition = serde_json::from_str("\"service.tier ==\"").unwrap();
    assert!(odd.holds(&blank().ask()).is_err() && odd.seen().paths.is_empty());
    let deep: Condition = serde_json::from_str(&format!("\"{}\"", "(".repeat(100_000))).unwrap();
    assert!(deep.holds(&blank().ask()).unwrap_err().contains("100000 bytes long"));
}

#[test]
fn what_it_asks_for_is_seen() {
    let seen = |text: &str| Condition::read(text).unwrap().seen();
    let all = seen("service.name in ['web', 'api'] && health.signals['p99'].value > 2 && size(calendar.freezes) > 0");
    let paths: Vec<_> = all.paths.iter().map(String::as_str).collect();
    assert_eq!(paths, ["calendar.freezes", "health.signals.p99.value", "service.name"]);
    assert_eq!(all.functions.iter().map(String::as_str).collect::<Vec<_>>(), ["size"]);
    assert_eq!(all.numbers.into_iter().collect::<Vec<_>>(), [0, 2]);
    let pair = |text: &str| ("service.name".to_owned(), text.to_owned());
    assert_eq!(all.compared.into_iter().collect::<Vec<_>>(), [pair("api"), pair("web")]);
    let bound = seen("service.data.exists(d, d == 'pii' && d != service.owner)");
    assert_eq!(bound.paths.iter().map(String::as_str).collect::<Vec<_>>(), ["service.data", "service.owner"]);
    assert!(bound.compared.is_empty(), "{bound:?}");
    assert!(seen("has(change.kind)").paths.contains("change.kind"));
    assert!(seen("'pii' in service.data").compared.contains(&("service.data".to_owned(), "pii".to_owned())));
}

/// Words of which conditions are made, and such as are none.
const WORDS: [&str; 40] = [
    "service", "change", "health", "signals", "local", "name", "hour", "kind", "tier", ".", ".", ".", "==", "!=", "<",
    ">=", "&&", "||", "!", "(", ")", "[", "]", "{", "}", ",", ":", "?", "in", "has", "size", "exists", "'a'", "\"",
    "1", "1.5", "true", "+", "matches", "é",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_reading_panic(text in "\\PC{0,80}") {
        ends_soon(&text);
    }

    #[test]
    fn no_row_of_words_does(words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..60)) {
        ends_soon(&words.concat());
        ends_soon(&words.join(" "));
    }

    #[test]
    fn what_is_read_says_the_same_again(words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 1..6)) {
        let text = words.join(" ");
        if let Ok(read) = Condition::read(&text) {
            let facts = blank();
            prop_assert_eq!(read.holds(&facts.ask()), holds(&facts, &text));
        }
    }
}
