//! The metrics of a place, saved beside the snapshot of it: the last hour of its signals, as this
//! session holds them, in a file that any program can plot.
//!
//! Whatever backend takes the snapshot, they are saved before it is asked. Where nothing was read
//! there is no file, and that is said.

use crate::backend::child::Kept;
use crate::domain::Timestamp;
use crate::domain::effect::Effect;
use crate::domain::operation::Verb;
use crate::domain::report::{Output, Receipt, Report};
use crate::domain::series::{Minute, Series};
use crate::domain::signal::{Signal, SignalAt};
use crate::domain::span::Span;
use crate::engine::Given;
use std::fmt::Write;
use std::path::Path;

/// How far back they reach.
const BACK: Span = Span::mins(60);
/// Of how many signals of which nothing was read the summary tells.
const NAMED: usize = 4;
/// The columns.
const HEAD: &str = "time,signal,environment,value,unit,events,of\n";

/// What is to be saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// The place in words.
    place: String,
    /// One line a value, under a head.
    csv: String,
    values: usize,
    signals: usize,
    /// Signals of which nothing was read, and why.
    without: Vec<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// In words, for people.
    words: String,
    /// The file, as the journal names it.
    file: Option<String>,
    /// Whether it was to be saved and was not.
    failed: bool,
}

impl Metrics {
    /// Those that go with an effect: for a snapshot of a service at a place, none for all else.
    pub fn of(effect: &Effect, given: &Given<'_>) -> Option<Self> {
        let Effect::Perform { operation, .. } = effect else { return None };
        let (service, place) = operation.target().filter(|_| operation.verb == Verb::Snapshot)?;
        let mut metrics = Self { place: format!("{service} in {place}"), csv: HEAD.to_owned(), ..Self::default() };
        let all = given.workspace.signals.values();
        for signal in all.filter(|s| s.service == *service && s.environments.contains(place)) {
            let at = SignalAt { signal: signal.name.clone(), environment: place.clone() };
            metrics.add(signal, &at, given.observed.series.get(&at), given.now);
        }
        Some(metrics)
    }

    fn add(&mut self, signal: &Signal, at: &SignalAt, series: Option<&Series>, now: Timestamp) {
        let from = now - BACK.delta();
        let before = self.values;
        let readings = || series.into_iter().flat_map(|s| s.readings.iter()).filter(|r| r.at >= from);
        // What was read often enough reaches back less than an hour: before that, minute by minute.
        let first = readings().next().map_or(now, |reading| reading.at).timestamp();
        let minutes = series.into_iter().flat_map(|s| s.minutes.iter());
        for minute in minutes.filter(|m| m.minute * 60 >= from.timestamp() && (m.minute + 1) * 60 <= first) {
            let events = "";
            self.line(signal, at, time(&minute), f64::from(minute.mean), events, "minute");
        }
        for reading in readings() {
            let events = if reading.events == u64::MAX { String::new() } else { reading.events.to_string() };
            self.line(signal, at, Some(reading.at), reading.value, &events, "reading");
        }
        if self.values > before {
            self.signals += 1;
            return;
        }
        let fault = series.and_then(|s| s.fault.as_ref()).map(|(_, why)| format!(" ({why})"));
        self.without.push(format!("{}{}", signal.name, fault.unwrap_or_default()));
    }

    fn line(&mut self, signal: &Signal, at: &SignalAt, time: Option<Timestamp>, value: f64, events: &str, of: &str) {
        let Some(time) = time else { return };
        let time = time.format("%Y-%m-%dT%H:%M:%S%.3fZ");
        let (name, place, unit) = (&at.signal, &at.environment, signal.unit.word());
        if writeln!(self.csv, "{time},{name},{place},{value},{unit},{events},{of}").is_ok() {
            self.values += 1;
        }
    }

    /// Saves them in a file of their own; none where nothing was read.
    pub fn save(&self, path: &Path) -> Saved {
        let without = self.without();
        if self.values == 0 {
            let why = match without.as_str() {
                "" => format!("no signal tells about {}", self.place),
                without => format!("nothing was read in the last hour of {without}"),
            };
            return Saved { words: format!("no metrics: {why}"), file: None, failed: false };
        }
        match self.kept(path) {
            Ok(output) => {
                let without = if without.is_empty() { without } else { format!(", nothing was read of {without}") };
                let (values, signals) = (self.values, self.signals);
                let words = format!("metrics: {values} values of {signals} signals{without}");
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let file = format!("{name}: {} bytes, sha256 {}", output.bytes, output.digest);
                Saved { words, file: Some(file), failed: false }
            }
            Err(why) => {
                let words = format!("metrics are not saved: {}: {why}", path.display());
                Saved { words, file: None, failed: true }
            }
        }
    }

    /// Of which signals nothing was read, the first of them by name.
    fn without(&self) -> String {
        let more = self.without.len().saturating_sub(NAMED);
        let named: Vec<&str> = self.without.iter().take(NAMED).map(String::as_str).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{more}", named.join(", "))
    }

    fn kept(&self, path: &Path) -> Result<Output, String> {
        let mut kept = Kept::create(path).map_err(|error| error.to_string())?;
        kept.add(self.csv.as_bytes());
        match kept.finish() {
            output if output.dropped > 0 => Err(format!("there was no room for {} bytes of it", output.dropped)),
            output => Ok(output),
        }
    }
}

/// When a minute began.
fn time(minute: &Minute) -> Option<Timestamp> {
    Timestamp::from_timestamp(minute.minute * 60, 0)
}

impl Saved {
    /// The report of the snapshot, with what became of its metrics: a part of it, like any other.
    pub fn told(self, report: Report) -> Report {
        let words = |said: String| format!("{said}; {}", self.words);
        let with = |receipt: Receipt| {
            let mut detail = receipt.detail;
            detail.extend(self.file.iter().map(|file| ("metrics".to_owned(), file.clone())));
            Receipt { summary: words(receipt.summary), detail, output: receipt.output }
        };
        let (more, part) = (u32::from(self.file.is_some()), u32::from(self.file.is_some() || self.failed));
        match report {
            Report::Done(receipt) if self.failed => Report::Partly { done: 1, of: 2, receipt: with(receipt) },
            Report::Done(receipt) => Report::Done(with(receipt)),
            Report::Partly { done, of, receipt } => {
                let (done, of) = (done.saturating_add(more), of.saturating_add(part));
                Report::Partly { done, of, receipt: with(receipt) }
            }
            Report::NotDone { why, output } => Report::NotDone { why: self.alone(why), output },
            Report::Unknown { why, output } => Report::Unknown { why: self.alone(why), output },
            report @ Report::NotSent { .. } => report,
        }
    }

    /// What is said where the rest of the snapshot is not there.
    fn alone(&self, why: String) -> String {
        match &self.file {
            Some(file) => format!("{why}; its metrics alone are saved, in {file}"),
            None => why,
        }
    }
}
