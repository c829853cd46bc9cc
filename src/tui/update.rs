//! An action changes the view, asks something, or becomes a command.
//!
//! Pure but for fresh randomness in dialogs: it looks at the view and never
//! acts. The loop sends what it returns to the runtime.

pub mod adhoc;
pub mod back;
mod conn;
pub mod copy;
mod guard;
mod incident;
pub mod look;
pub mod may;
pub mod mouse;
pub mod overtaken;
pub mod past;
pub mod people;
mod polls;
mod select;
pub mod steps;
pub mod themes;
pub mod trigger;
pub mod updates;
pub mod waiver;
pub mod watch;

use super::action::{Action, Pane, Reach, TABLE};
use super::arming;
use super::ask;
use super::hand::Id;
use super::menu::{Choice, Menu};
use super::model::Model;
use super::replay;
use super::request::Request;
use super::theme::{Role, Theme};
use super::ui::{Help, Intent, Prompt, PromptKind, Ui};
use super::view::{View, zones};
use crate::domain::Timestamp;
use crate::domain::command::{Command, StepCommand};
use crate::domain::hold::{Hold, Scope};
use crate::domain::name::RunId;
use crate::domain::refusal::Refusal;
use crate::domain::span::Span;
use crate::engine::run::Run;
use crate::runtime::input::Errand;
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
        View { model: self.model, ui, theme: self.theme, now: self.now, uptime: self.uptime, marks: Default::default() }
    }
}

/// Does what an action asks for; what the loop is asked to do for it, if anything.
pub fn update(ui: &mut Ui, seen: &Seen<'_>, action: Action) -> Option<Request> {
    if seen.model.replay.is_some() && acts(action) {
        ui.say(Role::Warn, replay::NOTHING);
        return None;
    }
    ui.arming.key(seen.uptime);
    if themes::on_chooser(ui, action) {
        return None;
    }
    if let Some(done) = look::on_sheet(ui, seen, action) {
        return done;
    }
    if action.reach() == Reach::View
        && !matches!(action, Action::Repeat | Action::Palette | Action::Find | Action::Help | Action::Quit)
    {
        ui.last = Some(action);
    }
    match action {
        Action::Up | Action::Down | Action::First | Action::Last | Action::PageUp | Action::PageDown => {
            select::step(ui, seen, action);
        }
        Action::Go(pane) => {
            ui.pane = pane;
            (ui.row, ui.zoomed) = (0, false);
            ui.hand.let_go();
        }
        Action::NextFocus | Action::PreviousFocus => select::focus(ui, action == Action::NextFocus),
        Action::Open | Action::Right => look::open(ui, seen),
        Action::Back | Action::Left => back(ui, action == Action::Back),
        Action::Zoom => zoom(ui),
        Action::Zone => zone(ui, seen),
        Action::Copy => return copy::selected(ui, seen),
        Action::Repeat => match ui.last {
            Some(last) => return update(ui, seen, last),
            None => ui.say(Role::Text, "nothing to repeat: no action has changed the view yet"),
        },
        Action::Mouse => mouse::switch(ui),
        Action::Redraw => return Some(Request::Redraw),
        Action::Help => ui.help = Some(Help::default()),
        Action::Filter => filter(ui),
        Action::Palette => prompt(ui, PromptKind::Palette),
        Action::Find => prompt(ui, PromptKind::Find),
        Action::GoPane => {
            let panes = Pane::ALL.map(Pane::name).join(", ");
            let line = ui.keys.line("go health");
            ui.say(Role::Text, format!("write the pane after it, {line}; there are {panes}"));
        }
        Action::GoStep => {
            let line = ui.keys.line("goto 14");
            ui.say(Role::Text, format!("write the step after it: {line}, then Enter"));
        }
        Action::May => prompt(ui, PromptKind::May),
        Action::Acknowledge => {
            if ui.messages.pop_back().is_none() {
                ui.say(Role::Text, "nothing to put away: no message is shown");
            }
        }
        Action::Errors => look::errors(ui),
        Action::Pager => return copy::paged(ui, seen),
        Action::RefusedOnly => (ui.refused, ui.line) = (!ui.refused, None),
        Action::Verify => return Some(Request::Errand(Errand::Verify)),
        Action::Evidence => return Some(Request::Errand(Errand::Export)),
        Action::Arm => arm(ui, seen, arming::USUAL),
        Action::Disarm => match ui.arming.end(arming::End::Asked) {
            Some(end) => ui.say(Role::Text, end.words()),
            None => ui.say(Role::Text, "read-only already"),
        },
        Action::Quit => quit(ui, seen),
        Action::HoldAll => {
            let rows =
                vec![("will".to_owned(), "stop everything that goes forward; the way back stays open".to_owned())];
            ui.asked = Some(ask::reason("Hold all", "", rows, "hold all", true, Intent::Hold(Scope::All)));
        }
        Action::Contacts => look::contacts(ui, seen),
        Action::Theme => themes::open(ui, seen),
        Action::Incident => incident::key(ui, seen),
        Action::LiftHold => lift(ui, seen),
        Action::Adopt => people::adopt(ui, seen),
        Action::Waiver => waiver::list(ui, seen),
        Action::Emergency => waiver::emergency(ui, seen),
        Action::Messages => look::messages(ui),
        Action::Do => adhoc::key(ui, seen),
        Action::Undo => return undo(ui),
        Action::Play
        | Action::Faster
        | Action::Slower
        | Action::LineOn
        | Action::LineBack
        | Action::EventOn
        | Action::EventBack
        | Action::EventOf
        | Action::Jump => return past::update(ui, seen, action),
        _ => return on_run(ui, seen, action),
    }
    None
}

