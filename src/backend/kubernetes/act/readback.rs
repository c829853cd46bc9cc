//! Reading back until the effect is seen: what was accepted is not yet done.
//!
//! What is seen to be what was sent, and has failed or is not there in time, is done in part; what
//! is not seen at all is unknown. Both with the reason that the pods give. A look on makes way for
//! what leads back wherever the object shows that it was taken; where it does not, it goes on, because
//! what is in doubt would hold up the way back too.

use super::super::super::record::Record;
use super::super::super::{Done, Fault, pace};
use super::super::answer::Unanswered;
use super::super::ask::encoded;
use super::super::history::bare;
use super::super::mend::missing;
use super::super::object::{condition, selector, text, wanted};
use super::super::place::{Kind, Place, collection};
use super::super::plan::Goal;
use super::super::restart;
use super::super::rollouts;
use super::super::row::replicas;
use super::super::seen::belongs;
use super::super::status::{self, Progress, held, observed, status};
use super::super::trouble::trouble;
use super::super::undo::is_paused;
use super::gather::Workload;
use super::lost;
use crate::domain::report::Receipt;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(400);

/// How long a failure that was there before is taken for one that is left over.
const LEFT_OVER: Duration = Duration::from_secs(30);
/// What a deployment's controller says when nothing moves any more.
const OVERDUE: &str = "ProgressDeadlineExceeded";

/// What one look showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// The effect is there; in words.
    Seen(String),
    /// It is there on so many of so many, and will not come to the others by itself.
    Partly(u32, u32, String),
    /// What was sent is what it wants now, on so many of so many, and more are on their way.
    Going(u32, u32, String),
    /// The same, and it has failed: it comes to the others no more.
    Failed(u32, u32, String),
    /// Not yet; what it waits for.
    Not(String),
    /// It will not come any more.
    Over(String),
}

/// Waits until the effect is seen, on all or, as they are held, on some; or until it has certainly
/// failed, its time is over, or it has to make way. Everything else is unknown, with the reason.
/// `ours` says whether an object bears the mark of what was sent.
pub async fn until_seen(
    workload: &Workload,
    goal: &Goal,
    ours: impl Fn(&Value) -> bool,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let began = Instant::now();
    let mut last;
    loop {
        let mut pause = PAUSE;
        let left = until.saturating_duration_since(Instant::now());
        let read = tokio::time::timeout(left.max(Duration::from_secs(1)), workload.again()).await;
        match read {
            Ok(Ok(object)) => match fresh(look(workload, goal, &object).await, workload, &object, began) {
                Look::Seen(words) => {
                    record.say(&words);
                    return Ok(Done::Whole(Receipt { summary: words, ..Receipt::default() }));
                }
                Look::Partly(done, of, words) => {
                    record.say(&words);
                    return Ok(Done::Partly(done, of, Receipt { summary: words, ..Receipt::default() }));
                }
                Look::Failed(done, of, words) => {
                    let why = reasons(workload, &object).await;
                    return Ok(part(done, of, format!("{words}{why}")));
                }
                Look::Going(done, of, words) => {
                    record.say(&words);
                    let late = Instant::now() >= until;
                    if late || record.makes_way() {
                        let why = reasons(workload, &object).await;
                        let how = if late { "has not happened in time" } else { "is left for what leads back" };
                        return Ok(part(done, of, format!("it was accepted, and {how}: {words}{why}")));
                    }
                    last = words;
                }
                Look::Over(why) => return Err(lost(format!("{why}{}", reasons(workload, &object).await))),
                Look::Not(words) => {
                    record.say(&words);
                    last = words;
                    if Instant::now() >= until {
                        let why = reasons(workload, &object).await;
                        return Err(lost(format!("accepted, and not seen to happen in time: {last}{why}")));
                    }
                    if record.makes_way() && ours(&object) {
                        let why = reasons(workload, &object).await;
                        return Ok(part(
                            0,
                            1,
                            format!("it was accepted, and is left for what leads back: {last}{why}"),
                        ));
                    }
                }
            },
            Ok(Err(error)) => {
                pause = PAUSE.max(error.patience());
                last = format!("reading back: {}", error.words());
                record.say(&last);
            }
            Err(_) => last = "reading back took too long".to_owned(),
        }
        if Instant::now() >= until {
            return Err(lost(format!("accepted, and not seen to happen in time: {last}")));
        }
        let left = until.saturating_duration_since(Instant::now());
        record.pause(pause.min(left) + pace::jitter(PAUSE / 4)).await;
    }
}

