//! The verbs of a canary: a gate is opened, watched until Flagger has passed it, and closed.
//!
//! It is closed on every way out: success, failure, time, and when nobody waits any more (`guard`).
//! What a kill leaves open, the probe finds and says.

use super::super::super::record::Record;
use super::super::super::{Done, Fault};
use super::super::Declared;
use super::super::act::{before, send};
use super::super::answer::Unanswered;
use super::super::object::text;
use super::super::plan::{Goal, Plan as Usual};
use super::back_out::back_out;
use super::end::{Went, ended};
use super::gate::Gate;
use super::gather::Ground;
use super::guard::Guard;
use super::lever::Lever;
use super::pass::{Sight, Stand, stand};
use super::plan::{Plan, plan};
use super::serve::{self, another};
use super::state::{self, phase, suspended};
use super::testers::{Keepers, keepers, shut};
use super::wait::{PAUSE, Seen, wait};
use crate::domain::journal_id::Key;
use crate::domain::operation::Operation;
use crate::domain::report::Receipt;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// How long a phase that flickers is looked at before anything is opened.
const STEADY: Duration = Duration::from_secs(5);

/// Does it, once.
pub async fn perform(
    declared: &Declared,
    ground: Ground,
    operation: &Operation,
    key: &Key,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let words = ground.place.words();
    let refused = |why: String| Fault::Refused { why: format!("{words}: {why}"), output: None };
    match plan(&ground, operation, Some(key)).map_err(refused)? {
        Plan::There(said, lever) => there(&ground, said, lever).await,
        Plan::Gate { gate, weight, lever } => gated(declared, &ground, gate, weight, lever, until, record).await,
        Plan::Skip(lever) => skipped(declared, &ground, lever, until, record).await,
        Plan::Suspend(wanted, patch) => {
            if let Some(patch) = patch {
                record.in_time()?;
                send(&ground.workload.cluster, &ground.place.path(), &patch, &words).await?;
            }
            let seen = |canary: &Value, _: &Seen| (suspended(canary) == wanted).then(|| Went::Done(words.clone()));
            let word = if wanted { "suspended: it stays where it is" } else { "resumed" };
            match wait(&ground, until, record, seen).await {
                Went::Done(words) => Ok(whole(format!("{words} is {word}"))),
                Went::Not(why) | Went::Unknown(why) => Err(lost(why)),
            }
        }
        Plan::Target(plan) => {
            if plan.patch.is_some() {
                record.in_time()?;
            }
            target(&ground, &plan, until, record).await
        }
        Plan::BackOut(lever, _) => back_out(declared, &ground, lever, (operation, key), until, record).await,
    }
}

/// It is as it should be; whatever somebody left open is closed.
async fn there(ground: &Ground, said: String, lever: Option<Lever>) -> Result<Done, Fault> {
    let Some(lever) = lever else { return Ok(whole(said)) };
    match lever.is_open(&ground.workload.cluster).await {
        Ok(open) => match shut(&ground.workload.cluster, &lever, open).await {
            None => Ok(whole(said)),
            Some(closed) => ended(Went::Done(said), closed),
        },
        Err(error) => Err(lost(format!("{said}; whether its gate is open is not known: {}", error.words()))),
    }
}

