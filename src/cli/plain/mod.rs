//! Plain mode: the release day as lines, for screen readers and dumb terminals.
//!
//! First the state in a few sentences, then a line for each change, and a prompt
//! that takes the verbs of the command line. It decides nothing: what a line
//! would do is printed in full, and done once the answer has been typed.

mod asked;
mod awaited;
mod back;
mod deed;
mod effect;
mod foretold;
mod lines;
mod lists;
mod news;
mod repeats;
mod saying;
mod stream;
mod told;
mod usage;
mod whom;
mod words;

use super::args::{Cli, Global, JournalVerb, Verb};
use super::context::Context;
use super::look::Topics;
use super::outcome::{Ended, Exit, Failure};
use super::session::Session;
use crate::domain::catalogue::Confirmation;
use crate::domain::command::Command;
use crate::domain::digest::Digest;
use crate::domain::fact::Fact;
use crate::domain::name::RunId;
use crate::engine::Run;
use asked::{Answer, Asks, Question};
use clap::Parser;
use deed::Deed;
use lines::{Heard, Line};
use news::News;
use std::io::IsTerminal;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};
use stream::{Hand, Stream};

/// How long the loop waits for what is published before it looks at the prompt.
const TURN: Duration = Duration::from_millis(50);
/// A turn that took longer than this was no turn: the process was stopped meanwhile.
const STOPPED: Duration = Duration::from_secs(8);

/// Whether lines are wanted in place of screens.
pub fn wanted(global: &Global) -> bool {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    global.plain || dumb || !std::io::stdout().is_terminal()
}

/// Runs plain mode in the workspace one stands in.
pub fn plain(global: &Global) -> Ended {
    let context = Context::open(global)?;
    let heard = lines::listen().map_err(|e| Failure::failed(format!("cannot read standard input: {e}")))?;
    let session = Session::open(&context, "plain", true)?;
    session.look_back();
    let mut plain =
        Plain { global, session, stream: Stream::open(), news: News::default(), open: None, withdrawn: None };
    let how = plain.run(&heard);
    let gone = plain.stream.gone;
    plain.session.close(how);
    if gone { Err(Failure::failed("nobody reads the output any more")) } else { Ok(Exit::Done) }
}

/// What is asked, and what is done once it is answered.
struct Open {
    question: Question,
    then: Then,
}

enum Then {
    Do(Box<Deed>),
    Quit,
}

struct Plain<'a> {
    global: &'a Global,
    session: Session,
    stream: Stream,
    news: News,
    open: Option<Open>,
    /// The question that was withdrawn since the last line: what is typed for it answers nothing else.
    withdrawn: Option<Question>,
}

