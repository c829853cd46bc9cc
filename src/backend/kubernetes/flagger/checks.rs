//! What Flagger's events say of an analysis: which metric or hook it halted at, and with what value.
//!
//! Pure. Flagger writes sentences, so only those are read that are certain: of this canary, and naming a metric or
//! hook that it declares. What else it warns of is shown as it stands. A check that failed is *running* as long as
//! Flagger bears with it, as a measure of an analysis run is.

use super::super::news::{News, times};
use super::super::object::{condition, list, name, text, time};
use super::super::row::Known;
use super::state::{failures, phase};
use crate::domain::Timestamp;
use crate::domain::stages::{Check, Judged};
use crate::domain::text::shortened;
use chrono::TimeDelta;
use serde_json::Value;
use std::cmp::Reverse;

/// How many are told.
const MOST: usize = 6;
/// How many of what is not understood.
const TEXTS: usize = 2;
/// How long what is shown of a sentence is.
const LONGEST: usize = 200;
/// How much earlier than a failure it may be said why.
const BEFORE: TimeDelta = TimeDelta::seconds(600);

/// What one sentence says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    /// A check was not well, or could not be taken.
    Check { name: String, taken: bool, detail: String },
    /// What is told elsewhere, or is no check.
    Nothing,
    /// Anything else.
    Text(String),
}

/// What is judged of a canary, as its events say, the newest of each.
pub fn checks(known: &Known<'_>) -> Vec<Check> {
    let canary = known.object;
    let (failed, most) = failures(canary);
    let over = phase(canary) == "Failed" || (most > 0 && failed >= most);
    let mut mine: Vec<&News> = known.news.iter().copied().filter(|news| is_current(known, news)).collect();
    mine.sort_by_key(|news| Reverse(news.last));
    let mut all: Vec<Told> = Vec::new();
    for news in mine {
        let (name, taken, detail, is_text) = match said(canary, &news.message) {
            Said::Check { name, taken, detail } => (name, taken, detail, false),
            Said::Text(text) => ("flagger".to_owned(), false, text, true),
            Said::Nothing => continue,
        };
        match all.iter_mut().find(|told| told.name == name && (!is_text || told.detail == detail)) {
            Some(told) => {
                told.count = told.count.saturating_add(news.count);
                told.first = [told.first, news.first].into_iter().flatten().min();
            }
            None => {
                let (count, first, last) = (news.count, news.first, news.last);
                all.push(Told { name, taken, detail, is_text, count, first, last });
            }
        }
    }
    let mut texts = 0;
    all.retain(|told| {
        texts += usize::from(told.is_text);
        !told.is_text || texts <= TEXTS
    });
    all.truncate(MOST);
    all.into_iter().map(|told| told.check(over)).collect()
}

/// What was said of one check, with how often.
struct Told {
    name: String,
    taken: bool,
    detail: String,
    is_text: bool,
    count: u64,
    first: Option<Timestamp>,
    last: Timestamp,
}

impl Told {
    fn check(self, over: bool) -> Check {
        let judged = match (over, self.is_text, self.taken) {
            (false, ..) => Judged::Running,
            (true, true, _) => Judged::Unknown,
            (true, false, true) => Judged::Failed,
            (true, false, false) => Judged::Error,
        };
        let often = times(self.count, self.first, self.last);
        Check { name: self.name, judged, detail: format!("{} ({often})", shortened(&self.detail, LONGEST)) }
    }
}

/// Whether an event is about what is analysed now or, of a canary that failed, about why it did.
fn is_current(known: &Known<'_>, news: &News) -> bool {
    let canary = known.object;
    if news.kind != "canary" || news.name != name(canary) {
        return false;
    }
    let uid = text(canary, "/metadata/uid");
    let same = news.uid.is_empty() || uid.is_empty() || news.uid == uid;
    // Flagger writes it when an analysis begins, and when one has failed.
    let turned = condition(canary, "Promoted").and_then(|c| time(c, "/lastTransitionTime"));
    let since = |at: Option<Timestamp>| at.is_none_or(|at| news.last >= at);
    same && since(known.since())
        && match (phase(canary), turned) {
            ("Failed", Some(failed)) => news.last >= failed - BEFORE,
            (_, began) => news.is_new(known.now) && since(began),
        }
}

