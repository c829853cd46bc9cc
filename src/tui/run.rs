//! The loop: one inbox for terminal and runtime, one picture a batch.
//!
//! It never waits for the terminal or a backend. The first picture leaves before
//! anything has been read or started: whatever the screens are about is made on
//! a thread of its own. Whatever ends the loop, the terminal is given back.

mod opening;
mod play;

pub use opening::{Ended, Opening, run};

use super::action::Place;
use super::arming::End;
use super::ask;
use super::dialog::Outcome;
use super::draw;
use super::keymap::Keymap;
use super::model::Model;
use super::script::{Failure, Picture, Ran, Stage};
use super::terminal::{Code, Event, Key, Terminal, What};
use super::theme::{Role, Theme};
use super::ui::{Intent, PromptKind, Ui};
use super::update::{self, Seen};
use super::uptime::uptime;
use super::view::View;
use crate::domain::command::Command;
use crate::engine::run::TriggerState;
use crate::runtime::clock::now;
use crate::runtime::input::{Answer, Update};
use crate::runtime::{Runtime, Setup};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// The longest pause between two looks at clocks.
const TICK: Duration = Duration::from_secs(1);
/// At most this often pictures are drawn for what is seen; keys are drawn at once.
const FRAME: Duration = Duration::from_millis(100);

/// What reaches the loop.
enum Message {
    Terminal(Event),
    /// A key that a script presses.
    Scripted(Event),
    /// A program of the script has ended.
    Ran(Ran),
    /// What the screens are about, unless it could not be made.
    Made(Option<Box<Setup>>),
    Runtime(Update),
    Answered(Answer),
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
    keymap: Keymap,
    model: Model,
    ui: Ui,
    runtime: Option<Runtime>,
    stage: Option<Stage>,
    stopped: Option<Box<Failure>>,
    messages: Sender<Message>,
}

impl Screen {
    fn until_end(&mut self, inbox: &Receiver<Message>) -> Left {
        let mut drawn = Instant::now();
        let mut due = drawn + TICK;
        loop {
            let mut dirty = Dirty::No;
            let tick = self.patience();
            let patience = tick.min(due.saturating_duration_since(Instant::now()));
            match inbox.recv_timeout(patience) {
                Ok(message) => {
                    if let Some(end) = self.take(message, &mut dirty) {
                        return end;
                    }
                }
                // Only the script woke us: the clock on the screen has not moved.
                Err(RecvTimeoutError::Timeout) if patience < tick => {}
                Err(RecvTimeoutError::Timeout) => dirty = Dirty::Soon,
                Err(RecvTimeoutError::Disconnected) => return Left::Ended("the loop lost its inbox"),
            }
            loop {
                match inbox.try_recv() {
                    Ok(message) => {
                        if let Some(end) = self.take(message, &mut dirty) {
                            return end;
                        }
                    }
                    // What is only seen is gathered for a moment; a key is not.
                    Err(_) if dirty == Dirty::Soon && drawn.elapsed() < FRAME => {
                        match inbox.recv_timeout(FRAME.saturating_sub(drawn.elapsed())) {
                            Ok(message) => {
                                if let Some(end) = self.take(message, &mut dirty) {
                                    return end;
                                }
                            }
                            Err(_) => break,
                        }
                    }
                    Err(_) => break,
                }
            }
            if self.ui.leaving {
                return Left::Quit;
            }
            self.tick();
            if dirty != Dirty::No || self.ui.asked.as_ref().is_some_and(|a| a.dialog.unpainted()) {
                self.draw();
                drawn = Instant::now();
            }
            match self.play() {
                Ok(next) => due = next,
                Err(left) => return left,
            }
        }
    }

    /// Until the next full second of the wall clock, when times on the screen change.
    fn patience(&self) -> Duration {
        let into = u64::from(now().timestamp_subsec_millis());
        TICK.saturating_sub(Duration::from_millis(into)).max(Duration::from_millis(10))
    }

    fn tick(&mut self) {
        let ended = self.ui.arming.tick(uptime());
        let drives = self.model.run().is_none_or(|run| run.ended() || self.model.drives(run));
        let ended = ended.or_else(|| if drives { None } else { self.ui.arming.end(End::ConnLost) });
        if let Some(end) = ended {
            self.ui.say(Role::Warn, end.words());
        }
    }

    fn take(&mut self, message: Message, dirty: &mut Dirty) -> Option<Left> {
        match message {
            Message::Terminal(event) if self.audience(&event) => dirty.at_least(Dirty::Now),
            Message::Terminal(event) | Message::Scripted(event) => return self.event(&event, dirty),
            Message::Ran(ran) => return self.ran(&ran),
            Message::Made(None) => return Some(Left::Unmade),
            Message::Made(Some(setup)) => {
                self.start(*setup);
                dirty.at_least(Dirty::Now);
            }
            Message::Runtime(update) => {
                self.tell_trouble(&update);
                self.model.take(update);
                dirty.at_least(Dirty::Soon);
            }
            Message::Answered(answer) => {
                match answer {
                    Answer::Done(_) => {}
                    Answer::Refused(refusal) => self.ui.asked = Some(ask::blocked("Refused", &refusal)),
                    Answer::Unwritten(why) => self.ui.say(Role::Fail, format!("nothing was done: {why}")),
                }
                dirty.at_least(Dirty::Now);
            }
        }
        None
    }

    /// Begins the session that was made behind the first picture.
    fn start(&mut self, setup: Setup) {
        self.model.workspace = Arc::new(setup.workspace.clone());
        self.model.opening = None;
        let updates = self.messages.clone();
        self.runtime = Some(Runtime::start(setup, move |update| drop(updates.send(Message::Runtime(update)))));
    }

