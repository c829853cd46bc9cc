//! Drift mended: what was last applied by `kubectl apply` is applied once more, by the API server itself.
//!
//! Decided on a dry run of that very request, which says which fields change, and locked to the object that was read. It
//! is sent without force, so that the API server refuses to take a field from whoever changed it, unless somebody says so.

use super::super::compare::{Found as Differs, compare, difference, words};
use super::super::record::Record;
use super::super::{Done, Fault};
use super::Declared;
use super::act::{Look, Workload, seen, send, tried, until_seen};
use super::answer::{Unanswered, line};
use super::applied::{APPLY, applied, is_kept, stays};
use super::cause::{Asker, cause, mark};
use super::client::Cluster;
use super::object::{annotation, list, version};
use super::place::{Kind, Place};
use super::plan::Goal as Sought;
use super::status::{Progress, reached, status};
use super::undo::Patch;
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::{Found, Preview, Receipt};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio::time::Instant;

/// What it is called among those who write.
pub const WRITER: &str = "holdpoint-mend";
/// The annotation that says by which key it was mended last, and for whom.
pub const MENDED: &str = "holdpoint/mended";
/// What the API server says first where fields are somebody else's.
const OWNED: &str = "Apply failed with";
/// How often it is tried where the object changes meanwhile.
const TRIES: usize = 3;
/// How many fields are told.
const MOST: usize = 20;

/// An object, what was declared of it, and what applying that would make of it.
pub struct Ground {
    workload: Workload,
    force: bool,
    /// What is applied, locked to the object as it was read.
    body: Value,
    after: Value,
    found: Vec<Differs>,
    /// What is not mended, in words.
    spared: Option<String>,
}

/// What must be seen: that none of these fields differs from what applying made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    after: Value,
    paths: BTreeSet<String>,
}

/// Reads what it is decided on; the one request that is more than a look is a dry run.
pub async fn gather(
    of: &Declared,
    cluster: Cluster,
    place: Place,
    operation: &Operation,
    tries: bool,
) -> Result<Ground, Fault> {
    let named = place.words();
    let no = |why: String| refused(format!("{named}: {why}"));
    let force = match operation.args.get("force").map(String::as_str) {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => return Err(no(format!("force is true or false, not {}", line(other)))),
    };
    if matches!(place.kind, Kind::Rollout | Kind::Canary) {
        let kind = place.kind.word();
        return Err(no(format!("a {kind} is not mended: applying would begin its steps; bring it by kubectl apply")));
    }
    let mut left = TRIES;
    loop {
        left -= 1;
        let workload = seen(of, cluster.clone(), place.clone()).await?;
        let mut ground = Ground::read(workload, force).map_err(&no)?;
        if !tries {
            return Ok(ground);
        }
        match ground.tried(true).await {
            Ok(after) if version(&after) == version(&ground.workload.object) => {
                ground.found = compare(&part(&ground.workload.object), &part(&after));
                ground.after = after;
                return Ok(ground);
            }
            // The lock lets nothing else than the dry run itself change it.
            Ok(_) => {
                return Err(no(
                    "this API server keeps dry runs, so that it may be mended already; look at it".to_owned()
                ));
            }
            // Its controllers write its status all the time.
            Err(Unanswered::Api { code: 409, .. }) if left > 0 => {}
            Err(error) => return Err(error.of_read(&format!("trying to mend {named}"))),
        }
    }
}

/// What people declare of an object.
fn part(object: &Value) -> Value {
    let of = |at: &str| object.pointer(at);
    json!({ "metadata": { "labels": of("/metadata/labels"), "annotations": of("/metadata/annotations") }, "spec": of("/spec") })
}

/// Takes the number of replicas out of what is applied, where an autoscaler has set another.
fn spare(body: &mut Value, live: &Value) -> Option<String> {
    body.pointer("/spec/replicas")?;
    let replicas = |of: &Value| json!({ "spec": { "replicas": of.pointer("/spec/replicas") } });
    let fields = list(live, "/metadata/managedFields");
    let found = compare(&replicas(live), &replicas(body));
    let one = found.first().map(|found| difference("", found, live, fields)).filter(|one| one.scaled)?;
    body.get_mut("spec").and_then(Value::as_object_mut)?.remove("replicas");
    let by = one.by.map(|by| by.by).unwrap_or_default();
    Some(format!("spec.replicas stays at {}: {by} scales it", one.live))
}

