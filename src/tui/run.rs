//! The loop: one inbox for terminal and runtime, one picture a batch.
//!
//! It never waits for the terminal or a backend. The first picture leaves before
//! anything has been read or started: whatever the screens are about is made on
//! a thread of its own. Whatever ends the loop, the terminal is given back.

mod call;
mod dress;
pub mod frames;
mod inbox;
mod keys;
mod opening;
mod past;
mod play;
pub mod settings;

pub use dress::Look;
pub use opening::{About, Ended, LONGEST, Opening, run};

use super::arming::End;
use super::draw;
use super::hand::Shown;
use super::model::Model;
use super::press;
use super::replay::Replay;
use super::request::{Copied, Request};
use super::script::{Failure, Picture, Ran, Stage};
use super::sheet::{Sheet, Subject};
use super::terminal::{Event, Key, Terminal, What, lent};
use super::theme::{Role, Theme, Themes};
use super::ui::Ui;
use super::update::{self, Seen};
use super::uptime::uptime;
use super::view::View;
use crate::domain::command::Command;
use crate::engine::incident;
use crate::runtime::clock::now;
use crate::runtime::input::{Answer, Brought, Errand, Input, Trouble, Update};
use crate::runtime::{Runtime, Setup};
use frames::Frames;
use inbox::Inbox;
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// The longest pause between two looks at clocks.
const TICK: Duration = Duration::from_secs(1);
/// How long after a key what was seen just before it is drawn in full.
const LATER: Duration = Duration::from_millis(100);

/// So long after the session began the first screen may still become the incident screen.
const FIRST: Duration = Duration::from_secs(20);

/// What reaches the loop.
enum Message {
    /// The terminal has said something.
    Woken,
    Terminal(Event),
    /// A key that a script presses.
    Scripted(Event),
    /// A program of the script has ended.
    Ran(Ran),
    /// What the screens are about, unless it could not be made.
    Made(Option<About>),
    Runtime(Update),
    Answered(Answer),
    /// What an errand brought; for a copied text, what became of it.
    Brought(Option<Copied>, Result<Brought, String>),
    /// All themes, when they have been read and whenever a file of theirs has changed.
    Themes(Themes),
    /// What the keymap's files say, whenever one has changed.
    Keys(keys::Said),
}

/// Why the loop ended.
enum Left {
    Quit,
    Ended(&'static str),
    Panicked(String),
    Unmade,
    Unplayed(Box<Failure>),
}

struct Screen {
    terminal: Terminal,
    theme: Theme,
    worn: dress::Worn,
    caller: call::Caller,
    /// What the keymap's files said last.
    said: keys::Said,
    model: Model,
    ui: Ui,
    runtime: Option<Runtime>,
    /// What is played in place of a session.
    replay: Option<Replay>,
    stage: Option<Stage>,
    /// Since when a session has been open and nobody has pressed a key: what the first screen is may still change.
    fresh: Option<Instant>,
    stopped: Option<Box<Failure>>,
    /// Keys that were pressed before there was a session to log them in.
    early: Vec<Input>,
    messages: Sender<Message>,
}

impl Screen {
    fn until_end(&mut self, inbox: &Inbox) -> Left {
        let mut frames = Frames::new(Instant::now());
        let mut due = Instant::now() + TICK;
        // When what has been seen and was not drawn yet may be.
        let mut owed = None;
        loop {
            let mut dirty = if owed.is_some() { Dirty::Soon } else { Dirty::No };
            let tick = self.patience();
            let next = owed.map_or(due, |at| due.min(at));
            let patience = tick.min(next.saturating_duration_since(Instant::now()));
            let mut second = false;
            match inbox.wait(patience) {
                Ok(message) => {
                    if let Some(end) = self.take(message, &mut dirty) {
                        return end;
                    }
                }
                // Only the script woke us: the clock on the screen has not moved.
                Err(RecvTimeoutError::Timeout) if patience < tick => {}
                Err(RecvTimeoutError::Timeout) => (dirty, second) = (Dirty::Soon, true),
                Err(RecvTimeoutError::Disconnected) => return Left::Ended("the loop lost its inbox"),
            }
            let woken = Instant::now();
            let until = if second { frames.free(woken) } else { frames.due(woken) };
            if let Some(end) = self.gather(inbox, &mut dirty, until.min(due)) {
                return end;
            }
            if self.ui.leaving {
                return Left::Quit;
            }
            self.ui.stamp(now());
            self.pass();
            self.first_screen();
            let (at, uptime) = (self.instant(), uptime());
            let seen = Seen { model: &self.model, theme: &self.theme, now: at, uptime };
            update::watch::watch(&mut self.ui, &seen);
            self.first_screen();
            self.foresee();
            if dirty != Dirty::No || self.ui.unpainted() {
                let rest = self.terminal.rest();
                let waits = dirty == Dirty::Soon && !self.ui.unpainted() && !rest.is_zero();
                owed = if waits {
                    frames.rest(Instant::now());
                    Some(Instant::now() + rest)
                } else {
                    self.show(dirty, &mut frames)
                };
                // Whoever is called is called at once, whatever the picture waits for.
                self.model.refresh(self.instant());
                self.call();
            }
            match self.play() {
                Ok(next) => due = next,
                Err(left) => return left,
            }
        }
    }

