//! The palette, the finder, help and filters, as hands use them.

use crate::actions::Desk;
use holdpoint::domain::command::Command;
use holdpoint::runtime::input::Pressed;
use holdpoint::tui::action::{Action, Pane, TABLE};
use holdpoint::tui::filter::Filter;
use holdpoint::tui::palette::fuzzy::{best, score};
use holdpoint::tui::request::Request;
use holdpoint::tui::ui::PromptKind;
use proptest::prelude::*;
use std::time::Duration;

impl Desk {
    /// Types a text, letter by letter.
    pub fn types(&mut self, text: &str) {
        for c in text.chars() {
            self.press(&[if c == ' ' { "space".to_owned() } else { c.to_string() }.as_str()]);
        }
    }

    fn line(&mut self, text: &str) -> (Vec<Pressed>, Vec<Request>) {
        self.press(&[":"]);
        self.types(text);
        self.press(&["enter"])
    }

    fn written(&self) -> &str {
        self.ui.prompt.as_ref().map_or("", |p| p.input.value())
    }

    fn said(&self) -> &str {
        self.ui.messages.back().map_or("", |m| &m.text)
    }
}

#[test]
fn a_word_that_begins_several_lists_them_and_does_nothing() {
    let mut desk = Desk::running();
    desk.line("pa");
    assert_eq!(desk.written(), "pa", "the line stays");
    let screen = desk.screen(80, 24);
    for name in ["park", "page-up", "page-down", "palette"] {
        assert!(screen.contains(name), "{name}:\n{screen}");
    }
    desk.types("rk");
    desk.press(&["enter"]);
    assert!(desk.ui.prompt.is_none() && desk.ui.asked.is_some());
    desk.press(&["esc"]);
    desk.line("zom");
    assert!(desk.said().contains("there is no action `zom`; did you mean `zoom`?"), "{}", desk.said());
}

#[test]
fn tab_completes_names_and_what_they_take_from_what_is_there() {
    let mut desk = Desk::running();
    desk.press(&[":"]);
    desk.types("page-");
    desk.press(&["tab"]);
    assert_eq!(desk.written(), "page-up");
    desk.press(&["tab"]);
    assert_eq!(desk.written(), "page-down");
    desk.press(&["tab", "shift-tab"]);
    assert_eq!(desk.written(), "page-down", "round and back");
    desk.press(&["esc", ":"]);
    desk.types("may ");
    desk.types("depl");
    desk.press(&["tab"]);
    assert_eq!(desk.written(), "may deploy");
    desk.types(" svc-007");
    desk.press(&["tab"]);
    desk.types(" 02");
    desk.press(&["tab"]);
    assert_eq!(desk.written(), "may deploy svc-007 place-02");
    desk.press(&["enter"]);
    assert!(desk.screen(100, 30).contains("may deploy svc-007 place-02"));
    desk.press(&["esc", ":"]);
    desk.types("goto ");
    assert!(desk.screen(80, 24).contains("Shift the traffic of part 3"), "{}", desk.screen(80, 24));
}

#[test]
fn arguments_do_what_they_say_and_wrong_ones_nothing() {
    let mut desk = Desk::running();
    desk.line("go health");
    assert_eq!(desk.ui.pane, Pane::Health);
    desk.line("goto 14");
    assert_eq!((desk.ui.pane, desk.ui.step.as_ref().map(|s| s.as_str())), (Pane::Runbook, Some("14")));
    desk.line("filter owner=ops !state=done");
    assert_eq!(desk.ui.filter(Pane::Runbook), "owner=ops !state=done");
    desk.line("arm 10m");
    assert_eq!(desk.ui.arming.left(desk.uptime), Some(Duration::from_secs(600)));
    desk.line("disarm");
    for (line, said) in [
        ("arm 10h", "cannot arm for that long"),
        ("arm soon", "soon"),
        ("zoom in", "`zoom` takes nothing after it"),
        ("go home", "there is no pane `home`"),
        ("goto 99", "there is no step `99`"),
        ("run trian", "there is no runbook `trian`; did you mean \"train\"?"),
        ("theme nosuch", "there is no theme nosuch"),
        ("hold-all now", "takes nothing"),
    ] {
        let (_, requests) = desk.line(line);
        assert!(
            requests.is_empty() && desk.ui.asked.is_none() && desk.said().contains(said),
            "{line}: {}",
            desk.said()
        );
        assert!(!desk.ui.arming.is_armed(desk.uptime));
    }
    let (_, requests) = Desk::empty().line("run train");
    assert!(matches!(requests.as_slice(), [Request::Command(c)] if matches!(**c, Command::StartRun(..))));
}

