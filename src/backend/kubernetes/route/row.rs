//! Where the traffic of a service goes, as the screens show it.
//!
//! Pure. Weights that no gateway has taken are shown as not live, and put the place in doubt.

use super::super::object::text;
use super::Route;
use super::shares::{Rule, rules};
use super::stand::{Stand, stand};
use crate::domain::observed::Deployment;
use crate::domain::stages::{Check, Judged, Stages};
use crate::domain::traffic::Traffic;
use serde_json::Value;

/// How many rules are shown.
const SHOWN: usize = 16;

/// Adds what is seen of its route to the row of a service.
pub fn tell(route: &Route, seen: Option<&Value>, row: &mut Deployment) {
    let stages = row.stages.get_or_insert_with(Stages::default);
    let doubt = |why: String| Check { name: route.words(), judged: Judged::Unknown, detail: why };
    let Some(object) = seen.filter(|object| text(object, "/metadata/name") == route.name) else {
        stages.checks.push(doubt("there is no such route, or no such kind of route".to_owned()));
        return;
    };
    let live = match stand(route.kind, object) {
        Stand::Live => Some(true),
        Stand::Untold => None,
        Stand::Not(why) => {
            stages.checks.push(doubt(format!("it is not live: {why}")));
            Some(false)
        }
    };
    let all = match rules(route.kind, object) {
        Ok(all) => all,
        Err(why) => return stages.checks.push(doubt(why)),
    };
    let alone = all.len() == 1;
    for rule in all.iter().filter(|rule| rule.backends.iter().all(|backend| backend.weight == 0)) {
        let detail = format!("{} sends nothing anywhere: every weight is 0", rule.name);
        stages.checks.push(Check { name: route.words(), judged: Judged::Failed, detail });
    }
    let one = |rule: &Rule| Traffic {
        route: route.words(),
        rule: if alone { String::new() } else { rule.name.clone() },
        shares: rule.shares(),
        live,
    };
    stages.traffic.extend(all.iter().take(SHOWN).map(one));
    let more = all.len().saturating_sub(SHOWN);
    if more > 0 || all.is_empty() {
        let rule = if more > 0 { format!("{more} more rules") } else { String::new() };
        stages.traffic.push(Traffic { route: route.words(), rule, shares: Vec::new(), live });
    }
}
