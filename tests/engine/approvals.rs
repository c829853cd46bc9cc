//! Approvals that somebody wrote into the journal by hand, and such as no longer count when they are needed.

use crate::ground;
use crate::world::World;
use holdpoint::domain::approval::{Decision, Slot};
use holdpoint::domain::command::Command;
use holdpoint::domain::entry::By;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::person::Proof;
use holdpoint::domain::plan::{Kind, Question, Work};
use holdpoint::domain::signed::Signed;
use holdpoint::domain::verdict::Level;
use holdpoint::engine::run::State;
use holdpoint::engine::{people, statement};

fn asked(need: u32) -> World {
    let mut world = World::new();
    world.laws = false;
    let slots = vec![Slot { role: "qa".into(), need }];
    let steps = vec![ground::step("1", Kind::Approval, &[], Work::Ask(Question::Approval(slots)))];
    world.starts(ground::plan("day", steps));
    world
}

fn decide(world: &World, yes: bool, reason: &str) -> Command {
    let run = world.ledger.runs.values().next().unwrap();
    let saw = statement::digest(run, &run.plan.steps[0]);
    let (step, reason) = ("1".into(), reason.to_owned());
    Command::Decide { run: run.id, step, role: None, yes, reason, saw, said: None, signed: None }
}

/// How the step stands, and why decisions on it do not count.
fn stands(world: &World) -> (State, Vec<String>) {
    let run = world.ledger.runs.values().next().unwrap();
    let step = &run.plan.steps[0];
    let state = &run.steps[&step.name];
    let newest = people::newest(&world.given(), run, step, state);
    (state.state.clone(), newest.into_iter().filter_map(|(_, why)| why).collect())
}

/// A line that somebody added to the journal, rightly chained and never decided.
fn forges(world: &mut World, proof: Proof, signed: Option<Signed>, person: &str) {
    let run = world.ledger.runs.values().next().unwrap();
    let decision = Decision {
        person: person.into(),
        role: "qa".into(),
        yes: true,
        reason: String::new(),
        proof,
        at: world.now,
        saw: statement::digest(run, &run.plan.steps[0]),
        spoken: None,
        signed: signed.map(Box::new),
    };
    let fact = Fact::Decided { run: run.id, step: "1".into(), decision };
    let session = world.session("ana");
    world.append(By { person: "ana".into(), session }, "approve 1/1", Ok(vec![fact]));
    world.pass(world.now);
}

/// What tom would sign.
fn text(world: &World, lasts: &str) -> String {
    let run = world.ledger.runs.values().next().unwrap();
    let lasts = ground::span(lasts);
    let draft = statement::Draft { yes: true, role: &"qa".into(), person: &"tom".into(), reason: "", lasts };
    statement::text(&world.given(), run, &run.plan.steps[0], &draft)
}

#[test]
fn what_is_written_into_the_journal_by_hand_counts_only_as_it_is_proved() {
    let forged = [
        (Proof::Login, None, "tom", "qa needs proof by signed, and it was given as login"),
        (Proof::Signed, None, "tom", "no signature is there"),
        (Proof::Signed, Some(("1h", "none")), "tom", "begins and ends otherwise"),
        (Proof::Login, Some(("1h", "")), "tom", "begins and ends otherwise"),
        (Proof::Signed, Some(("200h", "none")), "tom", "for longer than"),
        (Proof::Signed, None, "bo", "bo does not fill qa now"),
    ];
    for (proof, signed, person, why) in forged {
        let mut world = asked(1);
        world.workspace.roles.get_mut("qa").unwrap().proof = Proof::Signed;
        world.pass(world.now);
        let signed = signed.map(|(lasts, signature)| Signed::new(text(&world, lasts), signature.to_owned()));
        forges(&mut world, proof, signed, person);
        let (state, whys) = stands(&world);
        assert_eq!(state, State::Running, "{why}");
        assert!(whys.iter().any(|said| said.contains(why)), "{why:?} is not in {whys:?}");
    }
}

#[test]
fn a_step_that_is_added_leaves_no_approval_of_the_run_as_it_was() {
    let mut world = asked(2);
    let yes = decide(&world, true, "");
    assert_eq!(world.command("tom", &yes).refusal, None);
    let run = world.ledger.runs.values().next().unwrap();
    let (id, added) = (run.id, ground::step("9", Kind::Manual, &[], Work::Ask(Question::Done)));
    let add = Command::AddStep(id, Box::new(added), "one more".to_owned());
    assert_eq!(world.command("ana", &add).refusal, None);
    assert_eq!(stands(&world), (State::Running, vec!["what it was about has changed since".to_owned()]));
    assert!(world.command("sam", &yes).refusal.is_some(), "what was seen before is not what is there");
    let yes = decide(&world, true, "");
    for person in ["tom", "sam"] {
        assert_eq!(world.command(person, &yes).refusal, None);
    }
    assert_eq!(stands(&world).0, State::Done);
}

#[test]
fn a_rejection_stays_when_whoever_made_it_is_taken_out_of_the_role() {
    let mut world = World::new();
    let slots = || vec![Slot { role: "qa".into(), need: 1 }];
    let mut step = ground::deploys("1", "web", &[]);
    step.gate = Some(holdpoint::domain::gate::Gate::Approval(slots()));
    world.starts(ground::plan("day", vec![step]));
    let no = decide(&world, false, "the schema is missing");
    assert_eq!(world.command("tom", &no).refusal, None);
    world.workspace.roles.get_mut("qa").unwrap().people.retain(|p| p.as_str() != "tom");
    let yes = decide(&world, true, "");
    assert_eq!(world.command("sam", &yes).refusal, None);
    let run = world.ledger.runs.values().next().unwrap();
    let (step, state) = (&run.plan.steps[0], &run.steps["1"]);
    assert_eq!(people::slots(&world.given(), run, step, state, &slots()).level, Level::Fail);
}

#[test]
fn a_login_that_becomes_somebody_mid_run_waits_to_be_adopted() {
    let mut world = World::new();
    let logins = |world: &mut World, all: &[&str]| {
        let tom = world.workspace.people.get_mut("tom").unwrap();
        tom.accounts.logins = all.iter().map(|login| (*login).to_owned()).collect();
        world.pass(world.now)
    };
    logins(&mut world, &["elsewhere"]);
    let slots = vec![Slot { role: "qa".into(), need: 1 }];
    let steps = vec![ground::step("1", Kind::Approval, &[], Work::Ask(Question::Approval(slots)))];
    world.starts(ground::plan("day", steps));
    // The second account of whoever started the run, written down as tom's.
    let told = logins(&mut world, &["elsewhere", "tom"]);
    let loosened =
        |fact: &Fact| matches!(fact, Fact::RulesRead { loosened, .. } if loosened == &["the login tom is tom too"]);
    assert!(told.facts.iter().any(loosened), "{:?}", told.facts);
    let yes = decide(&world, true, "");
    let refused = world.command("tom", &yes).refusal.unwrap();
    assert!(refused.reasons[0].text.contains("the login tom became tom's"), "{refused:?}");
    let waiting = holdpoint::engine::rules::waiting(&world.given()).unwrap();
    assert_eq!(world.command("kim", &Command::Adopt(waiting.digest, "a new account".into())).refusal, None);
    assert_eq!(world.command("tom", &yes).refusal, None);
    assert_eq!(stands(&world).0, State::Done);
}
