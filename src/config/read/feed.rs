//! Feeds of the calendar: calendars of others, each with what its events are here.
//!
//! Such a calendar says when; what a freeze or a window is, and for which places, is said beside it. One that lies
//! beside the files is read with them; one at an address is fetched by a backend, and its text is read here as well.

use super::Reading;
use super::calendar::{Horizon, Seen};
use super::endpoint::{address, user};
use super::script::positive;
use super::secret::secret;
use crate::config::ics::{self, Mistakes, Wanted};
use crate::config::moment::parse_zone;
use crate::config::names::Noun;
use crate::config::raw::calendar::{self as raw, Kind};
use crate::config::raw::secret::Written;
use crate::config::source::Source;
use crate::config::spot::Spot;
use crate::config::words::EventName;
use crate::domain::Timestamp;
use crate::domain::backend::{BackendKind, BackendSpec};
use crate::domain::calendar::{Event, EventKind};
use crate::domain::endpoint::Endpoint;
use crate::domain::feed::{Address, Feed, FeedSpec, Told, Url};
use crate::domain::name::BackendName;
use crate::domain::span::Span;
use crate::domain::zone::Zone;

/// The folder in which feeds' files lie.
const FOLDER: &str = "calendar";
/// What their names end with.
pub const ENDS: &str = ".ics";
/// How often an address is asked when nothing says otherwise.
const EVERY: Span = Span::mins(15);
/// How many intervals what was read counts when nothing says otherwise.
const COUNTS: u64 = 4;
/// How many events that come again a feed at an address may have.
const REPEATING: usize = 2000;

/// The events of a file that lies beside the others. What is wrong within it is noted there.
pub fn of_file(
    r: &mut Reading<'_>,
    name: &Spot<EventName>,
    raw: &raw::Feed,
    file: &Spot<String>,
    horizon: Horizon,
    seen: &mut Seen,
) -> Vec<Event> {
    let feed = feed(r, name, raw);
    fetched_only(r, name, raw);
    let Some(source) = source(r, file) else { return Vec::new() };
    let (events, mistakes) = events(&feed, &source, horizon);
    for (at, wrong) in mistakes {
        r.found.mistake(&source, &at, wrong.what, || wrong.help);
    }
    if !seen.repeat(events.iter().filter(|(_, repeats)| *repeats).count()) {
        r.mistake(&file.at, "with this file there are too many recurring events", "name those meant by `only`");
        return Vec::new();
    }
    events.into_iter().map(|(event, _)| event).collect()
}

/// Notes what only makes sense for an address.
fn fetched_only(r: &mut Reading<'_>, name: &Spot<EventName>, raw: &raw::Feed) {
    let spans = raw.every.iter().chain(&raw.max_age).map(|spot| &spot.at);
    let texts = raw.user.iter().chain(&raw.ca).chain(&raw.proxy).map(|spot| &spot.at);
    let token = raw.token.iter().map(|_| &name.at);
    for at in spans.chain(texts).chain(token) {
        r.mistake(at, "a file is not fetched", "`every`, `max_age`, `user`, `token`, `ca` and `proxy` go with a `url`");
    }
}

/// A feed that is read by its address.
pub fn by_address(
    r: &mut Reading<'_>,
    name: &Spot<EventName>,
    raw: &raw::Feed,
    url: &Spot<Written>,
) -> Option<BackendSpec> {
    let feed = feed(r, name, raw);
    let every = raw.every.as_ref().map_or(EVERY, |every| positive(r, every));
    let max_age = match &raw.max_age {
        None => every.times(COUNTS),
        Some(max_age) if positive(r, max_age) <= every => {
            r.mistake(&max_age.at, "it would be too old before it is asked for again", "more than `every`");
            return None;
        }
        Some(max_age) => max_age.value,
    };
    let token = raw.token.as_ref().and_then(|token| secret(r, token));
    let endpoint = Endpoint {
        user: raw.user.as_ref().map(|user| self::user(r, user, raw.token.is_some())),
        token,
        ca: raw.ca.as_ref().map(|ca| r.workspace.root.join(&ca.value)),
        proxy: raw.proxy.as_ref().and_then(|proxy| address(r, proxy)),
        ..Endpoint::default()
    };
    let spec = FeedSpec { feed, address: place(r, url)?, endpoint, max_age };
    // No backend that is declared can have a name like this one.
    let name = BackendName::new(format!("feed:{}", name.0));
    Some(BackendSpec { name, every, kind: BackendKind::Feed(Box::new(spec)) })
}

