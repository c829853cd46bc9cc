//! What a verb means for a rollout as it was read: the plugin's patch, and a `test` of
//! everything that it was decided on.
//!
//! Pure. Whoever was slower, or presses twice, fails a test or finds nothing to do. A test of
//! single fields rather than of the whole version: the controller writes its status every moment.

use super::super::answer::line;
use super::super::lock;
use super::super::place::Place;
use super::super::plan::{Goal as Sought, Plan};
use super::super::undo::{JSON_PATCH, Patch};
use super::super::version::Where;
use super::goal::Goal;
use super::state::{self, flag, hash, updating};
use super::steps;
use crate::domain::operation::{Operation, Verb};
use serde_json::{Value, json};

/// A rollout that something is asked of.
pub struct Asked<'a> {
    /// Where it lies.
    pub place: &'a Place,
    /// What it is.
    pub object: &'a Value,
    /// The version that it wants.
    pub version: String,
    /// What is asked.
    pub operation: &'a Operation,
}

/// The plan for a verb that only a rollout knows, or that it knows differently.
///
/// # Errors
/// Why it cannot be done now.
pub fn plan(place: &Place, object: &Value, operation: &Operation, at: &Where) -> Result<Plan, String> {
    let version = line(&at.version(object.pointer("/spec/template").unwrap_or(&Value::Null)));
    let asked = Asked { place, object, version, operation };
    match (operation.verb, asked.arg("how")) {
        (Verb::Pause, None) => Ok(asked.paused(true)),
        (Verb::Resume, None) => asked.resume(),
        (Verb::Resume, Some("retry")) => asked.current().and_then(|()| asked.retry()),
        (Verb::Abort, None) => asked.current().and_then(|()| asked.abort()),
        (Verb::Promote, None) => asked.current().and_then(|()| asked.promote()),
        (Verb::Promote, Some("full")) => asked.current().and_then(|()| asked.full()),
        (Verb::Promote, Some("skip")) => asked.current().and_then(|()| asked.skip()),
        (verb, how) => Err(format!(
            "a rollout knows no {verb} {}; promote takes how = \"full\" or \"skip\", resume how = \"retry\"",
            line(how.unwrap_or_default())
        )),
    }
}

