//! Who writes the weights of a route: what a controller writes is not written by hand.
//!
//! It reads only. What cannot be read may be anything, so that nothing is written then either.

use super::super::answer::line;
use super::super::client::Cluster;
use super::super::flagger::state::target;
use super::super::object::{list, name, owner, text};
use super::super::parts;
use super::super::place::{Place, collection};
use super::Route;
use serde_json::Value;

/// Who writes the weights, and what to do instead; none where nobody is seen to.
///
/// # Errors
/// Why that is not known.
pub async fn writer(cluster: &Cluster, place: &Place, route: &Route, object: &Value) -> Result<Option<String>, String> {
    if let Some(by) = owner(object) {
        let who = line(&format!("{} {}", text(by, "/kind"), text(by, "/name")));
        return Ok(Some(format!("{who} controls {}, and would write over it; ask that for it", route.words())));
    }
    for (resource, mine) in [("rollouts", of_rollout as fn(&Value, &Place, &Route) -> bool), ("canaries", of_canary)] {
        let unknown = |why: String| format!("whether one of the {resource} writes the weights is not known: {why}");
        let Some(added) = parts::of(resource) else { continue };
        if !parts::has(cluster, added).await.map_err(|error| unknown(error.words()))? {
            continue;
        }
        let all = cluster.list(&collection(&place.namespace, resource), "").await;
        let all = all.map_err(|error| unknown(error.words()))?;
        if let Some(by) = all.items.iter().find(|by| mine(by, place, route)) {
            return Ok(Some(words(added.name, resource, place, by)));
        }
    }
    Ok(None)
}

fn words(who: &str, resource: &str, place: &Place, by: &Value) -> String {
    let kind = if resource == "rollouts" { "rollout" } else { "canary" };
    let by = line(&format!("{}/{kind}/{}", place.namespace, name(by)));
    format!("{who} writes its weights ({by}): promote or abort that instead, with at = {by:?}")
}

/// Whether a rollout shares out its traffic by a route.
fn of_rollout(rollout: &Value, place: &Place, route: &Route) -> bool {
    let Some(routing) = rollout.pointer("/spec/strategy/canary/trafficRouting") else { return false };
    // Istio's may be written with the namespace behind it.
    let whole = format!("{}.{}", route.name, place.namespace);
    let is = |found: &str| found == route.name || found == whole;
    let named = |one: &Value| is(text(one, "/name"));
    let istio = routing.pointer("/istio/virtualService").is_some_and(named);
    let istio = istio || list(routing, "/istio/virtualServices").iter().any(named);
    let plugins = routing.get("plugins").and_then(Value::as_object);
    let by = |plugin: &Value| {
        let one = ["/httpRoute", "/grpcRoute"].iter().any(|at| is(text(plugin, at)));
        one || ["/httpRoutes", "/grpcRoutes"].iter().any(|at| list(plugin, at).iter().any(named))
    };
    istio || plugins.into_iter().flat_map(|all| all.values()).any(by)
}

/// Whether a canary shares out its traffic by a route: it is of the name of the canary's service.
fn of_canary(canary: &Value, _: &Place, route: &Route) -> bool {
    let service = text(canary, "/spec/service/name");
    let service = if service.is_empty() { target(canary).1 } else { service };
    service == route.name
}
