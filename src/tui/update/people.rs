//! Actions of people on people's words: votes, approvals, spoken votes, and
//! which runbook to start.
//!
//! A vote carries the digest of the evidence as it is on the screen.

use super::{Seen, reasoned};
use crate::domain::approval::Vote;
use crate::domain::command::{Command, Resolution, Said, StepCommand};
use crate::domain::name::{PersonName, RoleName};
use crate::domain::plan::{Question, Step, Work};
use crate::engine::people;
use crate::engine::run::{Run, State};
use crate::tui::action::{Action, Pane};
use crate::tui::request::Request;
use crate::tui::theme::Role;
use crate::tui::ui::{Choice, Menu, Ui};

/// Why a vote cannot be cast yet.
const NOBODY: &str = "the journal is not open yet, so nobody can vote";

/// Starts a run: at once when there is one runbook, else asks which.
pub(super) fn start_run(ui: &mut Ui, seen: &Seen<'_>) -> Option<Request> {
    let runbooks = &seen.model.workspace.runbooks;
    let keys = ('1'..='9').zip(runbooks.values());
    let items: Vec<_> =
        keys.map(|(key, plan)| (key, plan.title.clone(), Choice::StartRun(plan.runbook.clone()))).collect();
    if items.is_empty() {
        ui.say(Role::Warn, "there are no runbooks; write one in runbooks/");
        return None;
    }
    ui.menu = Some(Menu { title: "start a run of".to_owned(), items });
    None
}

/// Votes, spoken votes, approvals and rejections.
pub(super) fn update(ui: &mut Ui, seen: &Seen<'_>, run: &Run, action: Action) {
    match action {
        Action::Vote => vote(ui, seen, run),
        Action::SpokenVote => spoken(ui, seen, run),
        _ => decide(ui, seen, run, action == Action::Approve),
    }
}

/// The poll in focus: the selected one, else the one that is open.
fn poll<'a>(ui: &Ui, run: &'a Run) -> Option<(&'a Step, &'a [RoleName])> {
    let open = |step: &&Step| *run.state(&step.name) == State::Running;
    let selected = ui.step.as_ref().and_then(|name| run.plan.step(name)).filter(open);
    let polls = selected.into_iter().chain(run.plan.steps.iter().filter(open));
    polls
        .filter_map(|s| match &s.work {
            Work::Ask(Question::Poll { roles, .. }) => Some((s, roles.as_slice())),
            _ => None,
        })
        .next()
}

fn vote(ui: &mut Ui, seen: &Seen<'_>, run: &Run) {
    let Some(me) = &seen.model.person else { return ui.say(Role::Warn, NOBODY) };
    let Some((step, roles)) = poll(ui, run) else { return ui.say(Role::Text, "no poll is open") };
    let mine: Vec<_> = roles.iter().filter(|r| seen.model.workspace.fills(me, r)).collect();
    let Some(role) = mine.first() else {
        return ui.say(Role::Warn, format!("{me} fills none of the roles of poll {}", step.name));
    };
    let item =
        |key, label: &str, go| (key, label.to_owned(), Choice::Vote(run.id, step.name.clone(), (*role).clone(), go));
    let title = format!("poll {} for {role}", step.name);
    ui.menu = Some(Menu { title, items: vec![item('g', "GO", true), item('n', "NO-GO", false)] });
}

