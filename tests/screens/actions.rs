//! Every row of the table of actions does something, or says why it does not.

use crate::ground::{self, Lines};
use chrono::TimeDelta;
use holdpoint::domain::catalogue::Confirmation;
use holdpoint::domain::command::{Command, Consent, StepCommand};
use holdpoint::domain::fact::Fact;
use holdpoint::domain::hold::Scope;
use holdpoint::domain::name::RunId;
use holdpoint::domain::person::{Actor, Proof};
use holdpoint::domain::session::SessionId;
use holdpoint::domain::workspace::Workspace;
use holdpoint::engine::{Given, consent, decide};
use holdpoint::runtime::input::{Brought, Errand, Pressed, Sound, Verified};
use holdpoint::tui::action::{Action, Pane, TABLE};
use holdpoint::tui::arming::USUAL;
use holdpoint::tui::dialog::{Ask, Dialog, Question};
use holdpoint::tui::draw::{Drawn, draw};
use holdpoint::tui::glyphs::Glyphs;
use holdpoint::tui::hand::{self, Id, Shown};
use holdpoint::tui::model::Model;
use holdpoint::tui::pane::rollback;
use holdpoint::tui::press;
use holdpoint::tui::request::{Copied, Request};
use holdpoint::tui::sheet::{Sheet, Subject};
use holdpoint::tui::terminal::{Event, FrameId, Paste, What};
use holdpoint::tui::theme::{Depth, Theme};
use holdpoint::tui::ui::{Asked, Intent, PromptKind, Ui};
use holdpoint::tui::update::{Seen, look, update};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::{Duration, Instant};

/// Someone at the screens.
pub struct Desk {
    pub model: Model,
    pub ui: Ui,
    theme: Theme,
    clock: Instant,
    pub uptime: Duration,
}

impl Desk {
    /// Before anything has happened.
    pub fn empty() -> Self {
        Self::of(Lines::opened())
    }

    /// With a run of 30 steps, the first of which waits for a person.
    pub fn running() -> Self {
        let workspace = ground::workspace(20, 3);
        let mut lines = Lines::opened();
        lines.run(&workspace, ground::plan(30));
        Self::of(lines)
    }

    fn of(lines: Lines) -> Self {
        Self::within(ground::workspace(20, 3), lines)
    }

    /// The same desk in other clothes.
    pub fn wear(&mut self, theme: Theme) {
        self.theme = theme;
    }

    /// In a workspace, with what its journal says.
    pub fn within(workspace: Workspace, lines: Lines) -> Self {
        let mut model = ground::model(workspace, &lines);
        model.refresh(lines.ledger.at + TimeDelta::seconds(1));
        let theme = Theme::built_in("dark", Depth::True, Glyphs::default()).unwrap();
        Self { model, ui: Ui::default(), theme, clock: Instant::now(), uptime: Duration::from_secs(5) }
    }

