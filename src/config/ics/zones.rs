//! Which zone a name in an iCalendar file means.
//!
//! By what the person who wires the file says, then by the IANA database, what Windows calls its zones, and at last by
//! the rules that the file itself gives, where they are of the usual form: two a year, or none.

use super::component::{Component, Line};
use super::time::Written;
use crate::domain::zone::Zone;
use std::collections::BTreeMap;

const WINDOWS: &str = include_str!("windows_zones.txt");
/// Days of the week as recurrence rules write them, in the order of POSIX.
const DAYS: [&str; 7] = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/// The zones of a file, by name.
#[derive(Debug)]
pub struct Zones<'a> {
    said: &'a BTreeMap<String, String>,
    own: BTreeMap<String, &'a Component>,
}

impl<'a> Zones<'a> {
    /// Of calendars; `said` are the names that somebody has given a meaning.
    pub fn of(calendars: &'a [Component], said: &'a BTreeMap<String, String>) -> Self {
        let all = calendars.iter().flat_map(|calendar| calendar.parts("VTIMEZONE"));
        let own = all.filter_map(|zone| Some((zone.line("TZID")?.text(), zone))).collect();
        Self { said, own }
    }

    /// The zone of a name, if that can be told.
    pub fn named(&self, name: &str) -> Option<Zone> {
        if let Some(said) = self.said.get(name) {
            return Zone::named(said);
        }
        known(name).or_else(|| {
            let own = self.own.get(name)?;
            own.line("X-LIC-LOCATION").and_then(|at| known(&at.text())).or_else(|| by_rules(own))
        })
    }
}

/// A name of the IANA database, also at the end of a path, or one of Windows.
fn known(name: &str) -> Option<Zone> {
    let name = name.trim().trim_matches('"');
    let windows = WINDOWS.lines().filter_map(|line| line.split_once('='));
    let windows = || windows.clone().find(|(theirs, _)| theirs.eq_ignore_ascii_case(name)).map(|(_, place)| place);
    // `/citadel.example/20210210_1/Europe/Paris`: what stands before is whose name it is.
    let tails = name.match_indices('/').filter_map(|(at, _)| name.get(at + 1..));
    Zone::named(name).or_else(|| windows().and_then(Zone::named)).or_else(|| {
        let whole = |tail: &&str| tail.contains('/') || *tail == "UTC";
        name.starts_with('/').then(|| tails.clone().filter(whole).find_map(Zone::named)).flatten()
    })
}

/// The rules that hold for good: one of standard time, and one of summer time where there is any.
fn by_rules(zone: &Component) -> Option<Zone> {
    let lasting = |name: &'static str| {
        let open = |part: &&Component| part.line("RRULE").is_some_and(|rule| !rule.value.contains("UNTIL"));
        zone.parts(name).filter(open).collect::<Vec<_>>()
    };
    match (lasting("STANDARD").as_slice(), lasting("DAYLIGHT").as_slice()) {
        ([winter], [summer]) => {
            let (standard, other) = (offset(winter)?, offset(summer)?);
            Zone::by_rules(&format!("AAA{standard}BBB{other},{},{}", turn(summer)?, turn(winter)?))
        }
        ([], []) => {
            let parts = || zone.parts("STANDARD").chain(zone.parts("DAYLIGHT"));
            let last = parts().max_by_key(|part| part.line("DTSTART").map(|line| line.value.clone()))?;
            Zone::by_rules(&format!("AAA{}", offset(last)?))
        }
        _ => None,
    }
}

/// How far local time is from UTC, as POSIX counts it: west of Greenwich.
fn offset(part: &Component) -> Option<String> {
    let text = part.line("TZOFFSETTO")?.value.trim();
    let (sign, digits) = text.split_at_checked(1)?;
    let sign = match sign {
        "+" => "-",
        "-" => "+",
        _ => return None,
    };
    let two = |at: usize| digits.get(at..at + 2).filter(|two| two.bytes().all(|b| b.is_ascii_digit()));
    let seconds = if digits.len() == 6 { two(4)? } else { "00" };
    matches!(digits.len(), 4 | 6).then_some(())?;
    Some(format!("{sign}{}:{}:{seconds}", two(0)?, two(2)?))
}

/// When it begins every year: `M3.5.0/02:00:00`.
fn turn(part: &Component) -> Option<String> {
    let rule = part.line("RRULE")?.value.to_uppercase();
    let parts: BTreeMap<&str, &str> = rule.split(';').filter_map(|part| part.split_once('=')).collect();
    let plain = |key: &&&str| matches!(**key, "FREQ" | "BYMONTH" | "BYDAY" | "WKST") || parts.get(**key) == Some(&"1");
    (parts.get("FREQ") == Some(&"YEARLY") && parts.keys().filter(|key| !plain(key)).count() == 0).then_some(())?;
    let month: u8 = parts.get("BYMONTH")?.parse().ok()?;
    let (week, day) = parts.get("BYDAY")?.split_at_checked(parts.get("BYDAY")?.len().checked_sub(2)?)?;
    let week = match week.parse::<i8>().ok()? {
        -1 | 5 => 5,
        week @ 1..=4 => week,
        _ => return None,
    };
    let day = DAYS.iter().position(|name| *name == day)?;
    let at = Written::parse(&part.line("DTSTART")?.value)?.wall().time();
    Some(format!("M{month}.{week}.{day}/{}", at.format("%H:%M:%S")))
}

/// The zone that a line names, if it names one.
pub fn of(line: &Line) -> Option<&str> {
    line.parameter("TZID").filter(|name| !name.is_empty())
}
