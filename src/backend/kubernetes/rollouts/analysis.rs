//! Analysis runs: what each measure comes to.
//!
//! Pure. Inconclusive, error and unknown are verdicts of their own; none of them is a pass.
//! Measures that are only tried (dry run) decide nothing and are left out.

use super::super::answer::line;
use super::super::object::{count, list, name, text};
use crate::domain::stages::{Check, Judged};
use serde_json::Value;

/// Where a rollout's status names the runs that decide on it now.
const NAMED: [&str; 4] = [
    "/status/canary/currentStepAnalysisRunStatus",
    "/status/canary/currentBackgroundAnalysisRunStatus",
    "/status/blueGreen/prePromotionAnalysisRunStatus",
    "/status/blueGreen/postPromotionAnalysisRunStatus",
];

/// What a word of a run or a measure means.
pub fn judged(word: &str) -> Judged {
    match word {
        "" | "Pending" | "Running" => Judged::Running,
        "Successful" => Judged::Passed,
        "Failed" => Judged::Failed,
        "Inconclusive" => Judged::Inconclusive,
        "Error" => Judged::Error,
        _ => Judged::Unknown,
    }
}

/// What is judged of a rollout now, measure by measure. `runs` are analysis runs of anything.
pub fn checks(object: &Value, runs: &[&Value]) -> Vec<Check> {
    NAMED.iter().filter_map(|at| object.pointer(at)).flat_map(|named| of_run(named, runs)).collect()
}

fn of_run(named: &Value, runs: &[&Value]) -> Vec<Check> {
    let of = text(named, "/name");
    let run = runs.iter().find(|run| name(run) == of);
    let ended = !matches!(judged(text(named, "/status")), Judged::Running);
    let measures = run.map(|run| measures(run, ended)).unwrap_or_default();
    let whole = Check {
        name: format!("analysis {}", line(of)),
        judged: judged(text(named, "/status")),
        detail: line(text(named, "/message")),
    };
    // A verdict that no measure explains is told by itself.
    let told = measures.iter().any(|check| check.judged == whole.judged);
    if told { measures } else { [whole].into_iter().chain(measures).collect() }
}

fn measures(run: &Value, ended: bool) -> Vec<Check> {
    let results = list(run, "/status/metricResults");
    let of = |metric: &Value| results.iter().find(|result| text(result, "/name") == text(metric, "/name"));
    let declared = list(run, "/spec/metrics");
    let unseen = declared.iter().filter(|metric| of(metric).is_none()).map(|metric| Check {
        name: line(text(metric, "/name")),
        // A run that is over and never said anything of it leaves it unknown.
        judged: if ended { Judged::Unknown } else { Judged::Running },
        detail: "not measured yet".to_owned(),
    });
    let tried = |result: &&Value| result.get("dryRun") != Some(&Value::Bool(true));
    results.iter().filter(tried).map(measure).chain(unseen).collect()
}

fn measure(result: &Value) -> Check {
    let counted = [("successful", "well"), ("failed", "failed"), ("inconclusive", "inconclusive"), ("error", "errors")];
    let counts = counted.iter().map(|(key, word)| (count(result, &format!("/{key}")), word));
    let mut parts: Vec<String> = counts.filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let last = list(result, "/measurements").last();
    let value = last.map(|last| text(last, "/value")).filter(|value| !value.is_empty());
    parts.extend(value.map(|value| format!("last {value}")));
    let why = [text(result, "/message"), last.map_or("", |last| text(last, "/message"))];
    parts.extend(why.into_iter().find(|why| !why.is_empty()).map(str::to_owned));
    Check { name: line(text(result, "/name")), judged: judged(text(result, "/phase")), detail: line(&parts.join(", ")) }
}
