//! What a key acts on is what was highlighted in the last picture that left, or
//! nothing; and lists keep their order under a hand that moves.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use holdpoint::domain::command::Command;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::Observation;
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::Pane;
use holdpoint::tui::arming::USUAL;
use holdpoint::tui::hand::{Id, STILL, Shown, shown};
use holdpoint::tui::request::Request;
use holdpoint::tui::terminal::{FrameId, What};
use holdpoint::tui::theme::Role;
use holdpoint::tui::ui::Intent;
use std::sync::Arc;
use std::time::Duration;

/// The next of a row of numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

const KEYS: [&str; 26] = [
    "j", "k", "j", "down", "up", "g", "G", "pagedown", "1", "2", "3", "4", "6", "tab", "s", "d", "d", "x", "p", "a",
    "a", "r", "n", "f", "esc", "z",
];

/// The run with its first steps done: what is known changes from one to another.
fn stages() -> Vec<Desk> {
    let stage = |done: usize| {
        let workspace = ground::workspace(6, 2);
        let mut lines = Lines::opened();
        lines.run(&workspace, ground::plan(8));
        for n in 1..=done {
            let (run, step) = (RunId(1), n.to_string().as_str().into());
            lines.write("done", vec![Fact::StepDone { run, step, note: String::new(), evidence: vec![] }]);
        }
        Desk::within(workspace, lines)
    };
    (0..4).map(stage).collect()
}

/// What a key acted on: what was asked about, or sent.
fn acted(desk: &Desk, request: Option<&Request>) -> Option<Id> {
    let of = |command: &Command| match command {
        Command::Step(run, step, _) => Some(Id::Step(*run, step.clone())),
        Command::Decide { run, step, .. } => Some(Id::Ask(*run, step.clone())),
        _ => None,
    };
    match (request, desk.ui.asked.as_ref().and_then(|asked| asked.intent.as_ref())) {
        (Some(Request::Command(command) | Request::Tried(command)), _) => of(command),
        (_, Some(Intent::Reason(command))) => of(command),
        (_, Some(Intent::Start(run, step) | Intent::Retry(run, step) | Intent::Done(run, step))) => {
            Some(Id::Step(*run, step.clone()))
        }
        (_, Some(Intent::Note(run, Some(step)))) => Some(Id::Step(*run, step.clone())),
        _ => None,
    }
}

/// Changes what is known without any key.
fn change(desk: &mut Desk, stages: &mut [Desk], dice: &mut Dice) {
    match dice.roll(4) {
        0 => {
            let other = dice.roll(stages.len());
            std::mem::swap(&mut desk.model, &mut stages[other].model);
        }
        1 => {
            let queue = &mut desk.model.derived.queue;
            let step = (RunId(1), (1 + dice.roll(8)).to_string().as_str().into());
            match queue.iter().position(|ask| *ask == step) {
                Some(at) => drop(queue.remove(at)),
                None => queue.insert(dice.roll(queue.len() + 1), step),
            }
        }
        2 => {
            let place = (format!("svc-{:03}", dice.roll(6)).as_str().into(), "place-01".into());
            let mut deployed = ground::deployment("4.2.0");
            deployed.trouble = (0..dice.roll(2)).map(|_| "crashes".to_owned()).collect();
            let seen = ground::stamped(desk.model.derived.at, Observation::Deployment(place, deployed.into()));
            desk.model.take(Update::Seen(Arc::new(vec![seen])));
        }
        _ => drop(desk.model.derived.queue.pop()),
    }
}

