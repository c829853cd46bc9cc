//! What an operation would do: the plan that would be sent, and what stands in its way:
//! windows, what is under way, permissions, other owners. Changes nothing.

use super::super::super::Fault;
use super::super::super::http::Client;
use super::super::anew::{self, Anew};
use super::super::json::{line, list, text};
use super::super::{Declared, api, app, diff};
use super::action;
use super::gather::{Application, Asks, gather};
use super::permission::{denied, needed};
use crate::domain::operation::{Operation, Verb};
use crate::domain::report::Preview;

/// The most changes that are named.
const MOST: usize = 20;

/// Says what would happen, to a `person` or for a look that nobody asked for.
pub async fn preview(declared: &Declared, operation: &Operation, person: bool) -> Result<Preview, Fault> {
    let asks = if person { Asks::Anew(anew::LOOK) } else { Asks::Nobody };
    let found = gather(declared, operation, asks).await?;
    let client = found.client()?;
    let mut preview = begun(&found, &client, operation.verb).await;
    if operation.verb == Verb::Snapshot {
        preview.effects.push(format!("saves {}, its resources, events and differences", found.place.words()));
        return Ok(preview);
    }
    if operation.verb == Verb::Action {
        action::preview(&found, operation, &mut preview).await?;
        return Ok(preview);
    }
    let plan = match found.plan(operation, None) {
        Ok(plan) => plan,
        Err(why) => {
            preview.refuse(why);
            return Ok(preview);
        }
    };
    if person && operation.verb == Verb::Deploy {
        declared.shown.keep(operation, &found, &plan);
    }
    if plan.steps.is_empty() {
        // Nothing is sent that could be refused.
        preview.refused.clear();
        preview.obstacles.extend(plan.blocks);
    } else {
        plan.blocks.into_iter().for_each(|why| preview.refuse(why));
        preview.obstacles.extend(owners(&found, operation.verb));
    }
    preview.effects = plan.effects;
    preview.loses = plan.loses;
    if let Some(words) = anew::words(&declared.reach, &found.app, &found.anew) {
        match found.anew {
            Anew::Missed(_) => preview.unknown.push(format!("what git holds now: {words}")),
            _ => preview.effects.push(words),
        }
    }
    preview.takes = found.past.first().and_then(|entry| entry.took);
    if operation.verb == Verb::Deploy && !plan.steps.is_empty() {
        match differences(&found).await {
            Ok(changes) => preview.effects.extend(changes),
            Err(fault) => preview.unknown.push(format!("what it changes: {fault}")),
        }
    }
    Ok(preview)
}

/// What stands in the way of a verb whatever it does there: clocks that differ, and what the token may not do.
pub(super) async fn begun(found: &Application, client: &Client, verb: Verb) -> Preview {
    let mut preview = Preview::default();
    let clock = found.reach.clock();
    if !clock.ok {
        preview.obstacles.push(clock.text);
    }
    match denied(client, &found.place.subject(&found.app), needed(verb)).await {
        Ok(denied) => denied.into_iter().for_each(|why| preview.refuse(why)),
        Err(fault) => preview.unknown.push(format!("what the token may do: {fault}")),
    }
    preview
}

/// Who else writes the application, and so would switch auto-sync on again.
pub(super) fn owners(found: &Application, verb: Verb) -> Vec<String> {
    let switches = match verb {
        Verb::RollBack => app::auto_sync(&found.app).is_some(),
        Verb::Pause | Verb::Resume => true,
        _ => false,
    };
    let sets = list(&found.app, "/metadata/ownerReferences").iter().filter(|_| switches);
    let sets = sets.map(|owner| format!("{} {}", text(owner, "/kind"), text(owner, "/name")));
    let annotations = found.app.pointer("/metadata/annotations");
    let tracked = annotations.and_then(|all| all.get("argocd.argoproj.io/tracking-id")?.as_str());
    let parent = tracked.and_then(|id| id.split(':').next()).filter(|_| switches);
    let all = sets.chain(parent.map(|parent| format!("application {parent}")));
    all.map(|owner| line(&format!("{owner} writes this application and may switch auto-sync back by itself"))).collect()
}

/// What a sync to what git holds would change.
async fn differences(found: &Application) -> Result<Vec<String>, Fault> {
    let client = found.client()?;
    let said = api::part(&client, &found.place, found.project(), "managed-resources").await?;
    let all = diff::changes(list(&said, "/items"));
    let more = all.len().saturating_sub(MOST);
    let when = if found.anew == Anew::Done { "as compared just now" } else { "as git was seen last" };
    let named = all.into_iter().take(MOST).map(|change| format!("{when}: {change}"));
    Ok(named.chain((more > 0).then(|| format!("and {more} more changes"))).collect())
}
