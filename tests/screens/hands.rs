//! What hands do by accident: keys typed ahead, held down, poured in or pasted at a
//! menu; answers to a dialog whose ground has moved; a vote on what was not shown.

use crate::actions::Desk;
use crate::ground::{self, Lines, ME};
use chrono::TimeDelta;
use holdpoint::domain::command::Command;
use holdpoint::domain::entry::{By, Entry};
use holdpoint::domain::fact::Fact;
use holdpoint::domain::hold::{Hold, Scope};
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::plan::{Plan, Question, Work};
use holdpoint::domain::refusal::Refusal;
use holdpoint::domain::series::Reading;
use holdpoint::domain::session::{Origin, SessionId};
use holdpoint::domain::signal::{Signal, SignalAt};
use holdpoint::domain::span::Span;
use holdpoint::domain::verdict::Rule;
use holdpoint::runtime::input::{Brought, Update};
use holdpoint::tui::action::Action;
use holdpoint::tui::arming::USUAL;
use holdpoint::tui::clipboard::LONGEST;
use holdpoint::tui::dialog::{Ask, Dialog, Question as Asking};
use holdpoint::tui::menu::{At, Choice};
use holdpoint::tui::request::{Copied, Request};
use holdpoint::tui::terminal::{Paste, What};
use holdpoint::tui::ui::{Asked, Intent};
use holdpoint::tui::update::{self, look};
use std::sync::Arc;
use std::time::Duration;

fn key(name: &str) -> What {
    What::Key(name.parse().unwrap())
}

fn said(desk: &Desk) -> String {
    desk.ui.messages.iter().map(|m| format!("{}\n", m.text)).collect()
}

/// A run whose first step is a poll of `ops`, which ana fills.
fn polling() -> Desk {
    let workspace = ground::workspace(20, 3);
    let mut plan = ground::plan(3);
    let evidence = vec![SignalAt { signal: "errors-svc-000".into(), environment: "place-00".into() }];
    plan.steps[0].work = Work::Ask(Question::Poll { roles: vec!["ops".into()], evidence, closes: Span::mins(30) });
    // One reading is enough.
    plan.signals = workspace.signals.values().cloned().map(|s| Signal { hold_for: Span::ZERO, ..s }).collect();
    running(plan)
}

fn running(plan: Plan) -> Desk {
    let workspace = ground::workspace(20, 3);
    let mut lines = Lines::opened();
    lines.run(&workspace, plan);
    Desk::within(workspace, lines)
}

/// A step of the run that sends something is ready, and keys reach systems.
fn armed() -> Desk {
    let mut plan = ground::plan(4);
    plan.steps.drain(..3);
    plan.steps[0].needs.clear();
    let mut desk = running(plan);
    let uptime = desk.uptime;
    desk.ui.arming.arm(uptime, USUAL, true).unwrap();
    let question = Asking { ask: Ask::Confirm, reason: None, ..crate::widget::rollback() };
    let intent = Some(Intent::Start(RunId(1), "4".into()));
    desk.ui.asked = Some(Asked { dialog: Dialog::ask(question), intent, tried: None, basis: None });
    desk.press(&["down"]);
    desk
}

#[test]
fn a_menu_takes_only_keys_that_were_pressed_alone_after_it_was_shown() {
    let mut desk = Desk::empty();
    // Typed ahead: both in one read, before any picture of the menu.
    assert!(desk.event(key("N"), 2).1.is_none());
    assert!(desk.event(key("1"), 2).1.is_none(), "typed ahead");
    assert!(desk.ui.menu.is_some() && desk.screen(120, 30).contains("typed before this was shown"));
    desk.paint();
    assert!(desk.event(key("1"), 2).1.is_none(), "with others in one read");
    assert!(desk.screen(120, 30).contains("came with others"));
    desk.soon(10);
    assert!(desk.event(key("1"), 1).1.is_none(), "repeated at once");
    desk.soon(200);
    assert!(desk.event(What::Paste(Paste { text: "1".to_owned(), ..Paste::default() }), 1).1.is_none());
    assert!(desk.ui.menu.is_some() && desk.screen(120, 30).contains("paste"));
    desk.event(What::Resized, 1);
    desk.soon(200);
    assert!(desk.event(key("1"), 1).1.is_none(), "the picture it was in is no more");
    desk.paint();
    let chosen = desk.event(key("1"), 1).1;
    assert!(matches!(chosen, Some(Request::Command(c)) if matches!(*c, Command::StartRun(..))));
}

