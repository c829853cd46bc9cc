//! `status`: the deployments as a `command` backend reads them.
//!
//! It reads what is; it changes nothing.

use super::{running, say, settled};
use crate::demo::failure::Failure;
use crate::demo::layout::Layout;
use crate::demo::live::Live;
use crate::demo::place::Place;
use crate::demo::records;
use crate::demo::versions;
use crate::demo::wanted::Wanted;
use serde_json::{Value, json};

/// Prints all deployments.
pub fn print(layout: &Layout) -> Result<(), Failure> {
    running(layout)?;
    let rows = Place::all().iter().map(|place| row(layout, place)).collect::<Result<Vec<_>, _>>()?;
    say(&json!({ "deployments": rows }).to_string());
    Ok(())
}

/// One deployment.
pub fn row(layout: &Layout, place: &Place) -> Result<Value, Failure> {
    let (wanted, live) = (Wanted::load(layout, place)?, Live::load(layout)?);
    let ready: u32 = wanted.versions().iter().map(|version| live.ready(place, version)).sum();
    let whole = u32::try_from(wanted.versions().len()).unwrap_or(1) * versions::WANTED;
    let state = if settled::missing(layout, place)?.is_some() { "moving" } else { wanted.word() };
    let mut trouble = Vec::new();
    if let Some(deaths) = live.deaths.get(place) {
        trouble.push(format!("{deaths} instances ended that nobody had stopped"));
    }
    if place.service == "payments" {
        let (_, new) = records::count(layout, &place.region)?;
        if new > 0 && !wanted.versions().contains(&"4.2.0") {
            trouble.push(format!("{new} records in the new format wait to be reconciled"));
        }
    }
    Ok(json!({
        "service": place.service,
        "environment": place.region,
        "version": wanted.stable,
        "candidate": wanted.candidate,
        "weight": wanted.candidate.as_ref().map(|_| wanted.weight),
        "state": state,
        "ready": ready,
        "wanted": whole,
        "since": wanted.since,
        "by": wanted.by,
        "trouble": trouble,
        "history": wanted.history,
    }))
}
