//! Actions of people on people's words: votes, approvals, spoken votes, and
//! which runbook to start.
//!
//! A vote carries the digest of the evidence that was shown when it was asked for;
//! one on evidence that has moved since is refused.

use super::{Seen, guard, reasoned};
use crate::domain::approval::{Cast, Vote};
use crate::domain::command::{Command, Resolution, Said, StepCommand};
use crate::domain::digest::Digest;
use crate::domain::name::{PersonName, RoleName};
use crate::domain::plan::{Question, Step, Work};
use crate::engine::people::{self, Ballot};
use crate::engine::rules;
use crate::engine::run::{Run, State};
use crate::tui::action::{Action, Pane};
use crate::tui::ask;
use crate::tui::hand::Id;
use crate::tui::pane::approvals;
use crate::tui::request::Request;
use crate::tui::theme::Role;
use crate::tui::ui::{Choice, Intent, Menu, Ui};

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
    ui.menu = Some(Menu::new("start a run of", items));
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

/// The poll in focus: the card or step that has the hand, else the one that is open; none, with
/// the reason said, unless it was highlighted in the last picture.
fn poll<'a>(ui: &mut Ui, seen: &'a Seen<'_>, run: &'a Run) -> Option<(&'a Run, &'a Step, &'a [RoleName])> {
    let cards = ui.acting() == Pane::Approvals;
    let card = if cards { approvals::selected(&seen.view(ui)).map(|(run, step)| (run.id, &step.name)) } else { None };
    let card =
        card.and_then(|(run, step)| seen.model.ledger.run(run).and_then(|run| Some((run, run.plan.step(step)?))));
    let step = ui.step.as_ref().filter(|_| !cards).and_then(|name| run.plan.step(name)).map(|step| (run, step));
    let all = card.into_iter().chain(step).chain(run.plan.steps.iter().map(|step| (run, step)));
    let mut polls = all.filter_map(|(run, step)| match &step.work {
        Work::Ask(Question::Poll { roles, .. }) if *run.state(&step.name) == State::Running => {
            Some((run, step, roles.as_slice()))
        }
        _ => None,
    });
    let Some((run, step, roles)) = polls.next() else {
        ui.say(Role::Text, "no poll is open");
        return None;
    };
    let (ask, row) = (Id::Ask(run.id, step.name.clone()), Id::Step(run.id, step.name.clone()));
    let (id, other) = if cards { (ask, row) } else { (row, ask) };
    (ui.hand.is_on(&other) || guard::highlighted(ui, seen, &id, &step.title)).then_some((run, step, roles))
}

fn vote(ui: &mut Ui, seen: &Seen<'_>, run: &Run) {
    let Some(me) = &seen.model.person else { return ui.say(Role::Warn, NOBODY) };
    let Some((run, step, roles)) = poll(ui, seen, run) else { return };
    let cast = |role: &RoleName| run.steps.get(&step.name).and_then(|state| state.votes.get(role));
    let mine = || roles.iter().filter(|role| seen.model.workspace.fills(me, role));
    // Who fills two roles is asked first for the one that has said nothing.
    let Some(role) = mine().find(|role| cast(role).is_none()).or_else(|| mine().next()) else {
        return ui.say(Role::Warn, format!("{me} fills none of the roles of poll {}", step.name));
    };
    let Some(saw) = evidence(seen, run, step) else { return };
    let item = |key, label: &str, vote| {
        (key, label.to_owned(), Choice::Vote(run.id, step.name.clone(), role.clone(), vote, saw))
    };
    let mut items = vec![
        item('g', "GO", Vote::Go),
        item('n', "NO-GO", Vote::NoGo),
        item('i', "GO-IF, on a condition", Vote::go_if("")),
    ];
    if let Some(Cast { vote: Vote::GoIf { condition, met: false }, .. }) = cast(role).filter(|c| c.person == *me) {
        let met = Vote::GoIf { condition: condition.clone(), met: true };
        items.push(item('m', &format!("MET: {condition}"), met));
    }
    ui.menu = Some(Menu::new(format!("poll {} for {role}", step.name), items));
}

