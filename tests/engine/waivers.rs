//! Waivers and emergencies: what they let pass and until when, whose word it takes, and what is left of them.

use crate::ground;
use crate::world::{Outcome, World};
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::calendar::EventKind;
use holdpoint::domain::command::{Command, StepCommand};
use holdpoint::domain::condition::Condition;
use holdpoint::domain::entry::{By, Entry};
use holdpoint::domain::fact::Fact;
use holdpoint::domain::gate::Gate;
use holdpoint::domain::hold::Scope;
use holdpoint::domain::name::RunId;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::person::Proof;
use holdpoint::domain::plan::{Kind, Start, Step, Work};
use holdpoint::domain::policy::{Effect, PolicyRule, Saying};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Level;
use holdpoint::domain::waiver::{Answer, Answered, Emergency, Waives, Word};
use holdpoint::engine::{Ledger, asked, readiness, rules, waivers};
use holdpoint::report;

fn rule(name: &str, effect: Effect, when: &str) -> PolicyRule {
    PolicyRule {
        name: name.into(),
        effect,
        when: Condition::read(when).unwrap(),
        say: Saying::new(format!("{name} speaks")),
        points: 0,
        owner: None,
        controls: vec![],
        approvals: if effect == Effect::Needs { vec![crate::words::slot("business")] } else { vec![] },
        second_person: false,
        rehearsed: None,
        lifts: vec![],
        waived_by: vec!["qa".into()],
        stops_rollback: false,
    }
}

fn deploys(name: &str, service: &str) -> Step {
    let mut op = ground::operation(Verb::Deploy, service, "stage");
    op.args = [("version".to_owned(), "2".to_owned())].into();
    Step { start: Start::Person, ..ground::step(name, Kind::Action, &[], Work::Do(op)) }
}

/// A run of one deployment, which a rule, a freeze and a window hold back, all waived by qa: tom and sam.
fn held() -> World {
    let mut world = World::new();
    let day = world.now + TimeDelta::days(1);
    world.event(EventKind::Freeze, "quarter", (world.now, day), false);
    world.event(EventKind::Window, "hours", (day, day + TimeDelta::hours(8)), false);
    world.workspace.calendar.events.iter_mut().for_each(|event| event.waived_by = vec!["qa".into()]);
    let block = rule("friday", Effect::Block, "service.name == 'web'");
    world.workspace.policy = [(block.name.clone(), block)].into();
    world.workspace.emergency = Some(Emergency {
        declared_by: vec!["release-manager".into()],
        second: vec!["qa".into()],
        reviewed_by: vec!["qa".into(), "business".into()],
        longest: Span::mins(120),
    });
    world.starts(ground::plan("day", vec![deploys("1", "web"), deploys("2", "api")]));
    world
}

fn policy() -> Waives {
    Waives::Policy("friday".into())
}

fn freeze() -> Waives {
    Waives::Freeze("quarter".to_owned())
}

fn window() -> Waives {
    Waives::Window("hours".to_owned())
}

fn ask(world: &mut World, who: &str, of: Waives, lasts: &str) -> Outcome {
    let (reason, ticket) = ("pay".to_owned(), "INC-7".to_owned());
    let lasts = ground::span(lasts);
    world.command(who, &Command::Waive { run: RunId(1), of, reason, ticket, lasts })
}

fn says(world: &mut World, who: &str, id: u32, answer: Answer) -> Outcome {
    world.command(who, &Command::AnswerWaiver(id, answer, "so be it".to_owned()))
}

fn start(world: &mut World, step: &str) -> Outcome {
    world.command("ana", &Command::Step(RunId(1), step.into(), StepCommand::Start(None)))
}

fn why(outcome: &Outcome) -> String {
    outcome.refusal.as_ref().map(ToString::to_string).unwrap_or_default()
}

#[track_caller]
fn done(outcome: Outcome) -> Outcome {
    assert_eq!(why(&outcome), "");
    outcome
}

