//! What someone who was paged is told: what changed, what ails and since when,
//! the incident as the notes have it, and who is due an update.

use crate::ground::{self, deploys, plan, signal_at, span, start, step, trigger};
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::catalogue::Confirmation;
use holdpoint::domain::command::{Command, Consent, StepCommand};
use holdpoint::domain::comms::Audience;
use holdpoint::domain::gate::Gate;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::plan::{Kind, Question, Work};
use holdpoint::domain::report::{Receipt, Report};
use holdpoint::domain::verdict::Level;
use holdpoint::domain::way::{Way, WayKind};
use holdpoint::engine::ailing::{ailing, spared};
use holdpoint::engine::changes::{Asked, Change, Deeds, Origin, changes};
use holdpoint::engine::incident::{self, Said};
use holdpoint::engine::ways::ways;
use holdpoint::engine::{comms, consent, forecast};

/// A run of ana's that has brought db and web to version 2, a minute apart, from one minute after the start.
fn night() -> World {
    let mut world = World::new();
    let check = Work::Watch { gate: Gate::Health(vec![signal_at("errors@prod")]), limit: None };
    let end = step("3", Kind::Manual, &["2"], Work::Ask(Question::Done));
    let steps = vec![step("0", Kind::Check, &[], check), deploys("1", "db", &["0"]), deploys("2", "web", &["1"]), end];
    let mut plan = plan("train", steps);
    plan.triggers = vec![trigger()];
    world.starts(plan);
    world.read(&signal_at("errors@prod"), 0.004, 1000);
    for (n, name) in ["1", "2"].into_iter().enumerate() {
        world.pass(start() + TimeDelta::minutes(1 + i64::try_from(n).unwrap()));
        let found = world.ledger.run(RunId(1)).unwrap();
        let saw = consent::digest(found, found.plan.step(&name.into()).unwrap());
        let agreed = Consent { level: Confirmation::Challenge, saw, how: "typed prod".to_owned() };
        let go = Command::Step(RunId(1), name.into(), StepCommand::Start(Some(agreed)));
        let outcome = world.command("ana", &go);
        assert_eq!(outcome.refusal, None, "{name}");
        let intent = *world.ledger.sent.keys().next_back().unwrap();
        let detail = [("previous".to_owned(), "1".to_owned()), ("version".to_owned(), "2".to_owned())].into();
        let receipt = Receipt { summary: "done".to_owned(), detail, output: None };
        world.report(intent, &Report::Done(receipt));
    }
    world
}

/// Bad readings every five seconds for so many seconds.
fn fails(world: &mut World, seconds: i64) -> DateTime<Utc> {
    let from = world.now;
    for _ in 0..seconds / 5 {
        world.read(&signal_at("errors@prod"), 0.068, 3000);
        let next = world.now + TimeDelta::seconds(5);
        world.pass(next);
    }
    world.read(&signal_at("errors@prod"), 0.068, 3000);
    from
}

fn sees(world: &mut World, service: &str, deployment: Deployment) {
    world.see(Observation::Deployment((service.into(), "prod".into()), deployment.into()));
}

fn live(version: &str, since: Option<DateTime<Utc>>, by: &str) -> Deployment {
    let (version, by) = (version.to_owned(), Some(by.to_owned()));
    Deployment { version, since, by, state: "stable".to_owned(), ..Deployment::default() }
}

fn changed(world: &World, first_bad: Option<DateTime<Utc>>) -> Vec<Change> {
    let service = "web".into();
    let environment = "prod".into();
    let since = world.now - TimeDelta::hours(6);
    let asked = Asked { service: &service, environment: Some(&environment), since, first_bad };
    let of_ledger = changes(&world.given(), &Deeds::of(&world.ledger), &asked);
    let mut deeds = Deeds::default();
    world.entries.iter().for_each(|entry| deeds.take(entry));
    // A reading of the journal and the ledger say the same while the ledger keeps the run.
    assert_eq!(changes(&world.given(), &deeds, &asked), of_ledger);
    of_ledger
}

