//! Why something does not run: what pods, sets, conditions and Warning events say of it.
//!
//! Pure. An event never makes trouble of what is well: it explains what a pod, a set that lacks pods or the workload
//! says itself, as long as it is about that and new. Unknown words of a newer server are shown as they are.

use super::answer::line;
use super::ill::{Ill, raw};
use super::news::{News, by_reason};
use super::object::{condition, count, name, text, wanted};
use super::place::Kind;
use super::row::Known;
use crate::domain::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The most reasons that are told.
const MOST: usize = 8;
/// How many events explain what some pods say alike.
const EXPLAIN: usize = 2;
/// By how much of its beginning a text is known again.
const ALIKE: usize = 60;

/// Why a workload is not well, as far as it can be told without a clock, the commonest first; empty when nothing says
/// so. `sets` are its replica sets, `pods` its pods.
pub fn trouble<'a>(
    object: &Value,
    sets: impl Iterator<Item = &'a Value>,
    pods: impl Iterator<Item = &'a Value>,
) -> Vec<String> {
    let ill: Vec<Ill> = pods.filter_map(Ill::of).collect();
    let mut all = failures(object, sets);
    all.extend(groups(ill.iter().map(|ill| ("", ill)), None).iter().map(|group| group.line(None, &[])));
    all.extend(overdue(object));
    once(all)
}

/// Why a pod is not well, if it is not, as far as that can be told without a clock.
pub fn reason(of: &Value) -> Option<String> {
    Ill::of(of).filter(|ill| ill.is_told(None)).map(|ill| ill.what().to_owned())
}

/// Why a workload is not well, with what events say of that.
pub fn told(known: &Known<'_>) -> Vec<String> {
    let mut all = failures(known.object, known.kept.iter().copied());
    let groups = groups(known.pods.iter().copied(), Some(known.now));
    all.extend(groups.iter().map(|group| group.line(Some(known.now), &known.news)));
    // That it does not go on comes last: a row that has room for one line has it for what keeps it.
    let (causes, late) = (all.len(), overdue(known.object));
    all.extend(late);
    let made = made(known, &all);
    all.splice(causes..causes, made);
    once(all)
}

/// Whether fewer pods exist than are wanted.
pub fn lacks(object: &Value) -> bool {
    match object.pointer("/status/desiredNumberScheduled") {
        Some(_) => count(object, "/status/currentNumberScheduled") < count(object, "/status/desiredNumberScheduled"),
        None => object.pointer("/status/replicas").is_some() && count(object, "/status/replicas") < wanted(object),
    }
}

fn once(mut all: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    all.retain(|reason| seen.insert(reason.clone()));
    all.truncate(MOST);
    all
}

/// That its rollout does not go on, as its controller says it.
fn overdue(object: &Value) -> Option<String> {
    let c = condition(object, "Progressing").filter(|c| text(c, "/status") == "False")?;
    Some(said(c, text(c, "/reason")))
}

fn said(condition: &Value, word: &str) -> String {
    line(&raw(word, text(condition, "/message")))
}

/// Why pods are not made, as its conditions and those of its sets say.
fn failures<'a>(object: &Value, sets: impl Iterator<Item = &'a Value>) -> Vec<String> {
    let mut all = Vec::new();
    let mut fails = |of: &Value| {
        if let Some(c) = condition(of, "ReplicaFailure").filter(|c| text(c, "/status") == "True") {
            let quota = text(c, "/message").contains("exceeded quota");
            all.push(said(c, if quota { "quota" } else { text(c, "/reason") }));
        }
    };
    fails(object);
    sets.for_each(fails);
    all
}

/// Pods that say the same.
struct Group<'a> {
    what: &'a str,
    /// When the first of them began, where it counts how long that is.
    began: Option<Timestamp>,
    pods: Vec<(&'a str, &'a Ill)>,
}

/// Those that are told of, the commonest first.
fn groups<'a>(pods: impl Iterator<Item = (&'a str, &'a Ill)>, now: Option<Timestamp>) -> Vec<Group<'a>> {
    let mut by: BTreeMap<&str, Group<'a>> = BTreeMap::new();
    for (name, ill) in pods.filter(|(_, ill)| ill.is_told(now)) {
        let empty = || Group { what: ill.what(), began: ill.began(), pods: Vec::new() };
        let group = by.entry(ill.what()).or_insert_with(empty);
        group.began = [group.began, ill.began()].into_iter().flatten().min();
        group.pods.push((name, ill));
    }
    let mut all: Vec<Group<'_>> = by.into_values().collect();
    all.sort_by(|a, b| b.pods.len().cmp(&a.pods.len()).then_with(|| a.what.cmp(b.what)));
    all
}

impl Group<'_> {
    /// It in a line: `2 pods: still creating after 3m: FailedMount: …`.
    fn line(&self, now: Option<Timestamp>, news: &[&News]) -> String {
        let of = match self.pods.len() {
            1 => String::new(),
            n => format!("{n} pods: "),
        };
        let lasts = self.began.zip(now).map(|(began, now)| format!(" after {}", lasting(began, now)));
        let own = format!("{of}{}{}", self.what, lasts.unwrap_or_default());
        let said = now.map(|now| self.explained(now, news)).unwrap_or_default();
        let then = if self.began.is_some() { ": " } else { "; " };
        if said.is_empty() { own } else { format!("{own}{then}{}", said.join("; ")) }
    }

    /// What events say of what these pods say.
    fn explained(&self, now: Timestamp, news: &[&News]) -> Vec<String> {
        let about = |news: &News| {
            let mut pods = self.pods.iter().filter(|(name, _)| *name == news.name);
            news.kind == "pod" && pods.any(|(_, ill)| ill.is_about(&news.uid, news.last))
        };
        let adds = |news: &News| !news.is_echo() && !says(self.what, news);
        let all = by_reason(news.iter().copied().filter(|news| news.is_new(now) && about(news) && adds(news)));
        all.into_iter().take(EXPLAIN).map(News::words).collect()
    }
}

/// What events say of the workload itself, and of sets that cannot make their pods. `told` is what is known anyway.
fn made(known: &Known<'_>, told: &[String]) -> Vec<String> {
    let Known { place, object, kept, news, .. } = known;
    let unwell = !told.is_empty() || lacks(object);
    let since = known.since();
    let about = |news: &News| match news.kind.as_str() {
        "replicaset" => kept.iter().any(|set| name(set) == news.name && lacks(set)),
        kind if kind == place.kind.word() && place.kind != Kind::Canary => {
            unwell && news.name == place.name && since.is_none_or(|since| news.last >= since)
        }
        _ => false,
    };
    let adds = |news: &News| !told.iter().any(|told| says(told, news));
    let all = news.iter().copied().filter(|news| news.is_new(known.now) && about(news) && adds(news));
    by_reason(all).into_iter().map(News::words).collect()
}

/// Whether a text says what an event does.
fn says(told: &str, news: &News) -> bool {
    let begin: String = news.message.chars().take(ALIKE).collect();
    !begin.is_empty() && told.contains(&begin)
}

/// How long something lasts, in steps that grow with it: `3m`, `15m`, `2h`.
fn lasting(began: Timestamp, now: Timestamp) -> String {
    const STEPS: [i64; 9] = [45, 30, 20, 15, 10, 5, 3, 2, 1];
    match (now - began).num_minutes() {
        minutes @ 60.. => format!("{}h", minutes / 60),
        minutes => format!("{}m", STEPS.into_iter().find(|step| *step <= minutes).unwrap_or(0)),
    }
}