impl Plain<'_> {
    /// Runs until it ends; how it ended.
    fn run(&mut self, heard: &Receiver<Heard>) -> &'static str {
        let topics = Topics::of_signals(&self.session.workspace);
        self.session.look(&topics);
        self.stream.tell(told::state(&self.session));
        self.stream.say("help lists what can be typed.");
        self.session.news.clear();
        self.news.settle(&self.session);
        let mut turn = Instant::now();
        loop {
            self.session.pump(TURN);
            if self.session.over() {
                self.stream.say("The session has ended by itself, by a mistake in holdpoint; open it again.");
                return "ended";
            }
            let moved = self.session.news.iter().any(|e| e.refusal.is_none() && !news::comes_or_goes(e));
            let news = self.news.take(&mut self.session);
            self.stream.tell(news);
            if moved {
                self.withdraw();
            }
            self.stream.tell(foretold::take(&mut self.session));
            self.forget(turn.elapsed() > STOPPED);
            match heard.try_recv() {
                Ok(Heard::Line(line)) => {
                    self.stream.entered();
                    if self.typed(&line) {
                        return "quit";
                    }
                }
                Ok(Heard::TooLong) => {
                    self.stream.entered();
                    self.stream.say("That line is too long: nothing was done.");
                }
                Err(TryRecvError::Empty) => {}
                Ok(Heard::End) | Err(TryRecvError::Disconnected) => return "end of input",
            }
            if self.stream.gone {
                return "output gone";
            }
            self.stream.prompt(if self.open.is_some() { &Hand::Asked } else { &Hand::Free });
            turn = Instant::now();
        }
    }

    /// Drops a question that nobody can have in mind any more.
    fn forget(&mut self, stopped: bool) {
        let old = self.open.as_ref().is_some_and(|open| open.question.forgotten(Instant::now()));
        if stopped && self.open.is_some() || old {
            self.open = None;
            self.session.ask_backends(Vec::new());
            self.stream.say("What was asked is too long ago: nothing was done. Ask for it again.");
        }
    }

    /// Takes a question back that others have settled, or whose ground has moved; what only holds
    /// it up may be over by the time it is answered.
    fn withdraw(&mut self) {
        let why = match self.open.as_ref().map(|open| &open.then) {
            None => return,
            Some(Then::Quit) if self.driven().is_some() => return,
            Some(Then::Quit) => "you have no conn any more; `quit` leaves.".to_owned(),
            Some(Then::Do(deed)) => match self.decided(deed) {
                Ok(_) => return,
                Err(failure) if failure.refusal.as_ref().is_some_and(|refusal| refusal.held) => return,
                Err(failure) => back::of_command(&self.session, &deed.as_if(), failure).words,
            },
        };
        self.withdrawn = self.open.take().map(|open| open.question);
        self.session.ask_backends(Vec::new());
        self.stream.say(&format!("What was asked is withdrawn, nothing was done: {why}"));
        self.stream.again();
    }

    /// Takes a line; true when it ends the session.
    fn typed(&mut self, line: &Line) -> bool {
        let withdrawn = self.withdrawn.take();
        match self.open.take() {
            Some(open) => self.answered(open, line),
            None if withdrawn.is_some_and(|question| question.expects(&line.text)) => {
                self.stream.say("That answers what was withdrawn: nothing was done.");
                false
            }
            None => self.asked_for(line),
        }
    }

    fn answered(&mut self, mut open: Open, line: &Line) -> bool {
        match open.question.answer(line) {
            Answer::Left => self.stream.say("Left as it is: nothing was done."),
            Answer::No => {
                let word = line.text.split_whitespace().next().unwrap_or_default();
                let lost = usage::of(word).map(|_| format!(" `{word}` was not done either: type it again."));
                self.stream.say(&format!("Not what was asked for: nothing was done.{}", lost.unwrap_or_default()));
            }
            Answer::NotTaken(why) => {
                self.stream.say(why);
                open.question.anew();
                self.ask(open);
            }
            Answer::Agreed(consent) => match open.then {
                Then::Quit => return true,
                Then::Do(deed) => self.carry(&deed, deed.agreed(Some(consent))),
            },
        }
        if self.open.is_none() {
            self.session.ask_backends(Vec::new());
        }
        false
    }

    /// Prints a question; what was typed before that is thrown away.
    fn ask(&mut self, mut open: Open) {
        self.stream.say(&open.question.words());
        self.stream.prompt(&Hand::Asked);
        lines::flush_typed_ahead();
        open.question.shown(Instant::now());
        self.open = Some(open);
    }

    /// Does what a line says, or asks before it does.
    fn asked_for(&mut self, line: &Line) -> bool {
        // What backends say of what was shown before is of no use any more.
        self.session.ask_backends(Vec::new());
        let words = match words::split(&line.text) {
            Ok(words) => words,
            Err(why) => {
                self.stream.say(&why);
                return false;
            }
        };
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => {}
            ["help" | "?"] => self.stream.say(usage::ALL),
            ["help" | "?", word, ..] | [word, "help" | "?" | "--help" | "-h"] => {
                let text = usage::of(word).unwrap_or_else(|| usage::unknown(word));
                self.stream.say(&text);
            }
            ["quit" | "q" | "exit"] => return self.quit(),
            ["status"] => self.stream.tell(told::state(&self.session)),
            ["steps"] => self.stream.tell(told::steps(&self.session, false)),
            ["steps", "all"] => self.stream.tell(told::steps(&self.session, true)),
            ["forecast"] => self.stream.tell(lists::forecast(&self.session, false)),
            ["forecast", "all"] => self.stream.tell(lists::forecast(&self.session, true)),
            ["approvals"] => self.stream.tell(lists::approvals(&self.session)),
            ["journal" | "journal tail"] | ["journal", "tail"] => self.journal(lists::LINES),
            ["journal", "tail", n] | ["journal", "tail", "-n", n] if n.parse::<usize>().is_ok() => {
                self.journal(n.parse().unwrap_or(lists::LINES));
            }
            ["waiting"] => self.stream.tell(told::awaited(&self.session)),
            ["health"] => self.stream.tell(told::health(&self.session)),
            _ => {
                if let Err(failure) = self.verb(&words, line) {
                    self.stream.say(&failure.words);
                }
            }
        }
        false
    }

    fn journal(&mut self, lines: usize) {
        match lists::journal(self.global, &self.session, lines) {
            Ok(told) => self.stream.tell(told),
            Err(failure) => self.stream.say(&failure.words),
        }
    }

    /// A run that has not ended and whose conn this session has.
    fn driven(&self) -> Option<RunId> {
        let mine = |run: &&Run| !run.ended() && self.session.ledger.driver(run) == Some(self.session.me());
        self.session.ledger.runs.values().find(mine).map(|run| run.id)
    }

    fn quit(&mut self) -> bool {
        let Some(run) = self.driven() else { return true };
        self.stream.say(&format!("You have the conn of run {run}: without you it is unattended."));
        let asks = Asks::Yes(Confirmation::None, Digest::default());
        if let Some(question) = Question::of(asks, random()) {
            self.ask(Open { question, then: Then::Quit });
        }
        false
    }

    fn verb(&mut self, words: &[String], line: &Line) -> Result<(), Failure> {
        let typed = words.first().cloned().unwrap_or_default();
        let words = words::verb(&self.session, words).map_err(Failure::usage)?;
        let parsed = Cli::try_parse_from(["holdpoint".to_owned()].into_iter().chain(words));
        let Cli { global, verb } = parsed.map_err(|e| Failure::usage(wrong(&typed, &e)))?;
        if global.directory.is_some() || global.state.is_some() || global.person.is_some() {
            return Err(Failure::usage(
                "-C, --state and --as belong to the command that opened this: quit, and open it so",
            ));
        }
        let Some(verb) = verb else { return Ok(()) };
        if looks(&verb) {
            let here = Global { json: global.json, ..self.global.clone() };
            return super::verb(Cli { global: here, verb: Some(verb) }).map(drop);
        }
        let Some(deed) = deed::of(&mut self.session, verb)? else {
            return Err(Failure::usage("that is not done from here; use it in a shell"));
        };
        if !line.alone && !deed.holds() {
            return Err(Failure::usage(
                "that came with other lines, as a paste does: nothing was done. Type it by itself.",
            ));
        }
        self.would(deed)
    }

    /// Shows what would be done, and asks; does it where nothing is asked.
    fn would(&mut self, deed: Deed) -> Result<(), Failure> {
        let as_if = deed.as_if();
        let facts = self.decided(&deed).inspect_err(|_| self.session.tried(as_if.clone()));
        let facts = facts.map_err(|failure| back::of_command(&self.session, &as_if, failure))?;
        let question = Question::of(deed.asks.clone(), random()).filter(|_| !deed.dry_run);
        if question.is_some() || deed.dry_run {
            self.stream.tell(deed.shown.clone());
            let entry = |facts| self.session.entry(&as_if, facts);
            let begins = deed.lets.map(|run| effect::begins(&self.session, run, &facts, entry)).unwrap_or_default();
            let would = saying::of(&self.session, &entry(facts.into_iter().filter(news_of).collect()))
                .into_iter()
                .map(|text| format!("Would: {text}."));
            let would: Vec<_> = if deed.said { Vec::new() } else { would.collect() };
            self.stream.tell(would.into_iter().chain(begins));
        }
        if question.is_some() || deed.dry_run {
            self.session.ask_backends(deed.sends.clone());
        }
        match question {
            _ if deed.dry_run => {}
            Some(question) => self.ask(Open { question, then: Then::Do(Box::new(deed)) }),
            None => self.carry(&deed, deed.agreed(None)),
        }
        Ok(())
    }

    /// What would be decided now.
    fn decided(&self, deed: &Deed) -> Result<Vec<Fact>, Failure> {
        match deed.drives {
            Some(run) => self.session.preview_driving(run, &deed.as_if()),
            None => self.session.preview(&deed.as_if()),
        }
    }

    fn carry(&mut self, deed: &Deed, command: Command) {
        if let Some(run) = deed.drives {
            match self.session.take_conn_if_free(run) {
                Ok(true) => self.stream.say(&format!("Nobody drove run {run}: you have its conn now.")),
                Ok(false) => {}
                Err(failure) => return self.stream.say(&failure.words),
            }
        }
        if let Err(failure) = self.session.command(command.clone()) {
            let failure = back::of_command(&self.session, &command, failure);
            self.stream.say(&failure.words);
        }
    }
}