#[test]
fn that_a_paste_was_torn_is_said_wherever_it_went() {
    let torn = || What::Paste(Paste { text: "half".to_owned(), torn: true, ..Paste::default() });
    let words = "the paste was torn: its end never came";
    let mut desk = Desk::running();
    desk.events(vec![torn()]);
    assert!(desk.screen(120, 30).contains(words), "{}", desk.screen(120, 30));
    let mut desk = Desk::running();
    desk.events(vec![key("L"), torn()]);
    let (asked, screen) = (desk.ui.asked.as_ref().unwrap(), desk.screen(120, 30));
    assert!(
        matches!(&asked.dialog, Dialog::Consent(asked) if asked.note.as_deref().is_some_and(|n| n.contains(words)))
    );
    assert!(screen.contains("half") && screen.contains(words), "{screen}");
    let mut desk = Desk::running();
    desk.events(vec![key("L"), What::Paste(Paste { text: "whole".to_owned(), ..Paste::default() })]);
    assert!(!desk.screen(120, 30).contains(words));
}

#[test]
fn a_vote_is_on_the_evidence_that_was_shown_when_it_was_asked_for() {
    let mut desk = polling();
    desk.act(Action::Vote);
    let Some(Choice::Vote(At { saw: shown, .. }, _)) = desk.ui.menu.as_ref().map(|m| m.items[0].2.clone()) else {
        panic!("no menu")
    };
    // While the menu is open, a signal goes bad.
    let at = desk.model.derived.at;
    let what = SignalAt { signal: "errors-svc-000".into(), environment: "place-00".into() };
    let reading = Reading { at, value: 0.9, events: 1000 };
    desk.model.take(Update::Seen(Arc::new(vec![ground::stamped(at, Observation::Reading(what, reading))])));
    let (_, requests) = desk.press(&["g"]);
    let Some(Request::Command(command)) = requests.first() else { panic!("{requests:?}") };
    assert!(matches!(&**command, Command::Vote { saw, .. } if *saw == shown), "{command:?}");
    // What is asked anew is on what is seen now; else this would have shown nothing.
    desk.act(Action::Vote);
    let Some(Choice::Vote(At { saw: now, .. }, _)) = desk.ui.menu.as_ref().map(|m| m.items[0].2.clone()) else {
        panic!("no menu")
    };
    assert_ne!(now, shown, "the evidence has not moved");
}

#[test]
fn a_refusal_that_comes_late_leaves_an_open_dialog_as_it_is() {
    let mut desk = Desk::running();
    desk.act(Action::HoldAll);
    let title = desk.ui.asked.as_ref().unwrap().dialog.card().title.clone();
    let refusal = Refusal::one(Rule::State, "step 1 is not running");
    update::refused(&mut desk.ui, &refusal);
    assert_eq!(desk.ui.asked.as_ref().unwrap().dialog.card().title, title);
    assert!(said(&desk).contains("refused: ") && said(&desk).contains("step 1 is not running"), "{}", said(&desk));
    // It stays over the next keys.
    desk.press(&["esc", "j"]);
    assert!(said(&desk).contains("step 1 is not running"));
    update::refused(&mut desk.ui, &refusal);
    assert_eq!(desk.ui.asked.as_ref().unwrap().dialog.card().title, "Refused");
}

#[test]
fn arming_that_ends_while_a_start_is_asked_sends_nothing_and_says_so() {
    let mut desk = armed();
    desk.uptime += USUAL + Duration::from_secs(1);
    // Everything that could agree to it.
    let (_, requests) = desk.press(&["enter", "enter"]);
    assert!(requests.iter().all(|r| !matches!(r, Request::Command(_))), "{requests:?}");
    assert!(desk.ui.asked.is_none());
    let said = said(&desk);
    assert!(said.contains("read-only again: the time is over") && said.contains("nothing was sent"), "{said}");
}

