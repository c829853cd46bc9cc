//! What the files call places, services and releases, where rules go by it: a production that is called a test is none.
//!
//! A rule that stands as it stood says less once what it asks for is said otherwise. So that is kept with the rules
//! that a run went by at first, and what has another name since waits until somebody adopts it.

use super::About;
use crate::domain::catalogue::{Environment, Service};
use crate::domain::operation::Direction;
use crate::domain::release::Release;
use crate::domain::rules::Rules;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use crate::domain::workspace::Workspace;
use crate::engine::Given;
use std::collections::BTreeMap;

/// How everything is called now: `environment prod`, and in words what rules can ask of it.
pub fn read(workspace: &Workspace) -> BTreeMap<String, String> {
    let places = workspace.environments.values().map(|one| (format!("environment {}", one.name), place(one)));
    let services = workspace.services.values().map(|one| (format!("service {}", one.name), service(one)));
    let releases = workspace.calendar.releases.iter().map(|one| (format!("release {}", one.name), release(one)));
    places.chain(services).chain(releases).collect()
}

fn place(one: &Environment) -> String {
    let cohort = one.cohort.as_ref().map(|cohort| format!(", cohort {cohort}")).unwrap_or_default();
    format!("{}, region {:?}, zone {:?}{cohort}", one.tier.word(), one.region, one.zone)
}

fn service(one: &Service) -> String {
    let owner = one.owner.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("tier {}, data {:?}, regions {:?}, owner {owner:?}", one.tier, one.data, one.regions)
}

fn release(one: &Release) -> String {
    format!("impact {}, {} services", one.impact.text(), one.bill.len())
}

/// What the files call otherwise than these rules knew it, in words.
pub fn moved(old: &Rules, workspace: &Workspace) -> Vec<String> {
    if old.classes.is_empty() {
        return Vec::new();
    }
    let now = read(workspace);
    let other = |(name, was): (&String, &String)| said(name, was, now.get(name));
    old.classes.iter().filter_map(other).collect()
}

fn said(name: &str, was: &str, is: Option<&String>) -> Option<String> {
    let is = is.map_or("not declared any more", String::as_str);
    (is != was).then(|| format!("{name} was {was}, and is {is}"))
}

/// Holds a change that leads forward where what it is about is called otherwise than when the run went by it.
pub(super) fn kept(given: &Given<'_>, about: &About<'_>) -> Option<Verdict> {
    let old = given.ledger.rules.first().filter(|_| about.direction() == Direction::Forward)?;
    let files = given.workspace;
    let environment =
        about.environment.map(|name| (format!("environment {name}"), files.environments.get(name).map(place)));
    let of = about.service.map(|name| (format!("service {name}"), files.services.get(name).map(service)));
    let train = about.release.map(|name| {
        let found = files.calendar.releases.iter().find(|one| one.name == *name);
        (format!("release {name}"), found.map(release))
    });
    let called = environment.into_iter().chain(of).chain(train);
    let words = called.filter_map(|(name, is)| said(&name, old.classes.get(&name)?, is.as_ref()));
    let hold = |text| {
        let text = format!("{text}; `holdpoint adopt` lets that count");
        Verdict::new(Level::Hold, Reason::new(Rule::Policy, text))
    };
    let all: Vec<_> = words.map(hold).collect();
    (!all.is_empty()).then(|| Verdict::all(all))
}
