//! What a pod says of its own trouble, and when that is worth telling.
//!
//! Pure; times are the cluster's. Of a pod that is well nothing is kept. A pod that is being created is in no
//! trouble at first, and a restart of one that is well again is news only for a while.

use super::answer::line;
use super::object::{condition, count, list, text, time};
use crate::domain::Timestamp;
use chrono::TimeDelta;
use serde_json::Value;

/// How long a pod may be created before that is trouble.
const CREATING: TimeDelta = TimeDelta::minutes(1);
/// How long a container that runs first may take before it is named, and one that runs before it is ready.
const FIRST: TimeDelta = TimeDelta::minutes(10);
/// For how long a restart is told.
const RESTARTED: TimeDelta = TimeDelta::minutes(10);
/// How much later than a container's end it may be said why it ended.
const AFTER: TimeDelta = TimeDelta::seconds(5);
/// What a container waits for when all is well.
const USUAL: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// What is said of a pod that has started and was never ready since.
const NOT_YET: &str = "runs and is not ready yet: its readiness probe has not passed since it started";

/// What is wrong with a pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Ill {
    what: Box<str>,
    when: When,
    /// What was said of the pod before this is about something else.
    since: Option<Timestamp>,
    uid: Box<str>,
}

/// When it is told.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    /// As long as the pod says so.
    Now,
    /// Once it has lasted so long.
    From(Timestamp, TimeDelta),
    /// For a while after it happened.
    After(Timestamp),
}

impl Ill {
    /// Why a pod is not well, if it is not; one that is on its way out is not asked.
    pub fn of(pod: &Value) -> Option<Self> {
        if !text(pod, "/metadata/deletionTimestamp").is_empty() {
            return None;
        }
        let (what, when, since) = said(pod)?;
        Some(Self { what: line(&what).into(), when, since, uid: text(pod, "/metadata/uid").into() })
    }

    /// It in words, made harmless.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Whether it is told at a time; where none is known, only what needs none.
    pub fn is_told(&self, now: Option<Timestamp>) -> bool {
        match (self.when, now) {
            (When::Now, _) => true,
            (When::From(began, long), Some(now)) => now - began >= long,
            (When::After(at), Some(now)) => now - at < RESTARTED,
            (_, None) => false,
        }
    }

    /// Whether what is told of it may be something else later by itself.
    pub fn is_timed(&self, now: Timestamp) -> bool {
        match self.when {
            When::Now => self.is_new(now),
            When::From(..) => true,
            When::After(_) => self.is_told(Some(now)),
        }
    }

    /// When it began, where it counts how long it lasts.
    pub fn began(&self) -> Option<Timestamp> {
        match self.when {
            When::From(began, _) => Some(began),
            When::Now | When::After(_) => None,
        }
    }

    /// Whether it has started, was never ready since, and may take that long.
    fn is_new(&self, now: Timestamp) -> bool {
        *self.what == *NOT_YET && self.since.is_none_or(|since| now - since < FIRST)
    }

    /// Whether nothing is known to be wrong with the pod at a time: it starts, or is well again.
    pub fn begins(&self, now: Timestamp) -> bool {
        match self.when {
            When::Now => self.is_new(now),
            When::From(..) => !self.is_told(Some(now)),
            When::After(_) => true,
        }
    }

    /// Whether what is said then of a pod with this uid is about this.
    pub fn is_about(&self, uid: &str, at: Timestamp) -> bool {
        let same = uid.is_empty() || self.uid.is_empty() || *uid == *self.uid;
        let over = matches!(self.when, When::After(end) if at > end + AFTER);
        same && !over && self.since.is_none_or(|since| at >= since)
    }
}

type Said = (String, When, Option<Timestamp>);

fn said(pod: &Value) -> Option<Said> {
    let ready = condition(pod, "Ready");
    if ready.is_some_and(|c| text(c, "/status") == "True") {
        return restarted(pod);
    }
    if let Some(c) = condition(pod, "PodScheduled").filter(|c| text(c, "/status") == "False") {
        return Some((raw(text(c, "/reason"), text(c, "/message")), When::Now, None));
    }
    if let Some((status, why)) = containers(pod).find_map(|status| Some((status, container(status)?))) {
        return Some((why, When::Now, began(status)));
    }
    match text(pod, "/status/phase") {
        "Failed" => Some((raw(text(pod, "/status/reason"), text(pod, "/status/message")), When::Now, None)),
        "Running" => unready(pod, ready),
        "Pending" => creating(pod),
        _ => None,
    }
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    list(pod, "/status/initContainerStatuses").iter().chain(list(pod, "/status/containerStatuses"))
}

/// When what a container does now began: with the run before, where that has ended.
fn began(status: &Value) -> Option<Timestamp> {
    time(status, "/lastState/terminated/startedAt").or_else(|| time(status, "/state/running/startedAt"))
}

