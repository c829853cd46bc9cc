//! Votes in an open poll: one's own, and those that somebody spoke.
//!
//! A vote carries the digest of the evidence that was shown when its menu opened, also
//! through the menus and cards behind that. Whose word is waited for is told by `ballots`.

use super::{Seen, guard};
use crate::domain::approval::{Cast, Vote};
use crate::domain::command::{Command, Said};
use crate::domain::name::{PersonName, RoleName};
use crate::domain::plan::{Question, Step, Work};
use crate::engine::people::{self, Ballot, Standing};
use crate::engine::run::{Run, State};
use crate::tui::action::Pane;
use crate::tui::ask;
use crate::tui::ballots::{self, Voice};
use crate::tui::dialog::Written;
use crate::tui::hand::Id;
use crate::tui::menu::{At, Choice, Heard, Menu, Says};
use crate::tui::pane::approvals;
use crate::tui::request::Request;
use crate::tui::theme::Role;
use crate::tui::ui::{Intent, Ui};
use crate::tui::widget::text::width;

/// Why a vote cannot be cast yet.
const NOBODY: &str = "the journal is not open yet, so nobody can vote";
/// How wide a condition is shown whole in a menu on the narrowest screen.
const WHOLE: u16 = 28;

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

/// Asks for one's own vote: for the role that needs it most, with the way to one's others.
pub(super) fn vote(ui: &mut Ui, seen: &Seen<'_>, run: &Run) {
    let Some(me) = &seen.model.person else { return ui.say(Role::Warn, NOBODY) };
    let Some((run, step, _)) = poll(ui, seen, run) else { return };
    let Some(poll) = people::poll(&seen.model.given(seen.now), run, step) else { return };
    match ballots::own(seen.model, &poll.ballots).first() {
        Some((role, ..)) => ballot(ui, seen, &poll, at(run, step, role, &poll)),
        None => ui.say(Role::Warn, format!("{me} fills none of the roles of poll {}", step.name)),
    }
}

/// Asks for one's own vote for a role that was chosen.
pub(super) fn ask(ui: &mut Ui, seen: &Seen<'_>, at: At) {
    if let Some(poll) = still(ui, seen, &at) {
        ballot(ui, seen, &poll, at);
    }
}

fn ballot(ui: &mut Ui, seen: &Seen<'_>, poll: &Standing<'_>, at: At) {
    let own = ballots::own(seen.model, &poll.ballots);
    let mine = |cast: Option<&Cast>| cast.map(|cast| &cast.person) == seen.model.person.as_ref();
    let condition = own.iter().find_map(|(role, cast, ballot)| match ballot {
        Ballot::GoIf(condition) if **role == at.role && mine(*cast) => Some(condition),
        _ => None,
    });
    let others = own.iter().filter(|(role, ..)| **role != at.role).map(|(role, ..)| *role);
    let others = ('1'..='9').zip(others).map(|(key, role)| {
        let at = At { role: role.clone(), ..at.clone() };
        (key, format!("vote for {role}"), Choice::Role(at))
    });
    let items = says("GO-IF, on a condition", condition).into_iter();
    let items = items.map(|(key, label, says)| (key, label, Choice::Vote(at.clone(), says)));
    ui.menu = Some(Menu::new(format!("poll {} for {}", at.step, at.role), items.chain(others).collect()));
}

/// What can be said, with the key and word of each: that a condition is met where there is one.
fn says(on: &str, condition: Option<&String>) -> Vec<(char, String, Says)> {
    let mut all =
        vec![('g', "GO".to_owned(), Says::Go), ('n', "NO-GO".to_owned(), Says::NoGo), ('i', on.to_owned(), Says::If)];
    all.extend(condition.map(|condition| ('m', format!("MET: {condition}"), Says::Met(condition.clone()))));
    all
}

/// Asks whose spoken word is to be recorded: everyone's whose word would count.
pub(super) fn spoken(ui: &mut Ui, seen: &Seen<'_>, run: &Run) {
    if seen.model.person.is_none() {
        return ui.say(Role::Warn, NOBODY);
    }
    let Some((run, step, _)) = poll(ui, seen, run) else { return };
    let Some(poll) = people::poll(&seen.model.given(seen.now), run, step) else { return };
    let sayers = ballots::sayers(seen.model, &poll.ballots);
    let item = |sayer: &ballots::Sayer<'_>| {
        let (at, by) = (at(run, step, sayer.role, &poll), sayer.by.clone());
        (format!("{}: {by} says", at.role), Choice::Sayer(at, by))
    };
    match sayers.as_slice() {
        [] => ui.say(Role::Text, "no role of this poll waits for a spoken vote"),
        all => ui.menu = Some(Menu::listed("spoken", all.iter().map(item).collect(), "vote")),
    }
}

/// Asks who else heard it, where more than one person can have.
pub(super) fn heard(ui: &mut Ui, seen: &Seen<'_>, at: At, by: PersonName) {
    let all: Vec<_> = ballots::witnesses(seen.model, &by).cloned().collect();
    if let [only] = all.as_slice() {
        return listen(ui, seen, at, Heard { by, heard_by: only.clone() });
    }
    let title = format!("{}: {by} says, and who else heard it", at.role);
    let item = |person: PersonName| {
        let heard = Heard { by: by.clone(), heard_by: person.clone() };
        (person.to_string(), Choice::Witness(at.clone(), heard))
    };
    ui.menu = Some(Menu::listed(&title, all.into_iter().map(item).collect(), "vote"));
}

