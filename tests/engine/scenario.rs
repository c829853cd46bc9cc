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

mod input;
mod planned;

use crate::facts::{fits, listed};
use crate::world::{Outcome, World};
use crate::{ground, outlook};
use holdpoint::domain::effect::Effect;
use holdpoint::domain::name::RunId;
use holdpoint::domain::plan::{LeftOpen, Plan};
use holdpoint::engine::{due, leave, next_wake, show};
use input::input;
use planned::{PlannedStep, PlannedTrigger, plan};
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
