//! An action changes the view, asks something, or becomes a command.
//!
//! Pure but for fresh randomness in dialogs: it looks at the view and never
//! acts. The loop sends what it returns to the runtime.

pub mod people;
mod steps;

use super::action::{Action, Pane, TABLE};
use super::arming;
use super::ask;
use super::model::Model;
use super::pane::{approvals, journal};
use super::theme::{Role, Theme};
use super::ui::{Intent, Prompt, PromptKind, Ui};
use super::view::View;
use crate::domain::Timestamp;
use crate::domain::command::Command;
use crate::domain::hold::Scope;
use crate::domain::trigger::RollsBack;
use crate::engine::run::{Run, TriggerState};
use crate::engine::show;
use std::time::Duration;

/// What an update sees besides the view's own state.
pub struct Seen<'a> {
    /// Everything known.
    pub model: &'a Model,
    /// How roles look; drawing needs it, judging does not.
    pub theme: &'a Theme,
    /// The wall clock.
    pub now: Timestamp,
    /// The clock that never jumps.
    pub uptime: Duration,
}

impl Seen<'_> {
    /// The view of this instant.
    pub fn view<'b>(&'b self, ui: &'b Ui) -> View<'b> {
        View { model: self.model, ui, theme: self.theme, now: self.now, uptime: self.uptime }
    }
}

/// Does what an action asks for; the command that follows, if one does.
pub fn update(ui: &mut Ui, seen: &Seen<'_>, action: Action) -> Option<Command> {
    ui.arming.key(seen.uptime);
    match action {
        Action::Up | Action::Down | Action::First | Action::Last | Action::PageUp | Action::PageDown => {
            move_selection(ui, seen, action);
        }
        Action::Go(pane) => {
            ui.pane = pane;
            ui.row = 0;
        }
        Action::NextFocus | Action::PreviousFocus => ui.pane = next_pane(ui.pane, action == Action::NextFocus),
        Action::Open => ui.pane = if ui.pane == Pane::Bridge { Pane::Runbook } else { ui.pane },
        Action::Back => back(ui),
        Action::Zoom => ui.zoomed = !ui.zoomed,
        Action::Zone => ui.zone = ui.zone.wrapping_add(1),
        Action::Help => ui.help = true,
        Action::Filter => prompt(ui, PromptKind::Filter),
        Action::Palette => prompt(ui, PromptKind::Palette),
        Action::Acknowledge => drop(ui.messages.pop_back()),
        Action::RefusedOnly => ui.refused = !ui.refused,
        Action::Arm => arm(ui, seen),
        Action::Disarm => {
            let ended = ui.arming.end(arming::End::Asked);
            ended.into_iter().for_each(|end| ui.say(Role::Text, end.words()));
        }
        Action::Quit => return quit(ui, seen),
        Action::HoldAll => {
            let rows =
                vec![("will".to_owned(), "stop everything that goes forward; the way back stays open".to_owned())];
            ui.asked = Some(ask::reason("Hold all", "", rows, "hold all", true, Intent::Hold(Scope::All)));
        }
        Action::Contacts => contacts(ui, seen),
        Action::Update => draft(ui, seen),
        _ => return on_run(ui, seen, action),
    }
    None
}

/// Actions that are about the run.
fn on_run(ui: &mut Ui, seen: &Seen<'_>, action: Action) -> Option<Command> {
    if action == Action::StartRun {
        return people::start_run(ui, seen);
    }
    let Some(run) = seen.model.run() else {
        ui.say(Role::Warn, "there is no run; N starts one");
        return None;
    };
    match action {
        Action::TakeConn => return take_conn(ui, seen, run),
        Action::GiveConn => return Some(Command::GiveConn(run.id)),
        Action::Log => {
            ui.asked = Some(ask::reason("Log a note", "", Vec::new(), "", true, Intent::Note(run.id, None)));
        }
        Action::RollBack => {
            let subject = seen.model.ledger.runs.values().rev().find(|r| !r.takes_back());
            let what = what_to_roll_back(ui, subject);
            let asked = ask::roll_back(&seen.view(ui), subject, what);
            ui.asked = asked.or(ui.asked.take());
        }
        Action::ParkRun => reasoned(ui, "Park the run", Command::Park(run.id, String::new())),
        Action::UnparkRun => return Some(Command::Unpark(run.id)),
        Action::AbortRun => reasoned(ui, "Abort the run", Command::Abort(run.id, String::new())),
        Action::CompleteRun => return Some(Command::Complete(run.id)),
        Action::PostponeTrigger | Action::DisarmTrigger => trigger(ui, seen, action == Action::PostponeTrigger),
        Action::LiftHold => match seen.model.ledger.holds.values().next_back() {
            Some(hold) => {
                let title = format!("Lift {} {} on {}", if hold.lock { "lock" } else { "hold" }, hold.id, hold.scope);
                reasoned(ui, &title, Command::Lift(hold.id, String::new()));
            }
            None => ui.say(Role::Text, "nothing is held"),
        },
        Action::Diagnose => match seen.model.ledger.runs.values().rev().find(|r| r.takes_back()) {
            Some(back) => {
                reasoned(ui, "Cause of the rollback", Command::RootCause(back.id, String::new(), "unknown".to_owned()))
            }
            None => ui.say(Role::Text, "no run has been rolled back"),
        },
        Action::TakeOver => {
            let left = run.left_open().next().map(|l| l.what.clone());
            left.into_iter().for_each(|what| {
                reasoned(ui, &format!("Take over: {what}"), Command::TakeOver(run.id, what.clone(), String::new()));
            });
        }
        Action::Undo => {
            let (run, step) = ui.undo.take()?;
            return Some(Command::Step(run, step, crate::domain::command::StepCommand::Undo));
        }
        Action::SpokenVote | Action::Vote | Action::Approve | Action::Reject => people::update(ui, seen, run, action),
        _ => return steps::update(ui, seen, run, action),
    }
    None
}