/// Waives all three, each by tom for an hour.
fn all_waived(world: &mut World) {
    for (n, of) in [policy(), freeze(), window()].into_iter().enumerate() {
        done(ask(world, "ana", of, "1h"));
        done(says(world, "tom", u32::try_from(n + 1).unwrap(), Answer::Grant));
    }
}

#[test]
fn each_rule_is_waived_for_itself_and_the_line_that_sends_says_by_whom() {
    let mut world = held();
    let refused = why(&start(&mut world, "1"));
    for part in ["freeze quarter", "outside window hours", "friday speaks"] {
        assert!(refused.contains(part), "{part} is not in {refused}");
    }
    for (n, (of, part)) in [(policy(), "friday speaks"), (freeze(), "freeze quarter"), (window(), "outside window")]
        .into_iter()
        .enumerate()
    {
        let id = u32::try_from(n + 1).unwrap();
        assert!(why(&start(&mut world, "1")).contains(part));
        done(ask(&mut world, "ana", of, "1h"));
        assert!(why(&start(&mut world, "1")).contains(part), "asking is not granting");
        done(says(&mut world, "tom", id, Answer::Grant));
        assert!(!why(&start(&mut world, "1")).contains(part), "{part} is waived");
    }
    let run = world.ledger.run(RunId(1)).unwrap();
    let knowing = world.entries.iter().flat_map(|entry| &entry.facts).find_map(|fact| match fact {
        Fact::Announced(intent) => Some(intent.knowing.clone()),
        _ => None,
    });
    let knowing = knowing.unwrap_or_else(|| panic!("the step did not start: {run:?}"));
    for part in ["friday speaks, policy friday, waived until 03:00:00Z by tom: pay", "freeze quarter, waived until"] {
        assert!(knowing.iter().any(|said| said.contains(part)), "{part} is not in {knowing:?}");
    }
}

#[test]
fn a_waiver_ends_by_itself_and_by_anyone() {
    let mut world = held();
    all_waived(&mut world);
    let step = deploys("1", "web");
    let level = |world: &World| {
        let run = world.ledger.run(RunId(1)).unwrap();
        readiness::judge(&world.given(), run, &step).verdict.level
    };
    assert_eq!(level(&world), Level::Warn);
    world.pass(world.now + TimeDelta::minutes(59));
    assert_eq!(level(&world), Level::Warn);
    world.pass(world.now + TimeDelta::minutes(1));
    assert!(level(&world) >= Level::Hold, "the hour is over");
    let mut world = held();
    all_waived(&mut world);
    done(says(&mut world, "bo", 2, Answer::End));
    assert!(why(&start(&mut world, "1")).contains("freeze quarter"), "it was ended");
}

#[test]
fn a_waiver_is_of_one_run() {
    let mut world = held();
    all_waived(&mut world);
    let other = ground::plan("other", vec![deploys("1", "web")]);
    done(world.command("kim", &Command::StartRun(Box::new(other), vec![])));
    let start = Command::Step(RunId(2), "1".into(), StepCommand::Start(None));
    assert!(why(&world.command("kim", &start)).contains("freeze quarter"));
    done(world.command("ana", &Command::Step(RunId(1), "1".into(), StepCommand::Start(None))));
}

#[test]
fn whose_word_does_not_count_grants_nothing() {
    let mut world = held();
    let cases = [
        ("ana", "asked for waiver 1"),
        ("bo", "window hours is waived by qa; bo fills none of these"),
        ("kim", "waived by qa"),
    ];
    done(ask(&mut world, "ana", window(), "1h"));
    for (who, part) in cases {
        let refused = why(&says(&mut world, who, 1, Answer::Grant));
        assert!(refused.contains(part), "{part} is not in {refused:?}");
    }
    // Whoever drives the run is no other person, however much of qa.
    let sam = Command::TakeConn(RunId(1), 1, "lunch".to_owned());
    done(world.command("sam", &sam));
    assert!(why(&says(&mut world, "sam", 1, Answer::Grant)).contains("cannot waive for it"));
    done(world.command("ana", &Command::TakeConn(RunId(1), 2, "back".to_owned())));
    assert!(why(&says(&mut world, "sam", 1, Answer::Grant)).contains("has driven it"), "for ever");
    done(says(&mut world, "tom", 1, Answer::Grant));
    assert!(why(&says(&mut world, "tom", 1, Answer::Grant)).contains("granted by tom already"));
}