impl Ground {
    /// What is to be applied to an object as it was read.
    ///
    /// # Errors
    /// What was declared of it is not known.
    fn read(workload: Workload, force: bool) -> Result<Self, String> {
        let live = &workload.object;
        if is_kept(live) {
            return Err(stays(&workload.place, false).to_string());
        }
        let mut body = applied(live)?;
        let spared = spare(&mut body, live);
        if let Some(meta) = body.get_mut("metadata").and_then(Value::as_object_mut) {
            let own = ["uid", "resourceVersion"].map(|key| (key.to_owned(), live.pointer(&format!("/metadata/{key}"))));
            meta.extend(own.into_iter().filter_map(|(key, own)| Some((key, own?.clone()))));
        }
        Ok(Self { after: live.clone(), workload, force, body, found: Vec::new(), spared })
    }

    /// What a dry run of it makes of the object.
    async fn tried(&self, force: bool) -> Result<Value, Unanswered> {
        let Workload { place, cluster, .. } = &self.workload;
        // The dry run stands first, so that nobody takes one for the other.
        let path = format!("{}?dryRun=All&{}", place.path(), writer(force));
        cluster.change("PATCH", &path, APPLY, &self.body).await
    }

    fn words(&self) -> String {
        self.workload.place.words()
    }

    fn marked(&self, key: &Key) -> bool {
        annotation(&self.workload.object, MENDED).is_some_and(|text| text.starts_with(&mark(Verb::Mend, key)))
    }

    fn paths(&self) -> BTreeSet<String> {
        self.found.iter().map(|found| words(&found.path)).collect()
    }

    /// Whether its pods change.
    fn rolls(&self) -> bool {
        self.paths().iter().any(|path| path.starts_with("spec.template"))
    }

    fn version(&self, object: &Value) -> String {
        line(&self.workload.at.version(object.pointer("/spec/template").unwrap_or(&Value::Null)))
    }

    /// Which fields change, each with who changed it last.
    fn effects(&self) -> Vec<String> {
        let (words, live) = (self.words(), &self.workload.object);
        if self.found.is_empty() {
            return vec![format!("{words} is as it was last applied; nothing is sent")];
        }
        let fields = list(live, "/metadata/managedFields");
        let one = |found: &Differs| {
            let one = difference("", found, live, fields);
            let by = one.by.map(|by| format!(" (last changed by {})", by.by)).unwrap_or_default();
            format!("{}: {} → {}{by}", one.path, one.live, one.declared)
        };
        let (n, more) = (self.found.len(), self.found.len().saturating_sub(MOST));
        let head = format!("{words} gets what was last applied to it, in {n} field{}", if n == 1 { "" } else { "s" });
        let pods = self.rolls().then(|| "its pods are replaced, as by a deploy".to_owned());
        let more = (more > 0).then(|| format!("and {more} more"));
        [head].into_iter().chain(self.found.iter().take(MOST).map(one)).chain(more).chain(pods).collect()
    }
}

fn writer(force: bool) -> String {
    format!("fieldManager={WRITER}{}", if force { "&force=true" } else { "" })
}

/// Says what would happen; `tries` it without force too, where it would go without.
pub async fn preview(ground: &Ground, preview: &mut Preview, tries: bool) {
    preview.obstacles.extend(super::owner::obstacles(ground.workload.place.kind, &ground.workload.object));
    if !tries {
        let words = ground.words();
        preview
            .effects
            .push(format!("{words} gets what was last applied to it; what differs is asked when it is wanted"));
        return;
    }
    preview.effects = ground.effects();
    preview.loses.extend(ground.spared.clone());
    if ground.found.is_empty() {
        // Nothing is sent that could be refused.
        preview.refused.clear();
        return;
    }
    match ground.force {
        true => preview.loses.push("what others changed in these fields is taken over (force)".to_owned()),
        false => match ground.tried(false).await {
            Ok(_) => {}
            Err(Unanswered::Api { code: 409, message, .. }) if message.starts_with(OWNED) => {
                preview.refuse(helped(message, false));
            }
            Err(error) => tried(&error, preview),
        },
    }
}

/// What helps where fields are somebody else's.
fn helped(why: String, force: bool) -> String {
    if !force && why.contains(OWNED) { format!("{why}; force=true takes over what others changed") } else { why }
}

