//! One number out of an answer to an instant query, or why there is none. Pure.
//!
//! An empty vector is not zero, several series are not their sum, and NaN is no
//! number: all of them are unknown.

use super::super::http::answer::depth;
use crate::domain::series::{HOUR, Minute, Reading};
use crate::domain::span::Span;
use crate::domain::text::{shortened, visible};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::collections::BTreeMap;

/// How many series a refusal names.
const NAMED: usize = 3;

/// A number with the time it is of, by the server's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When, in seconds since the epoch.
    pub at: f64,
    /// The number, finite.
    pub value: f64,
}

/// The labels of a series and its number, with the time it is of.
type Labelled = (BTreeMap<String, String>, f64, f64);

#[derive(Deserialize)]
struct Envelope {
    status: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    data: Option<Found>,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Found {
    Scalar((f64, String)),
    Vector(Vec<Series>),
    Matrix(Vec<Row>),
    String(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Series {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(default)]
    value: Option<(f64, String)>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    values: Vec<(f64, String)>,
}

fn envelope(body: &[u8]) -> Result<Found, String> {
    if depth(body) > 16 {
        return Err("the answer is nested deeper than any of Prometheus".to_owned());
    }
    let unread = |e: serde_json::Error| format!("the answer is none of Prometheus: {}", visible(&e.to_string()));
    let envelope: Envelope = serde_json::from_slice(body).map_err(unread)?;
    if envelope.status != "success" {
        return Err(format!("the query failed: {}", shortened(&visible(&envelope.error), 200)));
    }
    // A warning says that a part of the data may be missing: then the number is not known.
    if let Some(warning) = envelope.warnings.first() {
        return Err(format!("the answer may be incomplete: {}", shortened(&visible(warning), 200)));
    }
    envelope.data.ok_or_else(|| "the answer holds no data".to_owned())
}

/// The one number of an answer.
///
/// # Errors
/// Why there is none, in words for the screen.
pub fn point(body: &[u8]) -> Result<Point, String> {
    let (at, value) = match envelope(body)? {
        Found::Scalar(sample) => sample,
        Found::Vector(series) => match series.as_slice() {
            [] => return Err("the query finds no series; an empty answer is not zero".to_owned()),
            [Series { value: Some(sample), .. }] => sample.clone(),
            [_] => return Err("the query gives a native histogram; make one number of it".to_owned()),
            many => return Err(several(many)),
        },
        Found::Matrix(_) => return Err("the query gives a range; take a rate or a newest value of it".to_owned()),
        Found::String(_) => return Err("the query gives a text".to_owned()),
    };
    let number: f64 = value.parse().map_err(|_| format!("{:?} is no number", shortened(&visible(&value), 40)))?;
    if !number.is_finite() || !at.is_finite() {
        let why = if number.is_nan() { "NaN, as of nothing divided by nothing" } else { "infinite" };
        return Err(format!("the number is {why}"));
    }
    Ok(Point { at, value: number })
}

/// The numbers of an instant query by the value of one label, and the time they are of.
///
/// # Errors
/// Why there are none: no series, one without the label, or two with the same value.
pub fn by_label(body: &[u8], label: &str) -> Result<(BTreeMap<String, f64>, f64), String> {
    let (mut all, mut of) = (BTreeMap::new(), f64::NAN);
    for (mut names, number, at) in vector(body)? {
        of = at;
        let name = names.remove(label).ok_or_else(|| unlabelled(label))?;
        if all.insert(visible(&name), number).is_some() {
            return Err(format!("several series of {label}={:?}; sum by ({label})", shortened(&visible(&name), 40)));
        }
    }
    Ok((all, of))
}

/// The buckets of a histogram by the value of one label: upper bounds with how many lie below.
///
/// # Errors
/// Why there are none: no series, one without the label or a bound, or two with the same of both.
pub fn buckets(body: &[u8], label: &str) -> Result<BTreeMap<String, Vec<(f64, f64)>>, String> {
    let mut all: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for (mut names, number, _) in vector(body)? {
        let name = names.remove(label).ok_or_else(|| unlabelled(label))?;
        let bound = names.remove("le").and_then(|le| le.parse::<f64>().ok()).filter(|bound| !bound.is_nan());
        let bound = bound.ok_or_else(|| "a series without a bound `le`; sum by it too".to_owned())?;
        all.entry(visible(&name)).or_default().push((bound, number));
    }
    for (name, of) in &mut all {
        of.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        // The bucket of one pod is not that of all of them: what was not summed is not known.
        let twice = of.iter().zip(of.iter().skip(1)).find(|((one, _), (next, _))| one == next);
        if let Some(((bound, _), _)) = twice {
            let name = shortened(name, 40);
            return Err(format!("several series of {label}={name:?} and le={bound}; sum by ({label}, le)"));
        }
    }
    Ok(all)
}

fn unlabelled(label: &str) -> String {
    format!("a series without the label {label}; sum by ({label})")
}

/// Every series of an instant query with its number, none of them NaN or infinite.
fn vector(body: &[u8]) -> Result<Vec<Labelled>, String> {
    let Found::Vector(series) = envelope(body)? else { return Err("the query gives no series by label".to_owned()) };
    if series.is_empty() {
        return Err("the query finds no series; an empty answer is not zero".to_owned());
    }
    let one = |series: Series| {
        let sample = series.value.and_then(|(at, value)| Some((value.parse::<f64>().ok()?, at)));
        let (number, at) =
            sample.filter(|(number, _)| number.is_finite()).ok_or("one of the numbers is NaN or infinite")?;
        Ok((series.metric, number, at))
    };
    series.into_iter().map(one).collect()
}

fn several(many: &[Series]) -> String {
    let name = |series: &Series| {
        let labels: Vec<_> = series.metric.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        shortened(&visible(&format!("{{{}}}", labels.join(","))), 80)
    };
    let named: Vec<_> = many.iter().take(NAMED).map(name).collect();
    let more = if many.len() > NAMED { ", …" } else { "" };
    format!("the query finds {} series where one is wanted: {}{more}; sum or select them", many.len(), named.join(", "))
}

/// The numbers of an answer to a range query over minutes, oldest first; what is no number is left out.
///
/// # Errors
/// Why there are none.
pub fn minutes(body: &[u8]) -> Result<Vec<Minute>, String> {
    let Found::Matrix(rows) = envelope(body)? else { return Err("the answer is no range".to_owned()) };
    let [row] = rows.as_slice() else { return Err(format!("{} series where one is wanted", rows.len())) };
    let minute = |(at, value): &(f64, String)| {
        let value: f64 = value.parse().ok().filter(|value: &f64| value.is_finite())?;
        let at: DateTime<Utc> = DateTime::from_timestamp(*at as i64, 0)?;
        Some(Minute::of(&Reading { at, value, events: u64::MAX }))
    };
    Ok(row.values.iter().filter_map(minute).collect())
}

/// The same hour by hour, each as of its end and with the minutes of it that are known: a value stands for the step
/// before it, and NaN, as of nothing divided by nothing, for one in which nothing happened. An hour that has not ended
/// is left out.
///
/// # Errors
/// Why there are none.
pub fn hours(body: &[u8], step: Span) -> Result<Vec<Minute>, String> {
    let Found::Matrix(rows) = envelope(body)? else { return Err("the answer is no range".to_owned()) };
    let [row] = rows.as_slice() else { return Err(format!("{} series where one is wanted", rows.len())) };
    let (step, hour) = (step.delta().num_minutes().max(1), HOUR.delta().num_minutes());
    let mut hours: Vec<Minute> = Vec::new();
    let mut end = i64::MIN;
    for (at, value) in &row.values {
        let Ok(value) = value.parse::<f64>() else { continue };
        let (value, minute) = (if value.is_nan() { 0.0 } else { value }, (*at as i64).div_euclid(60));
        if !value.is_finite() {
            continue;
        }
        end = minute;
        let ends = (minute + hour - 1).div_euclid(hour) * hour;
        match hours.last_mut().filter(|last| last.minute == ends) {
            Some(last) => {
                let weight = last.weight + step as f32;
                last.mean += (value as f32 - last.mean) * step as f32 / weight;
                last.weight = weight;
            }
            None => hours.push(Minute { minute: ends, mean: value as f32, weight: step as f32 }),
        }
    }
    hours.retain(|hour| hour.minute <= end);
    Ok(hours)
}
