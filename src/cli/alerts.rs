//! What alerts say now, for verbs that otherwise read the journal alone.
//!
//! Those who tell of alerts are asked, and nobody else. Whoever is not heard in time is
//! unknown, never quiet.

use crate::domain::alert::Alert;
use crate::domain::name::BackendName;
use crate::domain::observed::{Observed, Quality};
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use crate::runtime::clock::now;
use crate::runtime::observe_for;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How long they have to answer.
const LOOK: Span = Span::secs(3);

/// How many rules of a source are named.
const SHOWN: usize = 10;

/// What was heard of alerts.
pub struct Alerts {
    observed: Observed,
    asked: Vec<BackendName>,
}

impl Alerts {
    /// Asks everyone who tells of alerts; where nobody does, nothing is asked.
    pub fn ask(workspace: &Workspace) -> Self {
        let telling = workspace.backends.iter().filter(|(_, spec)| spec.kind.alerts());
        let backends: BTreeMap<_, _> = telling.map(|(name, spec)| (name.clone(), spec.clone())).collect();
        let asked: Vec<_> = backends.keys().cloned().collect();
        if asked.is_empty() {
            return Self { observed: Observed::default(), asked };
        }
        let only = Workspace { backends, signals: BTreeMap::new(), ..workspace.clone() };
        let telling: Vec<_> = only.backends.values().filter(|spec| spec.kind.rules()).map(|spec| &spec.name).collect();
        let all = |seen: &Observed| {
            asked.iter().all(|name| seen.alerts.contains_key(name))
                && telling.iter().all(|name| seen.rules.contains_key(*name))
        };
        Self { observed: observe_for(&only, LOOK, all), asked }
    }

    fn unheard(&self) -> impl Iterator<Item = (&BackendName, String)> {
        let silent = self.asked.iter().filter(|name| !self.observed.alerts.contains_key(*name));
        silent.map(|name| {
            let fault = self.observed.sources.get(name).and_then(|source| source.fault.clone());
            (name, fault.unwrap_or_else(|| format!("not heard within {LOOK}")))
        })
    }

    fn told(&self) -> impl Iterator<Item = (&BackendName, &Alert, Quality)> {
        let at = now();
        self.observed.alerts.iter().flat_map(move |(source, seen)| {
            let quality = seen.quality(at);
            seen.value.iter().map(move |alert| (source, alert, quality))
        })
    }

    /// A line for each alert, and for each who was not heard.
    pub fn lines(&self) -> Vec<String> {
        let told = self.told().map(|(_, alert, _)| {
            let place = match (&alert.service, &alert.environment) {
                (Some(service), Some(environment)) => format!("{service}@{environment} "),
                (Some(service), None) => format!("{service} everywhere "),
                (None, Some(environment)) => format!("??@{environment} "),
                (None, None) => String::new(),
            };
            format!("alert {place}{}", alert.line())
        });
        let told = told.chain(self.unheard().map(|(name, why)| format!("alerts of {name}: ?? {why}")));
        told.chain(rules(&self.observed)).collect()
    }

    /// The rules behind them for programs: what each source tells of them, and of whom they are not known.
    pub fn rules(&self) -> (Value, Value) {
        rules_json(&self.observed)
    }

    /// The same for programs: every alert with who tells it, and who was not heard.
    pub fn json(&self) -> (Value, Value) {
        let told =
            self.told().map(|(source, alert, quality)| json!({ "source": source, "quality": quality, "alert": alert }));
        let unheard = self.unheard().map(|(source, why)| json!({ "source": source, "why": why }));
        (told.collect(), unheard.collect())
    }
}

/// A line for each rule that cannot be relied on, and for each source whose rules are not known or none. A source
/// that was not heard at all is told as that.
pub fn rules(observed: &Observed) -> Vec<String> {
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
pub fn rules_json(observed: &Observed) -> (Value, Value) {
    let at = now();
    let told = observed.rules.iter().filter_map(|(source, seen)| {
        let rules = seen.value.as_ref().ok()?;
        Some(json!({ "source": source, "quality": seen.quality(at), "rules": rules }))
    });
    let unknown = observed.rules.iter().filter_map(|(source, seen)| {
        let why = seen.value.as_ref().err()?;
        Some(json!({ "source": source, "why": why }))
    });
    (told.collect(), unknown.collect())
}