#[test]
fn a_step_that_someone_else_started_closes_the_question_about_it() {
    let mut desk = armed();
    let mut lines = Lines { ledger: desk.model.ledger.clone(), ..Lines::default() };
    let skipped = Fact::StepSkipped { run: RunId(1), step: "4".into(), reason: "not needed".to_owned() };
    let entry = lines.write("step skip", vec![skipped]);
    desk.model.take(Update::Entries(Arc::new(vec![entry])));
    let (_, requests) = desk.press(&["enter"]);
    assert!(requests.iter().all(|r| !matches!(r, Request::Command(_))), "{requests:?}");
    let said = said(&desk);
    assert!(said.contains("ana: step 4 skipped: not needed; your dialog sent nothing"), "{said}");
}

#[test]
fn what_closed_a_question_is_found_by_the_step_and_not_by_words_about_it() {
    let mut desk = armed();
    let mut lines = Lines { ledger: desk.model.ledger.clone(), ..Lines::default() };
    let skipped = Fact::StepSkipped { run: RunId(1), step: "4".into(), reason: "not needed".to_owned() };
    lines.write("step skip", vec![skipped]);
    lines.write("run note", vec![ground::note("who asked about step 4 ?")]);
    let step = Some("4".into());
    lines.write("step note", vec![Fact::Noted { run: RunId(1), step, text: "step 4 was dear".to_owned() }]);
    desk.model.take(Update::Entries(Arc::new(lines.entries)));
    desk.press(&["enter"]);
    let said = said(&desk);
    assert!(said.contains("ana: step 4 skipped: not needed; your dialog sent nothing"), "{said}");
}

#[test]
fn a_start_by_another_session_is_told_as_what_happened() {
    let mut desk = armed();
    let mut lines = Lines { ledger: desk.model.ledger.clone(), ..Lines::default() };
    let origin = Origin { person: "bo".into(), ..desk.model.ledger.sessions[&ME].origin.clone() };
    let session = SessionId(lines.write("open", vec![Fact::SessionOpened(Box::new(origin))]).seq);
    desk.model.take(Update::Entries(Arc::new(lines.entries.clone())));
    let facts = desk.starting("4", "bo", session);
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Consented { .. })), "else this shows nothing: {facts:?}");
    let by = By { person: "bo".into(), session };
    let started = Entry { by, ..lines.write("step start", facts) };
    desk.model.take(Update::Entries(Arc::new(vec![started])));
    desk.press(&["enter"]);
    let said = said(&desk);
    assert!(said.contains("bo: step 4 sends deploy svc-000 place-00"), "{said}");
    assert!(said.contains("; your dialog sent nothing"), "{said}");
}

#[test]
fn what_a_question_rests_on_is_worked_out_once_while_nothing_new_is_known() {
    let mut desk = armed();
    let at = desk.model.derived.at;
    let basis = desk.ui.asked.as_ref().and_then(|asked| asked.basis.clone()).unwrap();
    assert!(basis.stands(&desk.model, at) && basis.stands(&desk.model, at + TimeDelta::milliseconds(99)));
    assert!(!basis.stands(&desk.model, at + TimeDelta::milliseconds(100)), "time alone makes things old");
    // Looked at a little later it is the same still: worked out anew it would have been looked at then.
    let mut ui = std::mem::take(&mut desk.ui);
    let mut looked = |millis| {
        let now = at + TimeDelta::milliseconds(millis);
        update::watch::watch(&mut ui, &update::Seen { now, ..desk.seen() });
        ui.asked.as_ref().unwrap().basis.clone()
    };
    assert_eq!(looked(50), Some(basis.clone()));
    assert_ne!(looked(100), Some(basis.clone()), "else this shows nothing");
    desk.model.take(Update::Line(1, "a line of output".into()));
    assert!(basis.stands(&desk.model, at));
    desk.model.take(Update::Seen(Arc::new(vec![])));
    assert!(!basis.stands(&desk.model, at));
}

#[test]
fn the_coach_says_who_does_a_step_that_was_given_to_somebody() {
    let line = |desk: &Desk| {
        holdpoint::tui::coach::line(&desk.seen().view(&desk.ui), &holdpoint::tui::keymap::Keymap::shipped()).unwrap()
    };
    let mut plan = ground::plan(2);
    plan.steps.iter_mut().for_each(|step| step.needs.clear());
    let mut desk = running(plan);
    assert_eq!(line(&desk), "next d done 1");
    let mut lines = Lines { ledger: desk.model.ledger.clone(), ..Lines::default() };
    let mut give = |desk: &mut Desk, step: &str, to: &str| {
        let given = Fact::Assigned { run: RunId(1), step: step.into(), to: to.into() };
        let entry = lines.write("step assign", vec![given]);
        desk.model.take(Update::Entries(Arc::new(vec![entry])));
        desk.model.refresh(desk.model.derived.at + TimeDelta::seconds(1));
    };
    give(&mut desk, "1", "bo");
    // What nobody was given comes first, and the way to it.
    assert_eq!(line(&desk), "next :goto 2, then d done 2");
    give(&mut desk, "2", "bo");
    assert_eq!(line(&desk), "bo does step 1");
    give(&mut desk, "1", "ana");
    assert_eq!(line(&desk), "next d done 1", "whoever sits here was given it");
}