    pub fn seen(&self) -> Seen<'_> {
        let now = self.model.derived.at;
        Seen { model: &self.model, theme: &self.theme, now, uptime: self.uptime }
    }

    /// What is highlighted now is before someone's eyes.
    pub fn look(&mut self) {
        let shown = self.assumed();
        self.ui.hand.drawn(FrameId(1), shown);
        self.ui.hand.painted(FrameId(1));
    }

    /// What a picture with room for everything shows; drawn only where drawing alone knows it.
    pub fn assumed(&self) -> Shown {
        let find = self.ui.prompt.as_ref().is_some_and(|prompt| prompt.kind == PromptKind::Find);
        if find || self.ui.help.is_some() {
            return self.drawn(100, 40).1.shown;
        }
        let seen = self.seen();
        let view = seen.view(&self.ui);
        let over = self.ui.prompt.is_some() || self.ui.chooser.is_some();
        let ids: Vec<_> = match &self.ui.sheet {
            Some(sheet) => sheet.ids().chain(hand::others(&view)).collect(),
            None if self.ui.pane == Pane::Rollback => {
                hand::meant(&view).ids().chain([Id::Text(rollback::TITLE.to_owned())]).collect()
            }
            None => hand::meant(&view).ids().collect(),
        };
        Shown { over, ..ids.into_iter().collect() }
    }

    pub fn act(&mut self, action: Action) -> Option<Request> {
        self.look();
        let now = self.model.derived.at;
        let seen = Seen { model: &self.model, theme: &self.theme, now, uptime: self.uptime };
        update(&mut self.ui, &seen, action)
    }

    /// What the journal says when somebody starts a step of run 1 that sends something.
    pub fn starting(&self, step: &str, person: &str, session: SessionId) -> Vec<Fact> {
        let run = self.model.ledger.run(RunId(1)).unwrap();
        let saw = consent::digest(run, run.plan.step(&step.into()).unwrap());
        let agreed = Consent { level: Confirmation::Challenge, saw, how: "typed place-00".to_owned() };
        let command = Command::Step(RunId(1), step.into(), StepCommand::Start(Some(agreed)));
        let actor = Actor { person: person.into(), proof: Proof::SshKey, session };
        let mut workspace = (*self.model.workspace).clone();
        workspace.backends.insert("sh".into(), ground::scripts());
        let given = Given { workspace: &workspace, ..self.model.given(self.model.derived.at) };
        decide(&given, &actor, &command).unwrap()
    }

    /// Presses keys by name, each a second after the last frame; what the key log keeps of them.
    pub fn press(&mut self, keys: &[&str]) -> (Vec<Pressed>, Vec<Request>) {
        let events = keys.iter().map(|key| What::Key(key.parse().unwrap()));
        self.events(events.collect())
    }

    pub fn events(&mut self, events: Vec<What>) -> (Vec<Pressed>, Vec<Request>) {
        let (mut log, mut requests) = (Vec::new(), Vec::new());
        for what in events {
            self.look();
            self.ui.drawn(FrameId(1));
            self.ui.painted(FrameId(1), self.clock);
            self.clock += Duration::from_millis(200);
            let (took_pressed, took_request) = self.event(what, 1);
            log.extend(took_pressed);
            requests.extend(took_request);
        }
        (log, requests)
    }

    /// One event now, in a read of so many inputs, without another picture before it.
    pub fn event(&mut self, what: What, burst: usize) -> (Option<Pressed>, Option<Request>) {
        let clock = self.clock;
        let now = self.model.derived.at;
        let seen = Seen { model: &self.model, theme: &self.theme, now, uptime: self.uptime };
        let took = press::take(&mut self.ui, &seen, &Event { what, at: clock, burst });
        (took.pressed, took.request)
    }

    /// A picture is shown now, and time goes on.
    pub fn paint(&mut self) {
        self.look();
        self.ui.drawn(FrameId(1));
        self.ui.painted(FrameId(1), self.clock);
        self.clock += Duration::from_millis(200);
    }

    pub fn soon(&mut self, millis: u64) {
        self.clock += Duration::from_millis(millis);
    }

    /// The screen as cells.
    pub fn picture(&self, width: u16, height: u16) -> Buffer {
        self.drawn(width, height).0
    }

    /// The screen as cells, and what drawing found out.
    pub fn drawn(&self, width: u16, height: u16) -> (Buffer, Drawn) {
        let seen = self.seen();
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let drawn = draw(&seen.view(&self.ui), buffer.area, &mut buffer);
        (buffer, drawn)
    }

    /// The screen as text.
    pub fn screen(&self, width: u16, height: u16) -> String {
        let buffer = self.picture(width, height);
        let rows = buffer.content().chunks(usize::from(width));
        rows.map(|row| row.iter().map(|c| c.symbol()).collect::<String>().trim_end().to_owned() + "\n").collect()
    }

    /// Everything that an action can change of the view.
    fn looks(&self) -> String {
        let ui = &self.ui;
        let asked = ui.asked.as_ref().map(|a| a.dialog.card().clone());
        let prompt = ui.prompt.as_ref().map(|p| p.kind);
        let messages: Vec<_> = ui.messages.iter().map(|m| &m.text).collect();
        format!(
            "{:?}",
            (
                (ui.pane, ui.focus, ui.zoomed, &ui.step, &ui.target, ui.line, ui.row, &ui.ask, &ui.slot),
                (asked, ui.menu.as_ref().map(|m| &m.title), prompt, ui.help.is_some(), &ui.sheet),
                (&ui.filters, ui.refused, ui.arming, messages, ui.zone, ui.leaving),
            )
        )
    }
}

/// Shrugs that would be no reason.
const SHRUGS: [&str; 3] = ["not there yet", "does nothing", "not implemented"];

