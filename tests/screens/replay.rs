//! Replay: standing anywhere in the past is the same fold, and nothing leaves it.

use crate::ground::{self, Lines};
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::fact::Fact;
use holdpoint::domain::hold::{Hold, Scope};
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::Quality;
use holdpoint::domain::sample::{Measured, Sample};
use holdpoint::engine::Ledger;
use holdpoint::engine::timeline::Timeline;
use holdpoint::engine::timeline::jump::Jump;
use holdpoint::engine::timeline::notable::Notable;
use holdpoint::tui::action::{Pane, Place, Reach, TABLE};
use holdpoint::tui::draw;
use holdpoint::tui::glyphs::Glyphs;
use holdpoint::tui::model::Model;
use holdpoint::tui::press;
use holdpoint::tui::replay::{Move, NOTHING, Past, Replay};
use holdpoint::tui::request::Request;
use holdpoint::tui::sheet::{Sheet, Subject};
use holdpoint::tui::terminal::{Event, FrameId, Key, What};
use holdpoint::tui::theme::{Depth, Theme};
use holdpoint::tui::ui::Ui;
use holdpoint::tui::update::{Seen, update};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::Duration;

const UPTIME: Duration = Duration::from_secs(5);

/// A journal of a run with `notes` notes in it: steps done, a hold, a failure, an end.
fn lines(notes: usize) -> Lines {
    let workspace = ground::workspace(20, 3);
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(30));
    let (run, step) = (RunId(1), || "1".into());
    lines.write("done", vec![Fact::StepDone { run, step: step(), note: "as told".to_owned(), evidence: vec![] }]);
    for n in 0..notes {
        lines.write("note", vec![ground::note(&format!("remark {n}"))]);
    }
    let hold = Hold {
        id: 1,
        scope: Scope::Run(run),
        by: "bo".into(),
        since: lines.ledger.at,
        reason: "a look first".to_owned(),
        until: None,
        lock: false,
    };
    lines.write("hold", vec![Fact::HoldPlaced(hold)]);
    lines.write("note", vec![ground::note("held")]);
    lines.write("lift", vec![Fact::HoldLifted { hold: 1, reason: "looked".to_owned() }]);
    let (why, partly) = ("the disk is gone".to_owned(), None);
    lines.write("start", vec![Fact::StepStarted { run, step: "2".into() }]);
    lines.write("fail", vec![Fact::StepFailed { run, step: "2".into(), why, partly, evidence: vec![] }]);
    lines.write("abort", vec![Fact::RunAborted { run, reason: "enough for tonight".to_owned() }]);
    lines
}

fn history(lines: &Lines) -> Timeline {
    let mut history = Timeline::after(Ledger::default());
    lines.entries.iter().for_each(|entry| history.push(entry.clone()).unwrap());
    history
}

fn past(lines: &Lines, samples: Vec<Sample>) -> Past {
    let started = lines.entries.iter().position(|e| e.facts.iter().any(|f| matches!(f, Fact::RunStarted { .. })));
    Past {
        workspace: ground::workspace(20, 3),
        history: history(lines),
        run: RunId(1),
        first: started.unwrap() + 1,
        until: lines.ledger.at,
        samples,
        notes: vec![],
        from: None,
        speed: None,
    }
}

/// Someone who looks at a replay.
struct Watcher {
    replay: Replay,
    model: Model,
    ui: Ui,
    theme: Theme,
}

impl Watcher {
    fn of(past: Past) -> Self {
        let replay = Replay::of(past, UPTIME);
        let model = Model::of(replay.workspace().clone());
        let theme = Theme::built_in("dark", Depth::True, Glyphs::default()).unwrap();
        let mut watcher = Self { replay, model, ui: Ui::default(), theme };
        watcher.show();
        watcher
    }

    fn show(&mut self) {
        self.replay.show(&mut self.model);
        self.model.refresh(self.replay.at());
    }

    fn go(&mut self, asked: Move) {
        let _ = self.replay.go(asked);
        self.show();
    }