    /// Takes in what has come, and until then what comes while nothing was more than seen; once something was, no more
    /// than what else the terminal says.
    fn gather(&mut self, inbox: &Inbox, dirty: &mut Dirty, until: Instant) -> Option<Left> {
        loop {
            let there = if *dirty == Dirty::Now { inbox.terminal() } else { inbox.next() };
            let left = until.saturating_duration_since(Instant::now());
            let comes = || (*dirty == Dirty::Soon && !left.is_zero()).then(|| inbox.wait(left).ok()).flatten();
            let message = there.or_else(comes)?;
            if let Some(end) = self.take(message, dirty) {
                return Some(end);
            }
        }
    }

    /// Until the next full second of the wall clock, when times on the screen change.
    fn patience(&self) -> Duration {
        if let Some(beat) = self.beat() {
            return beat;
        }
        let into = u64::from(now().timestamp_subsec_millis());
        TICK.saturating_sub(Duration::from_millis(into)).max(Duration::from_millis(10))
    }

    /// Whoever opens the screens while something is wrong sees that first; once a key
    /// was pressed, or a while has gone by, nothing takes the screen away.
    fn first_screen(&mut self) {
        let fresh = self.fresh.filter(|since| since.elapsed() < FIRST);
        self.fresh = fresh;
        if fresh.is_some() && self.ui.sheet.is_none() && incident::touches(&self.model.given(self.instant())) {
            self.ui.sheet = Some(Sheet::of(Subject::Incident));
            self.fresh = None;
        }
    }

    fn take(&mut self, message: Message, dirty: &mut Dirty) -> Option<Left> {
        match message {
            Message::Woken => {}
            Message::Terminal(event) if self.audience(&event) => dirty.at_least(Dirty::Now),
            // A script that was stopped has no keys any more, not even one on its way.
            Message::Scripted(_) if self.stage.is_none() => {}
            Message::Terminal(event) | Message::Scripted(event) => return self.event(&event, dirty),
            Message::Ran(ran) => return self.ran(&ran),
            Message::Made(None) => return Some(Left::Unmade),
            Message::Made(Some(about)) => {
                match about {
                    About::Session(setup) => self.start(*setup),
                    About::Past(past) => self.replay(*past),
                }
                dirty.at_least(Dirty::Now);
            }
            Message::Runtime(Update::Foreseen(number, n, said)) => {
                self.ui.foreseen(number, n, said);
                dirty.at_least(Dirty::Soon);
            }
            Message::Runtime(update) => {
                self.tell_trouble(&update);
                self.model.take(update);
                dirty.at_least(Dirty::Soon);
            }
            Message::Answered(answer) => {
                match answer {
                    Answer::Done(_) => {}
                    Answer::Refused(refusal) => update::refused(&mut self.ui, &refusal),
                    Answer::Unwritten(why) => self.ui.say(Role::Fail, format!("nothing was done: {why}")),
                }
                dirty.at_least(Dirty::Now);
            }
            Message::Themes(themes) => {
                self.themes(themes);
                dirty.at_least(Dirty::Now);
            }
            Message::Keys(said) => {
                self.keys(said);
                dirty.at_least(Dirty::Now);
            }
            Message::Brought(what, brought) => {
                update::look::brought(&mut self.ui, what.as_ref(), brought);
                dirty.at_least(Dirty::Now);
            }
        }
        None
    }

