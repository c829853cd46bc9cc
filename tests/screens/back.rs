//! Going back: which place is asked where more than one was changed, and what the
//! screens say before, while and after something is taken back.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use holdpoint::domain::backend::BackendKind;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::hold::{Hold, Scope};
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::owner::Owner;
use holdpoint::domain::span::Span;
use holdpoint::domain::trigger::RollsBack;
use holdpoint::domain::workspace::{Purpose, Workspace};
use holdpoint::engine::run::Changed;
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::{Action, Pane};
use holdpoint::tui::theme::Role;
use holdpoint::tui::ui::Intent;
use std::sync::Arc;

/// A run that has changed svc-000 in these environments, each taken back by a run or not.
fn changed(places: &[(&str, Option<u32>)]) -> (Workspace, Lines) {
    let mut workspace = ground::workspace(6, 3);
    workspace.purpose = Purpose::Rehearsal;
    workspace.backends.insert("sh".into(), ground::scripts());
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(8));
    let run = lines.ledger.runs.get_mut(&RunId(1)).unwrap();
    run.changed = places
        .iter()
        .map(|(environment, by)| Changed {
            step: "4".into(),
            service: "svc-000".into(),
            environment: (*environment).into(),
            from: Some("4.1.9".to_owned()),
            to: Some("4.2.0".to_owned()),
            weights: None,
            taken_back: by.map(RunId),
        })
        .collect();
    (workspace, lines)
}

fn desk(places: &[(&str, Option<u32>)]) -> Desk {
    let (workspace, lines) = changed(places);
    Desk::within(workspace, lines)
}

fn offered(desk: &Desk) -> Vec<String> {
    let items = desk.ui.menu.as_ref().map(|menu| menu.items.as_slice()).unwrap_or_default();
    items.iter().map(|(key, label, _)| format!("{key} {label}")).collect()
}

fn asked(desk: &Desk) -> Option<RollsBack> {
    match desk.ui.asked.as_ref()?.intent.as_ref()? {
        Intent::RollBack(_, what) => Some(what.clone()),
        _ => None,
    }
}

#[test]
fn which_place_goes_back_is_asked_where_nothing_names_it() {
    let mut both = desk(&[("place-00", None), ("place-01", None), ("place-02", Some(2))]);
    both.press(&["B"]);
    let items = offered(&both);
    assert_eq!(items.len(), 3, "{items:?}");
    assert_eq!(items[0], "a all 2 places");
    assert!(items[1].starts_with("b svc-000 place-0") && !items.join(" ").contains("place-02"), "{items:?}");
    assert_eq!(asked(&both), None, "nothing is asked before it is chosen");
    let place = items[2].split(' ').nth(2).unwrap().to_owned();
    both.press(&["c"]);
    assert_eq!(asked(&both), Some(RollsBack::One("svc-000".into(), place.as_str().into())));

    let mut all = desk(&[("place-00", None), ("place-01", None)]);
    all.press(&["B", "a"]);
    assert_eq!(asked(&all), Some(RollsBack::Set));
    // One place needs no choice, nor does one that somebody points at.
    let mut one = desk(&[("place-00", None), ("place-01", Some(2))]);
    one.press(&["B"]);
    assert_eq!((offered(&one), asked(&one).is_some()), (Vec::new(), true));
    let mut pointed = desk(&[("place-00", None), ("place-01", None)]);
    pointed.ui.pane = Pane::Health;
    pointed.ui.target = Some(("svc-000".into(), "place-01".into()));
    pointed.press(&["B"]);
    assert_eq!(asked(&pointed), Some(RollsBack::One("svc-000".into(), "place-01".into())));
}

#[test]
fn a_choice_that_somebody_has_taken_back_meanwhile_is_refused_with_the_reason() {
    let (workspace, mut lines) = changed(&[("place-00", None), ("place-01", None)]);
    let mut desk =
        Desk::within(workspace.clone(), Lines { ledger: lines.ledger.clone(), entries: lines.entries.clone() });
    desk.press(&["B"]);
    lines.ledger.runs.get_mut(&RunId(1)).unwrap().changed.iter_mut().for_each(|c| c.taken_back = Some(RunId(2)));
    desk.model.ledger = lines.ledger;
    desk.press(&["b"]);
    assert_eq!(asked(&desk), None);
    assert!(desk.screen(120, 40).contains("Roll back"), "{}", desk.screen(120, 40));
}

#[test]
fn what_is_taken_back_is_neither_on_time_nor_unchanged() {
    let third = |desk: &Desk| desk.screen(120, 40).lines().nth(2).unwrap().to_owned();
    let fresh = desk(&[]);
    assert!(third(&fresh).contains("nothing changed yet") && fresh.screen(120, 40).contains(" ON TIME "));
    let back = desk(&[("place-00", Some(2))]);
    assert!(third(&back).contains("nothing left: all that changed is taken back"), "{}", third(&back));
    assert!(back.screen(120, 40).contains(" TAKEN BACK "), "{}", back.screen(120, 40));
    let partly = desk(&[("place-00", Some(2)), ("place-01", None)]);
    assert!(third(&partly).contains(" for all"), "{}", third(&partly));
    assert!(partly.screen(120, 40).contains(" PARTLY BACK "), "{}", partly.screen(120, 40));
}

