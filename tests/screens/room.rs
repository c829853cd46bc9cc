//! What a screen does with the room it has: nothing is cut that fits elsewhere,
//! and where there is little, the word that matters most stays.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use holdpoint::domain::fact::Fact;
use holdpoint::domain::plan::Plan;
use holdpoint::domain::register::{Register, Risk};
use holdpoint::domain::release::Impact;
use holdpoint::domain::report::{Receipt, Report};
use holdpoint::domain::signal::SignalAt;
use holdpoint::domain::span::Span;
use holdpoint::domain::trigger::{RollsBack, Trigger};
use holdpoint::tui::action::{Action, Pane};
use holdpoint::tui::glyphs::Glyphs;
use holdpoint::tui::theme::{Depth, Role, Theme};
use holdpoint::tui::widget::bar::bar;
use holdpoint::tui::widget::chart::{Chart, chart};
use holdpoint::tui::widget::paragraph::wrap;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

#[test]
fn help_cuts_no_text_and_says_which_page_it_is() {
    let mut desk = Desk::running();
    desk.act(Action::Help);
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let screen = desk.screen(width, height);
        assert!(screen.contains("start the step") && !screen.contains('…'), "{width}x{height}\n{screen}");
    }
    assert!(desk.screen(80, 24).contains("page 1 of "), "{}", desk.screen(80, 24));
}

#[test]
fn how_it_goes_is_said_on_the_smallest_screen_too() {
    let desk = Desk::running();
    let standing = desk.model.derived.standing.unwrap().text();
    for (width, height) in [(39, 9), (39, 1), (60, 20), (60, 12)] {
        let screen = desk.screen(width, height);
        let top: Vec<_> = screen.lines().take(2).collect();
        assert!(
            top.iter().any(|line| line.contains(standing)) && top[0].contains("you ana"),
            "{width}x{height}: {top:?}"
        );
        // Where both have room, that it is live is said as well, and nothing is said twice.
        assert_eq!(top.concat().matches(standing).count(), 1, "{width}x{height}: {top:?}");
    }
    assert!(desk.screen(39, 9).contains("40x10 or more shows the rest"));
}

#[test]
fn the_palette_offers_what_acts_here_before_moving_about() {
    let mut desk = Desk::running();
    desk.act(Action::Palette);
    let screen = desk.screen(80, 24);
    assert!(screen.contains("start the step") && !screen.contains("one page up"), "{screen}");
}

#[test]
fn triggers_risks_and_who_may_decide_stand_before_the_plan_of_the_way_back() {
    let mut workspace = ground::workspace(20, 3);
    workspace.backends.insert("sh".into(), ground::scripts());
    let trigger = |name: &str| Trigger {
        name: name.into(),
        signals: vec![SignalAt { signal: "errors-svc-000".into(), environment: "place-00".into() }],
        from: "4".into(),
        until: None,
        rolls_back: RollsBack::Set,
        countdown: None,
        postpone: Span::mins(2),
        agreed_at: None,
    };
    let risk = |what: &str, owner: Option<&str>, trigger: Option<&str>| Risk {
        what: what.to_owned(),
        likelihood: Impact::Medium,
        effect: Impact::High,
        mitigation: "a limit".to_owned(),
        owner: owner.map(Into::into),
        trigger: trigger.map(Into::into),
    };
    let risks = vec![risk("it forgets", None, None), risk("it is slow", Some("ops"), Some("T1"))];
    let register = Register { why: String::new(), risks };
    let mut plan = Plan { triggers: vec![trigger("T1"), trigger("T2")], register, ..ground::plan(4) };
    plan.steps.drain(..3);
    plan.steps[0].needs.clear();
    let mut lines = Lines::opened();
    lines.run(&workspace, plan);
    let starting = Desk::within(workspace.clone(), Lines { ledger: lines.ledger.clone(), ..Lines::default() })
        .starting("4", "ana", ground::ME);
    let intent = lines.write("step start", starting).seq;
    let detail = [("previous", "4.1.9"), ("version", "4.2.0")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let receipt = Receipt { summary: "done".to_owned(), detail: detail.into(), output: None };
    lines.write("advance", vec![Fact::Settled { intent, report: Report::Done(receipt) }]);
    let mut desk = Desk::within(workspace, lines);
    desk.ui.pane = Pane::Rollback;
    let screen = desk.screen(80, 24);
    let at = |what: &str| screen.find(what).unwrap_or_else(|| panic!("no {what:?} in\n{screen}"));
    let order = [
        at("trigger T1 "),
        at("takes back  medium/high · it is slow · ops · a limit"),
        at("trigger T2 "),
        at("no trigger takes back\n"),
        at("medium/high · it forgets · NOBODY · a limit"),
        at("may decide: "),
        at("the whole set · plan "),
    ];
    assert!(order.is_sorted(), "{order:?}\n{screen}");
}

#[test]
fn a_wrapped_line_never_begins_with_a_blank() {
    for room in 4..30 {
        for line in wrap("runs estate at most 40s and  no more than that", room).iter().skip(1) {
            assert!(!line.starts_with(' '), "{room}: {line:?}");
        }
    }
}

#[test]
fn a_bar_of_what_failed_is_full_where_there_are_no_colours() {
    let theme = Theme::built_in("mono", Depth::None, Glyphs::default()).unwrap();
    assert!(theme.style(Role::Fail).add_modifier.contains(Modifier::REVERSED), "else this shows nothing");
    let area = Rect::new(0, 0, 4, 2);
    let mut buf = Buffer::empty(area);
    bar(&mut buf, Rect::new(0, 0, 4, 1), 1.0, Role::Fail, &theme);
    let what = Chart { values: &[Some(2.0); 4], top: 2.0, threshold: None, changes: &[], role: Role::Fail };
    chart(&mut buf, Rect::new(0, 1, 4, 1), &what, &theme);
    for cell in buf.content() {
        assert_eq!(cell.symbol(), "█");
        assert!(!cell.modifier.contains(Modifier::REVERSED), "a reversed full cell is an empty one");
    }
}

#[test]
fn where_something_is_is_not_cut() {
    let mut workspace = ground::workspace(2, 1);
    let place = workspace.environments.values().next().cloned().unwrap();
    workspace.environments.insert("production".into(), place);
    for service in workspace.services.values_mut() {
        let by = service.deployed_by.values().next().cloned().unwrap();
        service.deployed_by.insert("production".into(), by);
    }
    let desk = Desk::within(workspace, Lines::opened());
    let screen = desk.screen(80, 24);
    assert!(screen.contains(" production "), "{screen}");
}
