//! What go, wait and no-go mean here, and the evidence that they rest on.
//!
//! From the plan, the forecast and what stands; nothing is judged here.

use super::{Line, Looked, fact};
use crate::domain::name::ServiceName;
use crate::domain::plan::Step;
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::trigger::RollsBack;
use crate::domain::verdict::{Level, Verdict};
use crate::engine::forecast::Level as Near;
use crate::report::ahead::heavy;
use crate::report::forecast::clock;
use crate::tui::theme::Role;
use std::collections::BTreeMap;

/// How many signals that do not pass have a line of their own where there is little room.
const FEW: usize = 2;
/// And where there is more.
const MORE: usize = 5;

/// One line for each answer.
pub(super) fn lines(looked: &Looked<'_>) -> Vec<Line> {
    let (role, wait) = wait(looked);
    let mut lines = fact(looked, 6, ("go", Role::Text, &go(looked)), None);
    lines.extend(back(looked).iter().flat_map(|text| fact(looked, 7, ("back", Role::Warn, text), None)));
    lines.extend(wait.iter().flat_map(|text| fact(looked, 5, ("wait", role, text), None)));
    lines.extend(fact(looked, 6, ("no-go", Role::Text, &no_go(looked)), None));
    lines
}

/// What it lets through, what it agrees to and when that lands.
fn go(looked: &Looked<'_>) -> String {
    let point = looked.point;
    let name = |step: &Step| step.name.to_string();
    let steps = match point.lets_through.as_slice() {
        [] => "nothing by itself".to_owned(),
        [one] => format!("step {}", one.name),
        [first, .., last] => format!("{} steps, {} to {}", point.lets_through.len(), first.name, last.name),
    };
    let until = match point.until {
        Some(step) if looked.roomy => format!("; then {} {}", step.name, step.title),
        Some(step) => format!("; asks again at {}", name(step)),
        None => String::new(),
    };
    let agrees: Vec<_> = point.agrees_to.iter().map(|trigger| trigger.name.to_string()).collect();
    let agrees = if agrees.is_empty() { String::new() } else { format!("; agrees to {}", agrees.join(", ")) };
    let lands = looked.view.model.derived.outlook.lands.map(|at| format!("; lands {}", clock(at, looked.view.now)));
    let no_return = point.no_return().map(|name| format!("; NO WAY BACK behind {name}"));
    let titles: Vec<_> =
        point.lets_through.iter().take(3).map(|step| format!("{} {}", step.name, step.title)).collect();
    let titles =
        if looked.roomy && !titles.is_empty() { format!(": {} …", titles.join(", ")) } else { String::new() };
    let rest = [no_return.unwrap_or_default(), until, agrees, lands.unwrap_or_default()].concat();
    format!("{steps}{titles}{rest}")
}

/// What of it could not be led back, or is not known to; none where all could.
fn back(looked: &Looked<'_>) -> Option<String> {
    let ahead = &looked.view.model.derived.ahead;
    let said = |step: &&Step| Some(format!("step {} {}", step.name, ahead.get(&step.name).filter(|l| heavy(l))?.text));
    let said: Vec<String> = looked.point.lets_through.iter().filter_map(said).collect();
    let first = said.first()?;
    let more = if said.len() > 1 { format!(" · and {} more", said.len() - 1) } else { String::new() };
    Some(format!("{first}{more}"))
}

/// What waiting costs; nothing when nothing is known that it could.
fn wait(looked: &Looked<'_>) -> (Role, Option<String>) {
    let (now, outlook) = (looked.view.now, &looked.view.model.derived.outlook);
    let point = looked.point;
    let silence = point.decide_by.filter(|_| point.poll).map(|at| match at > now {
        true => format!("silence at {} is NO-GO", clock(at, now)),
        false => format!("silent since {}: NO-GO", clock(at, now)),
    });
    let slack = outlook.slack.zip(outlook.window_ends).map(|(slack, end)| {
        let by = Span::millis(slack.num_milliseconds().unsigned_abs());
        match slack.num_milliseconds() >= 0 {
            true => format!("{by} of slack to the window's end {}", clock(end, now)),
            false => format!("lands {by} past the window's end {}", clock(end, now)),
        }
    });
    let back = outlook.horizon.zip(outlook.rollback).map(|(by, takes)| match by > now {
        true => format!("a set rollback ({takes}) fits until {}", clock(by, now)),
        false => format!("a set rollback ({takes}) no longer fits since {}", clock(by, now)),
    });
    let short = outlook.slack.is_some_and(|slack| slack.num_milliseconds() < 0);
    let role = match outlook.horizon_level {
        Near::Red => Role::Fail,
        Near::Amber => Role::Warn,
        Near::Clear if short => Role::Warn,
        Near::Clear => Role::Text,
    };
    let all: Vec<_> = [silence, back, slack].into_iter().flatten().collect();
    (role, (!all.is_empty()).then(|| all.join(" · ")))
}