/// Opens a gate until Flagger has passed it.
pub async fn gated(
    declared: &Declared,
    ground: &Ground,
    gate: Gate,
    weight: u64,
    lever: Lever,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let words = ground.place.words();
    let cluster = &ground.workload.cluster;
    let stands = steady(ground, gate, weight).await?;
    let open = lever.is_open(cluster).await.map_err(|e| before(e.of_read(&format!("the gate of {words}"))))?;
    let word = gate.word();
    match stands {
        Stand::Waits => {}
        // Steadily on its way and nothing to show for it yet: it is given up all the same.
        Stand::Unclear if gate == Gate::Back => {}
        Stand::Passed => return beyond(ground, gate, &lever, open, until, record).await,
        Stand::Unclear | Stand::Elsewhere(_) if open => {
            let why = format!("{words} does not wait at {word}, and its gate was left open");
            let closed = shut(cluster, &lever, open).await.unwrap_or(Ok(()));
            return ended(Went::Not(why), closed);
        }
        Stand::Elsewhere(why) => {
            return Err(Fault::Refused { why: format!("{words} does not wait at {word}: {why}"), output: None });
        }
        Stand::Unclear => {
            return Err(Fault::Refused { why: format!("{words} does not wait at {word}: it goes on"), output: None });
        }
    }
    match keepers(cluster, &lever).await {
        Keepers::Several(why) | Keepers::Unseen(why) => {
            let left = if open { format!("; and it stands open now: {}", lever.by_hand()) } else { String::new() };
            return Err(Fault::Refused { why: format!("{words}: nothing is opened: {why}{left}"), output: None });
        }
        Keepers::One => {}
    }
    let down = ground.down();
    let seen = |canary: &Value, seen: &Seen| {
        if let Some(another) = another(ground, gate, canary, seen) {
            return Some(another);
        }
        let scaled = down && seen.replicas().is_some_and(|n| n > 0);
        match stand(gate, &Sight { canary, scaled, weight }) {
            Stand::Passed => Some(Went::Done(format!("{words} has passed {word}"))),
            Stand::Elsewhere(_) if state::idle(canary) && gate == Gate::Back => {
                Some(Went::Unknown(format!("{words} was not given up: it was promoted, and {} serves", ground.newer())))
            }
            // What waited there and is at its end has passed.
            Stand::Elsewhere(_) if state::idle(canary) => Some(Went::Done(format!("{words} has passed {word}"))),
            Stand::Elsewhere(why) if !matches!(phase(canary), "Waiting" | "Progressing") => {
                Some(Went::Unknown(format!("{words} was at {word}, and then {why}: {}", state::message(canary))))
            }
            _ => None,
        }
    };
    let (went, closed) = lifted(declared, ground, &lever, open, until, record, seen).await?;
    record.say(if closed.is_ok() { "its gate is closed again" } else { "its gate may be open still" });
    let after = match (&went, gate, &closed) {
        // What takes over has to serve before it is done.
        (Went::Done(_), Gate::Promotion, Ok(())) => serves(ground, until, record).await,
        _ => went,
    };
    ended(after, closed)
}

/// It has passed that gate before. What takes over has to serve all the same.
async fn beyond(
    ground: &Ground,
    gate: Gate,
    lever: &Lever,
    open: bool,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let closed = shut(&ground.workload.cluster, lever, open).await;
    let went = match gate {
        Gate::Promotion => serves(ground, until, record).await,
        _ => Went::Done(format!("{} is beyond {} already", ground.place.words(), gate.word())),
    };
    match (closed, went) {
        (Some(closed), went) => ended(went, closed),
        (None, Went::Done(said)) => Ok(whole(format!("{said}; nothing is sent"))),
        (None, Went::Not(why) | Went::Unknown(why)) => Err(lost(why)),
    }
}

async fn skipped(
    declared: &Declared,
    ground: &Ground,
    lever: Lever,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let new = ground.newer();
    let words = ground.place.words();
    // What flickers may still wait at the first gate, which skipping does not pass.
    if steady(ground, Gate::Rollout, 0).await? != Stand::Passed {
        let why = format!("{words} does not show yet that it has begun; look again");
        return Err(Fault::Refused { why, output: None });
    }
    let seen = |canary: &Value, seen: &Seen| {
        let serves = seen.serves(ground) == Some(new.clone()) && seen.rolled();
        let other = another(ground, Gate::Promotion, canary, seen);
        match phase(canary) {
            _ if other.is_some() => other,
            "Succeeded" if serves => Some(Went::Done(format!("{words} serves {new}, its analysis skipped"))),
            "Failed" => Some(Went::Unknown(format!("{words} failed: {}", state::message(canary)))),
            _ => None,
        }
    };
    let (went, closed) = lifted(declared, ground, &lever, false, until, record, seen).await?;
    ended(went, closed)
}

/// Opens it, looks until it was of use, and closes it; also when nobody waits for that any more.
async fn lifted(
    declared: &Declared,
    ground: &Ground,
    lever: &Lever,
    open: bool,
    until: Instant,
    record: &mut Record,
    seen: impl Fn(&Value, &Seen) -> Option<Went>,
) -> Result<(Went, Result<(), String>), Fault> {
    let cluster = &ground.workload.cluster;
    let what = format!("opening the gate of {}", ground.place.words());
    crate::fault::at("backend.spawn.before").map_err(|e| Fault::Unreachable(format!("nothing was sent: {e}")))?;
    // What somebody left open is closed, however late it is.
    if let Err(late) = record.in_time() {
        return if open { Ok((Went::Not(late.to_string()), lever.close(cluster).await)) } else { Err(late) };
    }
    let guard = Guard::new(&declared.alive, cluster, lever);
    let sent = if open { Ok(()) } else { lever.open(cluster).await };
    let went = match sent {
        Ok(()) => match crate::fault::at("backend.spawn.after") {
            Ok(()) => {
                record.say("its gate is open; waiting for Flagger to ask");
                wait(ground, until, record, seen).await
            }
            Err(error) => Went::Unknown(format!("after opening it: {error}")),
        },
        Err(error) => unopened(error, &what),
    };
    let closed = lever.close(cluster).await;
    guard.done();
    Ok((went, closed))
}

