//! What screens make of windows that a backend tells: none hides what the calendar says, none has
//! an edge that is not known, and nothing that is not known looks open.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::backend::{ArgoCdSpec, BackendKind, BackendSpec};
use holdpoint::domain::observed::{Observation, Placed, Stamped};
use holdpoint::domain::span::Span;
use holdpoint::domain::window::{Window, WindowKind, Windows};
use holdpoint::domain::workspace::Workspace;
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::{Action, Pane};
use std::sync::Arc;

const EVERY: Span = Span::secs(10);

type Spans = Vec<(DateTime<Utc>, DateTime<Utc>)>;

fn at(hour: i64) -> DateTime<Utc> {
    ground::start() + TimeDelta::hours(hour)
}

fn place(n: u8) -> Placed {
    (format!("svc-00{n}").as_str().into(), "place-00".into())
}

/// A window that keeps everybody out of a place.
fn deny(title: &str, of: u8, spans: Spans) -> Window {
    Window { title: title.to_owned(), kind: WindowKind::Deny, people: false, places: [place(of)].into(), spans }
}

/// Every day from that hour on, for so many hours.
fn daily(from: i64, hours: i64) -> Spans {
    (0..34).map(|day| (at(24 * day + from), at(24 * day + from + hours))).collect()
}

/// What is told at an hour, for as far as an Argo CD's windows are expanded.
fn told(hour: i64, all: Vec<Window>) -> Windows {
    Windows::of(all, Default::default(), (at(hour - 25), at(hour + 24 * 35 - 1))).and_of([place(0), place(1)])
}

/// A workspace whose first two services an Argo CD deploys.
fn workspace() -> Workspace {
    let mut workspace = ground::workspace(3, 1);
    let kind = BackendKind::ArgoCd(ArgoCdSpec::default());
    workspace.backends.insert("argo".into(), BackendSpec { name: "argo".into(), every: EVERY, kind });
    for service in workspace.services.values_mut().take(2) {
        service.deployed_by = [("place-00".into(), "argo".into())].into();
    }
    workspace
}

/// The calendar of the workspace, after so much was told.
fn calendar(all: Vec<Window>) -> Desk {
    let mut desk = Desk::within(workspace(), Lines::opened());
    desk.ui.pane = Pane::Calendar;
    tells(&mut desk, 0, Ok(told(0, all)));
    desk
}

/// Takes in what the backend says at an hour, and works out what that comes to.
fn tells(desk: &mut Desk, hour: i64, what: Result<Windows, &str>) {
    let what = what.map(|windows| Observation::Windows(Arc::new(windows))).map_err(str::to_owned);
    let seen = Stamped { at: at(hour) + TimeDelta::seconds(10), source: "argo".into(), every: EVERY, what };
    desk.model.take(Update::Seen(Arc::new(vec![seen])));
    // Observations alone are worked out as time goes on.
    let now = (at(hour) + TimeDelta::seconds(12)).max(desk.model.derived.at + TimeDelta::seconds(1));
    desk.model.refresh(now);
}

/// The row of a screen that says this.
#[track_caller]
fn row<'a>(screen: &'a str, what: &str) -> &'a str {
    screen.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what} is not in:\n{screen}"))
}

