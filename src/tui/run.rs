//! The loop: one inbox for terminal and runtime, one picture a batch.
//!
//! It never waits for the terminal or a backend. The first picture leaves before
//! the journal is open. Whatever ends it, the terminal is given back.

use super::arming::End;
use super::ask;
use super::draw;
use super::keymap::Keymap;
use super::model::Model;
use super::press;
use super::request::Request;
use super::terminal::{Event, Sink, Terminal, What};
use super::theme::{Role, Theme};
use super::ui::Ui;
use super::update::{self, Seen};
use super::uptime::uptime;
use super::view::View;
use crate::runtime::clock::now;
use crate::runtime::input::{Answer, Brought, Errand, Input, Update};
use crate::runtime::{Runtime, Setup};
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

/// The longest pause between two looks at clocks.
const TICK: Duration = Duration::from_secs(1);
/// At most this often pictures are drawn for what is seen; keys are drawn at once.
const FRAME: Duration = Duration::from_millis(100);

/// What reaches the loop.
enum Message {
    Terminal(Event),
    Runtime(Update),
    Answered(Answer),
    /// What an errand brought; for a copied text, what it is.
    Brought(Option<String>, Result<Brought, String>),
}

/// How the screens ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// The operator left.
    Quit,
    /// A signal or a hang-up.
    Ended(&'static str),
    /// A thread panicked; its message.
    Panicked(String),
}

/// Runs the screens until they end. `setup` is made while the first picture is
/// on its way; `theme` is the one asked for, if one is.
pub fn run(setup: Setup, theme: Option<&str>) -> io::Result<Ended> {
    let (messages, inbox) = mpsc::channel();
    let to_loop = messages.clone();
    let sink: Sink = Arc::new(move |event| drop(to_loop.send(Message::Terminal(event))));
    let terminal = Terminal::open(sink)?;
    let theme = Theme::choose(theme, |name| std::env::var(name).ok());
    let keymap = Keymap::shipped().map_err(|wrong| io::Error::other(format!("{wrong:?}")))?;
    let mut screen = Screen {
        terminal,
        theme,
        keymap,
        model: Model::of(setup.workspace.clone()),
        ui: Ui::default(),
        runtime: None,
        messages: messages.clone(),
    };
    screen.draw();
    let updates = messages;
    screen.runtime = Some(Runtime::start(setup, move |update| drop(updates.send(Message::Runtime(update)))));
    let ended = screen.until_end(&inbox);
    let how = match &ended {
        Ended::Quit => "quit".to_owned(),
        Ended::Ended(how) => (*how).to_owned(),
        Ended::Panicked(_) => "panic".to_owned(),
    };
    // The terminal first: the shell is given back even if the journal takes its time.
    let Screen { terminal, runtime, .. } = screen;
    drop(terminal);
    if let Some(runtime) = runtime {
        runtime.close(&how);
    }
    Ok(ended)
}

struct Screen {
    terminal: Terminal,
    theme: Theme,
    keymap: Keymap,
    model: Model,
    ui: Ui,
    runtime: Option<Runtime>,
    messages: Sender<Message>,
}

impl Screen {
    fn until_end(&mut self, inbox: &Receiver<Message>) -> Ended {
        let mut drawn = std::time::Instant::now();
        loop {
            let mut dirty = Dirty::No;
            match inbox.recv_timeout(self.patience()) {
                Ok(message) => {
                    if let Some(end) = self.take(message, &mut dirty) {
                        return end;
                    }
                }
                Err(RecvTimeoutError::Timeout) => dirty = Dirty::Soon,
                Err(RecvTimeoutError::Disconnected) => return Ended::Ended("the loop lost its inbox"),
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
                return Ended::Quit;
            }
            self.tick();
            if dirty != Dirty::No || self.ui.asked.as_ref().is_some_and(|a| a.dialog.unpainted()) {
                self.draw();
                drawn = std::time::Instant::now();
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

    fn take(&mut self, message: Message, dirty: &mut Dirty) -> Option<Ended> {
        match message {
            Message::Terminal(event) => return self.event(&event, dirty),
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
            Message::Brought(what, brought) => {
                update::look::brought(&mut self.ui, what.as_deref(), brought);
                dirty.at_least(Dirty::Now);
            }
        }
        None
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

    fn event(&mut self, event: &Event, dirty: &mut Dirty) -> Option<Ended> {
        match &event.what {
            What::HangUp(how) | What::Ending(how) => return Some(Ended::Ended(how)),
            What::Panicked(text) => return Some(Ended::Panicked(text.clone())),
            What::Painted(frame) => {
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
                return Some(Ended::Ended("the terminal could not be taken again"));
            }
            _ => {}
        }
        dirty.at_least(Dirty::Now);
        let took = press::take(&mut self.ui, &self.keymap, &seen(&self.model, &self.theme), event);
        if let Some(pressed) = took.pressed {
            self.tell(Input::Key(pressed));
        }
        if let Some(request) = took.request {
            return self.carry(request);
        }
        None
    }

    /// Takes a request where it belongs; nothing here waits for it.
    fn carry(&mut self, request: Request) -> Option<Ended> {
        match request {
            Request::Command(command) => {
                let answers = self.messages.clone();
                self.tell(Input::Command(command, Box::new(move |a| drop(answers.send(Message::Answered(a))))));
            }
            Request::Errand(errand) => self.errand(errand, None),
            Request::Copy(what, text) => {
                self.terminal.copy(&text);
                self.errand(Errand::Copy(text), Some(what));
            }
            Request::Redraw if self.terminal.resume().is_err() => {
                return Some(Ended::Ended("the terminal could not be painted anew"));
            }
            Request::Redraw => {}
        }
        None
    }

    fn errand(&self, errand: Errand, what: Option<String>) {
        let answers = self.messages.clone();
        self.tell(Input::Errand(errand, Box::new(move |found| drop(answers.send(Message::Brought(what, found))))));
    }

    fn tell(&self, input: Input) {
        if let Some(runtime) = &self.runtime {
            let _ = runtime.inbox().send(input);
        }
    }

    fn draw(&mut self) {
        let Self { terminal, theme, keymap, model, ui, .. } = self;
        let now = now();
        model.refresh(now);
        let view = View { model, ui, theme, now, uptime: uptime() };
        let frame = terminal.draw(|area, buffer| draw::draw(&view, keymap, area, buffer));
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
