//! Actions of people on people's words: approvals and rejections, adopted rules,
//! an offered conn; which runbook to start; and what a key of any menu becomes.
//!
//! Votes are in `polls`. A decision carries the digest of what was shown.

use super::{Seen, guard, polls, reasoned};
use crate::domain::command::{Command, Resolution, StepCommand};
use crate::domain::name::PersonName;
use crate::engine::run::Run;
use crate::engine::{rules, statement};
use crate::tui::action::{Action, Pane};
use crate::tui::ask;
use crate::tui::hand::Id;
use crate::tui::menu::{Choice, Menu};
use crate::tui::pane::approvals;
use crate::tui::request::Request;
use crate::tui::theme::Role;
use crate::tui::ui::{Intent, Prompt, PromptKind, Ui};

/// Asks which runbook is to be run, or rehearsed.
pub(super) fn start_run(ui: &mut Ui, seen: &Seen<'_>, rehearse: bool) {
    let runbooks = &seen.model.workspace.runbooks;
    let of = if rehearse { Choice::Rehearse } else { Choice::StartRun };
    let keys = ('1'..='9').zip(runbooks.values());
    let items: Vec<_> = keys.map(|(key, plan)| (key, plan.title.clone(), of(plan.runbook.clone()))).collect();
    if items.is_empty() {
        ui.say(Role::Warn, "there are no runbooks; write one in runbooks/");
        return;
    }
    ui.menu = Some(Menu::new(if rehearse { "rehearse" } else { "start a run of" }, items));
}

/// Votes, spoken votes, approvals and rejections.
pub(super) fn update(ui: &mut Ui, seen: &Seen<'_>, run: &Run, action: Action) {
    match action {
        Action::Vote => polls::vote(ui, seen, run),
        Action::SpokenVote => polls::spoken(ui, seen, run),
        _ => decide(ui, seen, run, action == Action::Approve),
    }
}

fn decide(ui: &mut Ui, seen: &Seen<'_>, run: &Run, yes: bool) {
    let view = seen.view(ui);
    let step = || ui.step.as_ref().and_then(|name| run.plan.step(name)).map(|s| (run, s));
    let found = if ui.acting() == Pane::Approvals { approvals::selected(&view) } else { step() };
    let found = found.map(|(run, step)| (run.id, step.name.clone()));
    let Some((run, name)) = found else {
        let words = match view.queue().len() {
            0 => "nothing waits for approval".to_owned(),
            _ => {
                let pane = ui.keys.of(Action::Go(Pane::Approvals));
                format!("nothing was done: no approval is selected; {pane} shows them, {} select", ui.keys.moving())
            }
        };
        return ui.say(Role::Text, words);
    };
    let (ask, step) = (Id::Ask(run, name.clone()), Id::Step(run, name.clone()));
    let (id, other) = if ui.acting() == Pane::Approvals { (ask, step) } else { (step, ask) };
    if !ui.hand.is_on(&other) && !guard::highlighted(ui, seen, &id, "") {
        return;
    }
    let run = seen.model.ledger.run(run);
    let Some((run, step)) = run.and_then(|run| Some((run, run.plan.step(&name)?))) else { return };
    let word = if yes { "Approve" } else { "Reject" };
    let command = Command::Decide {
        run: run.id,
        step: step.name.clone(),
        role: None,
        yes,
        reason: String::new(),
        saw: statement::digest(run, step),
        said: None,
        signed: None,
    };
    let seen = statement::digest(run, step).short();
    let title = format!("{word} {}/{} {} · seen {seen}", run.id, step.name, step.title);
    if yes {
        let intent = Intent::Reason(Box::new(command));
        ui.asked = Some(ask::reason(&title, "", Vec::new(), "", false, intent));
    } else {
        reasoned(ui, &title, command);
    }
}

/// Asks whether what the files have loosened is to be adopted: exactly what is shown.
pub(super) fn adopt(ui: &mut Ui, seen: &Seen<'_>) {
    let Some(waiting) = rules::waiting(&seen.model.given(seen.now)) else {
        return ui.say(Role::Text, "the files have loosened nothing that waits to be adopted");
    };
    let label = |n| if n == 0 { "will" } else { "" }.to_owned();
    let what = waiting.what.iter().enumerate().map(|(n, what)| (label(n), format!("let go: {what}")));
    let told = ("told".to_owned(), "in the journal, with the reason; runs then go by the files".to_owned());
    let same = ("same".to_owned(), format!("holdpoint adopt --reason WHY --saw {}", waiting.digest.short()));
    let rows = what.chain([told, same]).collect();
    let title = format!("Adopt what the files loosened · seen {}", waiting.digest.short());
    let intent = Intent::Reason(Box::new(Command::Adopt(waiting.digest, String::new())));
    ui.asked = Some(ask::reason(&title, "", rows, "", true, intent));
}