    fn line(&self) -> u64 {
        self.model.replay.as_ref().unwrap().line
    }

    fn screen(&self, width: u16, height: u16) -> String {
        let seen = Seen { model: &self.model, theme: &self.theme, now: self.replay.at(), uptime: UPTIME };
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        draw::draw(&seen.view(&self.ui), buffer.area, &mut buffer);
        let rows = buffer.content().chunks(usize::from(width));
        rows.map(|row| row.iter().map(|c| c.symbol()).collect::<String>().trim_end().to_owned() + "\n").collect()
    }

    /// Presses a key; what it asks the loop for.
    fn press(&mut self, key: Key) -> Option<Request> {
        let seen = Seen { model: &self.model, theme: &self.theme, now: self.replay.at(), uptime: UPTIME };
        let event = Event::now(What::Key(key));
        // What is shown and asked was shown long ago.
        let shown = holdpoint::tui::hand::meant(&seen.view(&self.ui)).ids().collect();
        self.ui.hand.drawn(FrameId(1), shown);
        self.ui.drawn(FrameId(1));
        if let Some(before) = event.at.checked_sub(std::time::Duration::from_secs(1)) {
            self.ui.painted(FrameId(1), before);
        }
        press::take(&mut self.ui, &seen, &event).request
    }
}

/// Whether a request stays in the replay.
fn stays(request: &Option<Request>) -> bool {
    matches!(request, None | Some(Request::Replay(_) | Request::Redraw | Request::Copy(..)))
}

#[test]
fn the_ledger_after_any_entry_is_the_fold_of_those_before() {
    let lines = lines(1_100);
    let history = history(&lines);
    let mut fold = Ledger::default();
    for (n, entry) in lines.entries.iter().enumerate() {
        assert_eq!(history.ledger(n), fold, "after {n} entries");
        fold.apply(entry).unwrap();
    }
    assert_eq!(history.ledger(lines.entries.len()), fold);
    assert_eq!(*history.head(), fold);
}

#[test]
fn an_entry_that_cannot_follow_leaves_the_history_as_it_was() {
    let lines = lines(600);
    let mut history = history(&lines);
    let before = history.ledger(usize::MAX);
    let mut wrong = lines.entries.last().unwrap().clone();
    wrong.seq += 1;
    wrong.facts.insert(0, ground::note("before it fails"));
    wrong.facts.push(Fact::HoldLifted { hold: 9, reason: String::new() });
    assert!(history.push(wrong).is_err());
    assert_eq!((*history.head() == before, history.len()), (true, lines.entries.len()));
}

#[test]
fn however_one_comes_there_the_screens_are_the_same() {
    let lines = lines(620);
    let mut walked = Watcher::of(past(&lines, vec![]));
    let mut seed = 7u64;
    for turn in 0..160 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let seq = (seed >> 33) % lines.ledger.seq + 1;
        walked.go(match turn % 6 {
            0 => Move::To(Jump::Line(seq)),
            1 | 2 => Move::On,
            3 => Move::Back,
            4 => Move::Next(None),
            _ => Move::Previous(None),
        });
        let mut fresh = Watcher::of(past(&lines, vec![]));
        fresh.go(Move::To(Jump::Line(walked.line())));
        assert_eq!(walked.model.ledger, fresh.model.ledger, "turn {turn}");
        for pane in [Pane::Bridge, Pane::Journal] {
            (walked.ui.pane, fresh.ui.pane) = (pane, pane);
            assert_eq!(walked.screen(100, 30), fresh.screen(100, 30), "turn {turn}, {pane:?}");
        }
    }
}

