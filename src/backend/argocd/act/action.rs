//! Actions on a resource: looked for, sent once, and read back as far as Argo CD tells.
//!
//! It answers once it has changed the resource, and its event of that carries no key. So
//! only its answer says that it was done, and a lost one stays in doubt.

use super::super::super::record::Record;
use super::super::super::{Done, Fault};
use super::super::action::{Resource, Wanted, newer};
use super::super::json::{line, list, text};
use super::super::{api, app};
use super::gather::Application;
use super::{before, lost};
use crate::domain::operation::Operation;
use crate::domain::report::{Found, Preview, Receipt};
use crate::fault;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long the resource is looked at for a change.
const SEEN: Duration = Duration::from_secs(10);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// An action that can be run as things stand, or why it cannot.
type Chosen<'a> = Result<(Wanted<'a>, Resource, bool), String>;

/// Reads what is asked for; the error is of the reading.
async fn choose<'a>(found: &Application, operation: &'a Operation) -> Result<Chosen<'a>, Fault> {
    let wanted = match Wanted::read(operation) {
        Ok(wanted) => wanted,
        Err(why) => return Ok(Err(why)),
    };
    if app::deleting(&found.app) {
        return Ok(Err("it is being deleted".to_owned()));
    }
    let client = found.client()?;
    let tree = api::part(&client, &found.place, found.project(), "resource-tree").await?;
    let resource = match wanted.resource(&tree) {
        Ok(resource) => resource,
        Err(why) => return Ok(Err(why)),
    };
    let newer = newer(text(&api::named(&client, "/api/version").await?, "/Version"));
    if !newer && !wanted.parameters.is_empty() {
        return Ok(Err("this Argo CD takes no parameters of actions; those since 3.1 do".to_owned()));
    }
    let offers = api::actions(&client, &found.place, found.project(), &resource).await?;
    Ok(wanted.offered(&offers, &resource).map(|()| (wanted, resource, newer)))
}

/// Says what would be run, and what is not known of it.
pub async fn preview(found: &Application, operation: &Operation, preview: &mut Preview) -> Result<(), Fault> {
    match choose(found, operation).await? {
        Ok((wanted, resource, _)) => {
            let (what, at) = (wanted.words(&resource), found.place.words());
            preview.effects.push(format!("has Argo CD run its action {what}, of {at}"));
            let needs = wanted.permission(&resource);
            preview.effects.push(format!("needs `{needs}`, which Argo CD judges only when it is to run it"));
            preview.unknown.push("what it does: that is a script of that Argo CD".to_owned());
            preview.loses.push("what it does is not taken back".to_owned());
        }
        Err(why) => preview.refuse(why),
    }
    Ok(())
}

/// Runs it: one request.
pub async fn run(
    found: &Application,
    operation: &Operation,
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let late = |_| Fault::Unreachable(super::LATE.to_owned());
    let chosen = tokio::time::timeout_at(until, choose(found, operation)).await.map_err(late)?.map_err(before)?;
    let refused = |why: String| Fault::Refused { why: format!("{}: {why}", found.place.words()), output: None };
    let (wanted, resource, newer) = chosen.map_err(refused)?;
    let what = wanted.words(&resource);
    record.say(&format!("has Argo CD run its action {what}"));
    let client = found.reach.acting()?;
    record.in_time()?;
    fault::at("backend.spawn.before").map_err(|e| Fault::Unreachable(format!("nothing was sent: {e}")))?;
    let left = until.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
    let answer = api::act(&client, &found.place, found.project(), (&wanted, &resource, newer), left).await;
    fault::at("backend.spawn.after").map_err(|e| lost(format!("after sending it: {e}")))?;
    answer?;
    record.say("accepted; looking whether the resource changes");
    let seen = seen(found, &resource, until.min(Instant::now() + SEEN), record).await;
    let summary = format!("Argo CD took {what}; {seen}");
    record.say(&summary);
    let detail = [("action", line(wanted.action)), ("resource", resource.words())];
    let detail: BTreeMap<_, _> = detail.map(|(name, value)| (name.to_owned(), value)).into();
    Ok(Done::Whole(Receipt { summary, detail, output: None }))
}

/// What is seen of it: a resource that changes says nothing of what came of that.
async fn seen(found: &Application, resource: &Resource, until: Instant, record: &mut Record) -> &'static str {
    loop {
        let tree = match found.reach.acting() {
            Ok(client) => {
                let look = api::part(&client, &found.place, found.project(), "resource-tree");
                tokio::time::timeout_at(until, look).await.ok().and_then(Result::ok)
            }
            Err(_) => None,
        };
        // An answer that names nothing at all says nothing of this one either.
        let tree = tree.filter(|tree| !list(tree, "/nodes").is_empty());
        match tree.as_ref().map(|tree| resource.again(tree)) {
            Some(None) => return "the resource is no longer there",
            Some(Some(node)) if text(node, "/resourceVersion") != resource.seen => {
                return "the resource has changed since";
            }
            _ if Instant::now() >= until || record.makes_way() => {
                return "whether it took effect is to be seen: the resource has not changed since";
            }
            _ => record.pause(PAUSE.min(until.saturating_duration_since(Instant::now()))).await,
        }
    }
}

/// Nothing tells which request ran what.
pub fn probe(found: &Application, operation: &Operation) -> Found {
    let what = match Wanted::read(operation) {
        Ok(wanted) => line(&format!("{} of {} {}", wanted.action, wanted.kind, wanted.name)),
        Err(why) => why,
    };
    Found::Unknown {
        why: format!(
            "Argo CD's events carry no key; those of reason ResourceActionRan at {} say who ran what: look there, and \
             whether {what} took effect",
            found.place.words()
        ),
    }
}