#[test]
fn a_word_is_judged_again_when_it_is_needed() {
    let mut world = held();
    all_waived(&mut world);
    world.workspace.roles.get_mut("qa").unwrap().people.retain(|person| person.as_str() != "tom");
    assert!(why(&start(&mut world, "1")).contains("freeze quarter"), "tom is not in qa any more");
    let mut world = held();
    all_waived(&mut world);
    done(world.command("tom", &Command::TakeConn(RunId(1), 1, "mine".to_owned())));
    let start = Command::Step(RunId(1), "1".into(), StepCommand::Start(None));
    assert!(why(&world.command("tom", &start)).contains("freeze quarter"), "who drives has waived it");
    let mut world = held();
    all_waived(&mut world);
    world.workspace.roles.get_mut("qa").unwrap().proof = Proof::Signed;
    assert!(why(&self::start(&mut world, "1")).contains("freeze quarter"), "a login is not enough by now");
}

#[test]
fn files_that_begin_to_allow_a_waiver_wait_to_be_adopted() {
    let mut world = held();
    for event in &mut world.workspace.calendar.events {
        event.waived_by.push("business".into());
    }
    world.workspace.read += TimeDelta::seconds(1);
    world.workspace.policy.get_mut("friday").unwrap().waived_by.push("business".into());
    world.pass(world.now + TimeDelta::seconds(1));
    let waiting = rules::waiting(&world.given()).unwrap();
    for part in ["quarter may be waived by business", "hours may be waived by business", "policy friday"] {
        assert!(waiting.what.iter().any(|what| what.contains(part)), "{part} is not in {:?}", waiting.what);
    }
    done(ask(&mut world, "ana", freeze(), "1h"));
    assert!(why(&says(&mut world, "bo", 1, Answer::Grant)).contains("waived by qa;"));
    done(world.command("ana", &Command::Adopt(waiting.digest, "agreed".to_owned())));
    done(says(&mut world, "bo", 1, Answer::Grant));
}

#[test]
fn what_nobody_may_waive_is_not_asked_for_nor_for_ever_nor_twice() {
    let mut world = held();
    world.workspace.policy.get_mut("friday").unwrap().waived_by.clear();
    assert!(why(&ask(&mut world, "ana", policy(), "1h")).contains("cannot be waived"));
    assert!(why(&ask(&mut world, "ana", Waives::Freeze("none".to_owned()), "1h")).contains("cannot be waived"));
    assert!(why(&ask(&mut world, "ana", freeze(), "0s")).contains("it may last"));
    assert!(why(&ask(&mut world, "ana", freeze(), "25h")).contains("it may last"));
    let bare = Command::Waive {
        run: RunId(1),
        of: freeze(),
        reason: " ".to_owned(),
        ticket: String::new(),
        lasts: Span::mins(5),
    };
    assert!(why(&world.command("ana", &bare)).contains("needs a reason"));
    done(ask(&mut world, "ana", freeze(), "24h"));
    assert!(why(&ask(&mut world, "kim", freeze(), "1h")).contains("waiver 1 of it is there already"));
    done(says(&mut world, "tom", 1, Answer::Refuse));
    assert!(why(&says(&mut world, "sam", 1, Answer::Grant)).contains("was ended by tom"));
    done(ask(&mut world, "kim", freeze(), "1h"));
    world.pass(world.now + TimeDelta::hours(2));
    assert!(why(&says(&mut world, "tom", 2, Answer::Grant)).contains("is over; ask anew"));
}

