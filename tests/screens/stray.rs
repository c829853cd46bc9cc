//! A dialog that closes by itself under someone who types: the rest of what they type
//! does nothing, and they are told what happened.

use crate::actions::Desk;
use crate::ground::{self, Lines, ME};
use chrono::TimeDelta;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::name::RunId;
use holdpoint::domain::plan::Plan;
use holdpoint::domain::signal::SignalAt;
use holdpoint::domain::span::Span;
use holdpoint::domain::trigger::{RollsBack, Trigger};
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::Pane;
use holdpoint::tui::dialog::Dialog;
use holdpoint::tui::stray::{LONGEST, PAUSE};
use holdpoint::tui::terminal::{Paste, What};
use holdpoint::tui::theme::Role;
use holdpoint::tui::ui::{Asked, Intent};
use std::sync::Arc;
use std::time::Duration;

/// A run with a trigger, T2.
fn running() -> Desk {
    let workspace = ground::workspace(20, 3);
    let trigger = Trigger {
        name: "T2".into(),
        signals: vec![SignalAt { signal: "errors-svc-000".into(), environment: "place-00".into() }],
        from: "4".into(),
        until: None,
        rolls_back: RollsBack::Set,
        countdown: Some(Span::secs(30)),
        postpone: Span::mins(2),
        agreed_at: None,
    };
    let mut lines = Lines::opened();
    lines.run(
        &workspace,
        Plan { triggers: vec![trigger], signals: workspace.signals.values().cloned().collect(), ..ground::plan(30) },
    );
    Desk::within(workspace, lines)
}

/// The dialog of a rollback of run 1 is open, and `eu-` has been typed.
fn asking() -> Desk {
    let mut desk = running();
    let intent = Some(Intent::RollBack(Some(RunId(1)), RollsBack::Set));
    let dialog = Dialog::ask(crate::widget::rollback());
    desk.ui.asked = Some(Asked { dialog, intent, tried: None, basis: None });
    desk.press(&["e", "u", "-"]);
    assert!(desk.ui.asked.is_some());
    desk
}

/// A rollback of run 1 begins: by whom, and the facts beside it.
fn begins(desk: &mut Desk, cause: &str, beside: Vec<Fact>) -> Lines {
    let mut lines = Lines { ledger: desk.model.ledger.clone(), ..Lines::default() };
    let plan = Plan { runbook: "rollback".into(), reverts: Some(RunId(1)), ..ground::plan(1) };
    let (digest, plan) = (plan.digest(), Arc::new(plan));
    let mut facts = vec![
        Fact::RunStarted { run: RunId(2), plan, digest, t0: ground::start() },
        Fact::Symptom { run: RunId(2), text: "errors".to_owned() },
        Fact::ConnTaken { run: RunId(2), session: ME, epoch: 1, reason: String::new() },
    ];
    facts.extend(beside);
    let entry = lines.write(cause, facts);
    desk.model.take(Update::Entries(Arc::new(vec![entry])));
    lines
}

fn fired() -> Fact {
    Fact::TriggerFired { run: RunId(1), trigger: "T2".into(), by: RunId(2) }
}

fn said(desk: &Desk) -> String {
    desk.ui.messages.iter().map(|m| format!("{}\n", m.text)).collect()
}

#[test]
fn the_rest_of_a_word_reaches_nothing_once_its_dialog_has_closed_by_itself() {
    let mut desk = asking();
    begins(&mut desk, "advance", vec![fired()]);
    let (zone, pane) = (desk.ui.zone, desk.ui.pane);
    let mut log = Vec::new();
    // A hand that types: never a pause, letters that would each do something.
    for key in ["n", "o", "r", "t", "h", "2", "H", "N", ":"] {
        desk.uptime += Duration::from_millis(300);
        let (pressed, requests) = desk.press(&[key]);
        assert!(requests.is_empty(), "{key}: {requests:?}");
        log.extend(pressed);
    }
    assert!(desk.ui.asked.is_none() && desk.ui.menu.is_none() && desk.ui.prompt.is_none());
    assert_eq!((desk.ui.zone, desk.ui.pane), (zone, pane));
    assert_eq!(log.len(), 9);
    for pressed in &log {
        let did = pressed.did.as_deref().unwrap();
        assert!(did.starts_with("refused: ") && did.contains("Roll back"), "{pressed:?}");
    }
    let (_, requests) = desk.events(vec![What::Paste(Paste { text: "2".to_owned(), ..Paste::default() })]);
    assert!(requests.is_empty());
    // Each says it, wherever there is a footer.
    for (width, height) in [(80, 24), (60, 16), (200, 50)] {
        let screen = desk.screen(width, height);
        assert!(screen.contains("keys are not taken"), "{screen}");
    }
    // The hand has rested: the next key is meant.
    desk.uptime += PAUSE;
    desk.press(&["2"]);
    assert_eq!(desk.ui.pane, Pane::Runbook);
    assert!(!desk.screen(80, 24).contains("keys are not taken"));
}

#[test]
fn escape_and_enter_end_it_and_do_nothing_else() {
    for end in ["esc", "enter"] {
        let mut desk = asking();
        begins(&mut desk, "advance", vec![fired()]);
        desk.press(&["2"]);
        desk.ui.pane = Pane::Journal;
        desk.press(&[end]);
        assert_eq!(desk.ui.pane, Pane::Journal, "{end} itself is swallowed");
        assert!(desk.ui.sheet.is_none() && desk.ui.asked.is_none());
        desk.press(&["2"]);
        assert_eq!(desk.ui.pane, Pane::Runbook, "{end} ended it");
    }
}