/// What an opening that was not answered well comes to.
fn unopened(error: Unanswered, what: &str) -> Went {
    match error.of_change(what) {
        Fault::Lost { why, .. } => Went::Unknown(why),
        fault => Went::Not(fault.to_string()),
    }
}

/// How it stands to a gate, once what flickers has been looked at for a while.
async fn steady(ground: &Ground, gate: Gate, weight: u64) -> Result<Stand, Fault> {
    let began = Instant::now();
    let mut canary = ground.canary.clone();
    loop {
        let now = stand(gate, &Sight { canary: &canary, scaled: false, weight });
        if now != Stand::Unclear || began.elapsed() >= STEADY {
            return Ok(now);
        }
        tokio::time::sleep(PAUSE / 4).await;
        let read = ground.workload.cluster.read(&ground.place.path()).await;
        canary = read.map_err(|e| before(e.of_read(&ground.place.words())))?;
    }
}

/// Waits until the new version is what serves.
async fn serves(ground: &Ground, until: Instant, record: &mut Record) -> Went {
    let (new, words) = (ground.newer(), ground.place.words());
    let seen = |canary: &Value, seen: &Seen| match phase(canary) {
        "Succeeded" if seen.serves(ground) == Some(new.clone()) && seen.rolled() => {
            Some(Went::Done(format!("{words} serves {new}")))
        }
        "Failed" => Some(Went::Unknown(format!("{words} failed: {}", state::message(canary)))),
        _ => another(ground, Gate::Promotion, canary, seen),
    };
    wait(ground, until, record, seen).await
}

/// The workload's own patch, and what Flagger makes of it.
pub async fn target(ground: &Ground, plan: &Usual, until: Instant, record: &mut Record) -> Result<Done, Fault> {
    plan.effects.iter().for_each(|effect| record.say(effect));
    let work = &ground.workload;
    if let Some(patch) = &plan.patch {
        send(&work.cluster, &work.place.path(), patch, &work.place.words()).await?;
    }
    let Goal::Rollout { wants, version, stop } = &plan.goal else {
        return Err(lost("it has no goal that can be seen".to_owned()));
    };
    let words = ground.place.words();
    let before = text(&ground.canary, "/status/lastAppliedSpec").to_owned();
    let seen = |canary: &Value, seen: &Seen| {
        let serves = seen.primary.as_ref().is_some_and(|primary| serve::serves(primary, wants, &work.at));
        let wanted = seen.target.as_ref().is_some_and(|target| serve::holds(target, wants, &work.at));
        let taken = text(canary, "/status/lastAppliedSpec") != before;
        match phase(canary) {
            "Succeeded" | "Initialized" if serves => Some(Went::Done(format!("{words} serves {version}"))),
            // What serves never left: only the wish is taken back.
            "Failed" if serves && wanted => {
                Some(Went::Done(format!("{words} serves {version}, and wants nothing else any more")))
            }
            "Waiting" if serves && wanted && !*stop => {
                Some(Went::Done(format!("{words} serves {version}, and asks at its first gate about nothing else")))
            }
            // It asks at its first gate, whether or not it has written down yet what about.
            "Waiting" if *stop && wanted => Some(Went::Done(format!("{words} analyses {version}"))),
            "Failed" if taken => Some(Went::Unknown(format!("{words} failed: {}", state::message(canary)))),
            // Taken before: nothing else is deployed while something is analysed, so it is that.
            "Progressing" | "WaitingPromotion" if *stop && (taken || plan.patch.is_none() && wanted) => {
                Some(Went::Done(format!("{words} analyses {version}")))
            }
            _ => None,
        }
    };
    match wait(ground, until, record, seen).await {
        Went::Done(words) => Ok(whole(words)),
        Went::Not(why) | Went::Unknown(why) => Err(lost(why)),
    }
}

/// Done, in words.
pub fn whole(summary: String) -> Done {
    Done::Whole(Receipt { summary, ..Receipt::default() })
}

/// Not known, in words.
pub fn lost(why: String) -> Fault {
    Fault::Lost { why, output: None }
}
