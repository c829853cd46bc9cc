//! Evidence before it goes: the workload, its pods, their logs and those of the containers before,
//! events, sets and analyses. Kept in the operation's output; its digest is journaled.
//!
//! What is in trouble comes first, so that a cap keeps it; what is left out because there is enough
//! of it is named. What could not be had makes it *partly* saved, and is named too.

mod about;
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
use about::About;
use futures_util::stream::{self, StreamExt};
use hide::keep;
use logs::{Log, Reading, Wanted};
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
    until: Instant,
    record: Record,
    saved: u32,
    cut: u32,
    held: Vec<String>,
    missing: Vec<String>,
    left: Vec<String>,
    about: About,
    logs: Logs,
}

/// What became of the logs.
#[derive(Default)]
struct Logs {
    asked: usize,
    taken: usize,
    previous: usize,
}

/// Takes it, until `until` at the latest. What cannot be read is noted in it.
///
/// # Errors
/// That nothing can be kept.
pub async fn take(
    workload: &Workload,
    canary: Option<&(Place, Value)>,
    until: Instant,
    record: Record,
) -> Result<Done, Fault> {
    if let Some(why) = record.lost() {
        let why = format!("nothing is saved: the operation's output cannot be kept: {why}");
        return Err(Fault::Refused { why, output: None });
    }
    let (held, missing, left, logs) = Default::default();
    let of = canary.map(|(place, _)| place);
    let about = About::new(&workload.place, of);
    let mut taking = Taking { workload, until, record, saved: 0, cut: 0, held, missing, left, about, logs };
    let own = (&workload.place, &workload.object);
    let canary = canary.map(|(place, object)| (place, object));
    for (place, object) in canary.into_iter().chain([own]) {
        taking.keeps(&format!("{} {}/", place.kind.word(), place.namespace), &[object]);
    }
    let (troubled, well) = taking.pods().await;
    let reading = Reading::new(workload, until);
    // What says why it fails comes before what there is much of.
    taking.logs(&troubled, &reading).await;
    taking.others().await;
    taking.logs(&well, &reading).await;
    taking.ended()
}

