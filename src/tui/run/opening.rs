//! How the screens begin and end: the terminal first, one picture, and behind
//! it whatever they are about; at the end the terminal first again.
//!
//! What is made on the thread behind the picture has been made, or has failed,
//! when the screens have ended: nothing of it comes up afterwards. Who leaves
//! before that is told what is waited for, and does not wait for ever.

use super::call::Caller;
use super::dress::{self, Look, Worn};
use super::inbox::inbox;
use super::{Left, Message, Screen, keys, settings};
use crate::domain::workspace::{Purpose, Workspace};
use crate::runtime::Setup;
use crate::tui::model::Model;
use crate::tui::replay::Past;
use crate::tui::script::{Failure, Show, Stage};
use crate::tui::terminal::Terminal;
use crate::tui::theme::Role;
use crate::tui::ui::Ui;
use crate::tui::watch;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

/// How the screens ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended<E> {
    /// The operator left, or the script came to its end.
    Quit,
    /// A signal or a hang-up.
    Ended(&'static str),
    /// A thread panicked; its message.
    Panicked(String),
    /// What the screens are about could not be made.
    Unmade(E),
    /// The script did not come to its end.
    Unplayed(Box<Failure>),
    /// What was being made when the operator left had not ended after [`LONGEST`]; what it is.
    Abandoned(&'static str),
}

/// What the screens are about.
pub enum About {
    /// A session of the workspace, live.
    Session(Box<Setup>),
    /// A past run, without a session.
    Past(Box<Past>),
}
/// How long leaving waits for what is being made before it says so.
const QUIET: Duration = Duration::from_millis(300);
/// How long it waits at most.
pub const LONGEST: Duration = Duration::from_secs(5);

/// What the first picture shows, and how the rest is made behind it.
pub struct Opening<F> {
    /// The workspace's name, as far as it is known already.
    pub name: String,
    /// What the workspace is for, as far as that is known.
    pub purpose: Purpose,
    /// What is being done meanwhile, in words.
    pub words: &'static str,
    /// Makes what the screens are about, on a thread that has ended when the screens have.
    pub make: F,
    /// Tells whoever left what is still waited for, once the terminal is given back.
    pub tell: fn(&str),
}

/// Runs the screens until they end; `look` is how they are asked to look, and
/// `show` a script that presses the keys.
///
/// # Errors
/// When there is no terminal, or it cannot be taken.
pub fn run<E, F>(opening: Opening<F>, look: &Look, show: Option<Show>) -> io::Result<Ended<E>>
where
    E: Send + 'static,
    F: FnOnce() -> Result<About, E> + Send + 'static,
{
    let (sink, messages, inbox) = inbox();
    let terminal = Terminal::open(sink)?;
    let workspace = Workspace { name: opening.name, purpose: opening.purpose, ..Workspace::default() };
    let mut model = Model::of(workspace);
    model.opening = Some(opening.words);
    let stage = show.map(Stage::new);
    let mut ui = Ui::default();
    let (worn, theme) = Worn::first(look, &mut ui);
    let caller = Caller::of(&look.place, &mut ui);
    let said = keys::first(look, &mut ui);
    let (runtime, replay, stopped, early) = (None, None, None, Vec::new());
    let mut screen = Screen {
        terminal,
        theme,
        worn,
        caller,
        said,
        model,
        ui,
        runtime,
        replay,
        stage,
        fresh: None,
        stopped,
        early,
        messages,
    };
    screen.ui.mouse = settings::read(&look.place).unwrap_or_else(|problem| {
        screen.ui.say(Role::Fail, format!("{problem}; the mouse is the terminal's"));
        false
    });
    screen.terminal.mouse(screen.ui.mouse);
    screen.draw();
    watch::watch(vec![keys::files(look, screen.messages.clone()), dress::files(look, screen.messages.clone())])?;
    let (words, tell) = (opening.words, opening.tell);
    let made = make_behind(opening.make, screen.messages.clone())?;
    let left = screen.until_end(&inbox);
    let how = match &left {
        Left::Quit => "quit",
        Left::Ended(how) => how,
        Left::Panicked(_) => "panic",
        Left::Unmade | Left::Unplayed(_) => "failed",
    };
    // The terminal first: the shell is given back even if the journal takes its time.
    let Screen { terminal, runtime, stage, stopped, .. } = screen;
    drop(terminal);
    if let Some(runtime) = runtime {
        runtime.leave(how, tell).iter().for_each(|open| tell(open));
    }
    let made = until_made(&made, words, tell);
    let unplayed = || stopped.or_else(|| stage?.unplayed("the screens were left before the script's end"));
    Ok(match (left, made) {
        (Left::Unmade | Left::Quit, Some(Some(error))) => Ended::Unmade(error),
        (Left::Unmade, _) => Ended::Ended("what the screens are about could not be made"),
        (Left::Quit, None) => Ended::Abandoned(words),
        (Left::Quit, Some(None)) => unplayed().map_or(Ended::Quit, Ended::Unplayed),
        (Left::Ended(how), _) => Ended::Ended(how),
        (Left::Panicked(text), _) => Ended::Panicked(text),
        (Left::Unplayed(failure), _) => Ended::Unplayed(failure),
    })
}

/// Waits until what was being made has ended: with its error, if there is one. None when it takes too long.
fn until_made<E>(made: &Receiver<Option<E>>, words: &str, tell: fn(&str)) -> Option<Option<E>> {
    match made.recv_timeout(QUIET) {
        Ok(unmade) => return Some(unmade),
        // It panicked, and the panic has been told.
        Err(RecvTimeoutError::Disconnected) => return Some(None),
        Err(RecvTimeoutError::Timeout) => {}
    }
    tell(&format!("leaving; waiting at most {} s for what had begun: {words}", LONGEST.as_secs()));
    match made.recv_timeout(LONGEST) {
        Ok(unmade) => Some(unmade),
        Err(RecvTimeoutError::Disconnected) => Some(None),
        Err(RecvTimeoutError::Timeout) => None,
    }
}

/// Makes what the screens are about while they are up; the channel says that it ended, and the error if there is one.
fn make_behind<E, F>(make: F, messages: Sender<Message>) -> io::Result<Receiver<Option<E>>>
where
    E: Send + 'static,
    F: FnOnce() -> Result<About, E> + Send + 'static,
{
    let (ended, made) = mpsc::channel();
    std::thread::Builder::new().name("opening".to_owned()).spawn(move || {
        let (made, error) = match make() {
            Ok(about) => (Some(about), None),
            Err(error) => (None, Some(error)),
        };
        // After the loop has ended nobody listens, and nothing is to be started.
        let _ = messages.send(Message::Made(made));
        let _ = ended.send(error);
    })?;
    Ok(made)
}
