//! A release day as a TOML file: a plan, then moments with one input each and
//! what must follow from it.
//!
//! ```toml
//! derived = ["ready"]                   # signals of `seen` that are declared too
//!
//! [[step]]
//! id = "1"
//! do = "deploy web prod version=2"      # or ask, watch, mark
//! start = "person"
//!
//! [[then]]
//! t = "5s"                              # since the start; time passes with every wake on the way
//! ana = "start 1 confirm"               # or report, found, see, dies, freeze, window, …
//! facts = ["announced step=1 attempt=1"] # in this order among what followed
//! refused = ["consent typing"]          # every reason: its rule and some of its words
//! opens = "1h"                          # when the refusal opens
//! due = ["perform 1"]                   # exactly what ana's session must let out
//! leave = ["1"]                         # what a way back waits for, whoever sent it
//! states = { 1 = "running" }
//! wake = "10s"                          # when ana's session looks again
//! forecast = ["lands 35m 48m"]          # of the newest run, times since its T0; see `outlook`
//! ```

use crate::facts::{fits, listed};
use crate::world::{Outcome, World};
use crate::{ground, outlook, seen, words};
use holdpoint::domain::calendar::EventKind;
use holdpoint::domain::catalogue::Environment;
use holdpoint::domain::effect::Effect;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::person::Role;
use holdpoint::domain::plan::{At, Escalate, Kind, LeftOpen, Plan, Question, Start, Step, Work};
use holdpoint::domain::trigger::{RollsBack, Trigger};
use holdpoint::engine::{due, leave, next_wake, show};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// Signals of `seen` that are declared too.
    #[serde(default)]
    derived: Vec<String>,
    #[serde(default)]
    step: Vec<PlannedStep>,
    #[serde(default)]
    trigger: Vec<PlannedTrigger>,
    #[serde(default)]
    leaves_open: Vec<LeftOpen>,
    then: Vec<Then>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedStep {
    id: String,
    r#do: Option<String>,
    ask: Option<String>,
    watch: Option<String>,
    #[serde(default)]
    mark: bool,
    limit: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    start: Option<Start>,
    gate: Option<String>,
    verify: Option<String>,
    owner: Option<String>,
    backup: Option<String>,
    not_before: Option<String>,
    due: Option<String>,
    takes: Option<String>,
    at: Option<String>,
    #[serde(default)]
    no_return: bool,
    escalate: Option<Escalate>,
    diagnose: Option<String>,
    branch: Option<(String, String)>,
    may_skip: Option<bool>,
    #[serde(default)]
    idempotent: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedTrigger {
    id: String,
    signals: Vec<String>,
    from: String,
    until: Option<String>,
    back: String,
    countdown: Option<String>,
}

#[derive(Deserialize)]
struct Then {
    t: Option<String>,
    #[serde(default)]
    facts: Vec<String>,
    #[serde(default)]
    nothing: bool,
    refused: Option<Vec<String>>,
    opens: Option<String>,
    due: Option<Vec<String>>,
    leave: Option<Vec<String>>,
    #[serde(default)]
    states: BTreeMap<String, String>,
    #[serde(default)]
    triggers: BTreeMap<String, String>,
    holds: Option<Vec<String>>,
    wake: Option<String>,
    #[serde(default)]
    forecast: Vec<String>,
    /// Whether run 1 goes on without anyone.
    moves: Option<bool>,
    /// One more key: what happens. A person's name, or report, found, see, ….
    #[serde(flatten)]
    input: BTreeMap<String, String>,
}

/// Runs a scenario; panics where the day goes otherwise.
pub fn run(text: &str) {
    let scenario: Scenario = toml::from_str(text).unwrap_or_else(|e| panic!("{e}"));
    let plan = plan(&scenario);
    let mut world = World::new();
    world.workspace.signals.extend(plan.signals.iter().map(|signal| (signal.name.clone(), signal.clone())));
    for (n, then) in scenario.then.iter().enumerate() {
        let what = format!("moment {} {:?} {:?}", n + 1, then.t, then.input);
        let outcome = happen(&mut world, &plan, then);
        check(&mut world, then, &outcome, &what);
    }
    assert_eq!(world.replay(), world.ledger, "the day read back is the day");
}

fn happen(world: &mut World, plan: &Plan, then: &Then) -> Outcome {
    let mut outcome = Outcome::default();
    if let Some(t) = &then.t {
        outcome = world.pass(ground::start() + ground::span(t).delta());
    }
    assert!(then.input.len() <= 1, "one input a moment: {:?}", then.input);
    for (kind, text) in &then.input {
        let more = input(world, plan, kind, text);
        outcome.facts.extend(more.facts);
        outcome.refusal = outcome.refusal.or(more.refusal);
    }
    outcome
}

fn input(world: &mut World, plan: &Plan, kind: &str, text: &str) -> Outcome {
    let mut parts = text.split_whitespace();
    let mut next = || parts.next().unwrap_or_else(|| panic!("{kind} {text:?}: a word more"));
    match kind {
        "report" => {
            let (intent, report) = words::report(world, text);
            world.report(intent, &report)
        }
        "found" => {
            let (intent, found) = words::found(world, text);
            world.found(intent, &found)
        }
        "dies" => world.dies(text),
        "past" => outlook::past(world, plan, text),
        "promises" => outlook::promises(world, text),
        // `8m`: this process's clock is that far behind the journal.
        "behind" => {
            world.now -= ground::span(text).delta();
            Outcome::default()
        }
        // `errors@prod 0.01 40s`: read every 5 s from now until then; `events=3` for few events.
        "see" => {
            let (at, value) = (ground::signal_at(next()), next().parse().unwrap());
            let until = parts.next().map_or(world.now, |t| ground::start() + ground::span(t).delta());
            let events = parts.next().map_or(100, |n| n.strip_prefix("events=").unwrap().parse().unwrap());
            let mut outcome = world.read(&at, value, events);
            while world.now < until {
                let to = world.now + ground::span("5s").delta();
                outcome.facts.extend(world.pass(to).facts);
                outcome.facts.extend(world.read(&at, value, events).facts);
            }
            outcome
        }
        // `errors@prod`: it was tried to read it, and that gave nothing.
        "unread" => world.see(Observation::NoReading(ground::signal_at(next()), "no series".to_owned())),
        // `20s`: every 5 s until then, all that was told of deployments still holds.
        "beats" => {
            let until = ground::start() + ground::span(next()).delta();
            let mut outcome = world.see(Observation::Heartbeat);
            while world.now < until {
                outcome.facts.extend(world.pass(world.now + ground::span("5s").delta()).facts);
                outcome.facts.extend(world.see(Observation::Heartbeat).facts);
            }
            outcome
        }
        // What watches see of rollouts and alerts; see `seen`.
        "rollout" | "alerts" | "recall" | "unreachable" | "unheard" => world.hear(seen::seen(kind, text).unwrap()),
        // `web prod 2.0 1.0`: version and history.
        "live" => {
            let key = (next().into(), next().into());
            let version = next().to_owned();
            let history = parts.map(str::to_owned).collect();
            world.see(Observation::Deployment(key, Deployment { version, history, ..Deployment::default() }.into()))
        }
        // `web prod 1.0 2.0`: the second is being rolled out beside the first.
        "canary" => world.see(words::canary(text)),
        // `errors@prod 1.0 8/1600 2.0 12/400`: bad events of all, version by version.
        "counts" => world.see(words::counts(text)),
        "freeze" | "hard-freeze" => {
            let (title, lasts) = (next().to_owned(), ground::span(next()));
            world.freeze(&title, lasts, kind == "hard-freeze");
            world.pass(world.now)
        }
        // `night 1h 3h`: from and to, since the start.
        "window" | "maintenance" | "later-freeze" => {
            let kind = match kind {
                "window" => EventKind::Window,
                "maintenance" => EventKind::Maintenance,
                _ => EventKind::Freeze,
            };
            let title = next().to_owned();
            let mut at = || ground::start() + ground::span(next()).delta();
            world.event(kind, &title, (at(), at()), false);
            world.pass(world.now)
        }
        "enter" => {
            world.session(text);
            world.pass(world.now)
        }
        // Everyone's identity is only claimed, or a role asks for more.
        // `Payday`: the file no longer has it.
        "gone" => {
            let events = &mut world.workspace.calendar.events;
            let before = events.len();
            events.retain(|event| event.name != text);
            assert_eq!(events.len() + 1, before, "there is one {text}");
            world.pass(world.now)
        }
        // `night 1h 5h`: the file says another time for it.
        "moved" => {
            let name = next().to_owned();
            let mut at = || ground::start() + ground::span(next()).delta();
            let (from, to) = (at(), at());
            let event = world.workspace.calendar.events.iter_mut().find(|e| e.name == name).unwrap();
            event.occurrences = vec![(from, to)];
            world.pass(world.now)
        }
        // `qa bo`: the file lets someone else fill a role too.
        "joins" => {
            let (role, person) = (next(), next().into());
            world.workspace.roles.get_mut(role).unwrap().people.push(person);
            world.pass(world.now)
        }
        // `qa bo`: and no longer.
        "leaves" => {
            let (role, person) = (next(), next());
            world.workspace.roles.get_mut(role).unwrap().people.retain(|p| p.as_str() != person);
            world.pass(world.now)
        }
        // `qa`: the file has no such role; `qa bo`: a new one that these fill.
        "role" => {
            let name = next().to_owned();
            let people: Vec<_> = parts.map(Into::into).collect();
            match people.is_empty() {
                true => drop(world.workspace.roles.remove(name.as_str())),
                false => {
                    let like = world.workspace.roles.values().next().unwrap().clone();
                    let role = Role { name: name.as_str().into(), people, rollback: false, ..like };
                    world.workspace.roles.insert(role.name.clone(), role);
                }
            }
            world.pass(world.now)
        }
        // `stage none`: declared once more.
        "declare" => {
            let (name, level) = (next(), next());
            let like = world.workspace.environments.values().next().unwrap().clone();
            let confirm = serde_json::from_value(level.into()).unwrap();
            world.workspace.environments.insert(name.into(), Environment { name: name.into(), confirm, ..like });
            world.pass(world.now)
        }
        "purpose" => {
            world.workspace.purpose = serde_json::from_value(text.into()).unwrap();
            world.pass(world.now)
        }
        // When the files were read, since the start.
        "read" => {
            world.workspace.read = ground::start() + ground::span(text).delta();
            world.pass(world.now)
        }
        // `stage challenge`: what an environment asks for.
        "asks" => {
            let (environment, level) = (next(), next());
            let level = serde_json::from_value(level.into()).unwrap();
            world.workspace.environments.get_mut(environment).unwrap().confirm = level;
            world.pass(world.now)
        }
        // `release-manager ssh-key`: how well a role's people must be known.
        "demand" => {
            let (role, proof) = (next(), next());
            let proof = serde_json::from_value(proof.into()).unwrap();
            world.workspace.roles.get_mut(role).unwrap().proof = proof;
            world.pass(world.now)
        }
        // A verb's script is no longer declared.
        "unable" => {
            let verb = Verb::ALL.into_iter().find(|v| v.word() == text).unwrap();
            world.unable(verb);
            world.pass(world.now)
        }
        // What this process has read of a signal, as if it had just begun.
        "forget" => {
            world.observed.series.remove(&ground::signal_at(text));
            world.pass(world.now)
        }
        "able" | "stands" => seen::declared(world, kind, text),
        "unwatched" => seen::unwatched(world, text),
        "undeclare" => {
            world.workspace.environments.remove(text);
            world.pass(world.now)
        }
        person => {
            let command = words::command(world, plan, text);
            world.command(person, &command)
        }
    }
}

fn check(world: &mut World, then: &Then, outcome: &Outcome, what: &str) {
    let facts: Vec<_> = outcome.facts.iter().map(|f| serde_json::to_value(f).unwrap()).collect();
    let mut ahead = facts.iter();
    for wanted in &then.facts {
        assert!(ahead.any(|f| fits(f, wanted)), "{what}: no {wanted:?} (in this order) in {}", listed(&facts));
    }
    assert!(!then.nothing || facts.is_empty(), "{what}: {}", listed(&facts));
    match (&then.refused, &outcome.refusal) {
        (None, None) => {}
        (None, Some(refusal)) => panic!("{what}: refused: {refusal}"),
        (Some(_), None) => panic!("{what}: not refused"),
        (Some(wanted), Some(refusal)) => {
            let said: Vec<_> =
                refusal.reasons.iter().map(|r| format!("{:?} {}", r.rule, r.text).to_lowercase()).collect();
            let all = wanted.iter().all(|w| {
                let (rule, words) = w.split_once(' ').unwrap_or((w, ""));
                said.iter().any(|s| s.starts_with(rule) && s.contains(&words.to_lowercase()))
            });
            assert!(all && said.len() == wanted.len(), "{what}: wanted {wanted:?}, refused {said:#?}");
        }
    }
    outlook::check(world, &then.forecast, what);
    if let Some(moves) = then.moves {
        let run = world.ledger.run(RunId(1)).unwrap();
        assert_eq!(show::moves(&world.given(), run), moves, "{what}: moves");
    }
    if let Some(opens) = &then.opens {
        let found = outcome.refusal.as_ref().and_then(|r| r.opens());
        assert_eq!(found, Some(ground::start() + ground::span(opens).delta()), "{what}: opens");
    }
    for (step, wanted) in &then.states {
        assert_eq!(state(world, step), *wanted, "{what}: step {step}");
    }
    for (trigger, wanted) in &then.triggers {
        let state = world.ledger.run(RunId(1)).unwrap().triggers.get(trigger.as_str());
        assert_eq!(word(&serde_json::to_value(state).unwrap()), *wanted, "{what}: trigger {trigger}");
    }
    if let Some(wanted) = &then.holds {
        let found: Vec<_> = world.ledger.holds.values().map(|h| h.scope.to_string()).collect();
        assert_eq!(found, *wanted, "{what}: holds");
    }
    let ana = world.sessions.get("ana").copied();
    if let Some(wanted) = &then.due {
        let session = ana.unwrap_or_else(|| panic!("{what}: ana is not there"));
        let found: Vec<_> = due(&world.ledger, session).map(|e| told(world, &e)).collect();
        assert_eq!(found, *wanted, "{what}: due");
    }
    if let Some(wanted) = &then.leave {
        let steps = leave(&world.given()).into_iter().map(|seq| world.ledger.sent[&seq].intent.step.to_string());
        assert_eq!(steps.collect::<Vec<_>>(), *wanted, "{what}: leave");
    }
    if let Some(wanted) = &then.wake {
        let found = next_wake(&world.given(), ana.unwrap()).map(|at| (at - ground::start()).num_milliseconds());
        assert_eq!(found, Some(ground::span(wanted).as_millis() as i64), "{what}: wake");
    }
}

/// `perform 1`, and the key's line when it is another's: `perform 1 key=7`; why, where somebody said so.
fn told(world: &World, effect: &Effect) -> String {
    let sent = &world.ledger.sent[&effect.intent()];
    let run = if sent.intent.run == RunId(1) { String::new() } else { format!("{}/", sent.intent.run) };
    let (verb, key, why) = match effect {
        Effect::Perform { key, reason, .. } => ("perform", key, reason.as_ref().map(|why| format!(": {why}"))),
        Effect::Probe { key, .. } => ("probe", key, None),
    };
    let first = if key.seq == effect.intent() { String::new() } else { format!(" key={}", key.seq) };
    format!("{verb} {run}{}{first}{}", sent.intent.step, why.unwrap_or_default())
}

fn state(world: &World, text: &str) -> String {
    let (run, step) = text.split_once('/').unwrap_or(("1", text));
    let run = world.ledger.run(RunId(run.parse().unwrap())).unwrap_or_else(|| panic!("no run {run}"));
    match step {
        "run" => word(&serde_json::to_value(&run.phase).unwrap()),
        _ => word(&serde_json::to_value(run.state(&step.into())).unwrap()),
    }
}

fn word(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(word) => word.clone(),
        serde_json::Value::Object(map) => map.keys().next().cloned().unwrap_or_default(),
        _ => "none".to_owned(),
    }
}

