//! Evidence before it goes: the workload, its pods, their logs and those of the containers before,
//! events, sets and analyses. Kept in the operation's output; its digest is journaled.
//!
//! What is in trouble comes first, so that a cap keeps it; what is left out because there is enough
//! of it is named. What could not be had makes it *partly* saved, and is named too.

mod hide;
mod logs;
mod order;

use super::super::record::Record;
use super::super::{Done, Fault};
use super::act::Workload;
use super::answer::line;
use super::ask::encoded;
use super::object::{name, selector, text};
use super::place::{Kind, Place, collection};
use super::seen::belongs;
use crate::domain::report::Receipt;
use futures_util::stream::{self, StreamExt};
use hide::keep;
use logs::{Log, Wanted};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

/// How many events are kept, the newest.
const EVENTS: usize = 200;
/// How many revisions and analyses, the newest.
const OTHERS: usize = 12;
/// How many logs.
const LOGS: usize = 48;
/// How many logs are read at once.
const AT_ONCE: usize = 4;
/// How much of what is not saved or left out its summary names.
const NAMED: usize = 4;
/// What is said of what was not reached in time.
const LATE: &str = "its time was up";

/// A snapshot that is being taken.
struct Taking<'a> {
    workload: &'a Workload,
    canary: Option<&'a Place>,
    until: Instant,
    record: Record,
    saved: u32,
    held: Vec<String>,
    missing: Vec<String>,
    left: Vec<String>,
}

/// Takes it, until `until` at the latest. What cannot be read is noted in it.
///
/// # Errors
/// That nothing can be kept.
pub async fn take(
    workload: &Workload,
    canary: Option<(&Place, &Value)>,
    until: Instant,
    record: Record,
) -> Result<Done, Fault> {
    if let Some(why) = record.lost() {
        let why = format!("nothing is saved: the operation's output cannot be kept: {why}");
        return Err(Fault::Refused { why, output: None });
    }
    let (held, missing, left) = Default::default();
    let of = canary.map(|(place, _)| place);
    let mut taking = Taking { workload, canary: of, until, record, saved: 0, held, missing, left };
    let own = (&workload.place, &workload.object);
    for (place, object) in canary.into_iter().chain([own]) {
        keep(&mut taking.record, &place.words(), object);
        taking.saved += 1;
    }
    let pods = taking.pods().await;
    taking.others().await;
    taking.logs(&pods).await;
    Ok(taking.ended())
}

