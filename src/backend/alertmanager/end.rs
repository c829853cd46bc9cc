//! Ending a silence early: those that this journal made with the same matchers, no others.
//!
//! Somebody else's silence is never touched, and what has ended is not ended again. It is
//! done when every member shows none of them any more.

use super::super::http::reach::Reach;
use super::super::{Done, Fault, Sink};
use super::Cluster;
use super::api::{self, Silence};
use super::silence::Wanted;
use crate::domain::Timestamp;
use crate::domain::journal_id::{JournalId, Key};
use crate::domain::report::{Found, Preview, Receipt};
use crate::domain::text::{shortened, visible};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long to wait before looking again.
const AGAIN: Duration = Duration::from_millis(300);

/// Says which silences would end; reads only.
pub async fn preview(wanted: &Wanted, cluster: &Cluster) -> Result<Preview, Fault> {
    let all = of(&cluster.first, wanted, None).await?;
    let live = all.iter().filter(|silence| lives(silence));
    let effects: Vec<_> =
        live.map(|silence| format!("ends {}, unless another workspace made it", told(silence))).collect();
    let obstacles = match effects.is_empty() {
        true => vec![format!("no silence of ours is in force for {}", wanted.shown())],
        false => Vec::new(),
    };
    Ok(Preview { obstacles, effects, ..Preview::default() })
}

/// Ends them, each sent once, and reads that back everywhere.
pub async fn perform(
    wanted: &Wanted,
    cluster: &Cluster,
    key: &Key,
    (deadline, out): (Instant, &Sink),
) -> Result<Done, Fault> {
    let mut found: BTreeMap<String, Silence> = BTreeMap::new();
    for member in cluster.all() {
        let late = |_| Fault::Unreachable(format!("nothing was sent: {} is silent", member.origin()));
        let looked = tokio::time::timeout_at(deadline, of(member, wanted, Some(&key.journal))).await.map_err(late)?;
        for silence in looked.map_err(super::silence::before_sending)? {
            // A member that has not heard of its end yet still shows it in force.
            if lives(&silence) || !found.contains_key(&silence.id) {
                found.insert(silence.id.clone(), silence);
            }
        }
    }
    let live: Vec<&Silence> = found.values().filter(|silence| lives(silence)).collect();
    let Some(last) = found.values().max_by_key(|silence| silence.ends_at) else {
        let why = format!("there is no silence of ours for {}: nothing to end", wanted.shown());
        return Err(Fault::Refused { why, output: None });
    };
    if live.is_empty() {
        return Ok(Done::Whole(receipt(&last.id, Some(last.ends_at))));
    }
    out.in_time()?;
    let client = cluster.first.acting()?;
    let of = u32::try_from(live.len()).unwrap_or(u32::MAX);
    let mut before: Option<&Silence> = None;
    for (done, silence) in (0u32..).zip(&live) {
        match (api::expire(&client, &silence.id).await, before) {
            (Ok(()), _) => before = Some(silence),
            (Err(fault @ (Fault::Refused { .. } | Fault::Unreachable(_))), Some(ended)) => {
                let ended = receipt(&ended.id, None);
                let summary = format!("{}; silence {} was not ended: {fault}", ended.summary, id(silence));
                return Ok(Done::Partly(done, of, Receipt { summary, ..ended }));
            }
            (Err(fault), _) => return Err(fault),
        }
    }
    for member in cluster.all() {
        ended(member, wanted, key, deadline).await?;
    }
    let now = self::of(&cluster.first, wanted, Some(&key.journal)).await.ok();
    let now = now.and_then(|all| all.into_iter().find(|silence| silence.id == last.id));
    // Without a look since, its end is the one that it was to have: that is not told.
    Ok(Done::Whole(receipt(&last.id, now.map(|silence| silence.ends_at))))
}

/// Waits until a member shows none of them in force. What was accepted and is not seen is unknown.
async fn ended(member: &Reach, wanted: &Wanted, key: &Key, deadline: Instant) -> Result<(), Fault> {
    loop {
        let seen = tokio::time::timeout_at(deadline, of(member, wanted, Some(&key.journal))).await;
        let why = match seen {
            Ok(Ok(all)) => match all.iter().find(|silence| lives(silence)) {
                None => return Ok(()),
                Some(silence) => format!("{} is still in force", told(silence)),
            },
            Ok(Err(fault)) => fault.to_string(),
            Err(_) => "it is silent".to_owned(),
        };
        if Instant::now() + AGAIN >= deadline {
            let why = format!("the end was accepted, but at {}: {why}", member.origin());
            return Err(Fault::Lost { why, output: None });
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Finds out whether any of them is still in force.
pub async fn probe(wanted: &Wanted, cluster: &Cluster, key: &Key) -> Result<Found, Fault> {
    let mut last = None;
    for member in cluster.all() {
        for silence in of(member, wanted, Some(&key.journal)).await? {
            if lives(&silence) {
                // A request that is still on its way may arrive yet.
                return Ok(Found::NotApplied { r#final: false, why: format!("{} is still in force", told(&silence)) });
            }
            last = Some(silence);
        }
    }
    Ok(match last {
        Some(silence) => Found::Applied(receipt(&silence.id, Some(silence.ends_at))),
        None => {
            Found::NotApplied { r#final: false, why: format!("there is no silence of ours for {}", wanted.shown()) }
        }
    })
}

/// The silences with these matchers that a journal made; that any made, when none is named.
async fn of(member: &Reach, wanted: &Wanted, journal: Option<&JournalId>) -> Result<Vec<Silence>, Fault> {
    let mark = journal.map_or("(holdpoint:".to_owned(), |journal| format!("(holdpoint:{journal}-"));
    let ours = |silence: &Silence| {
        let marked = silence.comment.rsplit_once(' ').is_some_and(|(_, last)| last.starts_with(&mark));
        marked && silence.comment.ends_with(')') && wanted.made(&silence.matchers)
    };
    let all = api::silences(&member.acting()?).await?;
    Ok(all.into_iter().filter(ours).collect())
}

/// That a silence has ended, and when, where that was seen.
fn receipt(id: &str, at: Option<Timestamp>) -> Receipt {
    let id = shortened(&visible(id), 100);
    let at = at.map(|at| at.format("%F %H:%M:%SZ").to_string());
    let summary = format!("silence {id} ended{}", at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default());
    let detail = at.map(|at| ("until".to_owned(), at)).into_iter().chain([("silence".to_owned(), id)]).collect();
    Receipt { summary, detail, output: None }
}

fn id(silence: &Silence) -> String {
    shortened(&visible(&silence.id), 100)
}

fn lives(silence: &Silence) -> bool {
    silence.status.state != "expired"
}

fn told(silence: &Silence) -> String {
    let id = shortened(&visible(&silence.id), 100);
    format!("silence {id} until {}", silence.ends_at.format("%F %H:%M:%SZ"))
}
