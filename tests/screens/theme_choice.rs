//! `:theme`: what the list wants worn, and what brings the old one back.

use crate::actions::Desk;
use holdpoint::tui::action::{Action, Pane};
use holdpoint::tui::theme::{Role, Themes};

fn desk() -> Desk {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("broken.toml"), "[roles]\ntext = { fg = \"nocolour\" }\n").unwrap();
    let mut desk = Desk::running();
    desk.ui.themes = Themes::read(Some(dir.path()), None);
    desk
}

fn shown(desk: &Desk) -> Option<&str> {
    desk.ui.chooser.as_ref().and_then(|chooser| chooser.name())
}

#[test]
fn the_list_opens_at_what_is_worn_and_moves() {
    let mut desk = desk();
    let names: Vec<&str> = vec![":", "t", "h", "e", "m", "e", "enter"];
    desk.press(&names);
    assert_eq!(shown(&desk), Some("dark"));
    desk.press(&["down", "j"]);
    assert_eq!(shown(&desk), Some("high-contrast"));
    desk.press(&["G"]);
    assert_eq!(shown(&desk), Some("broken"));
    desk.press(&["g"]);
    assert_eq!(shown(&desk), Some("terminal"));
    let screen = desk.screen(80, 24);
    for text in ["▸ terminal", "okabe-ito", "× failed", "? in doubt", "enter keeps it · esc: the old one"] {
        assert!(screen.contains(text), "lacks {text}:\n{screen}");
    }
}

#[test]
fn enter_keeps_it_and_says_how_for_good() {
    let mut desk = desk();
    desk.act(Action::Theme);
    let (log, _) = desk.press(&["down", "enter"]);
    assert_eq!(log[0].on, "themes");
    assert_eq!((desk.ui.theme.as_deref(), desk.ui.chooser.is_none()), (Some("light"), true));
    let said = desk.ui.messages.back().unwrap();
    assert!(said.text.contains("holdpoint theme use light"), "{}", said.text);
    // The next time it opens there.
    desk.act(Action::Theme);
    assert_eq!(shown(&desk), Some("light"));
}

#[test]
fn esc_and_other_ways_out_bring_the_old_one_back() {
    for key in ["esc", "q", "left", "3"] {
        let mut desk = desk();
        desk.act(Action::Theme);
        desk.press(&["down", key]);
        assert!(desk.ui.chooser.is_none() && desk.ui.theme.is_none() && !desk.ui.leaving, "{key}");
    }
    let mut desk = desk();
    desk.act(Action::Theme);
    desk.press(&["3"]);
    assert_eq!(desk.ui.pane, Pane::Health);
}

#[test]
fn a_broken_theme_cannot_be_kept_and_its_mistake_stays_said() {
    let mut desk = desk();
    desk.act(Action::Theme);
    desk.press(&["G", "enter"]);
    assert_eq!(desk.ui.theme, None);
    assert!(desk.ui.chooser.is_some());
    let said = |desk: &Desk| desk.ui.messages.iter().filter(|m| m.role == Role::Fail).count();
    let text = &desk.ui.messages.back().unwrap().text;
    assert!(text.contains("broken.toml:2:15: ") && text.contains("`nocolour` is no colour"), "{text}");
    assert!(desk.screen(80, 24).contains("mistake in line 2"));
    // Neither keys nor trying again take it away or say it twice.
    desk.press(&["enter", "esc", "down"]);
    assert_eq!(said(&desk), 1);
    desk.press(&["backspace"]);
    assert_eq!(said(&desk), 0);
}

#[test]
fn holding_all_needs_no_way_out_of_the_list_first() {
    let mut desk = desk();
    desk.act(Action::Theme);
    desk.press(&["H"]);
    assert!(desk.ui.asked.is_some());
}
