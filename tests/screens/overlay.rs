//! Keymaps of one's own: what they may say, what is said of their mistakes, and
//! sequences at the screens.

use crate::actions::Desk;
use holdpoint::config::Source;
use holdpoint::engine::run::TriggerState;
use holdpoint::tui::action::{Action, Pane, Place, TABLE};
use holdpoint::tui::keymap::Keymap;
use holdpoint::tui::keymap::files::Files;
use holdpoint::tui::keymap::overlay::{self, Overlaid};
use holdpoint::tui::terminal::Key;
use std::time::Duration;

fn key(name: &str) -> Key {
    name.parse().unwrap()
}

fn read(texts: &[&str]) -> Result<Overlaid, Vec<String>> {
    let sources: Vec<_> = texts.iter().map(|text| Source::new("keys.toml", (*text).to_owned())).collect();
    let said = |p: holdpoint::config::Problem| {
        format!("{}:{}:{}: {}; {}", p.file, p.line, p.column, p.what, p.help.unwrap_or_default())
    };
    overlay::overlay(&sources).map_err(|wrong| wrong.into_iter().map(said).collect())
}

pub fn overlaid(text: &str) -> Result<Keymap, Vec<String>> {
    read(&[text]).map(|overlaid| overlaid.keymap)
}

/// The one mistake of a text.
#[track_caller]
fn mistake(text: &str) -> String {
    let wrong = overlaid(text).expect_err(text);
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    wrong.into_iter().next().unwrap()
}

#[test]
fn a_file_adds_replaces_and_unbinds() {
    let keymap = overlaid("[step]\n\"ctrl-x s\" = \"start\"\n\"s\" = \"\"\n\"x\" = \"done\"\n\"d\" = \"\"\n").unwrap();
    assert_eq!(keymap.action(&[Place::Step], [key("ctrl-x"), key("s")]), Some(Action::Start));
    assert_eq!(keymap.action(&[Place::Step], key("s")), None);
    assert_eq!(keymap.action(&[Place::Step], key("x")), Some(Action::Done));
    assert_eq!(keymap.action(&[Place::Step], key("d")), None);
    assert_eq!(keymap.action(&[Place::Step], key("f")), Some(Action::Fail), "all else stays");
    // What acts everywhere may have keys in one place only.
    let keymap = overlaid("[journal]\n\"f2\" = \"last\"").unwrap();
    assert_eq!(keymap.action(&[Place::Journal], key("f2")), Some(Action::Last));
    assert_eq!(keymap.action(&[Place::Step], key("f2")), None);
    assert_eq!(overlaid("").unwrap(), Keymap::shipped());
}

#[test]
fn the_users_file_stands_over_the_workspaces() {
    let both = read(&["[any]\n\"f2\" = \"zoom\"\n\"f3\" = \"zone\"", "[any]\n\"f2\" = \"copy\""]).unwrap().keymap;
    assert_eq!(both.action(&[], key("f2")), Some(Action::Copy));
    assert_eq!(both.action(&[], key("f3")), Some(Action::Zone));
}

