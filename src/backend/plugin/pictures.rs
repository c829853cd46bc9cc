//! Pictures of alerts and windows as a plugin tells them, row by row, until they are whole.
//!
//! Whatever is not said is not known: a place whose windows were to be told and were not is
//! unread, never open.

use super::rows::{AlertRow, AlertWord, PlaceRow, WindowRow, WindowWord, WindowsHead};
use super::watch::{shown, unread};
use crate::domain::Timestamp;
use crate::domain::alert::{Alert, AlertState};
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::observed::Placed;
use crate::domain::window::{Window, WindowKind, Windows};
use chrono::TimeDelta;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The most spans that the windows of a picture may have in all.
const MOST: usize = 100_000;
/// How far from now a picture of windows may reach, either way.
const FAR: TimeDelta = TimeDelta::days(400);
/// How far ahead of ours the clock may be by which a picture begins.
const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// An alert of the picture.
///
/// # Errors
/// It cannot be read, in words.
pub fn alert(item: Value) -> Result<Alert, String> {
    let row: AlertRow = serde_json::from_value(item).map_err(|e| unread(&e))?;
    let state = match row.state {
        AlertWord::Firing => AlertState::Firing,
        AlertWord::Pending => AlertState::Pending,
        AlertWord::Inhibited => AlertState::Inhibited,
        AlertWord::Silenced => AlertState::Silenced { until: row.until },
    };
    let some = |text: Option<String>| text.as_deref().map(shown).filter(|text| !text.is_empty());
    let name = some(Some(row.name)).unwrap_or_else(|| "an alert without a name".to_owned());
    Ok(Alert {
        name,
        severity: shown(&row.severity),
        service: some(row.service).map(ServiceName::new),
        environment: some(row.environment).map(EnvironmentName::new),
        state,
        since: row.since,
        summary: shown(&row.summary),
    })
}

/// A picture of windows that is being told.
#[derive(Debug)]
pub struct Telling {
    /// From when on it tells, or from now where its clock is ahead of ours.
    from: Timestamp,
    /// From when on it says that it tells.
    said: Timestamp,
    until: Timestamp,
    spans: usize,
    places: BTreeSet<Placed>,
    unread: BTreeMap<Placed, String>,
    all: Vec<Window>,
}

impl Telling {
    /// Begins one.
    ///
    /// # Errors
    /// What its `begin` says cannot be read, makes no sense, or tells nothing of now.
    pub fn begin(item: Value) -> Result<Self, String> {
        let head: WindowsHead = serde_json::from_value(item).map_err(|e| unread(&e))?;
        let now = chrono::Utc::now();
        let WindowsHead { from, until, places } = head;
        let near = |at: Timestamp| (now - FAR..now + FAR).contains(&at);
        if from >= until || !near(from) || !near(until) {
            return Err(format!("windows from {from} until {until} make no sense"));
        }
        // Before them nothing is known, and after them neither: where nothing is told, nothing is shut.
        if from > now + AHEAD || until <= now {
            return Err(format!(
                "windows from {from} until {until} say nothing of now; tell them from now on, or earlier"
            ));
        }
        let places = places.iter().map(place).collect();
        let (unread, all) = (BTreeMap::new(), Vec::new());
        Ok(Self { from: from.min(now), said: from, until, spans: 0, places, unread, all })
    }

    /// How many windows it has.
    pub fn len(&self) -> usize {
        self.all.len() + self.unread.len()
    }

    /// Takes in a window.
    ///
    /// # Errors
    /// It cannot be read, or its spans are not in order.
    pub fn window(&mut self, item: Value) -> Result<(), String> {
        let row: WindowRow = serde_json::from_value(item).map_err(|e| unread(&e))?;
        let title = shown(&row.title);
        let mut spans: Vec<(Timestamp, Timestamp)> = row.spans.iter().map(|span| (span.from, span.to)).collect();
        self.spans = self.spans.saturating_add(spans.len());
        let upside_down = spans.iter().any(|(from, to)| from >= to);
        let touching = spans.iter().zip(spans.iter().skip(1)).any(|((_, to), (from, _))| to >= from);
        if upside_down || touching {
            return Err(format!("the spans of its window {title} are not in order, or touch"));
        }
        if self.spans > MOST {
            return Err(format!("its windows have more than {MOST} spans"));
        }
        let places: BTreeSet<Placed> = row.places.iter().map(place).collect();
        if let Some((service, environment)) = places.iter().find(|place| !self.places.contains(*place)) {
            return Err(format!("its window {title} is about {service}@{environment}, which it did not look at"));
        }
        let kind = match row.kind {
            WindowWord::Allow => WindowKind::Allow,
            WindowWord::Deny => WindowKind::Deny,
        };
        // A clock that is ahead opens nothing: what keeps out from its first moment on keeps out already.
        if let (WindowKind::Deny, false, Some((from, _))) = (kind, row.people, spans.first_mut())
            && *from <= self.said
        {
            *from = self.from.min(*from);
        }
        self.all.push(Window { title, kind, people: row.people, places, spans });
        Ok(())
    }

    /// The windows of a place could not be read.
    ///
    /// # Errors
    /// The place cannot be read.
    pub fn unread(&mut self, item: Value, why: &str) -> Result<(), String> {
        let row: PlaceRow = serde_json::from_value(item).map_err(|e| unread(&e))?;
        self.unread.insert(place(&row), shown(why));
        Ok(())
    }

    /// The whole picture. Of those `asked` that it did not look at it says nothing, and so nothing is known.
    pub fn end(mut self, asked: &BTreeSet<Placed>) -> Windows {
        for place in asked.iter().filter(|place| !self.places.contains(*place)) {
            self.unread.entry(place.clone()).or_insert_with(|| "its plugin did not look at this place".to_owned());
        }
        Windows::of(self.all, self.unread, (self.from, self.until)).and_of(self.places)
    }
}

fn place(row: &PlaceRow) -> Placed {
    (ServiceName::new(shown(&row.service)), EnvironmentName::new(shown(&row.environment)))
}
