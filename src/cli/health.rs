//! `health`: live versions and signals as they are seen in the next few seconds,
//! each with its age. Nothing is journaled. It ends with the worst of the signals, and with 1 where a new
//! version does worse than the old one beside it.
//! It looks as long as it takes to hear everyone once, six seconds at most.

use super::alert_rules;
use super::args::Global;
use super::context::Context;
use super::heard::Told;
use super::outcome::{Ended, Exit};
use super::print;
use crate::domain::cohort::Standing;
use crate::domain::left_off::LeftOff;
use crate::domain::name::ServiceName;
use crate::domain::observed::Observed;
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::stages::Stages;
use crate::domain::topic::Topic;
use crate::domain::verdict::Level;
use crate::engine::alert_since::alert_since;
use crate::engine::changes::Deeds;
use crate::engine::{Given, cohorts, signal, versions};
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
    let declared = workspace.backends.values();
    let alerting: Vec<_> = declared.filter(|spec| spec.kind.alerts()).map(|spec| &spec.name).collect();
    let declared = workspace.backends.values();
    let ruling: Vec<_> = declared.filter(|spec| spec.kind.rules()).map(|spec| &spec.name).collect();
    let complete = |seen: &Observed| {
        let targets: usize = workspace.services.values().map(|s| s.deployed_by.len()).sum();
        seen.deployments().len() >= targets
            && wanted.iter().all(|at| {
                let tells = workspace.signals.get(&at.signal).is_some_and(|s| s.query.tells_at_once());
                seen.series.get(at).is_some_and(|s| s.last().is_some() || (tells && s.fault.is_some()))
            })
            && wanted.iter().all(|at| {
                let counts = workspace.signals.get(&at.signal).is_some_and(|s| s.query.versions().is_some());
                !counts || seen.versions.contains_key(at)
            })
            && alerting.iter().all(|name| seen.alerts.contains_key(*name))
            && ruling.iter().all(|name| seen.rules.contains_key(*name))
    };
    let observed = observe_for(workspace, LOOK, complete);
    let at = now();
    // Without a journal nothing is known of what is older than a run.
    let ledger = super::status::ledger(&context).unwrap_or_default();
    let given = Given { ledger: &ledger, workspace, observed: &observed, now: at };
    let deeds = Deeds::of(&ledger);
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
    let counts = signals.iter().filter(|(_, declared, ..)| declared.is_some_and(|s| s.query.versions().is_some()));
    let compared: Vec<_> = counts
        .map(|(place, declared, ..)| {
            let (verdict, evidence) = versions::judge(&observed, *declared, place, at);
            // That one version is worse is bad news; that there is nothing to compare is the usual state.
            worst = worst.max(if verdict.level == Level::Fail { Level::Fail } else { Level::Pass });
            (place, verdict, evidence)
        })
        .collect();
    if global.json {
        let deployments = observed.deployments().map(|((service, environment), seen)| {
            json!({ "service": service, "environment": environment, "deployment": seen.value, "at": seen.at, "quality": seen.quality(at), "source": seen.source })
        });
        let judged = signals.iter().map(|(place, _, verdict, evidence)| json!({ "signal": place.to_string(), "verdict": verdict, "evidence": evidence }));
        let told = observed.alerts.iter().map(|(source, seen)| {
            let all: Vec<_> = seen
                .value
                .iter()
                .map(|alert| Told { alert, began: alert_since(&given, &deeds, source, alert) })
                .collect();
            json!({ "source": source, "at": seen.at, "quality": seen.quality(at), "alerts": all })
        });
        let unheard = alerting.iter().filter(|name| !observed.alerts.contains_key(**name));
        let (rules, untold) = alert_rules::json(&observed);
        print::json(&json!({
            "deployments": deployments.collect::<Vec<_>>(), "signals": judged.collect::<Vec<_>>(),
            "versions": compared.iter().map(|(place, verdict, evidence)| json!({ "signal": place.to_string(), "verdict": verdict, "evidence": evidence })).collect::<Vec<_>>(),
            "alerts": told.collect::<Vec<_>>(), "alerts_unknown": unheard.collect::<Vec<_>>(),
            "alert_rules": rules, "alert_rules_unknown": untold, "cohorts": cohorts::all(&given),
        }));
    } else {
        let rows = observed.deployments().map(|((service, environment), seen)| {
            let d = &seen.value;
            let weight = d.candidate.as_ref().map(|c| format!("{c} {} %", d.weight.unwrap_or(0))).unwrap_or_default();
            let ready = d.ready.zip(d.wanted).map(|(r, w)| format!("{r}/{w}")).unwrap_or_default();
            let beside = d.stages.iter().flat_map(Stages::told).chain(d.left_off.iter().map(LeftOff::words));
            vec![
                service.to_string(),
                environment.to_string(),
                d.version.clone(),
                d.state.clone(),
                weight,
                ready,
                d.trouble.iter().cloned().chain(beside).collect::<Vec<_>>().join(", "),
            ]
        });
        print::table(&rows.collect::<Vec<_>>());
        let grouped = cohorts::all(&given);
        let rows = grouped.iter().flat_map(|one| one.cohorts.iter().map(move |standing| (&one.service, standing)));
        let row = |(service, standing): (&ServiceName, &Standing)| {
            vec!["cohort".to_owned(), service.to_string(), standing.cohort.to_string(), standing.to_string()]
        };
        print::table(&rows.map(row).collect::<Vec<_>>());
        let rows = signals.iter().map(|(place, declared, verdict, evidence)| {
            let value = evidence.value.zip(*declared).map(|(v, s)| s.unit.show(v)).unwrap_or_else(|| "??".to_owned());
            let age = evidence.at.map(|t| format!("{} ago", Span::between(t, at))).unwrap_or_default();
            let why = verdict.reasons.iter().map(|r| r.text.clone()).collect::<Vec<_>>().join(" · ");
            let baseline = observed.series.get(*place).and_then(|series| series.baseline).zip(*declared);
            let was = baseline.map(|((was, ago), s)| format!(" · {ago} ago {}", s.unit.show(was.value)));
            vec![place.to_string(), value, age, verdict.level.to_string(), why + &was.unwrap_or_default()]
        });
        print::table(&rows.collect::<Vec<_>>());
        let rows = compared.iter().map(|(_, verdict, _)| {
            let why = verdict.reasons.iter().map(|r| r.text.clone()).collect::<Vec<_>>().join(" · ");
            vec!["versions".to_owned(), verdict.level.to_string(), why]
        });
        print::table(&rows.collect::<Vec<_>>());
        let rows =
            observed.alerts.iter().flat_map(|(source, seen)| seen.value.iter().map(move |alert| (source, alert)));
        let rows = rows.map(|(source, alert)| {
            let service = alert.service.as_ref().map_or("??".to_owned(), ToString::to_string);
            let environment = alert.environment.as_ref().map_or("every environment".to_owned(), ToString::to_string);
            let began = alert_since(&given, &deeds, source, alert)
                .map(|began| format!(" · {}", began.line()))
                .unwrap_or_default();
            vec!["alert".to_owned(), service, environment, alert.line() + &began, source.to_string()]
        });
        print::table(&rows.collect::<Vec<_>>());
        for source in alerting.iter().filter(|name| !observed.alerts.contains_key(**name)) {
            let fault = observed.sources.get(*source).and_then(|s| s.why(Topic::Alerts).cloned());
            print::line(&format!(
                "alerts of {source}: ?? {}",
                fault.unwrap_or_else(|| format!("not heard within {LOOK}"))
            ));
        }
        alert_rules::lines(&observed).iter().for_each(|line| print::line(line));
    }
    Ok(match worst {
        Level::Pass | Level::Warn => Exit::Done,
        Level::Hold | Level::Unknown => Exit::Person,
        Level::Fail => Exit::Refused,
    })
}
