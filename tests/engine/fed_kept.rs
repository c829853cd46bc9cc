//! A run goes by the feeds that it was started with: files that have one read no more, elsewhere or as something else wait.

use crate::ground;
use crate::world::World;
use chrono::TimeDelta;
use holdpoint::domain::backend::{BackendKind, BackendSpec};
use holdpoint::domain::calendar::{Event, EventKind};
use holdpoint::domain::command::Command;
use holdpoint::domain::feed::{Address, FeedSpec, Told, Url};
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Kind, Start, Step, Work};
use holdpoint::domain::span::Span;
use holdpoint::domain::waiver::{Answer, Emergency, Waives};
use holdpoint::engine::{readiness, rules};
use std::sync::Arc;

/// A run of one deployment beside a freeze that is over and a window that is open, each of a feed.
fn world() -> World {
    let mut world = World::new();
    for kind in [EventKind::Freeze, EventKind::Window] {
        let declared = declared(kind);
        world.workspace.backends.insert(declared.name.clone(), declared);
    }
    let mut op = ground::operation(Verb::Deploy, "web", "stage");
    op.args = [("version".to_owned(), "2".to_owned())].into();
    let deploy = Step { start: Start::Person, ..ground::step("1", Kind::Action, &[], Work::Do(op)) };
    world.starts(ground::plan("day", vec![deploy]));
    hear(&mut world);
    assert_eq!(why(&world), "");
    world
}

fn declared(kind: EventKind) -> BackendSpec {
    let mut declared = crate::fed::declared(kind);
    declared.name = if kind == EventKind::Freeze { "feed:books" } else { "feed:hours" }.into();
    spec(&mut declared).feed.name = declared.name.to_string();
    declared
}

fn spec(declared: &mut BackendSpec) -> &mut FeedSpec {
    let BackendKind::Feed(spec) = &mut declared.kind else { panic!("it is a feed") };
    spec
}

/// Everything that is declared is read: freezes that are over, windows that are open.
fn hear(world: &mut World) {
    let feeds: Vec<_> = world.workspace.backends.values().cloned().collect();
    for mut declared in feeds.into_iter().filter(|spec| spec.kind.feed().is_some()) {
        let feed = spec(&mut declared).feed.clone();
        let ahead = if feed.kind == EventKind::Window { 10 } else { -10 };
        let event = Event {
            name: format!("{}/one", feed.name),
            kind: feed.kind,
            title: "One".into(),
            services: feed.services.clone(),
            environments: feed.environments.clone(),
            stops_rollback: false,
            contact: String::new(),
            waived_by: vec![],
            occurrences: vec![(world.now - TimeDelta::hours(20), world.now + TimeDelta::hours(ahead))],
        };
        let told = Told { feed, events: vec![event], until: world.now + TimeDelta::days(90) };
        world.hear_from(declared.name.as_str(), Ok(Observation::Feed(Ok(Arc::new(told)))));
    }
}

/// What holds the deployment, if anything does.
fn why(world: &World) -> String {
    let given = world.given();
    let run = given.ledger.run(RunId(1)).expect("it is under way");
    let verdict = readiness::judge(&given, run, &run.plan.steps[0]).verdict;
    let shut = verdict.reasons.iter().filter(|_| !verdict.passes()).map(ToString::to_string);
    shut.collect::<Vec<_>>().join("; ")
}

/// Changes what the files say and reads anew; what then waits to be adopted, in words.
fn edited(change: impl FnOnce(&mut World)) -> (World, Vec<String>) {
    let mut world = world();
    change(&mut world);
    world.pass(world.now + TimeDelta::seconds(1));
    hear(&mut world);
    let waits = rules::waiting(&world.given()).map(|waits| waits.what).unwrap_or_default();
    (world, waits)
}

fn books(world: &mut World) -> &mut FeedSpec {
    spec(world.workspace.backends.get_mut("feed:books").expect("it is declared"))
}

#[track_caller]
fn waits(change: impl FnOnce(&mut World), words: &str, held: &str) {
    let (mut world, what) = edited(change);
    assert_eq!(what, [words]);
    let says = why(&world);
    assert!(says.contains(held) && says.contains("`holdpoint adopt` lets it go"), "{says}");
    let digest = rules::waiting(&world.given()).map(|waits| waits.digest).expect("it waits");
    assert_eq!(world.command("ana", &Command::Adopt(digest, "agreed".to_owned())).refusal, None);
    assert_eq!(why(&world), "", "it was adopted");
}

