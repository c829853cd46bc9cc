//! `health`: live versions and signals as they are seen in the next few seconds,
//! each with its age. Nothing is journaled.
//! It looks as long as it takes to hear everyone once, six seconds at most.

use super::args::Global;
use super::context::Context;
use super::outcome::{Ended, Exit};
use super::print;
use crate::domain::observed::Observed;
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::verdict::Level;
use crate::engine::signal;
use crate::runtime::clock::now;
use crate::runtime::observe_for;
use serde_json::json;

/// How long everything has to answer.
const LOOK: Span = Span::secs(6);

/// Prints what is live and how it is.
pub fn health(global: &Global) -> Ended {
    let context = Context::open(global)?;
    let workspace = &context.workspace;
    let places = |s: &crate::domain::signal::Signal| {
        let name = s.name.clone();
        s.environments.clone().into_iter().map(move |environment| SignalAt { signal: name.clone(), environment })
    };
    let wanted: Vec<_> = workspace.signals.values().flat_map(places).collect();
    let complete = |seen: &Observed| {
        let targets: usize = workspace.services.values().map(|s| s.deployed_by.len()).sum();
        seen.deployments().len() >= targets
            && wanted.iter().all(|at| seen.series.get(at).is_some_and(|s| s.last().is_some()))
    };
    let observed = observe_for(workspace, LOOK, complete);
    let at = now();
    let mut worst = Level::Pass;
    let signals: Vec<_> = wanted
        .iter()
        .map(|place| {
            let declared = workspace.signals.get(&place.signal);
            let (verdict, evidence) = signal::judge(&observed, declared, place, at);
            worst = worst.max(verdict.level);
            (place, declared, verdict, evidence)
        })
        .collect();
    if global.json {
        let deployments = observed.deployments().map(|((service, environment), seen)| {
            json!({ "service": service, "environment": environment, "deployment": seen.value, "at": seen.at, "quality": seen.quality(at), "source": seen.source })
        });
        let judged = signals.iter().map(|(place, _, verdict, evidence)| json!({ "signal": place.to_string(), "verdict": verdict, "evidence": evidence }));
        print::json(&json!({ "deployments": deployments.collect::<Vec<_>>(), "signals": judged.collect::<Vec<_>>() }));
    } else {
        let rows = observed.deployments().map(|((service, environment), seen)| {
            let d = &seen.value;
            let weight = d.candidate.as_ref().map(|c| format!("{c} {} %", d.weight.unwrap_or(0))).unwrap_or_default();
            let ready = d.ready.zip(d.wanted).map(|(r, w)| format!("{r}/{w}")).unwrap_or_default();
            vec![
                service.to_string(),
                environment.to_string(),
                d.version.clone(),
                d.state.clone(),
                weight,
                ready,
                d.trouble.join(", "),
            ]
        });
        print::table(&rows.collect::<Vec<_>>());
        let rows = signals.iter().map(|(place, declared, verdict, evidence)| {
            let value = evidence.value.zip(*declared).map(|(v, s)| s.unit.show(v)).unwrap_or_else(|| "??".to_owned());
            let age = evidence.at.map(|t| format!("{} ago", Span::between(t, at))).unwrap_or_default();
            let why = verdict.reasons.iter().map(|r| r.text.clone()).collect::<Vec<_>>().join(" · ");
            vec![place.to_string(), value, age, verdict.level.to_string(), why]
        });
        print::table(&rows.collect::<Vec<_>>());
    }
    Ok(match worst {
        Level::Pass | Level::Warn => Exit::Done,
        Level::Hold | Level::Unknown => Exit::Person,
        Level::Fail => Exit::Refused,
    })
}
