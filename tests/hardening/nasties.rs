//! The corpus in every field, on every way out: only sequences of ours reach the
//! terminal, nothing beside the field changes, and what differs looks different.

use crate::chance::Chance;
use crate::corpus::{generated, texts};
use crate::count;
use crate::desk::{Desk, one_deploy};
use crate::tty::{harmless, ours};
use holdpoint::domain::fact::Fact;
use holdpoint::domain::hold::{Hold, Scope};
use holdpoint::domain::name::RunId;
use holdpoint::domain::text::{harmless_lines, visible, visible_bytes, visible_lines};
use holdpoint::report::story;
use holdpoint::runtime::input::{Trouble, Update};
use holdpoint::tui::action::Pane;
use holdpoint::tui::clipboard::osc52;
use holdpoint::tui::glyphs::Glyphs;
use holdpoint::tui::sheet::{Sheet, Subject};
use holdpoint::tui::terminal::painter::Painter;
use holdpoint::tui::theme::{Depth, Role, Theme};
use holdpoint::tui::ui::{Prompt, PromptKind};
use holdpoint::tui::widget::text::{Align, put};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::collections::BTreeMap;

/// A desk in whose every field the text stands, as it came.
fn full_of(text: &str) -> Desk {
    let (mut workspace, mut lines) = one_deploy();
    workspace.name = text.to_owned();
    workspace.services.values_mut().for_each(|service| {
        service.title = text.to_owned();
        service.contacts = vec![text.to_owned()];
    });
    workspace.environments.values_mut().for_each(|environment| environment.title = text.to_owned());
    workspace.signals.values_mut().for_each(|signal| signal.title = text.to_owned());
    workspace.people.values_mut().for_each(|person| person.contacts = vec![text.to_owned()]);
    workspace.calendar.events.iter_mut().for_each(|event| {
        event.title = text.to_owned();
        event.contact = text.to_owned();
    });
    let mut plan = (*lines.ledger.runs[&RunId(1)].plan).clone();
    plan.title = text.to_owned();
    plan.steps.iter_mut().for_each(|step| {
        step.title = text.to_owned();
        step.instructions = format!("{text}\n{text}");
        step.undo = text.to_owned();
        step.phase = text.to_owned();
        step.stream = text.to_owned();
    });
    lines = crate::estate::Lines::opened();
    lines.run(&workspace, plan);
    lines.write("note", vec![Fact::Noted { run: RunId(1), step: None, text: text.to_owned() }]);
    lines.write(&format!("hold {text}"), vec![placed(text)]);
    let mut desk = Desk::of(workspace, &lines);
    desk.model.take(Update::Trouble(Trouble::Workspace, Some(text.to_owned())));
    let mut deployment = crate::estate::deployment(text);
    deployment.state = text.to_owned();
    let place = ("svc-000".into(), "place-00".into());
    let seen = holdpoint::domain::observed::Observation::Deployments(vec![(place, deployment.into())]);
    let stamped = crate::estate::stamped(lines.ledger.at, seen);
    desk.model.take(Update::Seen(std::sync::Arc::new(vec![stamped])));
    desk.model.refresh(lines.ledger.at + chrono::TimeDelta::seconds(1));
    desk.ui.say(Role::Fail, text);
    desk.ui.arming.arm(std::time::Duration::from_secs(5), holdpoint::tui::arming::USUAL, true).unwrap();
    desk
}

fn placed(text: &str) -> Fact {
    let (by, since) = ("ana".into(), crate::estate::start());
    let scope = Scope::Step(RunId(1), "9".into());
    Fact::HoldPlaced(Hold { id: 1, scope, by, since, reason: text.to_owned(), lock: false, until: None })
}

/// The bytes of a picture on a terminal that shows nothing yet.
fn sent(desk: &Desk, width: u16, height: u16) -> Vec<u8> {
    Painter::default().paint(desk.picture(width, height), None).0.to_vec()
}

#[test]
fn on_every_screen_only_sequences_of_ours_reach_the_terminal() {
    let all = texts();
    assert_eq!(all.len(), 600);
    let step = count(10, 1);
    for (n, text) in all.iter().enumerate().step_by(step) {
        let mut desk = full_of(text);
        for (m, pane) in Pane::ALL.into_iter().enumerate() {
            desk.ui.pane = pane;
            let (width, height) = [(80, 24), (100, 30), (200, 50), (60, 20), (30, 5)][(n / step + m) % 5];
            ours(&sent(&desk, width, height)).unwrap_or_else(|wrong| panic!("{text:?} on {pane:?}: {wrong}"));
        }
        desk.bytes(b"s", std::time::Duration::from_millis(300));
        ours(&sent(&desk, 100, 30)).unwrap_or_else(|wrong| panic!("{text:?} in a dialog: {wrong}"));
        desk.ui.asked = None;
        desk.ui.sheet = Some(Sheet::text(text.clone(), vec![(Role::Text, text.clone())]));
        ours(&sent(&desk, 100, 30)).unwrap_or_else(|wrong| panic!("{text:?} in a sheet: {wrong}"));
        desk.ui.sheet = Some(Sheet::of(Subject::Step(RunId(1), "4".into())));
        ours(&sent(&desk, 100, 30)).unwrap_or_else(|wrong| panic!("{text:?} in a step: {wrong}"));
        desk.ui.prompt = Some(Prompt::new(PromptKind::Filter, text.clone()));
        ours(&sent(&desk, 100, 30)).unwrap_or_else(|wrong| panic!("{text:?} in a prompt: {wrong}"));
    }
}