#[test]
fn the_coach_keeps_what_the_conn_may_do_about_a_failure_that_somebody_else_was_given() {
    let mut desk = running(ground::plan(2));
    let mut lines = Lines { ledger: desk.model.ledger.clone(), ..Lines::default() };
    let (run, step) = (RunId(1), || "1".into());
    lines.write("step assign", vec![Fact::Assigned { run, step: step(), to: "bo".into() }]);
    let why = "the cache is cold".to_owned();
    lines.write("step fail", vec![Fact::StepFailed { run, step: step(), why, evidence: vec![], partly: None }]);
    desk.model.take(Update::Entries(Arc::new(lines.entries)));
    desk.model.refresh(desk.model.derived.at + TimeDelta::seconds(3));
    let seen = desk.seen();
    let line = holdpoint::tui::coach::line(&seen.view(&desk.ui), &holdpoint::tui::keymap::Keymap::shipped()).unwrap();
    assert!(line.starts_with("next ") && line.ends_with(" retry 1 · given to bo"), "{line}");
}

#[test]
fn a_lost_conn_makes_an_open_question_begin_again() {
    let mut desk = Desk::running();
    desk.act(Action::HoldAll);
    desk.press(&["end"]);
    let mut lines = Lines { ledger: desk.model.ledger.clone(), ..Lines::default() };
    let origin = desk.model.ledger.sessions[&ME].origin.clone();
    lines.write("open", vec![Fact::SessionOpened(Box::new(origin))]);
    let session = SessionId(lines.ledger.seq);
    let taken = Fact::ConnTaken { run: RunId(1), session, epoch: 2, reason: "x".to_owned() };
    lines.write("conn take", vec![taken]);
    desk.model.take(Update::Entries(Arc::new(lines.entries)));
    assert!(desk.event(key("enter"), 1).1.is_none(), "the same key does not agree to it");
    assert!(desk.ui.asked.as_ref().unwrap().dialog.unpainted());
    // Once it has been looked at again it is a question like any other.
    let (_, requests) = desk.press(&["enter"]);
    assert!(matches!(requests.first(), Some(Request::Command(_))), "{requests:?}");
}

#[test]
fn a_text_too_long_for_the_clipboard_is_not_called_copied() {
    let mut desk = Desk::running();
    let copied = Copied { what: "output".to_owned(), bytes: LONGEST + 1, sent: false };
    look::brought(&mut desk.ui, Some(&copied), Ok(Brought::Written("/state/copied.txt".into(), 9)));
    let text = said(&desk);
    assert!(
        text.starts_with("not copied: ") && text.contains("74001 bytes") && text.contains("/state/copied.txt"),
        "{text}"
    );
}

#[test]
fn a_hold_that_should_have_ended_is_marked_late() {
    let workspace = ground::workspace(20, 3);
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(3));
    let until = lines.ledger.at + TimeDelta::seconds(1);
    let hold = |id, until| Hold {
        id,
        scope: Scope::Run(RunId(1)),
        by: "bo".into(),
        since: ground::start(),
        reason: "looking".to_owned(),
        lock: false,
        until,
    };
    lines.write("hold", vec![Fact::HoldPlaced(hold(1, None)), Fact::HoldPlaced(hold(2, Some(until)))]);
    let mut desk = Desk::within(workspace, lines);
    desk.model.refresh(until + TimeDelta::minutes(5));
    let screen = desk.screen(240, 60);
    let line = |id: &str| {
        screen.lines().find(|l| l.contains(&format!("{id} by bo"))).unwrap_or_else(|| panic!("{screen}")).to_owned()
    };
    assert!(line("1 on run 1").contains(" hold ") && !line("1 on run 1").contains("LATE"), "{screen}");
    assert!(line("2 on run 1").contains("hold LATE") && line("2 on run 1").contains("over since"), "{screen}");
}