/// What stands when it is a no, and what taking it back takes and loses.
fn no_go(looked: &Looked<'_>) -> String {
    let point = looked.point;
    if point.stands.is_empty() {
        return "park the run; it has changed nothing yet that could go back".to_owned();
    }
    let mut places: BTreeMap<(&ServiceName, &str), Vec<&str>> = BTreeMap::new();
    for changed in &point.stands {
        let to = changed.to.as_deref().unwrap_or("??");
        places.entry((&changed.service, to)).or_default().push(changed.environment.as_str());
    }
    let stays: Vec<_> = places.iter().map(|((service, to), at)| format!("{service} {to} {}", at.join(", "))).collect();
    let takes = looked.view.model.derived.outlook.rollback.map(|takes| format!(", {takes}")).unwrap_or_default();
    let loses = looked.view.model.derived.lost(&looked.view.given(), looked.run, &RollsBack::Set);
    let loses = if loses.is_empty() || !looked.roomy { String::new() } else { format!(", {loses}") };
    format!("park ({} stays)  or  roll back the set{takes}{loses}", stays.join(" · "))
}

/// The signals that it rests on: those that do not pass in full, the others in one line.
pub(super) fn evidence(looked: &Looked<'_>) -> Vec<Line> {
    let point = looked.point;
    let (pass, not): (Vec<_>, Vec<_>) = point.evidence.iter().partition(|(_, verdict)| verdict.level == Level::Pass);
    let most = if looked.roomy { MORE } else { FEW };
    let mut said: Vec<(Role, u8, String, &str)> = not.iter().take(most).map(|(at, verdict)| bad(at, verdict)).collect();
    if not.len() > most {
        said.push((Role::Warn, 7, format!("and {} more that do not pass", not.len() - most), ""));
    }
    if !pass.is_empty() {
        said.push((
            Role::Dim,
            3,
            format!("{} of {}: {}", pass.len(), point.evidence.len(), named(looked, &pass)),
            "PASS",
        ));
    }
    let mut label = point.digest.map_or_else(|| "saw".to_owned(), |digest| digest.short());
    let each = said.into_iter().flat_map(|(role, weight, text, word)| {
        let label = std::mem::take(&mut label);
        let verdict = (if word == "PASS" { Role::Ok } else { role }, word);
        let text_role = if role == Role::Dim { Role::Text } else { role };
        fact(looked, weight, (&label, text_role, &text), Some(verdict))
    });
    each.collect()
}

/// One that does not pass, and its word.
fn bad(at: &SignalAt, verdict: &Verdict) -> (Role, u8, String, &'static str) {
    let text = verdict.reasons.first().map_or_else(|| at.to_string(), ToString::to_string);
    let (role, word) = match verdict.level {
        Level::Pass => (Role::Ok, "PASS"),
        Level::Warn => (Role::Warn, "WARN"),
        Level::Hold => (Role::Held, "HOLD"),
        Level::Unknown => (Role::Unknown, "UNKNOWN"),
        Level::Fail => (Role::Fail, "FAIL"),
    };
    (role, 7, text, word)
}

/// What passes, by signal with its places; with the readings where there is room.
fn named(looked: &Looked<'_>, pass: &[&(&SignalAt, Verdict)]) -> String {
    let mut by: Vec<(String, Vec<String>)> = Vec::new();
    for (at, verdict) in pass {
        let title = looked.run.plan.signal(at).map_or_else(|| at.signal.to_string(), |signal| signal.title.clone());
        // The reason says the signal by its id first.
        let said = verdict.reasons.first().filter(|_| looked.roomy);
        let reading = said.and_then(|reason| reason.text.strip_prefix(&at.to_string())).unwrap_or_default();
        let place = format!("{}{reading}", at.environment);
        match by.iter_mut().find(|(known, _)| *known == title) {
            Some((_, places)) => places.push(place),
            None => by.push((title, vec![place])),
        }
    }
    by.into_iter().map(|(title, places)| format!("{title} {}", places.join(", "))).collect::<Vec<_>>().join(" · ")
}