/// Whether an action could ever reach the journal, a file or a system.
fn acts(action: Action) -> bool {
    action.reach() != Reach::View || matches!(action, Action::Arm | Action::Verify | Action::Output)
}

/// Actions that are about the run.
fn on_run(ui: &mut Ui, seen: &Seen<'_>, action: Action) -> Option<Request> {
    if matches!(action, Action::StartRun | Action::Rehearse) {
        people::start_run(ui, seen, action == Action::Rehearse);
        return None;
    }
    let Some(run) = seen.model.run() else {
        let key = ui.keys.of(Action::StartRun);
        ui.say(Role::Warn, format!("there is no run; {key} starts one"));
        return None;
    };
    if !guard::shown(ui, &Id::Run(run.id)) {
        return None;
    }
    match action {
        Action::TakeConn => return conn::take(ui, seen, run),
        Action::OfferConn => people::offer(ui, seen, run),
        Action::GiveConn => return Some(Command::GiveConn(run.id).into()),
        Action::Update => updates::draft(ui, seen, run),
        Action::Log => {
            ui.asked = Some(ask::reason("Log a note", "", Vec::new(), "", true, Intent::Note(run.id, None)));
        }
        Action::RollBack => back::key(ui, seen),
        Action::ParkRun => reasoned(ui, "Park the run", Command::Park(run.id, String::new())),
        Action::UnparkRun => return Some(Command::Unpark(run.id).into()),
        Action::AbortRun => reasoned(ui, "Abort the run", Command::Abort(run.id, String::new())),
        Action::CompleteRun => return Some(Command::Complete(run.id).into()),
        Action::PostponeTrigger => trigger::postpone(ui, seen),
        Action::DisarmTrigger => trigger::disarm(ui, seen),
        Action::Diagnose => match seen.model.ledger.runs.values().rev().find(|r| r.takes_back()) {
            Some(back) => {
                let title = format!("Cause of the rollback that run {} is", back.id);
                reasoned(ui, &title, Command::RootCause(back.id, String::new(), "unknown".to_owned()))
            }
            None => ui.say(Role::Text, "no run has been rolled back"),
        },
        Action::TakeOver => take_over(ui, run),
        Action::SpokenVote | Action::Vote | Action::Approve | Action::Reject => people::update(ui, seen, run, action),
        _ => return steps::update(ui, seen, run, action),
    }
    None
}

/// A dialog for the reason that a command waits for.
fn reasoned(ui: &mut Ui, title: &str, command: Command) {
    ui.asked = Some(ask::reason(title, "", Vec::new(), "", true, Intent::Reason(Box::new(command))));
}

/// Arms for a time, or says why not.
pub(super) fn arm(ui: &mut Ui, seen: &Seen<'_>, length: Duration) {
    let conn = seen.model.conned().is_none_or(|run| seen.model.drives(run));
    match ui.arming.arm(seen.uptime, length, conn) {
        Ok(()) => {
            ui.say(Role::Armed, format!("armed: keys that reach systems act, for {}", Span::secs(length.as_secs())))
        }
        Err(error) => {
            let key = ui.keys.of(Action::TakeConn);
            let more = if conn { String::new() } else { format!("; {key} takes it") };
            ui.say(Role::Warn, format!("{error}{more}"));
        }
    }
}

fn quit(ui: &mut Ui, seen: &Seen<'_>) {
    match seen.model.ledger.runs.values().find(|r| !r.ended() && seen.model.drives(r)) {
        None => ui.leaving = true,
        Some(run) => {
            let rows = vec![("then".to_owned(), format!("run {} is unattended until someone takes the conn", run.id))];
            ui.asked = Some(ask::reason("Leave while you have the conn", "", rows, "leaving", false, Intent::Quit));
        }
    }
}

fn undo(ui: &mut Ui) -> Option<Request> {
    match ui.undo.take() {
        Some((run, step)) => Some(Command::Step(run, step, StepCommand::Undo).into()),
        None => {
            ui.say(Role::Text, "nothing to take back: undo is for the last `done` of this session, within 10 s");
            None
        }
    }
}