/// What is wrong with a container that does not run.
fn container(status: &Value) -> Option<String> {
    let name = text(status, "/name");
    let waiting = text(status, "/state/waiting/reason");
    if !waiting.is_empty() && !USUAL.contains(&waiting) {
        let why = raw(waiting, text(status, "/state/waiting/message"));
        return Some(format!("{why} (container {name}{})", before(status)));
    }
    let ended = ended(status, "/state/terminated");
    if !ended.is_empty() && text(status, "/state/terminated/reason") != "Completed" {
        let why = raw(&ended, text(status, "/state/terminated/message"));
        return Some(format!("{why} (container {name}{})", restarts(status)));
    }
    None
}

/// A pod that runs and is not ready.
fn unready(pod: &Value, ready: Option<&Value>) -> Option<Said> {
    if let Some(status) = containers(pod).find(|status| status.get("ready") == Some(&Value::Bool(false))) {
        let what = "runs and is not ready: its readiness probe fails, or has not passed yet";
        let before = before(status);
        let what = match before.is_empty() {
            true if is_new(pod, ready) => NOT_YET.to_owned(),
            true => what.to_owned(),
            false => format!("{what} (container {}{before})", text(status, "/name")),
        };
        return Some((what, When::Now, began(status)));
    }
    // A gate of its own, or its node.
    let c = ready.filter(|_| !list(pod, "/status/containerStatuses").is_empty())?;
    let what = match text(c, "/reason") {
        "" => "is not ready, though its containers are".to_owned(),
        reason => raw(reason, text(c, "/message")),
    };
    Some((what, When::Now, time(c, "/lastTransitionTime")))
}

/// Whether what is not ready of a pod was never restarted, and has not been ready since it started.
fn is_new(pod: &Value, ready: Option<&Value>) -> bool {
    let Some(turned) = ready.and_then(|c| time(c, "/lastTransitionTime")) else { return false };
    let started = |status: &Value| time(status, "/state/running/startedAt").is_some_and(|started| turned <= started);
    let mut unready = containers(pod).filter(|status| status.get("ready") == Some(&Value::Bool(false)));
    unready.all(|status| count(status, "/restartCount") == 0 && started(status))
}

/// A pod that has a node, and nothing of it runs yet.
fn creating(pod: &Value) -> Option<Said> {
    let first = list(pod, "/status/initContainerStatuses").iter().find(|s| s.pointer("/state/running").is_some());
    if let Some(status) = first {
        let since = time(status, "/state/running/startedAt")?;
        let what = format!("init container {} still runs", text(status, "/name"));
        return Some((what, When::From(since, FIRST), Some(since)));
    }
    let turned = |kind| condition(pod, kind).and_then(|c| time(c, "/lastTransitionTime"));
    let since = turned("PodScheduled").max(turned("Ready")).or_else(|| time(pod, "/status/startTime"));
    let since = since.or_else(|| time(pod, "/metadata/creationTimestamp"))?;
    Some(("still creating".to_owned(), When::From(since, CREATING), Some(since)))
}

/// A pod that is ready, and has lately been restarted.
fn restarted(pod: &Value) -> Option<Said> {
    let again = containers(pod).filter(|s| count(s, "/restartCount") > 0 && s.pointer("/state/terminated").is_none());
    let dated = again.filter_map(|status| Some((time(status, "/lastState/terminated/finishedAt")?, status)));
    let (at, status) = dated.max_by_key(|(at, _)| *at)?;
    let what = format!("container {} {}", text(status, "/name"), before(status).trim_start_matches(", "));
    Some((what, When::After(at), time(status, "/lastState/terminated/startedAt")))
}

/// How often a container was restarted, and how it ended before: `, restarted 4 times, last ended as OOMKilled 137`.
fn before(status: &Value) -> String {
    match ended(status, "/lastState/terminated") {
        last if last.is_empty() => restarts(status),
        last => format!("{}, last ended as {last}", restarts(status)),
    }
}

fn restarts(status: &Value) -> String {
    match count(status, "/restartCount") {
        0 => String::new(),
        1 => ", restarted once".to_owned(),
        n => format!(", restarted {n} times"),
    }
}

/// How a container ended, with its exit code: `OOMKilled 137`; empty where it has not.
fn ended(status: &Value, at: &str) -> String {
    let code = status.pointer(&format!("{at}/exitCode")).and_then(Value::as_i64);
    let code = code.map(|code| code.to_string());
    let reason = Some(text(status, &format!("{at}/reason")).to_owned()).filter(|reason| !reason.is_empty());
    reason.into_iter().chain(code).collect::<Vec<_>>().join(" ")
}

/// A reason and what is said of it, not yet harmless.
pub fn raw(reason: &str, message: &str) -> String {
    match (reason, message) {
        ("", message) => message.to_owned(),
        (reason, "") => reason.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    }
}