#[test]
fn every_mistake_has_its_place_and_what_is_meant() {
    for (text, said) in [
        // Where, what, and what is meant.
        ("[step]\n\"f2\" = \"strat\"", "keys.toml:2:8: there is no action `strat`; did you mean \"start\"?"),
        ("[stp]\n\"f2\" = \"start\"", "keys.toml:1:2: there is no place `stp`; did you mean \"step\"?"),
        ("[step]\n\"pagedwn\" = \"start\"", "keys.toml:2:1: `pagedwn` is no key"),
        ("[step]\n\"pagedwn\" = \"start\"", "did you mean \"pagedown\"?"),
        ("[step]\n\"\" = \"start\"", "keys.toml:2:1: no key is named"),
        ("[step]\n\"a b c d e\" = \"start\"", "at most 4 keys"),
        ("[step]\n\"f2\" = 3", "keys.toml:2:8: no name of an action"),
        ("[step]\n\"f2\" = \"start\"\n\"f2\" = \"done\"", "keys.toml:3:1: duplicate key"),
        ("[any]\n\"f2 a\" = \"zoom\"\n\"f2  a\" = \"zone\"", "keys.toml:3:1: `f2 a` stands in [any] twice"),
        ("[any]\n\n\"g g\" = \"first\"", "keys.toml:3:1: `g g` (first) can never be reached: it begins with `g`"),
        ("[any]\n\n\"g g\" = \"first\"", "[any] \"g\" = \"\""),
        ("[any]\n\"s\" = \"zoom\"", "keys.toml:2:1: `s` means `start` in [step] already"),
        ("[step]\n\"H\" = \"start\"", "keys.toml:2:1: `H` means `hold-all` in [any] already"),
        (
            "[journal]\n\"f2\" = \"start\"",
            "keys.toml:2:1: `start` cannot be reached in [journal]: it acts in [step] only",
        ),
        ("[any]\n\"f2\" = \"approve\"", "`approve` cannot be reached in [any]: it acts in [approval] only"),
        ("[any]\n\"esc\" = \"quit\"", "keys.toml:2:1: esc is reserved"),
        ("[any]\n\"f2 esc\" = \"quit\"", "esc is reserved"),
        ("[any]\n\"ctrl-c\" = \"quit\"", "ctrl-c is reserved"),
        ("[any]\n\"enter\" = \"\"\n[step]\n\"enter\" = \"start\"", "keys.toml:4:1: enter is reserved"),
        ("[any]\n\":\" = \"\"", "keys.toml:2:1: nothing would mean `palette` any more"),
        ("[dialog]\n\"y\" = \"agree\"", "keys.toml:1:2: keys of dialogs cannot be changed"),
        ("any = 3", "keys.toml:1:1: there is no place `any`"),
        ("[any\n", "keys.toml:1:"),
    ] {
        let Err(wrong) = overlaid(text) else { panic!("{text} is taken") };
        let wrong = wrong.join("\n");
        assert!(wrong.contains(said), "{text}\n{wrong}\nmisses {said}");
    }
    // All at once, in the order of the file.
    let wrong = overlaid("[step]\n\"f2\" = \"strat\"\n\"f99\" = \"done\"\n[any]\n\"f3\" = \"zom\"").unwrap_err();
    assert_eq!(wrong.iter().map(|w| &w[..12]).collect::<Vec<_>>(), ["keys.toml:2:", "keys.toml:3:", "keys.toml:5:"]);
    assert!(mistake("[any]\n\"f2\" = \"no\u{1b}[2Jsuch\"").contains("\\"), "made harmless");
}

#[test]
fn what_others_may_take_and_what_has_no_key_left_is_a_warning() {
    let overlaid = read(&["[any]\n\"ctrl-a\" = \"zoom\"\n[step]\n\"x\" = \"\""]).unwrap();
    let said: Vec<_> = overlaid.warnings.iter().map(|w| format!("{}:{}", w.line, w.what)).collect();
    assert_eq!(
        said,
        [
            "2:ctrl-a may never arrive: tmux, screen or the terminal's flow control take it",
            "4:`skip` has no key any more"
        ]
    );
    assert_eq!(overlaid.keymap.action(&[], key("ctrl-a")), Some(Action::Zoom));
}

#[test]
fn every_action_can_be_bound_where_it_acts() {
    for row in TABLE {
        let text = format!("[{}]\n\"f2 f3\" = \"{}\"", row.place.word(), row.name);
        let keymap = overlaid(&text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
        assert_eq!(keymap.action(&[row.place], [key("f2"), key("f3")]), Some(row.action));
    }
}

#[test]
fn files_that_are_not_there_change_nothing_and_broken_ones_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::of(Some(&dir.path().join("none")), Some(dir.path()));
    assert_eq!(files.read().unwrap().keymap, Keymap::shipped());
    std::fs::write(dir.path().join("keys.toml"), "[any]\n\"f2\" = \"zom\"").unwrap();
    let wrong = files.read().unwrap_err();
    assert!(wrong[0].file.ends_with("/keys.toml") && wrong[0].line == 2, "{wrong:?}");
}

fn desk() -> Desk {
    let mut desk = Desk::running();
    desk.ui.keys = overlaid("[any]\n\"g\" = \"\"\n\"g g\" = \"journal\"\n[step]\n\"g d\" = \"done\"").unwrap().into();
    desk
}

#[test]
fn a_sequence_shows_what_may_follow_and_acts_at_its_end() {
    let mut desk = desk();
    let (log, _) = desk.press(&["g"]);
    assert_eq!((log[0].key.as_str(), log[0].did.as_deref()), ("g", Some("begun")));
    let screen = desk.screen(80, 24);
    assert!(screen.contains("g …") && screen.contains("d done") && screen.contains("g journal"), "{screen}");
    let (log, _) = desk.press(&["g"]);
    assert_eq!((desk.ui.pane, log[0].did.as_deref()), (Pane::Journal, Some("journal")));
    assert!(!desk.screen(80, 24).contains("g …"));
    // Where the hand is decides what may follow.
    desk.press(&["g", "d"]);
    assert!(desk.ui.asked.is_none() && desk.ui.messages.back().unwrap().text.contains("g d means nothing here"));
    desk.press(&["1", "g", "d"]);
    assert!(desk.ui.asked.is_some());
}