#[test]
fn a_backends_freeze_hides_no_freeze_of_the_calendar_and_is_told_where_the_run_goes() {
    let workspace = workspace();
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(30));
    let mut desk = Desk::within(workspace, lines);
    tells(&mut desk, 0, Ok(told(0, vec![deny("elsewhere", 1, daily(2, 1))])));
    let screen = desk.screen(160, 50);
    assert!(row(&screen, "freeze ").contains("Q4 close from Mon 02:00Z; shuts fixing forward too"), "{screen}");
    assert!(!screen.contains("argo: elsewhere from"), "{screen}");
    // The run deploys svc-000 there.
    let all = vec![deny("late", 0, daily(5, 1)), deny("early", 0, daily(3, 1)), deny("elsewhere", 1, daily(2, 1))];
    tells(&mut desk, 0, Ok(told(0, all)));
    let screen = desk.screen(160, 50);
    let line = row(&screen, "from Sat 05:00Z for svc-000@place-00");
    assert!(line.contains(", 1 more after"), "{screen}");
    assert!(screen.contains("Q4 close from Mon 02:00Z"), "{screen}");
    let stands = |what: &str, screen: &str| screen.find(what).unwrap_or_else(|| panic!("{what} is not in:\n{screen}"));
    let own = "Q4 close from Mon 02:00Z; shuts";
    assert!(stands("from Sat 05:00Z for", &screen) < stands(own, &screen), "the nearer one stands first: {screen}");
    tells(&mut desk, 0, Ok(told(0, vec![deny("early", 0, daily(3, 1))])));
    let screen = desk.screen(160, 50);
    assert!(row(&screen, "from Sat 05:00Z for svc-000@place-00: argo: ear").contains("freeze "), "{screen}");
    tells(&mut desk, 0, Ok(told(0, vec![deny("after", 0, vec![(at(60), at(61))])])));
    let screen = desk.screen(160, 50);
    assert!(stands(own, &screen) < stands("from Mon 14:00Z for", &screen), "{screen}");
}

#[test]
fn a_window_without_an_edge_that_is_known_has_none_on_screens_and_stays_selected() {
    let always = |hour: i64| deny("for good", 0, vec![(at(hour - 25), at(hour + 24 * 35 - 1))]);
    let mut desk = calendar(vec![always(0)]);
    // It began before the window of the files, so it stands above that.
    desk.act(Action::First);
    for hour in [0, 1, 2] {
        tells(&mut desk, hour, Ok(told(hour, vec![always(hour)])));
        let screen = desk.screen(120, 40);
        assert!(row(&screen, "FREEZE      argo").contains("no end known"), "{screen}");
        assert!(row(&screen, "FREEZE      argo").starts_with('▸'), "{screen}");
        assert!(!row(&screen, "FREEZE      argo").contains("20 Nov"), "{screen}");
        assert!(row(&screen, "night window until").contains("argo: for good, no end known"), "{screen}");
    }
    desk.act(Action::Open);
    let screen = desk.screen(120, 40);
    assert!(row(&screen, "when ").trim_end().ends_with("begun before, no end known"), "{screen}");
}

#[test]
fn windows_that_are_not_known_are_never_nothing() {
    let mut empty = workspace();
    empty.calendar.events.clear();
    let mut desk = Desk::within(empty, Lines::opened());
    desk.ui.pane = Pane::Calendar;
    let unread = || [(place(1), "project x cannot be read".to_owned())].into();
    for (what, named) in [
        (None, "?? windows of argo not known"),
        (
            Some(Windows::of(vec![], unread(), (at(-25), at(800))).and_of([place(0)])),
            "?? windows of argo not known for 1 place",
        ),
    ] {
        if let Some(windows) = what {
            tells(&mut desk, 0, Ok(windows));
        }
        let screen = desk.screen(120, 40);
        assert!(!screen.contains("nothing in the calendar") && !screen.contains("nothing is planned"), "{screen}");
        let header: Vec<_> = screen.lines().take(3).collect();
        assert!(header[2].contains(named), "{screen}");
        assert!(row(&screen, "── the week ").contains(named), "{screen}");
        assert!(row(&screen, "── the coming day ").contains(named), "{screen}");
    }
    tells(&mut desk, 0, Ok(told(0, vec![])));
    let screen = desk.screen(120, 40);
    assert!(screen.contains("nothing in the calendar for a month"), "{screen}");
    assert!(screen.contains("nothing is planned in the coming month"), "{screen}");
}

