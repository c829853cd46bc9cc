//! Drift mended: exactly the differences that were shown are taken back, in one patch.
//!
//! Pure. What it was to be is what the API server itself makes of what was last applied, as a dry run that keeps nothing
//! (`drift`). What is sent is no apply: it holds the fields that differ and nothing else, locked to the spec that was
//! read, and whoever asks for it says by `of` which differences are meant.

use super::super::compare::{Found, Part, difference, hides, seal, unsaid};
use super::answer::line;
use super::cause::{Asker, cause, marking};
use super::drift::{APPLIED, differences};
use super::history::bare;
use super::lock::{self, escaped};
use super::object::list;
use super::place::{Kind, Place};
use super::plan::{Goal, Plan, Wants};
use super::status::{Progress, held, rolls, status};
use super::undo::{self, Patch};
use super::version::Where;
use crate::domain::operation::Operation;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many differences are told one by one: with what is said of them no more than a dialog shows.
const MOST: usize = 15;
const TEMPLATE: &str = "/spec/template";
/// What says how its pods follow its template, and what may keep them from it.
const PACE: [&str; 3] = ["/spec/updateStrategy", "/spec/strategy", "/spec/minReadySeconds"];
/// What becomes of the volumes of a set whose pods go.
const VOLUMES: &str = "/spec/persistentVolumeClaimRetentionPolicy";

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

    /// The arguments that say that exactly this is meant; none where nothing is mended, or it cannot be now.
    pub fn args(&self, at: &Where) -> BTreeMap<&'static str, String> {
        if self.found.is_empty() || self.hinders(at).is_some() {
            return BTreeMap::new();
        }
        let version = self.versions(at).map(|(_, to)| ("version", to));
        [("of", self.seal())].into_iter().chain(version).collect()
    }

    /// What stands for exactly these differences of this object. Where one is hidden the object as it was read stands for
    /// that: any change of it is another; without, what an autoscaler sets meanwhile changes nothing of it.
    fn seal(&self) -> String {
        let of = |pointer: &str| self.live.pointer(pointer).cloned().unwrap_or_default();
        let read = self.found.iter().any(hides).then(|| of("/metadata/resourceVersion"));
        let object = format!("{} {} {}", self.place.words(), of("/metadata/uid"), read.unwrap_or_default());
        seal(&object, &self.found)
    }

    /// The version that is there and the one that comes, where that is another.
    fn versions(&self, at: &Where) -> Option<(String, String)> {
        let of = |object: &Value| line(&at.version(object.pointer(TEMPLATE).unwrap_or(&Value::Null)));
        let (from, to) = (of(self.live), of(self.after));
        (from != to).then_some((from, to))
    }

    /// Whether these differences are meant and, where another version comes of it, that version; or nothing would be sent.
    ///
    /// # Errors
    /// That others are meant, or that nobody has said which.
    pub fn meant(&self, operation: &Operation, at: &Where) -> Result<(), String> {
        let (now, versions) = (self.seal(), self.versions(at));
        let there = line(&at.version(self.live.pointer(TEMPLATE).unwrap_or(&Value::Null)));
        let arg = |name: &str| operation.args.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        match (arg("of"), arg("version"), &versions) {
            (_, Some(version), _) if self.found.is_empty() && version != there => Err(format!(
                "it is as it was last applied, at {there}: nothing is to be mended, and no version {} comes",
                line(version)
            )),
            _ if self.found.is_empty() => Ok(()),
            (Some(of), ..) if of != now => {
                Err(format!("what differs is not what of={} was said of; look again: it is of={now} now", line(of)))
            }
            (Some(_), Some(version), Some((_, to))) if version != to => {
                Err(format!("it brings {to}, not {}", line(version)))
            }
            (Some(_), Some(version), None) => {
                Err(format!("it brings no other version, so that version={} is not meant", line(version)))
            }
            (Some(_), None, None) | (Some(_), Some(_), Some(_)) => Ok(()),
            (_, _, Some((from, to))) => {
                Err(format!("say that this is meant, and that {to} comes in place of {from}: of={now} version={to}"))
            }
            (None, _, None) => Err(format!("say that this is meant: of={now}")),
        }
    }

    /// Why it cannot be done now, whoever means it.
    fn hinders(&self, at: &Where) -> Option<String> {
        let (n, template) = (self.found.len(), self.is_under(TEMPLATE));
        if let Some(why) = self.lets_go().or_else(|| self.more()) {
            return Some(why);
        }
        if self.versions(at).is_some_and(|(_, to)| !is_plain(&to)) {
            return Some("the version that would come has no plain name; bring it by kubectl apply".to_owned());
        }
        let volumes = self.after.pointer(VOLUMES).and_then(Value::as_object);
        if self.is_under(VOLUMES) && volumes.is_some_and(|map| map.values().any(|what| what == "Delete")) {
            return Some("volumes may be deleted by it; bring it by kubectl apply".to_owned());
        }
        if n > MOST {
            return Some(format!("{n} fields differ, more than can be shown one by one; bring it by kubectl apply"));
        }
        if template && !rolls(self.place.kind, self.after) {
            return Some(
                "its pods are only replaced when somebody deletes them (OnDelete); bring it by hand".to_owned(),
            );
        }
        (template && undo::is_paused(self.after)).then(|| "it is paused; resume it first, then mend it".to_owned())
    }

    /// That it would let go on what somebody holds: a version would come that nobody has named.
    fn lets_go(&self) -> Option<String> {
        let kind = self.place.kind;
        let goes_on = self.is_under("/spec/paused") && !undo::is_paused(self.after);
        let pace = PACE.iter().any(|at| self.is_under(at)) && rolls(kind, self.after);
        let stands = matches!(status(kind, self.live), Progress::Done(_)) && held(kind, self.live).is_none();
        ((goes_on || pace) && !stands).then(|| {
            "its pods may not all have its template, and what keeps them from it would be taken back: decide that first, \
             by resuming it or by rolling it back"
                .to_owned()
        })
    }

    /// That it would bring more than is told.
    fn more(&self) -> Option<String> {
        let unsaid = |at: &String| unsaid(self.live.pointer(at), self.after.pointer(at));
        self.fields().find(unsaid).map(|at| {
            format!(
                "beside what differs, {} has another order or other empty fields; bring it by kubectl apply",
                line(&at)
            )
        })
    }

    /// The request, and what must be seen afterwards.
    ///
    /// # Errors
    /// Why it cannot be done now.
    pub fn plan(&self, operation: &Operation, asker: Asker<'_>, at: &Where) -> Result<Plan, String> {
        if let Some(why) = self.hinders(at) {
            return Err(why);
        }
        let patch = (!self.found.is_empty()).then(|| Patch::new(self.steps(&cause(operation, asker))));
        let template = self.after.pointer(TEMPLATE).map(bare).unwrap_or_default();
        let version = line(&at.version(&template));
        let goal = match self.is_under(TEMPLATE) {
            true => Goal::Rollout { wants: Wants::Template(template), version, stop: false },
            false => Goal::Fields(self.fields().map(|at| (at.clone(), self.after.pointer(&at).cloned())).collect()),
        };
        let named = self.place.words();
        let over = patch.is_some().then(|| format!("what stands in these fields of {named} now is overwritten"));
        let loses = over.into_iter().chain(self.deletes()).collect();
        Ok(Plan { patch, sub: "", goal, effects: self.effects(at), loses })
    }

    /// What its controller deletes for it.
    fn deletes(&self) -> impl Iterator<Item = String> {
        let of = |object: &Value, at: &str, usual: u64| object.pointer(at).map_or(Some(usual), Value::as_u64);
        let fewer = |at: &str, usual: u64| {
            let (from, to) = (of(self.live, at, usual), of(self.after, at, usual));
            to.filter(|to| self.is_under(at) && from.is_some_and(|from| *to < from))
        };
        let kept = fewer("/spec/revisionHistoryLimit", 10);
        let kept = kept.map(|n| format!("its revisions but the newest {n} are deleted: nothing leads back to them"));
        let gone = self.after.pointer(VOLUMES).is_some_and(|map| map.get("whenScaled") == Some(&json!("Delete")));
        let pods = fewer("/spec/replicas", 1).filter(|_| gone);
        let pods = pods.map(|n| format!("the volumes of the pods beyond {n} are deleted (whenScaled: Delete)"));
        kept.into_iter().chain(pods)
    }

    /// What comes of it, the gravest first, then which fields change, each with who changed it last.
    fn effects(&self, at: &Where) -> Vec<String> {
        let named = self.place.words();
        let fields = list(self.live, "/metadata/managedFields");
        let one = |found: &Found| {
            let one = difference("", found, self.live, fields);
            let by = one.by.map(|by| format!(" (last changed by {})", by.by)).unwrap_or_default();
            format!("{}: {} → {}{by}", one.path, one.live, one.declared)
        };
        let head = match self.found.len() {
            0 => format!("{named} is as it was last applied; nothing is sent"),
            1 => format!("{named} gets back what was last applied to it, in 1 field"),
            n => format!("{named} gets back what was last applied to it, in {n} fields"),
        };
        let version = self.versions(at).map(|(from, to)| format!("version {to} comes in place of {from}"));
        let rolled = self.is_under(TEMPLATE).then(|| "its pods are replaced, as by a deploy".to_owned());
        let first = [head].into_iter().chain(version).chain(rolled).chain(self.spared.clone());
        first.chain(self.found.iter().map(one)).collect()
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

    /// The patch: the lock holds for the spec, and what was last applied, each label and each annotation have locks of
    /// their own.
    fn steps(&self, cause: &str) -> Vec<Value> {
        let mut steps = lock::same(self.live);
        steps.push(lock::test(self.live, &format!("/metadata/annotations/{}", escaped(APPLIED))));
        for at in self.fields() {
            if at.starts_with("/metadata/") {
                steps.push(lock::test(self.live, &at));
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

/// Whether a version can stand in a line that is made to be copied.
fn is_plain(version: &str) -> bool {
    !version.is_empty()
        && version.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ':' | '+'))
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
