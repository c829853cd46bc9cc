//! `policy` and `may` on rules: what they print, as JSON too, and how they end.

use crate::ground::{by, deploy, with};
use crate::support::sandbox::Sandbox;
use chrono::{Datelike, Weekday};

const RULES: &str = r#"
[rules.friday]
effect = "block"
when = "environment.tier == 'production' && local.weekday == 'Fri' && local.time >= '15:30'"
say = "nothing goes to {environment.name} on Friday after 15:30"
controls = ["SOC2 CC8.1"]
owner = "operator"
[rules.major-asks]
effect = "needs"
when = "change.kind == 'major'"
say = "{service.name} goes from {change.from} to {change.version}"
approvals = [{ role = "qa" }]
controls = ["ISO 8.32"]
[rules.of-the-train]
effect = "warn"
when = "release.impact == 'high'"
say = "{release.name} can hurt"
[tests.friday-evening]
given = { environment = { tier = "production" }, local = { weekday = "Fri", time = "16:00" } }
expect = "block"
rules = ["friday"]
[tests.a-major]
given = { change = { kind = "major" } }
expect = "needs"
"#;

const RELEASE: &str = r#"
[releases.train]
title = "The train"
starts = "2099-01-01T02:00:00Z"
ends = "2099-01-01T06:00:00Z"
environments = ["prod"]
impact = "high"
bill = [{ service = "web", version = "2.0.0" }]
"#;

/// A Friday afternoon that the calendar does not know.
const FRIDAY: &str = "2098-12-05T15:10:00Z";

/// The next afternoon of a weekday that lies ahead by a day or more.
fn next(weekday: Weekday) -> String {
    let day = (1..9).map(|n| chrono::Utc::now().date_naive() + chrono::TimeDelta::days(n));
    format!("{}T15:10:00Z", day.into_iter().find(|day| day.weekday() == weekday).unwrap())
}

