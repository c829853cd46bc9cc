//! Two states of one object, compared: the paths at which they differ, and by the managed
//! fields that an API server keeps, who changed each of them last.
//!
//! Pure. Elements of lists are told apart by their names where they have such. What looks like a
//! secret is hidden, what is long is cut, and all of it is made harmless.

use super::hide::{Within, hide_within, says};
use crate::domain::Timestamp;
use crate::domain::digest::Digest;
use crate::domain::drift::{Changed, Difference};
use crate::domain::in_the_open::HIDDEN;
use crate::domain::text::{shortened, visible};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How much of a value, a path or a name is told.
const LONG: usize = 120;
/// How many differences are looked for in one object.
const MOST: usize = 500;
/// What tells the elements of a list apart, the first that all of them have.
const NAMES: [&str; 8] = ["name", "mountPath", "devicePath", "containerPort", "port", "topologyKey", "key", "ip"];

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A key of an object.
    Key(String),
    /// An element of a list: its name or number, and its number among those that are live.
    Item(String, Option<usize>),
}

/// A place at which two states differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where.
    pub path: Vec<Part>,
    /// What is live; none where nothing is.
    pub live: Option<Value>,
    /// What it should be; none where nothing should.
    pub wanted: Option<Value>,
    /// What of it is secret.
    pub within: Within,
}

/// Where they differ, at most some hundreds; what is empty is not there.
pub fn compare(live: &Value, wanted: &Value) -> Vec<Found> {
    let mut found = Vec::new();
    walk(&mut Vec::new(), Within::Plain, Some(live), Some(wanted), &mut found);
    found
}

/// Whether they differ in what [`compare`] does not tell: the order of what has names, and what is empty.
pub fn unsaid(live: Option<&Value>, wanted: Option<&Value>) -> bool {
    let given = |value: Option<&Value>| value.is_some_and(|value| !value.is_null());
    match (there(live), there(wanted)) {
        (None, None) => given(live) != given(wanted),
        (Some(Value::Object(live)), Some(Value::Object(wanted))) => {
            let mut keys = live.keys().chain(wanted.keys());
            keys.any(|key| unsaid(live.get(key), wanted.get(key)))
        }
        (Some(Value::Array(live)), Some(Value::Array(wanted))) => {
            let Some(pairs) = pairs(live, wanted) else { return false };
            let both = || pairs.iter().filter_map(|(_, live, other)| Some(((*live)?, (*other)?)));
            let places = both().map(|(_, other)| wanted.iter().position(|one| std::ptr::eq(one, other)));
            !places.is_sorted() || both().any(|(live, wanted)| unsaid(Some(live), Some(wanted)))
        }
        _ => false,
    }
}

/// Whether something of a difference is hidden where it is told.
pub fn hides(found: &Found) -> bool {
    [&found.live, &found.wanted].into_iter().flatten().any(|value| {
        let mut shown = value.clone();
        hide_within(&mut shown, found.within);
        found.within.is_secret() || shown != *value
    })
}

fn there(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::Object(map) => !map.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    })
}

fn walk(path: &mut Vec<Part>, within: Within, live: Option<&Value>, wanted: Option<&Value>, found: &mut Vec<Found>) {
    let (live, wanted) = (there(live), there(wanted));
    if live == wanted || found.len() >= MOST {
        return;
    }
    let Some(parts) = parts(within, live, wanted) else {
        return found.push(Found { path: path.clone(), live: live.cloned(), wanted: wanted.cloned(), within });
    };
    for ((part, live, wanted), within) in parts {
        path.push(part);
        walk(path, within, live, wanted, found);
        path.pop();
    }
}

/// The parts of two values that belong together, and what of each is secret; none where they have none.
fn parts<'a>(within: Within, live: Option<&'a Value>, wanted: Option<&'a Value>) -> Option<Vec<(Pair<'a>, Within)>> {
    match (live?, wanted?) {
        (Value::Object(live), Value::Object(wanted)) => {
            let keys = live.keys().chain(wanted.keys()).collect::<BTreeSet<_>>();
            // What one side names as a secret is one on the other side too.
            let of = |key: &str| within.under(live, key).max(within.under(wanted, key));
            let part = |key: &String| ((Part::Key(key.clone()), live.get(key), wanted.get(key)), of(key));
            Some(keys.into_iter().map(part).collect())
        }
        (Value::Array(live), Value::Array(wanted)) => {
            let of = |part: &Part| match part {
                Part::Item(name, _) if says(name) => Within::Whole,
                Part::Item(_, Some(at)) => within.item(live, *at).max(within.item(wanted, *at)),
                _ => within.item(&[], 0),
            };
            let part = |pair: Pair<'a>| {
                let of = of(&pair.0);
                (pair, of)
            };
            Some(pairs(live, wanted)?.into_iter().map(part).collect())
        }
        _ => None,
    }
}

type Pair<'a> = (Part, Option<&'a Value>, Option<&'a Value>);

/// Which elements of two lists belong together; none where that cannot be told.
fn pairs<'a>(live: &'a [Value], wanted: &'a [Value]) -> Option<Vec<Pair<'a>>> {
    let Some(by) = NAMES.into_iter().find(|by| named(live, by) && named(wanted, by)) else {
        let pair = |(n, (live, wanted)): (usize, (&'a Value, &'a Value))| {
            (Part::Item(n.to_string(), Some(n)), Some(live), Some(wanted))
        };
        return (live.len() == wanted.len()).then(|| live.iter().zip(wanted).enumerate().map(pair).collect());
    };
    let same = |a: &Value, b: &Value| a.get(by) == b.get(by);
    let name = |one: &Value| match one.get(by) {
        Some(Value::String(text)) => text.clone(),
        other => other.map(Value::to_string).unwrap_or_default(),
    };
    let mine = live
        .iter()
        .enumerate()
        .map(|(n, one)| (Part::Item(name(one), Some(n)), Some(one), wanted.iter().find(|other| same(one, other))));
    let others = wanted.iter().filter(|one| !live.iter().any(|other| same(one, other)));
    Some(mine.chain(others.map(|one| (Part::Item(name(one), None), None, Some(one)))).collect())
}