fn names(all: &[Change]) -> Vec<(&str, u32)> {
    all.iter().map(|change| (change.service.as_str(), change.distance)).collect()
}

#[test]
fn the_service_itself_comes_before_what_it_stands_on() {
    let mut world = night();
    let bad = fails(&mut world, 20);
    let all = changed(&world, Some(bad));
    assert_eq!(names(&all), [("web", 0), ("db", 2)], "{all:#?}");
    let first = &all[0];
    assert_eq!((first.from.as_deref(), first.to.as_deref()), (Some("1"), Some("2")));
    assert_eq!((first.by.as_deref(), &first.origin), (Some("ana"), &Origin::Run(RunId(1), "2".into())));
    assert!(first.certain && first.forward && first.score > all[1].score);
}

#[test]
fn what_came_after_the_first_bad_reading_is_least_likely() {
    let world = night();
    // Bad since before web was touched: db, further away, is likelier now.
    let all = changed(&world, Some(start() + TimeDelta::seconds(80)));
    assert_eq!(names(&all), [("db", 2), ("web", 0)], "{all:#?}");
}

#[test]
fn a_deployment_that_no_operation_explains_is_outside_any_run() {
    let mut world = night();
    // The run's own deployment as its backend dates it, and one of somebody else upstream.
    sees(&mut world, "web", live("2", Some(start() + TimeDelta::minutes(2)), "ana"));
    sees(&mut world, "api", live("7", Some(start() - TimeDelta::hours(3)), "ci-bot"));
    let all = changed(&world, None);
    let outside: Vec<_> = all.iter().filter(|c| matches!(c.origin, Origin::Outside(_))).collect();
    assert_eq!(outside.len(), 1, "{all:#?}");
    assert_eq!((outside[0].service.as_str(), outside[0].by.as_deref()), ("api", Some("ci-bot")));
    // Its own version, brought again by someone else much later, is not the run's doing any more.
    world.pass(start() + TimeDelta::hours(1));
    sees(&mut world, "web", live("2", Some(start() + TimeDelta::minutes(50)), "ci-bot"));
    let again = changed(&world, None);
    assert!(again.iter().any(|c| c.service.as_str() == "web" && matches!(c.origin, Origin::Outside(_))), "{again:#?}");
    // What is older than was asked for is not told, and neither are other services.
    world.pass(start() + TimeDelta::hours(20));
    sees(&mut world, "db", live("2", Some(start() - TimeDelta::days(9)), "ana"));
    assert_eq!(changed(&world, None), []);
}

#[test]
fn someone_who_sees_only_the_breach_is_told_what_was_normal_by_the_journal() {
    let mut world = night();
    let bad_since = fails(&mut world, 20);
    // Somebody opens the screens cold: nothing is observed yet but the newest readings.
    world.observed = Default::default();
    for seconds in [25, 30] {
        world.pass(bad_since + TimeDelta::seconds(seconds));
        world.read(&signal_at("errors@prod"), 0.068, 3000);
    }
    let given = world.given();
    let found = ailing(&given);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].normal, found[0].level), (Some(0.004), Level::Fail));
    let told = found[0].since.unwrap();
    assert!(told <= bad_since + TimeDelta::seconds(15), "what tripped the trigger is older than the readings: {told}");
    assert!(incident::touches(&given));
    // db is watched and has not been read: unknown is not well.
    assert_eq!(spared(&given, &found), []);
}

