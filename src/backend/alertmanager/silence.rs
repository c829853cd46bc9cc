//! The verb `silence`: what is wanted, looked for, made once, and read back.
//!
//! It never makes one without a service and an end, never one that covers whatever the
//! service may tell, and never says done of what was not seen. Ending one early is `end`.

use super::super::http::reach::Reach;
use super::super::{Done, Fault, Sink};
use super::Cluster;
use super::api::{self, Matcher, NewSilence, Silence};
use super::end;
use crate::domain::Timestamp;
use crate::domain::alert::AlertLabels;
use crate::domain::backend::AlertmanagerSpec;
use crate::domain::clock::agree;
use crate::domain::journal_id::Key;
use crate::domain::name::PersonName;
use crate::domain::operation::Operation;
use crate::domain::report::{Found, Preview, Receipt};
use crate::domain::span::Span;
use crate::domain::text::{shortened, visible};
use chrono::Utc;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long it takes at most until every member shows it, when the operation allows more.
const READ_BACK: Duration = Duration::from_secs(20);
/// How long to wait before looking again.
const AGAIN: Duration = Duration::from_millis(300);
/// The most alerts that a preview names.
const NAMED: usize = 10;

/// A silence as a step asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    matchers: Vec<(String, String)>,
    /// What an alert must not have to be covered.
    never: Vec<(String, String)>,
    what: What,
}

/// What is to become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// One is made, for so long and because of this.
    Made(Span, String),
    /// Those that were made end now.
    Ended,
}

impl Wanted {
    /// Reads an operation's arguments.
    ///
    /// # Errors
    /// What is wrong with them; nothing was asked of anybody then.
    pub fn new(
        operation: &Operation,
        labels: &AlertLabels,
        longest: Span,
        never: &[(String, String)],
    ) -> Result<Self, String> {
        let Some(service) = &operation.service else {
            return Err("a silence must name a service; give the step one".to_owned());
        };
        let known = AlertmanagerSpec::ARGUMENTS.map(|(name, _)| name);
        if let Some(other) = operation.args.keys().find(|name| !known.contains(&name.as_str())) {
            let other = shortened(&visible(other), 100);
            return Err(format!("silence takes no argument {other}; it takes {}", known.join(", ")));
        }
        let argument = |name: &str| operation.args.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let mut matchers = vec![(labels.service.clone(), service.to_string())];
        matchers.extend(operation.environment.iter().map(|e| (labels.environment.clone(), e.to_string())));
        matchers.extend(argument("alert").map(|alert| ("alertname".to_owned(), alert.to_owned())));
        let never = never.to_vec();
        if let Some(end) = argument("end") {
            return match (end, argument("duration")) {
                ("now", None) => Ok(Self { matchers, never, what: What::Ended }),
                ("now", Some(_)) => {
                    Err("it either ends now or lasts for a `duration`; leave one of them out".to_owned())
                }
                _ => Err(format!("a silence cannot end {end:?}; write end = \"now\"")),
            };
        }
        if argument("alert").is_none() && never.is_empty() {
            return Err(format!(
                "this would silence whatever {service} tells, also what the release may break unseen: name the `alert`, \
                 or say with `never` of the backend which alerts stay loud"
            ));
        }
        if let Some((name, value)) = matchers.iter().find(|matcher| never.contains(matcher)) {
            return Err(format!("alerts with {name}={value} are never silenced; `never` of the backend says so"));
        }
        let duration = argument("duration").ok_or("how long? give the step args = { duration = \"30m\" }")?;
        let duration: Span = duration.parse().map_err(|_| format!("{duration:?} is no length of time such as 30m"))?;
        if duration > longest || duration < Span::secs(1) {
            return Err(format!("{duration} is not between 1s and {longest}, the longest silence; see `longest`"));
        }
        let comment = argument("comment").unwrap_or("planned change").to_owned();
        Ok(Self { matchers, never, what: What::Made(duration, comment) })
    }

    /// What it covers, in words.
    pub fn shown(&self) -> String {
        let is = self.matchers.iter().map(|(name, value)| format!("{name}={value:?}"));
        let is_not = self.never.iter().map(|(name, value)| format!("{name}!={value:?}"));
        visible(&is.chain(is_not).collect::<Vec<_>>().join(", "))
    }