/// Offers GO and NO-GO for each role that allows a spoken vote and has not voted.
fn spoken(ui: &mut Ui, seen: &Seen<'_>, run: &Run) {
    let Some(me) = &seen.model.person else { return ui.say(Role::Warn, NOBODY) };
    let Some((step, roles)) = poll(ui, run) else { return ui.say(Role::Text, "no poll is open") };
    let workspace = &seen.model.workspace;
    let voted = |role: &RoleName| run.steps.get(&step.name).is_some_and(|s| s.votes.contains_key(role));
    let open = roles.iter().filter(|r| workspace.roles.get(*r).is_some_and(|d| d.spoken) && !voted(r));
    let mut items = Vec::new();
    for (role, (go, no)) in open.zip([('a', 'b'), ('c', 'd'), ('e', 'f')]) {
        let Some(sayer) = workspace.roles.get(role).and_then(|r| r.people.first()) else { continue };
        let hears = |p: &&PersonName| *p != sayer && *p != me;
        let Some(ear) = workspace.people.keys().find(hears) else { continue };
        let choice = |go| Choice::Spoken(run.id, step.name.clone(), role.clone(), go, sayer.clone(), ear.clone());
        items.push((go, format!("{role}: {sayer} says GO, {ear} heard it"), choice(true)));
        items.push((no, "NO-GO".to_owned(), choice(false)));
    }
    if items.is_empty() {
        return ui.say(Role::Text, "no role of this poll waits for a spoken vote");
    }
    ui.menu = Some(Menu { title: "spoken".to_owned(), items });
}

fn decide(ui: &mut Ui, seen: &Seen<'_>, run: &Run, yes: bool) {
    let queue = seen.view(ui).queue();
    let row = if ui.acting() == Pane::Approvals { ui.row } else { 0 };
    let Some((run, step)) = queue
        .get(row.min(queue.len().saturating_sub(1)))
        .copied()
        .or_else(|| ui.step.as_ref().and_then(|name| run.plan.step(name)).map(|s| (run, s)))
    else {
        return ui.say(Role::Text, "nothing waits for approval");
    };
    let word = if yes { "Approve" } else { "Reject" };
    let command = Command::Decide {
        run: run.id,
        step: step.name.clone(),
        role: None,
        yes,
        reason: String::new(),
        saw: step.digest(),
        said: None,
    };
    let title = format!("{word} {}/{} {} · seen {}", run.id, step.name, step.title, step.digest().short());
    if yes {
        let intent = crate::tui::ui::Intent::Reason(Box::new(command));
        ui.asked = Some(crate::tui::ask::reason(&title, "", Vec::new(), "", false, intent));
    } else {
        reasoned(ui, &title, command);
    }
}

/// What a key of a menu becomes.
pub fn choose(ui: &mut Ui, seen: &Seen<'_>, choice: Choice) -> Option<Request> {
    match choice {
        Choice::StartRun(runbook) => {
            let plan = seen.model.workspace.runbooks.get(&runbook)?.clone();
            Some(Command::StartRun(Box::new(plan), Vec::new()).into())
        }
        Choice::Vote(run, step, role, go) => {
            let saw = evidence(seen, run, &step)?;
            let vote = if go { Vote::Go } else { Vote::NoGo };
            Some(Command::Vote { run, step, role, vote, saw, said: None }.into())
        }
        Choice::Spoken(run, step, role, go, by, heard_by) => {
            let saw = evidence(seen, run, &step)?;
            let vote = if go { Vote::Go } else { Vote::NoGo };
            let words = if go { "GO" } else { "NO-GO" };
            let said = Some(Said { by: by.clone(), heard_by, words: words.to_owned() });
            let title = format!("{role}: the exact words of {by}");
            let command = Command::Vote { run, step, role, vote, saw, said };
            reasoned(ui, &title, command);
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
        Choice::Lift(id) => {
            let hold = seen.model.ledger.holds.get(&id)?;
            super::lifted(ui, hold);
            None
        }
        Choice::Replay(asked) => Some(Request::Replay(asked)),
        Choice::Copy(what, text) => Some(Request::Copy(what, text)),
    }
}

fn evidence(
    seen: &Seen<'_>,
    run: crate::domain::name::RunId,
    step: &crate::domain::name::StepName,
) -> Option<crate::domain::digest::Digest> {
    let given = seen.model.given(seen.now);
    let run = seen.model.ledger.run(run)?;
    people::poll(&given, run, run.plan.step(step)?).map(|p| p.evidence)
}
