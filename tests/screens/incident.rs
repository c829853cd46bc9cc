//! The incident screen: what it says at every size, what its key asks for, and
//! that an update which went out starts the clock again.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use chrono::TimeDelta;
use holdpoint::domain::command::Command;
use holdpoint::domain::hold::Scope;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::series::Reading;
use holdpoint::domain::signal::SignalAt;
use holdpoint::domain::way::{Way, WayKind};
use holdpoint::engine::comms;
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::Action;
use holdpoint::tui::request::Request;
use holdpoint::tui::sheet::Subject;
use std::sync::Arc;

/// A run goes on, and svc-000 fails in one place.
fn paged(notes: &[&str]) -> Desk {
    let mut workspace = ground::workspace(20, 3);
    workspace.bridge = vec!["+44 20 5550 0142".to_owned()];
    let way = Way {
        kind: WayKind::KillSwitch,
        title: "currencies off".to_owned(),
        takes: None,
        lacks: String::new(),
        loses: "SEK".to_owned(),
        how: String::new(),
    };
    workspace.ways = [("svc-000".into(), vec![way])].into();
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(30));
    for text in notes {
        lines.write("note", vec![ground::note(text)]);
    }
    let mut desk = Desk::within(workspace, lines);
    let (last, at) =
        (desk.model.ledger.at, SignalAt { signal: "errors-svc-000".into(), environment: "place-01".into() });
    let bad = |seconds| {
        let reading = Reading { at: last + TimeDelta::seconds(seconds), value: 0.068, events: 3120 };
        ground::stamped(reading.at, Observation::Reading(at.clone(), reading))
    };
    desk.model.take(Update::Seen(Arc::new(vec![bad(0), bad(1)])));
    desk
}

/// Everything in one row, somewhere on the screen.
#[track_caller]
fn row(screen: &str, parts: &[&str]) {
    let found = screen.lines().any(|line| parts.iter().all(|part| line.contains(part)));
    assert!(found, "no row with {parts:?} in\n{screen}");
}

#[test]
fn it_says_what_is_wrong_and_what_leads_out_at_every_size() {
    let mut desk = paged(&["incident SEV2: sales down"]);
    desk.act(Action::Incident);
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let screen = desk.screen(width, height);
        row(&screen, &["INCIDENT", "SEV2", "sales down", "lead NOBODY"]);
        row(&screen, &["svc-000", "place-01", "failed requests", "6.80 %"]);
        for part in ["what changed here", "in flight: run 1", "ways out", "people", "+44 20 5550 0142"] {
            row(&screen, &[part]);
        }
        row(&screen, &["kill switch currencies off", "yes", "SEK", "any time"]);
        row(&screen, &["may decide: ops ana, deputy bo"]);
        let last = screen.trim_end().lines().last().unwrap();
        assert!(
            last.starts_with(" I lead  T conn  H hold all  B roll back") && last.contains("X evidence"),
            "{screen}"
        );
    }
    // Where there is no room for the screen, its words are still there to scroll.
    assert!(desk.screen(60, 20).contains("what is wrong"));
}

#[test]
fn nothing_wrong_is_said_plainly() {
    let mut desk = Desk::running();
    desk.act(Action::Incident);
    let screen = desk.screen(80, 24);
    row(&screen, &["nothing is bad that is measured"]);
    row(&screen, &["no signal is bad now"]);
    row(&screen, &["I open  T conn"]);
}

#[test]
fn its_key_opens_the_screen_and_there_asks_to_open_the_incident() {
    let mut desk = paged(&[]);
    desk.press(&["I"]);
    assert!(desk.ui.asked.is_none() && desk.ui.sheet.as_ref().unwrap().subject == Subject::Incident);
    desk.press(&["I"]);
    let screen = desk.screen(100, 30);
    row(&screen, &["will", "hold all"]);
    row(&screen, &["note in run 1"]);
    row(&screen, &["sends", "nothing to any system"]);
    row(&screen, &["reason [SEV3: svc-000 place-01: failed requests 6.80 %"]);
    let (_, requests) = desk.press(&["enter"]);
    let [Request::Commands(commands)] = requests.as_slice() else { panic!("{requests:?}") };
    let [Command::Hold(Scope::All, reason, None), Command::Note(RunId(1), note)] = commands.as_slice() else {
        panic!("{commands:?}")
    };
    assert!(note.starts_with("incident SEV3: svc-000 place-01") && reason == note, "{note}");
}

