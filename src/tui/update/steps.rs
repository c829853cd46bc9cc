//! Actions on the selected step, or on the one that waits for a person.
//!
//! What touches only the journal needs no arming; what reaches a system does.

use super::{Seen, guard, reasoned};
use crate::domain::command::{Command, Resolution, StepCommand};
use crate::domain::plan::{Question, Step, Work};
use crate::engine::run::{Run, State};
use crate::engine::show::{self, Shown, Word};
use crate::runtime::input::Errand;
use crate::tui::action::Action;
use crate::tui::ask;
use crate::tui::hand::{self, Id};
use crate::tui::menu::{Choice, Menu};
use crate::tui::request::Request;
use crate::tui::sheet::Subject;
use crate::tui::theme::Role;
use crate::tui::ui::{Intent, Ui};
use crate::tui::view::View;

/// Does what an action asks for; the command that follows, if one does.
pub(super) fn update(ui: &mut Ui, seen: &Seen<'_>, run: &Run, action: Action) -> Option<Request> {
    let Some(step) = chosen(ui, seen, run, action) else {
        let name = action.binding().map_or("this", |row| row.name);
        ui.say(Role::Text, format!("{name}: no step waits for that; {} select one", ui.keys.moving()));
        return None;
    };
    let (id, name) = (run.id, step.name.clone());
    if !guard::highlighted(ui, seen, &Id::Step(id, name.clone()), &step.title) {
        return None;
    }
    let command = |command| Command::Step(id, name.clone(), command);
    let title = |verb: &str| format!("{verb} {} {}", step.name, step.title);
    match action {
        Action::Start | Action::Retry => {
            let sends = step.operation().is_some();
            if sends && !armed(ui, seen) {
                return None;
            }
            if !sends && action == Action::Start {
                return Some(command(StepCommand::Start(None)).into());
            }
            let asked = ask::start(&seen.view(ui), run, step, action == Action::Retry);
            ui.asked = asked.or(ui.asked.take());
        }
        Action::Done => {
            ui.asked = Some(ask::reason(&title("Done:"), "", Vec::new(), "", false, Intent::Done(id, name.clone())));
        }
        Action::Fail => reasoned(ui, &title("Failed:"), command(StepCommand::Fail(String::new()))),
        Action::Skip => reasoned(ui, &title("Skip"), command(StepCommand::Skip(String::new()))),
        Action::Note => {
            ui.asked =
                Some(ask::reason(&title("Note on"), "", Vec::new(), "", true, Intent::Note(id, Some(name.clone()))));
        }
        Action::HoldStep => reasoned(ui, &title("Hold"), command(StepCommand::Hold(String::new()))),
        Action::Release => reasoned(ui, &title("Release"), command(StepCommand::Release(String::new(), None))),
        Action::Waive => reasoned(ui, &title("Waive the verification of"), command(StepCommand::Waive(String::new()))),
        Action::Assign => {
            let to = crate::domain::name::PersonName::new("");
            reasoned(ui, &title("Give to whom:"), command(StepCommand::Assign(to)));
        }
        Action::Probe => return Some(command(StepCommand::Probe).into()),
        Action::Choose => branches(ui, run, step),
        Action::Resolve => {
            let item = |key, label: &str, how| (key, label.to_owned(), Choice::Resolve(id, name.clone(), how));
            let items = vec![
                item('s', "succeeded", Resolution::Succeeded),
                item('f', "failed", Resolution::Failed),
                item('n', "not applied", Resolution::NotApplied),
            ];
            ui.menu = Some(Menu::new(title("What became of"), items));
        }
        Action::Output => return output(ui, seen, run, step),
        other => {
            let name = other.binding().map_or("it", |row| row.name);
            ui.say(Role::Warn, format!("{name} does nothing to a step"));
        }
    }
    None
}

/// Fetches all that the step's last operation has said.
fn output(ui: &mut Ui, seen: &Seen<'_>, run: &Run, step: &Step) -> Option<Request> {
    let ledger = &seen.model.ledger;
    let sent = run.steps.get(&step.name).and_then(|s| ledger.sent.get(&s.intent?));
    let Some(key) = sent.and_then(|sent| ledger.key(sent)) else {
        ui.say(Role::Text, format!("step {} has no output: nothing has been sent for it", step.name));
        return None;
    };
    Some(Request::Errand(Errand::Output(key)))
}

fn branches(ui: &mut Ui, run: &Run, step: &Step) {
    let Work::Ask(Question::Choice { branches }) = &step.work else {
        return ui.say(Role::Text, format!("step {} is no decision", step.name));
    };
    let keys = ('1'..='9').zip(branches);
    let items =
        keys.map(|(key, branch)| (key, branch.clone(), Choice::Branch(run.id, step.name.clone(), branch.clone())));
    ui.menu = Some(Menu::new(format!("{} {}", step.name, step.title), items.collect()));
}

/// Whether keys reach systems; says how to arm when they do not.
pub(super) fn armed(ui: &mut Ui, seen: &Seen<'_>) -> bool {
    if ui.arming.is_armed(seen.uptime) {
        return true;
    }
    let arm = ui.keys.of(Action::Arm);
    ui.say(Role::Warn, format!("read-only: {arm} and Enter, then the key again"));
    false
}

/// The selected step, also that of an open sheet; without a selection the one that fits the
/// action, before all others the one that is highlighted by itself.
fn chosen<'a>(ui: &Ui, seen: &Seen<'_>, run: &'a Run, action: Action) -> Option<&'a Step> {
    if let Some(Subject::Step(of, step)) = ui.sheet.as_ref().map(|sheet| &sheet.subject)
        && *of == run.id
    {
        return run.plan.step(step);
    }
    if let Some(step) = ui.step.as_ref().and_then(|name| run.plan.step(name)) {
        return Some(step);
    }
    fitting(&seen.view(ui), run, action)
}

/// The step that an action is about while none is selected.
fn fitting<'a>(view: &View<'_>, run: &'a Run, action: Action) -> Option<&'a Step> {
    let given = view.given();
    let fits = |word: Word, state: &State| match action {
        Action::Start => word == Word::Ready || word == Word::Held,
        Action::Retry => state.failed() || word == Word::InDoubt,
        Action::Probe | Action::Resolve => word == Word::InDoubt,
        Action::Waive => word == Word::Verifying,
        Action::Output => state.active() || state.failed() || word == Word::InDoubt,
        Action::Choose => word == Word::Waiting,
        Action::Skip | Action::Fail => state.failed() || word == Word::Waiting,
        _ => word == Word::Waiting || word == Word::Ready,
    };
    let fitting: Vec<_> = show::steps(&given, run).filter(|s| fits(s.word, &s.state.state)).collect();
    let here = hand::meant(view).step;
    let on = |s: &&Shown<'_>| here == Some(Id::Step(run.id, s.step.name.clone()));
    let found = fitting.iter().find(on).or(fitting.first())?.step.name.clone();
    run.plan.step(&found)
}
