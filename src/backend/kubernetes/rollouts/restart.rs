//! A restart of a rollout: the plugin's `spec.restartAt`, and a lock and a mark that it lacks.
//!
//! Pure. Its controller evicts what is older, pod by pod, whatever step the rollout is at. It also
//! calls a restart over that another template has cancelled, so it is the pods that are believed.

use super::super::act::Look;
use super::super::answer::line;
use super::super::cause::marking;
use super::super::lock;
use super::super::object::{condition, count, text, wanted};
use super::super::place::Place;
use super::super::plan::{Goal as Sought, Plan};
use super::super::restart::{self, ANEW, Asked, instant};
use super::super::status::observed;
use super::super::undo::Patch;
use super::state::hash;
use crate::domain::Timestamp;
use serde_json::{Value, json};

/// Which restart must be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The time that every pod must be newer than, as it is written.
    pub at: String,
    /// The hash of the version that is restarted.
    pub hash: String,
}

/// The plan for a restart.
///
/// # Errors
/// Why it cannot be done now.
pub fn plan(asked: &Asked<'_>) -> Result<Plan, String> {
    let Asked { place, object, now, .. } = *asked;
    let had = text(object, "/spec/restartAt");
    if asked.again()? {
        if had.is_empty() {
            return Err("this key restarted it, and its restartAt was taken away since".to_owned());
        }
        let effect = format!("{} was restarted at {} already; nothing is sent", place.words(), line(had));
        return Ok(sent(None, had.to_owned(), object, effect));
    }
    asked.meant()?;
    let at = asked.written();
    if had == at {
        return Err("it was restarted within this second; look whether it is needed once more".to_owned());
    }
    let mut steps = lock::same(object);
    steps.push(json!({ "op": "add", "path": "/spec/restartAt", "value": at }));
    steps.extend(marking(object, &asked.cause()));
    let n = count(object, "/status/replicas").max(wanted(object));
    let effect = format!(
        "{} evicts {} and has them made anew, at the versions that they have; it stays at the step that it is at",
        place.words(),
        restart::pods(n)
    );
    let mut plan = sent(Some(Patch::new(steps)), at, object, effect);
    plan.loses.push(ANEW.to_owned());
    if n <= 1 {
        plan.loses.push("its only pod goes before a new one comes, and nothing serves meanwhile".to_owned());
    }
    match instant(had) {
        Some(planned) if planned > now => {
            plan.loses.push(format!("the restart that is planned for {} is done now instead", line(had)));
        }
        Some(_) if text(object, "/status/restartedAt") != had => {
            plan.loses.push(format!(
                "the restart of {} is under way: pods that are new by then are evicted once more",
                line(had)
            ));
        }
        _ => {}
    }
    Ok(plan)
}

fn sent(patch: Option<Patch>, at: String, object: &Value, effect: String) -> Plan {
    let goal = Sought::Evicted(Goal { at, hash: hash(object).to_owned() });
    Plan { patch, sub: "", goal, effects: vec![effect], loses: Vec::new() }
}

/// What a rollout and its pods show of a restart.
pub fn look(goal: &Goal, place: &Place, object: &Value, pods: &[&Value]) -> Look {
    let words = place.words();
    let Some(at) = instant(&goal.at) else {
        return Look::Over(format!("{words}: {} is no time", line(&goal.at)));
    };
    if instant(text(object, "/spec/restartAt")).is_none_or(|now| now < at) {
        return Look::Not(format!("{words} does not bear the time {} of this restart", line(&goal.at)));
    }
    let Pods { all, old, ready } = Pods::count(pods, at);
    if old > 0 && hash(object) != goal.hash {
        let left = format!("{old} of its pods are from before");
        return Look::Over(format!("{words} rolls out something else meanwhile, which ends a restart: {left}"));
    }
    let wanted = wanted(object);
    let told = instant(text(object, "/status/restartedAt")).is_some_and(|told| told >= at) && observed(object);
    match told && old == 0 && ready == all && ready >= wanted {
        true => Look::Seen(format!("{words} is restarted: {} anew and ready", restart::pods(ready))),
        false => {
            let before = format!("{old} of {all} pods from before the restart");
            Look::Not(format!("{words} has {before}, and {ready} ready of {wanted} wanted"))
        }
    }
}

/// How many pods serve or are to, how many of them are from before, and how many are ready.
struct Pods {
    all: u64,
    old: u64,
    ready: u64,
}

impl Pods {
    fn count(pods: &[&Value], at: Timestamp) -> Self {
        let mut count = Self { all: 0, old: 0, ready: 0 };
        // Those that are on their way out, or have ended, serve nobody any more.
        let over = |pod: &Value| {
            pod.pointer("/metadata/deletionTimestamp").is_some()
                || matches!(text(pod, "/status/phase"), "Failed" | "Succeeded")
        };
        for pod in pods.iter().filter(|pod| !over(pod)) {
            let made = instant(text(pod, "/metadata/creationTimestamp"));
            let ready = condition(pod, "Ready").is_some_and(|c| text(c, "/status") == "True");
            count.all += 1;
            count.old += u64::from(made.is_none_or(|made| made < at));
            count.ready += u64::from(ready);
        }
        count
    }
}
