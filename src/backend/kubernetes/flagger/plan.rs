//! What a verb means for a canary as it was read: a gate, a field, or its workload's own patch.
//!
//! Pure. Every gate is named by who asks, so that a second press finds it passed.

use super::super::answer::line;
use super::super::mend::never;
use super::super::undo::Patch;
use super::super::{lock, plan as usual, undo};
use super::gate::{Gate, doors};
use super::gather::Ground;
use super::lever::{Lever, payload, skips};
use super::state::{self, phase, suspended};
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use serde_json::json;

/// What is to be done.
pub enum Plan {
    /// A gate is opened until Flagger has passed it.
    Gate {
        /// Which.
        gate: Gate,
        /// The share that is asked for, at the gate of more traffic.
        weight: u64,
        /// Where.
        lever: Lever,
    },
    /// The analysis is skipped until the new version serves.
    Skip(Lever),
    /// The canary is suspended, or is not.
    Suspend(bool, Option<Patch>),
    /// The workload gets a patch, and Flagger takes it from there.
    Target(usual::Plan),
    /// What is being analysed is given up at this gate, and then its wish is taken back.
    BackOut(Lever, usual::Plan),
    /// It is as it should be; nothing is sent. What was left open is closed.
    There(String, Option<Lever>),
}

/// The plan for a verb.
///
/// # Errors
/// Why it cannot be done now.
pub fn plan(ground: &Ground, operation: &Operation, key: Option<&Key>) -> Result<Plan, String> {
    let arg = |name: &str| operation.args.get(name).map(String::as_str).filter(|text| !text.is_empty());
    match (operation.verb, arg("how")) {
        (Verb::Promote, how @ (None | Some("full"))) => {
            let lever = match how {
                Some(_) => Lever::Skip(ground.place.path(), ground.canary.clone()),
                None => Lever::Doors(doors(&ground.canary, gate(arg("gate"), ground)?)?, payload(&ground.canary)),
            };
            if let Some(there) = promoted(ground, arg("version"), &lever)? {
                return Ok(there);
            }
            if suspended(&ground.canary) {
                return Err("somebody suspended it; resume it first".to_owned());
            }
            if how.is_some() {
                return skip(ground, lever);
            }
            let gate = gate(arg("gate"), ground)?;
            Ok(Plan::Gate { gate, weight: weight(gate, arg("weight"))?, lever })
        }
        (Verb::Abort, None) => {
            if skips(&ground.canary) && state::under_way(&ground.canary) {
                let why = "it skips its analysis, so that Flagger asks nobody whether to give it up";
                return Err(format!("{why}; set skipAnalysis to false first, or wait and roll back"));
            }
            let lever = Lever::Doors(doors(&ground.canary, Gate::Back)?, payload(&ground.canary));
            Ok(Plan::Gate { gate: Gate::Back, weight: 0, lever })
        }
        (Verb::Pause, None) => Ok(suspend(ground, true)),
        (Verb::Resume, None) => Ok(suspend(ground, false)),
        (Verb::RollBack | Verb::Deploy, None) => target(ground, operation, key),
        (Verb::Scale, None) => {
            Err("Flagger scales it; change its primary's autoscaler, or its target in git".to_owned())
        }
        (Verb::Mend, _) => Err(never(ground.place.kind).unwrap_or_default()),
        (verb, how) => {
            Err(format!("a canary knows no {verb} {}; promote takes how = \"full\"", line(how.unwrap_or_default())))
        }
    }
}

fn gate(named: Option<&str>, ground: &Ground) -> Result<Gate, String> {
    let forward = || Gate::ALL.into_iter().filter(|gate| *gate != Gate::Back);
    let Some(named) = named else {
        let all: Vec<_> = forward().map(|gate| format!("{:?}", gate.word())).collect();
        return Err(format!(
            "it is {}; say which gate is opened, so that a second press does nothing: args = {{ gate = … }}, one of {}",
            state::shown(&ground.canary),
            all.join(", ")
        ));
    };
    forward().find(|gate| gate.word() == named).ok_or_else(|| format!("{} is no gate", line(named)))
}

fn weight(gate: Gate, asked: Option<&str>) -> Result<u64, String> {
    if gate != Gate::Increase {
        return Ok(0);
    }
    let asked = asked
        .ok_or("say how much traffic it is to have, so that a second press does nothing: args = { weight = \"…\" }")?;
    let n = asked.parse::<u64>().ok().filter(|n| (1..=100).contains(n));
    n.ok_or_else(|| format!("{} is no share in percent", line(asked)))
}

