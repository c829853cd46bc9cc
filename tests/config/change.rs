//! What an approval of a run covers: every leaf of real plans, changed, is another plan to its digest, but for what decides nothing.

use super::here;
use holdpoint::domain::plan::Plan;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What may differ: names and words for people, and of a signal what is no threshold. What is asked for a signal is fixed with
/// the run, and a signal that decides is derived from others only together with what it follows from.
const WORDS: &[&str] = &["/title", "/release", "/signals"];

fn plans() -> Vec<Plan> {
    let mut all = Vec::new();
    for example in ["examples/cluster-shop", "examples/kubernetes", "examples/regulated", "examples/scripts-team"] {
        let loaded = holdpoint::config::load(&here(example), chrono::Utc::now());
        all.extend(loaded.unwrap().workspace.runbooks.into_values());
    }
    all
}

/// Every place of a leaf in a value.
fn leaves(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| leaves(value, &format!("{at}/{}", key.replace('/', "~1")), out))
        }
        Value::Array(all) => all.iter().enumerate().for_each(|(n, value)| leaves(value, &format!("{at}/{n}"), out)),
        _ => out.push(at.to_owned()),
    }
}

/// Other values of the same kind, of which one is of the right form where any is.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(is) => vec![Value::Bool(!is)],
        Value::Number(n) => vec![n.as_f64().map(|n| n + 1.0).into(), n.as_i64().map(|n| n + 1).into()],
        Value::String(text) => {
            let words = [
                "auto",
                "person",
                "live",
                "rehearsal",
                "deploy",
                "promote",
                "manual",
                "action",
                "2h",
                "2031-01-01T00:00:00Z",
            ];
            [format!("{text}x")].into_iter().chain(words.map(str::to_owned)).map(Value::String).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn a_leaf_that_is_changed_is_another_plan() {
    let (mut changed, mut covered, mut words) = (0, BTreeMap::<String, usize>::new(), BTreeSet::new());
    for plan in plans() {
        let (digest, value) = (plan.digest(), serde_json::to_value(&plan).unwrap());
        let mut places = Vec::new();
        leaves(&value, "", &mut places);
        for place in places {
            let before = value.pointer(&place).unwrap();
            for other in others(before).into_iter().filter(|other| other != before) {
                let mut edited = value.clone();
                *edited.pointer_mut(&place).unwrap() = other;
                let Ok(edited) = serde_json::from_value::<Plan>(edited) else { continue };
                if edited == plan {
                    continue;
                }
                changed += 1;
                if edited.digest() == digest {
                    let spared = WORDS.iter().find(|word| place.starts_with(**word));
                    words.insert(
                        *spared.unwrap_or_else(|| panic!("{place} of {} decides, and is not covered", plan.runbook)),
                    );
                } else {
                    *covered.entry(place.split('/').nth(1).unwrap_or_default().to_owned()).or_default() += 1;
                }
            }
        }
    }
    println!("{changed} changes of leaves; covered by top key: {covered:?}; spared: {words:?}");
    assert!(changed > 500, "{changed}");
    assert_eq!(
        words.into_iter().collect::<BTreeSet<_>>(),
        WORDS.iter().copied().collect(),
        "nothing is spared for nothing"
    );
}
