//! A clock that differs is told once, where everything is told that a run waits for, and for as long as it does.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use chrono::TimeDelta;
use holdpoint::domain::observed::{Observation, Stamped};
use holdpoint::domain::span::Span;
use holdpoint::runtime::input::Update;
use std::sync::Arc;

fn tells(desk: &mut Desk, ahead: i64) -> String {
    let now = desk.model.derived.at + TimeDelta::seconds(1);
    let what = Ok(Observation::Clock(TimeDelta::seconds(ahead)));
    let seen = Stamped { at: now, source: "sh".into(), every: Span::secs(5), what };
    desk.model.take(Update::Seen(Arc::new(vec![seen])));
    desk.model.refresh(now);
    desk.screen(200, 50)
}

#[test]
fn a_clock_that_differs_is_told_once_among_what_is_waited_for() {
    let workspace = ground::workspace(3, 1);
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(30));
    let mut desk = Desk::within(workspace, lines);
    assert!(!tells(&mut desk, 59).contains("the clock of"));
    let screen = tells(&mut desk, 192);
    let told: Vec<_> = screen.lines().filter(|line| line.contains("the clock of")).collect();
    assert_eq!(told.len(), 1, "{screen}");
    let words = "?? the clock of sh is 3m12 ahead of ours: which window";
    assert!(told[0].contains("! forecast") && told[0].contains(words), "{screen}");
    assert!(!tells(&mut desk, 2).contains("the clock of"));
}