/// Whether this tells all elements apart.
fn named(list: &[Value], by: &str) -> bool {
    let names: Option<BTreeSet<String>> = list
        .iter()
        .map(|one| one.get(by).filter(|name| name.is_string() || name.is_number()).map(Value::to_string))
        .collect();
    names.is_some_and(|names| names.len() == list.len())
}

/// A difference as it is told, of an object whose name is harmless already. `live` is the object that was
/// compared, `fields` its managed fields.
pub fn difference(object: &str, found: &Found, live: &Value, fields: &[Value]) -> Difference {
    let last = last(fields, &found.path, live);
    let replicas = matches!(found.path.as_slice(), [Part::Key(a), Part::Key(b)] if a == "spec" && b == "replicas");
    Difference {
        object: object.to_owned(),
        path: words(&found.path),
        declared: shown(found.wanted.as_ref(), found.within),
        live: shown(found.live.as_ref(), found.within),
        scaled: replicas && last.is_some_and(scales),
        by: last.map(|entry| Changed { by: line(text(entry, "manager")), at: time(entry) }),
    }
}

/// What stands for exactly these differences of an object, in few letters: it changes with each path and each value, those
/// too that are cut where they are told. What is hidden is no part of it: a guess at a secret could be tried on it.
pub fn seal(object: &str, found: &[Found]) -> String {
    let side = |value: &Option<Value>, within: Within| match value {
        Some(_) if within.is_secret() => Some(Value::from(HIDDEN)),
        value => value.clone().map(|mut value| {
            hide_within(&mut value, within);
            value
        }),
    };
    let one = |one: &Found| (format!("{:?}", one.path), side(&one.live, one.within), side(&one.wanted, one.within));
    Digest::of("drift", &(object, found.iter().map(one).collect::<Vec<_>>())).short()
}

/// A path as people write it: `spec.containers[web].image`.
pub fn words(path: &[Part]) -> String {
    let mut out = String::new();
    for part in path {
        match part {
            Part::Key(key) if key.contains(['.', '/', '[']) => out.extend(["[", key, "]"]),
            Part::Key(key) if out.is_empty() => out.push_str(key),
            Part::Key(key) => out.extend([".", key]),
            Part::Item(name, _) => out.extend(["[", name, "]"]),
        }
    }
    line(&out)
}

/// A value as it is told.
fn shown(value: Option<&Value>, within: Within) -> String {
    match value {
        None => "(nothing)".to_owned(),
        Some(_) if within.is_secret() => HIDDEN.to_owned(),
        Some(other) => {
            let mut other = other.clone();
            hide_within(&mut other, within);
            line(other.as_str().map(str::to_owned).unwrap_or_else(|| other.to_string()).as_str())
        }
    }
}

/// The newest entry of the managed fields that holds what stands at a path.
fn last<'a>(fields: &'a [Value], path: &[Part], live: &Value) -> Option<&'a Value> {
    let holds = |entry: &&Value| {
        let map = entry.get("fieldsV1").and_then(Value::as_object);
        text(entry, "subresource") != "status" && map.is_some_and(|map| !map.is_empty() && owns(map, path, Some(live)))
    };
    fields.iter().filter(holds).max_by_key(|entry| time(entry))
}

fn owns(fields: &Map<String, Value>, path: &[Part], live: Option<&Value>) -> bool {
    let Some((part, rest)) = path.split_first() else { return true };
    // Whoever holds nothing below holds all of it.
    if fields.is_empty() {
        return true;
    }
    let (below, next) = match part {
        Part::Key(key) => (fields.get(&format!("f:{key}")), live.and_then(|live| live.get(key))),
        Part::Item(_, at) => {
            let element = at.zip(live).and_then(|(at, live)| live.get(at));
            let is = |key: &str| element.is_some_and(|element| meant(key, element, *at));
            (fields.iter().find(|(key, _)| is(key)).map(|(_, below)| below), element)
        }
    };
    below.and_then(Value::as_object).is_some_and(|below| owns(below, rest, next))
}

/// Whether a key of the managed fields, such as `k:{"name":"web"}`, means an element.
fn meant(key: &str, element: &Value, at: Option<usize>) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    match key.split_once(':') {
        Some(("k", text)) => match read(text) {
            Some(Value::Object(keys)) => keys.iter().all(|(key, value)| element.get(key) == Some(value)),
            _ => false,
        },
        Some(("v", text)) => read(text).as_ref() == Some(element),
        Some(("i", text)) => at.is_some_and(|at| text == at.to_string()),
        _ => false,
    }
}

/// Whether an entry is that of an autoscaler, or of what scales by itself.
fn scales(entry: &Value) -> bool {
    let manager = text(entry, "manager").to_lowercase();
    let scale = text(entry, "subresource") == "scale";
    (scale && manager == "kube-controller-manager")
        || ["autoscal", "keda"].iter().any(|word| manager.contains(word))
        || manager == "flagger"
}

fn text<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn time(entry: &Value) -> Option<Timestamp> {
    chrono::DateTime::parse_from_rfc3339(text(entry, "time")).ok().map(|at| at.to_utc())
}

fn line(said: &str) -> String {
    shortened(&visible(said.trim()), LONG)
}
