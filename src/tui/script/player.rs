//! From steps, the screen and the instant to the next key.
//!
//! Pure: it reads no clock and presses nothing itself. Like a person it looks
//! before each key: none is pressed before everything that was drawn is on the
//! screen, and none faster than a hand types.

use super::picture::Picture;
use super::step::{Act, Script, Wanted};
use crate::tui::terminal::{Code, Key};
use std::fmt;
use std::time::{Duration, Instant};

/// Between seeing something and the first key.
const THINK: Duration = Duration::from_millis(300);
/// Between two keys: this, and up to [`SPREAD`] more.
const PACE: Duration = Duration::from_millis(60);
const SPREAD: u64 = 60;
/// How long a dialog may take to be there, and to take what is typed.
const DIALOG: Duration = Duration::from_secs(30);

/// Follows a script.
#[derive(Clone, Debug)]
pub struct Player {
    script: Script,
    /// The step that is next or under way.
    at: usize,
    /// How much of it is done, in keys.
    within: usize,
    /// When it began.
    since: Option<Instant>,
    /// When the last key was pressed, and how many were.
    last: Option<Instant>,
    pressed: u64,
    /// Whether Enter followed what a dialog asked for.
    entered: bool,
    running: bool,
}

/// What the player sees.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The screen as it was last painted.
    pub picture: &'a Picture,
    /// Whether nothing newer is on its way to it.
    pub settled: bool,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing before this instant, unless the screen changes.
    Wait(Instant),
    /// Press this key, then ask again.
    Press(Key),
    /// Run this, then say how it went with [`Player::ran`].
    Run(Vec<String>),
    /// Show this caption; none when it is empty.
    Caption(String),
    /// The script has ended and the screens stay.
    Stay,
    /// The script has ended.
    End,
    /// It cannot go on.
    Failed(Box<Failure>),
}

/// How a program ended that the script has run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Its exit status; none when it could not be started or a signal ended it.
    pub exit: Option<i32>,
    /// What it said, or why it could not be started.
    pub said: String,
}

/// Why a script did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The file and the line: `tour.keys:12`.
    pub place: String,
    /// What was attempted, and why it did not work.
    pub words: String,
    /// The screen at that time.
    pub screen: Picture,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\nthe screen showed\n{}", self.place, self.words, self.screen)
    }
}

impl Player {
    /// At the beginning of a script.
    pub fn new(script: Script) -> Self {
        Self { script, at: 0, within: 0, since: None, last: None, pressed: 0, entered: false, running: false }
    }

    /// Whether nothing is left to do.
    pub fn ended(&self) -> bool {
        self.at >= self.script.steps.len()
    }

    /// What is to be done next.
    pub fn next(&mut self, seen: Seen<'_>, now: Instant) -> Next {
        loop {
            let Some(step) = self.script.steps.get(self.at) else { return Next::End };
            let since = *self.since.get_or_insert(now);
            let next = match &step.act {
                Act::Wait(wanted) if seen.picture.shows(&wanted.texts) != wanted.gone => None,
                Act::Wait(wanted) => Some(until(since + wanted.limit, now, || describe(wanted))),
                Act::Keys(keys) => keys.get(self.within).map(|key| Ok(Next::Press(*key))),
                Act::Type(text) => text.chars().nth(self.within).map(|c| Ok(Next::Press(Key::char(c)))),
                Act::Answer => answer(self.entered, seen, since, now),
                Act::Shell { .. } if self.running => Some(Ok(Next::Wait(now + THINK))),
                Act::Shell { argv, .. } => Some(Ok(Next::Run(argv.clone()))),
                Act::Say(text) => {
                    let text = text.clone();
                    self.go_on();
                    return Next::Caption(text);
                }
                Act::Pause(span) if now >= since + *span => None,
                Act::Pause(span) => Some(Ok(Next::Wait(since + *span))),
                Act::Stay => Some(Ok(Next::Stay)),
            };
            match next {
                None => self.go_on(),
                Some(Ok(Next::Press(key))) => return self.press(key, seen, since, now),
                Some(Ok(next)) => {
                    self.running = matches!(next, Next::Run(_)) || self.running;
                    return next;
                }
                Some(Err(words)) => return Next::Failed(Box::new(self.failure(words, seen.picture))),
            }
        }
    }

    /// Takes in how the program ended that was to be run.
    pub fn ran(&mut self, ran: &Ran, picture: &Picture) -> Result<(), Box<Failure>> {
        let Some(Act::Shell { argv, exit }) = self.script.steps.get(self.at).map(|step| &step.act) else {
            return Ok(());
        };
        if ran.exit == Some(*exit) {
            self.go_on();
            return Ok(());
        }
        let ended = match ran.exit {
            Some(status) => format!("ended with {status} in place of {exit}"),
            None => "did not run to its end".to_owned(),
        };
        let words = format!("`{}` {ended}: {}", argv.join(" "), ran.said.trim());
        Err(Box::new(self.failure(words, picture)))
    }

    /// Why it is not at its end, when something else ends it.
    pub fn failure(&self, words: String, picture: &Picture) -> Failure {
        let line = self.script.steps.get(self.at).or(self.script.steps.last()).map_or(0, |step| step.line);
        Failure { place: format!("{}:{line}", self.script.file), words, screen: picture.clone() }
    }

    fn go_on(&mut self) {
        self.at += 1;
        (self.within, self.since, self.entered, self.running) = (0, None, false, false);
    }

    /// Presses a key once a person would have: after a look, and a moment after the last.
    fn press(&mut self, key: Key, seen: Seen<'_>, since: Instant, now: Instant) -> Next {
        let gap = PACE + Duration::from_millis(self.pressed.wrapping_mul(37) % (SPREAD + 1));
        let after = self.last.map(|last| last + gap);
        let looked = (self.within == 0).then(|| since + THINK);
        let due = after.into_iter().chain(looked).max().unwrap_or(now);
        if now < due || !seen.settled {
            return Next::Wait(due.max(now + PACE));
        }
        self.entered = key.code == Code::Enter;
        self.within += 1;
        self.pressed += 1;
        self.last = Some(now);
        Next::Press(key)
    }
}

/// Waits until an instant, or says what was waited for in vain.
fn until(limit: Instant, now: Instant, what: impl FnOnce() -> String) -> Result<Next, String> {
    if now < limit { Ok(Next::Wait(limit)) } else { Err(what()) }
}

fn describe(wanted: &Wanted) -> String {
    let word = if wanted.gone { "still there" } else { "not there" };
    format!("waited {:?} and it is {word}: {}", wanted.limit, wanted.texts.join(" ... "))
}

/// The next key of an answer, by what the dialog shows; none when it is given.
fn answer(entered: bool, seen: Seen<'_>, since: Instant, now: Instant) -> Option<Result<Next, String>> {
    let look = |what: &str| Some(until(since + DIALOG, now, || format!("waited {DIALOG:?} and {what}")));
    if !seen.settled {
        return look("the screen was never up to date").map(|next| next.map(|_| Next::Wait(now + PACE)));
    }
    let Some(challenge) = seen.picture.challenge() else {
        return if entered { None } else { look("no dialog asks for anything to be typed") };
    };
    if now >= since + DIALOG {
        return look("the dialog did not take the answer");
    }
    let code = match challenge.typed {
        None => Key::new(Code::Tab),
        Some(typed) => match challenge.expected.strip_prefix(typed.as_str()) {
            None => Key::ctrl('u'),
            Some(rest) => rest.chars().next().map_or(Key::new(Code::Enter), Key::char),
        },
    };
    Some(Ok(Next::Press(code)))
}
