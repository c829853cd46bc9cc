//! JMeter: `statistics.json` of its dashboard, or its results as CSV with a header.
//!
//! Of CSV every line is a request. A last line without its end was cut off; that whole lines are
//! missing nothing says, so the events are the lines, for `min_events`.

use super::{ANEW, Said, foreign, json, none_such, nothing, oldest};
use crate::domain::Timestamp;
use crate::domain::result_file::{Figure, Format};
use chrono::DateTime;
use serde::Deserialize;

#[derive(Deserialize)]
struct Statistics {
    #[serde(rename = "Total")]
    total: Total,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Total {
    sample_count: u64,
    error_count: u64,
    /// The 95th percentile, unless the dashboard was told otherwise.
    pct2_res_time: f64,
}

/// Takes a figure of a file.
pub fn read(text: &str, figure: Figure) -> Result<Said, String> {
    if !Format::Jmeter.figures().contains(&figure) {
        return Err(none_such(Format::Jmeter, figure));
    }
    if text.trim_start().starts_with('{') {
        let Statistics { total } = json::read(text, Format::Jmeter)?;
        return figures(figure, total.sample_count, total.error_count, None, || total.pct2_res_time);
    }
    let mut samples = samples(text)?;
    let (all, written) = (samples.elapsed.len() as u64, samples.written);
    figures(figure, all, samples.failed, written, || p95(&mut samples.elapsed))
}

fn figures(
    figure: Figure,
    all: u64,
    failed: u64,
    written: Option<Timestamp>,
    p95: impl FnOnce() -> f64,
) -> Result<Said, String> {
    match figure {
        Figure::Requests => Ok(Said::count(all, all, written)),
        Figure::FailedRatio => Said::share(failed, all, "request", written),
        _ if all == 0 => Err(nothing("request")),
        _ => match p95() {
            millis if millis >= 0.0 && millis.is_finite() => Ok(Said { value: millis / 1000.0, events: all, written }),
            millis => Err(format!("its 95th percentile is {millis} ms; {ANEW}")),
        },
    }
}

/// The time that 95 of 100 did not exceed: the nearest rank.
fn p95(elapsed: &mut [u32]) -> f64 {
    let rank = (elapsed.len() * 95).div_ceil(100).saturating_sub(1);
    match rank < elapsed.len() {
        true => f64::from(*elapsed.select_nth_unstable(rank).1),
        false => f64::NAN,
    }
}

struct Samples {
    elapsed: Vec<u32>,
    failed: u64,
    written: Option<Timestamp>,
}

fn samples(text: &str) -> Result<Samples, String> {
    if !text.ends_with('\n') {
        return Err(format!("its last line is not ended; {ANEW}"));
    }
    let mut lines = Lines(text);
    let header = lines.next().transpose()?.unwrap_or_default();
    let column = |name: &str| header.iter().position(|field| field == name);
    let (Some(elapsed_at), Some(success_at)) = (column("elapsed"), column("success")) else {
        return Err(foreign(
            Format::Jmeter,
            "it is neither statistics.json nor CSV with the columns elapsed and success",
        ));
    };
    let time_at = column("timeStamp");
    let (mut samples, mut last) = (Samples { elapsed: Vec::new(), failed: 0, written: None }, None::<i64>);
    for line in lines {
        let line = line?;
        let wrong = || format!("line {} of its samples is none; {ANEW}", samples.elapsed.len() + 1);
        if line.len() != header.len() {
            return Err(wrong());
        }
        let elapsed = line.get(elapsed_at).and_then(|field| field.parse().ok()).ok_or_else(wrong)?;
        let success = line.get(success_at).and_then(|field| truth(field)).ok_or_else(wrong)?;
        // Only milliseconds are an instant; JMeter can be told to write local times.
        let time = time_at.and_then(|at| line.get(at)).and_then(|field| field.parse::<i64>().ok());
        last = last.max(time);
        samples.elapsed.push(elapsed);
        samples.failed += u64::from(!success);
    }
    samples.written = oldest(None, last.and_then(DateTime::from_timestamp_millis));
    Ok(samples)
}

fn truth(field: &str) -> Option<bool> {
    match field.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The lines of CSV; a field in quotes may hold commas, quotes that are doubled, and line ends.
struct Lines<'a>(&'a str);

impl Iterator for Lines<'_> {
    type Item = Result<Vec<String>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
        let mut chars = self.0.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' if quoted && chars.next_if(|(_, next)| *next == '"').is_some() => field.push('"'),
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(std::mem::take(&mut field)),
                '\n' if !quoted => {
                    self.0 = self.0.get(at + 1..).unwrap_or_default();
                    fields.push(field.strip_suffix('\r').map(str::to_owned).unwrap_or(field));
                    return Some(Ok(fields));
                }
                _ => field.push(c),
            }
        }
        self.0 = "";
        Some(Err(format!("a quoted field of it is not ended; {ANEW}")))
    }
}
