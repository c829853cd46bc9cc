//! May this be done there at that time? Freezes, windows and conflicts.
//!
//! The same answer for a key, a verb, a gate and a forecast. What holds says
//! when it opens; beyond the calendar's horizon nothing is known.

use crate::domain::Timestamp;
use crate::domain::calendar::{Calendar, Event, EventKind};
use crate::domain::name::{BackendName, EnvironmentName, RunId, ServiceName};
use crate::domain::operation::{Direction, Operation};
use crate::domain::release::Impact;
use crate::domain::verdict::{Level, Reason, Rule, Verdict};
use crate::engine::waivers::Held;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Which service.
    pub service: Option<&'a ServiceName>,
    /// Which environment.
    pub environment: Option<&'a EnvironmentName>,
    /// Which way it leads.
    pub direction: Direction,
    /// Whether windows that backends tell bear on it: they judge deployments, and nothing else.
    pub told: bool,
    /// Where an operation goes, whatever the files say by now of who deploys there.
    pub backend: Option<&'a BackendName>,
    /// The run that asks, whose waivers count.
    pub run: Option<RunId>,
}

impl<'a> Question<'a> {
    /// What an operation asks.
    pub fn of(operation: &'a Operation) -> Self {
        let (service, environment) = (operation.service.as_ref(), operation.environment.as_ref());
        let (direction, told) = (operation.direction(), operation.verb.deploys());
        Self { service, environment, direction, told, backend: Some(&operation.backend), run: None }
    }

    /// The same, asked by a run.
    pub fn within(self, run: RunId) -> Self {
        Self { run: Some(run), ..self }
    }
}

/// How often an opening is followed to the next closing before giving up.
const HOPS: usize = 200;

/// What becomes of the verdict of one entry: a waiver may lift it.
pub(super) type Lift<'l> = &'l dyn Fn(Held<'_>, Verdict) -> Verdict;

/// Judges a question at an instant.
pub fn may(calendar: &Calendar, ask: Question<'_>, at: Timestamp) -> Verdict {
    judged(calendar, calendar.events.iter(), ask, at, &|_, verdict| verdict)
}

/// The same with these events in place of the calendar's own, and each entry's verdict as `lift` leaves it.
pub(super) fn judged<'a>(
    calendar: &Calendar,
    events: impl Iterator<Item = &'a Event>,
    ask: Question<'_>,
    at: Timestamp,
    lift: Lift<'_>,
) -> Verdict {
    // Not knowing the future never stands in the way back.
    if ask.direction != Direction::Back && calendar.until.is_some_and(|until| at >= until) {
        let text = "the calendar is not known that far ahead";
        return lift(Held::Told, Verdict::new(Level::Unknown, Reason::new(Rule::Evidence, text)));
    }
    let covering: Vec<&Event> = events.filter(|e| e.covers(ask.service, ask.environment)).collect();
    let mut parts: Vec<Verdict> =
        covering.iter().filter_map(|e| Some(lift(Held::Freeze(&e.name), event(e, ask.direction, at)?))).collect();
    if ask.direction == Direction::Forward {
        // One that is waived counts as open.
        let windows = covering.iter().filter(|e| e.kind == EventKind::Window);
        let shut = window(&covering, at);
        parts.push(windows.fold(shut, |shut, window| lift(Held::Window(&window.name), shut)));
        parts.extend(releases(calendar, ask, at));
    }
    Verdict::all(parts)
}

/// When the question first passes at or after `at`, if the calendar knows.
pub fn opens(calendar: &Calendar, ask: Question<'_>, at: Timestamp) -> Option<Timestamp> {
    opens_by(|at| may(calendar, ask, at), at)
}

/// When the question next stops passing after `at`, if the calendar knows.
pub fn closes(calendar: &Calendar, ask: Question<'_>, at: Timestamp) -> Option<Timestamp> {
    closes_by(|at| may(calendar, ask, at), edges(calendar.events.iter(), ask).filter(|edge| *edge > at).collect())
}