impl Asked<'_> {
    fn arg(&self, name: &str) -> Option<&str> {
        self.operation.args.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Whether what is read is about the last change, and about the version that is meant.
    fn current(&self) -> Result<(), String> {
        if !super::super::status::observed(self.object) || !state::followed(self.object) {
            return Err("its controller has not seen the last change yet; look again".to_owned());
        }
        match self.arg("version") {
            Some(meant) if meant != self.version => {
                Err(format!("{} is being rolled out, not {}", self.version, line(meant)))
            }
            _ => Ok(()),
        }
    }

    /// Something must be on its way; what is stable already is only taken for done when it is named.
    fn promoted(&self) -> Result<Option<Plan>, String> {
        match (updating(self.object), self.arg("version")) {
            (true, _) => Ok(None),
            (false, Some(_)) => {
                let effect = format!("{} is at {} already; nothing is sent", self.place.words(), self.version);
                Ok(Some(self.plan(None, Goal::Full { hash: hash(self.object).to_owned() }, effect)))
            }
            (false, None) => Err(format!("nothing is being rolled out: {} is stable", self.version)),
        }
    }

    /// Whether nothing keeps it from going on.
    fn free(&self) -> Result<(), String> {
        if flag(self.object, "/status/abort") {
            return Err("it is aborted; first resume it with args = { how = \"retry\" }".to_owned());
        }
        if flag(self.object, "/spec/paused") {
            return Err("somebody paused it by hand; resume it first".to_owned());
        }
        Ok(())
    }

    fn promote(&self) -> Result<Plan, String> {
        if let Some(done) = self.promoted()? {
            return Ok(done);
        }
        self.free()?;
        let waits = self.waits();
        if state::blue_green(self.object) {
            let goal = Goal::Full { hash: hash(self.object).to_owned() };
            let Some(waits) = waits else {
                return Err("it does not wait for anybody: it goes on by itself".to_owned());
            };
            let effect = format!("{} is switched over to {}", self.place.words(), self.version);
            return Ok(self.plan(Some(self.unpaused(waits, None)), goal, effect));
        }
        let (from, now) = (self.from()?, steps::index(self.object));
        let goal = self.beyond(from);
        let named = steps::words(self.object, from);
        if now > from {
            let effect = format!("{} is beyond {named} already; nothing is sent", self.place.words());
            return Ok(self.plan(None, goal, effect));
        }
        if now < from {
            return Err(format!("it is at {}, not yet at {named}", steps::words(self.object, now)));
        }
        let Some(waits) = waits else {
            return Err(format!(
                "it is at {named} and does not wait; to leave that out is args = {{ how = \"skip\" }}"
            ));
        };
        let next = state::inconclusive(self.object).then_some(from + 1);
        let stop = steps::words(self.object, steps::next_stop(self.object, from));
        let effect = format!("{} goes on from {named}, as far as {stop}", self.place.words());
        Ok(self.plan(Some(self.unpaused(waits, next)), goal, effect))
    }

    /// The step that it is to leave: named itself, or by the share that it leads to.
    fn from(&self) -> Result<usize, String> {
        let steps = steps::all(self.object).len();
        let now = || steps::words(self.object, steps::index(self.object));
        if let Some(step) = self.arg("step") {
            let n = step.parse::<usize>().ok().filter(|n| (1..=steps).contains(n));
            return n.map(|n| n - 1).ok_or_else(|| format!("{} is none of its {steps} steps", line(step)));
        }
        let Some(weight) = self.arg("weight") else {
            return Err(format!(
                "it is at {}; say which step it is to leave, so that a second press does nothing: args = {{ step = \"{}\" }}",
                now(),
                steps::index(self.object) + 1
            ));
        };
        let wanted = weight.parse::<u8>().map_err(|_| format!("{} is no share in percent", line(weight)))?;
        let leads = |n: &usize| steps::weight(self.object, steps::next_stop(self.object, *n)) == wanted;
        let person = |n: &usize| steps::all(self.object).get(*n).is_some_and(steps::person);
        let found = (0..steps).filter(person).find(leads);
        found.ok_or_else(|| format!("no pause of it leads to {wanted} %; it is at {}", now()))
    }

    /// Beyond a step, as far as the next stop.
    fn beyond(&self, from: usize) -> Goal {
        Goal::Beyond { from, stop: steps::next_stop(self.object, from), hash: hash(self.object).to_owned() }
    }

    fn skip(&self) -> Result<Plan, String> {
        if self.arg("step").is_none() {
            return Err("say which step is left out: args = { how = \"skip\", step = \"…\" }".to_owned());
        }
        if state::blue_green(self.object) || steps::all(self.object).is_empty() {
            return Err("it has no steps to leave out".to_owned());
        }
        if let Some(done) = self.promoted()? {
            return Ok(done);
        }
        self.free()?;
        let (from, now) = (self.from()?, steps::index(self.object));
        let named = steps::words(self.object, from);
        let goal = self.beyond(from);
        if now > from {
            let effect = format!("{} is beyond {named} already; nothing is sent", self.place.words());
            return Ok(self.plan(None, goal, effect));
        }
        if now < from {
            return Err(format!("it is at {}, not yet at {named}", steps::words(self.object, now)));
        }
        if self.waits().is_some() {
            return Err(format!("it waits at {named}: promote it, without how = \"skip\""));
        }
        let mut patch = self.tests();
        patch.extend(self.index_test());
        patch.push(json!({ "op": "add", "path": "/status/currentStepIndex", "value": from + 1 }));
        let effect = format!(
            "{} leaves out {named}: what it would have waited for or measured, nobody does",
            self.place.words()
        );
        Ok(self.plan(Some(patch), goal, effect))
    }

    fn full(&self) -> Result<Plan, String> {
        if let Some(done) = self.promoted()? {
            return Ok(done);
        }
        self.free()?;
        let mut patch = self.tests();
        patch.push(json!({ "op": "add", "path": "/status/promoteFull", "value": true }));
        let all = steps::all(self.object).len().saturating_sub(steps::index(self.object));
        let effect = format!(
            "{} gets all of {} at once: {all} steps, pauses and analyses are left out",
            self.place.words(),
            self.version
        );
        Ok(self.plan(Some(patch), Goal::Full { hash: hash(self.object).to_owned() }, effect))
    }

    fn abort(&self) -> Result<Plan, String> {
        let goal = Goal::Aborted { hash: hash(self.object).to_owned() };
        if flag(self.object, "/status/abort") {
            return Ok(self.plan(None, goal, format!("{} is aborted already; nothing is sent", self.place.words())));
        }
        if !updating(self.object) {
            return Err(format!("nothing is being rolled out: {} is stable", self.version));
        }
        if state::stable(self.object).is_empty() {
            return Err("it never was stable: there is nothing that could serve in its place".to_owned());
        }
        let mut patch = self.tests();
        patch.push(json!({ "op": "add", "path": "/status/abort", "value": true }));
        let effect = format!("{} gives up {}: all traffic goes to what is stable", self.place.words(), self.version);
        let mut plan = self.plan(Some(patch), goal, effect);
        let wants =
            format!("the spec goes on wanting {}: roll back too, or the next change tries it again", self.version);
        plan.loses.push(wants);
        Ok(plan)
    }

    fn retry(&self) -> Result<Plan, String> {
        if !flag(self.object, "/status/abort") {
            return Err("it is not aborted, so there is nothing to try again".to_owned());
        }
        let mut patch = self.tests();
        patch.push(json!({ "op": "test", "path": "/status/abort", "value": true }));
        patch.push(json!({ "op": "add", "path": "/status/abort", "value": false }));
        let effect = format!("{} tries {} again from its first step", self.place.words(), self.version);
        Ok(self.plan(Some(patch), Goal::Going { hash: hash(self.object).to_owned() }, effect))
    }

    fn resume(&self) -> Result<Plan, String> {
        if flag(self.object, "/spec/paused") {
            return Ok(self.paused(false));
        }
        if flag(self.object, "/status/abort") {
            return Err("it is aborted, not paused; to try again is args = { how = \"retry\" }".to_owned());
        }
        match state::waits(self.object) {
            Some(waits) => Err(format!("nobody paused it by hand; it waits for {waits}: promote it")),
            None => Ok(self.paused(false)),
        }
    }

    fn paused(&self, pause: bool) -> Plan {
        let mut patch = lock::same(self.object);
        patch.push(json!({ "op": "add", "path": "/spec/paused", "value": pause }));
        let is = flag(self.object, "/spec/paused");
        let word = if pause { "is paused: it stays at the step that it is at" } else { "is resumed" };
        let body = (is != pause).then_some(Patch { kind: JSON_PATCH, body: Value::Array(patch) });
        let effects = vec![format!("{} {word}", self.place.words())];
        Plan { patch: body, sub: "", goal: Sought::Paused(pause), effects, loses: Vec::new() }
    }

    /// What it waits for, as its status has it.
    fn waits(&self) -> Option<&Value> {
        let all = self.object.pointer("/status/pauseConditions")?;
        all.as_array().is_some_and(|all| !all.is_empty()).then_some(all)
    }

    /// The plugin's patch of a rollout that waits: conditions are cleared; after an inconclusive
    /// analysis the next step is set too, or it would be measured again.
    fn unpaused(&self, waits: &Value, next: Option<usize>) -> Vec<Value> {
        let mut patch = self.tests();
        patch.extend(self.index_test());
        patch.push(json!({ "op": "test", "path": "/status/pauseConditions", "value": waits }));
        patch.push(json!({ "op": "remove", "path": "/status/pauseConditions" }));
        if let Some(next) = next {
            patch.push(json!({ "op": "add", "path": "/status/controllerPause", "value": false }));
            patch.push(json!({ "op": "add", "path": "/status/currentStepIndex", "value": next }));
        }
        patch
    }

    /// The same rollout, the same spec, the same version.
    fn tests(&self) -> Vec<Value> {
        ["/metadata/uid", "/metadata/generation", "/status/currentPodHash"].map(|at| self.of(at)).to_vec()
    }

    fn index_test(&self) -> Option<Value> {
        self.object.pointer("/status/currentStepIndex").map(|_| self.of("/status/currentStepIndex"))
    }

    fn of(&self, pointer: &str) -> Value {
        lock::test(self.object, pointer)
    }

    fn plan(&self, patch: Option<Vec<Value>>, goal: Goal, effect: String) -> Plan {
        let patch = patch.map(|steps| Patch { kind: JSON_PATCH, body: Value::Array(steps) });
        Plan { patch, sub: "/status", goal: Sought::Staged(goal), effects: vec![effect], loses: Vec::new() }
    }
}