/// A dialog for the reason that a command waits for.
fn reasoned(ui: &mut Ui, title: &str, command: Command) {
    ui.asked = Some(ask::reason(title, "", Vec::new(), "", true, Intent::Reason(Box::new(command))));
}

fn arm(ui: &mut Ui, seen: &Seen<'_>) {
    let conn = seen.model.run().is_none_or(|run| seen.model.drives(run));
    match ui.arming.arm(seen.uptime, arming::USUAL, conn) {
        Ok(()) => ui.say(Role::Armed, "armed: keys that reach systems act, for five minutes"),
        Err(error) => ui.say(Role::Warn, error.to_string()),
    }
}

fn take_conn(ui: &mut Ui, seen: &Seen<'_>, run: &Run) -> Option<Command> {
    if seen.model.drives(run) {
        return Some(Command::GiveConn(run.id));
    }
    let command = Command::TakeConn(run.id, run.epoch, String::new());
    let there = seen.model.ledger.driver(run).and(run.conn.as_ref());
    match there.filter(|conn| Some(&conn.person) != seen.model.person.as_ref()) {
        None => Some(command),
        Some(conn) => {
            reasoned(ui, &format!("Take the conn of run {} from {}", run.id, conn.person), command);
            None
        }
    }
}

fn quit(ui: &mut Ui, seen: &Seen<'_>) -> Option<Command> {
    match seen.model.ledger.runs.values().find(|r| !r.ended() && seen.model.drives(r)) {
        None => ui.leaving = true,
        Some(run) => {
            let rows = vec![("then".to_owned(), format!("run {} is unattended until someone takes the conn", run.id))];
            ui.asked = Some(ask::reason("Leave while you have the conn", "", rows, "leaving", false, Intent::Quit));
        }
    }
    None
}

fn trigger(ui: &mut Ui, seen: &Seen<'_>, postpone: bool) {
    let runs = seen.model.ledger.runs.values().filter(|r| !r.ended());
    let found = runs.flat_map(|r| r.triggers.iter().map(move |(name, state)| (r.id, name.clone(), state)));
    let mut found = found.filter(|(_, _, state)| !postpone || matches!(state, TriggerState::Tripped { .. }));
    match found.next() {
        Some((run, name, _)) if postpone => {
            reasoned(ui, &format!("Postpone trigger {name}"), Command::Postpone(run, name, String::new()));
        }
        Some((run, name, _)) => {
            reasoned(ui, &format!("Disarm trigger {name}"), Command::Disarm(run, name, String::new()))
        }
        None => ui.say(Role::Text, "no trigger has tripped"),
    }
}

/// The selected step's target if it was changed, else everything.
fn what_to_roll_back(ui: &Ui, run: Option<&Run>) -> RollsBack {
    let changed = |service: &_, environment: &_| {
        run.is_some_and(|r| {
            r.changed.iter().any(|c| c.service == *service && c.environment == *environment && c.taken_back.is_none())
        })
    };
    let step = ui.step.as_ref().and_then(|name| run?.plan.step(name)?.target());
    let selected = ui.target.as_ref().map(|(s, e)| (s, e)).or(step);
    let tripped = run.and_then(|r| {
        let fired = |name: &_| {
            matches!(r.triggers.get(name), Some(TriggerState::Tripped { .. } | TriggerState::Proposed { .. }))
        };
        r.plan.triggers.iter().find(|t| fired(&t.name)).map(|t| t.rolls_back.clone())
    });
    match (tripped, selected) {
        (Some(what), _) => what,
        (None, Some((service, environment))) if changed(service, environment) => {
            RollsBack::One(service.clone(), environment.clone())
        }
        _ => RollsBack::Set,
    }
}

