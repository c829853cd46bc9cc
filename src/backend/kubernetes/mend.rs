//! Drift mended: exactly the differences that were shown are taken back, in one patch.
//!
//! Pure. What it was to be is what the API server itself makes of what was last applied, as a dry run that keeps nothing
//! (`drift`). What is sent is no apply: it holds the fields that differ and nothing else, locked to the spec that was
//! read, and whoever asks for it says by `of` which differences are meant.

use super::super::compare::{Found, Part, difference, seal};
use super::answer::line;
use super::cause::{Asker, cause, marking};
use super::drift::differences;
use super::history::bare;
use super::lock::{self, escaped};
use super::object::list;
use super::place::{Kind, Place};
use super::plan::{Goal, Plan, Wants};
use super::status::rolls;
use super::undo::{self, Patch};
use super::version::Where;
use crate::domain::operation::Operation;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How many differences are told one by one.
const MOST: usize = 40;
const TEMPLATE: &str = "/spec/template";

/// How an object differs from what it was to be, and what of that is mended.
pub struct Differs<'a> {
    place: &'a Place,
    live: &'a Value,
    after: &'a Value,
    /// What is mended.
    found: Vec<Found>,
    /// What is left as it is, in words.
    spared: Vec<String>,
}

impl<'a> Differs<'a> {
    /// Of a workload as it is, and as what was last applied would make it.
    pub fn new(place: &'a Place, live: &'a Value, after: &'a Value) -> Self {
        let fields = list(live, "/metadata/managedFields");
        let (mut found, mut spared) = (Vec::new(), Vec::new());
        for one in differences(live, after) {
            let told = difference("", &one, live, fields);
            match told.by.filter(|_| told.scaled) {
                Some(by) => spared.push(format!("{} stays at {}: {} scales it", told.path, told.live, by.by)),
                None => found.push(one),
            }
        }
        Self { place, live, after, found, spared }
    }

    /// What stands for what is mended; none where that is nothing.
    pub fn seal(&self) -> Option<String> {
        (!self.found.is_empty()).then(|| seal(&self.place.words(), &self.found))
    }

    /// Whether these differences are meant, or nothing would be sent.
    ///
    /// # Errors
    /// That others are meant, or that nobody has said which.
    pub fn meant(&self, operation: &Operation) -> Result<(), String> {
        let Some(now) = self.seal() else { return Ok(()) };
        match operation.args.get("of").map(|of| of.trim()).filter(|of| !of.is_empty()) {
            Some(of) if of == now => Ok(()),
            Some(of) => {
                Err(format!("what differs is not what of={} was said of; look again: it is of={now} now", line(of)))
            }
            None if self.found.len() == 1 => Err(format!("say that this difference is meant: of={now}")),
            None => Err(format!("say that these {} differences are meant: of={now}", self.found.len())),
        }
    }

    /// The request, and what must be seen afterwards.
    ///
    /// # Errors
    /// Why it cannot be done now.
    pub fn plan(&self, operation: &Operation, asker: Asker<'_>, at: &Where) -> Result<Plan, String> {
        let (place, named) = (self.place, self.place.words());
        let pods = self.is_under(TEMPLATE);
        if pods && !rolls(place.kind, self.live) {
            return Err("its pods are only replaced when somebody deletes them (OnDelete); bring it by hand".to_owned());
        }
        if pods && undo::is_paused(self.after) {
            return Err("it is paused, and is declared so; resume it first, then mend it".to_owned());
        }
        let patch = (!self.found.is_empty()).then(|| Patch::new(self.steps(&cause(operation, asker))));
        let template = self.after.pointer(TEMPLATE).map(bare).unwrap_or_default();
        let version = line(&at.version(&template));
        let goal = match pods {
            true => Goal::Rollout { wants: Wants::Template(template), version, stop: false },
            false => Goal::Fields(self.fields().map(|at| (at.clone(), self.after.pointer(&at).cloned())).collect()),
        };
        let loses = patch.is_some().then(|| format!("what stands in these fields of {named} now is overwritten"));
        Ok(Plan { patch, sub: "", goal, effects: self.effects(pods), loses: loses.into_iter().collect() })
    }