fn hold(id: u32, lock: bool) -> Hold {
    let reason = "is being rolled back".to_owned();
    let since = ground::start();
    Hold { id, scope: Scope::Run(RunId(1)), by: "ana".into(), since, reason, until: None, lock }
}

#[test]
fn holds_are_lifted_by_letters_because_they_have_numbers_of_their_own() {
    let (workspace, mut lines) = changed(&[]);
    lines.write("hold", vec![Fact::HoldPlaced(hold(1, true)), Fact::HoldPlaced(hold(2, false))]);
    let mut desk = Desk::within(workspace, lines);
    desk.act(Action::LiftHold);
    assert_eq!(offered(&desk), ["a hold 2 on run 1", "b lock 1 on run 1"]);
    desk.press(&["2"]);
    assert!(desk.ui.asked.is_none(), "the number of a hold chooses nothing");
}

#[test]
fn the_footer_names_the_hold_that_alone_keeps_a_run_from_going_on() {
    let (workspace, mut lines) = changed(&[]);
    for n in 1..=3 {
        let (run, step) = (RunId(1), n.to_string().as_str().into());
        lines.write("done", vec![Fact::StepDone { run, step, note: String::new(), evidence: vec![] }]);
    }
    lines.write("hold", vec![Fact::HoldPlaced(hold(1, false))]);
    let mut desk = Desk::within(workspace, lines);
    let screen = desk.screen(120, 40);
    assert!(screen.contains("next 5, then i lift hold 1"), "{screen}");
    desk.press(&["5"]);
    assert!(desk.screen(120, 40).contains("next i lift hold 1"), "{}", desk.screen(120, 40));
}

#[test]
fn nobody_is_led_to_lift_what_a_colleague_holds() {
    let (workspace, mut lines) = changed(&[]);
    for n in 1..=3 {
        let (run, step) = (RunId(1), n.to_string().as_str().into());
        lines.write("done", vec![Fact::StepDone { run, step, note: String::new(), evidence: vec![] }]);
    }
    lines.write("hold", vec![Fact::HoldPlaced(Hold { by: "bo".into(), ..hold(1, false) })]);
    let screen = Desk::within(workspace, lines).screen(120, 40);
    assert!(screen.contains("held by bo: hold 1") && !screen.contains("lift hold"), "{screen}");
}

#[test]
fn left_puts_no_message_away() {
    let mut desk = desk(&[]);
    desk.ui.say(Role::Fail, "the disk is gone");
    desk.press(&["left", "h"]);
    assert!(desk.screen(120, 40).contains("the disk is gone"), "{}", desk.screen(120, 40));
    desk.press(&["esc"]);
    assert!(!desk.screen(120, 40).contains("the disk is gone"), "{}", desk.screen(120, 40));
}

#[test]
fn a_place_that_is_declared_no_more_is_offered_and_counted_all_the_same() {
    let mut gone = desk(&[("place-00", None), ("place-09", None)]);
    gone.press(&["B"]);
    assert_eq!(offered(&gone), ["a all 2 places", "b svc-000 place-09 unknown", "c svc-000 place-00 ok"]);
}

#[test]
fn the_row_that_keys_act_on_is_marked_without_colours_too() {
    let mut desk = desk(&[("place-00", None)]);
    for (keys, row) in [(["3", "down"], "svc-000"), (["7", "up"], "run"), (["6", "down"], "")] {
        desk.press(&keys);
        let screen = desk.screen(120, 40);
        let marked: Vec<_> = screen.lines().filter(|line| line.starts_with('▸')).collect();
        assert!(marked.len() == 1 && marked[0].contains(row) || row.is_empty(), "{keys:?}: {marked:?}\n{screen}");
    }
}

#[test]
fn what_still_stands_is_told_where_a_run_has_ended() {
    let (workspace, mut lines) = changed(&[]);
    let everywhere = |id| Fact::HoldPlaced(Hold { scope: Scope::All, ..hold(id, true) });
    lines.write("hold", vec![everywhere(1), everywhere(2)]);
    lines.write("abort", vec![Fact::RunAborted { run: RunId(1), reason: "enough".to_owned() }]);
    let screen = Desk::within(workspace, lines).screen(120, 40);
    assert!(screen.contains("no run is live; run 1 aborted") && screen.contains("2 locks stand: 5"), "{screen}");
}

