//! The screens without a terminal: bytes go into the input port, requests come out,
//! and everything that a person would have seen is known.

use crate::chance::Chance;
use crate::estate::{self, Lines};
use chrono::TimeDelta;
use holdpoint::domain::backend::{BackendKind, BackendSpec, CommandSpec, Script};
use holdpoint::domain::catalogue::Confirmation;
use holdpoint::domain::command::{Command, StepCommand};
use holdpoint::domain::digest::Digest;
use holdpoint::domain::name::RunId;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::span::Span;
use holdpoint::domain::trigger::RollsBack;
use holdpoint::domain::workspace::{Purpose, Workspace};
use holdpoint::tui::action::Pane;
use holdpoint::tui::arming::USUAL;
use holdpoint::tui::dialog::{Ask, Card, Dialog, Question};
use holdpoint::tui::glyphs::Glyphs;
use holdpoint::tui::hand::{self, Id, Mark, Shown};
use holdpoint::tui::model::Model;
use holdpoint::tui::press;
use holdpoint::tui::request::Request;
use holdpoint::tui::terminal::keys::Parser;
use holdpoint::tui::terminal::{Event, FrameId, What};
use holdpoint::tui::theme::{Depth, Theme};
use holdpoint::tui::ui::{Asked, Intent, Ui};
use holdpoint::tui::update::Seen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long the screens have been up at the start.
const UPTIME: Duration = Duration::from_secs(5);

/// Someone, or something, at the keyboard.
pub struct Desk {
    pub model: Model,
    pub ui: Ui,
    pub theme: Theme,
    parser: Parser,
    start: Instant,
    /// What a picture shows by what is selected: nothing else moves here.
    known: BTreeMap<String, Shown>,
    now: Instant,
    frame: u64,
    /// What was asked for in the last picture that left, and every character that came
    /// by itself since, as the bytes had it.
    shown: Option<String>,
    typed: String,
}

/// A run of which one deploy to production can be started at once.
pub fn one_deploy() -> (Workspace, Lines) {
    let mut workspace = estate::workspace(20, 3);
    workspace.purpose = Purpose::Rehearsal;
    let script = Script { argv: vec!["sh".to_owned()], limit: Span::mins(1), not_applied: vec![], idempotent: false };
    let spec = CommandSpec { verbs: [(Verb::Deploy, script)].into(), ..CommandSpec::default() };
    let backend = BackendSpec { name: "sh".into(), every: Span::secs(5), kind: BackendKind::Command(spec) };
    workspace.backends.insert("sh".into(), backend);
    let mut plan = estate::plan(8);
    plan.steps.drain(..3);
    plan.steps[0].needs.clear();
    let mut lines = Lines::opened();
    lines.run(&workspace, plan);
    (workspace, lines)
}

impl Desk {
    pub fn new() -> Self {
        let (workspace, lines) = one_deploy();
        Self::of(workspace, &lines)
    }

    pub fn of(workspace: Workspace, lines: &Lines) -> Self {
        let mut model = estate::model(workspace, lines);
        model.refresh(lines.ledger.at + TimeDelta::seconds(1));
        let theme = Theme::built_in("dark", Depth::True, Glyphs::default()).unwrap();
        let (ui, parser, now) = (Ui::default(), Parser::default(), Instant::now());
        Self {
            model,
            ui,
            theme,
            known: BTreeMap::new(),
            parser,
            start: now,
            now,
            frame: 0,
            shown: None,
            typed: String::new(),
        }
    }

    /// How long the screens have been up.
    fn uptime(&self) -> Duration {
        UPTIME + (self.now - self.start)
    }

    /// The same desk for the next one: nothing asked, nothing typed, armed.
    pub fn again(&mut self) {
        self.ui = Ui { mouse: true, ..Ui::default() };
        self.parser = Parser::default();
        self.ui.arming.arm(self.uptime(), USUAL, true).unwrap();
        (self.shown, self.typed) = (None, String::new());
        self.paint();
    }

    /// Opens one of the dialogs that reach systems, by its number.
    pub fn open(&mut self, which: usize, chance: &mut Chance) {
        match which % 3 {
            0 => drop(self.bytes(b"s", Duration::from_millis(300))),
            n => {
                let one = RollsBack::One("svc-000".into(), "place-00".into());
                let intent = if n == 1 { Intent::RollBack(None, one) } else { Intent::Start(RunId(1), "4".into()) };
                let question = Question {
                    card: Card { title: "frozen".to_owned(), accept: "Do it".to_owned(), ..Card::default() },
                    ask: if n == 1 { Ask::Name } else { Ask::NameAndCode },
                    level: Confirmation::Challenge,
                    environment: "place-00".to_owned(),
                    saw: Digest::of_bytes(b"plan"),
                    reason: chance.one_in(2).then(|| ("as agreed".to_owned(), true)),
                    opened_by: None,
                    random: chance.next(),
                };
                self.ui.asked =
                    Some(Asked { dialog: Dialog::ask(question), intent: Some(intent), tried: None, basis: None });
                // Time passes until it is painted.
                self.now += Duration::from_millis(20);
                self.paint();
            }
        }
        assert!(
            self.asks().is_some(),
            "a dialog is open: {:?} {:?}",
            self.ui.messages.back().map(|m| &m.text),
            self.ui.asked.as_ref().map(|a| a.dialog.card())
        );
    }

