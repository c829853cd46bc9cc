//! Whether something may happen, as typed, and when it best may: a sheet with every reason and the next openings.
//!
//! The judgements are the engine's; here are only its words.

use super::Seen;
use crate::domain::Timestamp;
use crate::domain::operation::Operation;
use crate::domain::plan::Step;
use crate::domain::span::Span;
use crate::domain::verdict::Level;
use crate::domain::zone::Zone;
use crate::engine::when::{Opening, when};
use crate::report::may as asking;
use crate::tui::pane::health;
use crate::tui::sheet::Sheet;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use chrono::TimeDelta;

/// How long most things take that are asked about.
const USUAL: Span = Span::secs(3600);
/// How far ahead openings are looked for.
const AHEAD: TimeDelta = TimeDelta::days(14);
/// How many of them are shown.
const SHOWN: usize = 5;

/// Whether something may happen, as typed: `ACTION SERVICE ENV [at]`.
pub fn may(ui: &mut Ui, seen: &Seen<'_>, typed: &str) {
    let words: Vec<&str> = typed.splitn(4, char::is_whitespace).filter(|w| !w.is_empty()).collect();
    let (action, service, environment, rest) = match words.as_slice() {
        [action, service, environment] => (action, service, environment, ""),
        [action, service, environment, rest] => (action, service, environment, rest.trim()),
        _ => {
            return ui
                .say(Role::Warn, "write ACTION SERVICE ENV, perhaps a version and a time: deploy payments eu-west");
        }
    };
    let (version, at) = versioned(rest);
    let at = match at.map(crate::config::instant).unwrap_or(Ok(seen.now)) {
        Ok(at) => at,
        Err(error) => return ui.say(Role::Warn, error),
    };
    let given = seen.model.given(seen.now);
    let named = asking::Subject::named(&given, action, service, environment);
    let planned = planned(seen, action, service, environment);
    let (version, release) = match (version, planned) {
        (Some(version), _) => (Some(version.to_owned()), None),
        (None, planned) => planned.unwrap_or_default(),
    };
    let who = seen.model.person.clone();
    match named.and_then(|subject| subject.with(&given, version, release.as_deref(), who)) {
        Ok(subject) => ui.sheet = Some(verdict(seen, &asking::ask(&given, subject, at))),
        Err(error) => ui.say(Role::Warn, error),
    }
}

/// A version, where the first word is none of a time, and the time.
fn versioned(rest: &str) -> (Option<&str>, Option<&str>) {
    let first = rest.split_whitespace().next().filter(|_| crate::config::instant(rest).is_err());
    let version = first.filter(|word| crate::config::instant(word).is_err());
    let at = version.map_or(rest, |word| rest.get(word.len()..).unwrap_or_default()).trim();
    (version, Some(at).filter(|at| !at.is_empty()))
}

/// The version and release that the shown run would bring there, where it is live and does.
fn planned(
    seen: &Seen<'_>,
    action: &str,
    service: &str,
    environment: &str,
) -> Option<(Option<String>, Option<String>)> {
    let run = seen.model.run().filter(|run| !run.ended())?;
    let there = |op: &&Operation| {
        let at = |name: Option<&str>, wanted: &str| name == Some(wanted);
        let place = at(op.service.as_ref().map(|s| s.as_str()), service)
            && at(op.environment.as_ref().map(|e| e.as_str()), environment);
        place && op.verb.word() == action
    };
    let op = run.plan.steps.iter().filter_map(Step::operation).find(there)?;
    Some((op.args.get("version").cloned(), run.plan.release.as_ref().map(ToString::to_string)))
}

fn verdict(seen: &Seen<'_>, answer: &asking::Answer) -> Sheet {
    let date = |at: Timestamp| at.format("%a %Y-%m-%d %H:%MZ").to_string();
    let level = answer.verdict.level;
    let role = if level == Level::Pass { Role::Ok } else { health::role(level) };
    let mut lines = vec![(role, format!("{}  {} at {}", answer.verdict.level, answer.subject, date(answer.at)))];
    lines.extend(answer.verdict.reasons.iter().map(|r| (Role::Text, format!("why     {r}"))));
    let until = |at| Span::between(seen.now, at);
    lines.extend(answer.opens.map(|at| (Role::Text, format!("opens   {}, in {}", date(at), until(at)))));
    lines.extend(answer.closes.map(|at| (Role::Text, format!("closes  {}, in {}", date(at), until(at)))));
    lines.extend(openings(seen, answer));
    Sheet::text(format!("may {}", answer.subject), lines)
}

/// The next openings from then on that are long enough for most things.
fn openings(seen: &Seen<'_>, answer: &asking::Answer) -> Vec<(Role, String)> {
    let given = seen.model.given(seen.now);
    let until = answer.at.checked_add_signed(AHEAD).unwrap_or(answer.at);
    let all = when(&given, &answer.subject.asking(), USUAL, (answer.at, until));
    let zone = seen.model.workspace.environments.get(answer.subject.environment()).map(|place| place.zone.as_str());
    let place = zone.and_then(Zone::named);
    let row = |one: &Opening| {
        let day = |at: Timestamp| at.format("%a %d %b %H:%MZ").to_string();
        let local = place.as_ref().map(|zone| zone.local(one.start).format(", %H:%M there").to_string());
        let closes = one.to.map_or_else(|| "no end known".to_owned(), |to| format!("closes {}", day(to)));
        let beside = if one.remarks.is_empty() { "nothing else is on".to_owned() } else { one.remarks.join(" · ") };
        let role = if one.remarks.is_empty() { Role::Text } else { Role::Dim };
        (role, format!("  {}{}  {closes}  {beside}", day(one.start), local.unwrap_or_default()))
    };
    let head = match all.is_empty() {
        true => format!("no opening of {USUAL} is known within {} days", AHEAD.num_days()),
        false => format!("for {USUAL}, the quietest of the next {} days first", AHEAD.num_days()),
    };
    let rows = all.iter().take(SHOWN).map(row);
    [(Role::Text, String::new()), (Role::Title, head)].into_iter().chain(rows).collect()
}