#[test]
fn a_key_acts_on_what_was_highlighted_last_or_on_nothing() {
    let rounds = if std::env::var_os("HOLDPOINT_FULL").is_some() { 100_000 } else { 20_000 };
    let (mut stages, mut dice) = (stages(), Dice(0x5eed));
    let mut desk = stages.pop().unwrap();
    let (mut acts, mut refused, mut frame) = (0, 0, 1_u64);
    for round in 0..rounds {
        desk.ui = Default::default();
        desk.ui.arming.arm(desk.uptime, USUAL, true).unwrap();
        let (mut waiting, mut seen) = (Vec::<(FrameId, Shown)>::new(), Shown::default());
        let mut trace = Vec::new();
        for _ in 0..4 + dice.roll(12) {
            match dice.roll(8) {
                0 => {
                    change(&mut desk, &mut stages, &mut dice);
                    trace.push("change".to_owned());
                }
                1 | 2 => {
                    frame += 1;
                    let shows = shown(&desk.seen().view(&desk.ui));
                    desk.ui.hand.drawn(FrameId(frame), shows.clone());
                    waiting.push((FrameId(frame), shows));
                    trace.push("drawn".to_owned());
                }
                // A picture may be late, and those before it may never leave.
                3 | 4 if !waiting.is_empty() => {
                    let left = dice.roll(waiting.len());
                    desk.ui.hand.painted(waiting[left].0);
                    seen = waiting.drain(..=left).next_back().unwrap().1;
                    trace.push("left".to_owned());
                }
                5 => desk.uptime += Duration::from_millis(dice.roll(2500) as u64),
                _ => {
                    let key = KEYS[dice.roll(KEYS.len())];
                    trace.push(key.to_owned());
                    let was = desk.ui.asked.is_some() || desk.ui.menu.is_some();
                    let (said, unselected) = (desk.ui.messages.len(), desk.ui.step.is_none());
                    let (_, request) = desk.event(What::Key(key.parse().unwrap()), 1);
                    if was {
                        (desk.ui.asked, desk.ui.menu) = (None, None);
                        continue;
                    }
                    let Some(id) = acted(&desk, request.as_ref()) else {
                        let news = desk.ui.messages.iter().skip(said.saturating_sub(1));
                        refused += usize::from(news.last().is_some_and(|m| m.text.contains("not highlighted")));
                        continue;
                    };
                    acts += 1;
                    // An approval may be given at its card, or at the step that waits for it.
                    let same = |other: &Id| match (&id, other) {
                        (Id::Ask(r, s), Id::Step(run, step)) => (r, s) == (run, step),
                        (one, other) => one == other,
                    };
                    let highlighted = [&seen.step, &seen.row].into_iter().flatten().any(same);
                    // Without a selection a dialog may propose a step: it takes keys only once that was seen.
                    let proposed = unselected && desk.ui.asked.is_some() && matches!(id, Id::Step(..));
                    assert!(
                        highlighted || proposed,
                        "round {round}: {trace:?} acted on {id:?}, and what was seen is {seen:?}"
                    );
                    (desk.ui.asked, desk.ui.menu) = (None, None);
                }
            }
        }
    }
    // Neither is rare, or nothing would have been proved.
    assert!(acts > rounds / 20 && refused > rounds / 20, "{acts} acted, {refused} refused");
}

#[test]
fn what_the_hand_is_on_is_what_the_picture_highlights() {
    let (mut stages, mut dice) = (stages(), Dice(7));
    let mut desk = stages.pop().unwrap();
    let mut found = 0;
    for _ in 0..300 {
        change(&mut desk, &mut stages, &mut dice);
        desk.press(&[["j", "k", "G", "2", "3", "4", "1"][dice.roll(7)], "esc"]);
        desk.press(&[["1", "2", "3", "4"][dice.roll(4)]]);
        let picture = desk.picture(100, 40);
        let style = desk.seen().theme.style(Role::Selected);
        let row = |y: u16| -> Option<String> {
            let cells = (0..100).map(|x| &picture[(x, y)]);
            let on = cells.clone().filter(|c| Some(c.bg) == style.bg).count();
            (on > 5 && style.bg.is_some()).then(|| cells.map(|c| c.symbol()).collect())
        };
        let rows: Vec<String> = (4..38).filter_map(row).collect();
        let shows = shown(&desk.seen().view(&desk.ui));
        let text = match &shows.row {
            Some(Id::Step(_, step)) => format!("the traffic of part {step} "),
            Some(Id::Ask(run, step)) => format!("{run}/{step} "),
            Some(Id::Place(service, environment)) => format!("{service}   {environment}"),
            _ => {
                assert!(rows.is_empty() || desk.ui.pane == Pane::Bridge, "{shows:?}\n{rows:#?}");
                continue;
            }
        };
        if desk.ui.pane == Pane::Bridge && desk.ui.step.is_none() {
            // Without a selection the bridge shows the first open step in full and marks no row.
            continue;
        }
        found += 1;
        if let (Some(Id::Step(_, step)), Pane::Runbook) = (&shows.row, desk.ui.pane) {
            // The chart marks its row in a way of its own; below stands what has the hand.
            assert!(desk.screen(100, 40).contains(&format!("── step {step} ·")), "{}", desk.screen(100, 40));
            continue;
        }
        assert!(
            rows.iter().any(|row| row.contains(text.trim_end())),
            "{text:?} in {:?}: {rows:#?}\n{}",
            desk.ui.pane,
            desk.screen(100, 40)
        );
    }
    assert!(found > 100, "{found}");
}

