//! Signed approvals: whose word they are, how often they count, and what is left out without them.

use crate::ground;
use crate::world::{Outcome, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use ed25519_dalek::{Signer, SigningKey};
use holdpoint::domain::approval::{Decision, Slot};
use holdpoint::domain::catalogue::Confirmation;
use holdpoint::domain::command::{Command, Consent, StepCommand};
use holdpoint::domain::entry::By;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::gate::Gate;
use holdpoint::domain::name::{PersonName, RoleName};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::person::{Proof, Role};
use holdpoint::domain::plan::{Kind, Question, Start, Step, Work};
use holdpoint::domain::report::{Receipt, Report};
use holdpoint::domain::signed::{NAMESPACE, Signed};
use holdpoint::domain::ssh_key::{self, Fingerprint};
use holdpoint::engine::run::{Run, State};
use holdpoint::engine::{consent, people, rules, statement};
use sha2::{Digest as _, Sha256};

fn put(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
    into.extend(bytes);
}

/// A key by its number.
fn secret(key: u8) -> SigningKey {
    SigningKey::from_bytes(&[key; 32])
}

fn public(key: u8) -> Vec<u8> {
    let mut blob = Vec::new();
    put(&mut blob, b"ssh-ed25519");
    put(&mut blob, secret(key).verifying_key().as_bytes());
    blob
}

pub fn fingerprint(key: u8) -> Fingerprint {
    ssh_key::read(&ssh_key::line(&public(key)).unwrap()).unwrap()
}

/// What `ssh-keygen -Y sign` makes.
pub fn signature(key: u8, text: &str) -> String {
    let mut within = b"SSHSIG".to_vec();
    for part in [NAMESPACE.as_bytes(), b"", b"sha256", &Sha256::digest(text)] {
        put(&mut within, part);
    }
    let mut made = Vec::new();
    put(&mut made, b"ssh-ed25519");
    put(&mut made, &secret(key).sign(&within).to_bytes());
    let mut all = b"SSHSIG".to_vec();
    all.extend(1u32.to_be_bytes());
    for part in [&public(key)[..], NAMESPACE.as_bytes(), b"", b"sha256", &made] {
        put(&mut all, part);
    }
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", STANDARD.encode(all))
}

pub fn slot(role: &str, need: u32) -> Slot {
    Slot { role: role.into(), need }
}

pub fn approval(name: &str, slots: Vec<Slot>) -> Step {
    ground::step(name, Kind::Approval, &[], Work::Ask(Question::Approval(slots)))
}

/// A step that deploys web to a place.
fn deploys(name: &str, environment: &str) -> Step {
    let op = ground::operation(Verb::Deploy, "web", environment);
    Step { start: Start::Auto, ..ground::step(name, Kind::Action, &[], Work::Do(op)) }
}

/// A world in which everybody has the key of their number, before any run; qa signs.
fn house() -> World {
    let mut world = World::new();
    for (key, name) in [(1, "tom"), (2, "sam"), (3, "kim"), (4, "bo"), (5, "ana")] {
        keys(&mut world, name, &[key]);
    }
    world.workspace.roles.get_mut("qa").unwrap().proof = Proof::Signed;
    world
}

fn keys(world: &mut World, name: &str, keys: &[u8]) {
    let person = world.workspace.people.get_mut(name).unwrap();
    person.accounts.keys = keys.iter().map(|key| fingerprint(*key)).collect();
}

fn day(mut world: World, steps: Vec<Step>) -> World {
    world.starts(ground::plan("day", steps));
    world
}

fn run(world: &World) -> &Run {
    world.ledger.runs.values().next().unwrap()
}

fn state<'a>(world: &'a World, step: &str) -> &'a State {
    run(world).state(&step.into())
}

/// A decision to be signed.
struct Word<'a> {
    step: &'a str,
    role: &'a str,
    who: &'a str,
    yes: bool,
    reason: &'a str,
}

const YES: Word<'_> = Word { step: "1", role: "qa", who: "tom", yes: true, reason: "" };
const NO: Word<'_> = Word { yes: false, reason: "the schema is missing", ..YES };

