//! Rehearsals on the screens: a word that nobody can miss while one goes on beside the real thing, and a menu of its own.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use holdpoint::domain::command::Command;
use holdpoint::domain::plan::{Mode, Plan};
use holdpoint::domain::workspace::{Purpose, Workspace};
use holdpoint::tui::action::Action;
use holdpoint::tui::palette::submit;
use holdpoint::tui::request::Request;
use holdpoint::tui::ui::Ui;

fn rehearsal() -> Plan {
    let real = ground::plan(4);
    Plan {
        title: format!("REHEARSAL of {}", real.title),
        mode: Mode::Rehearsal,
        rehearses: Some(real.rehearsable()),
        ..real
    }
}

fn desk(workspace: Workspace, plan: Plan) -> Desk {
    let mut lines = Lines::opened();
    lines.run(&workspace, plan);
    Desk::within(workspace, lines)
}

fn real() -> Workspace {
    let mut workspace = ground::workspace(6, 3);
    workspace.purpose = Purpose::Real;
    workspace
}

#[test]
fn a_rehearsal_is_marked_above_and_below_and_the_real_thing_is_not() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let screen = desk(real(), rehearsal()).screen(width, height);
        let (above, below) = (screen.lines().next().unwrap(), screen.lines().last().unwrap());
        assert!(above.contains(" REHEARSAL "), "{screen}");
        assert_eq!(below.contains(" REHEARSAL"), width >= 84, "{screen}");
        let real = desk(real(), ground::plan(4)).screen(width, height);
        assert!(!real.contains("REHEARSAL"), "{real}");
    }
}

#[test]
fn what_is_rehearsed_is_what_the_files_say_and_nothing_where_they_cannot() {
    let mut workspace = real();
    let real = ground::plan(4);
    workspace.runbooks.insert(real.runbook.clone(), real.clone());
    workspace.rehearsals = [(real.runbook.clone(), Err("nowhere to".to_owned()))].into();
    let without = desk(workspace.clone(), ground::plan(4));
    let typed = format!("rehearse {}", real.runbook);
    let mut ui = Ui::default();
    assert!(submit(&mut ui, &without.seen(), &typed).is_none());
    let said = ui.messages.back().map(|message| message.text.clone()).unwrap_or_default();
    assert!(said.contains("train cannot be rehearsed: nowhere to"), "{said}");
    workspace.rehearsals = [(real.runbook.clone(), Ok(rehearsal()))].into();
    let mut with = desk(workspace, ground::plan(4));
    let Some(Request::Command(command)) = submit(&mut Ui::default(), &with.seen(), &typed) else { panic!() };
    assert!(matches!(*command, Command::StartRun(plan, _) if *plan == rehearsal()));
    with.act(Action::Rehearse);
    assert!(with.screen(120, 40).contains("rehearse"), "{}", with.screen(120, 40));
}
