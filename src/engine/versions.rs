//! The old version against the new one, over the same time: worse, no worse, or not known.
//!
//! Two questions are put to the counts. *Worse* is Fisher's exact test, one-sided: were both
//! versions alike, how often would chance give the new one as many bad events or more? *No
//! worse* is a limit: with the same confidence the difference is at most the margin, by
//! Newcombe's method over Wilson's intervals. What neither answers is inconclusive, and
//! inconclusive is unknown, never a pass. It reads counts only and decides nothing.

use super::Given;
use super::signal::unknown;
use crate::domain::Timestamp;
use crate::domain::evidence::Evidence;
use crate::domain::observed::{Observed, Quality};
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::span::Span;
use crate::domain::topic::Topic;
use crate::domain::verdict::{Level, Reason, Rule as Of, Verdict};
use crate::domain::versions::{Compared, Counts, MOST, Outcome, Rule};

/// What a comparison must be of to say anything; of whatever is seen when nothing is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Versions were counted since then.
    pub since: Option<Timestamp>,
    /// This version is the one that is being rolled out.
    pub version: Option<&'a str>,
}

/// Judges the version that is being rolled out at a place against the one that serves there.
pub fn judge(observed: &Observed, signal: Option<&Signal>, at: &SignalAt, now: Timestamp) -> (Verdict, Evidence) {
    judge_of(observed, signal, at, Wanted::default(), now)
}

/// The same, of what is wanted; anything else is unknown.
pub fn judge_of(
    observed: &Observed,
    signal: Option<&Signal>,
    at: &SignalAt,
    wanted: Wanted<'_>,
    now: Timestamp,
) -> (Verdict, Evidence) {
    let found = compared(observed, signal, at, wanted, now);
    let counted = observed.versions.get(at);
    let verdict = match &found {
        Err(why) => unknown(format!("{at}: {why}")),
        Ok(found) => {
            let (level, of, word) = match found.outcome {
                Outcome::Pass => (Level::Pass, Of::Signal, "no worse"),
                Outcome::Fail => (Level::Fail, Of::Signal, "WORSE"),
                Outcome::Inconclusive => (Level::Unknown, Of::Evidence, "inconclusive"),
            };
            Verdict::new(level, Reason::new(of, format!("{at} {word}: {found}; {}", found.rule)))
        }
    };
    let evidence = Evidence {
        signal: at.clone(),
        value: found.as_ref().ok().and_then(|found| found.new.1.share()),
        events: found.as_ref().ok().map(|found| found.new.1.all),
        at: counted.map(|seen| seen.at),
        quality: counted.map_or(Quality::Lost, |seen| seen.quality(now)),
        level: verdict.level,
        compared: found.ok(),
    };
    (verdict, evidence)
}

/// The comparison as of `now`.
///
/// # Errors
/// Why there is nothing to compare: what is missing, late, lost or not what is wanted.
pub fn compared(
    observed: &Observed,
    signal: Option<&Signal>,
    at: &SignalAt,
    wanted: Wanted<'_>,
    now: Timestamp,
) -> Result<Compared, String> {
    let signal = signal.ok_or("it is not declared")?;
    let versions = signal.query.versions().ok_or("it does not count by version; give its query `versions`")?;
    let place = (signal.service.clone(), at.environment.clone());
    let live = observed.deployment(&place).ok_or_else(|| format!("what is live of {} is not known", signal.service))?;
    if let Some(why) = observed.sources.get(live.source).and_then(|source| source.why(Topic::Deployments)) {
        return Err(format!("what is live of {} is not heard: {why}", signal.service));
    }
    if live.quality(now) != Quality::Fresh {
        let ago = Span::between(live.at, now);
        return Err(format!("what is live of {} was last heard {ago} ago", signal.service));
    }
    let old = &live.value.version;
    let new =
        live.value.candidate.as_ref().ok_or_else(|| format!("only {old} serves; there is no new version beside it"))?;
    if let Some(wanted) = wanted.version.filter(|wanted| *wanted != new.as_str()) {
        return Err(format!("{new} is being rolled out, not {wanted}"));
    }
    if new == old {
        return Err(format!("both are called {old}; they cannot be told apart"));
    }
    let counted = observed.versions.get(at).ok_or("versions have not been counted yet")?;
    if counted.quality(now) != Quality::Fresh {
        return Err(format!("versions were last counted {} ago", Span::between(counted.at, now)));
    }
    if let Some(since) = wanted.since.filter(|since| counted.at < *since) {
        return Err(format!("versions were not counted since {}", since.format("%H:%M:%SZ")));
    }
    let all = counted.value.as_ref().map_err(|why| format!("versions cannot be counted: {why}"))?;
    let of = |version: &String| {
        let counts = all.get(version).copied();
        let counts = counts.ok_or_else(|| format!("nothing is counted of {version}; a missing series is not zero"))?;
        match counts.bad.max(counts.all) <= MOST {
            true => Ok(counts),
            false => Err(format!("of {version} there are {}, more than can be counted with", counts.all)),
        }
    };
    Ok(compare(versions.rule, (old.clone(), of(old)?), (new.clone(), of(new)?)))
}