impl Word<'_> {
    fn text(&self, world: &World) -> String {
        let run = run(world);
        let (role, person) = (RoleName::from(self.role), PersonName::from(self.who));
        let lasts = ground::span("1h");
        let draft = statement::Draft { yes: self.yes, role: &role, person: &person, reason: self.reason, lasts };
        statement::text(&world.given(), run, run.plan.step(&self.step.into()).unwrap(), &draft)
    }

    /// Signs it with a key, and ana brings it a second later than the last word.
    fn signs(&self, world: &mut World, key: u8) -> Outcome {
        world.pass(world.now + TimeDelta::seconds(1));
        let text = self.text(world);
        self.brings(world, key, text)
    }

    fn brings(&self, world: &mut World, key: u8, text: String) -> Outcome {
        let signed = Signed::new(text.clone(), signature(key, &text));
        let command = self.command(world, Some(Box::new(signed)));
        world.command("ana", &command)
    }

    fn command(&self, world: &World, signed: Option<Box<Signed>>) -> Command {
        let run = run(world);
        let saw = statement::digest(run, run.plan.step(&self.step.into()).unwrap());
        let (step, role) = (self.step.into(), Some(self.role.into()));
        Command::Decide {
            run: run.id,
            step,
            role,
            yes: self.yes,
            reason: self.reason.to_owned(),
            saw,
            said: None,
            signed,
        }
    }

    fn types(&self, world: &mut World) -> Outcome {
        let command = self.command(world, None);
        world.command(self.who, &command)
    }
}

fn does(world: &mut World, who: &str, step: &str, command: StepCommand) -> Outcome {
    let command = Command::Step(run(world).id, step.into(), command);
    world.command(who, &command)
}

#[track_caller]
fn refused(outcome: Outcome, why: &str) {
    let refusal = outcome.refusal.unwrap_or_else(|| panic!("it was taken: {:?}", outcome.facts));
    let said: Vec<_> = refusal.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert!(said.iter().any(|text| text.contains(why)), "{why:?} is not in {said:?}");
}

#[track_caller]
fn taken(outcome: Outcome) {
    assert_eq!(outcome.refusal, None);
}

#[test]
fn two_names_that_one_key_signs_for_are_one_person() {
    let mut world = house();
    keys(&mut world, "sam", &[1]);
    let mut world = day(world, vec![approval("1", vec![slot("qa", 2)])]);
    taken(YES.signs(&mut world, 1));
    taken(Word { who: "sam", ..YES }.signs(&mut world, 1));
    assert_eq!(*state(&world, "1"), State::Running, "one key is one voice");
}

#[test]
fn nobody_is_their_own_second_person_by_a_key_that_two_have() {
    let mut world = house();
    keys(&mut world, "tom", &[1, 3, 5]);
    let mut world = day(world, vec![Step { start: Start::Person, ..deploys("1", "twin") }]);
    // With the key of ana, who started the run, and with that of kim, who agrees to it.
    for key in [5, 3] {
        taken(YES.signs(&mut world, key));
        let run = run(&world);
        let saw = consent::digest(run, &run.plan.steps[0]);
        let consent = Consent { level: Confirmation::Challenge, saw, how: "typed".to_owned() };
        let started = does(&mut world, "kim", "1", StepCommand::Start(Some(consent)));
        refused(started, "a second person must approve it");
    }
}

#[test]
fn a_way_back_is_held_by_no_proof_that_is_raised_mid_run() {
    let mut world = World::new();
    world.starts(ground::plan("day", vec![approval("1", vec![slot("qa", 1)])]));
    let before = world.workspace.clone();
    // One save of the file: who may roll back signs from now on, and a deputy may by login.
    world.workspace.roles.get_mut("release-manager").unwrap().proof = Proof::Signed;
    let qa = world.workspace.roles["qa"].clone();
    let deputy = Role { name: "deputy".into(), people: vec!["sam".into()], rollback: true, ..qa };
    world.workspace.roles.insert("deputy".into(), deputy);
    world.pass(world.now);
    let may = |world: &mut World, who: &str| {
        let actor = world.actor(who);
        people::may_roll_back(&world.given(), &actor).map_err(|reason| reason.text)
    };
    assert_eq!((may(&mut world, "ana"), may(&mut world, "kim")), (Ok(()), Ok(())));
    assert!(may(&mut world, "sam").is_err() && may(&mut world, "tom").is_err(), "a file alone makes no deputy");
    let after = std::mem::replace(&mut world.workspace, before);
    world.pass(world.now);
    assert_eq!(may(&mut world, "ana"), Ok(()), "and as it was before");
    world.workspace = after;
    world.pass(world.now);
    let waiting = rules::waiting(&world.given()).unwrap();
    taken(world.command("ana", &Command::Adopt(waiting.digest, "a deputy".into())));
    assert!(may(&mut world, "ana").is_err() && may(&mut world, "sam").is_ok(), "by what was adopted");
}

