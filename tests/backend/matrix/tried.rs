//! How one case is tried: it is done, what was sent is counted, it is probed, and sent again; every word is read.

use super::{Case, End, Ground, Sent, Shows};
use crate::ends;
use crate::standstill::stood_still;
use crate::support::{key, sink, until};
use crate::trial::ANEW;
use futures_util::future::{Either, select};
use holdpoint::backend::{Backend, Done, Fault};
use holdpoint::domain::Timestamp;
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::operation::Operation;
use holdpoint::domain::report::{Found, Preview};
use holdpoint::domain::span::Span;
use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::time::{Duration, Instant};

/// The longest limit; what does not end by itself is tried with shorter ones first.
const LAST: Span = Span::secs(60);
/// How many cases run at once; most of them wait.
const ABREAST: usize = 32;
/// The outer limit of anything that is waited for.
const LONG: Duration = Duration::from_secs(60);

/// Another key of the same journal.
fn other_key() -> Key {
    Key { seq: 413, ..key() }
}

/// Tries a case; anew where it does not hold and the machine stood still meanwhile.
pub async fn tried<G: Ground>(case: Case, made: impl Fn() -> G) -> Result<(), String> {
    let mut before = stood_still();
    let mut held = once(case, &made).await;
    for _ in 0..ANEW {
        if held.is_ok() || stood_still() == before {
            break;
        }
        before = stood_still();
        held = once(case, &made).await;
    }
    held
}

/// Tries a case, in a world that is made for it.
async fn once<G: Ground>(case: Case, made: impl Fn() -> G) -> Result<(), String> {
    let mut last = String::new();
    for limit in limits(case) {
        let ground = made();
        let mut trial =
            Trial { backend: ground.backend(), operation: ground.wish(case), said: Vec::new(), file: ground.file() };
        if let Some(held) = held(case, &ground, &mut trial, limit).await {
            return held.and_then(|()| trial.clean(ground.secret()));
        }
        last = trial.said.pop().unwrap_or_default();
    }
    Err(format!("too little was sent within every limit, or it was given up before; the last word: {last}"))
}

/// Whether a case holds; none where the machine was too slow to send anything within the limit.
async fn held<G: Ground>(case: Case, ground: &G, trial: &mut Trial<'_>, limit: Span) -> Option<Result<(), String>> {
    match began(case, ground, trial, limit).await {
        Err(why) => Some(Err(why)),
        Ok(None) => None,
        Ok(Some(())) => Some(ends(case, ground, trial).await),
    }
}

/// As far as it has ended.
async fn began<G: Ground>(case: Case, ground: &G, trial: &mut Trial<'_>, limit: Span) -> Result<Option<()>, String> {
    let must = ground.must(case);
    ground.prepare(case).await?;
    // What is asked for may be of what is there by then.
    trial.operation = ground.wish(case);
    if matches!(case, Case::Well | Case::Hostile | Case::Skewed) {
        let preview = trial.preview().await?;
        let told = preview.obstacles.iter().any(|why| why.contains("behind ours"));
        if told != (case == Case::Skewed && ground.timed()) {
            return Err(format!("whether the clock is off is told wrongly: {preview:?}"));
        }
    }
    if case == Case::Already {
        ended(&trial.perform(other_key(), limit, false).await, &[End::Done])
            .map_err(|why| format!("the other: {why}"))?;
        // Two restarts within a second are one.
        let second = chrono::Utc::now().timestamp();
        until("another second", || chrono::Utc::now().timestamp() > second).await;
        ground.forget();
    }
    ground.arm(case);
    let how = performed(case, ground, trial, limit).await;
    let (all, at) = ground.sends();
    let (counts, wanted) = (ground.sent()?, wanted((all, at), must.sent));
    // Looking, or what goes before, took all of a short limit: once more with a longer one.
    let short = counts.iter().zip(&wanted).any(|(n, wanted)| n < wanted) || !must.ends.contains(&End::of(&how));
    if case.waits() && short && limit < LAST {
        return Ok(None);
    }
    // What flickers may not be caught on a slow machine; nothing was sent then.
    if counts.iter().all(|n| *n == 0) && End::of(&how) == End::NotDone && !must.ends.contains(&End::NotDone) {
        return Ok(None);
    }
    ended(&how, must.ends)?;
    if counts != wanted {
        return Err(format!("it was sent {counts:?} times, not {wanted:?}: {how:?}"));
    }
    if case == Case::TooMany && all > 0 && !trial.said.iter().any(|line| line.contains("7 s")) {
        return Err(format!("the patience that is asked for is not told: {:?}", trial.said));
    }
    ground.left().map(Some)
}

/// Does it, while what is to happen beside it happens.
async fn performed<G: Ground>(case: Case, ground: &G, trial: &mut Trial<'_>, limit: Span) -> Result<Done, Fault> {
    let performing = pin!(trial.perform(key(), limit, case == Case::Late));
    let beside = pin!(ground.beside(case));
    match select(performing, beside).await {
        Either::Left((how, _)) => how,
        Either::Right(((), performing)) => performing.await,
    }
}

