//! The coach: the next key for what waits here, in a few words.
//!
//! It reads the same state as the panes, follows the hand into dialogs and menus,
//! and promises nothing. Where only others can go on it says who; where only time
//! can, it is silent.

use super::action::{Action, Pane, Place};
use super::ballots;
use super::dialog::{Consenting, Dialog, Focus, Written};
use super::hand::{self, Id};
use super::keymap::Keymap;
use super::pane::now;
use super::pane::runbook::contacts;
use super::sheet::Subject;
use super::view::View;
use crate::domain::approval::Slot;
use crate::domain::hold::{Hold, Scope};
use crate::domain::name::PersonName;
use crate::domain::plan::{Question, Step, Work};
use crate::engine::people::{self, Ballot};
use crate::engine::run::{Run, State, TriggerState};
use crate::engine::show::Word;

/// The next key, if one is evident.
pub fn line(view: &View<'_>, keymap: &Keymap) -> Option<String> {
    if !view.model.open {
        return None;
    }
    if view.model.replay.is_some() && !view.ui.busy() {
        let key = |action| view.ui.keys.of(action);
        return Some(format!(
            "{} plays · {} {} line · {} {} event · {} {} speed · {} go to",
            key(Action::Play),
            key(Action::LineBack),
            key(Action::LineOn),
            key(Action::EventBack),
            key(Action::EventOn),
            key(Action::Slower),
            key(Action::Faster),
            key(Action::Jump)
        ));
    }
    if view.ui.busy() {
        return over(view).map(|words| format!("next {words}"));
    }
    let key = |action: Action| keymap.keys_of(action).next().map(|k| k.to_string());
    let Some(run) = view.run().filter(|r| !r.ended()) else { return without_run(view, keymap) };
    if view.model.ledger.driver(run).is_none() {
        return key(Action::TakeConn).map(|k| format!("next {k} take the conn"));
    }
    if let Some(tripped) = tripped(run) {
        let or = if tripped { ", or let it" } else { "" };
        return key(Action::RollBack).map(|k| format!("next {k} roll back now{or}"));
    }
    let waits =
        |step: &Step| view.model.derived.waiting.iter().any(|(of, w)| *of == run.id && w.step == step.name.as_str());
    let mut advices: Vec<(&Step, Advice)> = view
        .steps(run)
        .into_iter()
        .filter(|s| waits(s.step))
        .filter_map(|s| advice(view, keymap, run, s.step, s.word).map(|advice| (s.step, advice)))
        .collect();
    // What somebody else was given comes after everything that nobody was.
    advices.sort_by_key(|(step, _)| another(view, run, step).is_some());
    let selected = |step: &Step| view.ui.step.as_ref().is_none_or(|name| step.name == *name);
    let here = hand::meant(view).step;
    let theirs = |step: &Step| view.ui.step.is_none() && another(view, run, step).is_some();
    let highlighted = |step: &Step| here == Some(Id::Step(run.id, step.name.clone())) && !theirs(step);
    let found = advices.iter().find(|(step, _)| selected(step) && highlighted(step));
    let found = found.or_else(|| advices.iter().find(|(step, _)| selected(step)));
    let Some((step, advice)) = found.or_else(|| advices.first()) else { return held(view, keymap, run) };
    if let Advice::Other(words) = advice {
        return Some(words.clone());
    }
    let first = lead(view, run, step, advice);
    let given = another(view, run, step).filter(|_| matches!(advice, Advice::Key(Action::Retry, _)));
    let given = given.map(|other| format!(" · given to {other}")).unwrap_or_default();
    advice.words(view, keymap, step).map(|words| format!("next {first}{words}{given}"))
}

/// The hold that keeps the whole run from going on, where nothing else waits for a person: the key
/// that lifts one's own, and of another's only whose it is.
fn held(view: &View<'_>, keymap: &Keymap, run: &Run) -> Option<String> {
    let all = |hold: &&Hold| match &hold.scope {
        Scope::All => true,
        Scope::Run(id) => *id == run.id,
        _ => false,
    };
    let hold = view.model.ledger.holds.values().filter(|hold| !hold.lock).find(all)?;
    if under_way(run) || !view.steps(run).iter().any(|s| s.word == Word::Held) {
        return None;
    }
    if view.model.person.as_ref() != Some(&hold.by) {
        return Some(format!("held by {}: hold {}", hold.by, hold.id));
    }
    let (key, go) = (keymap.keys_of(Action::LiftHold).next()?, keymap.keys_of(Action::Go(Pane::Rollback)).next());
    let there = go.filter(|_| view.ui.pane != Pane::Rollback).map(|go| format!("{go}, then ")).unwrap_or_default();
    Some(format!("next {there}{key} lift hold {}", hold.id))
}

