//! The events of an iCalendar file that are meant, each with its occurrences.
//!
//! An event and the exceptions to it bear one UID; an exception that has another title stands by itself.

use super::component::{Component, calendars};
use super::expand::{Place, occurrences};
use super::zones::Zones;
use crate::config::words::Wrong;
use crate::domain::Timestamp;
use crate::domain::text::{shortened, visible};
use crate::domain::zone::Zone;
use std::collections::BTreeMap;
use std::ops::Range;

/// How much of a title is kept.
const LONG: usize = 120;

/// What of a file is meant.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Only events with one of these in title, place or categories, in any case; all when empty.
    pub only: &'a [String],
    /// What names of zones mean that nobody else knows.
    pub zones: &'a BTreeMap<String, String>,
    /// Where times are meant that name no zone, and whole days, with its name; the file's own word where there is none.
    pub zone: Option<(&'a str, Zone)>,
    /// The same where the file has no word either.
    pub here: (&'a str, Zone),
    /// Occurrences that ended before are left out.
    pub from: Timestamp,
    /// Occurrences that start later are left out.
    pub to: Timestamp,
}

/// An event of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What tells it from every other of the file.
    pub name: String,
    /// Its title in one line, made harmless.
    pub title: String,
    /// Whether it comes again by a rule.
    pub repeats: bool,
    /// Where it stands in the file.
    pub at: Range<usize>,
    /// When it is on: start and end, in order.
    pub occurrences: Vec<(Timestamp, Timestamp)>,
}

/// What is wrong in a file, and where.
pub type Mistakes = Vec<(Range<usize>, Wrong)>;

/// The events that are meant and are on at some time that is looked at.
pub fn events(text: &str, wanted: &Wanted<'_>) -> (Vec<Told>, Mistakes) {
    let calendars = match calendars(text) {
        Ok(calendars) => calendars,
        Err((at, what)) => return (Vec::new(), vec![(at, Wrong::new(what, None))]),
    };
    let zones = Zones::of(&calendars, wanted.zones);
    let (mut told, mut mistakes) = (Vec::new(), Vec::new());
    for calendar in &calendars {
        let place = place(calendar, wanted, &zones);
        for (uid, group) in groups(calendar, wanted.only) {
            match of_group(&uid, &group, &place, wanted) {
                Ok(all) => told.extend(all),
                Err((at, wrong)) => mistakes.push((at, wrong)),
            }
        }
    }
    told.retain(|one| !one.occurrences.is_empty());
    (told, mistakes)
}

fn place<'a>(calendar: &Component, wanted: &'a Wanted<'_>, zones: &'a Zones<'a>) -> Place<'a> {
    let said = calendar.line("X-WR-TIMEZONE").map(|line| line.text());
    let own = said.and_then(|name| zones.named(&name).map(|zone| (name, zone)));
    let given = wanted.zone.clone().map(|(name, zone)| (name.to_owned(), zone));
    let here = || (wanted.here.0.to_owned(), wanted.here.1.clone());
    Place { zones, here: given.or(own).unwrap_or_else(here) }
}

/// The events that are meant, those of one UID together, in the order of the file.
fn groups<'a>(calendar: &'a Component, only: &[String]) -> Vec<(String, Vec<&'a Component>)> {
    let mut all: Vec<(String, Vec<&Component>)> = Vec::new();
    let mut known = BTreeMap::new();
    for (n, event) in calendar.parts("VEVENT").enumerate() {
        let uid = event.line("UID").map(|line| line.text()).filter(|uid| !uid.is_empty());
        let uid = uid.unwrap_or_else(|| format!("event {}", n + 1));
        let at = *known.entry(uid.clone()).or_insert(all.len());
        match all.get_mut(at) {
            Some((_, group)) => group.push(event),
            None => all.push((uid, vec![event])),
        }
    }
    all.retain(|(_, group)| group.iter().any(|event| is_meant(event, only)));
    all
}

fn is_meant(event: &Component, only: &[String]) -> bool {
    let said = ["SUMMARY", "LOCATION", "CATEGORIES"].into_iter().flat_map(|name| event.lines(name));
    let said: Vec<String> = said.map(|line| line.text().to_lowercase()).collect();
    only.is_empty() || only.iter().any(|word| said.iter().any(|said| said.contains(&word.to_lowercase())))
}

fn title(event: &Component) -> Option<String> {
    let title = event.line("SUMMARY").map(|line| shortened(&visible(&line.text()), LONG));
    title.filter(|title| !title.is_empty())
}

fn of_group(
    uid: &str,
    group: &[&Component],
    place: &Place<'_>,
    wanted: &Wanted<'_>,
) -> Result<Vec<Told>, (Range<usize>, Wrong)> {
    let (exceptions, masters): (Vec<&Component>, Vec<&Component>) =
        group.iter().partition(|event| event.line("RECURRENCE-ID").is_some());
    // Of several of one name the newest holds.
    let number = |event: &&&Component| event.line("SEQUENCE").and_then(|n| n.value.trim().parse::<u64>().ok());
    let master = masters.iter().max_by_key(number).copied();
    let named = |event: &Component| title(event).or_else(|| title(master?)).unwrap_or_else(|| "(no title)".to_owned());
    let span = (wanted.from, wanted.to);
    let one = |name: String, event: &Component, occurrences| Told {
        name: shortened(&visible(&name), LONG),
        title: named(event),
        repeats: event.line("RRULE").is_some(),
        at: event.at.clone(),
        occurrences,
    };
    let mut all = Vec::new();
    let (same, others): (Vec<&Component>, Vec<&Component>) =
        exceptions.iter().partition(|event| master.is_some_and(|master| named(master) == named(event)));
    if let Some(master) = master {
        all.push(one(uid.to_owned(), master, occurrences(master, &same, &others, place, span)?));
    }
    for other in others {
        let id = other.line("RECURRENCE-ID").map(|line| line.value.clone()).unwrap_or_default();
        all.push(one(format!("{uid} {id}"), other, occurrences(other, &[], &[], place, span)?));
    }
    Ok(all)
}