/// svc-000 of place-00, which a release holds that is svc-001 here.
fn held(places: &[(&str, Option<u32>)], reverts: bool, can_stop: bool) -> Desk {
    let (mut workspace, lines) = changed(places);
    let all = "helm-release/shop/all";
    workspace.services.get_mut("svc-001").unwrap().scopes.insert("place-00".into(), all.to_owned());
    let BackendKind::Command(scripts) = &mut workspace.backends.get_mut("sh").unwrap().kind else { panic!() };
    scripts.verbs.extend(can_stop.then(|| (Verb::Pause, scripts.verbs[&Verb::RollBack].clone())));
    let mut desk = Desk::within(workspace, lines);
    let row = |service: &str, row: Deployment| {
        let place = (service.into(), "place-00".into());
        ground::stamped(desk.model.derived.at, Observation::Deployment(place, row.into()))
    };
    let history = vec!["4.1.9".to_owned()];
    let seen = [
        row("svc-000", Deployment { owners: vec![Owner::read(all).unwrap()], ..ground::deployment("4.2.0") }),
        row("svc-001", Deployment { reverts, history, ..ground::deployment("7") }),
    ];
    desk.model.take(Update::Seen(Arc::new(seen.into())));
    let at = desk.model.derived.at;
    desk.model.refresh(at);
    desk
}

#[test]
fn what_holds_a_place_is_offered_first_and_its_dialog_is_one_key_away() {
    let mut desk = held(&[("place-00", None)], true, true);
    desk.press(&["B"]);
    let whole = "a svc-001 place-00, Helm release shop/all: as a whole, there";
    let alone = "b svc-000 place-00 alone, once that is stopped from undoing it";
    assert_eq!(offered(&desk), [whole, alone]);
    assert_eq!(asked(&desk), None, "nothing is asked before it is chosen");
    desk.press(&["a"]);
    assert_eq!(asked(&desk), Some(RollsBack::One("svc-001".into(), "place-00".into())));

    let mut desk = held(&[("place-00", None)], true, false);
    desk.press(&["B"]);
    assert_eq!(offered(&desk)[1], "b svc-000 place-00 alone, which that undoes by itself");

    let mut desk = held(&[("place-00", None)], false, true);
    desk.press(&["B"]);
    assert_eq!(offered(&desk)[1], "b svc-000 place-00 alone, behind its back");
    desk.press(&["b"]);
    assert_eq!(asked(&desk), Some(RollsBack::Set), "all that the run has changed");
    let rows = &desk.ui.asked.as_ref().unwrap().dialog.card().rows;
    let heed =
        "Helm release shop/all holds svc-000 place-00: go back there with `holdpoint rollback svc-001 --env place-00`";
    assert!(rows.iter().any(|(label, text)| label == "heed" && text == heed), "{rows:?}");
}

#[test]
fn of_several_places_the_one_that_is_held_asks_once_more() {
    let mut desk = held(&[("place-00", None), ("place-01", None)], true, true);
    desk.press(&["B"]);
    let items = offered(&desk);
    let key = |place: &str| items.iter().find(|item| item.contains(place)).unwrap()[..1].to_owned();
    assert_eq!(items.len(), 3, "{items:?}");
    desk.press(&[&key("place-00")]);
    assert_eq!((offered(&desk).len(), asked(&desk)), (2, None));
    desk.press(&["b"]);
    assert_eq!(asked(&desk), Some(RollsBack::One("svc-000".into(), "place-00".into())));
    // Nobody holds the other one.
    let mut desk = held(&[("place-00", None), ("place-01", None)], true, true);
    desk.press(&["B", &key("place-01")]);
    assert_eq!(asked(&desk), Some(RollsBack::One("svc-000".into(), "place-01".into())));
}

#[test]
fn what_bounds_the_way_back_is_named_beside_its_time() {
    let third = |desk: &Desk| desk.screen(160, 40).lines().nth(2).unwrap().to_owned();
    let promised = |rto: Option<Span>, within: Option<Span>| {
        let (mut workspace, mut lines) = changed(&[("place-00", None)]);
        let service = workspace.services.get_mut("svc-000").unwrap();
        (service.rto, service.back_within) = (rto, within);
        let run = lines.ledger.runs.get_mut(&RunId(1)).unwrap();
        run.steps.entry("4".into()).or_default().started = Some(ground::start());
        Desk::within(workspace, lines)
    };
    let free = third(&promised(None, None));
    assert!(!free.contains("svc-000") && free.contains(" for all"), "{free}");
    let mut desk = promised(Some(Span::secs(1)), Some(Span::mins(60)));
    let bound = third(&desk);
    assert!(bound.contains("(back_within of svc-000)"), "{bound}");
    assert!(bound.contains(", longer than the RTO of svc-000, 1s"), "{bound}");
    desk.ui.pane = Pane::Rollback;
    let screen = desk.screen(160, 40);
    let head = screen.lines().find(|line| line.contains(" rollback ")).unwrap();
    assert!(head.contains("start by ") && head.contains("(back_within of svc-000)"), "{screen}");
}