/// Whether a fact is worth a preview: that one agrees is what is asked below it.
fn news_of(fact: &Fact) -> bool {
    !matches!(fact, Fact::Consented { .. })
}

/// Verbs that only look, and end.
fn looks(verb: &Verb) -> bool {
    use super::args::RunVerb;
    match verb {
        Verb::Status | Verb::Forecast { .. } | Verb::Calendar { .. } | Verb::May { .. } | Verb::Health => true,
        Verb::Approvals | Verb::Run(RunVerb::List | RunVerb::Show { .. }) | Verb::Check { .. } | Verb::Doctor => true,
        Verb::Journal(verb) => {
            !matches!(verb, JournalVerb::Tail { follow: true, .. } | JournalVerb::Head { publish: true })
        }
        Verb::Replay(asked) => asked.speed.is_none(),
        #[cfg(feature = "tui")]
        Verb::Keys { .. } => true,
        _ => false,
    }
}

/// What is wrong with a typed line, and how it is written.
fn wrong(typed: &str, error: &clap::Error) -> String {
    let rendered = error.render().to_string();
    let first = rendered.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    match usage::of(typed) {
        Some(usage) if error.kind() == clap::error::ErrorKind::InvalidSubcommand => usage,
        Some(usage) => format!("{}: nothing was done. {usage}", first.trim_end_matches(['.', ':'])),
        None if error.kind() == clap::error::ErrorKind::InvalidSubcommand => usage::unknown(typed),
        None => format!("{first}: nothing was done."),
    }
}

/// Fresh randomness for a challenge's code.
fn random() -> u64 {
    getrandom::u64().unwrap_or(0x9e37_79b9_7f4a_7c15)
}