#[test]
fn a_feed_that_is_read_no_more_elsewhere_or_otherwise_waits_until_somebody_adopts_that() {
    let unknown = "freezes of feed:books are not known, as it stood when the run went by it";
    let gone = |world: &mut World| drop(world.workspace.backends.remove("feed:books"));
    waits(gone, "freezes of feed:books are not read any more", unknown);
    let elsewhere = Address::Written(Url::read("https://calendars.example/empty.ics").expect("an address"));
    waits(|world| books(world).address = elsewhere, "freezes of feed:books are read elsewhere", unknown);
    waits(|world| books(world).feed.only = vec!["close".into()], "feed:books is read otherwise", unknown);
    waits(|world| books(world).max_age = Span::mins(90), "feed:books is read otherwise", unknown);
}

#[test]
fn what_a_feed_says_anew_and_what_is_stricter_waits_for_nobody() {
    let contact = |world: &mut World| books(world).feed.contact = "net".into();
    let sooner = |world: &mut World| books(world).max_age = Span::mins(30);
    for change in [&contact as &dyn Fn(&mut World), &sooner, &|_| ()] {
        let (world, what) = edited(change);
        assert_eq!((what, why(&world)), (vec![], String::new()));
    }
    // A further freeze binds at once, and its answer is waited for.
    let (world, what) = edited(|world| {
        let mut more = declared(EventKind::Freeze);
        more.name = "feed:more".into();
        spec(&mut more).feed.name = "feed:more".to_owned();
        world.workspace.backends.insert(more.name.clone(), more);
    });
    assert_eq!((what, why(&world)), (vec![], String::new()), "it is heard and over");
}

#[test]
fn a_further_feed_of_windows_opens_nothing_until_somebody_adopts_it() {
    let shut = |world: &mut World| {
        let mut more = declared(EventKind::Window);
        more.name = "feed:night".into();
        spec(&mut more).feed.name = "feed:night".to_owned();
        world.workspace.backends.insert(more.name.clone(), more);
    };
    let (world, what) = edited(shut);
    assert_eq!(what, ["windows of feed:night are new"]);
    assert_eq!(why(&world), "", "the window that it went by is open");
    // By what it went by it is shut; the further feed alone would open it.
    let mut closed = declared(EventKind::Window);
    let told = Told {
        feed: spec(&mut closed).feed.clone(),
        events: vec![past(&world)],
        until: world.now + TimeDelta::days(90),
    };
    let mut world = world;
    world.hear_from("feed:hours", Ok(Observation::Feed(Ok(Arc::new(told)))));
    let says = why(&world);
    assert!(says.contains("outside window Past") && says.contains("as it stood"), "{says}");
    let digest = rules::waiting(&world.given()).map(|waits| waits.digest).expect("it waits");
    assert_eq!(world.command("ana", &Command::Adopt(digest, "agreed".to_owned())).refusal, None);
    assert_eq!(why(&world), "", "it was adopted");
}

fn past(world: &World) -> Event {
    Event {
        name: "feed:hours/past".into(),
        kind: EventKind::Window,
        title: "Past".into(),
        services: vec!["web".into()],
        environments: vec![],
        stops_rollback: false,
        contact: String::new(),
        waived_by: vec![],
        occurrences: vec![(world.now - TimeDelta::hours(9), world.now - TimeDelta::hours(8))],
    }
}

#[test]
fn a_feed_that_is_not_heard_holds_until_an_emergency_and_no_waiver_lets_it_pass() {
    let mut world = world();
    world.workspace.emergency = Some(Emergency {
        declared_by: vec!["release-manager".into()],
        second: vec!["qa".into()],
        reviewed_by: vec!["qa".into()],
        longest: Span::mins(120),
    });
    let digest = rules::waiting(&world.given()).map(|waits| waits.digest).expect("it waits");
    assert_eq!(world.command("ana", &Command::Adopt(digest, "agreed".to_owned())).refusal, None);
    world.pass(world.now + TimeDelta::minutes(61));
    assert!(why(&world).contains("freezes of feed:books are not known: not heard since"));
    let ask = |of| {
        let (reason, ticket, lasts) = ("pay".to_owned(), "INC-7".to_owned(), Span::mins(60));
        Command::Waive { run: RunId(1), of, reason, ticket, lasts }
    };
    for name in ["feed:books/one", "feed:books", "One"] {
        assert_ne!(world.command("ana", &ask(Waives::Freeze(name.to_owned()))).refusal, None, "{name}");
    }
    assert_eq!(world.command("ana", &ask(Waives::Emergency)).refusal, None);
    assert!(why(&world).contains("are not known"), "nobody has said the second word");
    assert_eq!(world.command("tom", &Command::AnswerWaiver(1, Answer::Grant, "so be it".to_owned())).refusal, None);
    assert_eq!(why(&world), "");
}