#[test]
fn loosened_rules_are_shown_and_adopted_as_shown() {
    let workspace = ground::workspace(20, 3);
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(3));
    let mut loose = workspace.clone();
    loose.calendar.events.retain(|e| e.name != "Q4 close");
    let mut desk = Desk::within(loose, lines);
    desk.model.refresh(desk.model.derived.at + TimeDelta::seconds(1));
    let screen = desk.screen(240, 60);
    assert!(screen.contains(":adopt lets go what the files loosened") && screen.contains("Q4 close"), "{screen}");
    assert!(desk.act(Action::Adopt).is_none());
    let card = desk.ui.asked.as_ref().unwrap().dialog.card().clone();
    assert!(card.rows.iter().any(|(_, text)| text.contains("Q4 close")), "{card:?}");
    let (_, requests) = desk.press(&["o", "k", "enter"]);
    let Some(Request::Command(command)) = requests.first() else { panic!("{requests:?}") };
    let Command::Adopt(saw, reason) = &**command else { panic!("{command:?}") };
    assert!(reason == "ok" && card.title.contains(&saw.short()), "{} {reason}", card.title);
}

#[test]
fn the_conn_is_offered_by_name() {
    let mut desk = Desk::running();
    desk.act(Action::OfferConn);
    assert!(desk.screen(120, 40).contains("yours until they take it"));
    let (_, requests) = desk.press(&["b", "o", "enter"]);
    let Some(Request::Command(command)) = requests.first() else { panic!("{requests:?}") };
    assert!(matches!(&**command, Command::OfferConn(RunId(1), to) if to.as_str() == "bo"), "{command:?}");
}

#[test]
fn a_long_message_is_one_key_away_in_full() {
    let mut desk = Desk::running();
    let refusal = Refusal::one(Rule::State, format!("{} and the end of it", "very long ".repeat(30)));
    desk.act(Action::HoldAll);
    update::refused(&mut desk.ui, &refusal);
    desk.press(&["esc"]);
    let screen = desk.screen(80, 24);
    assert!(screen.contains("M all of it · backspace away") && !screen.contains("the end of it"), "{screen}");
    desk.press(&["M"]);
    assert!(desk.screen(80, 24).contains("the end of it"), "{}", desk.screen(80, 24));
    // The first puts the sheet away, the second what is said.
    desk.press(&["esc"]);
    assert!(desk.screen(80, 24).contains("very long"), "{}", desk.screen(80, 24));
    desk.press(&["esc"]);
    assert!(!desk.screen(80, 24).contains("very long"), "{}", desk.screen(80, 24));
}

#[test]
fn a_role_without_room_keeps_its_last_part() {
    let mut plan = ground::plan(3);
    plan.steps[1].owner = Some("release-manager".into());
    let desk = running(plan);
    let screen = desk.screen(80, 24);
    assert!(screen.contains("r-manager"), "{screen}");
    assert!(desk.screen(110, 30).contains("release-manager"));
}

#[test]
fn why_a_step_failed_is_one_key_away_in_full() {
    let mut desk = Desk::running();
    desk.ui.step = Some("1".into());
    let mut lines = Lines { ledger: desk.model.ledger.clone(), ..Lines::default() };
    let why = format!("{} and the end of it", "no answer from far away ".repeat(20));
    lines
        .write("fail", vec![Fact::StepFailed { run: RunId(1), step: "1".into(), why, partly: None, evidence: vec![] }]);
    desk.model.take(Update::Entries(Arc::new(lines.entries)));
    desk.model.refresh(desk.model.derived.at + TimeDelta::seconds(2));
    let screen = desk.screen(80, 24);
    assert!(screen.contains("enter: all of it") && !screen.contains("the end of it"), "{screen}");
    desk.press(&["enter"]);
    let screen = desk.screen(80, 30);
    assert!(screen.contains("trouble") && screen.contains("the end of it"), "{screen}");
}

