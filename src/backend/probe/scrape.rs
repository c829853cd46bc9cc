//! One endpoint of metrics, read once for all signals that come from it.
//!
//! Parsing and arithmetic are elsewhere; this only fetches and remembers.

use super::compute::{Formula, Number, Reaped};
use super::http::Http;
use super::job::why_not;
use super::openmetrics::Parser;
use crate::domain::observed::Observation;
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::span::Span;
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// An endpoint and the signals that are computed from it.
pub struct Scrape {
    client: Http,
    url: String,
    limit: Duration,
    every: Span,
    targets: Vec<Target>,
}

/// One signal of a scrape.
pub struct Target {
    at: SignalAt,
    signal: Signal,
    formula: Formula,
    /// The reading before, if there is one that is recent enough to compare with.
    before: Option<Reaped>,
    /// Whether the last reading had none to be compared with.
    half: bool,
}

impl Target {
    /// A signal at a place, not read yet.
    pub fn new(at: SignalAt, signal: Signal, formula: Formula) -> Self {
        Self { at, signal, formula, before: None, half: false }
    }

    /// What this reading says, and keeps it for the next.
    fn observe(&mut self, now: Reaped, every: Span) -> Observation {
        let recent = |before: &Reaped| now.at.saturating_sub(before.at) <= every.times(5).std();
        let before = self.before.take().filter(recent);
        self.half = before.is_none() && self.formula.needs_two();
        let number = self.formula.number(before.as_ref(), &now).and_then(|number| self.meaningful(number));
        self.before = Some(now);
        match number {
            Ok(number) => Observation::Reading(self.at.clone(), number.reading(chrono::Utc::now())),
            Err(why) => Observation::NoReading(self.at.clone(), why_not(&why)),
        }
    }

    /// A number that is only known to be at least so much counts when that is
    /// already beyond the threshold; otherwise it says nothing.
    fn meaningful(&self, number: Number) -> Result<Number, String> {
        let failing = self.signal.fail.or(self.signal.warn).is_some_and(|most| self.signal.beyond(number.value, most));
        if number.at_least && !failing {
            let bound = self.signal.unit.show(number.value);
            return Err(format!("more than {bound}, the histogram's last bound; it cannot be told how much more"));
        }
        Ok(number)
    }
}

impl Scrape {
    /// An endpoint that is read within `limit`, every `every`.
    pub fn new(client: Http, url: String, limit: Duration, every: Span, targets: Vec<Target>) -> Self {
        Self { client, url, limit, every, targets }
    }

    /// Reads once; one observation for each signal.
    pub async fn read(&mut self) -> Vec<Observation> {
        match self.fetch().await {
            Ok(all) => {
                let every = self.every;
                self.targets.iter_mut().zip(all).map(|(target, now)| target.observe(now, every)).collect()
            }
            Err(why) => {
                let why = why_not(&why);
                self.targets.iter().map(|target| Observation::NoReading(target.at.clone(), why.clone())).collect()
            }
        }
    }

    /// Whether some signal has its first reading only and needs a second.
    pub fn half(&self) -> bool {
        self.targets.iter().any(|target| target.half)
    }

    async fn fetch(&self) -> Result<Vec<Reaped>, String> {
        let at = since_boot();
        let mut all: Vec<Reaped> = self.targets.iter().map(|target| target.formula.begin(at)).collect();
        let mut parser = Parser::default();
        let mut each = |bytes: &[u8]| {
            let take = &mut |line: super::openmetrics::Line<'_>| {
                self.targets.iter().zip(&mut all).for_each(|(target, reaped)| target.formula.take(&line, reaped));
            };
            parser.feed(bytes, take).map_err(|e| e.to_string())
        };
        let openmetrics = self.client.scrape(&self.url, self.limit, &mut each).await?;
        parser.finish(openmetrics).map_err(|e| e.to_string())?;
        Ok(all)
    }
}

/// Time on a clock that never jumps and counts while the machine sleeps.
fn since_boot() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}
