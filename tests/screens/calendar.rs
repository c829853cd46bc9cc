//! The calendar with windows that a backend tells: its source named, how old that is, and
//! never open where it is not known.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::backend::{ArgoCdSpec, BackendKind, BackendSpec};
use holdpoint::domain::observed::{Observation, Placed, Stamped};
use holdpoint::domain::span::Span;
use holdpoint::domain::window::{Window, WindowKind, Windows};
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::Pane;
use std::sync::Arc;

fn at(hour: i64) -> DateTime<Utc> {
    ground::start() + TimeDelta::hours(hour)
}

fn place(n: u8) -> Placed {
    (format!("svc-00{n}").as_str().into(), "place-00".into())
}

fn windows() -> Windows {
    let nights = |from: i64, hours: i64| (0..6).map(|day| (at(24 * day + from), at(24 * day + from + hours))).collect();
    let window = |title: &str, kind, people, places: Vec<Placed>, spans| Window {
        title: title.to_owned(),
        kind,
        people,
        places: places.into_iter().collect(),
        spans,
    };
    let all = vec![
        window(
            "allow `0 1 * * *` for 6h, people too",
            WindowKind::Allow,
            false,
            vec![place(0), place(1)],
            nights(-1, 6),
        ),
        window(
            "CHG-7 batch: deny `0 4 * * *` for 1h, people too",
            WindowKind::Deny,
            false,
            vec![place(1)],
            nights(2, 1),
        ),
        window("deny `0 12 * * *` for 2h, not for people", WindowKind::Deny, true, vec![place(0)], nights(10, 2)),
    ];
    Windows::of(all, Default::default(), (at(-24), at(24 * 35))).and_of([place(0), place(1)])
}

/// The calendar of a workspace whose first two services an Argo CD deploys; what it told so long ago.
fn desk(told: Option<(Windows, i64)>) -> Desk {
    let mut workspace = ground::workspace(3, 1);
    let (kind, every) = (BackendKind::ArgoCd(ArgoCdSpec::default()), Span::secs(10));
    workspace.backends.insert("argo".into(), BackendSpec { name: "argo".into(), every, kind });
    for service in workspace.services.values_mut().take(2) {
        service.deployed_by = [("place-00".into(), "argo".into())].into();
    }
    let mut desk = Desk::within(workspace, Lines::opened());
    desk.ui.pane = Pane::Calendar;
    if let Some((windows, seconds)) = told {
        let what = Ok(Observation::Windows(Arc::new(windows)));
        let at = desk.model.derived.at - TimeDelta::seconds(seconds);
        desk.model.take(Update::Seen(Arc::new(vec![Stamped { at, source: "argo".into(), every, what }])));
    }
    let now = desk.model.derived.at + TimeDelta::seconds(1);
    desk.model.refresh(now);
    desk
}

#[track_caller]
fn keeps(name: &str, desk: &Desk) {
    let screens =
        [(80, 24), (120, 40)].map(|(width, height)| format!("{width}×{height}\n{}\n", desk.screen(width, height)));
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, screens.concat());
    });
}

#[test]
fn windows_of_a_backend_stand_in_the_calendar_with_their_source_and_age() {
    keeps("calendar_told", &desk(Some((windows(), 12))));
}

#[test]
fn windows_that_are_lost_are_said_to_be_and_none_is_shown() {
    let told = desk(Some((windows(), 300)));
    keeps("calendar_lost", &told);
    assert!(told.screen(120, 40).contains("?? windows of argo are not known, so none is open: not heard since"));
    assert!(!told.screen(120, 40).contains("allow"), "{}", told.screen(120, 40));
    assert!(desk(None).screen(80, 24).contains("?? windows of argo are not known, so none is open: not heard"));
}

#[test]
fn what_could_not_be_read_is_said_above_what_could() {
    let unread = [(place(1), "project x cannot be read".to_owned())].into();
    let told = desk(Some((Windows::of(vec![], unread, (at(0), at(24))).and_of([place(0)]), 0)));
    let screen = told.screen(120, 40);
    assert!(screen.contains("not known for svc-001@place-00: project x cannot be read"), "{screen}");
    // The workspace's own entries are there all the same.
    assert!(screen.contains("Q4 close"), "{screen}");
}