    /// What the open dialog wants typed.
    pub fn asks(&self) -> Option<String> {
        match &self.ui.asked.as_ref()?.dialog {
            Dialog::Consent(consenting) => Some(consenting.expected.as_ref()?.to_string()),
            Dialog::Blocked(_) => None,
        }
    }

    /// The bytes of one read, `gap` after the one before. Fails when something leaves
    /// that should not; says how many operations left.
    pub fn bytes(&mut self, bytes: &[u8], gap: Duration) -> usize {
        let mut left = 0;
        let until = self.now + gap;
        while let Some(at) = self.parser.deadline().filter(|at| *at <= until) {
            self.now = at;
            let mut found = Vec::new();
            self.parser.expire(at, &mut found);
            left += self.take(found);
        }
        self.now = until;
        let mut found = Vec::new();
        self.parser.feed(bytes, until, &mut found);
        left + self.take(found)
    }

    pub fn what(&mut self, what: What) -> usize {
        self.now += Duration::from_millis(1);
        self.take(vec![what])
    }

    fn take(&mut self, found: Vec<What>) -> usize {
        let burst = found.len();
        let mut left = 0;
        for what in found {
            if let What::Key(key) = &what
                && let Some(c) = key.typed()
            {
                self.typed.push(c);
            }
            let seen =
                Seen { model: &self.model, theme: &self.theme, now: self.model.derived.at, uptime: self.uptime() };
            let event = Event { what, at: self.now, burst };
            let request = press::take(&mut self.ui, &seen, &event).request;
            if request.is_some_and(|request| reaches(&request)) {
                left += 1;
                self.judge();
            }
        }
        // The loop draws after each batch; that picture leaves a little later.
        self.now += Duration::from_millis(2);
        self.paint();
        left
    }

    /// What was asked for had been shown, and was typed since.
    fn judge(&self) {
        let shown = self.shown.as_deref().unwrap_or_else(|| panic!("something left and nothing had been asked"));
        let mut wanted = shown.chars();
        let mut next = wanted.next();
        for c in self.typed.chars() {
            if next.is_some_and(|n| n == c || (n.is_uppercase() && n.eq_ignore_ascii_case(&c))) {
                next = wanted.next();
            }
        }
        assert_eq!(next, None, "{shown:?} was asked for and {:?} typed since it was shown", self.typed);
    }

    /// A picture leaves now.
    fn paint(&mut self) {
        self.frame += 1;
        let frame = FrameId(self.frame);
        // As if everything were in sight: drawing each of these pictures would take hours.
        if self.ui.asked.is_none() && self.ui.prompt.is_none() {
            let seen = Seen { model: &self.model, theme: &self.theme, now: self.model.derived.at, uptime: UPTIME };
            let ui = &self.ui;
            let key = format!("{:?}", (ui.pane, ui.focus, ui.zoomed, &ui.step, &ui.target, &ui.ask, &ui.filters));
            let shown = self.known.entry(key).or_insert_with(|| pointed(hand::meant(&seen.view(ui)).ids()));
            self.ui.hand.drawn(frame, shown.clone());
        }
        self.ui.drawn(frame);
        self.ui.painted(frame, self.now);
        let asks = self.asks();
        if asks != self.shown {
            (self.shown, self.typed) = (asks, String::new());
        }
    }

    /// The screen as cells.
    pub fn picture(&self, width: u16, height: u16) -> Buffer {
        let seen = Seen { model: &self.model, theme: &self.theme, now: self.model.derived.at, uptime: self.uptime() };
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        holdpoint::tui::draw::draw(&seen.view(&self.ui), buffer.area, &mut buffer);
        buffer
    }
}

/// What can be acted on, a row of the screen each, so that the mouse finds it; and the footer below.
fn pointed(ids: impl Iterator<Item = Id>) -> Shown {
    let row = |(n, id)| Mark { id, area: Rect::new(0, 3 + n as u16, 100, 1), on: true };
    let tab = |(n, pane)| Mark { id: Id::Tab(pane), area: Rect::new(12 * n as u16, 29, 12, 1), on: true };
    let marks = ids.enumerate().map(row).chain(Pane::ALL.into_iter().enumerate().map(tab));
    Shown { marks: marks.collect(), over: false }
}

/// Whether a request sends something to a system.
fn reaches(request: &Request) -> bool {
    let Request::Command(command) = request else { return false };
    match &**command {
        Command::Step(_, _, StepCommand::Start(Some(_)) | StepCommand::Retry(Some(_)))
        | Command::RollBack { .. }
        | Command::Do { .. } => true,
        Command::StartRun(_, consents) => !consents.is_empty(),
        _ => false,
    }
}
