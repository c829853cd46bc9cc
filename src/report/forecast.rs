//! A forecast in words: the header's line, a table of steps, the edges ahead.
//!
//! Text only, for screens and verbs alike; it reckons nothing itself.

use crate::domain::Timestamp;
use crate::domain::span::Span;
use crate::engine::forecast::{Bound, Edge, Estimate, Forecast, Level, Range, StepForecast};
use crate::engine::run::Run;
use crate::engine::{Given, show};
use chrono::TimeDelta;

/// Beyond this an instant is told with its day.
const NEAR: TimeDelta = TimeDelta::hours(18);

/// `+6m  lands 03:21-03:34Z  window ends 04:00Z`: drift, landing and the next edge that shuts.
pub fn outlook(all: &Forecast) -> String {
    let drift = all.drift().filter(|d| d.num_minutes() != 0).map(drift);
    let lands = match all.landing {
        Some(range) => Some(format!("lands {}", between(range, all.at))),
        None if all.steps.is_empty() => None,
        None => Some("never lands: the calendar does not open again".to_owned()),
    };
    let shuts = all.window_ends.map(|at| {
        let edge = all.edges.iter().find(|e| e.at == at && e.kind.shuts());
        let freeze = edge.is_some_and(|e| e.kind == crate::engine::forecast::EdgeKind::FreezeStart);
        format!("{} {}", if freeze { "freeze from" } else { "window ends" }, clock(at, all.at))
    });
    drift.into_iter().chain(lands).chain(shuts).collect::<Vec<_>>().join("  ")
}

/// Why a run stands as it does, in words: what failed, what is late, what it will cross.
pub fn why(given: &Given<'_>, run: &Run, all: &Forecast) -> String {
    let failed: Vec<_> = run.plan.steps.iter().filter(|s| run.state(&s.name).failed()).map(|s| &s.name).collect();
    if let [first, rest @ ..] = failed.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        return format!("step {first}{more} failed");
    }
    if all.lands.is_none() && !all.steps.is_empty() {
        return "it never lands: the calendar does not open again".to_owned();
    }
    let red = all.edges.iter().find(|e| e.kind.shuts() && e.level == Level::Red);
    let late = || {
        let found = show::steps(given, run).find(show::Shown::late)?;
        let due = found.due.map(|due| format!(" {} ago", Span::between(due, given.now))).unwrap_or_default();
        Some(format!("step {} was due{due}", found.step.name))
    };
    let crosses = || all.crossings().next().map(Edge::line);
    let drifts = || {
        let by = all.drift().filter(|by| by.num_minutes() >= 1)?;
        Some(format!("it lands {}m later than planned", by.num_minutes()))
    };
    let back = run.changed.iter().find(|change| change.taken_back.is_some());
    let on_time = || match all.lands {
        _ if back.is_some() => {
            let back = back.map(|c| format!("{} in {} was taken back", c.service, c.environment)).unwrap_or_default();
            format!("{back}, and what is left of it is not late")
        }
        Some(at) => format!("nothing is late, it lands {}", clock(at, all.at)),
        None => "nothing is late".to_owned(),
    };
    red.map(Edge::line).or_else(late).or_else(crosses).or_else(drifts).unwrap_or_else(on_time)
}

/// `38m00 for all, start by 03:12Z`: how long everything takes to take back, at P90, and the last start of that.
pub fn rollback(all: &Forecast) -> Option<String> {
    let takes = all.rollback?;
    let by = start_by(all).map(|by| format!(", {by}"));
    let over = all.over_rto.as_ref().map(|(service, rto)| format!(", longer than the RTO of {service}, {rto}"));
    Some(format!("{takes} for all{}{}", by.unwrap_or_default(), over.unwrap_or_default()))
}

/// `start by 03:12Z (RTO of web)`: until when a way back that begins is over in time.
pub fn start_by(all: &Forecast) -> Option<String> {
    let word = if is_past(all) { "TOO LATE since" } else { "start by" };
    all.horizon.map(|by| format!("{word} {}{}", clock(by, all.at), bound(all)))
}

/// Whether a way back can no longer be over in time.
pub fn is_past(all: &Forecast) -> bool {
    all.horizon.is_some_and(|by| all.at > by)
}

/// ` (RTO of web)`: what the way back must be over by, where that is not the window.
fn bound(all: &Forecast) -> String {
    match &all.horizon_by {
        Some(Bound::Rto(service)) => format!(" (RTO of {service})"),
        Some(Bound::Data(service)) => format!(" (back_within of {service})"),
        Some(Bound::Window) | None => String::new(),
    }
}