    /// Begins the session that was made behind the first picture.
    fn start(&mut self, setup: Setup) {
        self.model = Model::of(setup.workspace.clone());
        let updates = self.messages.clone();
        let runtime = Runtime::start(setup, move |update| drop(updates.send(Message::Runtime(update))));
        let _ = runtime.inbox().send(Input::LookBack);
        self.early.drain(..).for_each(|key| drop(runtime.inbox().send(key)));
        self.runtime = Some(runtime);
        self.fresh = Some(Instant::now());
    }

    /// Says what begins to be wrong, and that it is mended, on whichever pane.
    fn tell_trouble(&mut self, update: &Update) {
        let Update::Trouble(what, now) = update else { return };
        let name = format!("{what:?}").to_lowercase();
        let waits = *what == Trouble::Backends;
        match (now, self.model.troubles.get(what)) {
            // It names the backends itself, and is no failure.
            (Some(why), before) if before != Some(why) && waits => self.ui.say(Role::Warn, why.clone()),
            (Some(why), before) if before != Some(why) => self.ui.say(Role::Fail, format!("{name}: {why}")),
            (None, Some(_)) if waits => self.ui.say(Role::Ok, "the files are as the backends were started again"),
            (None, Some(_)) => self.ui.say(Role::Ok, format!("{name}: well again")),
            _ => {}
        }
    }

    fn event(&mut self, event: &Event, dirty: &mut Dirty) -> Option<Left> {
        match &event.what {
            What::HangUp(how) | What::Ending(how) => return Some(Left::Ended(how)),
            What::Panicked(text) => return Some(Left::Panicked(text.clone())),
            What::Painted(frame) => {
                if let Some(stage) = &mut self.stage {
                    stage.painted(*frame);
                }
                self.ui.painted(*frame, event.at);
                return None;
            }
            What::Mouse(_) if !self.ui.mouse => return None,
            What::Resized => self.terminal.forget(),
            What::Stop => {
                self.ui.disarm(End::Suspended);
                self.pause();
                self.caller.untitled();
                self.terminal.suspend();
            }
            What::Continue if self.terminal.resume().is_err() => {
                return Some(self.untaken());
            }
            _ => {}
        }
        dirty.at_least(Dirty::Now);
        if self.runtime.is_none()
            && self.replay.is_none()
            && matches!(&event.what, What::Key(key) if *key == Key::ctrl('c'))
        {
            // Nothing has begun that leaving could interrupt.
            self.ui.leaving = true;
            return None;
        }
        if matches!(&event.what, What::Key(_) | What::Mouse(_)) {
            self.fresh = None;
        }
        let (at, uptime) = (self.instant(), uptime());
        let seen = Seen { model: &self.model, theme: &self.theme, now: at, uptime };
        let took = press::take(&mut self.ui, &seen, event);
        self.dress();
        self.terminal.mouse(self.ui.mouse);
        if let Some(pressed) = took.pressed {
            self.tell(Input::Key(pressed));
        }
        if let Some(request) = took.request {
            return self.carry(request);
        }
        None
    }

    /// Takes a request where it belongs; nothing here waits for it.
    fn carry(&mut self, request: Request) -> Option<Left> {
        if self.replay.is_some() {
            return self.carry_past(request);
        }
        match request {
            Request::Command(command) => self.command(command),
            Request::Commands(commands) => commands.into_iter().for_each(|command| self.command(Box::new(command))),
            Request::Tried(command) => self.tell(Input::Tried(command)),
            Request::Errand(errand) => self.errand(errand, None),
            Request::Copy(what, text) => {
                let sent = self.terminal.copy(&text);
                let copied = Copied { what, bytes: text.len(), sent };
                self.errand(Errand::Copy(text), Some(copied));
            }
            Request::Edit(text) => return self.lend(|ends| lent::edited(&text, ends).map(Some)),
            Request::Page(text) => return self.lend(|ends| lent::paged(&text, ends).map(|()| None)),
            Request::Redraw if self.terminal.resume().is_err() => {
                return Some(Left::Ended("the terminal could not be painted anew"));
            }
            Request::Redraw | Request::Replay(_) => {}
        }
        None
    }

    /// Why the terminal could not be taken again: what ended it, where that was heard.
    fn untaken(&self) -> Left {
        Left::Ended(self.terminal.ends()().unwrap_or("the terminal could not be taken again"))
    }