fn contacts(ui: &mut Ui, seen: &Seen<'_>) {
    let view = seen.view(ui);
    let bridge = seen.model.workspace.bridge.iter().map(|b| ("bridge".to_owned(), b.clone()));
    let roles =
        seen.model.workspace.roles.keys().map(|r| (r.to_string(), super::pane::runbook::contacts(&view, r.as_str())));
    let rows: Vec<_> =
        bridge.chain(roles).map(|(label, text)| (crate::domain::text::shortened(&label, 7), text)).collect();
    ui.asked = Some(ask::card("Contacts", rows));
}

/// An update for people elsewhere, as text to copy.
fn draft(ui: &mut Ui, seen: &Seen<'_>) {
    let Some(run) = seen.model.run() else { return };
    let given = seen.model.given(seen.now);
    let text = crate::report::update::three_lengths(&given, run);
    let rows = text.into_iter().map(|(label, text)| (label.to_owned(), text)).collect();
    ui.asked = Some(ask::card("Update, to copy", rows));
}

fn prompt(ui: &mut Ui, kind: PromptKind) {
    let text = if kind == PromptKind::Filter { ui.filter.clone() } else { String::new() };
    ui.prompt = Some(Prompt { kind, input: text.into() });
}

fn back(ui: &mut Ui) {
    match (ui.zoomed, ui.pane) {
        (true, _) => ui.zoomed = false,
        (false, Pane::Bridge) => (ui.step, ui.target) = (None, None),
        (false, _) => ui.pane = Pane::Bridge,
    }
}

fn next_pane(pane: Pane, forward: bool) -> Pane {
    let all = Pane::ALL;
    let at = all.iter().position(|p| *p == pane).unwrap_or(0);
    let step = if forward { 1 } else { all.len() - 1 };
    all.get((at + step) % all.len()).copied().unwrap_or(pane)
}

/// The action that a palette text names: exactly, or the only one it begins.
pub fn named(text: &str) -> Option<Action> {
    let text = text.trim();
    Action::named(text).or_else(|| {
        let mut found = TABLE.iter().filter(|row| row.name.starts_with(text));
        let first = found.next()?;
        (!text.is_empty() && found.all(|row| row.action == first.action)).then_some(first.action)
    })
}

fn move_selection(ui: &mut Ui, seen: &Seen<'_>, action: Action) {
    let to = |at: usize, len: usize| match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => (at + 1).min(len.saturating_sub(1)),
        Action::PageUp => at.saturating_sub(10),
        Action::PageDown => (at + 10).min(len.saturating_sub(1)),
        Action::First => 0,
        _ => len.saturating_sub(1),
    };
    match ui.pane {
        Pane::Bridge | Pane::Runbook => {
            let Some(run) = seen.model.run() else { return };
            let given = seen.model.given(seen.now);
            let shown: Vec<_> = show::steps(&given, run).collect();
            let here = ui.step.as_ref().and_then(|name| shown.iter().position(|s| s.step.name == *name));
            let at = here.unwrap_or_else(|| super::pane::now::first_open(&shown));
            let next =
                if here.is_none() && matches!(action, Action::Up | Action::Down) { at } else { to(at, shown.len()) };
            ui.step = shown.get(next).map(|s| s.step.name.clone());
        }
        Pane::Health => {
            let all: Vec<_> = seen
                .model
                .workspace
                .services
                .values()
                .flat_map(|s| s.deployed_by.keys().map(|e| (s.name.clone(), e.clone())))
                .collect();
            let at = ui.target.as_ref().and_then(|t| all.iter().position(|a| a == t)).unwrap_or(0);
            ui.target = all.get(to(at, all.len())).cloned();
        }
        Pane::Journal => {
            let view = seen.view(ui);
            let lines: Vec<u64> = journal::kept(&view).map(|e| e.seq).collect();
            let last = lines.len().saturating_sub(1);
            let at = ui.line.and_then(|seq| lines.iter().position(|l| *l == seq)).unwrap_or(last);
            let next = to(at, lines.len());
            // At the end the newest stays selected as lines come.
            ui.line = if next == last { None } else { lines.get(next).copied() };
        }
        Pane::Approvals => ui.row = to(ui.row, approvals::queue(&seen.view(ui)).len()),
        Pane::Rollback | Pane::Calendar => ui.row = to(ui.row, usize::MAX),
    }
}
