//! `drift`: how what is live differs from what was declared, asked of whoever deploys it.
//!
//! Nothing is journaled and nothing changes. What could not be compared is said and is never *the same*.

use super::args::Global;
use super::context::{self, Context};
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::domain::drift::{Difference, Drift, Word};
use crate::domain::name::{BackendName, EnvironmentName, ServiceName};
use crate::domain::observed::Placed;
use crate::domain::operation::Verb;
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use crate::engine::adhoc;
use crate::engine::hard_coded::hard_coded;
use crate::runtime::drifts;
use serde_json::{Value, json};

/// How long everything has to answer.
const LOOK: Span = Span::secs(30);

/// Prints how what is live differs: status 0 where nothing does, 1 where something does, 3 where that is not known.
pub fn drift(global: &Global, service: Option<&str>, env: Option<&str>) -> Ended {
    let context = Context::open(global)?;
    let workspace = &context.workspace;
    let asked = places(workspace, service, env)?;
    let all: Vec<_> = drifts(workspace, asked, LOOK);
    if global.json {
        print::json(&all.iter().map(|one| as_json(workspace, one)).collect::<Vec<_>>());
    } else {
        all.iter().for_each(|(place, _, drift)| told(workspace, place, drift));
    }
    Ok(match all.iter().map(|(_, _, drift)| drift.word()).max() {
        Some(Word::Drift) => Exit::Refused,
        Some(Word::Same) => Exit::Done,
        Some(Word::Unknown) | None => Exit::Person,
    })
}

/// Where it is asked: all that is deployed, or what was named of it.
fn places(
    workspace: &Workspace,
    service: Option<&str>,
    env: Option<&str>,
) -> Result<Vec<(Placed, BackendName)>, Failure> {
    let Workspace { services, environments, .. } = workspace;
    let (service, env) = (service.map(ServiceName::new), env.map(EnvironmentName::new));
    if let Some(name) = &service {
        let all = services.keys().map(ServiceName::as_str);
        context::known(services.contains_key(name), "service", name.as_str(), all)?;
    }
    if let Some(name) = &env {
        let all = environments.keys().map(EnvironmentName::as_str);
        context::known(environments.contains_key(name), "environment", name.as_str(), all)?;
    }
    let meant = services.values().filter(|one| service.as_ref().is_none_or(|name| *name == one.name));
    let all: Vec<_> = meant
        .flat_map(|one| one.deployed_by.iter().map(move |(at, by)| ((one.name.clone(), at.clone()), by.clone())))
        .filter(|((_, at), _)| env.as_ref().is_none_or(|name| name == at))
        .collect();
    match all.is_empty() {
        true => Err(Failure::usage("nothing is deployed there: services.toml names no deployed_by for it")),
        false => Ok(all),
    }
}

fn word(drift: &Drift) -> &'static str {
    match drift.word() {
        Word::Same => "no drift",
        Word::Unknown => "?? not known",
        Word::Drift => "DRIFT",
    }
}

/// What mends exactly what is told, where whoever deploys it knows how.
fn mends(workspace: &Workspace, place: &Placed, drift: &Drift) -> Option<String> {
    let (service, environment, verb) = (&place.0, &place.1, Verb::Mend);
    let offered = adhoc::offered(workspace, service, environment).iter().any(|(offered, _)| *offered == verb);
    let args: String = drift.mend.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let line = || format!("holdpoint do {verb} {service} --env {environment}{args} --reason WHY --dry-run");
    (offered && !args.is_empty()).then(line)
}

fn told(workspace: &Workspace, place: &Placed, drift: &Drift) {
    let (service, environment) = place;
    print::line(&format!("{service}@{environment}  {}", word(drift)));
    drift.compared.iter().for_each(|what| print::line(&format!("  compared {what}")));
    drift.differences.iter().flat_map(lines).for_each(|line| print::line(&line));
    if drift.more > 0 {
        print::line(&format!("  and {} more", drift.more));
    }
    drift.unknown.iter().for_each(|why| print::line(&format!("  ?? {why}")));
    mends(workspace, place, drift).iter().for_each(|line| print::line(&format!("  mend it: {line}")));
    hard_coded(workspace, place, drift).iter().for_each(|what| print::line(&format!("  hard-coded {what}")));
}

/// A difference: where, then both sides, then who.
fn lines(one: &Difference) -> Vec<String> {
    let scaled = if one.scaled { "; an autoscaler sets it, so it counts as none" } else { "" };
    let by = match &one.by {
        Some(by) => {
            let at = by.at.map(|at| at.format(", %F %H:%M:%SZ").to_string()).unwrap_or_default();
            format!("last changed by {}{at}{scaled}", by.by)
        }
        None => "who changed it last is not known".to_owned(),
    };
    let gap = if one.path.is_empty() { "" } else { " " };
    vec![
        format!("  {}{gap}{}", one.object, one.path),
        format!("    declared {}", one.declared),
        format!("    live     {}", one.live),
        format!("    {by}"),
    ]
}

fn as_json(workspace: &Workspace, (place, source, drift): &(Placed, BackendName, Drift)) -> Value {
    let (service, environment) = place;
    json!({
        "service": service, "environment": environment, "source": source, "word": drift.word(),
        "compared": drift.compared, "differences": drift.differences, "more": drift.more, "unknown": drift.unknown,
        "mend": mends(workspace, place, drift),
        "hard_coded": hard_coded(workspace, place, drift),
    })
}
