//! Rules that are read: what they come to, which warnings they draw, and how long a great many of them take.

use super::Dir;
use holdpoint::config::Loaded;
use holdpoint::domain::case::Case;
use holdpoint::domain::condition::Condition;
use holdpoint::domain::facts::Facts;
use holdpoint::domain::policy::Effect;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn load(rules: &str) -> Loaded {
    let dir = Dir::good();
    dir.put("policy/rules.toml", rules);
    dir.load().unwrap_or_else(|problems| panic!("{problems}"))
}

/// The warnings that one condition draws, as words.
fn warns(when: &str) -> Vec<String> {
    let rule = format!("[rules.r]\neffect = \"block\"\nwhen = {when:?}\nsay = \"x\"\n");
    load(&rule).warnings.iter().map(|warning| warning.what.clone()).collect()
}

#[test]
fn a_rule_is_read_with_all_that_it_says() {
    let loaded = load(
        r#"
[rules.major-asks]
effect = "needs"
when = "change.kind == 'major'"
say = "{service.name} goes to {change.version}"
owner = "ops"
controls = ["SOC2 CC8.1"]
approvals = [{ role = "ops", need = 2 }, { role = "release-manager" }]
second_person = true
[rules.agreed]
effect = "allow"
when = "service.tier > 2"
say = "agreed"
lifts = ["major-asks"]
[tests.one]
given = { service = { name = "ledger", tier = 3 }, change = { kind = "major" } }
expect = "allow"
rules = ["agreed"]
"#,
    );
    assert_eq!(loaded.warnings, []);
    let rule = &loaded.workspace.policy["major-asks"];
    assert_eq!((rule.effect, rule.second_person, rule.stops_rollback), (Effect::Needs, true, false));
    let slots: Vec<_> = rule.approvals.iter().map(|slot| (slot.role.as_str(), slot.need)).collect();
    assert_eq!((slots, rule.owner.as_ref()), (vec![("ops", 2), ("release-manager", 1)], Some(&"ops".into())));
    let test = &loaded.workspace.policy_tests[0];
    assert_eq!((test.name.as_str(), test.place.as_str()), ("one", "policy/rules.toml:15"));
    assert_eq!((test.expect, test.rules.as_deref()), (Some(Effect::Allow), Some(&["agreed".into()][..])));
    assert_eq!(test.facts.words("health.alerts").as_deref(), Some("0"), "what is not given is known and empty");
}

#[test]
fn what_can_speak_and_can_be_silent_draws_no_warning() {
    for when in [
        "service.name == 'ledger'",
        "local.weekday == 'Fri' && local.time >= '15:30'",
        "local.time > '15:30' && local.time < '15:32'",
        "change.version > '1' && change.version < '10'",
        "size(calendar.freezes) > 5",
        "size(service.depends_on) == 2",
        "'ledger' in service.depends_on && !('payments' in service.depends_on)",
        "'a' in calendar.freezes && 'b' in calendar.freezes && !('c' in calendar.freezes)",
        "health.alerts > health.critical && health.critical > 0",
        "local.hour > utc.hour && utc.hour > 5",
        "local.hour + 5 == 20",
        "local.hour % 2 == 1",
        "environment.name + '-' + service.name == 'lab-ledger'",
        "service.owner in operator.roles",
        "!(environment.region in service.regions)",
        "service.name in service.reaches",
        "change.from < change.version",
        "change.from < change.version && change.from > '2'",
        "local.date >= '2026-12-20' && local.date <= '2027-01-03'",
        "run.by == operator.name",
        "run.takes_back ? local.hour > 20 : local.hour < 4",
        "!run.takes_back",
        "has(change.kind) && change.kind == 'major'",
        "service.name.startsWith('led')",
        "health.signals['failed-requests'].value > 0.1",
        "service.tier <= 2 && release.impact == 'high'",
        "release.services > 9223372036854775806",
    ] {
        assert_eq!(warns(when), [""; 0], "{when}");
    }
}

#[test]
fn what_never_or_always_speaks_is_named() {
    for (when, what) in [
        ("false", "r never speaks"),
        ("service.name == 'ledger' && service.name == 'payments'", "r never speaks"),
        ("local.hour < 0", "r never speaks"),
        ("service.tier > 3 && service.tier < 2", "r never speaks"),
        ("'ledger' in service.depends_on && size(service.depends_on) == 0", "r never speaks"),
        ("local.time > '15:30' && local.time < '15:00'", "r never speaks"),
        ("local.hour >= 0", "r always speaks"),
        ("run.takes_back || !run.takes_back", "r always speaks"),
    ] {
        assert_eq!(warns(when), [what], "{when}");
    }
    assert_eq!(warns("true"), [""; 0], "that is how it is written where it is meant");
}

/// Parts of conditions over few facts, which can be gone through one by one here too.
const PARTS: [&str; 12] = [
    "local.hour > 3",
    "local.hour <= 8",
    "local.hour == utc.hour",
    "utc.hour < local.hour",
    "service.name == 'ledger'",
    "service.name != 'payments'",
    "run.takes_back",
    "'pii' in calendar.freezes",
    "'card' in calendar.freezes",
    "size(calendar.freezes) > 2",
    "service.name in calendar.freezes",
    "utc.hour >= 4",
];

