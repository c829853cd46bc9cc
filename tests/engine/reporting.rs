//! Whether a new version reports: by counts and by what is live, each from a backend of its own; and when nobody knows.

use crate::{ground, seen};
use chrono::TimeDelta;
use holdpoint::domain::Timestamp;
use holdpoint::domain::name::SignalName;
use holdpoint::domain::observed::{Counted, Observation, Observed, Stamped};
use holdpoint::domain::signal::Signal;
use holdpoint::domain::span::Span;
use holdpoint::domain::versions::Counts;
use holdpoint::engine::derived::take_in;
use std::collections::BTreeMap;

struct World {
    observed: Observed,
    signals: BTreeMap<SignalName, Signal>,
}

fn at(seconds: i64) -> Timestamp {
    ground::start() + TimeDelta::seconds(seconds)
}

/// Something is counted of each, but nothing of those that end in `!`.
fn counted(versions: &[&str]) -> Counted {
    let one = |version: &&str| match version.strip_suffix('!') {
        Some(version) => (version.to_owned(), Counts::default()),
        None => ((*version).to_owned(), Counts { bad: 0, all: 9 }),
    };
    Ok(versions.iter().map(one).collect())
}

impl World {
    fn new() -> Self {
        let signals = seen::signals().into_iter().map(|signal| (signal.name.clone(), signal)).collect();
        Self { observed: Observed::default(), signals }
    }

    fn take(&mut self, seconds: i64, source: &str, what: Result<Observation, String>) {
        let seen = Stamped { at: at(seconds), source: source.into(), every: Span::secs(5), what };
        take_in(&mut self.observed, &self.signals, vec![seen]);
    }

    /// What the cluster says is live.
    fn lives(&mut self, seconds: i64, text: &str) {
        self.take(seconds, "eu", seen::seen("rollout", text).unwrap());
    }

    fn counts(&mut self, seconds: i64, counted: Counted) {
        self.take(seconds, "metrics", Ok(Observation::Versions(ground::signal_at("errors@stage"), counted)));
    }

    /// The newest reading with its time, or why there is none.
    fn says(&self) -> Result<(f64, Timestamp), String> {
        let series = self.observed.series.get(&ground::signal_at("reporting@stage")).ok_or("nothing was said")?;
        match (&series.fault, series.last()) {
            (Some((_, why)), _) => Err(why.clone()),
            (None, Some(last)) => Ok((last.value, last.at)),
            (None, None) => Err("nothing was said".to_owned()),
        }
    }

    fn unknown(&self, words: &str) {
        let says = self.says();
        assert!(says.as_ref().is_err_and(|why| why.contains(words)), "{words}: {says:?}");
    }
}

#[test]
fn it_reports_as_soon_as_something_is_counted_of_it_and_not_before() {
    let mut world = World::new();
    world.counts(0, counted(&["1"]));
    world.unknown("nothing is known to be deployed there");
    world.lives(1, "web stage 1 state=stable");
    assert_eq!(world.says(), Ok((1.0, at(0))), "as old as the older of the two");
    // Another version comes: what was counted before is about the other one, and that is known at once.
    world.lives(2, "web stage 1 candidate=2 state=rolling");
    world.unknown("versions were not counted since 2 came");
    world.counts(3, counted(&["1"]));
    world.unknown("there is no series of 2");
    world.counts(3, counted(&["1", "2!"]));
    world.unknown("nothing is counted of 2 yet; it has until 02:01:02Z");
    world.counts(4, Err("no series".to_owned()));
    world.unknown("versions cannot be counted: no series");
    world.counts(5, counted(&["1", "2"]));
    assert_eq!(world.says(), Ok((1.0, at(2))));
    // What is live elsewhere is another matter.
    world.lives(6, "api stage 9 state=stable");
    world.lives(6, "web prod 9 state=stable");
    assert_eq!(world.says(), Ok((1.0, at(2))));
}

#[test]
fn it_does_not_report_once_its_time_is_over_and_where_something_is_not_known_nobody_says_so() {
    let mut world = World::new();
    // Since when it is there nobody says.
    world.lives(0, "web stage 1 state=stable");
    world.counts(0, counted(&["0", "1!"]));
    world.unknown("nothing is counted of 1; when it came is not known");
    world.lives(1, "web stage 1 candidate=2 state=rolling");
    world.lives(58, "web stage 2 state=stable");
    world.counts(60, counted(&["1", "2!"]));
    world.unknown("it has until 02:01:01Z");
    world.counts(61, counted(&["1", "2!"]));
    assert_eq!(world.says(), Ok((0.0, at(58))));
    // What is well may have no series where only what went wrong has one.
    world.counts(62, counted(&["1"]));
    world.unknown("there is no series of 2");
    // What is live is late, or not heard.
    world.counts(69, counted(&["1", "2"]));
    world.unknown("what is live was last heard 11s ago");
    world.lives(70, "web stage 2 state=stable");
    assert_eq!(world.says(), Ok((1.0, at(69))));
    world.take(71, "eu", Err("connection refused".to_owned()));
    world.counts(72, counted(&["1", "2"]));
    world.unknown("what is live is not heard: connection refused");
    world.lives(90, "web stage 2 state=stable");
    world.unknown("versions were last counted 18s ago");
    world.take(91, "eu", Ok(Observation::DeploymentGone(("web".into(), "stage".into()))));
    world.unknown("nothing is known to be deployed there");
}