#[test]
fn ways_out_stand_side_by_side_and_say_what_they_lack() {
    let mut world = night();
    let way = |kind, lacks: &str| Way {
        kind,
        title: "multi_currency off".to_owned(),
        takes: Some(span("10s")),
        lacks: lacks.to_owned(),
        loses: "SEK".to_owned(),
        how: String::new(),
    };
    world.workspace.ways =
        [("web".into(), vec![way(WayKind::KillSwitch, ""), way(WayKind::FixForward, "no build")])].into();
    fails(&mut world, 20);
    let given = world.given();
    let run = world.ledger.run(RunId(1)).unwrap();
    let all = ways(&given, Some(run), &forecast::forecast(&given, run), &ailing(&given));
    let told: Vec<_> = all.iter().map(|way| (way.title.as_str(), way.lacks.as_deref(), way.back.is_some())).collect();
    assert_eq!(
        told,
        [
            ("roll back web prod → 1", None, true),
            ("kill switch multi_currency off", None, false),
            ("fix forward multi_currency off", Some("no build"), false),
            ("roll back everything that the run changed", None, true),
        ]
    );
    assert!(all[0].takes.is_some_and(|takes| all[3].takes.is_some_and(|all| all >= takes)));
}

fn notes(world: &mut World, person: &str, text: &str) {
    let outcome = world.command(person, &Command::Note(RunId(1), text.to_owned()));
    assert_eq!(outcome.refusal, None);
}

#[test]
fn an_incident_is_opened_led_and_closed_by_notes() {
    let mut world = night();
    assert_eq!(incident::current(&world.ledger), None);
    notes(&mut world, "kim", &Said::Opened(2, "sales down".to_owned()).note());
    let opened = world.now;
    world.pass(opened + TimeDelta::minutes(3));
    let found = incident::current(&world.ledger).unwrap();
    assert_eq!((found.severity, found.title.as_str(), found.opened, &found.lead), (2, "sales down", opened, &None));
    notes(&mut world, "ana", "incident lead");
    // Worse than thought: the same incident, led by the same person.
    notes(&mut world, "kim", "incident SEV1: nobody can pay");
    let found = incident::current(&world.replay()).unwrap();
    assert_eq!((found.severity, found.opened, found.lead.map(|(who, _)| who)), (1, opened, Some("ana".into())));
    notes(&mut world, "ana", "incident closed: rolled back");
    assert_eq!(incident::current(&world.ledger), None);
}

#[test]
fn notes_of_other_kinds_say_nothing_of_an_incident() {
    for text in
        ["incidentally", "incident", "incident SEV9: x", "incident SEV: x", "an incident SEV2: x", "SEV2: x", ""]
    {
        assert_eq!(Said::read(text), None, "{text:?}");
    }
    for said in [Said::Opened(3, "a: b".to_owned()), Said::Lead, Said::Closed("why".to_owned())] {
        assert_eq!(Said::read(&said.note()), Some(said));
    }
}

#[test]
fn the_comms_clock_counts_from_the_last_update_and_faster_in_an_incident() {
    let mut world = night();
    let due = |world: &World| {
        let open = incident::current(&world.ledger);
        comms::due(&world.workspace, world.ledger.run(RunId(1)).unwrap(), open.as_ref()).remove(0)
    };
    assert_eq!((due(&world).audience, due(&world).at), (Audience::usual(), ground::start() + TimeDelta::minutes(30)));
    world.pass(start() + TimeDelta::minutes(20));
    notes(&mut world, "ana", &comms::note("stakeholders", "short", "under way"));
    assert_eq!(due(&world).at, start() + TimeDelta::minutes(50));
    world.pass(start() + TimeDelta::minutes(22));
    notes(&mut world, "kim", "incident SEV2: sales down");
    assert_eq!(due(&world).at, start() + TimeDelta::minutes(37));
    // A note to others does not count for these.
    notes(&mut world, "kim", &comms::note("support", "short", "sales are down"));
    assert_eq!(due(&world).last, Some(start() + TimeDelta::minutes(20)));
    notes(&mut world, "kim", &comms::note("stakeholders", "long", "sales are down"));
    assert_eq!(due(&world).at, start() + TimeDelta::minutes(37));
    let told = world.ledger.run(RunId(1)).unwrap().notes.last().unwrap().3.clone();
    assert!(told.ends_with(&format!("digest {}: sales are down", comms::digest("sales are down").short())), "{told}");
}