#[test]
fn time_goes_by_at_its_speed_and_ends_at_the_end() {
    let lines = lines(100);
    let mut watcher = Watcher::of(Past { speed: Some(10), ..past(&lines, vec![]) });
    let start = watcher.replay.at();
    watcher.replay.tick(UPTIME + Duration::from_secs(2));
    watcher.show();
    assert_eq!(watcher.replay.at(), start + TimeDelta::seconds(20), "two seconds are twenty");
    let until = lines.entries.iter().filter(|e| e.at <= watcher.replay.at()).count();
    assert_eq!(watcher.line(), until as u64, "what was decided until then has happened, and nothing after it");
    watcher.go(Move::Play);
    watcher.replay.tick(UPTIME + Duration::from_secs(60));
    assert_eq!(watcher.replay.at(), start + TimeDelta::seconds(20), "it stands still");
    watcher.go(Move::Play);
    (0..9).for_each(|_| watcher.go(Move::Faster));
    assert!(watcher.screen(100, 30).contains("REPLAY x600"));
    watcher.replay.tick(UPTIME + Duration::from_secs(120));
    watcher.show();
    assert_eq!((watcher.line(), watcher.replay.playing()), (lines.ledger.seq, false));
    assert!(watcher.screen(100, 30).contains("REPLAY ended"));
    watcher.go(Move::Play);
    assert_eq!(watcher.replay.at(), start, "played again it begins anew");
}

#[test]
fn one_jumps_to_decisions_holds_triggers_and_failures() {
    let lines = lines(10);
    let mut watcher = Watcher::of(past(&lines, vec![]));
    let mut seen = Vec::new();
    while watcher.replay.go(Move::Next(None)).is_ok() {
        watcher.show();
        let told = lines.entries.iter().find(|e| e.seq == watcher.line()).unwrap();
        seen.push(Notable::of(told).unwrap().word());
    }
    assert_eq!(seen, ["hold", "hold", "failed", "decision"]);
    watcher.go(Move::Previous(Some(Notable::Hold)));
    assert!(watcher.model.ledger.holds.is_empty(), "lifted");
    watcher.go(Move::Previous(Some(Notable::Hold)));
    assert_eq!(watcher.model.ledger.holds.len(), 1);
    let why = watcher.replay.go(Move::Next(Some(Notable::Trigger))).unwrap_err();
    assert_eq!(why, "there is no later trigger in this run");
}

#[test]
fn times_are_typed_in_any_of_the_forms() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let (first, here, last) = (at("2026-11-20T22:00:00Z"), at("2026-11-20T23:30:00Z"), at("2026-11-21T03:00:00Z"));
    for (typed, meant) in [
        ("23:10", "2026-11-20T23:10:00Z"),
        ("@02:15", "2026-11-21T02:15:00Z"),
        ("02:15:30Z", "2026-11-21T02:15:30Z"),
        ("+5m", "2026-11-20T23:35:00Z"),
        ("-30s", "2026-11-20T23:29:30Z"),
        ("2026-11-21T01:00:00+01:00", "2026-11-21T00:00:00Z"),
        ("12:00", "2026-11-20T12:00:00Z"),
    ] {
        assert_eq!(Jump::parse(typed).unwrap().instant(here, first, last), Some(at(meant)), "{typed}");
    }
    assert_eq!(Jump::parse("#12"), Ok(Jump::Line(12)));
    for wrong in ["", "@", "25:00", "+", "-x", "#", "#x", "tomorrow", "+99999999999999h", "\u{202e}1:00"] {
        let why = Jump::parse(wrong).unwrap_err();
        assert!(why.contains("type 02:15") && !why.contains('\u{202e}'), "{wrong}: {why}");
    }
}