#[test]
fn a_way_back_is_not_left_to_people_who_are_in_no_file_any_more() {
    let mut world = World::new();
    world.starts(ground::plan("day", vec![approval("1", vec![slot("qa", 1)])]));
    for name in ["ana", "kim"] {
        world.workspace.people.remove(name);
    }
    world.workspace.roles.get_mut("release-manager").unwrap().people = vec!["bo".into()];
    world.pass(world.now);
    let actor = world.actor("bo");
    assert_eq!(people::may_roll_back(&world.given(), &actor), Ok(()));
    let actor = world.actor("tom");
    assert!(people::may_roll_back(&world.given(), &actor).is_err());
}

#[test]
fn a_way_back_is_whose_it_was_when_a_file_named_others_for_a_while() {
    let mut world = World::new();
    world.starts(ground::plan("day", vec![approval("1", vec![slot("qa", 1)])]));
    let before = world.workspace.clone();
    world.workspace.roles.get_mut("release-manager").unwrap().people = vec!["bo".into()];
    for workspace in [world.workspace.clone(), before] {
        world.workspace = workspace;
        world.pass(world.now);
        let (ana, bo) = (world.actor("ana"), world.actor("bo"));
        assert_eq!(people::may_roll_back(&world.given(), &ana), Ok(()));
        assert!(people::may_roll_back(&world.given(), &bo).is_err());
    }
}

/// Step 1 is deployed and is verified by this gate.
fn verified(world: World, gate: Gate) -> World {
    let mut step = deploys("1", "stage");
    step.verify = Some(gate);
    let mut world = day(world, vec![step]);
    let intent = *world.ledger.sent.keys().next().unwrap();
    world.report(intent, &Report::Done(Receipt { summary: "done".to_owned(), ..Receipt::default() }));
    assert_eq!(*state(&world, "1"), State::Verifying);
    world
}

#[test]
fn a_verification_by_people_is_waived_by_nobody_whose_word_it_does_not_wait_for() {
    let parts = || Gate::All(vec![Gate::Health(vec![]), Gate::Approval(vec![slot("qa", 1)])]);
    let waive = || StepCommand::Waive("in a hurry".into());
    let skip = || StepCommand::Skip("in a hurry".into());
    let mut world = verified(house(), parts());
    for command in [waive, skip] {
        refused(does(&mut world, "ana", "1", command()), "started or drives run 1");
        refused(does(&mut world, "bo", "1", command()), "bo fills none of these");
        refused(does(&mut world, "tom", "1", command()), "qa needs proof by signed");
    }
    taken(YES.signs(&mut world, 1));
    assert_eq!(*state(&world, "1"), State::Done);
    // Where a login is enough, whoever could have said yes may; not where it takes several.
    for (gate, why) in [
        (Gate::Manual { role: "qa".into(), text: "green".into() }, ""),
        (Gate::Approval(vec![slot("qa", 1)]), ""),
        (Gate::Approval(vec![slot("qa", 2)]), "waits for 2 people"),
        (Gate::Approval(vec![slot("qa", 1), slot("ops", 1)]), "waits for 2 people"),
    ] {
        let mut world = verified(World::new(), gate);
        refused(does(&mut world, "ana", "1", waive()), "");
        match does(&mut world, "tom", "1", waive()) {
            outcome if why.is_empty() => taken(outcome),
            outcome => refused(outcome, why),
        }
    }
    let mut world = verified(World::new(), Gate::Health(vec![ground::signal_at("errors@prod")]));
    taken(does(&mut world, "ana", "1", waive()));
}

#[test]
fn a_text_that_would_act_on_a_terminal_is_refused() {
    for reason in ["fine\u{1b}[2J", "fine\u{7}", "fi\u{202e}enif", "fine\u{200b}", "fi\rne"] {
        let mut world = day(house(), vec![approval("1", vec![slot("qa", 1)])]);
        refused(Word { reason, ..YES }.signs(&mut world, 1), "line 8 holds \\u{");
        assert_eq!(*state(&world, "1"), State::Running);
    }
}

