//! What a key acts on is what was highlighted in the last picture that left, or
//! nothing; and lists keep their order under a hand that moves.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use holdpoint::domain::command::Command;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::hold::{Hold, Scope};
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::plan::{Plan, Question, Work};
use holdpoint::domain::span::Span;
use holdpoint::domain::trigger::{RollsBack, Trigger};
use holdpoint::engine::run::{Changed, TriggerState};
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::Pane;
use holdpoint::tui::arming::USUAL;
use holdpoint::tui::hand::{Hand, Id, STILL, Shown};
use holdpoint::tui::menu::Choice;
use holdpoint::tui::request::Request;
use holdpoint::tui::terminal::{FrameId, What};
use holdpoint::tui::theme::Role;
use holdpoint::tui::ui::{Intent, Ui};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn rows_under_something_that_lies_over_them_stay_as_they_were_seen() {
    let step = |name: &str| Id::Step(RunId(1), name.into());
    let mut hand = Hand::default();
    hand.drawn(FrameId(1), [step("1"), Id::Run(RunId(1))].into_iter().collect());
    hand.drawn(FrameId(2), Shown { over: true, ..[step("2"), Id::Entry("vote".to_owned())].into_iter().collect() });
    hand.painted(FrameId(2));
    // Whoever looked at the list sees what lies over it now; the row is the one from before.
    assert!(hand.is_on(&step("1")) && !hand.is_on(&step("2")));
    assert!(hand.is_on(&Id::Entry("vote".to_owned())) && !hand.is_on(&Id::Run(RunId(1))));
    hand.drawn(FrameId(3), std::iter::once(step("2")).collect());
    hand.painted(FrameId(3));
    assert!(hand.is_on(&step("2")) && !hand.is_on(&step("1")), "with nothing over it, it is what is shown");
}

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

const KEYS: [&str; 47] = [
    "i", "i", "i", "j", "k", "j", "down", "up", "g", "G", "pagedown", "1", "2", "3", "4", "5", "6", "7", "tab", "tab",
    "s", "d", "d", "x", "p", "a", "a", "r", "n", "f", "esc", "esc", "z", "v", "v", "V", "B", "B", "y", "y", "enter",
    "enter", "S", "D", "i", "P", "L",
];

/// A poll among the steps, so that there is something to vote on.
fn polls(mut plan: Plan) -> Plan {
    for name in ["3", "6"] {
        let Some(step) = plan.steps.iter_mut().find(|s| s.name.as_str() == name) else { continue };
        let (roles, evidence) = (vec!["ops".into()], vec![]);
        step.work = Work::Ask(Question::Poll { roles, evidence, closes: Span::mins(30) });
        step.needs.clear();
    }
    let back = RollsBack::One("svc-000".into(), "place-00".into());
    for (name, rolls_back) in [("T1", RollsBack::Set), ("T2", back)] {
        let (from, postpone) = ("1".into(), Span::mins(2));
        let name = name.into();
        plan.triggers.push(Trigger {
            name,
            signals: vec![],
            from,
            until: None,
            rolls_back,
            countdown: None,
            postpone,
            agreed_at: None,
        });
    }
    plan
}

/// Run 1 with its first steps done, and run 2 after it: what is known changes from one to another.
pub fn stages() -> Vec<Desk> {
    let stage = |done: usize| {
        let mut workspace = ground::workspace(6, 2);
        workspace.backends.insert("sh".into(), ground::scripts());
        let mut lines = Lines::opened();
        lines.run(&workspace, polls(ground::plan(8)));
        for n in 1..=done.min(2) {
            let (run, step) = (RunId(1), n.to_string().as_str().into());
            lines.write("done", vec![Fact::StepDone { run, step, note: String::new(), evidence: vec![] }]);
        }
        if done == 3 {
            let plan = Arc::new(polls(ground::plan(5)));
            let (digest, t0) = (plan.digest(), ground::start());
            let started = Fact::RunStarted { run: RunId(2), plan, digest, t0 };
            let conn = Fact::ConnTaken { run: RunId(2), session: ground::ME, epoch: 1, reason: String::new() };
            lines.write("run start", vec![started, conn]);
        }
        for run in lines.ledger.runs.values_mut() {
            for (step, place) in [("1", "place-00"), ("4", "place-01")] {
                let (from, to) = (Some("4.1.9".to_owned()), Some("4.2.0".to_owned()));
                let (service, environment) = ("svc-000".into(), place.into());
                run.changed.push(Changed {
                    step: step.into(),
                    service,
                    environment,
                    from,
                    to,
                    weights: None,
                    taken_back: None,
                });
            }
        }
        Desk::within(workspace, lines)
    };
    (0..4).map(stage).collect()
}

