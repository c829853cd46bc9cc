//! Waivers on the screens: an emergency stands in the header, what waits and what is owed among what is waited for, each
//! word in the approvals pane; what is typed becomes one command.

use crate::actions::Desk;
use crate::ground::{self, Lines, ME};
use chrono::TimeDelta;
use holdpoint::domain::command::Command;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::name::RunId;
use holdpoint::domain::person::{Proof, Role};
use holdpoint::domain::span::Span;
use holdpoint::domain::waiver::{Answer, Answered, Emergency, Waiver, Waives, Word};
use holdpoint::domain::workspace::Workspace;
use holdpoint::tui::action::{Action, Pane};
use holdpoint::tui::palette::submit;
use holdpoint::tui::request::Request;
use holdpoint::tui::ui::Ui;

fn workspace() -> Workspace {
    let mut workspace = ground::workspace(6, 3);
    let role = Role {
        name: "risk".into(),
        title: "Risk".to_owned(),
        people: vec!["ana".into()],
        proof: Proof::Claimed,
        spoken: false,
        rollback: false,
        contacts: vec![],
    };
    workspace.roles.insert(role.name.clone(), role);
    workspace.emergency = Some(Emergency {
        declared_by: vec!["risk".into()],
        second: vec![],
        reviewed_by: vec!["risk".into()],
        longest: Span::mins(120),
    });
    for event in &mut workspace.calendar.events {
        event.waived_by = vec!["risk".into()];
    }
    workspace
}

fn word(lines: &Lines) -> Word {
    let at = lines.ledger.at;
    Word { by: "ana".into(), proof: Proof::Claimed, session: ME, at, text: String::new() }
}

fn asks(lines: &mut Lines, of: Waives, granted: bool) {
    let (asked, until) = (word(lines), lines.ledger.at + TimeDelta::minutes(30));
    let waiver = Waiver {
        id: lines.ledger.last_waiver + 1,
        run: RunId(1),
        of,
        reason: "nobody can pay".to_owned(),
        ticket: "INC-41".to_owned(),
        granted: granted.then(|| asked.clone()),
        asked,
        until,
        ended: None,
        reviewed: None,
    };
    lines.write("waiver", vec![Fact::WaiverAsked(Box::new(waiver))]);
}

/// An emergency that ana declared alone, a freeze that waits for a word, and one that ended and is owed a look.
fn desk() -> Desk {
    let workspace = workspace();
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(4));
    asks(&mut lines, Waives::Emergency, true);
    asks(&mut lines, Waives::Freeze("friday".to_owned()), false);
    asks(&mut lines, Waives::Freeze("quarter".to_owned()), true);
    let end = Answered { waiver: 3, answer: Answer::End, word: word(&lines) };
    lines.write("waiver.end 3", vec![Fact::WaiverAnswered(Box::new(end))]);
    Desk::within(workspace, lines)
}

#[test]
fn an_emergency_stands_in_the_header_and_what_is_owed_is_waited_for() {
    let mut desk = desk();
    let wide = desk.screen(120, 40);
    for part in [" EMERGENCY until 02:", "1 everything until", "2 freeze friday waits for", "3 freeze quarter"] {
        assert!(wide.contains(part), "{part:?} is not in\n{wide}");
    }
    assert!(desk.screen(80, 24).lines().next().unwrap().contains(" EMERGENCY "));
    desk.act(Action::Go(Pane::Approvals));
    let pane = desk.screen(120, 40);
    for part in ["waiver 1 · run 1 · everything, in an emergency · IN FORCE", "asked by ana: nobody can pay · INC-41"]
    {
        assert!(pane.contains(part), "{part:?} is not in\n{pane}");
    }
}

#[test]
fn what_is_typed_is_one_command_or_none() {
    let mut desk = desk();
    let typed = |text: &str| match submit(&mut Ui::default(), &desk.seen(), text) {
        Some(Request::Command(command)) => Some(*command),
        None => None,
        other => panic!("{other:?}"),
    };
    let answer = |id, answer, text: &str| Some(Command::AnswerWaiver(id, answer, text.to_owned()));
    assert_eq!(typed("waiver grant 2"), answer(2, Answer::Grant, ""));
    assert_eq!(typed("waiver review 3 all is well"), answer(3, Answer::Review, "all is well"));
    assert_eq!(typed("waiver end 1 paid again"), answer(1, Answer::End, "paid again"));
    for nothing in
        ["waiver grant", "waiver grant x", "waiver ask none 1h why", "waiver ask nothing soon why", "waiver dance 1"]
    {
        assert_eq!(typed(nothing), None, "{nothing}");
    }
    desk.act(Action::Emergency);
    assert!(desk.screen(120, 40).contains("Emergency for run 1: write the ticket, then why"));
}
