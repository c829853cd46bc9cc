//! What systems say now, for verbs that otherwise read the journal alone: alerts, and what
//! is off in them because of us.
//!
//! Those who tell of either are asked, and nobody else. Whoever is not heard in time is
//! unknown, never quiet.

use super::alert_rules;
use crate::domain::alert::Alert;
use crate::domain::backend::BackendKind;
use crate::domain::left_off::still_off;
use crate::domain::name::BackendName;
use crate::domain::observed::{Observed, Placed, Quality};
use crate::domain::span::Span;
use crate::domain::topic::Topic;
use crate::domain::workspace::Workspace;
use crate::engine::Given;
use crate::engine::alert_since::{AlertSince, alert_since};
use crate::engine::changes::Deeds;
use crate::runtime::clock::now;
use crate::runtime::observe_for;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How long they have to answer.
const LOOK: Span = Span::secs(3);

/// An alert for programs, with how its beginning stands to what runs changed, where that is known.
#[derive(Serialize)]
pub struct Told<'a> {
    /// The alert.
    #[serde(flatten)]
    pub alert: &'a Alert,
    /// Whether it began before or since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began: Option<AlertSince>,
}

/// What was heard.
pub struct Heard {
    observed: Observed,
    alerting: Vec<BackendName>,
    switching: Vec<BackendName>,
    /// What those who switch things off deploy, by who does.
    places: Vec<(BackendName, Placed)>,
}

impl Heard {
    /// Asks everyone who tells of alerts, or of what is off because of us; where nobody does, nothing is asked.
    pub fn ask(workspace: &Workspace) -> Self {
        let telling = workspace.backends.iter().filter(|(_, spec)| spec.kind.alerts() || spec.kind.leaves_off());
        let backends: BTreeMap<_, _> = telling.map(|(name, spec)| (name.clone(), spec.clone())).collect();
        let of = |tells: fn(&BackendKind) -> bool| {
            backends.iter().filter(|(_, spec)| tells(&spec.kind)).map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        let (alerting, switching) = (of(BackendKind::alerts), of(BackendKind::leaves_off));
        let places = workspace.services.values().flat_map(|service| {
            let by = service.deployed_by.iter().filter(|(_, by)| switching.contains(by));
            by.map(|(place, by)| (by.clone(), (service.name.clone(), place.clone())))
        });
        let places = places.collect();
        if backends.is_empty() {
            return Self { observed: Observed::default(), alerting, switching, places };
        }
        let only = Workspace { backends, signals: BTreeMap::new(), ..workspace.clone() };
        let ruling: Vec<_> = only.backends.values().filter(|spec| spec.kind.rules()).map(|spec| &spec.name).collect();
        // Who says that it cannot be asked is not waited for either.
        let all = |seen: &Observed| {
            ruling.iter().all(|name| seen.rules.contains_key(*name) || failed(seen, name, Topic::Alerts))
                && alerting.iter().all(|name| alerts(seen, name) || failed(seen, name, Topic::Alerts))
                && switching.iter().all(|name| heard(seen, name) || failed(seen, name, Topic::Deployments))
        };
        Self { observed: observe_for(&only, LOOK, all), alerting, switching, places }
    }

    fn unheard<'a>(
        &'a self,
        asked: &'a [BackendName],
        topic: Topic,
        heard: fn(&Observed, &BackendName) -> bool,
    ) -> impl Iterator<Item = (&'a BackendName, String)> {
        let silent = asked.iter().filter(move |name| !heard(&self.observed, name));
        silent.map(move |name| {
            let fault = self.observed.sources.get(name).and_then(|source| source.why(topic).cloned());
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
    pub fn lines(&self, given: &Given<'_>) -> Vec<String> {
        let (given, deeds) = (Given { observed: &self.observed, ..*given }, Deeds::of(given.ledger));
        let told = self.told().map(|(source, alert, _)| {
            let place = match (&alert.service, &alert.environment) {
                (Some(service), Some(environment)) => format!("{service}@{environment} "),
                (Some(service), None) => format!("{service} everywhere "),
                (None, Some(environment)) => format!("??@{environment} "),
                (None, None) => String::new(),
            };
            let began = alert_since(&given, &deeds, source, alert)
                .map(|began| format!(" · {}", began.line()))
                .unwrap_or_default();
            format!("alert {place}{}{began}", alert.line())
        });
        let unheard = self.unheard(&self.alerting, Topic::Alerts, alerts);
        let told = told.chain(unheard.map(|(name, why)| format!("alerts of {name}: ?? {why}")));
        told.chain(alert_rules::lines(&self.observed)).collect()
    }

    /// The rules behind them for programs: what each source tells of them, and of whom they are not known.
    pub fn rules(&self) -> (Value, Value) {
        alert_rules::json(&self.observed)
    }

    /// The same for programs: every alert with who tells it, and who was not heard.
    pub fn json(&self, given: &Given<'_>) -> (Value, Value) {
        let (given, deeds) = (Given { observed: &self.observed, ..*given }, Deeds::of(given.ledger));
        let told = self.told().map(|(source, alert, quality)| {
            let alert = Told { alert, began: alert_since(&given, &deeds, source, alert) };
            json!({ "source": source, "quality": quality, "alert": alert })
        });
        let unheard = self
            .unheard(&self.alerting, Topic::Alerts, alerts)
            .map(|(source, why)| json!({ "source": source, "why": why }));
        (told.collect(), unheard.collect())
    }

    /// Of whom it is not known whether something is off: who was not heard, and where one who was heard tells of nothing.
    fn in_doubt(&self) -> impl Iterator<Item = (&BackendName, String, Vec<&Placed>)> {
        let unheard =
            self.unheard(&self.switching, Topic::Deployments, heard).map(|(name, why)| (name, why, Vec::new()));
        let unseen = self.switching.iter().filter(|name| heard(&self.observed, name)).filter_map(|name| {
            let mine = self.places.iter().filter(|(by, place)| by == name && self.observed.deployment(place).is_none());
            let mine: Vec<&Placed> = mine.map(|(_, place)| place).collect();
            let all: Vec<_> = mine.iter().map(|(service, place)| format!("{service}@{place}")).collect();
            let why = format!("not seen: {}; it is not there, or may not be read", all.join(", "));
            (!mine.is_empty()).then_some((name, why, mine))
        });
        unheard.chain(unseen)
    }

    /// A line for each thing that is off because of us, and for whatever is not known of it.
    pub fn left_off(&self) -> Vec<String> {
        let told = still_off(&self.observed, now()).into_iter().map(|off| off.line());
        let doubt = self.in_doubt().map(|(name, why, _)| format!("what is left off in {name}: ?? {why}"));
        told.chain(doubt).collect()
    }

    /// The same for programs.
    pub fn left_off_json(&self) -> (Value, Value) {
        let doubt = self.in_doubt();
        let doubt = doubt.map(|(source, why, places)| json!({ "source": source, "why": why, "places": places }));
        (json!(still_off(&self.observed, now())), doubt.collect())
    }
}

fn alerts(seen: &Observed, name: &BackendName) -> bool {
    seen.alerts.contains_key(name)
}

fn failed(seen: &Observed, name: &BackendName, topic: Topic) -> bool {
    seen.sources.get(name).is_some_and(|source| source.why(topic).is_some())
}

fn heard(seen: &Observed, name: &BackendName) -> bool {
    seen.sources.get(name).is_some_and(|source| source.heard.is_some())
}