#[test]
fn an_emergency_lifts_rules_and_dates_and_nothing_else() {
    let mut world = held();
    assert!(
        why(&ask(&mut world, "bo", Waives::Emergency, "1h")).contains("declared by release-manager; bo fills none")
    );
    assert!(why(&ask(&mut world, "ana", Waives::Emergency, "3h")).contains("it may last"));
    let (reason, ticket, lasts) = ("pay".to_owned(), String::new(), Span::mins(5));
    let bare = Command::Waive { run: RunId(1), of: Waives::Emergency, reason, ticket, lasts };
    assert!(why(&world.command("ana", &bare)).contains("needs a ticket"));
    done(ask(&mut world, "ana", Waives::Emergency, "1h"));
    assert!(why(&start(&mut world, "1")).contains("freeze quarter"), "nobody has seconded it");
    assert!(why(&says(&mut world, "ana", 1, Answer::Grant)).contains("cannot grant it"));
    done(says(&mut world, "sam", 1, Answer::Grant));
    done(world.command("bo", &Command::Hold(Scope::Run(RunId(1)), "look".to_owned(), None)));
    assert!(why(&start(&mut world, "1")).contains("hold 1 on run 1"), "a hold holds in an emergency too");
    done(world.command("bo", &Command::Lift(1, "looked".to_owned())));
    let mut later = held();
    done(ask(&mut later, "ana", Waives::Emergency, "1h"));
    done(says(&mut later, "sam", 1, Answer::Grant));
    later.workspace.roles.get_mut("release-manager").unwrap().people.retain(|person| person.as_str() != "ana");
    assert!(why(&start(&mut later, "1")).contains("freeze quarter"), "whoever declared it may not any more");
    done(start(&mut world, "1"));
}

#[test]
fn an_emergency_passes_no_gate() {
    let mut world = held();
    let gated = Step { gate: Some(Gate::Approval(vec![crate::words::slot("business")])), ..deploys("1", "web") };
    done(world.command("kim", &Command::StartRun(Box::new(ground::plan("gated", vec![gated])), vec![])));
    let emergency = Command::Waive {
        run: RunId(2),
        of: Waives::Emergency,
        reason: "pay".to_owned(),
        ticket: "INC-7".to_owned(),
        lasts: Span::mins(60),
    };
    done(world.command("kim", &emergency));
    done(says(&mut world, "sam", 1, Answer::Grant));
    let start = Command::Step(RunId(2), "1".into(), StepCommand::Start(None));
    assert_eq!(why(&world.command("kim", &start)), "approval by business 0 of 1");
}

#[test]
fn an_emergency_alone_holds_at_once_and_only_where_the_files_said_so_at_the_start() {
    let mut world = held();
    world.workspace.emergency.as_mut().unwrap().second.clear();
    done(ask(&mut world, "ana", Waives::Emergency, "1h"));
    assert!(why(&start(&mut world, "1")).contains("freeze quarter"), "the run goes by files that want a second person");
    let mut world = World::new();
    world.freeze("quarter", Span::mins(600), false);
    world.workspace.emergency = Some(Emergency {
        declared_by: vec!["release-manager".into()],
        second: vec![],
        reviewed_by: vec!["qa".into()],
        longest: Span::mins(120),
    });
    world.starts(ground::plan("day", vec![deploys("1", "web")]));
    done(ask(&mut world, "kim", Waives::Emergency, "1h"));
    assert_eq!(waivers::in_force(&world.given()).count(), 1);
    done(start(&mut world, "1"));
}

#[test]
fn what_was_waived_is_owed_until_a_third_person_has_looked() {
    let mut world = held();
    all_waived(&mut world);
    let abort = Command::Abort(RunId(1), "enough".to_owned());
    assert!(why(&says(&mut world, "sam", 1, Answer::Review)).contains("nothing that waits for a review"), "not over");
    done(world.command("ana", &abort));
    let owed = |world: &World| world.ledger.waivers.values().filter(|waiver| waiver.debt(world.now)).count();
    assert_eq!(owed(&world), 3, "they ended with their run");
    for who in ["ana", "tom"] {
        assert!(why(&says(&mut world, who, 1, Answer::Review)).contains("a further person reviews it"));
    }
    assert!(why(&says(&mut world, "bo", 1, Answer::Review)).contains("reviewed by qa"));
    done(says(&mut world, "sam", 1, Answer::Review));
    assert_eq!(owed(&world), 2);
    // The run is forgotten, what is owed is not.
    done(world.command("kim", &Command::StartRun(Box::new(ground::plan("day", vec![deploys("1", "web")])), vec![])));
    assert!(world.ledger.run(RunId(1)).is_none());
    assert_eq!(world.ledger.waivers.keys().copied().collect::<Vec<_>>(), [2, 3]);
    world.pass(world.now + TimeDelta::hours(25));
    let late = world.ledger.waivers.values().map(|waiver| report::waivers::standing(&world.given(), waiver));
    assert!(late.eq([report::waivers::Standing::Overdue; 2]));
    assert_eq!(world.replay(), world.ledger);
}

