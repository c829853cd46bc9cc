//! Whether the version that is wanted at a place reports at all: 1 where something is counted of it, 0 where its series
//! count nothing some time after it came.
//!
//! Until then, without a series of it, and where what is live or what is counted is not known, there is no number:
//! silence is never *it reports*.

use super::super::left::plain;
use super::{Told, number};
use crate::domain::Timestamp;
use crate::domain::observed::{Observed, Placed, Quality};
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::topic::Topic;

/// Looks for the version among what is counted for a signal there; `within` is how long it has to report.
pub(super) fn read(observed: &Observed, at: &SignalAt, placed: &Placed, within: Span, now: Timestamp) -> Told {
    let live = observed.deployment(placed).ok_or("nothing is known to be deployed there")?;
    if let Some(why) = observed.sources.get(live.source).and_then(|source| source.why(Topic::Deployments)) {
        return Err(format!("what is live is not heard: {why}"));
    }
    if live.quality(now) != Quality::Fresh {
        return Err(format!("what is live was last heard {} ago", Span::between(live.at, now)));
    }
    let version = live.value.candidate.as_ref().unwrap_or(&live.value.version);
    if version.is_empty() {
        return Err("its source does not say which version is there".to_owned());
    }
    let counted = observed.versions.get(at).ok_or_else(|| format!("{at}: versions have not been counted yet"))?;
    if counted.quality(now) != Quality::Fresh {
        return Err(format!("{at}: versions were last counted {} ago", Span::between(counted.at, now)));
    }
    // Since when it is there: seen to come, or as its source dates it.
    let came = observed.moves.of(placed).last().or(live.value.since);
    if came.is_some_and(|came| counted.at < came) {
        return Err(format!("{at}: versions were not counted since {version} came"));
    }
    let all = counted.value.as_ref().map_err(|why| format!("{at}: versions cannot be counted: {why}"))?;
    let then = counted.at.min(live.at);
    // One answer may lack a version that another has: what has no series may be silent, or merely well.
    let Some((_, counts)) = all.iter().find(|(known, _)| plain(known) == plain(version)) else {
        return Err(format!("{at}: there is no series of {version}"));
    };
    if counts.all > 0 {
        return number(then, 1.0);
    }
    let until = came.ok_or_else(|| format!("{at}: nothing is counted of {version}; when it came is not known"))?;
    let until = until + within.delta();
    match now < until {
        true => Err(format!("{at}: nothing is counted of {version} yet; it has until {}", until.format("%H:%M:%SZ"))),
        false => number(then, 0.0),
    }
}
