//! Which pods tell most: those in trouble before those that are well, each kind of trouble
//! before the same one again, the newest first.
//!
//! Pure.

use super::super::answer::line;
use super::super::object::{condition, count, list, name, text};
use super::super::trouble::reason;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Of how many pods in trouble manifests and logs are kept.
const TROUBLED: usize = 8;
/// Of how many that are well, to compare with.
const WELL: usize = 2;
/// Of how many pods there is a line.
const LISTED: usize = 1000;

/// How it is with a pod, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Failing,
    NotReady,
    Restarted,
    Well,
}

/// The pods whose manifests and logs are kept, and what is said of all.
pub struct Chosen {
    /// Those in trouble, the worst first.
    pub pods: Vec<Value>,
    /// Those that are well, to compare with.
    pub well: Vec<Value>,
    /// How many of all are in trouble.
    pub troubled: usize,
    /// Which were left out, in words.
    pub left: Option<String>,
    /// A line for each pod, also of those that were left out.
    pub lines: Vec<String>,
}

/// Puts pods in order and takes the first.
pub fn chosen(mut pods: Vec<Value>) -> Chosen {
    pods.sort_by_cached_key(|pod| {
        (rank(pod), Reverse(text(pod, "/metadata/creationTimestamp").to_owned()), name(pod).to_owned())
    });
    // A hundred pods that fail alike must not keep out the one that fails otherwise.
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    let mut nth = |pod: &Value| {
        let n = alike.entry(kind(pod)).or_default();
        *n += 1;
        *n
    };
    let mut all: Vec<(Rank, usize, Value)> = pods.into_iter().map(|pod| (rank(&pod), nth(&pod), pod)).collect();
    all.sort_by_key(|(rank, nth, _)| (*rank, *nth));
    let mut lines: Vec<String> = all.iter().take(LISTED).map(|(.., pod)| told(pod)).collect();
    if all.len() > LISTED {
        lines.push(format!("and {} more, as well as the last of these or better", all.len() - LISTED));
    }
    let (well, troubled): (Vec<_>, Vec<_>) = all.into_iter().partition(|(rank, ..)| *rank == Rank::Well);
    let (more, others) = (troubled.len().saturating_sub(TROUBLED), well.len().saturating_sub(WELL));
    let left = match (more, others) {
        (0, 0) => None,
        (0, n) => Some(format!("manifests and logs of {n} pods that are well")),
        (n, 0) => Some(format!("manifests and logs of {n} pods in trouble")),
        (n, others) => Some(format!("manifests and logs of {n} pods in trouble and {others} that are well")),
    };
    let count = troubled.len();
    let pods = troubled.into_iter().take(TROUBLED).map(|(.., pod)| pod).collect();
    let well = well.into_iter().take(WELL).map(|(.., pod)| pod).collect();
    Chosen { pods, well, troubled: count, left, lines }
}

fn rank(pod: &Value) -> Rank {
    match (ready(pod), reason(pod).is_some(), restarts(pod) > 0) {
        (false, true, _) => Rank::Failing,
        (false, false, _) => Rank::NotReady,
        (true, _, true) => Rank::Restarted,
        (true, _, false) => Rank::Well,
    }
}

fn ready(pod: &Value) -> bool {
    condition(pod, "Ready").is_some_and(|c| text(c, "/status") == "True")
}

fn restarts(pod: &Value) -> u64 {
    statuses(pod).map(|status| count(status, "/restartCount")).sum()
}

/// What its containers say, those that run first included.
pub fn statuses(pod: &Value) -> impl Iterator<Item = &Value> {
    list(pod, "/status/initContainerStatuses").iter().chain(list(pod, "/status/containerStatuses"))
}

/// The word of its trouble, by which others have the same.
fn kind(pod: &Value) -> String {
    let reason = reason(pod).unwrap_or_default();
    reason.split([':', '(']).next().unwrap_or_default().trim().to_owned()
}

/// A pod in one line.
fn told(pod: &Value) -> String {
    let is = match rank(pod) {
        Rank::Failing => reason(pod).unwrap_or_default(),
        Rank::NotReady => "not ready".to_owned(),
        Rank::Restarted => format!("ready, restarted {} times", restarts(pod)),
        Rank::Well => "ready".to_owned(),
    };
    let going = if text(pod, "/metadata/deletionTimestamp").is_empty() { "" } else { ", on its way out" };
    let (name, node) = (line(name(pod)), line(text(pod, "/spec/nodeName")));
    let node = if node.is_empty() { String::new() } else { format!(" on {node}") };
    format!("{name}{node}: {is}{going}")
}