#[test]
fn a_rule_that_needs_an_approval_needs_none_while_it_is_waived() {
    let mut world = held();
    let needs = rule("two", Effect::Needs, "service.name == 'api'");
    world.workspace.policy.insert(needs.name.clone(), needs);
    world.pass(world.now + TimeDelta::seconds(1));
    for (n, of) in [freeze(), window()].into_iter().enumerate() {
        done(ask(&mut world, "ana", of, "1h"));
        done(says(&mut world, "tom", u32::try_from(n + 1).unwrap(), Answer::Grant));
    }
    assert!(why(&start(&mut world, "2")).contains("approval by business 0 of 1"));
    let slots = |world: &World| {
        let run = world.ledger.run(RunId(1)).unwrap();
        asked::slots(&world.given(), run, &run.plan.steps[1]).len()
    };
    assert_eq!(slots(&world), 1);
    done(ask(&mut world, "ana", Waives::Policy("two".into()), "1h"));
    done(says(&mut world, "tom", 3, Answer::Grant));
    assert_eq!(slots(&world), 0, "nobody is asked for what is waived");
    done(start(&mut world, "2"));
    let knowing = world.entries.iter().flat_map(|entry| &entry.facts).find_map(|fact| match fact {
        Fact::Announced(intent) => Some(intent.knowing.join("\n")),
        _ => None,
    });
    assert!(
        knowing.as_ref().is_some_and(|all| all.contains("approval by business 0 of 1, waived until")),
        "{knowing:?}"
    );
}

/// A line that somebody wrote into the journal by hand.
fn forged(world: &World, by: By, fact: Fact) -> Result<(), String> {
    let mut ledger: Ledger = world.ledger.clone();
    let entry = Entry {
        seq: ledger.seq + 1,
        at: world.now,
        by,
        cause: "waiver.grant 1".to_owned(),
        facts: vec![fact],
        refusal: None,
        keys: None,
        prev: Default::default(),
    };
    ledger.apply(&entry).map_err(|illegal| illegal.why)
}

#[test]
fn a_word_that_somebody_else_wrote_down_is_no_word() {
    let mut world = held();
    done(ask(&mut world, "ana", freeze(), "1h"));
    let (ana, tom) = (world.session("ana"), world.session("tom"));
    let word = |who: &str, session, proof| Word { by: who.into(), proof, session, at: world.now, text: String::new() };
    let by = |who: &str, session| By { person: who.into(), session };
    let grant = |word| Fact::WaiverAnswered(Box::new(Answered { waiver: 1, answer: Answer::Grant, word }));
    let tries = [
        (by("ana", ana), grant(word("tom", tom, Proof::Login)), "a word that ana"),
        (by("ana", ana), grant(word("tom", ana, Proof::Login)), "a word that ana"),
        (by("tom", tom), grant(word("tom", tom, Proof::SshKey)), "otherwise than session"),
        (by("tom", ana), grant(word("tom", ana, Proof::Login)), "otherwise than session"),
    ];
    for (by, fact, part) in tries {
        let refused = forged(&world, by, fact).unwrap_err();
        assert!(refused.contains(part), "{part} is not in {refused}");
    }
    assert_eq!(forged(&world, by("tom", tom), grant(word("tom", tom, Proof::Login))), Ok(()));
    let mut granted = world.ledger.waivers[&1].clone();
    (granted.id, granted.granted) = (2, Some(word("tom", tom, Proof::Login)));
    let asked = Fact::WaiverAsked(Box::new(granted));
    assert!(forged(&world, by("ana", ana), asked).unwrap_err().contains("answered before it is asked for"));
}