#[test]
fn a_hand_that_never_rests_is_not_shut_out_for_long() {
    let mut desk = asking();
    begins(&mut desk, "advance", vec![fired()]);
    let begun = desk.uptime;
    desk.press(&["j"]);
    while desk.ui.pane != Pane::Runbook {
        desk.uptime += Duration::from_millis(250);
        desk.press(&["2"]);
        assert!(desk.uptime - begun <= LONGEST + Duration::from_millis(250));
    }
    assert!(desk.uptime - begun >= LONGEST);
}

#[test]
fn what_closed_the_dialog_is_said_and_who_it_was() {
    let mut desk = asking();
    begins(&mut desk, "advance", vec![fired()]);
    desk.press(&["n"]);
    let told = said(&desk);
    assert!(told.contains("T2 began this rollback by itself: run 2; your dialog sent nothing"), "{told}");
    assert!(desk.screen(80, 24).contains("T2 began this rollback by itself: run 2"), "{}", desk.screen(80, 24));
    // A person's rollback answers the trigger too, and is that person's.
    let mut desk = asking();
    begins(&mut desk, "rollback", vec![fired()]);
    desk.press(&["n"]);
    assert!(said(&desk).contains("this rollback has begun: run 2"), "{}", said(&desk));
}

#[test]
fn that_a_rollback_has_ended_stays_on_the_bridge_as_something_well() {
    let mut desk = running();
    let mut lines = begins(&mut desk, "advance", vec![fired()]);
    desk.press(&["2", "1"]);
    assert!(said(&desk).is_empty(), "{}", said(&desk));
    desk.model.refresh(desk.model.derived.at + TimeDelta::seconds(2));
    // While it goes on nothing says that nothing has changed, or that a train is on time.
    let screen = desk.screen(80, 24);
    assert!(screen.contains("ROLLBACK under way: 0 of 1 done") && screen.contains("UNDER WAY"), "{screen}");
    assert!(!screen.contains("nothing changed yet") && !screen.contains("ON TIME"), "{screen}");
    let entry = lines.write("advance", vec![Fact::RunCompleted { run: RunId(2) }]);
    desk.model.take(Update::Entries(Arc::new(vec![entry])));
    desk.press(&["2", "1", "j"]);
    let message = desk.ui.messages.back().unwrap().clone();
    assert!(message.text.starts_with("rolled back: run 2 completed") && message.role == Role::Ok, "{message:?}");
    assert!(desk.screen(80, 24).contains("rolled back: run 2 completed"));
    desk.press(&["backspace"]);
    assert!(said(&desk).is_empty());
    desk.press(&["j"]);
    assert!(said(&desk).is_empty(), "it is said once");
}

#[test]
fn what_is_left_by_hand_takes_the_next_key_at_once_and_says_that_nothing_came_of_it() {
    let mut desk = asking();
    desk.press(&["esc"]);
    assert!(said(&desk).starts_with("not rolled back, nothing was sent: "), "{}", said(&desk));
    desk.press(&["2"]);
    assert_eq!(desk.ui.pane, Pane::Runbook);
}

/// T2 has tripped and acts in half a minute.
fn tripped() -> (Desk, Lines) {
    let mut desk = running();
    let mut lines = Lines { ledger: desk.model.ledger.clone(), ..Lines::default() };
    let acts_at = Some("2026-11-21T16:03:41Z".parse().unwrap());
    let armed = Fact::TriggerArmed { run: RunId(1), trigger: "T2".into() };
    let tripped = Fact::TriggerTripped { run: RunId(1), trigger: "T2".into(), acts_at, evidence: vec![] };
    let entry = lines.write("advance", vec![armed, tripped]);
    desk.model.take(Update::Entries(Arc::new(vec![entry])));
    desk.model.refresh(desk.model.derived.at + TimeDelta::seconds(2));
    (desk, lines)
}

#[test]
fn when_a_trigger_acts_is_seen_above_every_dialog() {
    let (mut desk, _) = tripped();
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut question = crate::widget::rollback();
        // Also above one that would like the whole screen.
        for rows in [2, 30] {
            question.card.rows = (0..rows).map(|n| ("will".to_owned(), format!("line {n}"))).collect();
            let dialog = Dialog::ask(question.clone());
            desk.ui.asked = Some(Asked { dialog, intent: None, tried: None, basis: None });
            let screen = desk.screen(width, height);
            let line =
                screen.lines().find(|l| l.contains("TRIGGER T2 ROLLS BACK")).unwrap_or_else(|| panic!("{screen}"));
            assert!(line.contains("at 16:03:41Z, in "), "{line}");
            assert!(screen.contains("Cancel"), "{screen}");
        }
    }
}

#[test]
fn what_the_program_did_by_itself_is_not_signed_with_the_drivers_name() {
    let (mut desk, mut lines) = tripped();
    let entry = lines.write("advance", vec![Fact::StepSkipped { run: RunId(1), step: "2".into(), reason: "x".into() }]);
    let note = lines.write("note", vec![ground::note("by hand")]);
    desk.model.take(Update::Entries(Arc::new(vec![entry, note])));
    desk.ui.pane = Pane::Journal;
    let screen = desk.screen(120, 40);
    let row = |text: &str| screen.lines().find(|l| l.contains(text)).unwrap_or_else(|| panic!("{screen}")).to_owned();
    assert!(row("trigger T2 armed").contains("Z T2 "), "{screen}");
    assert!(row("step 2 skipped").contains("Z holdpoint "), "{screen}");
    assert!(row("note: by hand").contains("Z ana "), "{screen}");
    desk.ui.line = Some(desk.model.ledger.seq - 1);
    assert!(desk.screen(120, 40).contains("holdpoint, driven by ana#"), "{}", desk.screen(120, 40));
}