/// Where it is; of what is wrong nothing is quoted.
fn place(r: &mut Reading<'_>, url: &Spot<Written>) -> Option<Address> {
    let text = match &url.value {
        Written::Kept(kept) => return secret(r, kept).map(Address::Kept),
        Written::Plain(text) => text,
    };
    match Url::read(text) {
        Ok(read) => {
            if read.crosses() {
                let help = "anybody on the way can read and change it; use https://";
                r.warning(&url.at, "the calendar comes over a connection that is not encrypted", help);
            }
            Some(Address::Written(read))
        }
        Err((what, help)) => {
            r.mistake_unquoted(&url.at, what, help);
            None
        }
    }
}

/// What its events are, wherever it lies.
fn feed(r: &mut Reading<'_>, name: &Spot<EventName>, raw: &raw::Feed) -> Feed {
    for (theirs, zone) in &raw.zones.0 {
        if let Err(wrong) = parse_zone(&zone.value.0) {
            r.mistake(&zone.at, wrong.what, wrong.help.unwrap_or_default());
        } else if theirs.value.is_empty() {
            r.mistake(&theirs.at, "no name of a zone", "");
        }
    }
    Feed {
        name: name.0.clone(),
        kind: kind(raw.kind),
        only: raw.only.clone(),
        services: r.list(Noun::Service, &raw.services),
        environments: r.list(Noun::Environment, &raw.environments),
        contact: raw.contact.clone(),
        zone: raw.zone.as_ref().map(|zone| zone.0.clone()),
        zones: raw.zones.0.iter().map(|(theirs, zone)| (theirs.value.clone(), zone.value.0.clone())).collect(),
        here: r.workspace.zone.clone(),
    }
}

/// What a feed's text says, as of `now`.
///
/// # Errors
/// What is meant and cannot be understood, with line and column; then nothing of it counts.
pub fn read(feed: &Feed, bytes: &[u8], now: Timestamp) -> Result<Told, String> {
    let name = format!("feed:{}", feed.name);
    let source = Source::of(&name, bytes.to_vec()).map_err(|problem| problem.line())?;
    let horizon = Horizon::around(now);
    let (events, mistakes) = events(feed, &source, horizon);
    if let Some((at, wrong)) = mistakes.first() {
        let more = match mistakes.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        return Err(source.problem(at.clone(), &wrong.what, None).line() + &more);
    }
    if events.iter().filter(|(_, repeats)| *repeats).count() > REPEATING {
        return Err(format!("{name}: more than {REPEATING} recurring events; name those meant by `only`"));
    }
    let events = events.into_iter().map(|(event, _)| event).collect();
    Ok(Told { feed: feed.clone(), events, until: horizon.to })
}

/// The events that are meant, each with whether it comes again by a rule.
fn events(feed: &Feed, source: &Source, horizon: Horizon) -> (Vec<(Event, bool)>, Mistakes) {
    let wanted = Wanted {
        only: &feed.only,
        zones: &feed.zones,
        zone: feed.zone.as_ref().and_then(|zone| Some((zone.as_str(), Zone::named(zone)?))),
        here: (&feed.here, Zone::named(&feed.here).or_else(|| Zone::named("UTC")).unwrap_or_else(Zone::utc)),
        from: horizon.from,
        to: horizon.to,
    };
    let (told, mistakes) = ics::events(&source.text, &wanted);
    let event = |told: ics::Told| {
        let event = Event {
            name: format!("{}/{}", feed.name, told.name),
            kind: feed.kind,
            title: told.title,
            services: feed.services.clone(),
            environments: feed.environments.clone(),
            stops_rollback: false,
            contact: feed.contact.clone(),
            waived_by: Vec::new(),
            occurrences: told.occurrences,
        };
        (event, told.repeats)
    };
    (told.into_iter().map(event).collect(), mistakes)
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