/// What is found of it then, and how it goes when it is sent again.
async fn ends<G: Ground>(case: Case, ground: &G, trial: &mut Trial<'_>) -> Result<(), String> {
    let must = ground.must(case);
    if case == Case::Unmoved && !must.ends.contains(&End::Done) {
        trial.probe(&[Shows::NotYet, Shows::Unknown, Shows::Partly]).await?;
    }
    ground.heal();
    trial.probe(must.found).await?;
    if let Some(again) = must.again {
        let how = trial.perform(key(), LAST, false).await;
        ended(&how, again.ends).map_err(|why| format!("sent again, {why}"))?;
        let (counts, may) = (ground.sent()?, again.more.map_or(vec![false, true], |more| vec![more]));
        if !may.iter().any(|more| counts == more_of(ground.sends(), must.sent, *more)) {
            return Err(format!("sent again, it was sent {counts:?} times: {how:?}"));
        }
        ground.left()?;
    }
    ground.over(case).await
}

/// How often each must have been sent.
fn wanted((all, at): (usize, usize), sent: Sent) -> Vec<usize> {
    let one = |n: usize| match sent {
        Sent::None => 0,
        Sent::Before => usize::from(n < at),
        Sent::Upto => usize::from(n <= at),
        Sent::All => 1,
    };
    (0..all).map(one).collect()
}

/// The same once it was all sent again.
fn more_of((all, at): (usize, usize), sent: Sent, more: bool) -> Vec<usize> {
    let before = usize::from(sent != Sent::None);
    let one = |n: usize| if n == at { before + usize::from(more) } else { 1 };
    (0..all).map(one).collect()
}

/// An operation that is tried, and everything that was said of it.
struct Trial<'a> {
    backend: &'a dyn Backend,
    operation: Operation,
    said: Vec<String>,
    /// Where its output goes.
    file: PathBuf,
}

impl Trial<'_> {
    /// Does it, and takes down every word.
    async fn perform(&mut self, key: Key, limit: Span, late: bool) -> Result<Done, Fault> {
        let operation = Operation { limit, ..self.operation.clone() };
        let (mut out, mut lines) = sink(Some(self.file.clone()));
        out.not_after = late.then_some(Timestamp::UNIX_EPOCH);
        let ended = tokio::time::timeout(limit.std() + LONG, self.backend.perform(operation, key, out)).await;
        let ended = ended.expect("an operation has ended, a minute after its limit");
        while let Ok(line) = lines.try_recv() {
            self.said.push(line);
        }
        match &ended {
            Ok(Done::Whole(told) | Done::Partly(_, _, told)) => {
                self.said.push(told.summary.clone());
                self.said.extend(told.detail.values().cloned());
            }
            Err(fault) => self.said.push(fault.to_string()),
        }
        ended
    }

    /// What would come of it.
    async fn preview(&mut self) -> Result<Preview, String> {
        let preview = self.backend.preview(&self.operation).await.map_err(|fault| format!("preview: {fault}"))?;
        let Preview { obstacles, refused, unknown, effects, loses, .. } = preview.clone();
        self.said.extend([obstacles, refused, unknown, effects, loses].concat());
        Ok(preview)
    }

    /// Probes until what is found is what must be; what must not be found never is.
    async fn probe(&mut self, wanted: &[Shows]) -> Result<(), String> {
        let began = Instant::now();
        loop {
            let (seen, why) = match self.backend.probe(&self.operation, key()).await {
                Ok(found) => (Shows::of(&found), words(found)),
                Err(fault) => (Shows::Unknown, fault.to_string()),
            };
            self.said.push(why.clone());
            if wanted.is_empty() || wanted.contains(&seen) {
                return Ok(());
            }
            if matches!(seen, Shows::Applied | Shows::Never) || began.elapsed() > LONG {
                return Err(format!("a probe finds {seen:?}, which is none of {wanted:?}: {why}"));
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Whether every word is harmless, and none is a secret.
    fn clean(&self, secret: &str) -> Result<(), String> {
        let bad = |c: char| {
            c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        if let Some(line) = self.said.iter().find(|line| line.contains(bad) || line.contains(secret)) {
            return Err(format!("this got out: {line:?}"));
        }
        match std::fs::read_to_string(&self.file).is_ok_and(|kept| kept.contains(secret)) {
            true => Err("a secret is in what was kept".to_owned()),
            false => Ok(()),
        }
    }
}

fn words(found: Found) -> String {
    match found {
        Found::Applied(told) | Found::Partly { receipt: told, .. } => told.summary,
        Found::NotApplied { why, .. } | Found::Unknown { why } => why,
    }
}

/// Whether it ended as it may.
fn ended(how: &Result<Done, Fault>, may: &[End]) -> Result<(), String> {
    match may.contains(&End::of(how)) {
        true => Ok(()),
        false => Err(format!("it ended {:?}, which is none of {may:?}: {how:?}", End::of(how))),
    }
}

/// The limits that a case is tried with, one after the other: a machine on which looking alone takes all of a short
/// one is given more.
fn limits(case: Case) -> impl Iterator<Item = Span> {
    if case.waits() { [Span::secs(3), Span::secs(15), LAST] } else { [LAST; 3] }.into_iter()
}

/// Runs all cases, many abreast.
pub async fn all<'a>(cases: impl IntoIterator<Item = (String, impl Future<Output = Result<(), String>> + 'a)>) {
    ends::all(ABREAST, cases).await;
}