    /// Which fields change, each with who changed it last.
    fn effects(&self, pods: bool) -> Vec<String> {
        let named = self.place.words();
        let fields = list(self.live, "/metadata/managedFields");
        let one = |found: &Found| {
            let one = difference("", found, self.live, fields);
            let by = one.by.map(|by| format!(" (last changed by {})", by.by)).unwrap_or_default();
            format!("{}: {} → {}{by}", one.path, one.live, one.declared)
        };
        let n = self.found.len();
        let head = match n {
            0 => format!("{named} is as it was last applied; nothing is sent"),
            1 => format!("{named} gets back what was last applied to it, in 1 field"),
            n => format!("{named} gets back what was last applied to it, in {n} fields"),
        };
        let more = n.checked_sub(MOST).filter(|more| *more > 0);
        let more = more.map(|more| format!("and {more} more, which `holdpoint drift` tells"));
        let on = undo::is_paused(self.live) && self.is_under("/spec/paused");
        let rolled = match (pods, on) {
            (true, true) => Some("it was paused, and goes on with that: its pods are replaced"),
            (true, false) => Some("its pods are replaced, as by a deploy"),
            (false, _) => None,
        };
        let told = self.found.iter().take(MOST).map(one);
        [head].into_iter().chain(told).chain(more).chain(rolled.map(str::to_owned)).chain(self.spared.clone()).collect()
    }

    /// The pointers of what is written: whole keys of the spec, and single labels and annotations.
    fn fields(&self) -> impl Iterator<Item = String> {
        let field = |found: &Found| {
            let deep = if matches!(found.path.first(), Some(Part::Key(first)) if first == "metadata") { 3 } else { 2 };
            let keys = found.path.iter().take(deep).map(|part| match part {
                Part::Key(key) | Part::Item(key, _) => escaped(key),
            });
            keys.fold(String::new(), |pointer, key| format!("{pointer}/{key}"))
        };
        self.found.iter().map(field).collect::<BTreeSet<_>>().into_iter()
    }

    fn is_under(&self, pointer: &str) -> bool {
        self.fields().any(|field| field == pointer)
    }

    /// The patch: the lock holds for the spec, and each label and annotation has a lock of its own.
    fn steps(&self, cause: &str) -> Vec<Value> {
        let mut steps = lock::same(self.live);
        let mut made = BTreeSet::new();
        for at in self.fields() {
            let parent = at.rsplit_once('/').map_or("", |(parent, _)| parent);
            if at.starts_with("/metadata/") {
                // A map that is not there is made once, and must be missing still.
                match self.live.pointer(parent) {
                    Some(_) => steps.push(lock::test(self.live, &at)),
                    None if made.insert(parent.to_owned()) => {
                        steps.extend([
                            lock::test(self.live, parent),
                            json!({ "op": "add", "path": parent, "value": {} }),
                        ]);
                    }
                    None => {}
                }
            }
            steps.push(match self.after.pointer(&at) {
                Some(value) => json!({ "op": "add", "path": at, "value": value }),
                None => json!({ "op": "remove", "path": at }),
            });
        }
        steps.extend(marking(self.live, cause));
        steps
    }
}

/// That this kind of workload is not mended at all.
pub fn never(kind: Kind) -> Option<String> {
    let steps = matches!(kind, Kind::Rollout | Kind::Canary);
    steps.then(|| format!("a {} is not mended: that would begin its steps; deploy what was declared", kind.word()))
}

/// Which of these fields an object does not have as they are to be.
pub fn missing<'f>(fields: &'f [(String, Option<Value>)], object: &Value) -> Vec<&'f str> {
    let there = |value: Option<&Value>| value.cloned().filter(|value| !value.is_null());
    let lacks = fields.iter().filter(|(at, wanted)| there(object.pointer(at)) != there(wanted.as_ref()));
    lacks.map(|(at, _)| at.as_str()).collect()
}