/// Does it, once.
pub async fn perform(
    ground: &Ground,
    operation: &Operation,
    key: &Key,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let (words, sent) = (ground.words(), ground.marked(key));
    if let Some(why) = again(ground, sent) {
        return Err(lost(why));
    }
    let effects = ground.effects();
    effects.iter().for_each(|effect| record.say(effect));
    if !sent && ground.found.is_empty() {
        let summary = effects.join("; ");
        return Ok(Done::Whole(Receipt { summary, ..Receipt::default() }));
    }
    if !sent {
        let mut body = ground.body.clone();
        let noted = cause(operation, Asker { key: Some(key), by: record.by() });
        if let Some(meta) = body.get_mut("metadata").and_then(Value::as_object_mut) {
            let notes = meta.entry("annotations").or_insert_with(|| json!({}));
            notes.as_object_mut().map(|notes| notes.insert(MENDED.to_owned(), noted.into()));
        }
        let Workload { place, cluster, .. } = &ground.workload;
        record.in_time()?;
        let path = format!("{}?{}", place.path(), writer(ground.force));
        let sent = send(cluster, &path, &Patch { kind: APPLY, body }, &format!("mend of {words}")).await;
        sent.map_err(|fault| match fault {
            Fault::Refused { why, output } => Fault::Refused { why: helped(why, ground.force), output },
            fault => fault,
        })?;
        record.say("accepted; reading back until it has happened");
    }
    let goal = Sought::Mended(Goal { after: ground.after.clone(), paths: ground.paths() });
    let mut done = until_seen(&ground.workload, &goal, until, record).await?;
    let (Done::Whole(receipt) | Done::Partly(_, _, receipt)) = &mut done;
    let (was, is) = (ground.version(&ground.workload.object), ground.version(&ground.after));
    if was != is {
        receipt.detail.extend([("previous".to_owned(), was), ("version".to_owned(), is)]);
    }
    Ok(done)
}

/// That its key mended it, and that it differs once more: whether from another hand or by itself, nobody knows.
fn again(ground: &Ground, sent: bool) -> Option<String> {
    let paths = ground.paths().into_iter().collect::<Vec<_>>().join(", ");
    (sent && !paths.is_empty())
        .then(|| format!("{}: this key mended it, and it differs again: {paths}", ground.words()))
}

/// What became of one in doubt.
pub fn probe(ground: &Ground, key: &Key) -> Found {
    let (words, mark) = (ground.words(), ground.marked(key));
    let receipt = |summary| Receipt { summary, ..Receipt::default() };
    if let Some(why) = again(ground, mark) {
        return Found::Unknown { why };
    }
    match (mark, ground.found.is_empty()) {
        (false, true) => Found::Applied(receipt(format!("{words} is as it was last applied, though not by this key"))),
        // It may still be on its way to the API.
        (false, false) => {
            let paths = ground.paths().into_iter().collect::<Vec<_>>().join(", ");
            Found::NotApplied { r#final: false, why: format!("{words} still differs: {paths}") }
        }
        (true, _) => {
            let goal = Goal { after: ground.after.clone(), paths: BTreeSet::new() };
            match look(&goal, &ground.workload.place, &ground.workload.object) {
                Look::Seen(summary) => Found::Applied(receipt(summary)),
                Look::Partly(done, of, summary) | Look::Failed(done, of, summary) => {
                    Found::Partly { done, of, receipt: receipt(summary) }
                }
                Look::Going(_, _, why) | Look::Not(why) | Look::Over(why) => {
                    Found::Unknown { why: format!("it was taken and is under way: {why}") }
                }
            }
        }
    }
}

/// What an object shows of it.
pub fn look(goal: &Goal, place: &Place, object: &Value) -> Look {
    let named = place.words();
    let now: BTreeSet<String> =
        compare(&part(object), &part(&goal.after)).iter().map(|found| words(&found.path)).collect();
    let differs: Vec<&str> = goal.paths.intersection(&now).map(String::as_str).collect();
    if !differs.is_empty() {
        return Look::Not(format!("{named} still differs: {}", differs.join(", ")));
    }
    let mended = format!("{named} is as it was last applied");
    // What is no part of its spec is there as soon as it is written.
    if !goal.paths.is_empty() && !goal.paths.iter().any(|path| path.starts_with("spec")) {
        return Look::Seen(mended);
    }
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let (done, of) = reached(place.kind, object);
    match status(place.kind, object) {
        Progress::Done(_) => Look::Seen(mended),
        Progress::Going(why) => Look::Going(number(done), number(of), line(&why)),
        Progress::Failed(why) => {
            Look::Failed(number(done), number(of), format!("{mended}, and its rollout failed: {}", line(&why)))
        }
    }
}

fn lost(why: String) -> Fault {
    Fault::Lost { why, output: None }
}

fn refused(why: String) -> Fault {
    Fault::Refused { why, output: None }
}