#[track_caller]
fn acts(desk: &mut Desk, action: Action, name: &str) {
    let before = desk.looks();
    let request = desk.act(action);
    let changed = desk.looks() != before;
    assert!(request.is_some() || changed, "{name} does nothing and says nothing");
    for message in &desk.ui.messages {
        assert!(SHRUGS.iter().all(|shrug| !message.text.contains(shrug)), "{name}: {}", message.text);
        assert!(message.text.len() > 12, "{name} gives no reason: {}", message.text);
    }
}

#[test]
fn every_action_acts_or_says_why_not() {
    for row in TABLE {
        for pane in Pane::ALL {
            for (what, make) in [("empty", Desk::empty as fn() -> Desk), ("running", Desk::running)] {
                let mut desk = make();
                // Somewhere in the middle, so that every direction leads somewhere.
                (desk.ui.pane, desk.ui.row) = (pane, 1);
                desk.ui.step = desk.model.run().and_then(|r| r.plan.steps.get(3)).map(|s| s.name.clone());
                desk.ui.line = desk.model.recent.get(1).map(|t| t.entry.seq);
                desk.ui.target = desk.model.places.iter().nth(1).map(|p| (p.service.clone(), p.environment.clone()));
                let moves = Action::Up <= row.action && row.action <= Action::PageDown;
                if moves
                    && (what == "empty"
                        || matches!(pane, Pane::Approvals | Pane::Calendar | Pane::Journal | Pane::Rollback))
                {
                    // In a list of few rows the hand may be at its end already.
                    continue;
                }
                let already = row.action == Action::Go(pane) || (row.action == Action::Left && pane == Pane::Bridge);
                if !already {
                    acts(&mut desk, row.action, &format!("{} on {pane:?}, {what}", row.name));
                }
            }
        }
    }
}

#[test]
fn refusals_say_the_reason() {
    for (action, reason) in [
        (Action::Undo, "nothing to take back"),
        (Action::Repeat, "nothing to repeat"),
        (Action::Zone, "no other zone"),
        (Action::Acknowledge, "no message"),
        (Action::LiftHold, "nothing is held"),
        (Action::PostponeTrigger, "no run"),
    ] {
        let mut desk = Desk::empty();
        assert!(desk.act(action).is_none());
        let said = &desk.ui.messages.back().unwrap().text;
        assert!(said.contains(reason), "{action:?}: {said}");
    }
    let mut desk = Desk::running();
    desk.ui.pane = Pane::Health;
    desk.act(Action::Zoom);
    assert!(desk.ui.messages.back().unwrap().text.contains("has the screen for itself already"));
}

#[test]
fn errands_go_to_the_runtime_and_what_they_bring_is_shown() {
    let mut desk = Desk::running();
    assert!(matches!(desk.act(Action::Verify), Some(Request::Errand(Errand::Verify))));
    assert!(matches!(desk.act(Action::Evidence), Some(Request::Errand(Errand::Export))));
    for (sound, word) in
        [(Sound::Proven, "PROVEN"), (Sound::Tampered, "TAMPERED"), (Sound::CannotProve, "CANNOT PROVE")]
    {
        let text = "journal/000001.jsonl: line 7: does not follow".to_owned();
        let verified = Verified { sound, text, notes: vec!["a note".to_owned()] };
        look::brought(&mut desk.ui, None, Ok(Brought::Verified(verified)));
        let screen = desk.screen(80, 24);
        assert!(screen.contains(word) && screen.contains("line 7") && screen.contains("a note"), "{screen}");
    }
    look::brought(&mut desk.ui, None, Ok(Brought::Written("/state/evidence.jsonl".into(), 12)));
    let screen = desk.screen(80, 24);
    assert!(screen.contains("12 lines of the journal") && screen.contains(" /state/evidence.jsonl"), "{screen}");
    look::brought(&mut desk.ui, None, Ok(Brought::Lines(vec!["moved 4 of 6".to_owned()], true)));
    let screen = desk.screen(80, 24);
    assert!(screen.contains("moved 4 of 6") && screen.contains("older lines"), "{screen}");
}