fn ruled(more: &str) -> Sandbox {
    let s = with(&deploy("2.0.0"));
    s.write("policy/changes.toml", format!("{RULES}{more}"));
    s.write("live-web-prod", "1.0.0");
    s
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn list_prints_rules_and_those_of_a_control() {
    let s = ruled("");
    snapshot("policy-list", &s.holdpoint(&["policy", "list"]).exits(0).stdout);
    let of = |control: &str| s.holdpoint(&["policy", "list", "--control", control]).exits(0);
    assert!(of("SOC2").stdout.contains("friday") && !of("SOC2").stdout.contains("major-asks"));
    let none = of("PCI");
    assert_eq!((none.stdout.as_str(), none.stderr.trim()), ("", "no rule carries that control out"));
    let rows = s.holdpoint(&["--json", "policy", "list"]).exits(0).json();
    assert_eq!((rows.as_array().unwrap().len(), &rows[1]["effect"]), (3, &"needs".into()), "{rows}");
    let checked = s.holdpoint(&["check"]).exits(0);
    assert!(format!("{}{}", checked.stdout, checked.stderr).contains("3 rules"), "{checked:?}");
    let bare = with(&deploy("2.0.0"));
    assert!(bare.holdpoint(&["policy", "list"]).exits(0).stderr.contains("there are no rules"));
}

#[test]
fn tests_that_fail_are_named_with_their_place_and_end_otherwise() {
    let s = ruled("");
    snapshot("policy-test", &s.holdpoint(&["policy", "test"]).exits(0).stdout);
    let wrong = r#"
[tests.wrong-effect]
given = { change = { kind = "major" } }
expect = "none"
[tests.wrong-rules]
given = { change = { kind = "major" }, release = { impact = "high" } }
expect = "needs"
rules = ["friday", "major-asks"]
[tests.the-way-back]
given = { change = { kind = "major", direction = "back" } }
expect = "none"
"#;
    let s = ruled(wrong);
    snapshot("policy-test-failed", &s.holdpoint(&["policy", "test"]).exits(1).stdout);
    let rows = s.holdpoint(&["--json", "policy", "test"]).exits(1).json();
    let failed = rows.as_array().unwrap().iter().filter(|row| row["wrong"] != serde_json::json!([])).count();
    assert_eq!((failed, &rows[1]["came"]), (2, &"block".into()), "{rows}");
}

#[test]
fn explain_says_which_facts_make_a_rule_speak() {
    let s = ruled("");
    s.write("calendar/train.toml", RELEASE);
    let asked = ["policy", "explain", "deploy", "web", "prod", "--to", "2.0.0", "--release", "train", "--at", FRIDAY];
    snapshot("policy-explain", &by(&s, "ana", &asked).exits(0).stdout);
    let told = by(&s, "ana", &[&["--json"], &asked[..]].concat()).exits(0).json();
    assert_eq!((&told["effect"], &told["rules"][0]["speaks"]), (&"block".into(), &true.into()), "{told}");
    let unknown = by(&s, "ana", &["policy", "explain", "deploy", "web", "prod"]).exits(0).stdout;
    assert!(unknown.contains("UNKNOWN needs major-asks") && unknown.contains("??  not known"), "{unknown}");
    for wrong in [&["deply", "web", "prod"], &["deploy", "wbe", "prod"], &["deploy", "web", "prd"]] {
        let said = s.holdpoint(&[&["policy", "explain"], &wrong[..]].concat()).exits(2);
        assert!(said.stderr.contains("there "), "{said:?}");
    }
}

#[test]
fn may_answers_by_calendar_and_rules() {
    let s = ruled("");
    s.write("calendar/train.toml", RELEASE);
    let (friday_at, thursday) = (next(Weekday::Fri), next(Weekday::Thu));
    let may = |more: &[&str]| by(&s, "ana", &[&["may", "deploy", "web", "prod"], more].concat());
    let friday = may(&["--to", "1.1.0", "--at", &friday_at]).exits(3).stdout;
    assert!(friday.contains("nothing goes to prod on Friday after 15:30, policy friday"), "{friday}");
    let major = may(&["--to", "2.0.0", "--release", "train", "--at", &thursday]).exits(3).stdout;
    snapshot("may-major", &major.replace(&thursday[..10], "DAY"));
    may(&["--to", "1.1.0", "--at", &thursday]).exits(0);
    let unknown = may(&["--at", &thursday]).exits(3).stdout;
    assert!(unknown.contains("whether policy major-asks speaks cannot be told: change.kind is not known"), "{unknown}");
    let none = may(&["--to", "1.1.0", "--release", "trian", "--at", &thursday]).exits(2);
    assert!(none.stderr.contains("there is no release trian"), "{none:?}");
    let told =
        by(&s, "ana", &["--json", "may", "deploy", "web", "prod", "--to", "1.1.0", "--at", &friday_at]).exits(3).json();
    let midnight = [":00:00Z", "22", "23"].map(|part| told["opens"].as_str().unwrap().contains(part));
    assert!(told["level"] == "hold" && midnight[0] && (midnight[1] || midnight[2]), "{told}");
    by(&s, "ana", &["may", "roll-back", "web", "prod", "--at", &friday_at]).exits(0);
}

#[test]
fn what_rules_say_acts_on_no_terminal() {
    let odd = "[rules.odd]\neffect = \"warn\"\nwhen = \"true\"\ncontrols = [\"a\\u001b[2J\"]\nsay = \"\\u001b]0;x\\u0007 {change.version}\\nFAILED\"\n";
    let s = ruled(odd);
    let version = "9\u{1b}[31m";
    for asked in [
        &["policy", "list"][..],
        &["policy", "explain", "deploy", "web", "prod", "--to", version],
        &["may", "deploy", "web", "prod", "--to", version],
        &["--json", "may", "deploy", "web", "prod", "--to", version],
    ] {
        let said = by(&s, "ana", asked);
        let all = format!("{}{}", said.stdout, said.stderr);
        assert!(!all.chars().any(|c| c.is_control() && c != '\n'), "{all:?}");
        assert!(!all.lines().any(|line| line.starts_with("FAILED")), "{all}");
    }
}