/// Reads a sentence of Flagger's.
fn said(canary: &Value, message: &str) -> Said {
    let of = format!("{}.{}", name(canary), text(canary, "/metadata/namespace"));
    let halts = message.strip_prefix("Halt ").and_then(|rest| rest.strip_prefix(&of)?.strip_prefix(" advancement "));
    let rolls = message.strip_prefix("Rolling back ").and_then(|rest| rest.strip_prefix(&of)?.strip_prefix(' '));
    let read = match (halts, rolls) {
        (Some(why), _) if why.starts_with("waiting for ") => Some(Said::Nothing),
        (Some(why), _) => measured(canary, why).or_else(|| hooked(canary, why)),
        (_, Some(why)) => Some(check("rolling back", true, why)),
        _ if message.starts_with("Canary failed! Scaling down ") => Some(Said::Nothing),
        _ => unmeasured(canary, message),
    };
    read.unwrap_or_else(|| Said::Text(message.to_owned()))
}

fn check(name: &str, taken: bool, detail: &str) -> Said {
    Said::Check { name: name.to_owned(), taken, detail: detail.to_owned() }
}

/// A metric beyond its threshold: `success rate 94.10% < 99%`.
fn measured(canary: &Value, why: &str) -> Option<Said> {
    let built_in = [("success rate ", "request-success-rate"), ("request duration ", "request-duration")];
    for (words, metric) in built_in {
        if let Some(value) = why.strip_prefix(words).filter(|value| compares(value)) {
            return Some(check(metric, true, value));
        }
    }
    let of = |metric: &str| why.strip_prefix(metric)?.strip_prefix(' ').filter(|value| compares(value));
    let found = declared(canary, "metrics").into_iter().find_map(|metric| Some((metric, of(metric)?)));
    found.map(|(metric, value)| check(metric, true, value))
}

/// Whether it is a value, what it is compared by, and a threshold: `612ms > 500ms`.
fn compares(words: &str) -> bool {
    let number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | 'N'));
    match words.split(' ').collect::<Vec<_>>().as_slice() {
        [value, "<" | ">", threshold] => number(value) && number(threshold),
        _ => false,
    }
}

/// A hook that said no: `external check load-test failed …`.
fn hooked(canary: &Value, why: &str) -> Option<Said> {
    let rest = why.strip_prefix("external check ").or_else(|| why.strip_prefix("pre-rollout check "))?;
    let of = |hook: &str| rest.strip_prefix(hook)?.strip_prefix(" failed");
    let found = declared(canary, "webhooks").into_iter().find_map(|hook| Some((hook, of(hook)?)));
    found.map(|(hook, detail)| check(hook, true, Some(detail.trim()).filter(|d| !d.is_empty()).unwrap_or("failed")))
}

/// A metric of which there is no value: no traffic, or nobody to ask.
fn unmeasured(canary: &Value, message: &str) -> Option<Said> {
    let metrics = declared(canary, "metrics");
    if let Some(rest) = message.strip_prefix("Halt advancement no values found for ") {
        let named = |metric: &&str| {
            let own = ["metric: ", "custom metric: "].iter().any(|words| {
                let rest = rest.strip_prefix(words).and_then(|rest| rest.strip_prefix(metric));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(": "))
            });
            own || rest.contains(&format!(" metric {metric} probably "))
        };
        return metrics.into_iter().find(named).map(|metric| check(metric, false, "no values found"));
    }
    let rest =
        ["Prometheus query failed for ", "Metric query failed for "].iter().find_map(|w| message.strip_prefix(w))?;
    let of = |metric: &str| rest.strip_prefix(metric)?.strip_prefix(": ");
    let found = metrics.into_iter().find_map(|metric| Some((metric, of(metric)?)));
    found.map(|(metric, why)| check(metric, false, &format!("its query failed: {why}")))
}

/// The names of what an analysis declares, the longest first, so that none is taken for another that begins alike.
fn declared<'a>(canary: &'a Value, of: &str) -> Vec<&'a str> {
    let all = ["/spec/analysis", "/spec/canaryAnalysis"].map(|at| format!("{at}/{of}"));
    let all = all.iter().flat_map(|at| list(canary, at)).map(|one| text(one, "/name"));
    let mut all: Vec<&str> = all.filter(|name| !name.is_empty()).collect();
    all.sort_by_key(|name| Reverse(name.len()));
    all
}