#[test]
fn a_sequence_that_does_not_go_on_does_nothing_at_all() {
    let mut desk = desk();
    let (log, requests) = desk.press(&["g", "H"]);
    assert!(desk.ui.asked.is_none() && requests.is_empty(), "H was not meant alone");
    assert_eq!(log[1].did.as_deref(), Some("no such sequence"));
    desk.press(&["H"]);
    assert!(desk.ui.asked.is_some(), "and is, the next time");
    desk.press(&["esc", "2", "g", "esc"]);
    assert_eq!(desk.ui.pane, Pane::Runbook, "esc drops the sequence and goes back no further");
    desk.press(&["esc"]);
    assert_eq!(desk.ui.pane, Pane::Bridge);
}

#[test]
fn a_sequence_waits_two_seconds_and_no_longer() {
    let mut desk = desk();
    desk.press(&["g"]);
    desk.uptime += Duration::from_millis(1900);
    desk.press(&["g"]);
    assert_eq!(desk.ui.pane, Pane::Journal);
    desk.press(&["1", "g"]);
    desk.uptime += Duration::from_millis(2000);
    assert!(!desk.screen(80, 24).contains("g …"), "the hint goes by itself");
    let (log, _) = desk.press(&["g"]);
    assert_eq!((desk.ui.pane, log[0].did.as_deref()), (Pane::Bridge, Some("begun")), "it begins anew");
}

#[test]
fn no_keymap_reaches_into_a_dialog() {
    let mut desk = Desk::running();
    // Whatever is bound to y and to what a dialog means by itself, the dialog does not ask it.
    desk.ui.keys = overlaid("[any]\n\"y\" = \"disarm\"\n\"tab\" = \"quit\"\n\"left\" = \"zoom\"").unwrap().into();
    desk.press(&["H"]);
    assert!(desk.ui.asked.is_some());
    let (_, requests) = desk.press(&["y", "tab", "left"]);
    assert!(desk.ui.asked.is_some() && requests.is_empty() && !desk.ui.leaving && !desk.ui.zoomed);
}

#[test]
fn screens_name_the_keys_as_they_are() {
    let mut desk = crate::selection::stages().swap_remove(0);
    let at = desk.model.derived.at;
    let run = desk.model.ledger.runs.values_mut().next().unwrap();
    run.triggers.insert("T1".into(), TriggerState::Tripped { at, acts_at: None, evidence: vec![] });
    run.conn = None;
    let screen = desk.screen(160, 50);
    assert!(screen.contains("B roll back now   S postpone 2m00: reason; trips again   D disarm"), "{screen}");
    desk.ui.keys = overlaid(
        "[any]\n\"B\" = \"\"\n\"f4\" = \"roll-back\"\n\"T\" = \"\"\n\"f5\" = \"take-conn\"\n\"M\" = \"\"\n\
         \"2\" = \"\"\n\"f7\" = \"runbook\"\n\"N\" = \"\"\n[trigger]\n\"S\" = \"\"\n\"f6 p\" = \"postpone\"\n\"D\" = \"\"",
    )
    .unwrap()
    .into();
    let screen = desk.screen(160, 50);
    let banner = "f4 roll back now   f6 p postpone 2m00: reason; trips again   :disarm-trigger disarm";
    assert!(screen.contains(banner), "{screen}");
    assert!(screen.contains("nobody drives it; f5 takes the conn"), "{screen}");
    assert!(screen.contains("f7 runbook") && !screen.contains("2 runbook"), "{screen}");
    // Everything that names an action names it as it is now.
    for pane in Pane::ALL {
        (desk.ui.pane, desk.ui.sheet) = (pane, None);
        let screen = desk.screen(160, 50);
        for old in ["B roll", "T takes", "S postpone", "N starts"] {
            assert!(!screen.contains(old), "{old} in {pane:?}:\n{screen}");
        }
    }
    desk.act(Action::Incident);
    let screen = desk.screen(160, 50);
    assert!(screen.contains("f5 conn") && screen.contains("f4 roll back"), "{screen}");
    let mut empty = Desk::empty();
    empty.ui.keys = desk.ui.keys.clone();
    assert!(empty.screen(100, 30).contains("no run yet: :run starts one"), "{}", empty.screen(100, 30));
}