/// What a key acted on: what was asked about, offered, opened, copied or sent.
fn acted(desk: &Desk, request: Option<&Request>, sheet: bool) -> Option<Id> {
    let of = |command: &Command| match command {
        Command::Step(run, step, _) => Some(Id::Step(*run, step.clone())),
        Command::Decide { run, step, .. } | Command::Vote { run, step, .. } => Some(Id::Ask(*run, step.clone())),
        Command::RollBack { run, what, .. } => Some(Id::Back(*run, what.clone())),
        Command::Postpone(run, name, _) | Command::Disarm(run, name, _) => Some(Id::Trigger(*run, name.clone())),
        Command::Lift(hold, _) => Some(Id::Hold(*hold)),
        Command::Park(run, _) | Command::Note(run, _) => Some(Id::Run(*run)),
        _ => None,
    };
    let asked = desk.ui.asked.as_ref().and_then(|asked| asked.intent.as_ref());
    let offered = desk.ui.menu.as_ref().and_then(|menu| menu.items.first()).map(|(.., choice)| choice);
    match (request, asked, offered) {
        (Some(Request::Command(command) | Request::Tried(command)), ..) => of(command),
        (Some(Request::Copy(what, _)), ..) => Some(Id::Text(what.clone())),
        (_, Some(Intent::Reason(command)), _) => of(command),
        (_, Some(Intent::Start(run, step) | Intent::Retry(run, step) | Intent::Done(run, step)), _) => {
            Some(Id::Step(*run, step.clone()))
        }
        (_, Some(Intent::Note(run, Some(step))), _) => Some(Id::Step(*run, step.clone())),
        (_, Some(Intent::Note(run, None)), _) => Some(Id::Run(*run)),
        (_, Some(Intent::RollBack(run, what)), _) => Some(Id::Back(*run, what.clone())),
        (_, _, Some(Choice::Back(run, what))) => Some(Id::Back(*run, what.clone())),
        (_, _, Some(Choice::Vote(at, ..) | Choice::Spoken(at, ..) | Choice::Sayer(at, ..) | Choice::Role(at))) => {
            Some(Id::Ask(at.run, at.step.clone()))
        }
        _ if sheet => desk.ui.sheet.as_ref()?.about.clone(),
        _ => None,
    }
}

/// Whether what was acted on is what was highlighted or shown.
fn same(acted: &Id, seen: &Id) -> bool {
    match (acted, seen) {
        // A word may be given at a card, or at the step that waits for it.
        (Id::Ask(r, s), Id::Step(run, step)) => (r, s) == (run, step),
        // A sheet is named by its title, which says more than the row.
        (Id::Text(what), row) => what.replace(" in ", " ").ends_with(&row.words()),
        (one, other) => one == other,
    }
}

/// Changes what is known without any key.
fn change(desk: &mut Desk, stages: &mut [Desk], dice: &mut Dice) {
    match dice.roll(6) {
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
        3 => {
            let at = desk.model.derived.at;
            let run = desk.model.ledger.runs.values_mut().next().unwrap();
            let name = ["T1", "T2"][dice.roll(2)].into();
            let tripped = TriggerState::Tripped { at, acts_at: None, evidence: vec![] };
            drop(run.triggers.remove(&name).is_none().then(|| run.triggers.insert(name, tripped)));
        }
        4 => {
            let id = 1 + u32::try_from(dice.roll(2)).unwrap();
            let (scope, by, since) = (Scope::All, "bo".into(), desk.model.derived.at);
            let hold = Hold { id, scope, by, since, reason: "odd".to_owned(), lock: false, until: None };
            let holds = &mut desk.model.ledger.holds;
            drop(holds.remove(&id).is_none().then(|| holds.insert(id, hold)));
        }
        _ => drop(desk.model.derived.queue.pop()),
    }
}

