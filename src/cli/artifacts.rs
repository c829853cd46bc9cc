//! `artifacts`: what holds and what does not of the artefacts that signals verify, for people and pipelines.
//!
//! It looks at files and opens no session. It ends well only where everything was looked at and fits.

use super::args::Global;
use super::context::{Context, known};
use super::outcome::{Ended, Exit, Failure};
use super::print;
use crate::domain::name::{EnvironmentName, SignalName};
use crate::domain::signal::{Query, Signal};
use crate::domain::text::visible;
use crate::runtime::artifact::{Verified, verify};
use serde_json::{Value, json};

/// Verifies the artefacts of these signals, or of all.
pub fn artifacts(global: &Global, named: &[String]) -> Ended {
    let context = Context::open(global)?;
    let all = || context.workspace.signals.values().filter(|signal| matches!(signal.query, Query::Artifact(_)));
    for name in named {
        known(all().any(|signal| signal.name.as_str() == name), "artefact", name, all().map(|s| s.name.as_str()))?;
    }
    let wanted = |name: &SignalName| named.is_empty() || named.iter().any(|one| one == name.as_str());
    let places = all().filter(|signal| wanted(&signal.name)).flat_map(|s| s.environments.iter().map(move |at| (s, at)));
    let seen: Vec<_> = places
        .filter_map(|(signal, at)| Some((signal, at, verify(context.workspace.root.clone(), signal, at)?)))
        .collect();
    if seen.is_empty() {
        let help = "declare a signal with a query of kind `artifact`: see docs/artifacts.md";
        return Err(Failure::usage(format!("no artefact is declared, so nothing can be verified; {help}")));
    }
    match global.json {
        true => print::json(&json!({ "artifacts": seen.iter().map(as_json).collect::<Vec<_>>() })),
        false => seen.iter().for_each(told),
    }
    // The worst that was seen: what was not looked at is for a person to find out.
    Ok(match () {
        () if seen.iter().any(|(.., seen)| seen.as_ref().is_ok_and(|(_, all)| all.iter().any(|one| !one.ok))) => {
            Exit::Refused
        }
        () if seen.iter().any(|(.., seen)| seen.is_err()) => Exit::Person,
        () => Exit::Done,
    })
}

fn told((signal, at, seen): &(&Signal, &EnvironmentName, Verified)) {
    let file = seen.as_ref().map_or_else(|_| String::new(), |(file, _)| format!(" · {}", visible(file)));
    print::line(&format!("{} · {at}{file}", signal.name));
    match seen {
        Ok((_, remarks)) => {
            remarks.iter().for_each(|one| print::line(&format!("  {}  {}", sign(one.ok), visible(&one.text))))
        }
        Err(why) => print::line(&format!("  ??  {}", visible(why))),
    }
}

fn sign(ok: bool) -> &'static str {
    if ok { "ok" } else { "NO" }
}

fn as_json((signal, at, seen): &(&Signal, &EnvironmentName, Verified)) -> Value {
    let verdict = match seen {
        Ok((_, remarks)) if remarks.iter().all(|one| one.ok) => "verified",
        Ok(_) => "refused",
        Err(_) => "unknown",
    };
    let (file, remarks) = match seen {
        Ok((file, remarks)) => (Some(file), Some(remarks)),
        Err(_) => (None, None),
    };
    json!({ "signal": signal.name, "service": signal.service, "environment": at, "verdict": verdict, "file": file,
        "checks": remarks, "why": seen.as_ref().err() })
}