    /// Lends the terminal to a program and takes what it wrote for the open dialog, if
    /// it wrote anything. Nothing else of this session waits for it.
    fn lend(&mut self, program: impl FnOnce(lent::Ends<'_>) -> Result<Option<String>, String>) -> Option<Left> {
        self.ui.disarm(End::Suspended);
        self.ui.hand.forget();
        self.terminal.lend();
        self.caller.untitled();
        let ends = self.terminal.ends();
        let wrote = program(&ends);
        if let Some(how) = ends() {
            return Some(Left::Ended(how));
        }
        if self.terminal.resume().is_err() {
            return Some(self.untaken());
        }
        let mut whole = true;
        if let Some(asked) = &mut self.ui.asked {
            asked.dialog.disturb("the terminal was lent: type it again");
            whole = wrote.iter().flatten().all(|text| asked.dialog.rewritten(text));
        }
        if let Err(why) = wrote {
            self.ui.say(Role::Warn, format!("{why}; nothing else has changed"));
        } else if !whole {
            self.ui.say(Role::Warn, "the text was cut: the field holds no more");
        }
        None
    }

    fn command(&mut self, command: Box<Command>) {
        let answers = self.messages.clone();
        self.tell(Input::Command(command, Box::new(move |a| drop(answers.send(Message::Answered(a))))));
    }

    fn errand(&mut self, errand: Errand, what: Option<Copied>) {
        let answers = self.messages.clone();
        self.tell(Input::Errand(errand, Box::new(move |found| drop(answers.send(Message::Brought(what, found))))));
    }

    /// Has backends asked for the dialog that has just opened; nothing waits for what they say.
    fn foresee(&mut self) {
        if let Some((number, operations)) = self.ui.foresee() {
            self.tell(Input::Foresee(number, operations));
        }
    }

    /// Hands something to the runtime. Before there is one, keys wait for it and
    /// everything else is refused.
    fn tell(&mut self, input: Input) {
        match (&self.runtime, &input) {
            _ if self.replay.is_some() => {}
            (Some(runtime), _) => drop(runtime.inbox().send(input)),
            (None, Input::Key(_)) => self.early.push(input),
            (None, _) => self.ui.say(Role::Warn, "not open yet: nothing was done; press the key again"),
        }
    }

    /// Draws: for a key with what follows from the last moment's observations, as soon as it can be, and with the rest
    /// of it later; until when that waits. For what is seen with all that follows from it.
    fn show(&mut self, dirty: Dirty, frames: &mut Frames) -> Option<Instant> {
        if dirty == Dirty::Soon {
            let now = self.instant();
            self.model.settle(now);
            // A replay has its own pace.
            if !self.replay.as_ref().is_some_and(Replay::playing) {
                frames.drawn(Instant::now());
            }
        }
        self.draw();
        (!self.model.is_settled()).then(|| Instant::now() + LATER)
    }

    fn draw(&mut self) {
        let now = self.instant();
        let Self { terminal, theme, model, ui, stage, .. } = self;
        model.refresh(now);
        let view = View { model, ui, theme, now, uptime: uptime(), marks: Default::default() };
        let (mut picture, mut small, mut furthest, mut shown) = (None, false, None, Shown::default());
        let mut answers = None;
        let frame = terminal.draw(|area, buffer| {
            small = area.width < 40 || area.height < 10;
            let drawn = draw::draw(&view, area, buffer);
            let cursor = drawn.cursor;
            (furthest, shown, answers) = (drawn.furthest, drawn.shown, drawn.answers);
            picture = stage.as_ref().map(|_| Picture::of(buffer, cursor));
            cursor
        });
        if let (Some(stage), Some(frame), Some(picture)) = (stage, frame, picture) {
            stage.drawn(frame, picture);
        }
        if let (Some(sheet), Some(furthest)) = (&mut ui.sheet, furthest) {
            sheet.furthest = furthest;
        }
        if let Some(frame) = frame {
            self.ui.hand.drawn(frame, shown);
        }
        if small {
            // One line is shown: what is asked cannot be seen, and takes no keys.
            self.ui.too_small();
        } else if let Some(frame) = frame {
            self.ui.offered(answers.unwrap_or(usize::MAX));
            self.ui.drawn(frame);
        }
    }
}

/// Whether a picture is due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Dirty {
    No,
    Soon,
    Now,
}

impl Dirty {
    fn at_least(&mut self, other: Dirty) {
        *self = (*self).max(other);
    }
}
