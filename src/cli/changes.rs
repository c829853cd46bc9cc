//! `changes`: what changed on a service and upstream of it, likeliest first.
//!
//! The journal's operations first, then what is live right now and was brought
//! there by nobody the journal knows. Nothing is journaled.

use super::args::Global;
use super::context::{self, Context};
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::Observed;
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use crate::engine::ailing::ailing;
use crate::engine::changes::{Asked, Deeds, changes as changed, upstream};
use crate::engine::{Given, Ledger};
use crate::journal::{self, JournalError};
use crate::report::changes as words;
use crate::runtime::clock::now;
use crate::runtime::observe_for;
use serde_json::json;

/// How long backends have to say what is live.
const LOOK: Span = Span::secs(6);

/// Prints what changed.
pub fn changes(global: &Global, service: &str, env: Option<&str>, since: Span) -> Ended {
    let context = Context::open(global)?;
    let workspace = &context.workspace;
    let (service, environment) = (ServiceName::new(service), env.map(EnvironmentName::new));
    known(workspace, &service, environment.as_ref())?;
    let (deeds, ledger) = journaled(&context)?;
    let observed = observe_for(workspace, LOOK, |seen| heard(workspace, &service, environment.as_ref(), seen));
    let given = Given { ledger: &ledger, workspace, observed: &observed, now: now() };
    let near = upstream(workspace, &service);
    let bad = ailing(&given);
    let here = |e: &EnvironmentName| environment.as_ref().is_none_or(|wanted| wanted == e);
    let first_bad = bad.iter().filter(|a| near.contains_key(&a.signal.service) && here(a.environment));
    let first_bad = first_bad.filter_map(|ail| ail.since).min();
    let asked =
        Asked { service: &service, environment: environment.as_ref(), since: given.now - since.delta(), first_bad };
    let all = changed(&given, &deeds, &asked);
    if global.json {
        print::json(
            &json!({ "service": service, "environment": environment, "since": asked.since, "first_bad": first_bad, "changes": all }),
        );
        return Ok(Exit::Done);
    }
    if let Some(at) = first_bad {
        eprintln!("bad readings since {}; what came before them is likelier", at.format("%FT%H:%M:%SZ"));
    }
    if all.is_empty() {
        eprintln!(
            "nothing that the journal or a backend knows of changed on {service} or upstream in the last {since}"
        );
    }
    let rows = all.iter().map(|change| {
        let [at, what, by, origin] = words::row(change, given.now);
        vec![at, what, by, origin, format!("score {}", change.score)]
    });
    print::table(&rows.collect::<Vec<_>>());
    Ok(Exit::Done)
}

fn known(workspace: &Workspace, service: &ServiceName, env: Option<&EnvironmentName>) -> Result<(), Failure> {
    let Workspace { services, environments, .. } = workspace;
    let all = services.keys().map(ServiceName::as_str);
    context::known(services.contains_key(service), "service", service.as_str(), all)?;
    let all = environments.keys().map(EnvironmentName::as_str);
    env.map_or(Ok(()), |env| context::known(environments.contains_key(env), "environment", env.as_str(), all))
}

/// Every operation that the journal announced, and the ledger at its end.
fn journaled(context: &Context) -> Result<(Deeds, Ledger), Failure> {
    let (mut deeds, ledger) = (Deeds::default(), super::status::ledger(context)?);
    let unsound = |e: JournalError| Failure::journal(e.to_string());
    match journal::entries(&context.state) {
        Ok(entries) => {
            for entry in entries {
                deeds.take(&entry.map_err(unsound)?);
            }
        }
        Err(JournalError::Absent(_)) => {}
        Err(error) => return Err(unsound(error)),
    }
    Ok((deeds, ledger))
}

/// Whether everyone who deploys something of it, or upstream, has said what is live.
fn heard(workspace: &Workspace, service: &ServiceName, env: Option<&EnvironmentName>, seen: &Observed) -> bool {
    let near = upstream(workspace, service);
    let declared = near.keys().filter_map(|name| workspace.services.get(*name));
    let mut places = declared.flat_map(|s| s.deployed_by.keys().map(|place| (s.name.clone(), place.clone())));
    let deployed = places.all(|place| env.is_some_and(|env| *env != place.1) || seen.deployment(&place).is_some());
    let signals = workspace.signals.values().filter(|s| near.contains_key(&s.service));
    let mut at = signals.flat_map(|s| s.environments.iter().map(move |e| (s, e)));
    deployed
        && at.all(|(s, e)| {
            let at = crate::domain::signal::SignalAt { signal: s.name.clone(), environment: e.clone() };
            seen.series.get(&at).is_some_and(|series| series.last().is_some())
        })
}