#[test]
fn may_shows_the_verdict_with_every_reason_and_the_next_opening() {
    let mut desk = Desk::running();
    let ask = |desk: &mut Desk, text: &str| {
        (desk.ui.sheet, desk.ui.prompt) = (None, None);
        desk.act(Action::May);
        assert_eq!(desk.ui.prompt.as_ref().unwrap().kind, PromptKind::May);
        let keys: Vec<String> =
            text.chars().map(|c| if c == ' ' { "space".to_owned() } else { c.to_string() }).collect();
        desk.press(&keys.iter().map(String::as_str).chain(["enter"]).collect::<Vec<_>>());
        desk.screen(100, 30)
    };
    let screen = ask(&mut desk, "deploy svc-000 place-00");
    assert!(screen.contains("PASS") && screen.contains("night window") && screen.contains("closes"), "{screen}");
    // And when it best may.
    assert!(screen.contains("for 1h00, the quietest of the next 14 days first"), "{screen}");
    let rows: Vec<_> = screen.lines().skip_while(|line| !line.contains("the quietest")).skip(1).collect();
    assert!(
        rows[0].contains("Sat 21 Nov 02:00Z, 03:00 there  closes Sat 21 Nov 05:00Z  nothing else is on"),
        "{screen}"
    );
    let screen = ask(&mut desk, "deploy svc-000 place-00 2030-01-01T00:00:00Z");
    assert!(screen.contains("no opening of 1h00 is known within 14 days"), "{screen}");
    let screen = ask(&mut desk, "deploy svc-000 place-00 2026-11-23T04:00:00Z");
    assert!(screen.contains("Q4 close") && screen.contains("outside window"), "{screen}");
    ask(&mut desk, "fly svc-000 place-00");
    assert!(desk.ui.messages.back().unwrap().text.contains("is no action; there are deploy"));
    ask(&mut desk, "deploy");
    assert!(desk.ui.messages.back().unwrap().text.contains("write ACTION SERVICE ENV"));
}

#[test]
fn copying_names_what_it_copies_and_a_draft_is_chosen() {
    let mut desk = Desk::running();
    let Some(Request::Copy(what, text)) = desk.act(Action::Copy) else { panic!("no copy") };
    assert!(what == "step 1" && text.contains("Shift the traffic of part 1") && text.contains("by the book"), "{text}");
    desk.act(Action::Update);
    assert!(desk.act(Action::Copy).is_none());
    let (_, requests) = desk.press(&["m", "enter"]);
    let Some(Request::Copy(what, text)) = requests.first() else { panic!("{requests:?}") };
    assert!(what == "the middle update" && text.contains("train is under way"), "{what}: {text}");
    let copied = Copied { what: what.clone(), bytes: text.len(), sent: true };
    look::brought(&mut desk.ui, Some(&copied), Err("cannot write: no room".to_owned()));
    assert!(desk.ui.messages.back().unwrap().text.contains("clipboard only: cannot write: no room"));
}

#[test]
fn incident_tells_a_stranger_what_is_wrong_and_whom_to_call() {
    let mut desk = Desk::running();
    desk.act(Action::Incident);
    let screen = desk.screen(120, 50);
    for part in [
        "INCIDENT",
        "what is wrong",
        "in flight: run 1",
        "step 1",
        "ways out",
        "+46 70 555 0101",
        "last decisions",
        "run start train",
    ] {
        let found = screen.contains(part) || part == "run start train" && screen.contains("run 1 started");
        assert!(found, "no {part:?}:\n{screen}");
    }
    // Its keys act, and it stays until it is put away.
    desk.press(&["H"]);
    assert!(desk.ui.asked.is_some());
    desk.press(&["esc", "esc"]);
    assert_eq!((desk.ui.sheet.clone(), desk.ui.pane), (None, Pane::Bridge));
}

#[test]
fn a_long_sheet_scrolls_and_says_how_much_there_is() {
    let mut desk = Desk::empty();
    let lines = (1..=90).map(|n| (holdpoint::tui::theme::Role::Text, format!("line {n} of it"))).collect();
    desk.ui.sheet = Some(Sheet::text("long", lines));
    assert!(desk.screen(80, 24).contains("1 to 19 of 90 lines"), "{}", desk.screen(80, 24));
    desk.press(&["G"]);
    assert!(desk.screen(80, 24).contains("line 90 of it"));
    desk.press(&["g", "j"]);
    assert!(desk.screen(80, 24).contains("2 to 20 of 90 lines"));
    desk.press(&["q"]);
    assert!(desk.ui.sheet.is_none() && !desk.ui.leaving);
}