/// Asks to whom the conn is offered, by name.
pub(super) fn offer(ui: &mut Ui, seen: &Seen<'_>, run: &Run) {
    if !seen.model.drives(run) {
        return ui.say(Role::Warn, format!("the conn of run {} is not yours, so you cannot give it", run.id));
    }
    let others = seen.model.workspace.people.keys().filter(|p| Some(*p) != seen.model.person.as_ref());
    let others: Vec<_> = others.map(PersonName::as_str).collect();
    let row = |label: &str, text: String| (label.to_owned(), text);
    let rows = vec![
        row("will", format!("the journal says that the conn of run {} was offered to them", run.id)),
        row("stays", "yours until they take it, so that somebody drives it all the time".to_owned()),
        row("who", others.join(", ")),
        row("same", format!("holdpoint conn give {} --to PERSON", run.id)),
    ];
    let intent = Intent::Reason(Box::new(Command::OfferConn(run.id, PersonName::new(""))));
    let title = format!("Give the conn of run {}: write to whom", run.id);
    ui.asked = Some(ask::reason(&title, "", rows, "", true, intent));
}

/// What a key of a menu becomes.
pub fn choose(ui: &mut Ui, seen: &Seen<'_>, choice: Choice) -> Option<Request> {
    match choice {
        Choice::StartRun(runbook) => {
            let plan = seen.model.workspace.runbooks.get(&runbook)?.clone();
            Some(Command::StartRun(Box::new(plan), Vec::new()).into())
        }
        Choice::Rehearse(runbook) => match seen.model.workspace.rehearsal(&runbook) {
            Ok(plan) => Some(Command::StartRun(Box::new(plan), Vec::new()).into()),
            Err(why) => {
                ui.say(Role::Warn, why);
                None
            }
        },
        Choice::Vote(ballot, says) => polls::cast(ui, ballot, says),
        Choice::Spoken(ballot, said, says) => {
            polls::recorded(ui, ballot, said, says);
            None
        }
        Choice::Role(ballot) => {
            polls::ask(ui, seen, ballot);
            None
        }
        Choice::Sayer(ballot, by) => {
            polls::heard(ui, seen, ballot, by);
            None
        }
        Choice::Witness(ballot, said) => {
            polls::listen(ui, seen, ballot, said);
            None
        }
        Choice::Back(run, what) => {
            super::back::ask(ui, seen, run, what);
            None
        }
        Choice::Holder(run, place) => {
            super::back::whose(ui, seen, run, place);
            None
        }
        Choice::Do(what) => {
            super::adhoc::ask(ui, seen, &what);
            None
        }
        Choice::Write(line) => {
            ui.prompt = Some(Prompt::new(PromptKind::Palette, line));
            None
        }
        Choice::Branch(run, step, branch) => Some(Command::Step(run, step, StepCommand::Choose(branch)).into()),
        Choice::Resolve(run, step, how) => {
            let word = match how {
                Resolution::Succeeded => "succeeded",
                Resolution::Failed => "failed",
                Resolution::NotApplied => "was not applied",
            };
            let command = Command::Step(run, step.clone(), StepCommand::Resolve(how, String::new()));
            reasoned(ui, &format!("Step {step} {word}, because"), command);
            None
        }
        Choice::Disarm(run, name) => {
            super::trigger::disarmed(ui, run, name);
            None
        }
        Choice::TakeOver(run, what) => {
            super::taken_over(ui, run, what);
            None
        }
        Choice::Lift(id) => {
            let hold = seen.model.ledger.holds.get(&id)?;
            super::lifted(ui, hold);
            None
        }
        Choice::Replay(asked) => Some(Request::Replay(asked)),
        Choice::Copy(what, text) => {
            super::updates::edit(ui, what, &text);
            None
        }
        Choice::Sent(what, text) => {
            super::updates::sent(ui, seen, what, text);
            None
        }
    }
}
