//! Feeds that are read by their addresses: what they say is judged as the files' own, and what is not known of them holds.

use crate::ground;
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::backend::{BackendKind, BackendSpec};
use holdpoint::domain::calendar::{Event, EventKind};
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::feed::{Address, Feed, FeedSpec, Told, Url};
use holdpoint::domain::observed::{Observation, Observed, Stamped};
use holdpoint::domain::operation::Direction;
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::{Level, Verdict};
use holdpoint::domain::workspace::Workspace;
use holdpoint::engine::calendar::Question;
use holdpoint::engine::{Given, Ledger, rules};
use std::sync::Arc;

fn at(minute: i64) -> DateTime<Utc> {
    ground::start() + TimeDelta::minutes(minute)
}

fn feed(kind: EventKind) -> Feed {
    Feed {
        name: "books".into(),
        kind,
        only: vec![],
        services: vec!["web".into()],
        environments: vec![],
        contact: String::new(),
        zone: None,
        zones: [].into(),
        here: "UTC".into(),
    }
}

/// Asked every 15 minutes, and good for an hour.
pub fn declared(kind: EventKind) -> BackendSpec {
    let address = Address::Written(Url::read("https://calendars.example/a.ics").unwrap());
    let spec = FeedSpec { feed: feed(kind), address, endpoint: Endpoint::default(), max_age: Span::mins(60) };
    BackendSpec { name: "feed:books".into(), every: Span::mins(15), kind: BackendKind::Feed(Box::new(spec)) }
}

struct Case {
    workspace: Workspace,
    observed: Observed,
    now: DateTime<Utc>,
}

impl Case {
    fn of(kind: EventKind) -> Self {
        let declared = declared(kind);
        let workspace = Workspace { backends: [(declared.name.clone(), declared)].into(), ..Workspace::default() };
        Self { workspace, observed: Observed::default(), now: at(0) }
    }

    fn sees(&mut self, minute: i64, what: Observation) {
        let (source, every) = ("feed:books".into(), Span::mins(15));
        self.observed.apply(&Stamped { at: at(minute), source, every, what: Ok(what) });
        self.now = at(minute);
    }

    /// Reads that it is on between these minutes.
    fn reads(&mut self, minute: i64, kind: EventKind, (from, to): (i64, i64)) {
        let event = Event {
            name: "books/close".into(),
            kind,
            title: "Close".into(),
            services: vec!["web".into()],
            environments: vec![],
            stops_rollback: false,
            contact: String::new(),
            waived_by: vec![],
            occurrences: vec![(at(from), at(to))],
        };
        let told = Told { feed: feed(kind), events: vec![event], until: at(10_000) };
        self.sees(minute, Observation::Feed(Ok(Arc::new(told))));
    }

    fn asked<T>(&self, service: &str, direction: Direction, ask: impl FnOnce(&Given<'_>, Question<'_>) -> T) -> T {
        let (ledger, service, environment) = (Ledger::default(), service.into(), "prod".into());
        let given = Given { ledger: &ledger, workspace: &self.workspace, observed: &self.observed, now: self.now };
        let (service, environment) = (Some(&service), Some(&environment));
        ask(&given, Question { service, environment, direction, told: false, backend: None, run: None })
    }

    fn may(&self, minute: i64) -> Verdict {
        self.asked("web", Direction::Forward, |given, ask| rules::may(given, ask, at(minute)))
    }

    fn why(&self, minute: i64) -> String {
        self.may(minute).reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}

#[test]
fn a_freeze_of_a_feed_opens_and_closes_and_is_about_nothing_else() {
    let mut case = Case::of(EventKind::Freeze);
    case.reads(0, EventKind::Freeze, (10, 20));
    assert_eq!([5, 10, 19, 20].map(|m| case.may(m).level), [Level::Pass, Level::Hold, Level::Hold, Level::Pass]);
    let turns =
        |m| case.asked("web", Direction::Forward, |g, ask| (rules::opens(g, ask, at(m)), rules::closes(g, ask, at(m))));
    assert_eq!(turns(15).0, Some(at(20)));
    assert_eq!(turns(0), (Some(at(0)), Some(at(10))));
    let elsewhere = case.asked("api", Direction::Forward, |given, ask| rules::may(given, ask, at(15)));
    let back = case.asked("web", Direction::Back, |given, ask| rules::may(given, ask, at(15)));
    assert_eq!([elsewhere.level, back.level], [Level::Pass, Level::Pass]);
    assert_eq!(case.may(10_000).level, Level::Unknown, "{}", case.why(10_000));
}

#[test]
fn what_is_older_than_it_may_be_is_unknown_and_what_it_said_still_binds() {
    let mut case = Case::of(EventKind::Freeze);
    assert_eq!(case.why(0), "freezes of feed:books are not known: not heard yet");
    case.reads(0, EventKind::Freeze, (500, 600));
    case.sees(30, Observation::NoWindows("it answers 500".to_owned()));
    assert_eq!(case.may(30).level, Level::Pass, "it grows old first");
    case.now = at(60);
    assert_eq!(case.may(60).level, Level::Pass);
    case.now = at(60) + TimeDelta::milliseconds(1);
    assert_eq!(case.may(60).level, Level::Unknown);
    assert!(case.why(60).ends_with("; it answers 500"), "{}", case.why(60));
    assert!(case.why(550).contains("freeze Close"), "{}", case.why(550));
    let back = case.asked("web", Direction::Back, |given, ask| rules::may(given, ask, at(60)));
    assert_eq!(back.level, Level::Pass);
    // Heard again, though nothing has changed.
    case.reads(61, EventKind::Freeze, (500, 600));
    assert_eq!((case.may(61).level, &case.observed.sources["feed:books"].no_windows), (Level::Pass, &None));
}

#[test]
fn what_is_not_understood_or_was_read_as_something_else_is_unknown_at_once() {
    let mut case = Case::of(EventKind::Window);
    case.reads(0, EventKind::Window, (0, 100));
    assert_eq!(case.may(50).level, Level::Pass);
    case.sees(1, Observation::Feed(Err("feed:books:7:1: no time".to_owned())));
    assert_eq!(case.may(50).level, Level::Unknown);
    assert!(case.why(50).contains("not understood since ") && case.why(50).contains("; feed:books:7:1: no time"));
    case.sees(2, Observation::NoWindows("it answers 500".to_owned()));
    assert_eq!(case.may(50).level, Level::Unknown, "a fault does not mend a mistake");
    case.reads(3, EventKind::Window, (0, 100));
    assert_eq!(case.may(50).level, Level::Pass);
    // The files were changed since.
    let mut spec = case.workspace.backends["feed:books"].clone();
    let BackendKind::Feed(declared) = &mut spec.kind else { panic!() };
    declared.feed.services.clear();
    case.workspace.backends.insert("feed:books".into(), spec);
    assert!(case.why(50).contains("leave holdpoint and start it again"), "{}", case.why(50));
}

#[test]
fn what_can_only_warn_warns_of_what_is_not_known_and_a_notice_says_nothing() {
    for (kind, level) in [
        (EventKind::Window, Level::Unknown),
        (EventKind::Freeze, Level::Unknown),
        (EventKind::Maintenance, Level::Warn),
        (EventKind::Reservation, Level::Warn),
        (EventKind::Notice, Level::Pass),
    ] {
        assert_eq!(Case::of(kind).may(0).level, level, "{kind:?}");
    }
}