/// What lies over the screen and takes the keys.
fn over(view: &View<'_>) -> Option<String> {
    let ui = view.ui;
    Some(match (&ui.asked, &ui.menu, &ui.prompt) {
        (Some(asked), ..) => match &asked.dialog {
            Dialog::Blocked(_) => "enter closes it".to_owned(),
            Dialog::Consent(asked) => field(asked),
        },
        (None, Some(_), _) => "one of the keys it shows".to_owned(),
        (None, None, Some(_)) => "enter does it".to_owned(),
        (None, None, None) if ui.chooser.is_some() && ui.help.is_none() => {
            let keys = &ui.keys;
            let (up, down) = (keys.of(Action::Up), keys.of(Action::Down));
            format!("{up} or {down} shows another, {} keeps it", keys.of(Action::Open))
        }
        (None, None, None) => "enter does it, esc closes".to_owned(),
    })
}

/// Where the hand is in a dialog.
fn field(asked: &Consenting) -> String {
    let missing = asked.reason.as_ref().filter(|r| r.needed && r.input.value().is_empty());
    let what = missing.map(|field| if field.what == Written::Reason { "why" } else { field.what.noun() });
    match (asked.focus, &asked.expected, what) {
        (Focus::Reason, _, Some(what)) => format!("write {what}, then enter"),
        (Focus::Challenge, Some(expected), _) if !expected.is(asked.typed.value()) => {
            "type what it asks for, then enter".to_owned()
        }
        (Focus::Cancel, ..) => "left, then enter does it".to_owned(),
        _ => "enter does it".to_owned(),
    }
}

fn without_run(view: &View<'_>, keymap: &Keymap) -> Option<String> {
    let key = |action: Action| keymap.keys_of(action).next().map(|k| k.to_string());
    match (view.model.ledger.runs.is_empty(), view.ui.pane) {
        (true, _) if view.model.workspace.runbooks.is_empty() => None,
        (true, _) => key(Action::StartRun).map(|k| format!("next {k} start a run")),
        (false, Pane::Journal) => key(Action::Quit).map(|k| format!("next {k} leave")),
        (false, _) => key(Action::Go(Pane::Journal)).map(|k| format!("next {k} read what happened")),
    }
}

/// Whether a tripped trigger acts by itself; none when nothing has tripped that is still there to be taken back.
fn tripped(run: &Run) -> Option<bool> {
    let standing = run.plan.triggers.iter().filter(|t| run.taken_back(&t.rolls_back).is_none());
    standing.filter_map(|trigger| run.triggers.get(&trigger.name)).find_map(|state| match state {
        TriggerState::Tripped { acts_at, .. } => Some(acts_at.is_some()),
        TriggerState::Proposed { .. } => Some(false),
        _ => None,
    })
}

/// What comes before a key so that it acts on the step that is named here and on no other: nothing,
/// as many `esc` as it takes to let go of what is in hand, or the way to the step.
fn lead(view: &View<'_>, run: &Run, step: &Step, advice: &Advice) -> String {
    let action = match advice {
        Advice::Key(action, _) => *action,
        Advice::Arm => Action::Start,
        Advice::Other(_) => return String::new(),
    };
    let sheet = view.ui.sheet.as_ref();
    let in_hand = match sheet.map(|sheet| &sheet.subject) {
        Some(Subject::Step(of, name)) => *of == run.id && *name == step.name,
        Some(_) => false,
        None => view.ui.step.as_ref() == Some(&step.name),
    };
    // Whose word is asked for is chosen by who is asked, not by the selected step.
    let asks = matches!(action, Action::Vote | Action::SpokenVote | Action::Approve);
    let free = sheet.is_none() && view.ui.step.is_none();
    if in_hand || (asks && free) {
        return String::new();
    }
    let steps = view.steps(run);
    let next = steps.get(now::first_open(&steps)).is_some_and(|first| first.step.name == step.name);
    let held = (asks || next) && view.ui.step.is_some();
    // From what is open to the bridge, and there out of the hand.
    let between = [view.ui.zoomed, !view.filter(view.ui.acting()).is_empty(), view.ui.pane != Pane::Bridge, true];
    let between = between.iter().filter(|there| held && **there).count();
    let escapes = vec!["esc"; usize::from(sheet.is_some()) + between].join(" ");
    let escapes = if escapes.is_empty() { escapes } else { format!("{escapes}, then ") };
    if asks || next { escapes } else { format!("{escapes}:goto {}, then ", step.name) }
}