fn plan(scenario: &Scenario) -> Plan {
    let mut plan = ground::plan("day", scenario.step.iter().map(step).collect());
    plan.triggers = scenario.trigger.iter().map(trigger).collect();
    plan.leaves_open.clone_from(&scenario.leaves_open);
    plan.signals
        .extend(seen::signals().into_iter().filter(|signal| scenario.derived.contains(&signal.name.to_string())));
    plan
}

fn step(planned: &PlannedStep) -> Step {
    let needs: Vec<_> = planned.needs.iter().map(String::as_str).collect();
    let (kind, work) = work(planned);
    let mut step = ground::step(&planned.id, kind, &needs, work);
    step.start = planned.start.unwrap_or(Start::Auto);
    step.gate = planned.gate.as_deref().map(words::gate);
    step.verify = planned.verify.as_deref().map(words::gate);
    step.owner = planned.owner.as_deref().map(Into::into);
    step.backup = planned.backup.as_deref().map(Into::into);
    step.takes = planned.takes.as_deref().map(ground::span);
    step.diagnose = planned.diagnose.as_deref().map(ground::span);
    step.escalate.clone_from(&planned.escalate);
    let offset = |t: &String| At::Offset(ground::span(t).as_millis() as i64);
    step.not_before = planned.not_before.as_ref().map(offset);
    step.due = planned.due.as_ref().map(offset);
    step.at = planned.at.as_ref().map(offset);
    step.point_of_no_return = planned.no_return;
    step.branch = planned.branch.as_ref().map(|(s, b)| (s.as_str().into(), b.clone()));
    step.may_skip = planned.may_skip.unwrap_or(true);
    step
}

