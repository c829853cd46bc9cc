//! Who brought the pods that a workload has, as the API server itself notes who wrote its pod template last.
//!
//! Pure. A cause stands there until somebody writes another, and anybody may write it: the person that one of ours
//! names is believed only while the newest note is ours too, and holds the cause and what the verb writes. Else a
//! program is named. A mend that has written no template brought no pods, and is as if it had not been.

use super::answer::line;
use super::cause::person;
use super::history::CAUSE;
use super::object::{annotation, list, text, time};
use super::restart::STAMP;
use super::version::Where;
use crate::domain::Timestamp;
use crate::domain::operation::Verb;
use serde_json::{Map, Value, json};

/// What the API server calls us, by our user agent.
const OURS: &str = "holdpoint";
/// Where a note says what of a template is held.
const TEMPLATE: &str = "/fieldsV1/f:spec/f:template";
/// Where it says so of the cause.
const CAUSED: &str = "/fieldsV1/f:metadata/f:annotations/f:kubernetes.io~1change-cause";

/// Who it was: the person where we know for whom we wrote, or the program and when it did; none where nothing is noted.
pub fn writer(object: &Value, at: &Where) -> Option<String> {
    let newest = newest(object)?;
    if let Some(person) = believed(object, newest, at) {
        return Some(person);
    }
    let (manager, when) = (line(text(newest, "/manager")), time(newest, "/time"));
    let when = when.map(|at| at.format(", %F %H:%M:%SZ").to_string()).unwrap_or_default();
    (!manager.is_empty()).then(|| format!("{manager} (a program{when})"))
}

/// When it was.
pub fn when(object: &Value) -> Option<Timestamp> {
    time(newest(object)?, "/time")
}

/// What of the notes says that, for what is kept of an object.
pub fn noted(object: &Value) -> Option<Value> {
    let newest = newest(object)?;
    let held = newest.pointer(TEMPLATE).filter(|_| text(newest, "/manager") == OURS).cloned();
    let mut fields =
        Map::from_iter([("f:spec".to_owned(), json!({ "f:template": held.unwrap_or_else(|| json!({})) }))]);
    if newest.pointer(CAUSED).is_some() {
        fields.insert("f:metadata".to_owned(), json!({ "f:annotations": { format!("f:{CAUSE}"): {} } }));
    }
    Some(json!([{ "manager": newest.get("manager"), "time": newest.get("time"), "fieldsV1": fields }]))
}

/// The newest note of a template; what scales or writes a status has written none. Of two of the same second it is not
/// ours, because nobody knows which came last.
fn newest(object: &Value) -> Option<&Value> {
    let wrote = |note: &&Value| text(note, "/subresource").is_empty() && note.pointer(TEMPLATE).is_some();
    let notes = || list(object, "/metadata/managedFields").iter().filter(wrote);
    let newest = notes().max_by_key(|note| (time(note, "/time"), text(note, "/manager") != OURS))?;
    let others = || notes().filter(|note| text(note, "/manager") != OURS).max_by_key(|note| time(note, "/time"));
    if brings_none(object, newest) { others().or(Some(newest)) } else { Some(newest) }
}

/// Whether a note is ours and was renewed by a mend that brought no pods: it names no version, and what is ours of the
/// template is no more than a deploy or restart before it has left.
fn brings_none(object: &Value, note: &Value) -> bool {
    let said = annotation(object, CAUSE).and_then(|cause| cause.strip_prefix(OURS)?.split_once(": "));
    let (verb, words) = said.map_or(("", ""), |(_, said)| said.split_once(' ').unwrap_or((said, "")));
    let bare = verb == Verb::Mend.word() && (words.is_empty() || words.starts_with("by "));
    let caused = text(note, "/manager") == OURS && note.pointer(CAUSED).is_some();
    bare && caused && !note.pointer(TEMPLATE).is_some_and(holds_more)
}

/// Whether something is held beside images, labels and the stamp of a restart.
fn holds_more(held: &Value) -> bool {
    let left = |key: &str| matches!(key, "." | "f:image" | "f:labels") || key.strip_prefix("f:") == Some(STAMP);
    let of = |(key, below): (&String, &Value)| {
        let leaf = below.as_object().is_none_or(Map::is_empty);
        !left(key) && (leaf || holds_more(below))
    };
    held.as_object().is_some_and(|held| held.iter().any(of))
}

/// The person, where the cause names one and it and that note are ours. A pause renews the time of our note and writes nothing
/// into the template: what the verb of the cause has written must still be ours.
fn believed(object: &Value, newest: &Value, at: &Where) -> Option<String> {
    let (verb, by) = annotation(object, CAUSE).and_then(person)?;
    newest.pointer(CAUSED).filter(|_| text(newest, "/manager") == OURS)?;
    let held = newest.pointer(TEMPLATE)?;
    let holds = |path: &[&str]| path.iter().try_fold(held, |held, key| held.get(*key)).is_some();
    if verb == Verb::Restart.word() {
        let stamp = format!("f:{STAMP}");
        return holds(&["f:metadata", "f:annotations", &stamp]).then(|| format!("{by} (a restart)"));
    }
    if verb == Verb::Mend.word() {
        return (!brings_none(object, newest)).then(|| format!("{by} (mended drift)"));
    }
    let version = match &at.label {
        Some(label) => holds(&["f:metadata", "f:labels", &format!("f:{label}")]),
        None => {
            let (_, container) = at.container(object.pointer("/spec/template")?)?;
            let key = format!("k:{}", json!({ "name": container.get("name") }));
            holds(&["f:spec", "f:containers", &key, "f:image"])
        }
    };
    version.then(|| by.to_owned())
}
