//! A restart: what `kubectl rollout restart` changes, with a lock and a mark that it lacks, and
//! what must be seen of it.
//!
//! Pure: the time is an argument. It is written once, beside the key; whoever asks again with
//! that key takes the time that stands there, and writes none.

use super::act::Look;
use super::answer::line;
use super::cause::{Asker, cause, mark, marked, marking};
use super::history::{CAUSE, Revision};
use super::lock;
use super::object::{annotation, count, name, text, wanted};
use super::place::{Kind, Place};
use super::plan::{Goal as Sought, Plan};
use super::rollouts;
use super::row::replicas;
use super::status::{Progress, held, reached, rolls, status};
use super::undo::Patch;
use super::version::Where;
use crate::domain::Timestamp;
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use chrono::{DateTime, SecondsFormat};
use serde_json::Value;

/// The annotation of a pod template that says when it was restarted.
pub const STAMP: &str = "kubectl.kubernetes.io/restartedAt";

/// What new pods bring with them, though the version stays.
pub const ANEW: &str =
    "what pods read when they start is read anew: config maps, secrets, and the image where its tag was moved";

/// What is to be restarted, and when.
pub struct Asked<'a> {
    /// What is asked.
    pub operation: &'a Operation,
    /// Who asks.
    pub asker: Asker<'a>,
    /// Where it lies.
    pub place: &'a Place,
    /// What it is.
    pub object: &'a Value,
    /// Its revisions.
    pub all: &'a [Revision],
    /// Where its version stands.
    pub at: &'a Where,
    /// The time that is written.
    pub now: Timestamp,
}

/// Which restart must be seen: the time of its template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The time, as it is written.
    pub at: String,
}

/// What is left of an earlier try by the same key.
pub enum Taken {
    /// Nothing.
    Never,
    /// Its mark is on the workload.
    Stands,
    /// Its mark is on a revision alone: something else has come since.
    Since,
}

/// Whether a key has restarted a workload before.
pub fn taken(object: &Value, all: &[Revision], key: &Key) -> Taken {
    let mark = mark(Verb::Restart, key);
    let bears = |revision: &Revision| {
        revision.annotations.get(CAUSE).and_then(Value::as_str).is_some_and(|cause| cause.starts_with(&mark))
    };
    match marked(object, Verb::Restart, key) {
        true => Taken::Stands,
        false if all.iter().any(bears) => Taken::Since,
        false => Taken::Never,
    }
}

impl Asked<'_> {
    /// Whether its key has restarted it before and that still stands.
    ///
    /// # Errors
    /// That it has, and something else has come since, so that nothing can be told from it.
    pub fn again(&self) -> Result<bool, String> {
        match self.asker.key.map_or(Taken::Never, |key| taken(self.object, self.all, key)) {
            Taken::Never => Ok(false),
            Taken::Stands => Ok(true),
            Taken::Since => Err("something else was rolled out since this key restarted it; look at how old its pods \
                                 are, and restart it anew if some are too old"
                .to_owned()),
        }
    }

    /// Whether it has the version that is meant, where one is.
    ///
    /// # Errors
    /// Which it has.
    pub fn meant(&self) -> Result<(), String> {
        let (meant, now) = (self.operation.args.get("version"), self.version());
        match meant.filter(|meant| !meant.is_empty() && **meant != now) {
            Some(meant) => Err(format!("it is to have {now}, not {}; a restart brings no version", line(meant))),
            None => Ok(()),
        }
    }

    /// The time as it is written: whole seconds, as `kubectl` writes it.
    pub fn written(&self) -> String {
        self.now.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// What is left in `kubernetes.io/change-cause`.
    pub fn cause(&self) -> String {
        cause(self.operation, self.asker)
    }

    /// The version that stays, made harmless.
    pub fn version(&self) -> String {
        line(&self.at.version(self.object.pointer("/spec/template").unwrap_or(&Value::Null)))
    }
}