fn part(done: u32, of: u32, summary: String) -> Done {
    Done::Partly(done, of, Receipt { summary, ..Receipt::default() })
}

/// A look, unless it fails for a reason that stood there before anything was sent: its controller
/// takes that back only once something has moved, and has some time for it.
fn fresh(look: Look, workload: &Workload, object: &Value, began: Instant) -> Look {
    let late = |object| condition(object, "Progressing").filter(|c| text(c, "/reason") == OVERDUE);
    let left = workload.place.kind == Kind::Deployment && late(object).is_some();
    match look {
        Look::Failed(done, of, why)
            if left && late(object) == late(&workload.object) && began.elapsed() < LEFT_OVER =>
        {
            Look::Going(done, of, format!("{why}, as it had before"))
        }
        look => look,
    }
}

/// What an object shows of a goal; where that rests on its pods, they are read too.
pub async fn look(workload: &Workload, goal: &Goal, object: &Value) -> Look {
    let pods = match goal {
        Goal::Evicted(_) => pods(workload, object).await,
        _ => Ok(Vec::new()),
    };
    match pods {
        Ok(pods) => shown(workload, goal, object, &mine(workload, &pods)),
        Err(error) => Look::Not(format!("reading its pods: {}", error.words())),
    }
}

fn shown(workload: &Workload, goal: &Goal, object: &Value, pods: &[&Value]) -> Look {
    let place = &workload.place;
    match goal {
        Goal::Restarted(goal) => restart::look(goal, place, object, &workload.at),
        Goal::Evicted(goal) => rollouts::restart::look(goal, place, object, pods),
        Goal::Paused(wanted) => {
            let is = object.pointer("/spec/paused") == Some(&Value::Bool(true));
            let word = if *wanted { "paused" } else { "resumed" };
            match is == *wanted && observed(object) {
                true => Look::Seen(format!("{} is {word}", place.words())),
                false => Look::Not(format!("{} is not {word} yet", place.words())),
            }
        }
        Goal::Replicas(n) => {
            let (ready, _) = replicas(place.kind, object);
            // While a rollout is on its way both of its versions count.
            let all = if place.kind == Kind::Rollout { ready >= *n } else { ready == *n };
            match wanted(object) == *n && observed(object) && all {
                true => Look::Seen(format!("{} has {n} replicas, all ready", place.words())),
                false => Look::Not(format!("{} has {ready} ready of {n} wanted", place.words())),
            }
        }
        Goal::Fields(fields) => mended(fields, place, object),
        Goal::Staged(goal) => rollouts::goal::look(goal, place, object),
        Goal::Rollout { wants, version, stop } => {
            let is = object.pointer("/spec/template").map(bare).unwrap_or_default();
            if !wants.are(&is, &workload.at) {
                let now = super::super::answer::line(&workload.at.version(&is));
                return Look::Not(format!("{} wants {now}, not the {version} that was sent", place.words()));
            }
            match status(place.kind, object) {
                Progress::Done(_) => match held(place.kind, object) {
                    None => Look::Seen(format!("{} runs {version}", place.words())),
                    Some((done, of)) => {
                        let words =
                            format!("{} runs {version} on {done} of {of}, as its partition has it", place.words());
                        Look::Partly(number(done), number(of), words)
                    }
                },
                Progress::Going(_) if place.kind == Kind::Rollout => stopped(place, object, version, *stop),
                Progress::Going(words) => {
                    let (done, of) = reached(place.kind, object);
                    Look::Going(done, of, super::super::answer::line(&words))
                }
                Progress::Failed(words) => {
                    let (done, of) = reached(place.kind, object);
                    Look::Failed(
                        done,
                        of,
                        format!("it was accepted, and failed: {}", super::super::answer::line(&words)),
                    )
                }
            }
        }
    }
}