    /// Says what begins to be wrong, and that it is mended, on whichever pane.
    fn tell_trouble(&mut self, update: &Update) {
        let Update::Trouble(what, now) = update else { return };
        let name = format!("{what:?}").to_lowercase();
        match (now, self.model.troubles.get(what)) {
            (Some(why), before) if before != Some(why) => self.ui.say(Role::Fail, format!("{name}: {why}")),
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
                if let Some(asked) = &mut self.ui.asked {
                    asked.dialog.painted(*frame, event.at);
                }
                return None;
            }
            What::Stop => {
                self.ui.arming.end(End::Suspended);
                self.terminal.suspend();
            }
            What::Continue if self.terminal.resume().is_err() => {
                return Some(Left::Ended("the terminal could not be taken again"));
            }
            _ => {}
        }
        dirty.at_least(Dirty::Now);
        if self.ui.asked.is_some() {
            self.dialog(event);
        } else if let What::Key(key) = &event.what {
            self.key(*key);
        }
        None
    }

    fn dialog(&mut self, event: &Event) {
        let Some(asked) = &mut self.ui.asked else { return };
        match asked.dialog.update(event) {
            Outcome::Open => {}
            Outcome::Cancelled => self.ui.asked = None,
            Outcome::Consented(agreed) => {
                let intent = self.ui.asked.take().and_then(|a| a.intent);
                match intent {
                    Some(Intent::Quit) => self.ui.leaving = true,
                    Some(intent) => {
                        if let Intent::Done(run, step) = &intent {
                            self.ui.undo = Some((*run, step.clone()));
                        }
                        let command = ask::command(intent, agreed.consent, agreed.reason);
                        self.send(command);
                    }
                    None => {}
                }
            }
        }
    }

    fn key(&mut self, key: Key) {
        if self.runtime.is_none() && key == Key::ctrl('c') {
            // Nothing has begun that leaving could interrupt.
            self.ui.leaving = true;
        } else if self.ui.help {
            self.ui.help = false;
        } else if let Some(menu) = self.ui.menu.take() {
            let typed = key.typed();
            let chosen = menu.items.into_iter().find(|(sign, ..)| Some(*sign) == typed).map(|(_, _, choice)| choice);
            let command =
                chosen.and_then(|choice| update::people::choose(&mut self.ui, &seen(&self.model, &self.theme), choice));
            self.send(command);
        } else if self.ui.prompt.is_some() {
            self.prompt(key);
        } else {
            let action = self.keymap.action(&self.places(), key);
            let command =
                action.and_then(|action| update::update(&mut self.ui, &seen(&self.model, &self.theme), action));
            self.send(command);
        }
    }

    fn prompt(&mut self, key: Key) {
        let Some(prompt) = &mut self.ui.prompt else { return };
        match key.code {
            Code::Esc => self.ui.prompt = None,
            Code::Enter => {
                let (kind, text) = (prompt.kind, prompt.input.value().to_owned());
                self.ui.prompt = None;
                match kind {
                    PromptKind::Filter => self.ui.filter = text,
                    PromptKind::Palette => match update::named(&text) {
                        Some(action) => {
                            let command = update::update(&mut self.ui, &seen(&self.model, &self.theme), action);
                            self.send(command);
                        }
                        None => self.ui.say(Role::Warn, format!("there is no action `{text}`; ? lists them")),
                    },
                }
            }
            _ => super::dialog::edit(&mut prompt.input, key),
        }
    }

    /// Where keys act now, most particular first.
    fn places(&self) -> Vec<Place> {
        use super::action::Pane;
        let tripped = self
            .model
            .ledger
            .runs
            .values()
            .any(|r| !r.ended() && r.triggers.values().any(|t| matches!(t, TriggerState::Tripped { .. })));
        let here = match self.ui.pane {
            Pane::Bridge | Pane::Runbook | Pane::Health => Place::Step,
            Pane::Approvals => Place::Approval,
            Pane::Rollback => Place::Rollback,
            Pane::Calendar => Place::Calendar,
            Pane::Journal => Place::Journal,
        };
        tripped.then_some(Place::Trigger).into_iter().chain([here]).collect()
    }

    fn send(&mut self, command: Option<Command>) {
        let Some(command) = command else { return };
        let Some(runtime) = &self.runtime else {
            return self.ui.say(Role::Warn, "not open yet: nothing was done; press the key again");
        };
        let answers = self.messages.clone();
        let reply = Box::new(move |answer| drop(answers.send(Message::Answered(answer))));
        let _ = runtime.inbox().send(crate::runtime::input::Input::Command(Box::new(command), reply));
    }

    fn draw(&mut self) {
        let Self { terminal, theme, keymap, model, ui, stage, .. } = self;
        let view = View { model, ui, theme, now: now(), uptime: uptime() };
        let mut picture = None;
        let frame = terminal.draw(|area, buffer| {
            let cursor = draw::draw(&view, keymap, area, buffer);
            picture = stage.as_ref().map(|_| Picture::of(buffer, cursor));
            cursor
        });
        if let (Some(stage), Some(frame), Some(picture)) = (stage, frame, picture) {
            stage.drawn(frame, picture);
        }
        if let (Some(asked), Some(frame)) = (&mut self.ui.asked, frame) {
            asked.dialog.drawn(frame);
        }
    }
}

fn seen<'a>(model: &'a Model, theme: &'a Theme) -> Seen<'a> {
    Seen { model, theme, now: now(), uptime: uptime() }
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