/// The plan for a restart.
///
/// # Errors
/// Why it cannot be done now.
pub fn plan(asked: &Asked<'_>) -> Result<Plan, String> {
    let Asked { place, object, .. } = *asked;
    if place.kind == Kind::Rollout {
        return rollouts::restart::plan(asked);
    }
    let had = stamp(object);
    if asked.again()? {
        let at = had.ok_or("this key restarted it, and its template bears the time of no restart any more")?.to_owned();
        let effect = format!("{} was restarted at {} already; nothing is sent", place.words(), line(&at));
        return Ok(sent(None, at, effect));
    }
    asked.meant()?;
    if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        return Err("it is paused, so no pod would be replaced; resume it first, then restart it".to_owned());
    }
    if !rolls(place.kind, object) {
        let why = "its pods are only replaced when somebody deletes them (OnDelete), so a restart would do nothing";
        return Err(format!("{why}; delete them by hand, one after the other"));
    }
    let at = asked.written();
    if had == Some(&at) {
        return Err("it was restarted within this second; look whether it is needed once more".to_owned());
    }
    let mut steps = lock::same(object);
    steps.extend(lock::noting(object, "/spec/template/metadata/annotations", STAMP, &at));
    steps.extend(marking(object, &asked.cause()));
    let (_, wanted) = replicas(place.kind, object);
    let effect = format!("{} rolls {} anew, at {} as before", place.words(), pods(wanted), asked.version());
    let mut plan = sent(Some(Patch::new(steps)), at, effect);
    plan.loses = loses(place.kind, object);
    Ok(plan)
}

fn sent(patch: Option<Patch>, at: String, effect: String) -> Plan {
    Plan { patch, sub: "", goal: Sought::Restarted(Goal { at }), effects: vec![effect], loses: Vec::new() }
}

fn loses(kind: Kind, object: &Value) -> Vec<String> {
    let mut all = vec![ANEW.to_owned()];
    if kind == Kind::Deployment && text(object, "/spec/strategy/type") == "Recreate" {
        all.push(
            "its strategy is Recreate: all pods go before a new one comes, and nothing serves meanwhile".to_owned(),
        );
    }
    if let Progress::Going(words) = status(kind, object) {
        let words = line(words.trim_end_matches('.'));
        all.push(format!("a rollout of it is under way ({words}): pods that are new by then are replaced once more"));
    }
    all
}

/// The pods of a stateful set that its partition keeps from being replaced, by their names.
pub fn stays(kind: Kind, object: &Value) -> Option<String> {
    let partition = count(object, "/spec/updateStrategy/rollingUpdate/partition");
    let kept = partition.min(wanted(object));
    if kind != Kind::StatefulSet || kept == 0 {
        return None;
    }
    let (name, first) = (line(name(object)), count(object, "/spec/ordinals/start"));
    let last = first.saturating_add(kept - 1);
    let which = match kept {
        1 => format!("{name}-{first} stays as it is"),
        _ => format!("{name}-{first} to {name}-{last} stay as they are"),
    };
    Some(format!("its partition is {partition}: {which}, {kept} of {} pods", wanted(object)))
}

/// What a workload shows of a restart.
pub fn look(goal: &Goal, place: &Place, object: &Value, at: &Where) -> Look {
    let words = place.words();
    // A later time is as good: whatever it brings is newer still.
    if !stamp(object).is_some_and(|now| now == goal.at || instant(now) > instant(&goal.at)) {
        return Look::Not(format!("{words} does not bear the time {} of this restart", line(&goal.at)));
    }
    let version = line(&at.version(object.pointer("/spec/template").unwrap_or(&Value::Null)));
    let number = |n| u32::try_from(n).unwrap_or(u32::MAX);
    let (done, of) = reached(place.kind, object);
    let (done, of) = (number(done), number(of));
    match status(place.kind, object) {
        Progress::Done(_) => match held(place.kind, object) {
            None => {
                let (_, wanted) = replicas(place.kind, object);
                Look::Seen(format!("{words} is restarted: {} anew, at {version} as before", pods(wanted)))
            }
            Some((done, of)) => {
                let words = format!("{words} is restarted on {done} of {of} pods, as its partition has it");
                Look::Partly(number(done), number(of), words)
            }
        },
        Progress::Going(words) => Look::Going(done, of, line(&words)),
        Progress::Failed(why) => Look::Failed(done, of, format!("it was accepted, and failed: {}", line(&why))),
    }
}

/// So many pods, in words.
pub fn pods(n: u64) -> String {
    if n == 1 { "1 pod".to_owned() } else { format!("{n} pods") }
}

fn stamp(object: &Value) -> Option<&str> {
    object.pointer("/spec/template").and_then(stamped)
}

/// When a template was restarted, if it was.
pub fn stamped(template: &Value) -> Option<&str> {
    annotation(template, STAMP)
}

/// An instant as the API writes it.
pub fn instant(text: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// A template without the time of a restart: with and without it is the same to return to.
pub fn unstamped(template: &Value) -> Value {
    let mut template = template.clone();
    let meta = template.get_mut("metadata").and_then(Value::as_object_mut);
    if let Some(meta) = meta
        && let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut)
    {
        annotations.remove(STAMP);
        if annotations.is_empty() {
            meta.remove("annotations");
        }
    }
    template
}