#[test]
fn focus_goes_through_the_sections_of_the_bridge_and_zoom_shows_one() {
    let mut desk = Desk::running();
    desk.press(&["tab"]);
    assert_eq!((desk.ui.pane, desk.ui.focus), (Pane::Bridge, Pane::Health));
    desk.press(&["j", "z"]);
    assert!(desk.ui.target.is_some());
    let screen = desk.screen(80, 24);
    assert!(screen.contains("60 places") && !screen.contains("waiting for"), "{screen}");
    desk.press(&["enter"]);
    assert!(matches!(&desk.ui.sheet, Some(Sheet { subject: Subject::Place(..), .. })));
    desk.press(&["esc", "esc", "shift-tab", "shift-tab"]);
    assert_eq!((desk.ui.zoomed, desk.ui.focus), (false, Pane::Journal));
    let (log, requests) = desk.press(&["v"]);
    assert!(matches!(requests.as_slice(), [Request::Errand(Errand::Verify)]));
    assert_eq!((log[0].on.as_str(), log[0].did.as_deref()), ("bridge journal", Some("verify")));
}

#[test]
fn repeat_does_the_last_view_action_again() {
    let mut desk = Desk::running();
    desk.press(&["7", "r", "."]);
    assert!(!desk.ui.refused, "switched on and off again");
}

#[test]
fn keys_are_logged_with_where_they_went_and_what_they_did() {
    let mut desk = Desk::running();
    let (log, _) = desk.press(&["2", "down", "F", "7", ":", "a", "r", "m", "enter", "?", "esc"]);
    let told: Vec<_> = log.iter().map(|p| (p.key.as_str(), p.on.as_str(), p.did.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("2", "bridge", Some("runbook")),
            ("down", "runbook", Some("down")),
            ("F", "runbook", None),
            ("7", "runbook", Some("journal")),
            (":", "journal", Some("palette")),
            ("enter", "palette", Some("submitted \"arm\"")),
            ("?", "journal", Some("help")),
            ("esc", "help", Some("closed")),
        ]
    );
}

#[test]
fn nothing_typed_into_a_field_is_logged_before_it_is_submitted() {
    let mut desk = Desk::running();
    desk.ui.arming.arm(Duration::from_secs(5), USUAL, true).unwrap();
    // A note that is given up leaves no word of it.
    let (log, requests) = desk.press(&["L", "s", "e", "c", "r", "e", "t", "backspace", "left", "esc"]);
    let text = format!("{log:?}");
    assert_eq!(log.len(), 2, "{text}");
    assert!(requests.is_empty() && !text.contains("backspace") && log[1].did.as_deref() == Some("closed"));
    // One that is sent is kept as it was sent, and is the command's.
    let paste = Paste { text: "from the bridge".to_owned(), ..Paste::default() };
    let (log, requests) =
        desk.events([What::Key("L".parse().unwrap()), What::Paste(paste), What::Key("enter".parse().unwrap())].into());
    assert_eq!(log.iter().map(|p| p.key.as_str()).collect::<Vec<_>>(), ["L", "paste", "enter"]);
    assert_eq!(log[1].did, None, "what was pasted is not told apart from what was typed");
    assert_eq!(log[2].did.as_deref(), Some("agreed · reason \"from the bridge\""));
    let Some(Request::Command(command)) = requests.last() else { panic!("{requests:?}") };
    assert!(matches!(&**command, Command::Note(_, text) if text == "from the bridge"));
}

#[test]
fn of_a_challenge_only_that_it_was_answered_is_logged() {
    let mut desk = Desk::running();
    let question = Question { ask: Ask::NameAndCode, reason: None, ..crate::widget::rollback() };
    let dialog = Dialog::ask(question);
    desk.ui.asked = Some(Asked { dialog, intent: Some(Intent::Hold(Scope::All)), tried: None, basis: None });
    let (wrong, _) = desk.press(&["x", "y", "enter"]);
    assert_eq!(wrong.len(), 1);
    assert_eq!(wrong[0].did.as_deref(), Some("that is not what is asked for"));
    let expected = match &desk.ui.asked.as_ref().unwrap().dialog {
        Dialog::Consent(d) => d.expected.as_ref().unwrap().to_string(),
        Dialog::Blocked(_) => panic!("blocked"),
    };
    let mut keys: Vec<String> = ["backspace"; 2].map(str::to_owned).into();
    keys.extend(expected.chars().map(|c| if c == ' ' { "space".to_owned() } else { c.to_string() }));
    let mut log = Vec::new();
    for key in keys.iter().map(String::as_str).chain(["enter"]) {
        log.extend(desk.press(&[key]).0);
    }
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(log[0].did.as_deref(), Some("agreed · challenge answered"));
    assert!(!format!("{log:?}").contains(&expected), "{log:?}");
}
