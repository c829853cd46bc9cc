//! Giving traffic by hand: what is read, what is sent once, what is read back.
//!
//! Written is not yet live: it is done when the gateways say that they have taken it. What is written and not
//! taken in time is done in part, and what is not seen to be written is unknown.

use super::super::super::record::Record;
use super::super::super::{Done, Fault, pace};
use super::super::act::{Asked, may, send, tried};
use super::super::cause::{Asker, cause, marked};
use super::super::client::Cluster;
use super::super::object::text;
use super::super::owner::obstacles_of_route;
use super::super::place::{Kind, Place};
use super::Route;
use super::plan::{Plan, Want, Wish, before, differs, plan};
use super::stand::{Stand, stand};
use super::writers::writer;
use crate::domain::journal_id::Key;
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::{Found, Preview, Receipt};
use crate::domain::traffic::words;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(400);

/// Whether an operation is about the route of a place, and not about its workload.
pub fn concerns(place: &Place, verb: Verb) -> bool {
    let led = matches!(place.kind, Kind::Rollout | Kind::Canary);
    let by_hand = place.route.as_ref().is_some_and(|route| route.canary.is_some());
    verb == Verb::Shift || verb == Verb::Abort && by_hand && !led
}

/// A route as it is, and what is asked of it.
pub struct Ground {
    cluster: Cluster,
    place: Place,
    route: Route,
    path: String,
    object: Value,
    wish: Wish,
}

/// What a look shows of what must be seen.
enum Look {
    /// It is live, or written where nothing tells; in words.
    Seen(String),
    /// It is written, and not live; why.
    Written(String),
    /// Something else is written.
    Other(String),
}

/// Reads everything that it is decided on.
pub async fn gather(cluster: Cluster, place: Place, operation: &Operation) -> Result<Ground, Fault> {
    let wish = wish(&place, operation).map_err(|why| refused(format!("{}: {why}", place.words())))?;
    let (Some(route), Some(path)) = (place.route.clone(), place.route_path()) else {
        return Err(refused(format!("{}: no route is declared for it", place.words())));
    };
    let object = cluster.read(&path).await.map_err(|error| error.of_read(&route.words()))?;
    Ok(Ground { cluster, place, route, path, object, wish })
}

/// What is asked for.
fn wish(place: &Place, operation: &Operation) -> Result<Wish, String> {
    if matches!(place.kind, Kind::Rollout | Kind::Canary) {
        return Err("its controller writes the weights; promote gives it traffic, abort takes it away".to_owned());
    }
    if place.route.as_ref().is_none_or(|route| route.canary.is_none()) {
        return Err("who is given traffic is not declared; write route and canary under deployed_by".to_owned());
    }
    let arg = |name: &str| operation.args.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    match (operation.verb, arg("to"), arg("weight")) {
        (Verb::Abort, Some(to), _) => Ok(Wish::Exactly(to.to_owned())),
        (Verb::Abort, None, _) => Ok(Wish::Share(0)),
        (_, _, None) => Err("no share is given; give the step args = { weight = \"25\" }".to_owned()),
        (_, _, Some(weight)) => {
            let share = weight.parse::<u8>().ok().filter(|share| *share <= 100);
            let share = share.ok_or_else(|| format!("{weight:?} is no share in percent, from 0 to 100"))?;
            Ok(Wish::Share(u64::from(share)))
        }
    }
}

impl Ground {
    fn plan(&self, operation: &Operation, asker: Asker<'_>) -> Result<Plan, String> {
        plan(&self.route, &self.object, &self.wish, &cause(operation, asker))
    }

    fn words(&self) -> String {
        format!("{} {}/{}", self.route.kind.word(), self.place.namespace, self.route.name)
    }

    fn look(&self, wants: &[Want], object: &Value) -> Look {
        let words = self.words();
        if text(object, "/metadata/uid") != text(&self.object, "/metadata/uid") {
            return Look::Other(format!("{words} is another one meanwhile"));
        }
        match differs(&self.route, object, wants) {
            Err(why) => return Look::Other(format!("{words}: {why}")),
            Ok(Some(other)) => return Look::Other(other),
            Ok(None) => {}
        }
        let told: Vec<_> = wants.iter().map(|want| format!("{}: {}", want.rule, self::words(&want.shares))).collect();
        let told = format!("{words}, {}", told.join("; "));
        match stand(self.route.kind, object) {
            Stand::Live => Look::Seen(told),
            Stand::Untold => Look::Seen(format!("{told}; as written: Istio does not say whether its proxies have it")),
            Stand::Not(why) => Look::Written(format!("{told}; it is written, and not live: {why}")),
        }
    }
}