#[test]
fn typed_and_pressed_moves_reach_the_player() {
    let lines = lines(50);
    let mut watcher = Watcher::of(past(&lines, vec![]));
    let typed = |watcher: &mut Watcher, keys: &[&str]| {
        let asked: Vec<_> = keys.iter().filter_map(|key| watcher.press(key.parse().unwrap())).collect();
        match asked.as_slice() {
            [Request::Replay(asked)] => *asked,
            other => panic!("{keys:?}: {other:?}"),
        }
    };
    assert_eq!(typed(&mut watcher, &["space"]), Move::Play);
    assert_eq!(typed(&mut watcher, &["]"]), Move::On);
    assert_eq!(typed(&mut watcher, &["["]), Move::Back);
    assert_eq!(typed(&mut watcher, &[">"]), Move::Faster);
    assert_eq!(typed(&mut watcher, &["-"]), Move::Slower);
    assert_eq!(typed(&mut watcher, &["}"]), Move::Next(None));
    assert_eq!(typed(&mut watcher, &["{"]), Move::Previous(None));
    assert_eq!(typed(&mut watcher, &["J", "f"]), Move::Next(Some(Notable::Failed)));
    let minute = Jump::parse("+1m").unwrap();
    assert_eq!(typed(&mut watcher, &["@", "+", "1", "m", "enter"]), Move::To(minute));
    assert_eq!(typed(&mut watcher, &[":", "+", "1", "m", "enter"]), Move::To(minute));
    // Outside a replay they say how one begins.
    let mut ui = Ui::default();
    let model = Model::of(ground::workspace(2, 2));
    let seen = Seen { model: &model, theme: &watcher.theme, now: ground::start(), uptime: UPTIME };
    for row in TABLE.iter().filter(|row| row.place == Place::Replay) {
        assert!(update(&mut ui, &seen, row.action).is_none());
        assert!(ui.messages.back().unwrap().text.contains("holdpoint replay RUN"), "{}", row.name);
    }
}

#[test]
fn replay_keys_lie_over_no_other_but_the_space_bar() {
    let of =
        |replay: bool| TABLE.iter().filter(move |row| (row.place == Place::Replay) == replay).flat_map(|row| row.keys);
    let over: Vec<_> = of(true).filter(|key| of(false).any(|other| other == *key)).collect();
    assert_eq!(over, [&"space"], "and page-down has a key of its own");
}

#[test]
fn nothing_leaves_a_replay() {
    let lines = lines(20);
    for row in TABLE {
        for pane in Pane::ALL {
            let mut watcher = Watcher::of(past(&lines, vec![]));
            // In the middle of the run, where keys would act.
            watcher.go(Move::To(Jump::Line(12)));
            watcher.ui.pane = pane;
            watcher.ui.step = Some("2".into());
            let seen = Seen { model: &watcher.model, theme: &watcher.theme, now: watcher.replay.at(), uptime: UPTIME };
            let request = update(&mut watcher.ui, &seen, row.action);
            assert!(stays(&request), "{} on {pane:?} asks for {request:?}", row.name);
            assert!(!watcher.ui.arming.is_armed(UPTIME), "{} arms", row.name);
            assert!(watcher.ui.asked.is_none(), "{} asks something", row.name);
            if row.reach != Reach::View {
                let said = watcher.ui.messages.back().map(|m| m.text.as_str());
                assert_eq!(said, Some(NOTHING), "{} on {pane:?}", row.name);
            }
        }
    }
    // The same by keys, two after each other, so that menus and prompts are gone through.
    let keys: Vec<Key> = (' '..='~').map(|c| c.to_string()).filter_map(|c| c.parse().ok()).collect();
    let enter: Key = "enter".parse().unwrap();
    for first in &keys {
        let mut watcher = Watcher::of(past(&lines, vec![]));
        watcher.go(Move::To(Jump::Line(12)));
        for second in &keys {
            for key in [first, second, &enter] {
                let request = watcher.press(*key);
                assert!(stays(&request), "{first} {second} enter asks for {request:?}");
            }
            watcher.ui = Ui::default();
        }
    }
}