#[test]
fn a_failed_step_says_where_that_leaves_it_and_what_each_way_on_costs() {
    let mut desk = Desk::running();
    desk.ui.step = Some("1".into());
    let mut lines = Lines { ledger: desk.model.ledger.clone(), ..Lines::default() };
    let why = "exit 7: 2 of 6 refused".to_owned();
    let failed = Fact::StepFailed { run: RunId(1), step: "1".into(), why, partly: Some((4, 6)), evidence: vec![] };
    lines.write("fail", vec![failed]);
    desk.model.take(Update::Entries(Arc::new(lines.entries)));
    desk.model.refresh(desk.model.derived.at + TimeDelta::seconds(2));
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let screen = desk.screen(width, height);
        for said in ["cause  exit 7: 2 of 6 refused", "is     PARTLY DONE: 4 of 6", "r      retry: ", "x      skip"] {
            assert!(screen.contains(said), "{said} at {width}×{height}:\n{screen}");
        }
    }
}

#[test]
fn the_wall_counts_hidden_steps_and_nothing_else_as_hidden() {
    let mut desk = Desk::running();
    desk.ui.step = Some("1".into());
    let mut lines = Lines { ledger: desk.model.ledger.clone(), ..Lines::default() };
    let failed =
        Fact::StepFailed { run: RunId(1), step: "1".into(), why: "exit 7".into(), partly: None, evidence: vec![] };
    lines.write("fail", vec![failed]);
    desk.model.take(Update::Entries(Arc::new(lines.entries)));
    desk.model.refresh(desk.model.derived.at + TimeDelta::seconds(2));
    let total = desk.model.run().unwrap().plan.steps.len();
    for chosen in ["1", "15", "30"] {
        desk.ui.step = Some(chosen.into());
        let screen = desk.screen(200, 50);
        let title = screen.lines().find(|line| line.contains("── runbook")).unwrap();
        let left: String = title.chars().take(121).collect();
        let hidden = left.split(" · ").find_map(|part| part.split(" hidden").next()?.parse().ok()).unwrap_or(0);
        let words = ["done", "pending", "ready", "FAILED", "waiting", "running"];
        let step = |line: &&str| {
            let row: String = line.chars().take(110).collect();
            row.contains("Shift the traffic of part") && words.iter().any(|word| row.contains(word))
        };
        let shown = screen.lines().filter(step).count();
        assert_eq!(shown + hidden, total, "at step {chosen}:\n{screen}");
        assert!(hidden > 0, "the failed step's card leaves no room for all:\n{screen}");
    }
}

#[test]
fn the_coach_says_whom_a_poll_waits_for_and_invites_no_vote() {
    let mut workspace = ground::workspace(20, 3);
    let mut qa = workspace.roles["ops"].clone();
    (qa.name, qa.title, qa.people) = ("qa".into(), "qa".to_owned(), vec!["bo".into()]);
    workspace.roles.insert("qa".into(), qa);
    // Who else hears it.
    let kim = workspace.people.values().next().cloned().unwrap();
    workspace.people.insert("kim".into(), kim);
    let mut plan = ground::plan(3);
    plan.steps[0].work =
        Work::Ask(Question::Poll { roles: vec!["qa".into()], evidence: vec![], closes: Span::mins(30) });
    let mut lines = Lines::opened();
    lines.run(&workspace, plan);
    let desk = Desk::within(workspace, lines);
    let line =
        holdpoint::tui::coach::line(&desk.seen().view(&desk.ui), &holdpoint::tui::keymap::Keymap::shipped()).unwrap();
    assert_eq!(line, "waits for qa: bo +46 70 555 0101 · V records what they say to you");
}

#[test]
fn the_coach_names_the_step_that_the_key_acts_on() {
    // The first is held; the second can be started, and is highlighted while nobody points.
    let mut plan = ground::plan(5);
    plan.steps.drain(..3);
    plan.steps.iter_mut().for_each(|step| step.needs.clear());
    plan.steps[1].start = holdpoint::domain::plan::Start::Person;
    let mut desk = running(plan);
    let line = |desk: &Desk| {
        holdpoint::tui::coach::line(&desk.seen().view(&desk.ui), &holdpoint::tui::keymap::Keymap::shipped()).unwrap()
    };
    assert_eq!(line(&desk), "next s start 5");
    assert!(desk.screen(120, 40).contains("▸▷    5"), "{}", desk.screen(120, 40));
    desk.ui.step = Some("4".into());
    assert_eq!(line(&desk), "next esc, then s start 5");
    desk.press(&["enter"]);
    assert_eq!(line(&desk), "next esc esc, then s start 5", "what is open is let go of first");
    desk.press(&["esc", "esc"]);
    assert_eq!(line(&desk), "next s start 5");
}