impl Taking<'_> {
    /// Keeps the pods that tell most, and a line of each; gives those in trouble and those that are well.
    async fn pods(&mut self) -> (Vec<Value>, Vec<Value>) {
        let Some(pods) = self.list("pods", true).await else { return Default::default() };
        let all = pods.len();
        self.about.add(&pods);
        let chosen = order::chosen(pods);
        let troubled = if chosen.troubled > 0 { format!(" ({} in trouble)", chosen.troubled) } else { String::new() };
        self.held.push(format!("{all} pods{troubled}"));
        self.left.extend(chosen.left);
        self.record.keep("--- pods, the worst first\n");
        // The worst are also told on the screen.
        for (n, pod) in chosen.lines.iter().enumerate() {
            if n < chosen.troubled.min(NAMED) {
                self.record.say(pod);
            } else {
                self.record.keep(&format!("{pod}\n"));
            }
        }
        let kept: Vec<&Value> = chosen.pods.iter().chain(&chosen.well).collect();
        self.keeps("pods ", &kept);
        (chosen.pods, chosen.well)
    }

    /// Keeps what else there is, the newest of it.
    async fn others(&mut self) {
        let kind = self.workload.place.kind;
        let runs = (kind == Kind::Rollout).then_some(("analysisruns", false));
        let all = [Some((kind.revisions(), true)), runs, Some(("events", false))];
        for (resource, selected) in all.into_iter().flatten() {
            let Some(mut all) = self.list(resource, selected).await else { continue };
            if resource == kind.revisions() {
                self.about.add(&all);
                self.about.sets(&all);
            }
            let most = if resource == "events" { EVENTS } else { OTHERS };
            all.sort_by_cached_key(when);
            let older = all.len().saturating_sub(most);
            self.held.push(format!("{} {resource}", all.len() - older));
            if older > 0 {
                self.left.push(format!("{older} older {resource}"));
            }
            let newest: Vec<&Value> = all.iter().skip(older).collect();
            self.keeps(&format!("{resource} "), &newest);
        }
    }

    /// Keeps the manifests of one part, named after what stands before their names, and counts it when all of it is kept.
    fn keeps(&mut self, what: &str, all: &[&Value]) {
        let mut whole = true;
        for object in all {
            let what = format!("{what}{}", name(object));
            let (kept, left) = keep(&mut self.record, &what, object);
            whole &= kept;
            if left > 0 {
                self.left.push(line(&format!("{left} bytes of {what}")));
            }
        }
        self.counts(whole);
    }

    /// Counts a part that is kept whole, or was cut off by the cap or a full disk.
    fn counts(&mut self, whole: bool) {
        let count = if whole { &mut self.saved } else { &mut self.cut };
        *count = count.saturating_add(1);
    }

    /// Everything of a resource that is about the workload; none where it cannot be read, which is noted.
    async fn list(&mut self, resource: &str, selected: bool) -> Option<Vec<Value>> {
        let Workload { cluster, place, object, .. } = self.workload;
        let query = selector(object).filter(|_| selected);
        let query = query.map(|s| format!("labelSelector={}", encoded(&s))).unwrap_or_default();
        match timeout_at(self.until, cluster.list(&collection(&place.namespace, resource), &query)).await {
            Ok(Ok(all)) => {
                let is_about = |object: &Value| match resource {
                    "events" => self.about.tells(object),
                    _ => belongs(place, resource, object),
                };
                return Some(all.items.into_iter().filter(is_about).collect());
            }
            Ok(Err(error)) => self.lacks(resource, &error.words()),
            Err(_) => self.lacks(resource, LATE),
        }
        None
    }

    /// Keeps the logs of these pods, in their order.
    async fn logs(&mut self, pods: &[Value], reading: &Reading<'_>) {
        let mut all: Vec<Wanted> = Vec::new();
        for (logs, without) in pods.iter().map(logs::wanted) {
            all.extend(logs);
            without.iter().for_each(|words| self.record.say(words));
        }
        let room = LOGS.saturating_sub(self.logs.asked);
        if all.len() > room {
            self.left.push(format!("{} more logs of these pods", all.len() - room));
            all.truncate(room);
        }
        self.logs.asked += all.len();
        let read = |(n, log): (usize, Wanted)| async move {
            let read = log.read(reading).await;
            (n, log, read)
        };
        // One that does not come holds up none of the others.
        let mut logs: Vec<_> =
            stream::iter(all.into_iter().enumerate()).map(read).buffer_unordered(AT_ONCE).collect().await;
        logs.sort_by_key(|(n, ..)| *n);
        let mut before: Option<Log> = None;
        for (_, wanted, read) in logs {
            let last = before.take();
            match read {
                // Of a container that waits to be started again this is the one before once more.
                Ok(log) if !log.is_empty() && last.as_ref() == Some(&log) => {
                    self.counts(true);
                    self.record.say(&format!("{}: the same as the previous one", wanted.words()));
                }
                Ok(log) => {
                    let whole = self.record.keep(&wanted.kept(&log));
                    self.counts(whole);
                    self.logs.taken += 1;
                    self.logs.previous += usize::from(wanted.previous);
                    before = wanted.previous.then_some(log);
                }
                Err(why) => self.lacks(&format!("the {}", wanted.words()), &why),
            }
        }
    }

    /// Notes what is not saved.
    fn lacks(&mut self, what: &str, why: &str) {
        let words = line(&format!("{what}: {why}"));
        self.record.say(&format!("not saved: {words}"));
        self.missing.push(words);
    }

    /// What it comes to.
    fn ended(mut self) -> Result<Done, Fault> {
        let Logs { taken, previous, .. } = self.logs;
        let before = if previous > 0 { format!(" ({previous} of them from before a restart)") } else { String::new() };
        self.held.push(format!("{taken} logs{before}"));
        let summary = self.summary();
        self.record.say(&summary);
        let missing = u32::try_from(self.missing.len()).unwrap_or(u32::MAX);
        self.record.saved(summary, self.saved, missing.saturating_add(self.cut).saturating_add(self.saved))
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
