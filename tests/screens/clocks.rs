//! A clock that differs is told once, where everything is told that a run waits for, and for as long as an edge is near;
//! what to do comes first, where the narrowest screen still has room for it.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use chrono::TimeDelta;
use holdpoint::domain::observed::{Observation, Stamped};
use holdpoint::domain::span::Span;
use holdpoint::runtime::input::Update;
use std::sync::Arc;

fn tells(desk: &mut Desk, ahead: i64) {
    let now = desk.model.derived.at + TimeDelta::seconds(1);
    let what = Ok(Observation::Clock(TimeDelta::seconds(ahead)));
    let seen = Stamped { at: now, source: "sh".into(), every: Span::secs(5), what };
    desk.model.take(Update::Seen(Arc::new(vec![seen])));
    desk.model.refresh(now);
}

fn told(desk: &Desk, width: u16, height: u16) -> Vec<String> {
    let screen = desk.screen(width, height);
    screen.lines().filter(|line| line.contains("wait until ")).map(str::to_owned).collect()
}

#[test]
fn a_clock_that_differs_is_told_once_among_what_is_waited_for() {
    let workspace = ground::workspace(3, 1);
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(30));
    let mut desk = Desk::within(workspace, lines);
    // The window opened at 01:00 and shuts at 05:00; it is a little past 02:00, and a deploy is to begin at 02:03.
    tells(&mut desk, 3000);
    assert!(told(&desk, 200, 50).is_empty(), "{}", desk.screen(200, 50));
    tells(&mut desk, 3900);
    let words = "! forecast   ?? wait until 02:06Z or mend a clock: that of sh";
    // At 120 columns it has half the width.
    for (width, height, room) in [(200, 50, words.len()), (120, 40, 37), (80, 24, words.len())] {
        let told = told(&desk, width, height);
        assert_eq!(told.len(), 1, "{}", desk.screen(width, height));
        assert!(told[0].contains(&words[..room]), "{}", desk.screen(width, height));
    }
    tells(&mut desk, 2);
    assert!(told(&desk, 200, 50).is_empty());
}
