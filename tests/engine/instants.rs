//! The calendar's answers: what holds, when it opens, when it closes.

use chrono::{DateTime, Utc};
use holdpoint::domain::calendar::{Calendar, Event, EventKind};
use holdpoint::domain::name::{EnvironmentName, ServiceName};
use holdpoint::domain::operation::Direction;
use holdpoint::domain::verdict::Level;
use holdpoint::engine::calendar::{Question, closes, may, opens};

fn at(hour: i64) -> DateTime<Utc> {
    crate::ground::start() + chrono::TimeDelta::hours(hour)
}

fn event(kind: EventKind, services: &[&str], hours: &[(i64, i64)]) -> Event {
    Event {
        name: "e".to_owned(),
        kind,
        title: format!("{kind:?}"),
        services: services.iter().map(|s| (*s).into()).collect(),
        environments: vec!["prod".into()],
        stops_rollback: false,
        contact: "kim".to_owned(),
        waived_by: vec![],
        occurrences: hours.iter().map(|(a, b)| (at(*a), at(*b))).collect(),
    }
}

struct Ask(Option<ServiceName>, Option<EnvironmentName>);

impl Ask {
    fn forward(&self) -> Question<'_> {
        Question {
            service: self.0.as_ref(),
            environment: self.1.as_ref(),
            direction: Direction::Forward,
            told: false,
            backend: None,
            run: None,
        }
    }
}

fn web() -> Ask {
    Ask(Some("web".into()), Some("prod".into()))
}

fn calendar(events: Vec<Event>) -> Calendar {
    Calendar { events, ..Calendar::default() }
}

#[test]
fn a_window_opens_and_closes_and_a_freeze_beats_it() {
    let calendar = calendar(vec![
        event(EventKind::Window, &[], &[(1, 4), (25, 28)]),
        event(EventKind::Freeze, &["web"], &[(2, 3)]),
    ]);
    let (ask, level) = (web(), |hour| may(&calendar, web().forward(), at(hour)).level);
    assert_eq!([0, 1, 2, 3, 4].map(level), [Level::Hold, Level::Pass, Level::Hold, Level::Pass, Level::Hold]);
    let ask = ask.forward();
    assert_eq!([0, 2, 4].map(|h| opens(&calendar, ask, at(h))), [Some(at(1)), Some(at(3)), Some(at(25))]);
    assert_eq!([0, 1, 3].map(|h| closes(&calendar, ask, at(h))), [Some(at(2)), Some(at(2)), Some(at(4))]);
    assert_eq!(opens(&calendar, ask, at(28)), None, "it does not come again");
}

#[test]
fn the_way_back_waits_for_no_window_no_freeze_and_no_calendar() {
    let mut calendar =
        calendar(vec![event(EventKind::Window, &[], &[(1, 4)]), event(EventKind::Freeze, &[], &[(0, 9)])]);
    calendar.until = Some(at(2));
    let ask = web();
    let back = Question { direction: Direction::Back, ..ask.forward() };
    assert!(may(&calendar, back, at(0)).passes());
    assert!(may(&calendar, back, at(3)).passes(), "beyond the known calendar");
    assert_eq!(may(&calendar, ask.forward(), at(3)).level, Level::Unknown);
    calendar.events[1].stops_rollback = true;
    assert_eq!(may(&calendar, back, at(0)).level, Level::Hold);
}

#[test]
fn what_names_no_service_is_covered_by_what_is_about_any() {
    let calendar = calendar(vec![event(EventKind::Freeze, &["web"], &[(0, 9)])]);
    let level = |ask: Ask| may(&calendar, ask.forward(), at(1)).level;
    assert_eq!(level(web()), Level::Hold);
    assert_eq!(level(Ask(Some("api".into()), Some("prod".into()))), Level::Pass);
    assert_eq!(level(Ask(Some("web".into()), Some("stage".into()))), Level::Pass);
    assert_eq!(level(Ask(None, Some("prod".into()))), Level::Hold, "it may be web");
    assert_eq!(level(Ask(None, Some("stage".into()))), Level::Pass);
}

#[test]
fn a_reason_names_the_rule_its_contact_and_its_end() {
    let calendar = calendar(vec![event(EventKind::Freeze, &[], &[(0, 9)])]);
    let verdict = may(&calendar, web().forward(), at(1));
    assert_eq!(verdict.reasons.len(), 1);
    assert_eq!((verdict.reasons[0].text.as_str(), verdict.opens()), ("freeze Freeze, ask kim", Some(at(9))));
}
