//! The summary of k6: of `--summary-export`, and of `handleSummary`.
//!
//! The older one says `true` of a threshold that was crossed, the newer one `ok: false`. A test
//! that made no request, or judged no threshold, says nothing of them.

use super::{ANEW, Said, foreign, json, none_such, nothing};
use crate::domain::result_file::{Figure, Format};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Summary {
    metrics: BTreeMap<String, Metric>,
}

/// A metric; its values stand in it, or in a table of their own.
#[derive(Deserialize)]
struct Metric {
    values: Option<Values>,
    #[serde(default)]
    thresholds: BTreeMap<String, Threshold>,
    #[serde(rename = "p(95)")]
    p95: Option<f64>,
    count: Option<f64>,
    value: Option<f64>,
    passes: Option<u64>,
    fails: Option<u64>,
}

#[derive(Clone, Copy, Deserialize)]
struct Values {
    #[serde(rename = "p(95)")]
    p95: Option<f64>,
    count: Option<f64>,
    rate: Option<f64>,
    passes: Option<u64>,
    fails: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Threshold {
    Crossed(bool),
    Judged { ok: bool },
}

/// Takes a figure of a file.
pub fn read(text: &str, figure: Figure) -> Result<Said, String> {
    let summary: Summary = json::read(text, Format::K6)?;
    let requests = || {
        let count = summary.values("http_reqs").and_then(|values| values.count);
        whole(count.ok_or_else(|| nothing("http_reqs"))?)
    };
    let of_some = || requests().and_then(|made| if made == 0 { Err(nothing("request")) } else { Ok(made) });
    match figure {
        Figure::Requests => requests().map(|made| Said::count(made, made, None)),
        Figure::P95Seconds => {
            let made = of_some()?;
            let p95 = summary.values("http_req_duration").and_then(|values| values.p95);
            let p95 = p95.filter(|millis| *millis >= 0.0 && millis.is_finite());
            let p95 = p95.ok_or_else(|| foreign(Format::K6, "it has no p(95) of http_req_duration"))?;
            Ok(Said { value: p95 / 1000.0, events: made, written: None })
        }
        Figure::FailedRatio => {
            let made = of_some()?;
            let failed = summary.values("http_req_failed").ok_or_else(|| nothing("http_req_failed"))?;
            if let (Some(failures), Some(rest)) = (failed.passes, failed.fails) {
                // What it counts are failures: a request that failed has passed it.
                return Said::share(failures, failures.saturating_add(rest), "request", None);
            }
            let rate = failed.rate.filter(|rate| (0.0..=1.0).contains(rate));
            let value = rate.ok_or_else(|| format!("its rate of http_req_failed is none; {ANEW}"))?;
            Ok(Said { value, events: made, written: None })
        }
        Figure::ThresholdsFailed => summary.crossed(),
        _ => Err(none_such(Format::K6, figure)),
    }
}

impl Summary {
    fn values(&self, metric: &str) -> Option<Values> {
        self.metrics.get(metric).map(Metric::all)
    }

    fn crossed(&self) -> Result<Said, String> {
        let (mut crossed, mut judged) = (0, 0);
        for (name, metric) in &self.metrics {
            for threshold in metric.thresholds.values() {
                let failed = match threshold {
                    Threshold::Crossed(crossed) => *crossed,
                    Threshold::Judged { ok } => !ok,
                };
                let values = metric.all();
                // A share of nothing crosses nothing, whatever was asked of it.
                if !failed && (values.passes, values.fails) == (Some(0), Some(0)) {
                    return Err(nothing(&format!("event of {name}, on which a threshold rests")));
                }
                judged += 1;
                crossed += u64::from(failed);
            }
        }
        match judged {
            0 => Err(nothing("threshold")),
            _ => Ok(Said::count(crossed, judged, None)),
        }
    }
}

impl Metric {
    fn all(&self) -> Values {
        let here =
            Values { p95: self.p95, count: self.count, rate: self.value, passes: self.passes, fails: self.fails };
        self.values.unwrap_or(here)
    }
}

/// A number of requests, which the newer summary writes as a number of any kind.
fn whole(count: f64) -> Result<u64, String> {
    match count >= 0.0 && count.fract() == 0.0 && count < 9e15 {
        true => Ok(count as u64),
        false => Err(format!("its count of http_reqs is {count}; {ANEW}")),
    }
}
