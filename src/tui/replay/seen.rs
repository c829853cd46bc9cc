//! Samples as what watches would have told: the same observations, ten seconds
//! apart.
//!
//! A reading is told once and ages from when it was taken, so that a gap in the
//! samples looks on the screens as it was: late, then lost.

use crate::domain::Timestamp;
use crate::domain::name::{BackendName, EnvironmentName, ServiceName, SignalName};
use crate::domain::observed::{Observation, Observed, Stamped};
use crate::domain::sample::{EVERY, Known, Live, Measured, Sample};
use crate::domain::series::{Reading, SERIES};
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use std::collections::BTreeMap;

/// Observations by the instant of their sample.
#[derive(Default)]
pub(super) struct Seen {
    taken: Vec<(Timestamp, Vec<Stamped>)>,
}

impl Seen {
    /// Reads samples; `every` says how often a signal was read.
    pub(super) fn of(samples: &[Sample], every: impl Fn(&SignalName) -> Option<Span>) -> Self {
        let mut last: BTreeMap<SignalAt, Timestamp> = BTreeMap::new();
        let mut known: BTreeMap<(ServiceName, EnvironmentName), Known> = BTreeMap::new();
        let taken = samples.iter().map(|sample| {
            let mut told: Vec<_> = sample.live.iter().filter_map(|l| deployed(l, &mut known)).collect();
            for measured in &sample.signals {
                let at = SignalAt { signal: measured.signal.clone(), environment: measured.place.clone() };
                let Some(reading) = reading(measured).filter(|r| last.get(&at) != Some(&r.at)) else { continue };
                last.insert(at.clone(), reading.at);
                let every = every(&measured.signal).unwrap_or(EVERY).max(EVERY);
                told.push(stamped(sample.at, BackendName::new("samples"), every, Observation::Reading(at, reading)));
            }
            (sample.at, told)
        });
        Self { taken: taken.collect() }
    }

    /// When the first sample was taken.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.taken.first().map(|(at, _)| *at)
    }

    /// What was told after an instant, up to and with another.
    pub(super) fn between(&self, after: Timestamp, to: Timestamp) -> Vec<Stamped> {
        let new = self.taken.iter().skip(self.until(after)).take_while(|(at, _)| *at <= to);
        new.flat_map(|(_, told)| told.iter().cloned()).collect()
    }

    /// Everything that was known at an instant.
    pub(super) fn observed(&self, at: Timestamp) -> Observed {
        let mut observed = Observed::default();
        let until = self.until(at);
        let told = self.taken.iter().take(until).skip(until.saturating_sub(SERIES));
        told.flat_map(|(_, told)| told).for_each(|seen| observed.apply(seen));
        observed
    }

    fn until(&self, at: Timestamp) -> usize {
        self.taken.partition_point(|(taken, _)| *taken <= at)
    }
}

fn stamped(at: Timestamp, source: BackendName, every: Span, what: Observation) -> Stamped {
    Stamped { at, source, every, what: Ok(what) }
}

fn reading(measured: &Measured) -> Option<Reading> {
    let (value, events) = (measured.value.unwrap_or(f64::NAN), measured.events.unwrap_or(u64::MAX));
    Some(Reading { at: measured.at?, value, events })
}

/// A deployment in full; what is as before is not written in each sample.
fn deployed(live: &Live, known: &mut BTreeMap<(ServiceName, EnvironmentName), Known>) -> Option<Stamped> {
    let key = (live.service.clone(), live.place.clone());
    if let Some(is) = &live.is {
        known.insert(key.clone(), is.clone());
    }
    let Known { source, every, deployment } = known.get(&key)?.clone();
    Some(stamped(live.at, source, every.max(EVERY), Observation::Deployment(key, deployment)))
}
