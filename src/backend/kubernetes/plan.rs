//! What an operation means for a workload as it was read: the one request, and what must
//! be seen afterwards.
//!
//! Pure; preview and perform make the same plan, so what is shown is what is sent.

use super::cause::{Asker, cause, marked, marking};
use super::history::{Revision, find, is_current};
use super::lock::{self, escaped};
use super::object::{annotation, name, wanted};
use super::place::{Kind, Place};
use super::restart;
use super::rollouts;
use super::status::rolls;
use super::undo::{self, Patch};
use super::version::{Where, is_tag, retagged};
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use serde_json::{Value, json};

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The request, sent with PATCH; none when all is as it should be.
    pub patch: Option<Patch>,
    /// The part of the workload that it goes to, such as `/scale`; empty for all of it.
    pub sub: &'static str,
    /// What must be seen afterwards.
    pub goal: Goal,
    /// What happens, in words.
    pub effects: Vec<String>,
    /// What is not taken back with it, or lost.
    pub loses: Vec<String>,
}

/// What must be seen for it to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// The rollout of this template is done.
    Rollout {
        /// What the template must hold.
        wants: Wants,
        /// Its version.
        version: String,
        /// Whether a stop that is planned on its way is all that was asked for.
        stop: bool,
    },
    /// A rollout in steps stands as it should.
    Staged(rollouts::goal::Goal),
    /// Every pod is newer than a time.
    Restarted(restart::Goal),
    /// The same of a rollout in steps, whose controller evicts them.
    Evicted(rollouts::restart::Goal),
    /// Each of these fields holds this, or is not there.
    Fields(Vec<(String, Option<Value>)>),
    /// It is paused, or is not.
    Paused(bool),
    /// It has so many replicas, all ready.
    Replicas(u64),
}

/// What a pod template must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Wants {
    /// All of this, without what a controller adds.
    Template(Value),
    /// This image and version; what admission adds to the rest is its own affair.
    Image(String, String),
}

impl Wants {
    /// Whether a template, without what a controller adds, is as it must be.
    pub fn are(&self, template: &Value, at: &Where) -> bool {
        match self {
            Self::Template(wanted) => template == wanted,
            Self::Image(image, version) => {
                let named = at.label.is_none() || at.version(template) == *version;
                let image_of = |c: &Value| c.get("image").and_then(Value::as_str) == Some(image);
                named && at.container(template).is_some_and(|(_, c)| image_of(c))
            }
        }
    }
}

/// The plan for an operation.
///
/// # Errors
/// Why it cannot be done now.
pub fn plan(
    operation: &Operation,
    asker: Asker<'_>,
    place: &Place,
    object: &Value,
    all: &[Revision],
    at: &Where,
) -> Result<Plan, String> {
    let arg = |name: &str| operation.args.get(name).filter(|text| !text.is_empty());
    let staged = matches!(operation.verb, Verb::Promote | Verb::Abort | Verb::Pause | Verb::Resume);
    if place.kind == Kind::Rollout && staged {
        return rollouts::plan::plan(place, object, operation, at);
    }
    if matches!(operation.verb, Verb::RollBack | Verb::Deploy) && !rolls(place.kind, object) {
        return Err("its pods are only replaced when somebody deletes them (OnDelete); bring it by hand".to_owned());
    }
    match operation.verb {
        Verb::RollBack => {
            let to = arg("to").ok_or("no version to return to is given; give the step args = { to = \"…\" }")?;
            roll_back(target(all, object, to, at, asker.key)?, place, object, &cause(operation, asker))
        }
        Verb::Deploy => {
            let (version, image) = (arg("version"), arg("image"));
            let version = version.ok_or("no version is given; give the step args = { version = \"…\" }")?;
            deploy(version, image, place, object, at, &cause(operation, asker))
        }
        Verb::Pause => paused(true, place, object),
        Verb::Resume => paused(false, place, object),
        Verb::Scale => {
            let replicas = arg("replicas").ok_or("no number is given; give the step args = { replicas = \"3\" }")?;
            let replicas = replicas.parse::<u16>().map_err(|_| format!("{replicas:?} is no number of replicas"))?;
            scale(u64::from(replicas), place, object)
        }
        Verb::Promote | Verb::Abort => {
            let kind = place.kind.word();
            Err(format!("a {kind} goes in no steps: {} is for a rollout or a canary", operation.verb))
        }
        verb => Err(format!("a cluster cannot {verb}")),
    }
}

/// The revision to return to. Where this key's own mark is on the workload and the version is
/// as wanted, it is the current one: the way back has been taken, whatever it is numbered now.
fn target<'a>(
    all: &'a [Revision],
    object: &Value,
    to: &str,
    at: &Where,
    key: Option<&Key>,
) -> Result<&'a Revision, String> {
    let version = to.rsplit_once('#').map_or(to, |(version, _)| version);
    let now = at.version(object.pointer("/spec/template").unwrap_or(&Value::Null));
    let taken = key.is_some_and(|key| marked(object, Verb::RollBack, key)) && !version.is_empty() && now == version;
    match all.iter().find(|revision| taken && is_current(revision, object)) {
        Some(current) => Ok(current),
        None => find(all, object, to),
    }
}

