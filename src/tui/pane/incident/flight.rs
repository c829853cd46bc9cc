//! The release in flight: who drives it, for how long nobody has, what it is
//! doing, and what a tripped trigger is about to do.

use super::part::{Part, Row};
use crate::domain::Timestamp;
use crate::domain::fact::Fact;
use crate::domain::session::SessionId;
use crate::domain::span::Span;
use crate::engine::run::{Phase, Run, State};
use crate::engine::ways;
use crate::tui::action::Action;
use crate::tui::pane::trigger;
use crate::tui::theme::Role;
use crate::tui::view::{View, role_of};

/// The part that tells of the release in flight.
pub fn part(view: &View<'_>) -> Part {
    let Some(run) = view.run() else {
        let rows = vec![Row::text(Role::Dim, "no run is known here, so nothing of ours is in flight")];
        return Part { title: "release in flight".to_owned(), rows, least: 1, ..Part::default() };
    };
    let mut rows = Vec::new();
    if !run.ended() {
        rows.push(conn(view, run));
    }
    for run in view.live() {
        if let Some((declared, state)) = ways::tripped(run) {
            rows.push(Row::text(Role::Alarm, trigger::act(view, run, declared, state)));
        }
    }
    rows.extend(view.steps(run).iter().filter_map(|shown| {
        let why = match &shown.state.state {
            State::Failed(why) | State::Partly(_, _, why) | State::InDoubt(why) => why.clone(),
            state if state.active() => String::new(),
            _ => return None,
        };
        let since = shown.state.started.map(|at| format!(" {}", Span::between(at, view.now))).unwrap_or_default();
        let (name, title, word) = (&shown.step.name, &shown.step.title, shown.word.text());
        Some(Row::text(role_of(shown), format!("step {name} {title}  {word}{since}  {why}").trim_end().to_owned()))
    }));
    rows.extend(run.symptom.iter().map(|text| Row::text(Role::Warn, format!("rolled back because: {text}"))));
    let (right, role) = standing(view, run);
    let title = format!("in flight: run {}, {}", run.id, run.plan.title);
    Part { title, right, role: Some(role), rows, least: 2, ..Part::default() }
}

fn standing(view: &View<'_>, run: &Run) -> (String, Role) {
    let tripped = ways::tripped(run).map(|(t, _)| t.name.to_string());
    match (&run.phase, tripped) {
        (Phase::Completed(at), _) => (format!("completed {} ago", Span::between(*at, view.now)), Role::Dim),
        (Phase::Aborted(at, _), _) => (format!("aborted {} ago", Span::between(*at, view.now)), Role::Dim),
        (Phase::Parked(_), _) => ("PARKED".to_owned(), Role::Held),
        (Phase::Live, _) if run.takes_back() => ("ROLLING BACK".to_owned(), Role::Running),
        (Phase::Live, Some(trigger)) => (format!("{trigger} TRIPPED"), Role::Alarm),
        (Phase::Live, None) => {
            let held = view.model.ledger.holds.values().any(|h| !h.lock);
            if held { ("HELD".to_owned(), Role::Held) } else { ("LIVE".to_owned(), Role::Text) }
        }
    }
}

fn conn(view: &View<'_>, run: &Run) -> Row {
    let key = view.ui.keys.of(Action::TakeConn);
    let deputies = run.conn.as_ref().map(|conn| deputies(view, conn.person.as_str())).unwrap_or_default();
    match (&run.conn, view.model.ledger.driver(run)) {
        (Some(conn), Some(_)) if view.model.drives(run) => {
            Row::text(Role::Text, format!("conn {}: you, since {}", conn.person, conn.since.format("%H:%MZ")))
        }
        (Some(conn), Some(_)) => {
            let text = format!("conn {}, since {}{deputies}", conn.person, conn.since.format("%H:%MZ"));
            Row::text(Role::Text, text)
        }
        (Some(conn), None) => {
            let text = match lost(view, conn.session) {
                Some(at) => {
                    format!("session lost {}, UNATTENDED {}", at.format("%H:%MZ"), Span::between(at, view.now))
                }
                None => "session lost, UNATTENDED".to_owned(),
            };
            Row::text(Role::Fail, format!("conn {}: {text}{deputies} · {key} takes the conn", conn.person))
        }
        (None, _) => Row::text(Role::Fail, format!("conn nobody: UNATTENDED · {key} takes the conn")),
    }
}

/// When a session ended, as far as the lines at hand tell.
pub fn lost(view: &View<'_>, session: SessionId) -> Option<Timestamp> {
    let ended = |fact: &Fact| matches!(fact, Fact::SessionLost { session: s } | Fact::SessionClosed { session: s, .. } if *s == session);
    let mut recent = view.model.recent.iter().rev();
    recent.find(|told| told.entry.facts.iter().any(ended)).map(|told| told.entry.at)
}

/// Who else fills the rollback roles of whoever drives.
fn deputies(view: &View<'_>, person: &str) -> String {
    let roles = view.model.workspace.roles.values().filter(|r| r.rollback);
    let mine = roles.filter(|r| r.people.iter().any(|p| p.as_str() == person));
    let Some(role) = mine.min_by_key(|r| r.people.len()) else { return String::new() };
    let others: Vec<_> = role.people.iter().map(|p| p.as_str()).filter(|p| *p != person).collect();
    if others.is_empty() { String::new() } else { format!(" · deputy {}", others.join(", ")) }
}