/// What a picture is on a terminal.
fn shown(buffer: &Buffer) -> vt100::Parser {
    let rows = std::num::NonZero::new(buffer.area.height).unwrap();
    let mut terminal = vt100::Parser::new(rows, std::num::NonZero::new(buffer.area.width).unwrap(), 0);
    terminal.process(Painter::default().paint(buffer.clone(), None).0);
    terminal
}

/// A screen of dots with the text in a field of it, and what is in the field's row.
fn in_field(text: &str, theme: &Theme) -> (vt100::Parser, Rect) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 60, 3));
    (0..3).for_each(|y| buffer.set_string(0, y, ".".repeat(60), Style::new()));
    let field = Rect::new(7, 1, 40, 1);
    let blank = " ".repeat(40);
    buffer.set_string(field.x, field.y, blank, Style::new());
    put(&mut buffer, field, text, Align::Left, Style::new(), theme);
    (shown(&buffer), field)
}

#[test]
fn nothing_beside_the_field_changes() {
    let theme = Theme::built_in("mono", Depth::None, Glyphs::Unicode).unwrap();
    let mut chance = Chance::new(7);
    let more = (0..count(2_000, 100_000)).map(|_| generated(&mut chance)).collect::<Vec<_>>();
    for text in texts().iter().chain(&more) {
        let (terminal, field) = in_field(text, &theme);
        for at in 0..180u16 {
            let (row, column) = (at / 60, at % 60);
            let inside = row == field.y && (field.x..field.right()).contains(&column);
            let cell = terminal.screen().cell(row, column).unwrap();
            assert!(inside || cell.contents() == ".", "{text:?} changed {row},{column} into {:?}", cell.contents());
        }
    }
}

#[test]
fn what_differs_looks_different_and_nothing_acts() {
    let (unicode, ascii) = (Glyphs::Unicode, Glyphs::Ascii);
    let wide = |text: &str, glyphs| holdpoint::tui::widget::text::fit(text, u16::MAX, glyphs).into_owned();
    let mut known: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut chance = Chance::new(1_000_000);
    let more = (0..count(20_000, 1_000_000)).map(|n| match n % 3 {
        0 => chance.bytes(12),
        _ => generated(&mut chance).into_bytes(),
    });
    let corpus = texts().into_iter().map(String::into_bytes);
    for bytes in corpus.chain(more) {
        let text = visible_bytes(&bytes);
        harmless(&text).unwrap_or_else(|wrong| panic!("{wrong}"));
        // Every way out leaves it as it is.
        assert_eq!(harmless_lines(&text), text);
        harmless(&wide(&text, unicode)).unwrap_or_else(|wrong| panic!("{wrong}"));
        assert!(wide(&text, ascii).is_ascii());
        if let Some(other) = known.insert(wide(&text, unicode), bytes.clone()) {
            assert_eq!(other, bytes, "two texts look the same");
        }
    }
}

#[test]
fn a_megabyte_in_a_line_is_cut_and_takes_no_time() {
    let begun = processor_time();
    let text = "\x1b]0;x\x07\u{202e}".repeat(100_000);
    let desk = full_of(&text);
    ours(&sent(&desk, 100, 30)).unwrap();
    let took = processor_time() - begun;
    assert!(took < 1200, "{took} ticks of 10 ms");
}

/// What this thread has used of a processor, in ticks of 10 ms: others may be busy beside it.
fn processor_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn journal_and_clipboard_carry_nothing_that_acts() {
    for text in texts() {
        let entry = full_of_line(&text);
        for line in story::lines(&entry) {
            harmless(&line).unwrap();
        }
        let clipboard = osc52(&text).unwrap();
        let body = clipboard.strip_prefix(b"\x1b]52;c;").unwrap().strip_suffix(b"\x1b\\").unwrap();
        assert!(body.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)), "{text:?}");
        harmless(&visible_lines(&text)).unwrap();
        assert!(!visible(&text).contains('\n'));
    }
}

fn full_of_line(text: &str) -> holdpoint::domain::entry::Entry {
    let mut lines = crate::estate::Lines::opened();
    lines.run(&crate::estate::workspace(20, 3), crate::estate::plan(4));
    lines.write(text, vec![Fact::Noted { run: RunId(1), step: None, text: text.to_owned() }, placed(text)])
}
