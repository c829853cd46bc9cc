//! Whether something may happen, as typed, and when it best may: a sheet with every reason and the next openings.
//!
//! The judgements are the engine's; here are only its words.

use super::Seen;
use crate::domain::Timestamp;
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
    let (action, service, environment, at) = match words.as_slice() {
        [action, service, environment] => (action, service, environment, None),
        [action, service, environment, at] => (action, service, environment, Some(at.trim())),
        _ => return ui.say(Role::Warn, "write ACTION SERVICE ENV and perhaps a time: deploy payments eu-west"),
    };
    let at = match at.map(crate::config::instant).unwrap_or(Ok(seen.now)) {
        Ok(at) => at,
        Err(error) => return ui.say(Role::Warn, error),
    };
    let given = seen.model.given(seen.now);
    let named = asking::Subject::named(&given, action, service, environment);
    match named.and_then(|subject| subject.with(&given, None, None, seen.model.person.clone())) {
        Ok(subject) => ui.sheet = Some(verdict(seen, &asking::ask(&given, subject, at))),
        Err(error) => ui.say(Role::Warn, error),
    }
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