/// What may be done about a step.
enum Advice {
    /// A key, and what it does.
    Key(Action, &'static str),
    /// Arm, then start.
    Arm,
    /// Someone else approves.
    Other(String),
}

impl Advice {
    fn words(&self, view: &View<'_>, keymap: &Keymap, step: &Step) -> Option<String> {
        let name = &step.name;
        let (action, word) = match self {
            Advice::Arm => {
                let (arm, start) = (view.ui.keys.of(Action::Arm), view.ui.keys.of(Action::Start));
                return Some(format!("{arm}, then {start} start {name}"));
            }
            Advice::Other(words) => return Some(words.clone()),
            Advice::Key(action, word) => (*action, *word),
        };
        let key = keymap.keys_of(action).next()?;
        let places = match view.ui.pane {
            Pane::Bridge | Pane::Runbook | Pane::Health => Place::Step,
            Pane::Approvals => Place::Approval,
            Pane::Rollback => Place::Rollback,
            Pane::Calendar => Place::Calendar,
            Pane::Journal => Place::Journal,
        };
        if keymap.action(&[places], key) == Some(action) {
            return Some(format!("{key} {word} {name}"));
        }
        let there = if action == Action::Approve { Pane::Approvals } else { Pane::Bridge };
        let go = keymap.keys_of(Action::Go(there)).next()?;
        Some(format!("{go}, then {key} {word} {name}"))
    }
}

fn advice(view: &View<'_>, keymap: &Keymap, run: &Run, step: &Step, word: Word) -> Option<Advice> {
    // Who has the conn may act on a failure, whoever was given the step.
    let by_one = word == Word::Ready
        || (matches!(word, Word::Failed | Word::Partly) && !view.model.drives(run))
        || (word == Word::Waiting && matches!(step.work, Work::Ask(Question::Done | Question::Announce { .. })));
    if let Some(other) = another(view, run, step).filter(|_| by_one) {
        return Some(Advice::Other(format!("{other} does step {}", step.name)));
    }
    Some(match (word, &step.work) {
        (Word::Ready, _) if !view.armed() && step.operation().is_some() => Advice::Arm,
        (Word::Ready, _) => Advice::Key(Action::Start, "start"),
        (Word::Failed | Word::Partly, _) => Advice::Key(Action::Retry, "retry"),
        (Word::InDoubt, _) => Advice::Key(Action::Probe, "probe"),
        (Word::Approval, Work::Ask(Question::Approval(slots))) => approval(view, run, step, slots)?,
        (Word::Approval, _) => vote(view, keymap, run, step)?,
        (Word::Waiting, Work::Ask(Question::Release { .. })) => Advice::Key(Action::Release, "releases hold"),
        // While something is under way, how it ends is not to be chosen yet.
        (Word::Waiting, Work::Ask(Question::Choice { .. })) if under_way(run) => return None,
        (Word::Waiting, Work::Ask(Question::Choice { .. })) => Advice::Key(Action::Choose, "choose"),
        (Word::Waiting, _) => Advice::Key(Action::Done, "done"),
        _ => return None,
    })
}

/// Who else was given a step.
fn another<'a>(view: &View<'_>, run: &'a Run, step: &Step) -> Option<&'a PersonName> {
    people::given_to_another(run, step, view.model.person.as_ref()?)
}

fn under_way(run: &Run) -> bool {
    let asks = |step: &Step| matches!(step.work, Work::Ask(_));
    run.plan.steps.iter().filter(|s| !asks(s)).any(|s| matches!(run.state(&s.name), State::Running | State::Verifying))
}

/// One's own vote; else whom it waits for, how to reach them, and the key that records what they say.
fn vote(view: &View<'_>, keymap: &Keymap, run: &Run, step: &Step) -> Option<Advice> {
    let model = view.model;
    let poll = people::poll(&view.given(), run, step)?;
    if !ballots::waiting(model, &poll.ballots).is_empty() {
        return Some(Advice::Key(Action::Vote, "vote"));
    }
    let open = |counts: fn(&Ballot) -> bool| poll.ballots.iter().find(|(.., b)| counts(b)).map(|(role, ..)| *role);
    let role = open(|ballot| *ballot == Ballot::Silent).or_else(|| open(|ballot| *ballot == Ballot::Stale));
    let role = role.or_else(|| open(|ballot| matches!(ballot, Ballot::GoIf(_))))?;
    let spoken = ballots::sayers(model, &poll.ballots).iter().any(|sayer| sayer.role == role);
    let key = keymap.keys_of(Action::SpokenVote).next().filter(|_| spoken);
    let record = key.map(|key| format!(" · {key} records what they say to you")).unwrap_or_default();
    Some(Advice::Other(format!("waits for {}{record}", contacts(view, role.as_str()))))
}

/// Approve it, or say who else may and how.
fn approval(view: &View<'_>, run: &Run, step: &Step, slots: &[Slot]) -> Option<Advice> {
    let (workspace, me) = (&view.model.workspace, view.model.person.as_ref()?);
    let excluded: Vec<_> = people::excluded(run, run.steps.get(&step.name)).collect();
    let may = |role| workspace.roles.get(role).into_iter().flat_map(|r| &r.people).find(|p| !excluded.contains(p));
    if slots.iter().any(|slot| workspace.fills(me, &slot.role)) && !excluded.contains(&me) {
        return Some(Advice::Key(Action::Approve, "approve"));
    }
    let other = slots.iter().find_map(|slot| may(&slot.role))?;
    Some(Advice::Other(match view.watermark() {
        Some(_) => {
            let root = workspace.root.display();
            format!("elsewhere holdpoint -C {root} --as {other} approve {}/{}", run.id, step.name)
        }
        None => format!("{other} approves {}/{}", run.id, step.name),
    }))
}