/// The version that is meant serves already, or something else is being analysed.
fn promoted(ground: &Ground, version: Option<&str>, lever: &Lever) -> Result<Option<Plan>, String> {
    let (new, serves) = (ground.newer(), ground.serving());
    let Some(version) = version else { return Ok(None) };
    if state::idle(&ground.canary) && serves == version {
        let words = format!("{} serves {version} already", ground.place.words());
        return Ok(Some(Plan::There(words, Some(lever.clone()))));
    }
    if new != version {
        return Err(format!("{new} is being analysed, not {}", line(version)));
    }
    Ok(None)
}

fn skip(ground: &Ground, lever: Lever) -> Result<Plan, String> {
    if !state::under_way(&ground.canary) {
        return Err(format!("nothing is being analysed: it is {}", state::shown(&ground.canary)));
    }
    if phase(&ground.canary) == "Waiting" {
        return Err(
            "it waits at confirm-rollout, which skipping its analysis does not pass; open that gate first".to_owned()
        );
    }
    if matches!(phase(&ground.canary), "Promoting" | "Finalising") {
        return Err("it is being put in place already".to_owned());
    }
    if skips(&ground.canary) {
        return Err("it skips its analysis already, and always will until somebody takes that back".to_owned());
    }
    Ok(Plan::Skip(lever))
}

fn suspend(ground: &Ground, wanted: bool) -> Plan {
    let mut steps = lock::same(&ground.canary);
    steps.push(json!({ "op": "add", "path": "/spec/suspend", "value": wanted }));
    let patch = (suspended(&ground.canary) != wanted).then(|| Patch::new(steps));
    Plan::Suspend(wanted, patch)
}

fn target(ground: &Ground, operation: &Operation, key: Option<&Key>) -> Result<Plan, String> {
    let work = &ground.workload;
    let mut plan = usual::plan(operation, work.asker(key), &work.place, &work.object, &work.revisions, &work.at)?;
    if state::under_way(&ground.canary) && plan.patch.is_some() {
        // What waits to begin cannot be given up, so its wish is taken back.
        if phase(&ground.canary) != "Waiting" {
            return back_out(ground, operation, plan);
        }
        if operation.verb != Verb::RollBack || !unbegun(ground, &plan.goal) {
            let (new, serves) = (ground.newer(), ground.serving());
            return Err(format!(
                "{new} waits to be analysed; first roll back to {serves}, which serves, or let it begin"
            ));
        }
        plan.loses.push("it goes on asking at its first gate, about what serves already; leave that closed".to_owned());
    }
    let same = matches!(&plan.goal, usual::Goal::Rollout { version, .. } if *version == ground.serving());
    if !same && plan.patch.is_some() {
        plan.loses.push(
            "Flagger analyses it as a new canary, gates and all: until that is over, what serves goes on".to_owned(),
        );
    }
    Ok(Plan::Target(plan))
}

/// Back to what serves while something else is analysed: that is given up first.
fn back_out(ground: &Ground, operation: &Operation, plan: usual::Plan) -> Result<Plan, String> {
    let (new, serves) = (ground.newer(), ground.serving());
    let no = |why: &str| Err(format!("{new} is being analysed{why}"));
    if operation.verb != Verb::RollBack {
        return no("; abort that first");
    }
    if !unbegun(ground, &plan.goal) {
        return no(&format!("; first roll back to {serves}, which serves"));
    }
    if skips(&ground.canary) || suspended(&ground.canary) {
        return no(", and Flagger asks nobody whether to give it up: it skips its analysis or is suspended");
    }
    let doors = doors(&ground.canary, Gate::Back).map_err(|why| format!("{new} is being analysed, and {why}"))?;
    Ok(Plan::BackOut(Lever::Doors(doors, payload(&ground.canary)), plan))
}

/// Whether a goal is what serves: going back to that begins nothing.
fn unbegun(ground: &Ground, goal: &usual::Goal) -> bool {
    matches!(goal, usual::Goal::Rollout { wants, .. } if ground.serves(wants))
}

/// Whether a patch is left of it that would be sent to the workload.
pub fn patch(plan: &Plan) -> Option<&undo::Patch> {
    match plan {
        Plan::Suspend(_, patch) => patch.as_ref(),
        Plan::Target(plan) | Plan::BackOut(_, plan) => plan.patch.as_ref(),
        Plan::Gate { .. } | Plan::Skip(_) | Plan::There(..) => None,
    }
}