#[test]
fn a_list_keeps_its_order_for_two_seconds_after_a_moving_key() {
    let mut desk = Desk::running();
    desk.press(&["3", "j", "j"]);
    let second = desk.ui.target.clone();
    let before = desk.screen(100, 30);
    let place = ("svc-019".into(), "place-02".into());
    let ill =
        holdpoint::domain::observed::Deployment { trouble: vec!["crashes".into()], ..ground::deployment("4.2.0") };
    let seen = ground::stamped(desk.model.derived.at, Observation::Deployment(place, ill.into()));
    desk.model.take(Update::Seen(Arc::new(vec![seen])));
    assert_eq!(desk.screen(100, 30), before, "trouble elsewhere does not move the rows");
    desk.press(&["k", "j"]);
    assert_eq!(desk.ui.target, second);
    desk.uptime += STILL;
    let after = desk.screen(100, 30);
    assert!(after.contains("svc-019") && !before.contains("svc-019"), "{after}");
    assert_eq!(desk.ui.target, second, "and the hand stays on what it was on");
}

#[test]
fn what_comes_while_the_hand_moves_is_counted_below() {
    let mut desk = Desk::running();
    let asks = |n: &str| (RunId(1), n.into());
    desk.model.derived.queue = vec![asks("2"), asks("5")];
    desk.press(&["4", "j"]);
    assert_eq!(desk.ui.ask, Some(asks("5")));
    desk.model.derived.queue = vec![asks("1"), asks("2"), asks("5")];
    assert!(desk.screen(100, 30).contains("2 · 1 new below"), "{}", desk.screen(100, 30));
    desk.press(&["k"]);
    assert_eq!(desk.ui.ask, Some(asks("2")));
    desk.uptime += STILL;
    desk.press(&["k"]);
    assert_eq!(desk.ui.ask, Some(asks("1")));
    // What was selected and is gone leaves nothing selected.
    desk.model.derived.queue = vec![asks("2")];
    desk.press(&["a"]);
    assert!(desk.ui.asked.is_none() && desk.ui.messages.back().unwrap().text.contains("no approval is selected"));
    desk.uptime += STILL;
    desk.press(&["j", "a"]);
    assert!(desk.ui.asked.is_some());
}

#[test]
fn what_was_not_seen_highlighted_is_highlighted_first() {
    let mut desk = Desk::running();
    desk.press(&["2"]);
    desk.paint();
    // Typed ahead: the picture of the move has not left.
    desk.event(What::Key("j".parse().unwrap()), 2);
    desk.event(What::Key("j".parse().unwrap()), 2);
    desk.event(What::Key("d".parse().unwrap()), 2);
    assert!(desk.ui.asked.is_none() && desk.ui.messages.back().unwrap().text.contains("once more"));
    desk.paint();
    desk.event(What::Key("d".parse().unwrap()), 1);
    assert!(desk.ui.asked.is_some());
}