    /// Whether a silence with these matchers is one that was made of the same words;
    /// what must stay loud may be declared otherwise by now.
    pub fn made(&self, matchers: &[Matcher]) -> bool {
        let theirs = || matchers.iter().filter(|m| m.is_equal);
        let same =
            |m: &Matcher| !m.is_regex && self.matchers.iter().any(|(name, value)| *name == m.name && *value == m.value);
        theirs().count() == self.matchers.len() && theirs().all(same)
    }

    fn filled(&self, duration: Span, comment: &str, key: &Key, by: Option<&PersonName>, now: Timestamp) -> NewSilence {
        let matcher = |is_equal| {
            move |(name, value): &(String, String)| Matcher {
                name: name.clone(),
                value: value.clone(),
                is_regex: false,
                is_equal,
            }
        };
        NewSilence {
            matchers: self.matchers.iter().map(matcher(true)).chain(self.never.iter().map(matcher(false))).collect(),
            starts_at: now,
            ends_at: now + duration.delta(),
            created_by: by.map_or("holdpoint".to_owned(), ToString::to_string),
            comment: format!("{comment} ({})", mark(key)),
        }
    }
}

/// What a silence of this operation is found by.
fn mark(key: &Key) -> String {
    format!("holdpoint:{key}")
}

/// Says what would be silenced; reads only.
pub async fn preview(wanted: &Wanted, cluster: &Cluster) -> Result<Preview, Fault> {
    let What::Made(duration, _) = &wanted.what else { return end::preview(wanted, cluster).await };
    let client = cluster.first.acting()?;
    let (name, value) = wanted.matchers.first().cloned().unwrap_or_default();
    let alerts = api::alerts(&client, Some(format!("{name}={value:?}"))).await?;
    let has = |labels: &BTreeMap<String, String>, (n, v): &(String, String)| labels.get(n) == Some(v);
    let hit = |labels: &BTreeMap<String, String>| {
        wanted.matchers.iter().all(|m| has(labels, m)) && !wanted.never.iter().any(|m| has(labels, m))
    };
    let now: Vec<_> = alerts.iter().filter(|alert| hit(&alert.labels)).collect();
    let mut effects = vec![format!("silences {} for {duration}", wanted.shown())];
    let named = now.iter().take(NAMED).filter_map(|alert| alert.labels.get("alertname"));
    effects.extend(named.map(|name| format!("quiet at once: {}", shortened(&visible(name), 100))));
    if now.len() > NAMED {
        effects.push(format!("and {} more", now.len() - NAMED));
    }
    let loses = vec!["whoever is on call is not told of these alerts until it ends".to_owned()];
    let mut preview = Preview { effects, loses, ..Preview::default() };
    if let Some(why) = skewed(cluster) {
        preview.refuse(why);
    }
    Ok(preview)
}

/// Makes the silence, unless one with this key is there, and reads it back everywhere.
pub async fn perform(wanted: &Wanted, cluster: &Cluster, key: &Key, limit: Span, out: &Sink) -> Result<Done, Fault> {
    let deadline = Instant::now() + limit.std().min(READ_BACK);
    let What::Made(duration, comment) = &wanted.what else {
        return end::perform(wanted, cluster, key, (deadline, out)).await;
    };
    // Who cannot be looked at might have it already: then nothing is sent.
    let mut ended = None;
    for member in cluster.all() {
        let late = |_| Fault::Unreachable(format!("nothing was sent: {} is silent", member.origin()));
        let looked = tokio::time::timeout_at(deadline, find(member, key)).await.map_err(late)?;
        match looked.map_err(before_sending)? {
            Some(there) if there.status.state != "expired" => {
                return read_back(cluster, key, shortened(&visible(&there.id), 100), deadline).await;
            }
            there => ended = ended.or(there),
        }
    }
    // It was made and has ended: one word of a person makes one silence, not another when that is over.
    if let Some(ended) = ended {
        let receipt = receipt(&ended.id, Some(ended.ends_at));
        let of = |name: &str| receipt.detail.get(name).map_or("", String::as_str);
        let summary = format!("silence {} was made, and ended at {} already", of("silence"), of("until"));
        return Ok(Done::Whole(Receipt { summary, ..receipt }));
    }
    if let Some(why) = skewed(cluster) {
        return Err(Fault::Refused { why, output: None });
    }
    let client = cluster.first.acting()?;
    // By its clock: by ours it would wait to begin, or begin in its past and end too soon.
    let now = Utc::now() + cluster.first.host().skew().unwrap_or_default();
    let silence = wanted.filled(*duration, comment, key, out.by.as_ref(), now);
    out.in_time()?;
    let id = api::create(&client, &silence).await?;
    read_back(cluster, key, id, deadline).await
}