#[test]
fn then_it_asks_for_the_lead_and_whoever_leads_closes_it() {
    let mut desk = paged(&["incident SEV2: sales down"]);
    desk.press(&["I", "I"]);
    row(&desk.screen(100, 30), &["will", "note in run 1: incident lead, by ana"]);
    let (_, requests) = desk.press(&["enter"]);
    let [Request::Command(command)] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(**command, Command::Note(RunId(1), "incident lead".to_owned()));

    let mut desk = paged(&["incident SEV2: sales down", "incident lead"]);
    desk.press(&["I", "I"]);
    row(&desk.screen(100, 30), &["stays", "holds and locks"]);
    let (_, requests) = desk.press(&["b", "a", "c", "k", "enter"]);
    let Some(Request::Command(command)) = requests.last() else { panic!("{requests:?}") };
    assert_eq!(**command, Command::Note(RunId(1), "incident closed: back".to_owned()));
}

#[test]
fn the_bridge_says_when_an_update_is_due_and_a_note_starts_the_clock_again() {
    let mut desk = paged(&[]);
    row(&desk.screen(120, 40), &["comms", "stakeholders update is due", "in 29m"]);
    desk.press(&["U"]);
    row(&desk.screen(120, 40), &["stakeholders are due one by"]);
    desk.press(&["y", "S"]);
    let screen = desk.screen(120, 40);
    row(&screen, &["The short update has gone out: to whom"]);
    row(&screen, &["reason [stakeholders"]);
    let (_, requests) = desk.press(&["enter"]);
    let Some(Request::Command(command)) = requests.last() else { panic!("{requests:?}") };
    let Command::Note(RunId(1), text) = &**command else { panic!("{command:?}") };
    assert_eq!(comms::sent_to(text), Some("stakeholders"));
    assert!(text.contains("short, digest "), "{text}");
}

#[test]
fn an_update_is_edited_before_it_is_copied_and_what_is_noted_as_sent_is_the_edited_text() {
    let mut desk = paged(&[]);
    desk.press(&["U", "y", "s"]);
    let screen = desk.screen(100, 40);
    row(&screen, &["The short update, to edit and copy"]);
    row(&screen, &["text", "["]);
    desk.press(&["alt-enter"]);
    desk.press(&["N", "e", "x", "t", "space", "a", "t", "space", "3"]);
    let (_, requests) = desk.press(&["enter"]);
    let Some(Request::Copy(what, copied)) = requests.last() else { panic!("{requests:?}") };
    assert!(what == "the short update" && copied.contains("train") && copied.ends_with("\nNext at 3"), "{copied:?}");
    // The sheet shows it as it was copied, and so it is noted.
    row(&desk.screen(120, 40), &["Next at 3"]);
    desk.press(&["y", "S"]);
    row(&desk.screen(120, 40), &["digest", &comms::digest(copied).short()]);
    let (_, requests) = desk.press(&["enter"]);
    let Some(Request::Command(command)) = requests.last() else { panic!("{requests:?}") };
    let Command::Note(RunId(1), text) = &**command else { panic!("{command:?}") };
    assert_eq!(*text, comms::note("stakeholders", "short", copied));
    assert_eq!(desk.ui.copied, None, "it has gone out");
}

#[test]
fn what_was_copied_stays_at_hand_when_the_drafts_are_made_anew() {
    let mut desk = paged(&[]);
    desk.press(&["U", "y", "m", "x", "enter", "esc", "U"]);
    row(&desk.screen(100, 40), &["copied middle"]);
    desk.press(&["y", "C"]);
    row(&desk.screen(100, 40), &["The middle update has gone out: to whom"]);
    let (_, requests) = desk.press(&["enter"]);
    let Some(Request::Command(command)) = requests.last() else { panic!("{requests:?}") };
    let Command::Note(RunId(1), text) = &**command else { panic!("{command:?}") };
    assert!(text.starts_with("update sent to stakeholders: middle, digest ") && text.ends_with('x'), "{text}");
}

#[test]
fn the_editor_may_write_an_update_that_no_reason_could_hold() {
    let mut desk = paged(&[]);
    desk.press(&["U", "y", "l"]);
    let (_, requests) = desk.press(&["ctrl-o"]);
    let Some(Request::Edit(text)) = requests.last() else { panic!("{requests:?}") };
    assert!(text.contains("train"), "{text}");
    let long = "word ".repeat(300);
    assert!(desk.ui.asked.as_mut().unwrap().dialog.rewritten(&long));
    // A long line goes on in the next row, and none of it is lost.
    let screen = desk.screen(80, 30);
    assert!(screen.matches("word word word").count() >= 8, "{screen}");
    let (_, requests) = desk.press(&["enter"]);
    let Some(Request::Copy(_, copied)) = requests.last() else { panic!("{requests:?}") };
    assert_eq!(copied, long.trim());
    assert!(desk.ui.asked.is_none());
    desk.press(&["y", "l"]);
    assert!(!desk.ui.asked.as_mut().unwrap().dialog.rewritten(&"x".repeat(4_001)), "4,000 characters at most");
}