#[test]
fn a_text_that_was_taken_down_is_not_played_again_in_another_try() {
    let mut world = day(house(), vec![approval("1", vec![slot("qa", 2)])]);
    // Dated ahead, as by a clock that goes before ours.
    let asked = |at: chrono::DateTime<chrono::Utc>| format!("asked: {}", at.format("%FT%TZ"));
    let now = world.now;
    let text = YES.text(&world).replace(&asked(now), &asked(now + TimeDelta::seconds(55)));
    taken(YES.brings(&mut world, 1, text.clone()));
    world.pass(world.now + TimeDelta::seconds(2));
    taken(Word { who: "sam", ..NO }.signs(&mut world, 2));
    assert!(matches!(state(&world, "1"), State::Failed(_)));
    taken(Word { who: "sam", ..YES }.signs(&mut world, 2));
    taken(does(&mut world, "ana", "1", StepCommand::Retry(None)));
    assert_eq!(*state(&world, "1"), State::Running);
    refused(YES.brings(&mut world, 1, text), "was taken down before");
    world.pass(now + TimeDelta::seconds(60));
    for (who, key) in [("tom", 1), ("sam", 2)] {
        taken(Word { who, ..YES }.signs(&mut world, key));
    }
    assert_eq!(*state(&world, "1"), State::Done);
}

/// A line that somebody added to the journal, rightly chained and never decided.
fn forges(world: &mut World, fact: Fact) {
    let session = world.session("ana");
    world.append(By { person: "ana".into(), session }, "approve 1/1", Ok(vec![fact]));
    world.pass(world.now);
}

#[test]
fn a_forged_line_that_claims_a_key_needs_its_signature() {
    for (role, proof) in
        [Proof::SshKey, Proof::Signed].into_iter().flat_map(|p| [(p, Proof::SshKey), (p, Proof::Signed)])
    {
        let mut world = house();
        world.workspace.roles.get_mut("qa").unwrap().proof = role;
        world.laws = false;
        let mut world = day(world, vec![approval("1", vec![slot("qa", 1)])]);
        let run = run(&world);
        let (saw, at) = (statement::digest(run, &run.plan.steps[0]), world.now);
        let (person, role, reason) = ("tom".into(), "qa".into(), String::new());
        let decision = Decision { person, role, yes: true, reason, proof, at, saw, spoken: None, signed: None };
        let decided = Fact::Decided { run: run.id, step: "1".into(), decision };
        forges(&mut world, decided);
        assert_eq!(*state(&world, "1"), State::Running, "{proof}");
    }
}

#[test]
fn what_stands_in_a_heading_is_short_and_so_is_what_is_said_of_it() {
    let mut world = day(house(), vec![approval("1", vec![slot("qa", 1)])]);
    let long = "x".repeat(100_000);
    let text = YES.text(&world);
    let journal = text.lines().find(|line| line.starts_with("journal: ")).unwrap();
    for changed in [
        Word { reason: &long, ..YES }.text(&world),
        text.replace("person: tom", &format!("person: {long}")),
        text.replace(journal, &format!("journal: {long}")),
        text.replace("step: 1", &format!("step: {long}")),
        text.replace(journal, &format!("journal: {}", "x".repeat(190))),
    ] {
        let refusal = YES.brings(&mut world, 1, changed).refusal.unwrap();
        let said: usize = refusal.reasons.iter().map(|reason| reason.text.chars().count()).sum();
        assert!(said < 400, "{said} characters: {refusal:?}");
    }
    taken(Word { reason: &"y".repeat(900), ..YES }.signs(&mut world, 1));
}

#[test]
fn a_rejection_that_is_made_in_the_second_of_an_approval_counts() {
    let mut world = day(house(), vec![approval("1", vec![slot("qa", 2)])]);
    world.pass(world.now + TimeDelta::milliseconds(200));
    let (yes, no) = (YES.text(&world), NO.text(&world));
    taken(YES.brings(&mut world, 1, yes.clone()));
    world.pass(world.now + TimeDelta::milliseconds(600));
    taken(NO.brings(&mut world, 1, no.clone()));
    assert!(matches!(state(&world, "1"), State::Failed(_)));
    refused(YES.brings(&mut world, 1, yes), "taken down before");
    taken(YES.signs(&mut world, 1));
    refused(NO.brings(&mut world, 1, no), "taken down before");
}