/// What an object shows of fields that were written; what stands in its spec has to be followed too.
fn mended(fields: &[(String, Option<Value>)], place: &Place, object: &Value) -> Look {
    let (lacks, named) = (missing(fields, object), place.words());
    if !lacks.is_empty() {
        return Look::Not(format!("{named} still differs: {}", lacks.join(", ")));
    }
    let words = format!("{named} is as it was last applied");
    // Nobody rolls it out.
    if !status::rolls(place.kind, object) || is_paused(object) {
        return if observed(object) { Look::Seen(words) } else { Look::Not(format!("{named} is not followed yet")) };
    }
    // Where nothing differs any more, what was written before may still be on its way to the pods.
    if !fields.is_empty() && !fields.iter().any(|(at, _)| at.starts_with("/spec")) {
        return Look::Seen(words);
    }
    let (done, of) = reached(place.kind, object);
    match status(place.kind, object) {
        Progress::Done(_) => Look::Seen(words),
        Progress::Going(why) => Look::Going(done, of, super::super::answer::line(&why)),
        Progress::Failed(why) => {
            Look::Failed(done, of, format!("{words}, and it is not well: {}", super::super::answer::line(&why)))
        }
    }
}

fn number(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// On how many of how many pods a change that is not done serves already.
fn reached(kind: Kind, object: &Value) -> (u32, u32) {
    let (done, of) = status::reached(kind, object);
    (number(done), number(of))
}

/// A rollout on its way: it may be as far as it was to go.
fn stopped(place: &Place, object: &Value, version: &str, stop: bool) -> Look {
    use rollouts::{goal, state, steps};
    let (n, all) = (steps::index(object), steps::all(object).len());
    let colours = state::blue_green(object);
    let at = if colours { "its preview, before its switch".to_owned() } else { steps::words(object, n) };
    let words = format!("{} has {version} at {at}", place.words());
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let (done, of) = if colours { (1, 2) } else { (number(n), number(all.max(1))) };
    if !observed(object) || !state::followed(object) {
        return Look::Going(0, of, format!("{}: {}", place.words(), state::phase(object).1));
    }
    if let Some(why) = state::doubt(object) {
        return Look::Failed(done, of, format!("{words}: {why}"));
    }
    match (stop, goal::waits(object)) {
        (true, _) if goal::stopped(object) => Look::Seen(words),
        (false, true) => Look::Partly(done, of, format!("{words}; it waits for a person to promote it")),
        _ => Look::Going(done, of, format!("{words}: {}", state::phase(object).1)),
    }
}

/// Why it does not go on, as the pods say.
async fn reasons(workload: &Workload, object: &Value) -> String {
    let pods = pods(workload, object).await.unwrap_or_default();
    let all = trouble(object, [].into_iter(), mine(workload, &pods).into_iter());
    if all.is_empty() { String::new() } else { format!(" ({})", all.join("; ")) }
}

async fn pods(workload: &Workload, object: &Value) -> Result<Vec<Value>, Unanswered> {
    let query = selector(object).map(|s| format!("labelSelector={}", encoded(&s))).unwrap_or_default();
    Ok(workload.cluster.list(&collection(&workload.place.namespace, "pods"), &query).await?.items)
}

/// Those of its own among pods.
fn mine<'a>(workload: &Workload, pods: &'a [Value]) -> Vec<&'a Value> {
    pods.iter().filter(|pod| belongs(&workload.place, "pods", pod)).collect()
}
