//! One verdict from several: all is the heaviest, any the lightest.

use chrono::{DateTime, Utc};
use holdpoint::domain::refusal::Refusal;
use holdpoint::domain::verdict::{Level, Reason, Rule, Verdict};

const LEVELS: [Level; 5] = [Level::Pass, Level::Warn, Level::Hold, Level::Unknown, Level::Fail];

fn says(level: Level) -> Verdict {
    Verdict::new(level, Reason::new(Rule::Signal, level.to_string()))
}

fn at(hour: u32) -> DateTime<Utc> {
    format!("2026-11-21T{hour:02}:00:00Z").parse().unwrap()
}

fn opens(level: Level, hour: u32) -> Verdict {
    Verdict::new(level, Reason::until(Rule::Window, "x", Some(at(hour))))
}

#[test]
fn all_is_the_heaviest_and_any_the_lightest() {
    for a in LEVELS {
        for b in LEVELS {
            assert_eq!(Verdict::all([says(a), says(b)]).level, a.max(b));
            assert_eq!(Verdict::any([says(a), says(b)]).level, a.min(b));
        }
    }
}

#[test]
fn of_none_at_all_passes_and_any_of_none_is_unknown() {
    assert_eq!(Verdict::all([]), Verdict::pass());
    let any = Verdict::any([]);
    assert_eq!(any.level, Level::Unknown);
    assert!(!any.reasons.is_empty(), "unknown says why");
}

#[test]
fn unknown_is_never_success() {
    assert!(!says(Level::Unknown).passes() && !says(Level::Hold).passes() && !says(Level::Fail).passes());
    assert!(says(Level::Pass).passes() && says(Level::Warn).passes());
    assert!(Level::Unknown > Level::Hold, "what cannot be told outweighs what someone can open");
}

#[test]
fn what_stands_in_the_way_keeps_its_own_reasons_heaviest_first() {
    let all = Verdict::all(LEVELS.map(says));
    let texts: Vec<_> = all.reasons.iter().map(|r| r.text.as_str()).collect();
    assert_eq!(texts, ["FAIL", "UNKNOWN", "WAIT"]);
    let warned = Verdict::all([says(Level::Pass), says(Level::Warn)]);
    assert_eq!(warned.reasons.len(), 1);
    let passed = Verdict::all([says(Level::Pass), says(Level::Pass)]);
    assert_eq!(passed.reasons.len(), 2, "a pass says what was seen");
}

#[test]
fn it_opens_when_the_last_reason_goes_away_and_a_warning_delays_nothing() {
    assert_eq!(Verdict::all([opens(Level::Hold, 3), opens(Level::Hold, 5)]).opens(), Some(at(5)));
    assert_eq!(Verdict::all([opens(Level::Hold, 3), opens(Level::Warn, 5)]).opens(), Some(at(3)));
    assert_eq!(Verdict::all([opens(Level::Hold, 3), says(Level::Hold)]).opens(), None, "one has no known end");
}

#[test]
fn a_refusal_comes_of_what_does_not_pass_alone() {
    for level in LEVELS {
        match Refusal::from_verdict(says(level)) {
            Ok(()) => assert!(says(level).passes()),
            Err(refusal) => {
                assert!(!says(level).passes() && !refusal.reasons.is_empty());
                assert_eq!(refusal.held, level != Level::Fail, "a plain no is not held");
            }
        }
    }
    let refusal = Refusal::from_verdict(opens(Level::Hold, 4)).unwrap_err();
    assert_eq!(refusal.opens(), Some(at(4)));
    assert_eq!(refusal.to_string(), "x (opens Sat 2026-11-21 04:00:00Z)");
}

#[test]
fn a_time_of_the_same_day_goes_without_its_date() {
    let opens = "2026-11-21T17:43:30Z".parse().unwrap();
    let reason = Reason::until(Rule::Window, "outside window Night", Some(opens));
    assert_eq!(reason.told("2026-11-21T00:00:00Z".parse().unwrap()), "outside window Night (opens 17:43:30Z)");
    let before = "2026-11-20T23:59:59Z".parse().unwrap();
    assert_eq!(reason.told(before), "outside window Night (opens Sat 2026-11-21 17:43:30Z)");
}
