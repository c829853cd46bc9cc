//! One number from one reading of an endpoint, or from two. Pure.
//!
//! A counter that went down was restarted, and a series that was not there
//! before began at zero: either way its whole value is the increase. No traffic,
//! no such metric, a number that is none: no reading, never a healthy zero.

use super::openmetrics::Line;
use super::selector::Selector;
use crate::domain::series::Reading;
use crate::domain::signal::Compute;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The most series that one name with labels may match.
const MOST: usize = 10_000;

/// What to compute, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    kind: Kind,
    selectors: Vec<Selector>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Gauge,
    Rate,
    Ratio,
    Quantile(f64),
}

/// A computed number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// The number.
    pub value: f64,
    /// How many events it rests on; `u64::MAX` for gauges.
    pub events: u64,
    /// Whether it is only known to be at least that: a quantile beyond the last bucket.
    pub at_least: bool,
}

/// The series of one reading that a formula needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaped {
    /// When it was read, on a clock that never jumps.
    pub at: Duration,
    groups: Vec<Group>,
}

/// The series of one selector.
#[derive(Clone, Debug, Default, PartialEq)]
struct Group {
    /// Whether the metric exists at all, with samples or only declared.
    exists: bool,
    /// Whether it has any series, matching or not.
    sampled: bool,
    /// Which of the selector's labels any series of that name has.
    labels: BTreeSet<String>,
    series: BTreeMap<Vec<(String, String)>, f64>,
    too_many: bool,
}

impl Formula {
    /// Checks names, labels and quantile; the error says what to write in place.
    pub fn new(compute: &Compute) -> Result<Self, String> {
        let selector = |text: &str| text.parse::<Selector>().map_err(|e| e.to_string());
        let (kind, selectors) = match compute {
            Compute::Gauge { metric } => (Kind::Gauge, vec![selector(metric)?]),
            Compute::Rate { metric } => (Kind::Rate, vec![selector(metric)?]),
            Compute::Ratio { part, whole } => (Kind::Ratio, vec![selector(part)?, selector(whole)?]),
            Compute::Quantile { metric, q } if (0.0..=1.0).contains(q) => {
                let mut buckets = selector(metric)?;
                buckets.name.push_str("_bucket");
                (Kind::Quantile(*q), vec![buckets])
            }
            Compute::Quantile { q, .. } => return Err(format!("q = {q} is no quantile; write one between 0 and 1")),
        };
        Ok(Self { kind, selectors })
    }

    /// Nothing read yet.
    pub fn begin(&self, at: Duration) -> Reaped {
        Reaped { at, groups: vec![Group::default(); self.selectors.len()] }
    }

    /// Takes what one line says.
    pub fn take(&self, line: &Line<'_>, reaped: &mut Reaped) {
        self.selectors.iter().zip(&mut reaped.groups).for_each(|(selector, group)| group.take(selector, line));
    }

    /// Whether the number comes from the difference of two readings.
    pub fn needs_two(&self) -> bool {
        self.kind != Kind::Gauge
    }

    /// The number, or why there is none.
    pub fn number(&self, before: Option<&Reaped>, now: &Reaped) -> Result<Number, String> {
        for (selector, group) in self.selectors.iter().zip(&now.groups) {
            group.check(selector)?;
        }
        let first = now.groups.first().ok_or("nothing to compute")?;
        if self.kind == Kind::Gauge {
            return gauge(self.selectors.first(), first);
        }
        let before = before.ok_or("it takes two readings, and this is the first")?;
        let seconds = now.at.saturating_sub(before.at).as_secs_f64();
        let mut was = before.groups.first().ok_or("nothing to compute")?;
        match self.kind {
            Kind::Gauge => gauge(self.selectors.first(), first),
            Kind::Rate if seconds <= 0.0 => Err("no time has passed between two readings".to_owned()),
            Kind::Rate => {
                let increase = first.increase(was);
                number(increase / seconds, increase)
            }
            Kind::Ratio => {
                let (whole, mut whole_was) = now.groups.get(1).zip(before.groups.get(1)).ok_or("nothing to compute")?;
                let nothing = Group::default();
                if whole.restarted(whole_was) {
                    (was, whole_was) = (&nothing, &nothing);
                }
                let (part, whole) = (first.increase(was), whole.increase(whole_was));
                if whole <= 0.0 { Err(no_traffic(self.selectors.get(1))) } else { number(part / whole, whole) }
            }
            Kind::Quantile(q) => quantile(q, self.selectors.first(), first, was),
        }
    }
}

impl Group {
    fn take(&mut self, selector: &Selector, line: &Line<'_>) {
        match line {
            // Counters and histograms are declared without their ending.
            Line::Declared(name) => {
                let rest = selector.name.strip_prefix(name);
                self.exists |= matches!(rest, Some("" | "_total" | "_bucket" | "_count" | "_sum"));
            }
            Line::Sample(sample) if sample.name == selector.name => {
                (self.exists, self.sampled) = (true, true);
                let wanted =
                    selector.matchers.iter().filter(|m| sample.labels.iter().any(|(name, _)| *name == m.label));
                self.labels.extend(wanted.map(|m| m.label.clone()));
                if !selector.matches(sample) {
                    return;
                }
                let mut labels: Vec<_> =
                    sample.labels.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
                labels.sort_unstable();
                self.too_many |= self.series.len() >= MOST;
                if !self.too_many {
                    self.series.insert(labels, sample.value);
                }
            }
            Line::Sample(_) => {}
        }
    }