/// `the window`: the same in full.
pub fn within(all: &Forecast) -> String {
    match &all.horizon_by {
        Some(Bound::Rto(service)) => format!("the time in which {service} must be well again"),
        Some(Bound::Data(service)) => format!("the time in which {service} can go back"),
        Some(Bound::Window) | None => "the window".to_owned(),
    }
}

/// `+6m`, `-1h05`.
pub fn drift(by: TimeDelta) -> String {
    let minutes = by.num_minutes();
    let sign = if minutes < 0 { '-' } else { '+' };
    match minutes.unsigned_abs() {
        m @ 0..60 => format!("{sign}{m}m"),
        m => format!("{sign}{}", Span::mins(m)),
    }
}

/// A clock time with its Z, and its day when that is far from `now`.
pub fn clock(at: Timestamp, now: Timestamp) -> String {
    let near = (at - now).abs() < NEAR;
    if near { at.format("%H:%MZ").to_string() } else { at.format("%a %H:%MZ").to_string() }
}

/// `03:21-03:34Z`; one time when both are the same minute.
pub fn between(range: Range, now: Timestamp) -> String {
    let first = clock(range.p50, now);
    match range.p90.map(|p90| clock(p90, now)) {
        Some(last) if last == first => last,
        Some(last) => format!("{}-{last}", first.trim_end_matches('Z')),
        None => format!("{first} or never"),
    }
}

/// The steps as rows of a table, below a row of headings.
pub fn table(run: &Run, all: &Forecast) -> Vec<Vec<String>> {
    let heads =
        ["", "step", "planned", "starts", "ends", "actual", "work", "waiting", "over", "slack", "from", "title"];
    let heads = heads.iter().map(|head| (*head).to_owned()).collect();
    let rows = all.steps.iter().map(|step| {
        let title = run.plan.step(&step.step).map(|s| s.title.clone()).unwrap_or_default();
        row(all, step, title)
    });
    std::iter::once(heads).chain(rows).collect()
}

fn row(all: &Forecast, step: &StepForecast, title: String) -> Vec<String> {
    let at = |range: Option<Range>| range.map_or_else(|| "never".to_owned(), |range| between(range, all.at));
    let ahead = |text: String| if step.ended.is_some() || step.left_out { String::new() } else { text };
    let actual = match (step.started, step.ended) {
        (Some(from), Some(to)) => format!("{}-{}", clock(from, all.at).trim_end_matches('Z'), clock(to, all.at)),
        (Some(from), None) => format!("{}-", clock(from, all.at)),
        (None, Some(to)) => format!("-{}", clock(to, all.at)),
        (None, None) => String::new(),
    };
    let planned = Range { p50: step.planned_start, p90: Some(step.planned_end) };
    let marks = match (step.left_out, step.kept, step.critical) {
        (true, ..) => "-",
        (_, true, _) => "!",
        (_, _, true) => "*",
        _ => "",
    };
    let source = if step.working.p90 > Span::ZERO { step.working.source } else { step.waiting.source };
    vec![
        marks.to_owned(),
        step.step.to_string(),
        between(planned, all.at),
        ahead(at(step.start)),
        ahead(at(step.end)),
        actual,
        length(step.working),
        length(step.waiting),
        if step.overrun.as_secs() > 0 { format!("+{}", step.overrun) } else { String::new() },
        step.slack.map(|slack| Span::millis(slack.num_milliseconds().unsigned_abs()).to_string()).unwrap_or_default(),
        source.to_string(),
        title,
    ]
}

/// `4m30-6m00`: P50 and P90.
fn length(of: Estimate) -> String {
    match (of.p50, of.p90) {
        (_, Span::ZERO) => String::new(),
        (p50, p90) if p50 == p90 => p50.to_string(),
        (p50, p90) => format!("{p50}-{p90}"),
    }
}

/// The edges ahead, one a line, the word of its level first.
pub fn edges(all: &Forecast) -> impl Iterator<Item = String> + '_ {
    all.edges.iter().map(|edge| format!("{:<5}  {}", level(edge), edge.line()))
}

/// `windows of argo are not known: not heard yet, and 2 more; reckoned as if they were open`; none where all is known.
pub fn unknown(all: &Forecast) -> Option<String> {
    Some(format!("{}; reckoned as if they were open", first(&all.unknown)?))
}

/// `wait until 02:05Z or mend a clock: that of sh is 3m12 ahead of ours, so …, and 2 more`; none where no clock matters.
pub fn clocks(all: &Forecast) -> Option<String> {
    first(&all.clocks)
}

fn first(all: &[String]) -> Option<String> {
    let (first, rest) = all.split_first()?;
    let more = if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
    Some(format!("{first}{more}"))
}

/// An edge's level in a word.
pub const fn level(edge: &Edge) -> &'static str {
    match edge.level {
        Level::Clear => "clear",
        Level::Amber => "amber",
        Level::Red => "RED",
    }
}
