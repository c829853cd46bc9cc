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
        let all = |seen: &Observed| asked.iter().all(|name| seen.alerts.contains_key(name));
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
        told.chain(self.unheard().map(|(name, why)| format!("alerts of {name}: ?? {why}"))).collect()
    }

    /// The same for programs: every alert with who tells it, and who was not heard.
    pub fn json(&self) -> (Value, Value) {
        let told =
            self.told().map(|(source, alert, quality)| json!({ "source": source, "quality": quality, "alert": alert }));
        let unheard = self.unheard().map(|(source, why)| json!({ "source": source, "why": why }));
        (told.collect(), unheard.collect())
    }
}