/// A picture now; every row that it marks as highlighted looks so, and no other does.
fn picture(desk: &Desk) -> Shown {
    let (cells, drawn) = desk.drawn(100, 36);
    let style = desk.seen().theme.style(Role::Selected);
    let open = desk.ui.sheet.is_some() || desk.ui.prompt.is_some() || desk.ui.help.is_some();
    for mark in drawn.shown.marks.iter().filter(|mark| mark.id.row() && !open) {
        let line = (mark.area.left()..mark.area.right()).map(|x| &cells[(x, mark.area.y)]);
        let looks = line.clone().filter(|cell| Some(cell.bg) == style.bg).count() > 5;
        // The card of a hold point is about one step alone: its title stands for the row.
        let title = line.map(|cell| cell.symbol()).collect::<String>().starts_with("── ◆");
        assert_eq!(looks || title, mark.on, "{mark:?} in\n{}", desk.screen(100, 36));
    }
    drawn.shown
}

#[test]
fn a_key_acts_on_what_was_highlighted_last_or_on_nothing() {
    let rounds = if std::env::var_os("HOLDPOINT_FULL").is_some() { 100_000 } else { 4_000 };
    let (mut stages, mut dice) = (stages(), Dice(0x5eed));
    let mut desk = stages.pop().unwrap();
    let (mut refused, mut frame) = (0, 1_u64);
    let mut acts = BTreeMap::<String, usize>::new();
    for round in 0..rounds {
        let target = (dice.roll(2) == 0).then(|| ("svc-000".into(), "place-00".into()));
        desk.ui = Ui { pane: Pane::ALL[dice.roll(7)], target, ..Ui::default() };
        desk.ui.arming.arm(desk.uptime, USUAL, true).unwrap();
        let (mut waiting, mut rows, mut others) = (Vec::<(FrameId, Shown)>::new(), Vec::new(), Vec::new());
        let mut trace = Vec::new();
        for _ in 0..4 + dice.roll(12) {
            match dice.roll(8) {
                0 => {
                    change(&mut desk, &mut stages, &mut dice);
                    trace.push("change".to_owned());
                }
                1 | 2 => {
                    frame += 1;
                    // Drawing is slow: the other rounds take it that there is room for everything.
                    let shows = if round % 20 == 0 { picture(&desk) } else { desk.assumed() };
                    desk.ui.hand.drawn(FrameId(frame), shows.clone());
                    waiting.push((FrameId(frame), shows));
                    trace.push("drawn".to_owned());
                }
                // A picture may be late, and those before it may never leave.
                3 | 4 if !waiting.is_empty() => {
                    let left = dice.roll(waiting.len());
                    desk.ui.hand.painted(waiting[left].0);
                    let seen = waiting.drain(..=left).next_back().unwrap().1;
                    (rows, others) = seen.on().cloned().partition::<Vec<_>, _>(|id| id.row());
                    trace.push("left".to_owned());
                }
                5 => desk.uptime += Duration::from_millis(dice.roll(2500) as u64),
                _ => {
                    let key = KEYS[dice.roll(KEYS.len())];
                    trace.push(key.to_owned());
                    let was = desk.ui.asked.is_some() || desk.ui.menu.is_some();
                    let (said, sheet) = (desk.ui.messages.len(), desk.ui.sheet.clone());
                    let (_, request) = desk.event(What::Key(key.parse().unwrap()), 1);
                    if was {
                        (desk.ui.asked, desk.ui.menu) = (None, None);
                        continue;
                    }
                    let Some(id) = acted(&desk, request.as_ref(), desk.ui.sheet != sheet) else {
                        let news = desk.ui.messages.iter().skip(said.saturating_sub(1));
                        refused += usize::from(news.last().is_some_and(|m| m.text.starts_with("nothing was done")));
                        continue;
                    };
                    *acts.entry(format!("{id:?}").split('(').next().unwrap().to_owned()).or_default() += 1;
                    assert!(
                        rows.iter().chain(&others).any(|seen| same(&id, seen)),
                        "round {round}: {trace:?} acted on {id:?}, and what was seen is {rows:?} {others:?}"
                    );
                    (desk.ui.asked, desk.ui.menu) = (None, None);
                }
            }
        }
    }
    // None is rare, or nothing would have been proved.
    for kind in ["Step", "Ask", "Back", "Trigger", "Hold", "Run", "Text", "Place", "Slot", "Line"] {
        assert!(acts.get(kind).is_some_and(|n| *n > rounds / 1500), "{kind} is rare: {acts:?}");
    }
    assert!(refused > rounds / 20, "{acts:?}, {refused} refused");
}

