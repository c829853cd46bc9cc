//! The rules behind alerts, for verbs that tell of alerts: those that cannot be relied on.
//!
//! A rule whose evaluation fails raises nothing, so "no alerts" says less than it seems to.

use crate::domain::observed::Observed;
use crate::runtime::clock::now;
use serde_json::{Value, json as object};

/// How many rules of a source are named.
const SHOWN: usize = 10;

/// A line for each rule that cannot be relied on, and for each source whose rules are not known or none. A source
/// that was not heard at all is told as that.
pub fn lines(observed: &Observed) -> Vec<String> {
    let mut all = Vec::new();
    for (source, seen) in &observed.rules {
        match &seen.value {
            Err(why) => all.push(format!("alert rules of {source}: ?? {why}")),
            Ok(rules) if rules.all == 0 => all.push(format!("alert rules of {source}: {}", rules.line())),
            Ok(rules) => {
                all.extend(
                    rules.ailing.iter().take(SHOWN).map(|rule| format!("alert rules of {source}: {}", rule.line())),
                );
                let more = rules.ailing.len().saturating_sub(SHOWN);
                all.extend((more > 0).then(|| format!("alert rules of {source}: and {more} more")));
            }
        }
    }
    all
}

/// The same for programs.
pub fn json(observed: &Observed) -> (Value, Value) {
    let at = now();
    let told = observed.rules.iter().filter_map(|(source, seen)| {
        let rules = seen.value.as_ref().ok()?;
        Some(object!({ "source": source, "quality": seen.quality(at), "rules": rules }))
    });
    let unknown = observed.rules.iter().filter_map(|(source, seen)| {
        let why = seen.value.as_ref().err()?;
        Some(object!({ "source": source, "why": why }))
    });
    (told.collect(), unknown.collect())
}