#[test]
fn every_screen_says_that_it_is_a_replay_and_of_when() {
    let lines = lines(20);
    let mut watcher = Watcher::of(past(&lines, vec![]));
    watcher.go(Move::To(Jump::Line(12)));
    let date = watcher.replay.at().format("%F %H:%M:%SZ").to_string();
    for pane in Pane::ALL {
        watcher.ui = Ui { pane, ..Ui::default() };
        for (width, height) in [(200, 50), (80, 24), (60, 15), (40, 10), (30, 6)] {
            let screen = watcher.screen(width, height);
            assert!(screen.contains("REPLAY"), "{pane:?} at {width}x{height}\n{screen}");
            assert!(!screen.contains("READ-ONLY") && !screen.contains("ARMED"), "{screen}");
            if height >= 24 {
                let clock = screen.lines().nth(1).unwrap();
                assert!(clock.contains(&date), "the header's clock is not the replayed one with its date: {clock}");
            }
            if height >= 10 {
                assert!(screen.contains(&date), "{pane:?} at {width}x{height}\n{screen}");
            }
        }
    }
    watcher.ui = Ui { sheet: Some(Sheet::of(Subject::Incident)), ..Ui::default() };
    assert!(watcher.screen(80, 24).contains("REPLAY"));
    watcher.ui = Ui { help: Some(Default::default()), ..Ui::default() };
    assert!(watcher.screen(100, 30).contains("replay: play, or stand still"));
}

/// A sample each ten seconds: a value, or a gap.
fn samples(lines: &Lines, values: &[Option<f64>]) -> Vec<Sample> {
    let one = |(n, value): (usize, &Option<f64>)| {
        let at = lines.entries[2].at + TimeDelta::seconds(10 * i64::try_from(n).unwrap());
        let quality = if value.is_some() { Quality::Fresh } else { Quality::Lost };
        let (signal, place, events) = ("errors-svc-010".into(), "place-02".into(), Some(1_000));
        let measured = Measured { signal, place, quality, at: value.map(|_| at), value: *value, events };
        Sample { at, signals: vec![measured], ..Sample::default() }
    };
    values.iter().enumerate().map(one).collect()
}

#[test]
fn samples_are_seen_when_they_were_taken_and_gaps_are_gaps() {
    let lines = lines(200);
    let values: Vec<_> = [vec![Some(0.004); 5], vec![Some(0.2); 3], vec![None; 8]].concat();
    let samples = samples(&lines, &values);
    let health = |watcher: &mut Watcher, second: i64| {
        watcher.go(Move::To(Jump::Instant(lines.entries[2].at + TimeDelta::seconds(second))));
        watcher.ui.pane = Pane::Health;
        let screen = watcher.screen(140, 140);
        screen
            .lines()
            .find(|l| l.contains("svc-010") && l.contains("place-02") && l.contains("failed"))
            .map(str::to_owned)
    };
    let mut with = Watcher::of(past(&lines, samples));
    assert!(health(&mut with, 45).unwrap().contains("0.40 %"));
    assert!(health(&mut with, 75).unwrap().contains("20.00 %"));
    let lost = health(&mut with, 150).unwrap();
    assert!(lost.contains("lost") && lost.contains("unknown"), "{lost}");
    assert!(health(&mut with, 45).unwrap().contains("0.40 %"), "and back");
    let mut without = Watcher::of(past(&lines, vec![]));
    let unknown = health(&mut without, 45).unwrap();
    assert!(unknown.contains("unknown") && !unknown.contains('%'), "{unknown}");
}

#[test]
fn a_jump_in_a_long_journal_is_quick() {
    let lines = lines(100_000);
    let mut watcher = Watcher::of(past(&lines, vec![]));
    let mut slowest = Duration::ZERO;
    for seq in [99_999, 10, 50_250, 99_499, 75_499, 1_499, 60_000, 99_000] {
        let began = std::time::Instant::now();
        watcher.go(Move::To(Jump::Line(seq)));
        let _ = watcher.screen(120, 40);
        slowest = slowest.max(began.elapsed());
    }
    eprintln!("slowest of eight jumps and pictures in {} lines: {slowest:?}", lines.entries.len());
    // A hundredth of what a fold from the beginning takes; the figure is in docs/replay.md.
    let quick = if std::env::var_os("HOLDPOINT_FULL").is_some() { 2 } else { 10 };
    assert!(slowest < Duration::from_secs(quick), "{slowest:?}");
}