/// Lifts the only hold, or asks which.
fn lift(ui: &mut Ui, seen: &Seen<'_>) {
    let holds: Vec<_> = seen.model.ledger.holds.values().rev().collect();
    match holds.as_slice() {
        [] => ui.say(Role::Text, "nothing is held"),
        [hold] if guard::shown(ui, &Id::Hold(hold.id)) => lifted(ui, hold),
        [_] => {}
        _ => {
            let item = |hold: &&Hold| {
                let what = if hold.lock { "lock" } else { "hold" };
                (format!("{what} {} on {}", hold.id, hold.scope), Choice::Lift(hold.id))
            };
            ui.menu = Some(Menu::listed("lift", holds.iter().map(item).collect(), "lift"));
        }
    }
}

/// Takes over the only thing that a run leaves open, or asks which.
fn take_over(ui: &mut Ui, run: &Run) {
    let open: Vec<_> = run.left_open().map(|left| left.what.clone()).collect();
    match open.as_slice() {
        [] => ui.say(Role::Text, format!("run {} leaves nothing open that could be taken over", run.id)),
        [what] => taken_over(ui, run.id, what.clone()),
        _ => {
            let items = ('1'..='9').zip(open).map(|(key, what)| (key, what.clone(), Choice::TakeOver(run.id, what)));
            ui.menu = Some(Menu::new("take over", items.collect()));
        }
    }
}

fn taken_over(ui: &mut Ui, run: RunId, what: String) {
    reasoned(ui, &format!("Take over: {what}"), Command::TakeOver(run, what, String::new()));
}

fn lifted(ui: &mut Ui, hold: &Hold) {
    let what = if hold.lock { "lock" } else { "hold" };
    let title = format!("Lift {what} {} on {}", hold.id, hold.scope);
    reasoned(ui, &title, Command::Lift(hold.id, String::new()));
}

fn prompt(ui: &mut Ui, kind: PromptKind) {
    let text = if kind == PromptKind::Filter { ui.filter(ui.acting()).to_owned() } else { String::new() };
    ui.prompt = Some(Prompt::new(kind, text));
}

/// What has rows that a filter can take away.
fn filter(ui: &mut Ui) {
    if filters(ui) {
        prompt(ui, PromptKind::Filter);
    }
}

/// Whether rows of what has the hand can be taken away; says where they can when not.
fn filters(ui: &mut Ui) -> bool {
    let rows = !matches!(ui.acting(), Pane::Bridge | Pane::Rollback);
    if !rows {
        let panes = [Pane::Runbook, Pane::Health, Pane::Approvals, Pane::Calendar, Pane::Journal];
        let panes = panes.map(|pane| format!("{} {}", ui.keys.of(Action::Go(pane)), pane.name()));
        let where_it_acts = panes.join(", ");
        ui.say(Role::Text, format!("nothing is hidden here; a filter acts in {where_it_acts}"));
    }
    rows
}

/// Filters the rows of what has the hand; an empty text shows all of them.
pub(super) fn filtered(ui: &mut Ui, text: &str) {
    if !filters(ui) {
        return;
    }
    match text.trim() {
        "" => drop(ui.filters.remove(&ui.acting())),
        text => drop(ui.filters.insert(ui.acting(), text.to_owned())),
    }
}

/// Takes one thing away that lies over or narrows the view.
fn back(ui: &mut Ui, clears: bool) {
    match (ui.zoomed, ui.pane) {
        (true, _) => ui.zoomed = false,
        _ if clears && !ui.filter(ui.acting()).is_empty() => drop(ui.filters.remove(&ui.acting())),
        // With nothing left to close, what is said goes.
        (false, Pane::Bridge) if clears && (&ui.step, &ui.target, ui.focus) == (&None, &None, Pane::Bridge) => {
            ui.messages.pop_back();
        }
        (false, Pane::Bridge) => (ui.step, ui.target, ui.focus) = (None, None, Pane::Bridge),
        (false, _) => ui.pane = Pane::Bridge,
    }
}

fn zoom(ui: &mut Ui) {
    if ui.pane == Pane::Bridge {
        ui.zoomed = !ui.zoomed;
    } else {
        let name = ui.pane.name();
        let key = ui.keys.of(Action::Go(Pane::Bridge));
        ui.say(Role::Text, format!("{name} has the screen for itself already; {key} goes to the bridge"));
    }
}

fn zone(ui: &mut Ui, seen: &Seen<'_>) {
    match zones(&seen.model.workspace).as_slice() {
        [_, _, ..] => ui.zone = ui.zone.wrapping_add(1),
        [only] => ui.say(Role::Text, format!("there is no other zone: workspace and environments are in {only}")),
        [] => ui.say(Role::Text, "there is no zone beside UTC; name one in holdpoint.toml"),
    }
}

/// Shows why a command was refused: on a card, unless something else is being asked. That
/// stays as it is, because a key meant for it must not meet another question.
pub fn refused(ui: &mut Ui, refusal: &Refusal) {
    if ui.asked.is_none() && ui.menu.is_none() && ui.prompt.is_none() {
        ui.asked = Some(ask::blocked("Refused", refusal));
        return;
    }
    ui.say(Role::Fail, format!("refused: {refusal}"));
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
