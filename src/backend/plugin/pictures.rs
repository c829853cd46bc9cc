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

/// The most spans that a window may have.
const MOST: usize = 5000;
/// How far from now a picture of windows may reach, either way.
const FAR: TimeDelta = TimeDelta::days(400);

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
    range: (Timestamp, Timestamp),
    places: BTreeSet<Placed>,
    unread: BTreeMap<Placed, String>,
    all: Vec<Window>,
}

impl Telling {
    /// Begins one.
    ///
    /// # Errors
    /// What its `begin` says cannot be read, or makes no sense.
    pub fn begin(item: Value) -> Result<Self, String> {
        let head: WindowsHead = serde_json::from_value(item).map_err(|e| unread(&e))?;
        let now = chrono::Utc::now();
        let near = |at: Timestamp| (now - FAR..now + FAR).contains(&at);
        if head.from >= head.until || !near(head.from) || !near(head.until) {
            return Err(format!("windows from {} until {} make no sense", head.from, head.until));
        }
        let places = head.places.iter().map(place).collect();
        Ok(Self { range: (head.from, head.until), places, unread: BTreeMap::new(), all: Vec::new() })
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
        let spans: Vec<(Timestamp, Timestamp)> = row.spans.iter().map(|span| (span.from, span.to)).collect();
        let upside_down = spans.iter().any(|(from, to)| from >= to);
        let touching = spans.iter().zip(spans.iter().skip(1)).any(|((_, to), (from, _))| to >= from);
        if upside_down || touching || spans.len() > MOST {
            return Err(format!("the spans of its window {title} are not in order, touch, or are too many"));
        }
        let places: BTreeSet<Placed> = row.places.iter().map(place).collect();
        if let Some((service, environment)) = places.iter().find(|place| !self.places.contains(*place)) {
            return Err(format!("its window {title} is about {service}@{environment}, which it did not look at"));
        }
        let kind = match row.kind {
            WindowWord::Allow => WindowKind::Allow,
            WindowWord::Deny => WindowKind::Deny,
        };
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
        Windows::of(self.all, self.unread, self.range).and_of(self.places)
    }
}

fn place(row: &PlaceRow) -> Placed {
    (ServiceName::new(shown(&row.service)), EnvironmentName::new(shown(&row.environment)))
}