/// What a waiver of the freeze is in a book that knows nothing of the engine.
#[derive(Default)]
struct Book {
    asked: Option<(&'static str, DateTime<Utc>)>,
    granted: Option<&'static str>,
    qa: Vec<&'static str>,
    drove: Vec<&'static str>,
}

impl Book {
    fn passes(&self, now: DateTime<Utc>) -> bool {
        let granted = self.granted.is_some_and(|who| self.qa.contains(&who) && !self.drove.contains(&who));
        granted && self.asked.is_some_and(|(_, until)| now < until)
    }
}

#[test]
fn in_random_days_a_freeze_lets_pass_exactly_when_the_book_says_so() {
    let people = ["ana", "kim", "bo", "tom", "sam"];
    let rounds = if std::env::var_os("HOLDPOINT_FULL").is_some() { 20_000 } else { 300 };
    let mut state = std::env::var("HOLDPOINT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(0x5eed_u64);
    println!("HOLDPOINT_SEED={state}");
    let mut random = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % n
    };
    let (mut passed, mut held) = (0u32, 0u32);
    for _ in 0..rounds {
        let mut world = World::new();
        world.laws = false;
        let far = world.now + TimeDelta::days(30);
        world.event(EventKind::Freeze, "quarter", (world.now, far), false);
        world.workspace.calendar.events[0].waived_by = vec!["qa".into()];
        world.starts(ground::plan("day", vec![deploys("1", "web")]));
        let mut book = Book { qa: vec!["tom", "sam"], drove: vec!["ana"], ..Book::default() };
        let mut epoch = 1;
        for _ in 0..12 {
            let who = people[random(people.len())];
            let there = world.ledger.last_waiver;
            match random(7) {
                0 => {
                    let wanted = book.asked.is_none_or(|(_, until)| world.now >= until);
                    let asked = ask(&mut world, who, freeze(), "1h").refusal.is_none();
                    assert_eq!(asked, wanted);
                    if asked {
                        book.asked = Some((who, world.now + TimeDelta::hours(1)));
                        book.granted = None;
                    }
                }
                1 | 2 => {
                    let open = book.asked.filter(|(_, until)| world.now < *until && book.granted.is_none());
                    let may = |asker| asker != who && book.qa.contains(&who) && !book.drove.contains(&who);
                    let wanted = open.is_some_and(|(asker, _)| may(asker));
                    let granted = says(&mut world, who, there, Answer::Grant).refusal.is_none();
                    assert_eq!(granted, wanted, "{who} grants");
                    if granted {
                        book.granted = Some(who);
                    }
                }
                3 => {
                    if says(&mut world, who, there, Answer::End).refusal.is_none() {
                        (book.asked, book.granted) = (None, None);
                    }
                }
                4 => drop(world.pass(world.now + TimeDelta::minutes(i64::try_from(random(50)).unwrap()))),
                5 => {
                    let qa = &mut world.workspace.roles.get_mut("qa").unwrap().people;
                    qa.retain(|person| person.as_str() != who);
                    book.qa.retain(|person| *person != who);
                }
                _ => {
                    let take = Command::TakeConn(RunId(1), epoch, "mine".to_owned());
                    if world.command(who, &take).refusal.is_none() {
                        epoch += 1;
                        book.drove.push(who);
                    }
                }
            }
            let run = world.ledger.run(RunId(1)).unwrap();
            let verdict = readiness::judge(&world.given(), run, &run.plan.steps[0]).verdict;
            assert_eq!(verdict.passes(), book.passes(world.now), "{verdict:?}");
            if verdict.passes() { passed += 1 } else { held += 1 }
        }
    }
    assert!(passed > 100 && held > 100, "both were seen: {passed} and {held}");
}