/// When what a comparison rests on leaves fresh.
pub(super) fn fading(given: &Given<'_>, at: &SignalAt) -> Vec<Timestamp> {
    let just_after = chrono::TimeDelta::milliseconds(1);
    let counted = given.observed.versions.get(at).map(|seen| (seen.at, seen.every));
    let signal = given.workspace.signals.get(&at.signal).filter(|signal| signal.query.versions().is_some());
    let live = signal.and_then(|signal| given.observed.deployment(&(signal.service.clone(), at.environment.clone())));
    let live = live.map(|live| (live.at, live.every));
    counted.into_iter().chain(live).map(|(at, every)| at + every.times(2).delta() + just_after).collect()
}

/// Compares the counts of an old version with those of a new one.
pub fn compare(rule: Rule, old: (String, Counts), new: (String, Counts)) -> Compared {
    // A source that extrapolates may give a few more bad ones than there were in all.
    let whole = |counts: Counts| Counts { bad: counts.bad.min(counts.all), ..counts };
    let (before, after) = (whole(old.1), whole(new.1));
    let share = |counts: Counts| counts.share().unwrap_or_default();
    let at_most = upper(before, after, normal_quantile(1.0 - rule.alpha));
    let p = worse(before, after);
    let enough = before.all >= rule.least.max(1) && after.all >= rule.least.max(1);
    let outcome = match enough {
        true if at_most <= rule.margin => Outcome::Pass,
        true if p < rule.alpha => Outcome::Fail,
        _ => Outcome::Inconclusive,
    };
    let effect = share(after) - share(before);
    Compared { old: (old.0, before), new: (new.0, after), effect, at_most, p, rule, outcome }
}

/// Fisher's exact test: how likely the new version has so many bad events or more, given how
/// many there are in all, were both versions alike.
fn worse(old: Counts, new: Counts) -> f64 {
    let (drawn, marked, all) = (new.all, old.bad + new.bad, old.all + new.all);
    let most = drawn.min(marked);
    if new.bad == 0 || all == 0 {
        return 1.0;
    }
    let mean = drawn as f64 * marked as f64 / all as f64;
    // From either side of the mean the terms only fall, so the sum can stop early.
    let p = match new.bad as f64 > mean {
        true => tail(new.bad, most, drawn, marked, all),
        false => {
            let least = (drawn + marked).saturating_sub(all);
            1.0 - tail_down(new.bad - 1, least, drawn, marked, all)
        }
    };
    p.clamp(0.0, 1.0)
}

/// The chance of exactly `x` marked ones among `drawn` of `all`.
fn chance(x: u64, drawn: u64, marked: u64, all: u64) -> f64 {
    (ln_choose(marked, x) + ln_choose(all - marked, drawn - x) - ln_choose(all, drawn)).exp()
}

fn tail(from: u64, to: u64, drawn: u64, marked: u64, all: u64) -> f64 {
    let (mut term, mut sum) = (chance(from, drawn, marked, all), 0.0);
    for x in from..=to {
        sum += term;
        // Nothing more to add: also when the first term was too small to be a number.
        if term <= sum * 1e-16 {
            break;
        }
        let (x, left) = (x as f64, (all - marked) as f64 - drawn as f64);
        term *= (marked as f64 - x) * (drawn as f64 - x) / ((x + 1.0) * (left + x + 1.0));
    }
    sum
}

fn tail_down(from: u64, to: u64, drawn: u64, marked: u64, all: u64) -> f64 {
    if from < to {
        return 0.0;
    }
    let (mut term, mut sum) = (chance(from, drawn, marked, all), 0.0);
    for x in (to..=from).rev() {
        sum += term;
        // Nothing more to add: also when the first term was too small to be a number.
        if term <= sum * 1e-16 {
            break;
        }
        let (x, left) = (x as f64, (all - marked) as f64 - drawn as f64);
        term *= x * (left + x) / ((marked as f64 - x + 1.0) * (drawn as f64 - x + 1.0));
    }
    sum
}

fn ln_choose(n: u64, k: u64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// The logarithm of a factorial, by Stirling's series from 16 on.
fn ln_factorial(n: u64) -> f64 {
    if n < 16 {
        return (2..=n).map(|k| (k as f64).ln()).sum();
    }
    let x = n as f64;
    let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    (x + 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

/// Newcombe's upper limit of the new share less the old one.
fn upper(old: Counts, new: Counts, z: f64) -> f64 {
    let (Some(before), Some(after)) = (old.share(), new.share()) else { return 1.0 };
    let (low, _) = wilson(before, old.all as f64, z);
    let (_, high) = wilson(after, new.all as f64, z);
    after - before + ((high - after).powi(2) + (before - low).powi(2)).sqrt()
}

/// Wilson's interval of a share.
fn wilson(share: f64, n: f64, z: f64) -> (f64, f64) {
    let square = z * z;
    let (middle, scale) = (share + square / (2.0 * n), 1.0 + square / n);
    let half = z * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
    (((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0))
}

/// The normal distribution's quantile for a share above a half, by halving what its tail
/// function leaves open: slow, short, and exact enough.
fn normal_quantile(share: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 10.0_f64);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if 1.0 - beyond(middle) < share { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// The share of a normal distribution beyond `z`: Abramowitz and Stegun 26.2.17, to 7.5e-8.
fn beyond(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let terms = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let sum = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * t);
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * sum
}
