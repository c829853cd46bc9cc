//! What a dialog would send: what backends say of it comes later, moves nothing, is awaited by
//! nobody, and belongs to the dialog that asked.

use crate::actions::Desk;
use crate::ground::{self, Lines, ME};
use chrono::TimeDelta;
use holdpoint::domain::catalogue::Reversible;
use holdpoint::domain::command::{Command, StepCommand};
use holdpoint::domain::foreseen::{Foreseen, Foresight};
use holdpoint::domain::intent::Intent;
use holdpoint::domain::name::RunId;
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::Preview;
use holdpoint::domain::span::Span;
use holdpoint::domain::workspace::Purpose;
use holdpoint::engine::run::{Changed, Fate, Sent, TriggerState};
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::Action;
use holdpoint::tui::arming::USUAL;
use holdpoint::tui::dialog::Dialog;
use holdpoint::tui::request::Request;
use holdpoint::tui::terminal::What;
use std::sync::Arc;

pub const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// A run with a deploy that is ready, or one that has changed a place.
pub fn desk(changed: bool) -> Desk {
    let mut workspace = ground::workspace(6, 3);
    workspace.purpose = Purpose::Rehearsal;
    workspace.backends.insert("sh".into(), ground::scripts());
    let mut plan = ground::plan(4);
    plan.steps.drain(..3);
    plan.steps[0].needs.clear();
    let mut lines = Lines::opened();
    lines.run(&workspace, plan);
    if changed {
        lines.ledger.runs.get_mut(&RunId(1)).unwrap().changed = ["place-00", "place-01"]
            .map(|environment| Changed {
                step: "4".into(),
                service: "svc-000".into(),
                environment: environment.into(),
                from: Some("4.1.9".to_owned()),
                to: Some("4.2.0".to_owned()),
                weights: None,
                taken_back: None,
            })
            .to_vec();
    }
    Desk::within(workspace, lines)
}

/// The dialog about starting the deploy, and what backends are asked for it.
fn starting() -> (Desk, u64, Vec<Operation>) {
    let mut desk = desk(false);
    let uptime = desk.uptime;
    desk.ui.arming.arm(uptime, USUAL, true).unwrap();
    desk.act(Action::Start);
    let (number, operations) = desk.ui.foresee().unwrap();
    (desk, number, operations)
}

fn rolling_back() -> (Desk, u64, Vec<Operation>) {
    let mut desk = desk(true);
    desk.press(&["B", "a"]);
    let (number, operations) = desk.ui.foresee().unwrap();
    (desk, number, operations)
}

#[test]
fn what_does_not_go_back_is_said_before_what_would_be_sent() {
    let mut desk = desk(true);
    let workspace = Arc::make_mut(&mut desk.model.workspace);
    let service = workspace.services.get_mut("svc-000").unwrap();
    let note = "4.1.9 cannot read its rows".to_owned();
    service.reversible.insert("4.2.0".to_owned(), Reversible { ok: false, note });
    desk.press(&["B", "a"]);
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let screen = desk.screen(width, height);
        let at = |text: &str| screen.find(text).unwrap_or_else(|| panic!("{text}: {screen}"));
        assert!(at("CANNOT GO BACK by what the catalogue says: svc-000 4.2.0") < at("R1 Roll back"), "{screen}");
        assert!(!screen.contains("nothing that the catalogue knows of"), "{screen}");
    }
}

pub fn told(preview: Preview) -> Foresight {
    Foresight::Told(ground::start(), preview)
}

pub fn fine() -> Preview {
    Preview {
        effects: vec!["runs ./deploy svc-000 place-00 4.2.0".to_owned(), "moves 6 instances, 2 at a time".to_owned()],
        loses: vec!["sessions that are open there".to_owned()],
        takes: Some(Span::secs(250)),
        ..Preview::default()
    }
}

pub fn refusing() -> Preview {
    let mut preview = fine();
    preview.obstacles.push("helm owns deployment/svc-000 and will change it back".to_owned());
    preview.refuse("auto-sync is on and set to main: what is brought here is taken back at once; pause it first");
    preview
}