/// Does it, once.
pub async fn perform(
    ground: &Ground,
    operation: &Operation,
    key: &Key,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let words = ground.words();
    // The same key again: it was taken before, so only the effect is waited for.
    let sent = marked(&ground.object, operation.verb, key);
    let asker = Asker { key: Some(key), by: record.by() };
    let plan = ground.plan(operation, asker).map_err(|why| match sent {
        true => lost(format!("{words}: it was taken before, and now {why}")),
        false => refused(format!("{words}: {why}")),
    })?;
    plan.effects.iter().for_each(|effect| record.say(effect));
    let ahead = plan.patch.as_ref().filter(|_| !sent);
    if let Some(patch) = ahead {
        let looked = writer(&ground.cluster, &ground.place, &ground.route, &ground.object);
        let late = |_| Fault::Unreachable("looking at the cluster took all of its limit; nothing was sent".to_owned());
        match tokio::time::timeout_at(until, looked).await.map_err(late)? {
            Ok(None) => {}
            Ok(Some(why)) | Err(why) => return Err(refused(format!("{words}: {why}"))),
        }
        record.in_time()?;
        send(&ground.cluster, &ground.path, patch, &format!("{} of {words}", operation.verb)).await?;
        record.say("accepted; reading back until its gateways have taken it");
    }
    let mut done = until_seen(ground, &plan.wants, until, record).await?;
    let (Done::Whole(receipt) | Done::Partly(_, _, receipt)) = &mut done;
    let was = if sent { before(&ground.object) } else { Some(plan.before) };
    receipt.detail.extend(was.map(|was| ("weights".to_owned(), was)));
    Ok(done)
}

/// Waits until it is seen; or its time is over, or it has to make way.
async fn until_seen(ground: &Ground, wants: &[Want], until: Instant, record: &mut Record) -> Result<Done, Fault> {
    let mut written = false;
    loop {
        let last;
        let mut pause = PAUSE;
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
        match tokio::time::timeout(left, ground.cluster.read(&ground.path)).await {
            Ok(Ok(object)) => match ground.look(wants, &object) {
                Look::Seen(words) => {
                    record.say(&words);
                    return Ok(Done::Whole(Receipt { summary: words, ..Receipt::default() }));
                }
                Look::Written(words) => (last, written) = (words, true),
                Look::Other(words) => return Err(lost(format!("it was accepted, and is not there: {words}"))),
            },
            Ok(Err(error)) => {
                pause = PAUSE.max(error.patience());
                last = format!("reading back: {}", error.words());
            }
            Err(_) => last = "reading back took too long".to_owned(),
        }
        record.say(&last);
        let late = Instant::now() >= until;
        if written && (late || record.makes_way()) {
            let of = u32::try_from(wants.len()).unwrap_or(u32::MAX);
            return Ok(Done::Partly(0, of, Receipt { summary: last, ..Receipt::default() }));
        }
        if late {
            return Err(lost(format!("accepted, and not seen to happen in time: {last}")));
        }
        let left = until.saturating_duration_since(Instant::now());
        record.pause(pause.min(left) + pace::jitter(PAUSE / 4)).await;
    }
}

/// Says what would happen; `tries` it as a dry run too.
pub async fn preview(ground: &Ground, operation: &Operation, preview: &mut Preview, tries: bool) {
    let plan = match ground.plan(operation, Asker::default()) {
        Ok(plan) => plan,
        Err(why) => return preview.refuse(format!("{}: {why}", ground.words())),
    };
    if let Stand::Not(why) = stand(ground.route.kind, &ground.object) {
        preview.obstacles.push(format!("{} is not live now: {why}", ground.words()));
    }
    preview.obstacles.extend(obstacles_of_route(ground.route.kind, &ground.object));
    match &plan.patch {
        // Nothing is sent that could be refused.
        None => preview.refused.clear(),
        Some(patch) => {
            let by = writer(&ground.cluster, &ground.place, &ground.route, &ground.object).await;
            by.unwrap_or_else(Some).into_iter().for_each(|why| preview.refuse(why));
            if tries {
                let path = format!("{}?dryRun=All", ground.path);
                let answer = ground.cluster.change("PATCH", &path, patch.kind, &patch.body).await;
                answer.err().iter().for_each(|error| tried(error, preview));
            }
        }
    }
    preview.effects = plan.effects;
    preview.loses = plan.loses;
}

/// Whether it may be done, as the API judges it.
pub async fn permitted(cluster: &Cluster, place: &Place, preview: &mut Preview) {
    let Some(route) = &place.route else { return };
    let asked = Asked { verb: "patch", resource: route.kind.resource(), sub: "", namespace: &place.namespace };
    match may(cluster, &asked).await {
        Ok(denied) => denied.into_iter().for_each(|why| preview.refuse(why)),
        Err(error) => {
            preview.unknown.push(format!("whether you may {}: {}", asked.words(), error.words()));
        }
    }
}

/// What became of one in doubt; reads only.
pub fn probe(ground: &Ground, operation: &Operation, key: &Key) -> Found {
    let mark = marked(&ground.object, operation.verb, key);
    let plan = match ground.plan(operation, Asker { key: Some(key), by: None }) {
        Ok(plan) => plan,
        Err(why) => return Found::Unknown { why: format!("{}: {why}", ground.words()) },
    };
    match ground.look(&plan.wants, &ground.object) {
        Look::Seen(words) => {
            let summary = if mark { words } else { format!("{words}, though not by this key") };
            let was = before(&ground.object).filter(|_| mark).map(|was| ("weights".to_owned(), was));
            Found::Applied(Receipt { summary, detail: was.into_iter().collect(), ..Receipt::default() })
        }
        Look::Written(why) => Found::Unknown { why },
        Look::Other(why) if mark => {
            Found::Unknown { why: format!("it was taken, and something else is there now: {why}") }
        }
        // It may still be on its way to the API.
        Look::Other(why) => Found::NotApplied { r#final: false, why },
    }
}

fn refused(why: String) -> Fault {
    Fault::Refused { why, output: None }
}

fn lost(why: String) -> Fault {
    Fault::Lost { why, output: None }
}
