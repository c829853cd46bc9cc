//! When rules turn by time alone: what is told of it is what comes out minute by minute, clocks that are set forward
//! or back included.

use super::doors::cases;
use super::{policy, rule, runs};
use crate::world::World;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use holdpoint::domain::calendar::EventKind;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::policy::Effect;
use holdpoint::domain::verdict::Level;
use holdpoint::engine::may::{self, Asking};
use holdpoint::engine::policy::{self as rules, About};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A rule of web in stage, which is in Berlin, as of an instant.
fn world(when: &str, now: &str) -> World {
    let mut world = runs([]);
    world.workspace.environments.get_mut("stage").unwrap().zone = "Europe/Berlin".to_owned();
    world.workspace.policy = policy([rule("r", Effect::Block, when)]);
    world.now = at(now);
    world
}

fn asked<T>(of: impl Fn(&Asking<'_>) -> T) -> T {
    let (service, environment) = ("web".into(), "stage".into());
    let about = About {
        verb: Verb::Deploy,
        service: Some(&service),
        environment: Some(&environment),
        version: None,
        release: None,
        person: None,
        by: None,
    };
    let operation = crate::ground::operation(Verb::Deploy, "web", "stage");
    of(&Asking { question: holdpoint::engine::calendar::Question::of(&operation), about })
}

fn speaks(world: &World, at: DateTime<Utc>) -> bool {
    !asked(|ask| rules::may(&world.given(), &ask.about, at).passes())
}

/// Whether the rule speaks, by its condition alone.
fn holds(world: &World, at: DateTime<Utc>) -> bool {
    let facts = asked(|ask| ask.about.facts(&world.given(), at));
    world.workspace.policy["r"].when.holds(&facts.ask()).unwrap()
}

/// The first minute after now at which it is otherwise, within so many hours.
fn turn(world: &World, hours: i64) -> Option<DateTime<Utc>> {
    let now = holds(world, world.now);
    // No rule here names another minute than these, nor one after it.
    let named = |at: &DateTime<Utc>| at.minute() % 15 < 2;
    let minutes = (1..=hours * 60).map(|n| world.now + TimeDelta::minutes(n));
    minutes.filter(named).find(|at| holds(world, *at) != now)
}

/// When it opens, where it is shut, or closes, where it is open.
fn told(world: &World) -> Option<DateTime<Utc>> {
    asked(|ask| match may::may(&world.given(), ask, world.now).passes() {
        true => may::closes(&world.given(), ask, world.now),
        false => may::opens(&world.given(), ask, world.now),
    })
}

const RULES: [&str; 12] = [
    "local.hour >= 8 && local.hour < 18",
    "local.hour == 2",
    "local.hour < 3",
    "local.time >= '02:30'",
    "local.time > '02:30' && local.time <= '03:15'",
    "local.weekday in ['Sat', 'Sun']",
    "local.weekday == 'Sun' && local.time >= '01:45'",
    "utc.hour == 1",
    "utc.time >= '01:30' && local.hour >= 2",
    "local.hour != utc.hour + 1",
    "local.day == 25 || utc.day == 29",
    "local.date >= '2026-03-29' && local.date <= '2026-10-25'",
];

#[test]
fn what_is_told_is_what_comes_minute_by_minute_while_clocks_are_set() {
    // Forward at 01:00Z on 29 March, back at 01:00Z on 25 October.
    for day in ["2026-03-28T", "2026-03-29T", "2026-10-24T", "2026-10-25T", "2026-11-21T"] {
        for clock in &["00:10", "00:40", "01:00", "01:40", "02:15", "22:30"][if cases(10) == 10 { 0 } else { 3 }..] {
            for when in RULES {
                let world = world(when, &format!("{day}{clock}:00Z"));
                let (came, told) = (turn(&world, 30), told(&world));
                let near = told.filter(|at| *at <= world.now + TimeDelta::hours(30));
                assert_eq!(came, near, "{when} at {}", world.now);
            }
        }
    }
}

#[test]
fn an_edge_is_the_first_instant_of_its_minute() {
    let world = world("local.time >= '15:30' && local.time < '16:00'", "2026-11-21T14:29:59Z");
    assert!(!speaks(&world, at("2026-11-21T14:29:59.999Z")) && speaks(&world, at("2026-11-21T14:30:00Z")));
    assert!(speaks(&world, at("2026-11-21T14:59:59.999Z")) && !speaks(&world, at("2026-11-21T15:00:00Z")));
    assert_eq!(told(&world), Some(at("2026-11-21T14:30:00Z")));
    let verdict = asked(|ask| rules::may(&world.given(), &ask.about, at("2026-11-21T14:30:00Z")));
    assert_eq!((verdict.level, verdict.opens()), (Level::Hold, Some(at("2026-11-21T15:00:00Z"))));
}

#[test]
fn two_rules_that_follow_each_other_open_after_the_second() {
    let mut world = world("local.hour < 12", "2026-11-21T05:00:00Z");
    world.workspace.policy = policy([
        rule("r", Effect::Block, "local.hour < 12"),
        rule("s", Effect::Block, "local.hour >= 12 && local.hour < 14"),
    ]);
    assert_eq!(told(&world), Some(at("2026-11-21T13:00:00Z")));
    world.workspace.policy =
        policy([rule("r", Effect::Block, "local.hour < 12"), rule("s", Effect::Block, "local.hour >= 12")]);
    assert_eq!(told(&world), None);
}

#[test]
fn a_rule_about_what_is_on_turns_with_the_calendar() {
    let mut world = world("size(calendar.notices) > 0 && service.tier == 1", "2026-11-21T05:00:00Z");
    let (from, to) = (at("2026-11-21T06:07:08Z"), at("2026-11-22T06:07:08Z"));
    world.event(EventKind::Notice, "sale", (from, to), false);
    assert_eq!(told(&world), Some(from));
    world.now = from;
    assert_eq!(told(&world), Some(to));
    assert!(speaks(&world, to - TimeDelta::nanoseconds(1)) && !speaks(&world, to));
}

#[test]
fn what_no_time_ends_has_no_opening_and_is_no() {
    for when in ["true", "service.tier == 1", "local.month >= 1", "local.date >= '2026-01-01'"] {
        let world = world(when, "2026-11-21T05:00:00Z");
        let verdict = asked(|ask| rules::may(&world.given(), &ask.about, world.now));
        assert_eq!((verdict.level, told(&world)), (Level::Fail, None), "{when}");
    }
}

#[test]
fn numbers_that_no_clock_shows_do_no_harm() {
    for when in [
        "local.hour < 9223372036854775807",
        "local.hour > 9223372036854775807",
        "local.hour > -9223372036854775807",
        "local.time >= '99:99' || local.hour == 4294967296",
        "local.time >= '24:00'",
        "local.time < '7:5'",
    ] {
        let world = world(when, "2026-11-21T05:00:00Z");
        let came = turn(&world, 48);
        assert_eq!(told(&world).filter(|at| *at <= world.now + TimeDelta::hours(48)), came, "{when}");
    }
}