/// What is in nobody's way, and of which something could not be found out.
pub fn unsure() -> Preview {
    let what = "whether version 4.1.9 finds all it needs: you may not read 1 Secret and 1 ServiceAccount";
    Preview { unknown: vec![what.to_owned(), "whether a pod is stuck: 503".to_owned()], ..fine() }
}

/// The code is fresh in every dialog; a name of the same length takes its place.
fn still(desk: &Desk, text: String) -> String {
    let Some(Dialog::Consent(asked)) = desk.ui.asked.as_ref().map(|a| &a.dialog) else { panic!("nothing is asked") };
    match asked.expected.as_ref().and_then(|expected| expected.code.as_ref()) {
        Some(code) => text.replace(&code.to_string(), "XYZ"),
        None => text,
    }
}

fn pictures(name: &str, desk: &Desk) -> String {
    let one = |(width, height): (u16, u16)| {
        let screen = still(desk, desk.screen(width, height));
        let left = screen.lines().find_map(|line| line.chars().position(|c| c == '┏')).unwrap_or_default();
        let rows = screen.lines().skip_while(|line| !line.contains('┏'));
        let end = rows.clone().position(|line| line.contains('┗')).unwrap_or_default();
        let rows = rows.take(end + 1).map(|line| line.chars().skip(left).take(80).collect::<String>());
        format!("── {name} {width}×{height}\n{}\n", rows.map(|row| format!("{row}\n")).collect::<String>())
    };
    SIZES.map(one).concat()
}

