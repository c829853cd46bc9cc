//! Feeds of the calendar: iCalendar files of others, each with what its events are here.
//!
//! Such a file says when; what a freeze or a window is, and for which places, is said beside it.

use super::Reading;
use super::calendar::{Horizon, Seen};
use crate::config::ics::{Told, Wanted, events};
use crate::config::moment::parse_zone;
use crate::config::names::Noun;
use crate::config::raw::calendar::{Feed, Kind};
use crate::config::source::Source;
use crate::config::spot::Spot;
use crate::config::words::EventName;
use crate::domain::calendar::{Event, EventKind};
use crate::domain::zone::Zone;

/// The folder in which feeds' files lie.
const FOLDER: &str = "calendar";
/// What their names end with.
pub const ENDS: &str = ".ics";

/// The events of one feed. What is wrong within its file is noted there.
pub fn feed(r: &mut Reading<'_>, name: &Spot<EventName>, raw: &Feed, horizon: Horizon, seen: &mut Seen) -> Vec<Event> {
    let kind = kind(raw.kind);
    let (services, environments) = (r.list(Noun::Service, &raw.services), r.list(Noun::Environment, &raw.environments));
    for (theirs, zone) in &raw.zones.0 {
        if let Err(wrong) = parse_zone(&zone.value.0) {
            r.mistake(&zone.at, wrong.what, wrong.help.unwrap_or_default());
        } else if theirs.value.is_empty() {
            r.mistake(&theirs.at, "no name of a zone", "");
        }
    }
    let Some(file) = source(r, &raw.file) else { return Vec::new() };
    let zones = raw.zones.0.iter().map(|(theirs, zone)| (theirs.value.clone(), zone.value.0.clone())).collect();
    let here = r.workspace.zone.clone();
    let zone = raw.zone.as_ref().and_then(|zone| Some((zone.0.as_str(), Zone::named(&zone.0)?)));
    let wanted = Wanted {
        only: &raw.only,
        zones: &zones,
        zone,
        here: (&here, Zone::named(&here).or_else(|| Zone::named("UTC")).unwrap_or_else(Zone::utc)),
        from: horizon.from,
        to: horizon.to,
    };
    let (told, mistakes) = events(&file.text, &wanted);
    for (at, wrong) in mistakes {
        r.found.mistake(&file, &at, wrong.what, || wrong.help);
    }
    let event = |told: Told| Event {
        name: format!("{}/{}", name.0, told.name),
        kind,
        title: told.title,
        services: services.clone(),
        environments: environments.clone(),
        stops_rollback: false,
        contact: raw.contact.clone(),
        waived_by: Vec::new(),
        occurrences: told.occurrences,
    };
    let repeating = told.iter().filter(|told| told.repeats).count();
    if !seen.repeat(repeating) {
        r.mistake(&raw.file.at, "with this file there are too many recurring events", "name those meant by `only`");
        return Vec::new();
    }
    told.into_iter().map(event).collect()
}

/// The file, which lies beside the others.
fn source(r: &mut Reading<'_>, file: &Spot<String>) -> Option<Source> {
    if !file.ends_with(ENDS) || file.contains(['/', '\\']) || file.starts_with('.') {
        r.mistake(
            &file.at,
            format!("{:?} is no iCalendar file of {FOLDER}/", file.value),
            "write its name, such as vendor.ics",
        );
        return None;
    }
    let shown = format!("{FOLDER}/{}", file.value);
    match Source::read(&r.workspace.root.join(FOLDER).join(&file.value), &shown) {
        Ok(Some(found)) => Some(found),
        Ok(None) => {
            r.mistake(&file.at, format!("there is no {shown}"), "save the calendar there, or remove the feed");
            None
        }
        Err(problem) => {
            r.found.whole(*problem);
            None
        }
    }
}

fn kind(kind: Kind) -> EventKind {
    match kind {
        Kind::Window => EventKind::Window,
        Kind::Freeze => EventKind::Freeze,
        Kind::Maintenance => EventKind::Maintenance,
        Kind::Reservation => EventKind::Reservation,
        Kind::Notice => EventKind::Notice,
    }
}