#[test]
fn the_palette_asks_what_the_key_would_ask_and_takes_no_key_of_a_dialog() {
    let mut desk = Desk::running();
    let (_, requests) = desk.line("done 1");
    assert!(requests.is_empty());
    assert!(desk.ui.asked.as_ref().unwrap().dialog.card().title.starts_with("Done: 1 "));
    // While it is asked, neither palette nor finder nor help opens.
    desk.press(&["esc", "H"]);
    desk.press(&[":", "ctrl-p", "?"]);
    assert!(desk.ui.prompt.is_none() && desk.ui.help.is_none() && desk.ui.asked.is_some());
    desk.press(&["esc"]);
    // A dialog that comes while a line is typed takes the keys, and none of them is the line's.
    desk.press(&[":"]);
    desk.types("hold");
    desk.ui.asked = Some(holdpoint::tui::ask::card("Refused", vec![]));
    desk.press(&["enter"]);
    assert!(desk.ui.asked.is_none() && desk.written() == "hold");
    // What reaches systems is read-only there too.
    let mut desk = Desk::running();
    let (_, requests) = desk.line("start 4");
    assert!(requests.is_empty() && desk.ui.asked.is_none() && desk.said().contains("read-only"), "{}", desk.said());
}

#[test]
fn up_and_down_bring_lines_back() {
    let mut desk = Desk::running();
    desk.line("bridge");
    desk.line("journal");
    desk.line("bridge");
    desk.press(&[":"]);
    desk.types("ru");
    desk.press(&["up"]);
    assert_eq!(desk.written(), "bridge");
    desk.press(&["up", "up", "up"]);
    assert_eq!(desk.written(), "journal", "what came twice is kept once, and the oldest stays");
    desk.press(&["down", "down"]);
    assert_eq!(desk.written(), "ru", "what was being typed");
}

#[test]
fn the_finder_goes_to_steps_services_and_runs_and_does_actions() {
    let mut desk = Desk::running();
    let find = |desk: &mut Desk, text: &str| {
        desk.press(&["esc", "ctrl-p"]);
        desk.types(text);
        desk.press(&["enter"])
    };
    let (log, _) = find(&mut desk, "part 17");
    assert_eq!((desk.ui.pane, desk.ui.step.as_ref().map(|s| s.as_str())), (Pane::Runbook, Some("17")));
    assert!(log[0].did.as_ref().unwrap().starts_with("found step"));
    find(&mut desk, "svc-011 pl01");
    let target = desk.ui.target.as_ref().map(|(s, e)| (s.as_str(), e.as_str()));
    assert_eq!((desk.ui.pane, target), (Pane::Health, Some(("svc-011", "place-01"))));
    find(&mut desk, "1 train");
    assert!(desk.screen(80, 24).contains("run 1 · train"));
    find(&mut desk, "hold-all");
    assert!(desk.ui.asked.is_some(), "asks as H does");
    desk.press(&["esc", "ctrl-p"]);
    desk.types("page");
    desk.press(&["down", "enter"]);
    find(&mut desk, "qqqqq");
    assert!(desk.said().contains("nothing fits"));
}

#[test]
fn few_letters_fit_in_order_and_best_where_words_begin() {
    assert_eq!(score("zz", "zoom"), None);
    assert_eq!(best("pd", ["park", "page-down", "pad"].into_iter()), [1, 2]);
    assert!(score("rb", "roll-back") > score("rb", "overbook"), "beginnings of words");
    assert!(score("hold", "hold-all") > score("hold", "home-old"), "side by side");
    assert_eq!(best("a", ["ba", "ca", "da"].into_iter()), [0, 1, 2], "alike in their order");
    assert!(score("PAY eu", "payments eu-west").is_some() && score("pay qs", "payments eu-west").is_none());
}

proptest! {
    #[test]
    fn what_fits_holds_the_letters_in_order(typed in "[a-zé -]{0,6}", text in "\\PC{0,40}") {
        let lower: Vec<char> = text.chars().map(|c| c.to_lowercase().next().unwrap()).collect();
        let fits = typed.split_whitespace().all(|word| {
            let mut rest = lower.iter();
            word.chars().all(|c| rest.any(|other| *other == c))
        });
        prop_assert_eq!(score(&typed, &text).is_some(), fits);
    }

    #[test]
    fn any_line_is_understood_or_refused(text in "[a-z0-9:!~= -]{0,20}") {
        let mut desk = Desk::empty();
        desk.line(&text);
        desk.press(&["tab", "up", "enter", "esc"]);
        desk.screen(80, 24);
    }
}

