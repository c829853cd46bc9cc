//! How a rollout stands, as a number.
//!
//! What is ready says something of the wanted version only where its state says that none is on its way. What is told
//! of a rollout under way may pass by itself. A measure that is inconclusive, or a state in a word that is not known,
//! is no number, unless something else is wrong for certain.

use super::{Told, number};
use crate::domain::observed::{Deployed, Deployment};
use crate::domain::signal::Rollout;
use crate::domain::stages::{Judged, Stages};

/// States in which nothing is wrong unless something says so; every other word is not known.
const WELL: [&str; 5] = ["stable", "canary", "rolling", "paused", "out-of-sync"];

/// States in which what is ready may be of what was there before.
pub(in crate::engine) const UNDER_WAY: [&str; 3] = ["canary", "rolling", "paused"];

/// States in which instances start: what is told of one that is not ready yet may pass by itself.
const STARTING: [&str; 2] = ["canary", "rolling"];

const UNTOLD: &str = "its source does not say how it is";

/// Reads one of a rollout's numbers.
pub(super) fn read(deployed: Deployed<'_>, of: Rollout) -> Told {
    let value = match of {
        Rollout::Ready => ready(deployed.value),
        Rollout::Trouble => trouble(deployed.value),
    };
    number(deployed.at, value?)
}

fn ready(deployment: &Deployment) -> Result<f64, String> {
    let Deployment { version, state, .. } = deployment;
    if let Some(new) = &deployment.candidate {
        let stops = if state == "paused" { "; while it stops there, trouble tells of it" } else { "" };
        return Err(format!("{new} is on its way: what is ready may be of {version}{stops}"));
    }
    match state.as_str() {
        "stable" | "degraded" => {}
        "" => return Err(UNTOLD.to_owned()),
        state if UNDER_WAY.contains(&state) => {
            return Err(format!("it is {state}: what is ready may be from before"));
        }
        state => return Err(format!("it is {state:?}, which does not say whether another version is on its way")),
    }
    let counted = deployment.ready.zip(deployment.wanted);
    let (ready, wanted) = counted.ok_or("its source does not count instances")?;
    if wanted == 0 {
        return Err("no instance is wanted".to_owned());
    }
    // What failed on its way leaves the instances of before ready.
    if state == "degraded" && ready >= wanted {
        return Err("it is degraded, although as many as are wanted are ready".to_owned());
    }
    Ok((f64::from(ready) / f64::from(wanted)).min(1.0))
}

fn trouble(deployment: &Deployment) -> Result<f64, String> {
    let checks = deployment.stages.iter().flat_map(|stages| &stages.checks);
    let failed = checks.filter(|check| check.judged == Judged::Failed).count();
    let state = deployment.state.as_str();
    if let (0, true, Some(first)) = (failed, STARTING.contains(&state), deployment.trouble.first()) {
        return Err(format!("it is {state}, and this may pass by itself: {first}"));
    }
    let wrong = failed + deployment.trouble.len();
    if wrong > 0 {
        return Ok(wrong as f64);
    }
    if let Some(doubt) = deployment.stages.as_ref().and_then(Stages::doubt) {
        return Err(doubt.line());
    }
    match state {
        "degraded" => Ok(1.0),
        state if WELL.contains(&state) => Ok(0.0),
        "" => Err(UNTOLD.to_owned()),
        state => Err(format!("it is {state:?}, which says neither that it is well nor that it is not")),
    }
}
