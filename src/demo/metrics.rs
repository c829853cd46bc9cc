//! Counting, and saying it as OpenMetrics text. What is counted is what was
//! seen; nothing here is smoothed or made up.

use std::fmt::Write;
use std::time::Duration;

/// What a page of metrics is called on the wire.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the buckets, in seconds.
const BOUNDS: [f64; 16] = [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 3.0];

/// Lengths of time, counted by size.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    /// Counts one.
    pub fn record(&mut self, took: Duration) {
        let took = took.as_secs_f64();
        self.count += 1;
        self.sum += took;
        let fits = self.buckets.iter_mut().zip(BOUNDS).filter(|(_, bound)| took <= *bound);
        fits.for_each(|(bucket, _)| *bucket += 1);
    }
}

/// A page of metrics as it is written.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// Begins a family of samples.
    pub fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.text, "# TYPE {name} {kind}\n# HELP {name} {help}");
    }

    /// Says one number; names and labels are our own and need no escaping.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect::<Vec<_>>().join(",");
        let labels = if labels.is_empty() { labels } else { format!("{{{labels}}}") };
        let _ = writeln!(self.text, "{name}{labels} {value}");
    }

    /// Says a histogram.
    pub fn histogram(&mut self, name: &str, labels: &[(&str, &str)], histogram: &Histogram) {
        let bucket = format!("{name}_bucket");
        let bounds = BOUNDS.iter().map(|bound| format!("{bound:?}")).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(histogram.buckets.iter().chain([&histogram.count])) {
            self.sample(&bucket, &[labels, &[("le", bound.as_str())]].concat(), *count as f64);
        }
        self.sample(&format!("{name}_count"), labels, histogram.count as f64);
        self.sample(&format!("{name}_sum"), labels, histogram.sum);
    }

    /// The whole page.
    pub fn end(mut self) -> String {
        self.text.push_str("# EOF\n");
        self.text
    }
}