/// Why nothing is silenced while a clock is that far off: when it would begin and end is not known then.
/// Only after every member was asked something.
fn skewed(cluster: &Cluster) -> Option<String> {
    let member = cluster.all().find(|member| member.host().skew().is_some_and(|skew| !agree(skew)))?;
    let said = member.clock().text;
    Some(format!("{}: {said}, so that the silence begins and ends when it should; then silence again", member.origin()))
}

/// A look that failed before anything was sent: certainly not done, whatever it was.
pub(super) fn before_sending(fault: Fault) -> Fault {
    match fault {
        Fault::Lost { why, .. } => Fault::Unreachable(format!("nothing was sent: {why}")),
        certain => certain,
    }
}

/// Waits until every member shows the silence. What was accepted and is not seen is unknown.
async fn read_back(cluster: &Cluster, key: &Key, id: String, deadline: Instant) -> Result<Done, Fault> {
    let lost = |why: String| Fault::Lost { why, output: None };
    let mut ends = None;
    for member in cluster.all() {
        loop {
            let seen = tokio::time::timeout_at(deadline, find(member, key)).await;
            match seen {
                Ok(Ok(Some(silence))) if silence.status.state == "active" => {
                    ends = Some(silence.ends_at);
                    break;
                }
                Ok(found) if Instant::now() + AGAIN >= deadline => {
                    let why = match found {
                        Err(fault) => fault.to_string(),
                        Ok(Some(silence)) => format!("it is {}", shortened(&visible(&silence.status.state), 40)),
                        Ok(None) => "it is not there".to_owned(),
                    };
                    return Err(lost(format!("silence {id} was accepted, but at {}: {why}", member.origin())));
                }
                Err(_) => return Err(lost(format!("silence {id} was accepted, but {} is silent", member.origin()))),
                Ok(_) => tokio::time::sleep(AGAIN).await,
            }
        }
    }
    Ok(Done::Whole(receipt(&id, ends)))
}

/// Finds out whether there is a silence with this key, and whether every member shows it.
pub async fn probe(wanted: &Wanted, cluster: &Cluster, key: &Key) -> Result<Found, Fault> {
    if wanted.what == What::Ended {
        return end::probe(wanted, cluster, key).await;
    }
    let (mut found, mut lacks) = (None, None);
    for member in cluster.all() {
        match find(member, key).await? {
            None => lacks = lacks.or(Some(member.origin())),
            there => found = found.or(there),
        }
    }
    Ok(match found {
        Some(silence) if lacks.is_some() => {
            let (id, member) = (shortened(&visible(&silence.id), 100), lacks.unwrap_or_default());
            Found::Unknown { why: format!("silence {id} is known to some, and {member} does not show it") }
        }
        Some(silence) if !matches!(silence.status.state.as_str(), "active" | "expired") => {
            let state = shortened(&visible(&silence.status.state), 40);
            Found::Unknown { why: format!("silence {} is {state}", shortened(&visible(&silence.id), 100)) }
        }
        Some(silence) => Found::Applied(receipt(&silence.id, Some(silence.ends_at))),
        None => Found::NotApplied {
            // A request that is still on its way may arrive yet.
            r#final: false,
            why: format!("no member shows a silence with {}", mark(key)),
        },
    })
}

/// The silence of an operation as a member shows it; the one that ends last where there are several.
async fn find(member: &Reach, key: &Key) -> Result<Option<Silence>, Fault> {
    let all = api::silences(&member.acting()?).await?;
    let mark = format!("({})", mark(key));
    Ok(all.into_iter().filter(|silence| silence.comment.ends_with(&mark)).max_by_key(|silence| silence.ends_at))
}

fn receipt(id: &str, ends: Option<Timestamp>) -> Receipt {
    let id = shortened(&visible(id), 100);
    let until = ends.map(|ends| ends.format("%F %H:%M:%SZ").to_string()).unwrap_or_default();
    let detail = [("silence".to_owned(), id.clone()), ("until".to_owned(), until.clone())];
    Receipt { summary: format!("silence {id} until {until}"), detail: BTreeMap::from(detail), output: None }
}