impl Taking<'_> {
    /// Keeps the pods that tell most, and a line of each.
    async fn pods(&mut self) -> Vec<Value> {
        let Some(pods) = self.list("pods", true).await else { return Vec::new() };
        let all = pods.len();
        let chosen = order::chosen(pods);
        let troubled = if chosen.troubled > 0 { format!(" ({} in trouble)", chosen.troubled) } else { String::new() };
        self.held.push(format!("{all} pods{troubled}"));
        self.left.extend(chosen.left);
        self.record.keep("--- pods, the worst first\n");
        // The worst are also told on the screen.
        for (n, pod) in chosen.lines.iter().enumerate() {
            if n < chosen.troubled.min(NAMED) { self.record.say(pod) } else { self.record.keep(&format!("{pod}\n")) }
        }
        chosen.pods.iter().for_each(|pod| keep(&mut self.record, &format!("pods {}", name(pod)), pod));
        chosen.pods
    }

    /// Keeps what else there is, the newest of it.
    async fn others(&mut self) {
        let kind = self.workload.place.kind;
        let runs = (kind == Kind::Rollout).then_some(("analysisruns", false));
        let all = [Some((kind.revisions(), true)), runs, Some(("events", false))];
        for (resource, selected) in all.into_iter().flatten() {
            let Some(mut all) = self.list(resource, selected).await else { continue };
            let most = if resource == "events" { EVENTS } else { OTHERS };
            all.sort_by_cached_key(when);
            let older = all.len().saturating_sub(most);
            self.held.push(format!("{} {resource}", all.len() - older));
            if older > 0 {
                self.left.push(format!("{older} older {resource}"));
            }
            let newest = all.iter().skip(older);
            newest.for_each(|object| keep(&mut self.record, &format!("{resource} {}", name(object)), object));
        }
    }

    /// Everything of a resource that is about the workload; none where it cannot be read, which is noted.
    async fn list(&mut self, resource: &str, selected: bool) -> Option<Vec<Value>> {
        let Workload { cluster, place, object, .. } = self.workload;
        let query = selector(object).filter(|_| selected);
        let query = query.map(|s| format!("labelSelector={}", encoded(&s))).unwrap_or_default();
        match timeout_at(self.until, cluster.list(&collection(&place.namespace, resource), &query)).await {
            Ok(Ok(all)) => {
                self.saved += 1;
                return Some(all.items.into_iter().filter(|object| self.is_about(resource, object)).collect());
            }
            Ok(Err(error)) => self.lacks(resource, &error.words()),
            Err(_) => self.lacks(resource, LATE),
        }
        None
    }

    fn is_about(&self, resource: &str, object: &Value) -> bool {
        if resource != "events" {
            return belongs(&self.workload.place, resource, object);
        }
        let about = text(object, "/involvedObject/name");
        let of = |place: &Place| {
            about == place.name || about.strip_prefix(&place.name).is_some_and(|rest| rest.starts_with('-'))
        };
        of(&self.workload.place) || self.canary.is_some_and(|canary| canary.name == about)
    }

    /// Keeps the logs of these pods, in their order.
    async fn logs(&mut self, pods: &[Value]) {
        let mut all: Vec<Wanted> = Vec::new();
        for (logs, without) in pods.iter().map(logs::wanted) {
            all.extend(logs);
            without.iter().for_each(|words| self.record.say(words));
        }
        if all.len() > LOGS {
            self.left.push(format!("{} more logs of these pods", all.len() - LOGS));
            all.truncate(LOGS);
        }
        let (workload, until) = (self.workload, self.until);
        let read = |log: Wanted| async move {
            let read = log.read(workload, until).await;
            (log, read)
        };
        let mut logs = stream::iter(all).map(read).buffered(AT_ONCE);
        let (mut before, mut taken, mut previous): (Option<Log>, usize, usize) = (None, 0, 0);
        while let Some((wanted, read)) = logs.next().await {
            let last = before.take();
            match read {
                // Of a container that waits to be started again this is the one before once more.
                Ok(log) if !log.is_empty() && last.as_ref() == Some(&log) => {
                    self.saved += 1;
                    self.record.say(&format!("{}: the same as the previous one", wanted.words()));
                }
                Ok(log) => {
                    (self.saved, taken) = (self.saved + 1, taken + 1);
                    self.record.keep(&wanted.kept(&log));
                    previous += usize::from(wanted.previous);
                    before = wanted.previous.then_some(log);
                }
                Err(why) => self.lacks(&format!("the {}", wanted.words()), &why),
            }
        }
        let before = if previous > 0 { format!(" ({previous} of them from before a restart)") } else { String::new() };
        self.held.push(format!("{taken} logs{before}"));
    }

    /// Notes what is not saved.
    fn lacks(&mut self, what: &str, why: &str) {
        let words = line(&format!("{what}: {why}"));
        self.record.say(&format!("not saved: {words}"));
        self.missing.push(words);
    }

    /// What it comes to.
    fn ended(mut self) -> Done {
        let summary = self.summary();
        self.record.say(&summary);
        let (saved, output) = (self.saved, self.record.finish());
        // What no longer went into the file was not saved, its summary perhaps among it.
        let dropped = output.as_ref().map_or(0, |output| output.dropped);
        let mut of = u32::try_from(self.missing.len()).unwrap_or(u32::MAX).saturating_add(saved);
        let mut receipt = Receipt { summary, output, ..Receipt::default() };
        if dropped > 0 {
            of = of.saturating_add(1);
            receipt.summary.push_str(&format!("; not saved: the last {dropped} bytes, for which there was no room"));
        }
        if of > saved { Done::Partly(saved, of, receipt) } else { Done::Whole(receipt) }
    }

    fn summary(&self) -> String {
        let partly = if self.missing.is_empty() { "" } else { "partly " };
        let mut summary = format!("{partly}saved {} with {}", self.workload.place.words(), self.held.join(", "));
        for (what, all) in [("not saved", &self.missing), ("left out", &self.left)] {
            let more = all.len().saturating_sub(NAMED);
            let named: Vec<&str> = all.iter().take(NAMED).map(String::as_str).collect();
            if !named.is_empty() {
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                summary.push_str(&format!("; {what}: {}{more}", named.join(", ")));
            }
        }
        summary
    }
}

/// When an object last said something, or was made.
fn when(object: &Value) -> String {
    let all = ["/lastTimestamp", "/eventTime", "/series/lastObservedTime", "/metadata/creationTimestamp"];
    all.map(|at| text(object, at)).into_iter().max().unwrap_or_default().to_owned()
}