#[test]
fn why_a_place_is_not_well_is_one_key_away_in_full() {
    let mut desk = Desk::running();
    desk.press(&["3", "j"]);
    let why = "2 pods: still creating after 3m: FailedMount: MountVolume.SetUp failed for volume \"rates\" : configmap \"rates\" \
        not found (10+ times since 10:02Z)";
    let ill = holdpoint::domain::observed::Deployment { trouble: vec![why.to_owned()], ..ground::deployment("4.2.0") };
    let seen = Observation::Deployment(desk.ui.target.clone().unwrap(), ill.into());
    desk.model.take(Update::Seen(Arc::new(vec![ground::stamped(desk.model.derived.at, seen)])));
    desk.uptime += STILL;
    let screen = desk.screen(80, 24);
    assert!(screen.contains("2 pods: still") && !screen.contains("10:02Z"), "{screen}");
    desk.press(&["enter"]);
    let screen = desk.screen(80, 24);
    assert!(screen.contains("trouble  2 pods: still creating after 3m: FailedMount:"), "{screen}");
    assert!(screen.contains("since 10:02Z)"), "{screen}");
    assert!(screen.contains("by       not known to "), "{screen}");
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
fn a_rollout_in_steps_is_shown_in_full() {
    use holdpoint::domain::stages::{Check, Judged, Stages};
    use holdpoint::domain::traffic::{Share, Traffic};
    let mut desk = Desk::running();
    let share = |to: &str, weight| Share { to: to.to_owned(), weight };
    let traffic = Traffic {
        route: "httproute web".to_owned(),
        rule: "rule 2".to_owned(),
        shares: vec![share("web-stable", 9), share("web-canary", 1)],
        live: Some(false),
    };
    let check = |name: &str, judged| Check { name: name.to_owned(), judged, detail: "2 of 3".to_owned() };
    let stages = Stages {
        step: Some((2, 5)),
        doing: "pause".to_owned(),
        wanted: Some(20),
        waits: Some("a person to promote it".to_owned()),
        checks: vec![check("success-rate", Judged::Inconclusive), check("latency", Judged::Passed)],
        traffic: vec![traffic],
    };
    let canary = holdpoint::domain::observed::Deployment {
        candidate: Some("4.3.0".to_owned()),
        weight: Some(18),
        state: "paused".to_owned(),
        stages: Some(stages),
        by: Some("ana".to_owned()),
        ..ground::deployment("4.2.0")
    };
    let place = ("svc-000".into(), "place-00".into());
    let seen = ground::stamped(desk.model.derived.at, Observation::Deployment(place, canary.into()));
    desk.model.take(Update::Seen(Arc::new(vec![seen])));
    desk.press(&["3", "g"]);
    let list = desk.screen(120, 40);
    assert!(list.contains("paused 18 %") && list.contains("success-rate: inconclusive"), "{list}");
    desk.press(&["enter"]);
    let screen = desk.screen(120, 40);
    for words in [
        "rollout  4.3.0 at 18 %",
        "by       ana",
        "stage    step 2 of 5: pause, 20 % wanted",
        "waits    a person to promote it",
        "traffic  httproute web, rule 2 (not live): web-stable 90 % · web-canary 10 %",
        "check    success-rate: inconclusive, 2 of 3",
        "check    latency: pass, 2 of 3",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
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