fn roll_back(to: &Revision, place: &Place, object: &Value, cause: &str) -> Result<Plan, String> {
    let patch = undo::patch(place.kind, object, to, cause)?;
    let goal = Goal::Rollout { wants: Wants::Template(to.template.clone()), version: to.version.clone(), stop: false };
    let mut loses = vec!["replicas, services, config maps, secrets and volumes stay as they are".to_owned()];
    if place.kind == Kind::Rollout {
        loses.extend(rollouts::undo::steps_again(object, to));
    }
    // A rollout's controller writes its route.
    let route = place.route.as_ref().filter(|_| place.kind != Kind::Rollout);
    loses.extend(route.map(|route| format!("where traffic goes stays as it is ({})", route.words())));
    if matches!(place.kind, Kind::Deployment | Kind::Rollout) {
        loses.push(format!("revision {} gets a new number; the old one disappears from the history", to.number));
    }
    if annotation(object, "kubectl.kubernetes.io/last-applied-configuration").is_some() {
        loses.push("last-applied-configuration is not reverted: the next kubectl apply may merge oddly".to_owned());
    }
    let goes_on = if undo::is_paused(object) { "; it was paused, and goes on with that" } else { "" };
    let effect = match &patch {
        Some(_) => format!("{} returns to {} (revision {}){goes_on}", place.words(), to.version, to.number),
        None => format!("{} is at {} (revision {}) already; nothing is sent", place.words(), to.version, to.number),
    };
    Ok(Plan { patch, sub: "", goal, effects: vec![effect], loses })
}

fn deploy(
    version: &str,
    image: Option<&String>,
    place: &Place,
    object: &Value,
    at: &Where,
    cause: &str,
) -> Result<Plan, String> {
    let template = object.pointer("/spec/template").unwrap_or(&Value::Null);
    let (n, container) = at.container(template).ok_or("it has no such container")?;
    let (n, named, old) = (n, name_of(container), container.get("image").and_then(Value::as_str).unwrap_or_default());
    if undo::is_paused(object) {
        return Err("it is paused; resume it first, then deploy".to_owned());
    }
    if !is_tag(version) {
        return Err(format!("{version:?} can be no version of an image"));
    }
    let new = image.cloned().unwrap_or_else(|| retagged(old, version));
    let mut steps = lock::same(object);
    steps.push(json!({ "op": "replace", "path": format!("/spec/template/spec/containers/{n}/image"), "value": new }));
    let mut same = old == new;
    if let Some(key) = &at.label {
        same &= template.pointer("/metadata/labels").and_then(|l| l.get(key)).and_then(Value::as_str) == Some(version);
        let path = format!("/spec/template/metadata/labels/{}", escaped(key));
        steps.push(json!({ "op": "add", "path": path, "value": version }));
    }
    steps.extend(marking(object, cause));
    let (shown, from) = (super::answer::line(&new), super::answer::line(old));
    let effect = match same {
        true => format!("{} has {shown} already; nothing is sent", place.words()),
        false => format!("{} gets {shown} in container {named}, in place of {from}", place.words()),
    };
    let patch = (!same).then(|| Patch::new(steps));
    let wants = Wants::Image(new, version.to_owned());
    let goal = Goal::Rollout { wants, version: version.to_owned(), stop: true };
    Ok(Plan { patch, sub: "", goal, effects: vec![effect], loses: Vec::new() })
}

fn paused(pause: bool, place: &Place, object: &Value) -> Result<Plan, String> {
    if place.kind != Kind::Deployment {
        return Err(format!("a {} cannot be paused or resumed", place.kind.word()));
    }
    let is = undo::is_paused(object);
    let mut steps = lock::same(object);
    steps.push(match pause {
        true => json!({ "op": "add", "path": "/spec/paused", "value": true }),
        false => json!({ "op": "remove", "path": "/spec/paused" }),
    });
    let patch = (is != pause).then(|| Patch::new(steps));
    let word = if pause { "is paused: what runs goes on, nothing new is rolled out" } else { "is resumed" };
    let effects = vec![format!("{} {word}", place.words())];
    Ok(Plan { patch, sub: "", goal: Goal::Paused(pause), effects, loses: Vec::new() })
}

fn scale(replicas: u64, place: &Place, object: &Value) -> Result<Plan, String> {
    if place.kind == Kind::DaemonSet {
        return Err("a daemonset has one pod a node and cannot be scaled".to_owned());
    }
    let now = wanted(object);
    let mut steps = vec![lock::test(object, "/metadata/uid")];
    // A scale has no generation: the number is what it is decided on. It leaves 0 out, and where the workload
    // itself says none it has one of its own.
    if let Some(said) = object.pointer("/spec/replicas") {
        let said = Some(said).filter(|_| now > 0);
        steps.push(json!({ "op": "test", "path": "/spec/replicas", "value": said }));
    }
    steps.push(json!({ "op": "add", "path": "/spec/replicas", "value": replicas }));
    let patch = (now != replicas).then(|| Patch::new(steps));
    let effects = vec![format!("{} goes from {now} to {replicas} replicas", place.words())];
    let loses = vec!["an autoscaler, if there is one, may set another number at once".to_owned()];
    Ok(Plan { patch, sub: "/scale", goal: Goal::Replicas(replicas), effects, loses })
}

fn name_of(container: &Value) -> String {
    super::answer::line(container.get("name").and_then(Value::as_str).unwrap_or_else(|| name(container)))
}