    /// Refuses what would otherwise read as a healthy zero: a metric that does
    /// not exist, and a label that none of its series has.
    fn check(&self, selector: &Selector) -> Result<(), String> {
        let name = &selector.name;
        if !self.exists {
            return Err(format!("the endpoint has no metric {name}"));
        }
        if self.too_many {
            return Err(format!("more than {MOST} series of {name} match; name more labels"));
        }
        let unknown =
            selector.matchers.iter().find(|m| m.equal && !m.value.is_empty() && !self.labels.contains(&m.label));
        match unknown {
            Some(matcher) if self.sampled => Err(format!("no series of {name} has a label {}", matcher.label)),
            _ if self.series.values().any(|value| !value.is_finite()) => Err(format!("{name} is NaN or infinite")),
            _ => Ok(()),
        }
    }

    /// Whether the program behind most of what was counted began anew. Then even
    /// a counter that has overtaken its old value since counts from zero, or the
    /// few failures of a fresh start would vanish behind those of the old one.
    fn restarted(&self, was: &Group) -> bool {
        let dropped = |(labels, before): &(&Vec<_>, &f64)| self.series.get(*labels).is_some_and(|now| now < *before);
        let fell: f64 = was.series.iter().filter(dropped).map(|(_, before)| before).sum();
        fell * 2.0 > was.series.values().sum()
    }

    /// By how much all series together have grown.
    fn increase(&self, was: &Group) -> f64 {
        self.series.iter().map(|(labels, now)| grown(was.series.get(labels), *now)).sum()
    }
}

/// By how much a counter has grown; from zero when it is new or was restarted.
fn grown(was: Option<&f64>, now: f64) -> f64 {
    match was {
        Some(was) if now >= *was => now - was,
        _ => now.max(0.0),
    }
}

fn gauge(selector: Option<&Selector>, group: &Group) -> Result<Number, String> {
    if group.series.is_empty() {
        let name = selector.map_or("the metric", |s| s.name.as_str());
        return Err(format!("no series of {name} has these labels"));
    }
    Ok(Number { value: group.series.values().sum(), events: u64::MAX, at_least: false })
}

fn number(value: f64, events: f64) -> Result<Number, String> {
    if !value.is_finite() || !events.is_finite() {
        return Err("the result is no finite number".to_owned());
    }
    // `as` saturates, and events are never negative.
    Ok(Number { value, events: events.round() as u64, at_least: false })
}

fn no_traffic(selector: Option<&Selector>) -> String {
    format!("no traffic: {} did not increase", selector.map_or("the metric", |s| s.name.as_str()))
}

/// A quantile of what was added to a histogram, linear within a bucket; the
/// first bucket begins at zero unless it ends below it.
fn quantile(q: f64, selector: Option<&Selector>, now: &Group, was: &Group) -> Result<Number, String> {
    let nothing = Group::default();
    let buckets = buckets(now, if now.restarted(was) { &nothing } else { was })?;
    let total = buckets.last().filter(|(bound, _)| bound.is_infinite()).map(|(_, count)| *count);
    let total = total.ok_or("the histogram has no +Inf bucket")?;
    if total <= 0.0 {
        return Err(no_traffic(selector));
    }
    let rank = q * total;
    let (mut from, mut below) = (None::<f64>, 0.0);
    for (bound, count) in buckets {
        if count >= rank && bound.is_finite() {
            let start = from.unwrap_or(if bound > 0.0 { 0.0 } else { bound });
            let share = if count > below { (rank - below) / (count - below) } else { 1.0 };
            return number(start + (bound - start) * share.clamp(0.0, 1.0), total);
        }
        if bound.is_finite() {
            (from, below) = (Some(bound), count);
        }
    }
    let last = from.ok_or("the histogram has no bucket but +Inf")?;
    Ok(Number { at_least: true, ..number(last, total)? })
}

/// Cumulative increases by upper bound, in order, never going down.
fn buckets(now: &Group, was: &Group) -> Result<Vec<(f64, f64)>, String> {
    let mut all: Vec<(f64, f64)> = Vec::new();
    for (labels, value) in &now.series {
        let le = labels.iter().find(|(name, _)| name == "le").and_then(|(_, bound)| bound.parse::<f64>().ok());
        let bound = le.filter(|bound| !bound.is_nan()).ok_or("a bucket of the histogram has no bound `le`")?;
        let increase = grown(was.series.get(labels), *value);
        match all.iter_mut().find(|(known, _)| *known == bound) {
            Some((_, sum)) => *sum += increase,
            None => all.push((bound, increase)),
        }
        if all.len() > 1000 {
            return Err("the histogram has more than 1000 buckets".to_owned());
        }
    }
    all.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut most = 0.0f64;
    for (_, count) in &mut all {
        most = most.max(*count);
        *count = most;
    }
    Ok(all)
}

impl Number {
    /// The number as a reading taken at `at`.
    pub fn reading(self, at: crate::domain::Timestamp) -> Reading {
        Reading { at, value: self.value, events: self.events }
    }
}
