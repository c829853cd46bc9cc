//! Counts of each version out of what was asked. Pure.
//!
//! A version that one of the answers lacks is left out: a missing series is not zero, and
//! whoever compares says so.

use crate::domain::versions::{Counts, MOST};
use std::collections::BTreeMap;

/// Bad events of all, version by version.
///
/// # Errors
/// When no version is in both answers, or a count is none.
pub fn shares(bad: &BTreeMap<String, f64>, all: &BTreeMap<String, f64>) -> Result<BTreeMap<String, Counts>, String> {
    let both = all.iter().filter_map(|(version, all)| {
        let bad = *bad.get(version)?;
        Some(whole(bad).and_then(|bad| Ok((version.clone(), Counts { bad, all: whole(*all)? }))))
    });
    let both: BTreeMap<_, _> = both.collect::<Result<_, String>>()?;
    match both.is_empty() {
        true => {
            Err("no version is in both answers; where bad events may have no series, write `… or 0 * …`".to_owned())
        }
        false => Ok(both),
    }
}

/// Requests that took longer than a bound, version by version.
///
/// # Errors
/// When the bound is none of the histogram's own, the last bucket is missing, or a count is none.
pub fn slower(buckets: &BTreeMap<String, Vec<(f64, f64)>>, than: f64) -> Result<BTreeMap<String, Counts>, String> {
    let one = |(version, buckets): (&String, &Vec<(f64, f64)>)| {
        let at = |bound: f64| buckets.iter().find(|(own, _)| *own == bound).map(|(_, below)| *below);
        let all = at(f64::INFINITY).ok_or("the histogram has no bucket +Inf")?;
        let within = at(than).ok_or_else(|| {
            let mut bounds: Vec<f64> = buckets.iter().map(|(bound, _)| *bound).filter(|b| b.is_finite()).collect();
            bounds.sort_unstable_by(f64::total_cmp);
            let bounds: Vec<_> = bounds.iter().map(f64::to_string).collect();
            format!("no bucket ends at {than} s; there are {}", bounds.join(", "))
        })?;
        let all = whole(all)?;
        Ok((version.clone(), Counts { bad: all.saturating_sub(whole(within)?), all }))
    };
    buckets.iter().map(one).collect()
}

/// A count of an extrapolating source as a whole number; what is below nothing is nothing.
fn whole(count: f64) -> Result<u64, String> {
    match count.max(0.0).round() {
        count if count <= MOST as f64 => Ok(count as u64),
        _ => Err(format!("a count of {count:e} is beyond {MOST:e}, more than can be counted with")),
    }
}