#[test]
fn help_shows_what_acts_here_first_and_does_what_is_selected() {
    let mut desk = Desk::running();
    desk.press(&["4", "?"]);
    let screen = desk.screen(80, 24);
    let first: Vec<&str> = screen.lines().nth(1).unwrap_or_default().split_whitespace().collect();
    assert_eq!(first.get(1..3), Some(&["a", "approve"][..]), "{screen}");
    desk.types("zone");
    let screen = desk.screen(80, 24);
    assert!(screen.contains("the next time zone") && !screen.contains("approve "), "{screen}");
    let (log, _) = desk.press(&["backspace"]);
    assert!(log.is_empty(), "what is typed is not logged");
    desk.press(&["esc", "?"]);
    assert!(desk.ui.help.as_ref().is_some_and(|h| h.input.value().is_empty()));
    desk.types("stop everything");
    let (log, _) = desk.press(&["enter"]);
    assert!(desk.ui.help.is_none() && desk.ui.asked.is_some(), "asks as its key does");
    assert_eq!(log[0].did.as_deref(), Some("hold-all"));
    // Every action is in it, and the keys are those that are.
    desk.press(&["esc", "1"]);
    desk.ui.keys = crate::overlay::overlaid("[any]\n\"z\" = \"\"\n\"f2 z\" = \"zoom\"").unwrap().into();
    desk.press(&["?"]);
    desk.types("zoom alone");
    assert!(desk.screen(80, 24).contains("f2 z"), "{}", desk.screen(80, 24));
    desk.press(&["esc", "?", "down", "down", "up", "enter"]);
    assert!(desk.ui.help.is_none());
}

#[test]
fn every_action_without_a_key_is_named_in_help() {
    let mut desk = Desk::running();
    for row in TABLE.iter().filter(|row| row.keys.is_empty()) {
        desk.press(&["?"]);
        desk.types(&format!(":{}", row.name));
        assert!(desk.screen(80, 24).contains(&format!(":{}", row.name)), "{}", row.name);
        desk.press(&["esc"]);
    }
}

#[test]
fn filters_take_words_inverses_few_letters_and_fields() {
    let row = [("service", "Payments"), ("env", "eu-west"), ("state", "DEGRADED"), ("note", "größe")];
    for (typed, keeps) in [
        ("pay", true),
        ("pay eu", true),
        ("pay us", false),
        ("!us", true),
        ("!pay", false),
        ("~pmts", true),
        ("~stmp", false),
        ("!~pmts", false),
        ("env=eu", true),
        ("env=pay", false),
        ("env=~ewst", true),
        ("!state=ok env=eu", true),
        ("nosuch=x", false),
        ("!nosuch=x", true),
        ("GRÖSSE", false),
        ("GRÖßE", true),
        ("! = ~", true),
    ] {
        assert_eq!(Filter::parse(typed).keeps(&row), keeps, "{typed}");
    }
}

#[test]
fn a_filter_is_seen_as_it_is_typed_kept_by_its_pane_and_cleared_by_esc() {
    let mut desk = Desk::running();
    for (pane, key, text) in [
        (Pane::Runbook, "2", "part"),
        (Pane::Health, "3", "svc-007"),
        (Pane::Approvals, "4", "nothing"),
        (Pane::Calendar, "6", "q4"),
        (Pane::Journal, "7", "started"),
    ] {
        desk.press(&[key, "/"]);
        desk.types(text);
        assert_eq!(desk.ui.filter(pane), text, "before Enter");
        let screen = desk.screen(100, 30);
        assert!(screen.contains(&format!("filter {text} hides")), "{pane:?}:\n{screen}");
        desk.press(&["enter"]);
    }
    desk.press(&["3"]);
    assert!(desk.screen(100, 30).contains("filter svc-007 hides 57") && desk.screen(100, 30).contains("3 places"));
    desk.press(&["esc"]);
    assert_eq!((desk.ui.pane, desk.ui.filter(Pane::Health)), (Pane::Health, ""));
    assert_eq!(desk.ui.filter(Pane::Runbook), "part", "each its own");
    desk.press(&["/"]);
    desk.types("abc");
    desk.press(&["esc"]);
    assert_eq!((desk.ui.prompt.is_none(), desk.ui.filter(Pane::Health)), (true, ""));
    desk.press(&["1", "/"]);
    assert!(desk.ui.prompt.is_none() && desk.said().contains("4 approvals"));
    assert!(desk.act(Action::Filter).is_none() && PromptKind::Filter.word() == "filter");
}