#[track_caller]
pub fn keeps(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn a_step_is_shown_awaited_foreseen_refused_and_untold() {
    let (mut desk, number, operations) = starting();
    assert_eq!(operations.len(), 1);
    let mut all = pictures("awaited", &desk);
    desk.ui.foreseen(number, 0, told(fine()));
    all += &pictures("foreseen", &desk);
    desk.ui.foreseen(number, 0, told(refusing()));
    all += &pictures("refused", &desk);
    desk.ui.foreseen(number, 0, Foresight::Untold("connection refused (https://argo.example)".to_owned()));
    all += &pictures("untold", &desk);
    desk.ui.foreseen(number, 0, told(unsure()));
    all += &pictures("unsure", &desk);
    keeps("dialog_foreseen", &all);
}

#[test]
fn a_way_back_is_shown_in_its_order_and_its_pages_turn() {
    let (mut desk, number, operations) = rolling_back();
    assert!(operations.len() > 1, "{operations:?}");
    for n in 0..operations.len() {
        desk.ui.foreseen(number, n, told(if n == 1 { refusing() } else { fine() }));
    }
    let mut all = pictures("the first page", &desk);
    desk.press(&["pagedown"]);
    all += &pictures("the next page", &desk);
    keeps("dialog_foreseen_back", &all);
}

/// Where the frame and what is typed stand.
fn stands(desk: &Desk, (width, height): (u16, u16)) -> Vec<(usize, String)> {
    let screen = desk.screen(width, height);
    let kept = |line: &str| line.contains(['┏', '┗']) || line.contains("type ") || line.contains("┃ will ");
    screen.lines().enumerate().filter(|(_, line)| kept(line)).map(|(n, line)| (n, line.to_owned())).collect()
}

#[test]
fn what_comes_later_moves_nothing_that_was_there() {
    for open in [starting as fn() -> (Desk, u64, Vec<Operation>), rolling_back] {
        for size in SIZES {
            let (mut desk, number, operations) = open();
            let before = stands(&desk, size);
            assert!(before.len() >= 4, "{before:?}");
            for said in
                [told(fine()), told(refusing()), told(Preview { effects: vec!["more".to_owned(); 90], ..fine() })]
            {
                (0..operations.len()).for_each(|n| desk.ui.foreseen(number, n, said.clone()));
                assert_eq!(stands(&desk, size), before);
            }
        }
    }
}

/// Where the lines stand that were there before anybody was asked, as far as there is room.
fn frozen(desk: &Desk, height: u16) -> Vec<String> {
    let screen = desk.screen(80, height);
    let lines = screen.lines().skip_while(|line| !line.contains('┏'));
    let above = |line: &&str| !line.contains("┃ says ") && !line.contains("pagedown turns") && !line.contains('┗');
    let mut all: Vec<_> = lines.take_while(above).map(str::to_owned).collect();
    // The second says what is said.
    all.remove(2);
    all
}

#[test]
fn what_was_frozen_stays_where_it_is_at_every_height() {
    for open in [starting as fn() -> (Desk, u64, Vec<Operation>), rolling_back] {
        for height in 14..=40 {
            let (mut desk, number, operations) = open();
            let before = frozen(&desk, height);
            for n in 0..operations.len() {
                desk.ui.foreseen(number, n, told(Preview { effects: vec!["more".to_owned(); 90], ..fine() }));
                assert_eq!(frozen(&desk, height), before, "height {height}");
            }
        }
    }
}

/// What the command says when the dialog is answered, with this said of it or nothing.
fn agreed(said: Option<Foresight>) -> Command {
    let (mut desk, number, _) = starting();
    if let Some(said) = said {
        desk.ui.foreseen(number, 0, said);
    }
    let Some(Dialog::Consent(asked)) = desk.ui.asked.as_ref().map(|a| &a.dialog) else { panic!("nothing is asked") };
    let typed = asked.expected.as_ref().unwrap().to_string();
    let code = asked.expected.as_ref().unwrap().code.as_ref().unwrap().to_string();
    let keys: Vec<String> = typed
        .chars()
        .map(|c| if c == ' ' { "space".to_owned() } else { c.to_string() })
        .chain(["enter".to_owned()])
        .collect();
    let (_, requests) = desk.press(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    let Some(Request::Command(command)) = requests.into_iter().next() else { panic!("not taken") };
    let Command::Step(run, step, StepCommand::Start(Some(mut consent))) = *command else { panic!("{command:?}") };
    consent.how = consent.how.replace(&code, "XYZ");
    Command::Step(run, step, StepCommand::Start(Some(consent)))
}

#[test]
fn nothing_in_the_way_is_said_of_those_alone_that_have_looked() {
    let (mut desk, number, operations) = starting();
    desk.ui.foreseen(number, 0, told(fine()));
    assert!(desk.screen(120, 40).contains("nothing is in the way, by sh"));
    let blind = || told(Preview { blind: true, ..fine() });
    desk.ui.foreseen(number, 0, blind());
    let screen = desk.screen(120, 40);
    assert!(screen.contains("┃ sh cannot say what is in the way"), "{screen}");
    assert!(screen.contains("it does not look ahead") && !screen.contains("nothing is in the way"), "{screen}");
    let Some(asked) = &mut desk.ui.asked else { panic!("nothing is asked") };
    let mut other = operations[0].clone();
    other.backend = "argo".into();
    asked.dialog.sends([operations[0].clone(), other].into_iter());
    let (number, _) = desk.ui.foresee().unwrap();
    desk.ui.foreseen(number, 0, blind());
    desk.ui.foreseen(number, 1, told(fine()));
    let screen = desk.screen(120, 40);
    assert!(screen.contains("sh cannot say what is in the way · nothing is, by argo"), "{screen}");
}

#[test]
fn it_is_agreed_to_without_any_answer_and_the_same_whatever_was_said() {
    let silent = agreed(None);
    for said in [told(fine()), told(refusing()), told(unsure()), Foresight::Untold("gone".to_owned())] {
        assert_eq!(agreed(Some(said)), silent);
    }
}

#[test]
fn what_answers_another_dialog_is_not_shown() {
    let (mut desk, first, _) = starting();
    assert!(desk.ui.foresee().is_none(), "a dialog asks once");
    desk.press(&["esc"]);
    let late = || told(Preview { effects: vec!["what came late".to_owned()], ..Preview::default() });
    desk.ui.foreseen(first, 0, late());
    desk.act(Action::Start);
    // Also before the new dialog has asked.
    desk.ui.foreseen(first, 0, late());
    let (second, _) = desk.ui.foresee().unwrap();
    assert_ne!(first, second);
    desk.ui.foreseen(first, 0, late());
    desk.ui.foreseen(second, 9, late());
    let screen = desk.screen(120, 40);
    assert!(screen.contains("asking sh …") && !screen.contains("came late"), "{screen}");
    desk.ui.foreseen(second, 0, late());
    assert!(desk.screen(120, 40).contains("what came late"));
}

#[test]
fn what_was_said_before_a_disturbance_is_asked_for_anew() {
    let (mut desk, first, _) = starting();
    desk.ui.foreseen(first, 0, told(fine()));
    let screen = desk.screen(80, 24);
    assert!(screen.contains("nothing is in the way, by sh") && screen.contains(" at 02:00:00Z ┃"), "{screen}");
    let mut before = first;
    let events = [What::Resized, What::Focus(false), What::Stop, What::Continue];
    let disturbances = events.map(Some).into_iter().chain([None]);
    for disturbance in disturbances {
        match &disturbance {
            Some(what) => drop(desk.event(what.clone(), 1)),
            None => desk.ui.disturb("the terminal was lent"),
        }
        let screen = desk.screen(80, 24);
        assert!(screen.contains("asking sh …") && !screen.contains("nothing is in the way"), "{screen}");
        let (number, operations) = desk.ui.foresee().unwrap();
        assert!(number > before && operations.len() == 1);
        desk.ui.foreseen(before, 0, told(refusing()));
        assert!(desk.screen(80, 24).contains("asking sh …"), "what was asked before is not taken");
        desk.ui.foreseen(number, 0, Foresight::Told(ground::start() + TimeDelta::minutes(7), fine()));
        assert!(desk.screen(80, 24).contains(" at 02:07:00Z ┃"), "{disturbance:?}");
        before = number;
    }
}

#[test]
fn a_dialog_that_closes_by_itself_takes_its_question_along() {
    let (mut desk, number, _) = starting();
    desk.press(&["x"]);
    let facts = desk.starting("4", "ana", ME);
    let mut lines = Lines { ledger: desk.model.ledger.clone(), entries: Vec::new() };
    let entry = lines.write("start", facts);
    desk.model.take(Update::Entries(Arc::new(vec![entry])));
    desk.press(&["x"]);
    assert!(desk.ui.asked.is_none(), "it was overtaken");
    desk.ui.foreseen(number, 0, told(fine()));
    assert!(desk.ui.asked.is_none() && desk.ui.foresee().is_none());
}

#[test]
fn nothing_is_asked_for_what_only_the_journal_hears_of() {
    let mut desk = desk(false);
    for action in [Action::HoldAll, Action::Log, Action::ParkRun, Action::AbortRun, Action::HoldStep, Action::Note] {
        desk.act(action);
        assert!(desk.ui.foresee().is_none(), "{action:?}");
        desk.press(&["esc"]);
    }
}

#[test]
fn what_is_said_acts_on_no_terminal_and_the_heaviest_stands_first() {
    let (mut desk, number, _) = starting();
    let mut preview = fine();
    preview.effects.push("\u{1b}[2J\u{202e}evil".to_owned());
    preview.refuse("\u{1b}]0;mine\u{7}never");
    desk.ui.foreseen(number, 0, told(preview));
    let screen = desk.screen(120, 40);
    assert!(!screen.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{screen:?}");
    assert!(screen.contains("sh would refuse it as things stand: "), "{screen}");
    desk.ui.foreseen(number, 0, Foresight::Untold("\u{1b}[31mno".to_owned()));
    assert!(!desk.screen(120, 40).contains('\u{1b}'));
}

#[test]
fn what_stands_in_the_way_of_a_later_operation_is_no_certain_no() {
    let (mut desk, number, operations) = rolling_back();
    let last = operations.len() - 1;
    assert!(!operations[..last].iter().any(|it| it.meets(&operations[last])));
    // The same twice: the first may clear the way for the second.
    let Some(asked) = &mut desk.ui.asked else { panic!("nothing is asked") };
    asked.dialog.sends([operations[last].clone(), operations[last].clone()].into_iter());
    let (again, _) = desk.ui.foresee().unwrap();
    assert_ne!(again, number);
    desk.ui.foreseen(again, 0, told(fine()));
    desk.ui.foreseen(again, 1, told(refusing()));
    let screen = desk.screen(120, 40);
    assert!(!screen.contains("would refuse") && screen.contains("sh says what is in the way"), "{screen}");
}

/// What backends said of the whole way back.
pub fn way_back(desk: &mut Desk, said: impl Fn(usize) -> Foresight) {
    a_second_later(desk);
    let Some(Ok(plan)) = &desk.model.derived.back else { panic!("nothing to take back") };
    let operations: Vec<Operation> = plan.steps.iter().filter_map(|step| step.operation().cloned()).collect();
    assert_eq!(operations.len(), 2);
    let all = operations.into_iter().enumerate().map(|(n, operation)| Foreseen { operation, said: said(n) });
    desk.model.take(Update::WayBack(Arc::new(all.collect())));
    a_second_later(desk);
}

fn a_second_later(desk: &mut Desk) {
    desk.model.refresh(desk.model.derived.at + TimeDelta::seconds(1));
}

#[test]
fn a_way_back_that_would_be_refused_is_said_on_every_screen() {
    let mut desk = desk(true);
    // Nobody has been asked at all yet.
    let screen = desk.screen(120, 24);
    assert!(screen.contains(", 2 of 2 not asked yet") && !screen.contains("ROLLBACK ready"), "{screen}");
    way_back(&mut desk, |_| told(fine()));
    assert!(desk.screen(80, 24).contains("ROLLBACK ready: "), "{}", desk.screen(80, 24));
    // Whoever has not looked has not called it ready.
    let blind = || told(Preview { blind: true, ..fine() });
    way_back(&mut desk, |_| blind());
    assert!(desk.screen(80, 24).contains("ROLLBACK blind: "), "{}", desk.screen(80, 24));
    way_back(&mut desk, |n| if n == 1 { blind() } else { told(fine()) });
    assert!(desk.screen(80, 24).contains("ROLLBACK partly blind: "), "{}", desk.screen(80, 24));
    way_back(&mut desk, |n| told(if n == 1 { refusing() } else { fine() }));
    for (pane, width) in ["1", "2", "3", "6"].into_iter().flat_map(|pane| [(pane, 80), (pane, 120)]) {
        desk.press(&[pane]);
        let screen = desk.screen(width, 24);
        assert!(screen.contains("ROLLBACK BLOCKED: sh would refuse it as things stand: auto-sync"), "{pane}: {screen}");
    }
    let calls = |desk: &Desk| {
        let mut attention = holdpoint::tui::attention::Attention::default();
        let (settings, zero) = (Default::default(), std::time::Duration::ZERO);
        let mut before = ground::model(desk.model.workspace.as_ref().clone(), &Lines::opened());
        before.refresh(ground::start());
        assert!(attention.take(&before, &settings, ground::start(), zero).is_none());
        attention.take(&desk.model, &settings, ground::start(), zero).map(|call| call.text)
    };
    let call = calls(&desk).unwrap_or_default();
    assert!(call.contains("WAY BACK BLOCKED: sh would refuse it") || call.contains("more"), "{call}");
    way_back(&mut desk, |_| Foresight::Untold("connection refused".to_owned()));
    let screen = desk.screen(120, 24);
    assert!(screen.contains(", 0 of 2 ready · 2 not known: sh could not be asked: connection refused"), "{screen}");
    // Of very many, some are asked about later: nothing is called ready meanwhile.
    way_back(&mut desk, |n| if n == 0 { told(fine()) } else { Foresight::Awaited });
    let screen = desk.screen(120, 24);
    assert!(screen.contains(", 1 of 2 not asked yet") && !screen.contains("ROLLBACK ready"), "{screen}");
    way_back(&mut desk, |_| Foresight::Untold("connection refused".to_owned()));
    // Said of something else than what would be sent now, it says nothing: of this nobody has been asked yet.
    let mut other = desk.model.way_back.as_ref().clone();
    other.iter_mut().for_each(|it| drop(it.operation.args.insert("to".to_owned(), "4.0.0".to_owned())));
    other.iter_mut().for_each(|it| it.said = told(refusing()));
    desk.model.take(Update::WayBack(Arc::new(other)));
    a_second_later(&mut desk);
    let screen = desk.screen(120, 24);
    assert!(screen.contains(", 2 of 2 not asked yet") && !screen.contains("ROLLBACK ready"), "{screen}");
}

#[test]
fn a_way_back_that_nobody_here_asks_about_is_not_called_ready() {
    let mut desk = desk(true);
    // Another session drives; what this one was told before may not hold any more.
    let run = desk.model.ledger.runs.get_mut(&RunId(1)).unwrap();
    run.conn = None;
    a_second_later(&mut desk);
    let screen = desk.screen(120, 24);
    let unasked = |screen: &str| screen.contains("not asked about here") && !screen.contains("ROLLBACK ready");
    assert!(unasked(&screen), "{screen}");
    desk.press(&["5"]);
    let screen = desk.screen(120, 40);
    let head = screen.lines().find(|line| line.contains("the whole set")).unwrap_or_default();
    assert!(unasked(head), "{screen}");
    // Whoever takes it asks, and all is known then.
    let mut desk = self::desk(true);
    way_back(&mut desk, |_| self::told(fine()));
    assert!(!desk.screen(120, 24).contains("not asked about here"));
}

#[test]
fn what_is_in_the_way_never_pushes_a_tripped_trigger_off_the_header() {
    let mut desk = desk(true);
    way_back(&mut desk, |_| told(refusing()));
    let run = desk.model.ledger.runs.get_mut(&RunId(1)).unwrap();
    let tripped = TriggerState::Tripped { at: ground::start(), acts_at: None, evidence: Vec::new() };
    run.triggers.insert("T2".into(), tripped);
    let screen = desk.screen(80, 24);
    let line = screen.lines().find(|line| line.contains("ROLLBACK BLOCKED: sh would")).unwrap_or_default();
    assert!(line.contains(" T2 TRIPPED"), "{screen}");
}

#[test]
fn what_is_in_doubt_where_something_would_go_back_holds_the_way_back() {
    let mut desk = desk(true);
    way_back(&mut desk, |_| told(fine()));
    let Some(Ok(plan)) = &desk.model.derived.back else { panic!("nothing to take back") };
    let back = plan.steps.iter().find_map(|step| step.operation()).unwrap().clone();
    let operation = Operation { verb: Verb::Scale, args: [("replicas".to_owned(), "8".to_owned())].into(), ..back };
    let intent = Intent {
        knowing: vec![],
        approved: vec![],
        run: RunId(7),
        step: "scale".into(),
        attempt: 1,
        operation,
        session: ME,
        epoch: 1,
        not_after: ground::start(),
        resend_of: None,
        from: None,
    };
    let fate = Fate::InDoubt("no answer".to_owned());
    let sent = Sent { seq: 99, intent, at: ground::start(), fate, probing: None, probed: None };
    desk.model.ledger.sent.insert(99, sent);
    a_second_later(&mut desk);
    let screen = desk.screen(120, 24);
    assert!(screen.contains("ROLLBACK HELD: run 7 scale svc-000 place-0"), "{screen}");
    assert!(!screen.contains("ROLLBACK ready"), "{screen}");
}