/// When a judgement first passes at or after `at`, from opening to opening.
pub(super) fn opens_by(may: impl Fn(Timestamp) -> Verdict, at: Timestamp) -> Option<Timestamp> {
    let mut at = at;
    for _ in 0..HOPS {
        let verdict = may(at);
        match verdict.level {
            Level::Pass | Level::Warn => return Some(at),
            // What is not known without an end has none.
            Level::Hold | Level::Unknown => at = verdict.opens().filter(|next| *next > at)?,
            Level::Fail => return None,
        }
    }
    None
}

/// The first of these instants at which a judgement does not pass.
pub(super) fn closes_by(may: impl Fn(Timestamp) -> Verdict, mut edges: Vec<Timestamp>) -> Option<Timestamp> {
    edges.sort_unstable();
    edges.dedup();
    edges.into_iter().find(|edge| !may(*edge).passes())
}

/// Every instant at which something that is about the question begins or ends.
pub(super) fn edges<'a>(events: impl Iterator<Item = &'a Event>, ask: Question<'a>) -> impl Iterator<Item = Timestamp> {
    let about = events.filter(move |e| e.covers(ask.service, ask.environment));
    about.flat_map(|e| e.occurrences.iter().flat_map(|(a, b)| [*a, *b]))
}

fn event(event: &Event, direction: Direction, at: Timestamp) -> Option<Verdict> {
    let (_, ends) = event.on(at)?;
    let named = |what: &str| format!("{what} {}", event.title);
    let forward = direction == Direction::Forward;
    match event.kind {
        EventKind::Freeze if forward || event.stops_rollback => {
            let contact = if event.contact.is_empty() { String::new() } else { format!(", ask {}", event.contact) };
            let text = format!("{}{contact}", named("freeze"));
            Some(Verdict::new(Level::Hold, Reason::until(Rule::Freeze, text, Some(ends))))
        }
        EventKind::Maintenance if forward => {
            Some(Verdict::new(Level::Warn, Reason::until(Rule::Conflict, named("maintenance"), Some(ends))))
        }
        EventKind::Reservation if forward => {
            Some(Verdict::new(Level::Warn, Reason::until(Rule::Conflict, named("reserved:"), Some(ends))))
        }
        _ => None,
    }
}

/// Where windows cover the target, one of them must be open.
fn window(covering: &[&Event], at: Timestamp) -> Verdict {
    let windows: Vec<_> = covering.iter().filter(|e| e.kind == EventKind::Window).collect();
    if let Some((open, (_, ends))) = windows.iter().find_map(|w| Some((w, w.on(at)?))) {
        let text = format!("window {} open until {}", open.title, ends.format("%a %H:%MZ"));
        return Verdict::new(Level::Pass, Reason::new(Rule::Window, text));
    }
    let next = windows.iter().filter_map(|w| Some((w.next(at)?.0, w))).min_by_key(|(from, _)| *from);
    match (windows.first(), next) {
        (None, _) => Verdict::pass(),
        (_, Some((from, window))) => {
            let text = format!("outside window {}", window.title);
            Verdict::new(Level::Hold, Reason::until(Rule::Window, text, Some(from)))
        }
        (Some(window), None) => {
            let text = format!("outside window {}, which does not come again", window.title);
            Verdict::new(Level::Hold, Reason::new(Rule::Window, text))
        }
    }
}

/// Two high-impact releases at once, in one environment, are a conflict.
fn releases(calendar: &Calendar, ask: Question<'_>, at: Timestamp) -> Option<Verdict> {
    let on = calendar.releases.iter().filter(|r| r.starts <= at && at < r.ends && r.impact == Impact::High);
    let on: Vec<_> = on.filter(|r| ask.environment.is_none_or(|e| r.environments.contains(e))).collect();
    let [_, _, ..] = on.as_slice() else { return None };
    let titles: Vec<_> = on.iter().map(|r| r.title.as_str()).collect();
    let text = format!("high-impact releases overlap: {}", titles.join(", "));
    Some(Verdict::new(Level::Warn, Reason::new(Rule::Conflict, text)))
}