fn work(planned: &PlannedStep) -> (Kind, Work) {
    if let Some(text) = &planned.r#do {
        let parts: Vec<_> = text.split_whitespace().collect();
        let verb = Verb::ALL.into_iter().find(|v| v.word() == parts[0]).unwrap_or_else(|| panic!("no verb: {text}"));
        let mut op = ground::operation(verb, parts[1], parts[2]);
        op.args = parts[3..].iter().filter_map(|p| p.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
        op.idempotent = planned.idempotent;
        return (Kind::Action, Work::Do(op));
    }
    if let Some(text) = &planned.watch {
        let limit = planned.limit.as_deref().map(ground::span);
        return (Kind::Soak, Work::Watch { gate: words::gate(text), limit });
    }
    if planned.mark {
        return (Kind::Milestone, Work::Mark);
    }
    let text = planned.ask.as_deref().unwrap_or("done");
    let mut parts = text.split_whitespace();
    let roles = |list: &str| list.split(',').map(Into::into).collect::<Vec<_>>();
    let (kind, question) = match parts.next().unwrap_or_default() {
        "done" => (Kind::Manual, Question::Done),
        "approval" => (Kind::Approval, Question::Approval(parts.map(words::slot).collect())),
        "release" => {
            let roles = roles(parts.next().unwrap());
            let decide_by = parts.next().map(|t| At::Offset(ground::span(t).as_millis() as i64));
            (Kind::Hold, Question::Release { roles, decide_by })
        }
        "poll" => {
            let roles = roles(parts.next().unwrap());
            let closes = ground::span(parts.next().unwrap());
            (Kind::Poll, Question::Poll { roles, closes, evidence: parts.map(ground::signal_at).collect() })
        }
        "choice" => (Kind::Decision, Question::Choice { branches: parts.map(str::to_owned).collect() }),
        other => panic!("no question: {other}"),
    };
    (kind, Work::Ask(question))
}

fn trigger(planned: &PlannedTrigger) -> Trigger {
    let rolls_back = match planned.back.split_once(' ') {
        Some((service, environment)) => RollsBack::One(service.into(), environment.into()),
        None => RollsBack::Set,
    };
    Trigger {
        name: planned.id.as_str().into(),
        signals: planned.signals.iter().map(|s| ground::signal_at(s)).collect(),
        from: planned.from.as_str().into(),
        until: planned.until.as_deref().map(Into::into),
        rolls_back,
        countdown: planned.countdown.as_deref().map(ground::span),
        postpone: ground::span("2m"),
        agreed_at: None,
    }
}