#[test]
fn a_rejection_stays_until_whoever_made_it_takes_it_back() {
    let ask =
        || vec![approval("1", vec![slot("qa", 1)]), ground::step("2", Kind::Manual, &["1"], Work::Ask(Question::Done))];
    let mut world = day(World::new(), ask());
    taken(Word { who: "sam", ..NO }.types(&mut world));
    assert!(matches!(state(&world, "1"), State::Failed(_)));
    refused(does(&mut world, "ana", "1", StepCommand::Retry(None)), "sam (qa) rejected it");
    refused(does(&mut world, "tom", "1", StepCommand::Skip("no time".into())), "sam (qa) rejected it");
    // Another's word, and a step that is added, change nothing of that.
    taken(YES.types(&mut world));
    let added = ground::step("9", Kind::Manual, &[], Work::Ask(Question::Done));
    let add = Command::AddStep(run(&world).id, Box::new(added), "one more".into());
    taken(world.command("ana", &add));
    refused(does(&mut world, "ana", "1", StepCommand::Retry(None)), "sam (qa) rejected it");
    taken(Word { who: "sam", ..YES }.types(&mut world));
    taken(does(&mut world, "ana", "1", StepCommand::Retry(None)));
    assert_eq!(*state(&world, "1"), State::Running, "it is asked anew of everybody");
    taken(YES.types(&mut world));
    assert_eq!(*state(&world, "1"), State::Done);
}

#[test]
fn a_line_that_asks_a_rejected_approval_anew_keeps_the_rejection() {
    let mut world = World::new();
    world.laws = false;
    let mut world = day(world, vec![approval("1", vec![slot("qa", 1)])]);
    taken(Word { who: "sam", ..NO }.types(&mut world));
    let retried = Fact::StepRetried { run: run(&world).id, step: "1".into() };
    let session = world.session("ana");
    world.append(By { person: "ana".into(), session }, "step.retry 1 1", Ok(vec![retried]));
    world.pass(world.now);
    taken(YES.types(&mut world));
    assert!(matches!(state(&world, "1"), State::Failed(_)), "{:?}", state(&world, "1"));
}

#[test]
fn a_no_in_a_manual_gate_outweighs_the_yes_of_another() {
    let mut step = deploys("1", "stage");
    step.gate = Some(Gate::Manual { role: "qa".into(), text: "lights green".into() });
    let mut world = day(World::new(), vec![step]);
    taken(NO.types(&mut world));
    taken(Word { who: "sam", ..YES }.types(&mut world));
    assert_eq!(*state(&world, "1"), State::Pending);
    taken(YES.types(&mut world));
    assert_eq!(*state(&world, "1"), State::Running);
}

#[test]
fn whoever_was_ever_given_a_step_does_not_approve_it() {
    let mut step = deploys("1", "stage");
    step.gate = Some(Gate::Approval(vec![slot("qa", 1)]));
    let mut world = day(World::new(), vec![step]);
    for to in ["tom", "bo"] {
        taken(does(&mut world, "ana", "1", StepCommand::Assign(to.into())));
    }
    refused(YES.types(&mut world), "cannot approve in it");
    taken(Word { who: "sam", ..YES }.types(&mut world));
    assert_eq!(*state(&world, "1"), State::Running);
}

#[test]
fn rules_of_a_journal_that_names_no_keys_are_written_down_before_a_key_signs() {
    let mut world = house();
    world.laws = false;
    let mut world = day(world, vec![approval("1", vec![slot("qa", 1)])]);
    std::sync::Arc::make_mut(&mut world.ledger.rules[0]).people.clear();
    keys(&mut world, "tom", &[1, 9]);
    let signs = |world: &World, key| rules::signs(&world.given(), &"tom".into(), &fingerprint(key));
    assert!(!signs(&world, 1) && !signs(&world, 9), "nothing says whose they were");
    world.pass(world.now);
    assert!(signs(&world, 1) && signs(&world, 9), "they are written down");
    keys(&mut world, "tom", &[1, 9, 8]);
    world.pass(world.now);
    assert!(signs(&world, 9) && !signs(&world, 8), "what comes later is to be adopted");
}

#[test]
fn one_person_in_two_roles_fills_one_place_of_an_approval() {
    let mut world = day(World::new(), vec![approval("1", vec![slot("qa", 1), slot("ops", 1)])]);
    for role in ["qa", "ops"] {
        taken(Word { who: "sam", role, ..YES }.types(&mut world));
    }
    assert_eq!(*state(&world, "1"), State::Running);
    // Sam fills the place that is left to him.
    taken(Word { who: "tom", ..YES }.types(&mut world));
    assert_eq!(*state(&world, "1"), State::Done);
}
