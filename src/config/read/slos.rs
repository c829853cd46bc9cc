//! `[slos]` of `signals.toml`: objectives on signals that can carry one.
//!
//! An objective on something that is no share of bad events is a mistake, not
//! a number without meaning.

use super::Reading;
use super::script::positive;
use crate::config::names::Noun;
use crate::config::raw::signals::{self as raw, SignalsFile};
use crate::config::spot::Spot;
use crate::domain::name::{SignalName, SloName};
use crate::domain::signal::{Bad, Signal, Unit};
use crate::domain::slo::{PERIOD, Slo};
use std::collections::BTreeMap;

/// Reads the objectives; the signals are known.
pub fn slos(r: &mut Reading<'_>, raw: &SignalsFile, signals: &BTreeMap<SignalName, Signal>) -> BTreeMap<SloName, Slo> {
    raw.slos.0.iter().map(|(name, raw)| (name.value.clone(), slo(r, name, raw, signals))).collect()
}

fn slo(r: &mut Reading<'_>, name: &Spot<SloName>, raw: &raw::Slo, signals: &BTreeMap<SignalName, Signal>) -> Slo {
    let signal = r.name(Noun::Signal, &raw.signal);
    let share = |s: &Signal| s.unit == Unit::Ratio && s.bad == Bad::Above;
    if signals.get(&signal).is_some_and(|s| !share(s)) {
        let what = format!("{:?} is no share of bad events", signal.as_str());
        r.mistake(&raw.signal.at, what, "name a signal with unit = \"ratio\" and bad = \"above\"");
    }
    let objective = raw.objective.value;
    if !(objective > 0.0 && objective < 1.0) {
        let what = format!("{objective} leaves no budget to spend");
        r.mistake(&raw.objective.at, what, "write the share that must go well, above 0 and below 1: 99.9 % is 0.999");
    }
    Slo {
        name: name.value.clone(),
        title: raw.title.clone().unwrap_or_else(|| name.to_string()),
        signal,
        objective,
        period: raw.period.as_ref().map_or(PERIOD, |period| positive(r, period)),
    }
}