/// Offers GO, NO-GO and GO-IF for each role that allows a spoken vote and whose word is no go so far.
fn spoken(ui: &mut Ui, seen: &Seen<'_>, run: &Run) {
    let Some(me) = &seen.model.person else { return ui.say(Role::Warn, NOBODY) };
    let Some((run, step, _)) = poll(ui, seen, run) else { return };
    let workspace = &seen.model.workspace;
    let Some(poll) = people::poll(&seen.model.given(seen.now), run, step) else { return };
    let saw = poll.evidence;
    let mut items = Vec::new();
    let may = |role: &RoleName| workspace.roles.get(role).is_some_and(|declared| declared.spoken);
    let open = poll.ballots.iter().filter(|(role, _, ballot)| *ballot != Ballot::Go && may(role));
    let keys =
        [['a', 'b', 'c', 'd'], ['e', 'f', 'g', 'h'], ['i', 'j', 'k', 'l'], ['m', 'n', 'o', 'p'], ['q', 'r', 's', 't']];
    for ((role, cast, ballot), [go, no, on, met]) in open.zip(keys) {
        // Who types decides in person, not by word.
        let people = workspace.roles.get(*role).map(|declared| declared.people.as_slice()).unwrap_or_default();
        let Some(sayer) = people.iter().find(|person| *person != me) else { continue };
        let hears = |p: &&PersonName| *p != sayer && *p != me;
        let Some(ear) = workspace.people.keys().find(hears) else { continue };
        let choice = |vote| {
            let (role, by, heard_by) = ((*role).clone(), sayer.clone(), ear.clone());
            Choice::Spoken(run.id, step.name.clone(), role, vote, by, heard_by, saw)
        };
        items.push((go, format!("{role}: {sayer} says GO, {ear} heard it"), choice(Vote::Go)));
        items.push((no, "NO-GO".to_owned(), choice(Vote::NoGo)));
        items.push((on, "GO-IF".to_owned(), choice(Vote::go_if(""))));
        if let Ballot::GoIf(condition) = ballot
            && cast.is_some_and(|cast| cast.person == *sayer)
        {
            let vote = Vote::GoIf { condition: condition.clone(), met: true };
            items.push((met, format!("MET: {condition}"), choice(vote)));
        }
    }
    if items.is_empty() {
        return ui.say(Role::Text, "no role of this poll waits for a spoken vote");
    }
    ui.menu = Some(Menu::new("spoken", items));
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
        saw: step.digest(),
        said: None,
    };
    let title = format!("{word} {}/{} {} · seen {}", run.id, step.name, step.title, step.digest().short());
    if yes {
        let intent = Intent::Reason(Box::new(command));
        ui.asked = Some(ask::reason(&title, "", Vec::new(), "", false, intent));
    } else {
        reasoned(ui, &title, command);
    }
}

/// Asks a voter for the condition of a GO-IF, and says what follows from it.
fn condition(ui: &mut Ui, command: Command) {
    let Command::Vote { run, step, role, .. } = &command else { return };
    let row = |label: &str, text: String| (label.to_owned(), text);
    let rows = vec![
        row("will", format!("the journal says: {role} goes if what you write below")),
        row("then", "no go until you say that it is met; only you can".to_owned()),
        row("same", format!("holdpoint vote {run} {step} go-if --role {role} --if WHAT")),
    ];
    let title = format!("Poll {step}, {role}: go if what");
    let mut asked = ask::reason(&title, "", rows, "", true, Intent::Reason(Box::new(command)));
    asked.dialog.asks_for("if");
    ui.asked = Some(asked);
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
        Choice::Vote(run, step, role, vote, saw) => {
            let asks = vote == Vote::go_if("");
            let command = Command::Vote { run, step, role, vote, saw, said: None };
            if !asks {
                return Some(command.into());
            }
            condition(ui, command);
            None
        }
        Choice::Spoken(run, step, role, vote, by, heard_by, saw) => {
            let (words, what) = match vote {
                Vote::Go => ("GO", "the exact words of"),
                Vote::NoGo => ("NO-GO", "the exact words of"),
                Vote::GoIf { met: true, .. } => ("MET", "the exact words of"),
                Vote::GoIf { .. } => ("GO-IF", "go if what, in the exact words of"),
            };
            let said = Some(Said { by: by.clone(), heard_by, words: words.to_owned() });
            let title = format!("{role}: {what} {by}");
            let label = if vote == Vote::go_if("") { "if" } else { "words" };
            let command = Command::Vote { run, step, role, vote, saw, said };
            reasoned(ui, &title, command);
            if let Some(asked) = &mut ui.asked {
                asked.dialog.asks_for(label);
            }
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

/// The digest of what the screen shows of a poll.
fn evidence(seen: &Seen<'_>, run: &Run, step: &Step) -> Option<Digest> {
    people::poll(&seen.model.given(seen.now), run, step).map(|p| p.evidence)
}