#[test]
fn a_window_of_every_ten_minutes_is_in_all_of_the_week_and_what_its_list_leaves_out_is_counted() {
    let minutes = |n: i64| at(0) + TimeDelta::minutes(n);
    let often = (0..6 * 24 * 30).map(|n| (minutes(10 * n), minutes(10 * n + 5))).collect();
    let desk = calendar(vec![deny("often", 0, often)]);
    let screen = desk.screen(120, 50);
    assert!(row(&screen, "── calendar").contains("202 entries and 4120 more"), "{screen}");
    for day in ["Sun 22 Nov  ▒", "Wed 25 Nov  ▒", "Fri 27 Nov  ▒"] {
        assert!(row(&screen, day).contains(&"▒".repeat(48)), "{screen}");
    }
}

#[test]
fn windows_that_look_the_same_are_one_and_the_hand_gets_past_those_that_only_nearly_do() {
    let close = |from: i64, hours: i64| deny("close", 0, vec![(at(from), at(from + hours)), (at(100), at(101))]);
    let mut desk = calendar(vec![close(5, 1), close(5, 1), close(6, 1)]);
    let screen = desk.screen(120, 40);
    // Once at 5 and once at 6, at 100 by each of them that is not the same; and two of the files.
    assert!(row(&screen, "── calendar").contains("6 entries"), "{screen}");
    for n in 1..6 {
        desk.act(Action::Down);
        let screen = desk.screen(120, 40);
        let hand = screen.lines().skip(5).position(|line| line.starts_with('▸'));
        assert_eq!(hand, Some(n), "{screen}");
    }
}

#[test]
fn a_source_that_is_late_is_marked_and_why_is_said() {
    let mut desk = calendar(vec![deny("now", 0, vec![(at(-2), at(3))])]);
    assert!(!desk.screen(120, 40).contains('~'));
    let fault = Stamped { at: at(0), source: "argo".into(), every: EVERY, what: Err("refused by 10.0.0.1".to_owned()) };
    desk.model.take(Update::Seen(Arc::new(vec![fault])));
    desk.model.refresh(at(0) + TimeDelta::seconds(45));
    let screen = desk.screen(160, 40);
    assert!(
        screen.contains("~ windows of argo as of 35s ago, known until Sat 26 Dec; refused by 10.0.0.1"),
        "{screen}"
    );
    assert!(row(&screen, "night window until").contains("~argo: now until Sat 05:00Z"), "{screen}");
    assert!(row(&screen, "FREEZE ").contains("~argo: now"), "{screen}");
}

#[test]
fn a_list_that_is_kept_still_has_what_it_had_and_nothing_new() {
    let mut desk = calendar(vec![deny("ends", 0, vec![(at(-2), at(1))]), deny("stays", 0, daily(8, 1))]);
    desk.act(Action::Down);
    let come = deny("comes", 0, vec![(at(4), at(5))]);
    tells(&mut desk, 1, Ok(told(0, vec![deny("stays", 0, daily(8, 1)), come])));
    let screen = desk.screen(120, 40);
    assert!(screen.contains("argo: stays") && !screen.contains("FREEZE      argo: comes"), "{screen}");
    assert!(!screen.contains("argo: ends"), "{screen}");
    desk.uptime += std::time::Duration::from_secs(3);
    assert!(desk.screen(120, 40).contains("FREEZE      argo: comes"));
}

#[test]
fn a_window_is_put_into_words_once_for_as_long_as_the_same_is_told() {
    let mut desk = calendar(vec![deny("stays", 0, daily(8, 1))]);
    let words = |desk: &Desk| {
        let lanes = &desk.model.derived.agenda.lanes;
        Arc::clone(&lanes.iter().find(|lane| lane.what.title == "argo: stays").unwrap().what)
    };
    let first = words(&desk);
    assert_eq!(first.about, "svc-000@place-00");
    desk.model.refresh(at(0) + TimeDelta::seconds(15));
    assert!(Arc::ptr_eq(&first, &words(&desk)));
    assert!(desk.model.derived.agenda.slots.iter().filter(|slot| Arc::ptr_eq(&slot.what, &first)).count() > 20);
    // Told anew it is about something else.
    tells(&mut desk, 0, Ok(told(0, vec![deny("stays", 1, daily(8, 1))])));
    assert_eq!(words(&desk).about, "svc-001@place-00");
}
