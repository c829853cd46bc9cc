//! Whether what serves is what was meant, and whether a canary is still about that.
//!
//! Pure. Flagger copies a workload's pods to its primary and gives what they refer to names of its
//! own, so the two are compared without that ending.

use super::super::history::bare;
use super::super::place::Kind;
use super::super::plan::Wants;
use super::super::status::{Progress, status};
use super::super::version::Where;
use super::end::Went;
use super::gate::Gate;
use super::gather::Ground;
use super::wait::Seen;
use serde_json::{Value, json};

/// The ending of what Flagger copies.
const COPY: &str = "-primary";

/// Whether a primary has what was meant, on all of its pods.
pub fn serves(primary: &Value, wants: &Wants, at: &Where) -> bool {
    holds(primary, wants, at) && rolled(primary)
}

/// Whether every pod of a workload is of its template.
pub fn rolled(workload: &Value) -> bool {
    matches!(status(Kind::Deployment, workload), Progress::Done(_))
}

/// Whether a workload's template, or its copy, is as it was meant.
pub fn holds(workload: &Value, wants: &Wants, at: &Where) -> bool {
    let template = workload.pointer("/spec/template").map(bare).unwrap_or_default();
    match wants {
        Wants::Template(wanted) => pods(&template) == pods(wanted),
        Wants::Image(..) => wants.are(&template, at),
    }
}

/// What a template's pods are, by names of the workload's own.
fn pods(template: &Value) -> Value {
    let mut spec = template.get("spec").cloned().unwrap_or_default();
    own(&mut spec);
    spec
}

/// What Flagger copies of a workload, or has copied, where both have it: its pods.
pub fn copied(workload: &Value) -> Value {
    let template = workload.pointer("/spec/template").map(bare).unwrap_or_default();
    json!({ "spec": { "template": { "spec": pods(&template) } } })
}

fn own(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(name) = text.strip_suffix(COPY) {
                *text = name.to_owned();
            }
        }
        Value::Array(all) => all.iter_mut().for_each(own),
        Value::Object(map) => map.values_mut().for_each(own),
        _ => {}
    }
}

/// That another revision has come since it was decided: what is opened may let that one pass.
pub fn another(ground: &Ground, gate: Gate, canary: &Value, seen: &Seen) -> Option<Went> {
    let template = |workload: &Value| workload.pointer("/spec/template").map(bare);
    let changed = seen.target.as_ref().is_some_and(|now| template(now) != template(&ground.workload.object));
    // At its first gate, and when it gives up, Flagger itself writes down what it is about.
    let begun = matches!(gate, Gate::Increase | Gate::Promotion);
    let anew = ["/status/lastAppliedSpec", "/status/trackedConfigs"]
        .iter()
        .any(|at| canary.pointer(at) != ground.canary.pointer(at));
    (changed || begun && anew).then(|| {
        let (words, new) = (ground.place.words(), ground.newer());
        Went::Unknown(format!("{words}: another revision than {new} came meanwhile, and may have passed in its place"))
    })
}