/// Every case of those facts.
fn every_case() -> Vec<Facts> {
    let blank = Facts::of(&Case::blank()).unwrap();
    let mut all = Vec::new();
    let kinds: [&[&str]; 8] = [
        &[],
        &["pii"],
        &["card"],
        &["pii", "card"],
        &["pii", "x"],
        &["pii", "card", "x"],
        &["x", "y", "z"],
        &["ledger"],
    ];
    for (local, utc) in (0..12).flat_map(|a| (0..12).map(move |b| (a, b))) {
        for name in ["ledger", "payments"] {
            for (data, back) in kinds.iter().flat_map(|data| [(data, true), (data, false)]) {
                let facts = serde_json::json!({
                    "local": { "hour": local }, "utc": { "hour": utc }, "run": { "takes_back": back },
                    "service": { "name": name }, "calendar": { "freezes": data },
                });
                all.push(blank.clone().over(&Facts::of(&facts).unwrap()));
            }
        }
    }
    all
}

#[test]
fn no_warning_is_false_where_every_case_can_be_gone_through() {
    let (all, full) = (every_case(), std::env::var_os("HOLDPOINT_FULL").is_some());
    let asked: Vec<_> = all.iter().map(Facts::ask).collect();
    let part = || prop::sample::select(PARTS.to_vec());
    let joined = (part(), part(), part(), any::<[bool; 5]>()).prop_map(|(a, b, c, [not, and, or, other, paren])| {
        let (one, two) = (if and { "&&" } else { "||" }, if or { "||" } else { "&&" });
        let (a, c) =
            (if not { format!("!({a})") } else { a.to_owned() }, if other { format!("!({c})") } else { c.to_owned() });
        if paren { format!("({a} {one} {b}) {two} {c}") } else { format!("{a} {one} ({b} {two} {c})") }
    });
    let cases = if full { 300 } else { 30 };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let tried = proptest::test_runner::TestRunner::new(config).run(&joined, |when| {
        let read = Condition::read(&when).unwrap();
        let speaks = asked.iter().filter(|facts| read.holds(facts).unwrap()).count();
        for warning in warns(&when) {
            prop_assert!(!warning.contains("never") || speaks == 0, "{} in {} cases: {}", when, speaks, warning);
            prop_assert!(
                !warning.contains("always") || speaks == asked.len(),
                "{} in {} cases: {}",
                when,
                speaks,
                warning
            );
        }
        Ok(())
    });
    tried.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn a_needs_beside_a_block_is_noticed_where_it_may_speak_alone() {
    let beside = |needs: &str, block: &str| {
        let rules = format!(
            "[rules.b]\neffect = \"block\"\nwhen = {block:?}\nsay = \"x\"\n[rules.n]\neffect = \"needs\"\nwhen = {needs:?}\nsay = \"x\"\nsecond_person = true\n"
        );
        let warnings = load(&rules).warnings;
        warnings.iter().filter(|warning| warning.what.contains("never noticed")).count()
    };
    for (needs, block, wanted) in [
        ("service.name == 'ledger' && local.hour > 3", "service.name == 'ledger'", 1),
        ("service.name == 'ledger'", "service.name == 'ledger' && local.hour > 3", 0),
        ("local.hour > 3", "local.hour >= 3", 1),
        ("local.hour >= 3", "local.hour > 3", 0),
        ("'pii' in calendar.freezes", "size(calendar.freezes) > 0", 1),
        ("'pii' in calendar.freezes", "size(calendar.freezes) > 1", 0),
        ("local.hour > utc.hour", "utc.hour < 5 || local.hour > 6", 0),
        ("service.name == 'ledger'", "health.signals['failed-requests'].value > 0.1", 0),
    ] {
        assert_eq!(beside(needs, block), wanted, "{needs} beside {block}");
    }
}

#[test]
fn a_thousand_rules_are_read_in_a_moment() {
    let rule = |n: usize| {
        let when = format!("service.tier == {} && local.weekday == 'Fri' && local.time >= '{:02}:30'", n % 4, n % 24);
        let effect = if n.is_multiple_of(3) { "block" } else { "warn" };
        format!(
            "[rules.r{n}]\neffect = \"{effect}\"\nwhen = \"{when}\"\nsay = \"{{service.name}} at {{local.time}}\"\n"
        )
    };
    let text: String = (0..1_000).map(rule).collect();
    let began = Instant::now();
    let loaded = load(&text);
    let took = began.elapsed();
    println!("1,000 rules: {took:?}");
    assert_eq!(loaded.workspace.policy.len(), 1_000);
    assert!(took < Duration::from_secs(60), "{took:?}");
}

#[test]
fn texts_of_rules_do_no_harm() {
    let dir = Dir::good();
    let rule = "[rules.r]\neffect = \"block\"\nwhen = \"servcie.name == '\\u001b[2J'\"\nsay = \"\\u001b]0;x\\u0007 {\\u202e}\"\n";
    dir.put("policy/rules.toml", rule);
    let told = dir.problems().to_string();
    assert!(!told.chars().any(|c| c.is_control() && c != '\n') && !told.contains('\u{202e}'), "{told:?}");
    for say in ["{", "}", "{}", "{{{", "\\u0000", "{service.name", "{'}'}"] {
        let dir = Dir::good();
        dir.put("policy/rules.toml", format!("[rules.r]\neffect = \"warn\"\nwhen = \"true\"\nsay = \"{say}\"\n"));
        if let Err(problems) = dir.load() {
            assert!(problems.0.iter().all(|problem| problem.line == 4), "{say}: {problems}");
        }
    }
}