/// Asks what somebody said.
pub(super) fn listen(ui: &mut Ui, seen: &Seen<'_>, at: At, heard: Heard) {
    if let Some(poll) = still(ui, seen, &at) {
        heard_of(ui, &poll.ballots, at, heard);
    }
}

fn heard_of(ui: &mut Ui, voices: &[Voice<'_>], at: At, heard: Heard) {
    let condition = voices.iter().find_map(|(role, cast, ballot)| match ballot {
        Ballot::GoIf(condition) if **role == at.role && cast.is_some_and(|cast| cast.person == heard.by) => {
            Some(condition)
        }
        _ => None,
    });
    let title = format!("{}: {} says, {} heard it", at.role, heard.by, heard.heard_by);
    let items = says("GO-IF", condition).into_iter();
    let items = items.map(|(key, label, says)| (key, label, Choice::Spoken(at.clone(), heard.clone(), says)));
    ui.menu = Some(Menu::new(title, items.collect()));
}

/// Casts one's own vote: at once, or once its condition has been written or read.
pub(super) fn cast(ui: &mut Ui, at: At, says: Says) -> Option<Request> {
    let command = command(&at, &says, None);
    match says {
        Says::If => condition(ui, &at, command),
        Says::Met(condition) if width(&condition) > WHOLE => met(ui, &at, condition, command),
        Says::Go | Says::NoGo | Says::Met(_) => return Some(command.into()),
    }
    None
}

/// Asks for the words that somebody spoke.
pub(super) fn recorded(ui: &mut Ui, at: At, heard: Heard, says: Says) {
    let (what, written) = match says {
        Says::If => ("go if what, in the exact words of", Written::Condition),
        Says::Go | Says::NoGo | Says::Met(_) => ("the exact words of", Written::Words),
    };
    let title = format!("{}: {what} {}", at.role, heard.by);
    let rows = if let Says::Met(condition) = &says { vec![("met".to_owned(), condition.clone())] } else { Vec::new() };
    let said = Said { by: heard.by, heard_by: heard.heard_by, words: String::new() };
    let command = command(&at, &says, Some(said));
    let mut asked = ask::reason(&title, "", rows, "", true, Intent::Reason(Box::new(command)));
    asked.dialog.asks_for(written);
    ui.asked = Some(asked);
}

fn command(at: &At, says: &Says, said: Option<Said>) -> Command {
    let vote = match says {
        Says::Go => Vote::Go,
        Says::NoGo => Vote::NoGo,
        // What is written becomes its condition.
        Says::If => Vote::go_if(""),
        Says::Met(condition) => Vote::GoIf { condition: condition.clone(), met: true },
    };
    let At { run, step, role, saw } = at.clone();
    Command::Vote { run, step, role, vote, saw, said }
}

/// Asks a voter for the condition of a GO-IF, and says what follows from it.
fn condition(ui: &mut Ui, at: &At, command: Command) {
    let At { run, step, role, .. } = at;
    let row = |label: &str, text: String| (label.to_owned(), text);
    let rows = vec![
        row("will", format!("the journal says: {role} goes if what you write below")),
        row("then", "no go until you say that it is met; only you can".to_owned()),
        row("same", format!("holdpoint vote {run} {step} go-if --role {role} --if WHAT")),
    ];
    let title = format!("Poll {step}, {role}: go if what");
    let mut asked = ask::reason(&title, "", rows, "", true, Intent::Reason(Box::new(command)));
    asked.dialog.asks_for(Written::Condition);
    ui.asked = Some(asked);
}

/// Shows a condition whole, which a menu may have cut, before it is said to be met.
fn met(ui: &mut Ui, at: &At, condition: String, command: Command) {
    let At { run, step, role, .. } = at;
    let row = |label: &str, text: String| (label.to_owned(), text);
    let rows = vec![
        row("if", condition),
        row("will", format!("the journal says: {role} goes, for this is met")),
        row("same", format!("holdpoint vote {run} {step} go-if --role {role} --if THAT --met")),
    ];
    let title = format!("Poll {step}, {role}: its condition is met");
    ui.asked = Some(ask::agree(&title, rows, Intent::Reason(Box::new(command))));
}

fn at(run: &Run, step: &Step, role: &RoleName, poll: &Standing<'_>) -> At {
    At { run: run.id, step: step.name.clone(), role: role.clone(), saw: poll.evidence }
}

/// The poll of a menu that led here, if it is still open; says so if not.
fn still<'a>(ui: &mut Ui, seen: &'a Seen<'_>, at: &At) -> Option<Standing<'a>> {
    let run = seen.model.ledger.run(at.run).filter(|run| *run.state(&at.step) == State::Running);
    let found = run.and_then(|run| people::poll(&seen.model.given(seen.now), run, run.plan.step(&at.step)?));
    if found.is_none() {
        ui.say(Role::Text, format!("poll {} is not open any more", at.step));
    }
    found
}
