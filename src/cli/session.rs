//! A verb's session: a runtime without a screen, and its own fold of what the
//! runtime publishes.
//! It decides nothing: previews ask the engine, commands go to the runtime.

use super::context::Context;
use super::look::Topics;
use super::outcome::Failure;
use crate::domain::command::Command;
use crate::domain::entry::{By, Entry};
use crate::domain::fact::Fact;
use crate::domain::foreseen::{Foreseen, Returning};
use crate::domain::name::{PersonName, RunId};
use crate::domain::observed::Observed;
use crate::domain::operation::Operation;
use crate::domain::person::Actor;
use crate::domain::session::SessionId;
use crate::domain::span::Span;
use crate::domain::workspace::Workspace;
use crate::engine::{self, Given, Ledger, Run, feeds};
use crate::runtime::clock::now;
use crate::runtime::foresee::LIMIT;
use crate::runtime::input::{Answer, Input, Trouble, Update};
use crate::runtime::{Runtime, Setup};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long a one-shot verb waits for what its subject is judged by; what is
/// unknown then, holds.
const FIRST_LOOK: Span = Span::secs(5);
/// How long is waited for what backends foresee: they are given up before that.
const FORESIGHT: Span = Span::secs(LIMIT.as_secs() + 5);
/// How long a journal may refuse to be written before a verb gives up driving.
const UNWRITABLE: Span = Span::secs(5);

/// Why driving stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nothing goes on by itself any more.
    Settled,
    /// This person has the conn now, or nobody.
    Ousted(Option<PersonName>),
    /// The journal could not be written for a while; why.
    Unwritten(String),
}

/// A session without a screen.
pub struct Session {
    runtime: Runtime,
    updates: Receiver<Update>,
    /// The ledger as published so far.
    pub ledger: Ledger,
    /// What watches have seen.
    pub observed: Observed,
    /// What people declared.
    pub workspace: Arc<Workspace>,
    /// This session's actor.
    pub actor: Actor,
    /// Entries that have come since they were last taken.
    pub news: Vec<Entry>,
    /// What backends say of what was last asked of them.
    pub foreseen: Vec<Foreseen>,
    /// What they said last of what would take back what live runs have changed.
    pub way_back: Arc<Vec<Foreseen>>,
    /// The same of what they still have ahead.
    pub ahead: Arc<Vec<Returning>>,
    /// The number of that question.
    question: u64,
    /// What began to be wrong or was mended since this was last taken.
    pub troubles: Vec<(Trouble, Option<String>)>,
    trouble: Option<String>,
    /// Since when there has been trouble.
    troubled: Option<Instant>,
    /// Whether the dispatcher has gone.
    over: bool,
}

impl Session {
    /// Opens a session; `observe` starts the watches.
    pub fn open(context: &Context, program: &str, observe: bool) -> Result<Self, Failure> {
        let origin = context.origin(program)?;
        let (person, proof) = (origin.person.clone(), origin.proof);
        let setup = Setup {
            workspace: context.workspace.clone(),
            state: context.state.clone(),
            access: context.access(),
            origin,
            observe,
            reload: observe,
        };
        let (publish, updates) = std::sync::mpsc::channel();
        let runtime = Runtime::start(setup, move |update| drop(publish.send(update)));
        match updates.recv() {
            Ok(Update::Opened(opened)) => Ok(Self {
                runtime,
                updates,
                ledger: opened.ledger,
                observed: Observed::default(),
                workspace: opened.workspace,
                actor: Actor { person, proof, session: opened.session },
                news: Vec::new(),
                foreseen: Vec::new(),
                way_back: Arc::default(),
                ahead: Arc::default(),
                question: 0,
                troubles: Vec::new(),
                trouble: None,
                troubled: None,
                over: false,
            }),
            Ok(Update::Trouble(_, Some(why))) => Err(Failure::journal(why)),
            _ => Err(Failure::journal("the journal could not be opened")),
        }
    }

    /// What is known, as of now.
    pub fn given(&self) -> Given<'_> {
        Given { ledger: &self.ledger, workspace: &self.workspace, observed: &self.observed, now: now() }
    }

    /// This session's number.
    pub fn me(&self) -> SessionId {
        self.actor.session
    }

    /// A run, or the failure that says there is none.
    pub fn run(&self, run: RunId) -> Result<&Run, Failure> {
        self.ledger.run(run).ok_or_else(|| super::status::no_run(&self.ledger, run))
    }

    /// Takes in what has been published, waiting at most this long for more.
    pub fn pump(&mut self, patience: Duration) {
        match self.updates.recv_timeout(patience) {
            Ok(update) => self.take(update),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.ended(),
        }
        while let Ok(update) = self.updates.try_recv() {
            self.take(update);
        }
    }

    /// Notes that nothing more will come. A session that we did not close ends only
    /// by a mistake in the program.
    fn ended(&mut self) {
        let why = "the session ended by itself, by a mistake in holdpoint; look with `holdpoint status` and go on";
        self.over = true;
        self.trouble.get_or_insert_with(|| why.to_owned());
    }

    fn take(&mut self, update: Update) {
        match update {
            Update::Entries(entries) => {
                for entry in entries.iter() {
                    // What the dispatcher has folded folds here too; what came with the opening is known.
                    if entry.seq > self.ledger.seq {
                        let _ = self.ledger.apply(entry);
                    }
                }
                self.news.extend(entries.iter().cloned());
            }
            Update::CutBack(ledger) => self.ledger = *ledger,
            Update::Seen(batch) => batch.iter().for_each(|seen| self.observed.apply(seen)),
            Update::Workspace(workspace) => self.workspace = workspace,
            Update::Trouble(what, trouble) => {
                if what == Trouble::Journal {
                    self.troubled = trouble.as_ref().map(|_| Instant::now());
                    self.trouble.clone_from(&trouble);
                }
                self.troubles.push((what, trouble));
            }
            Update::Foreseen(number, n, said) => {
                let mine = self.foreseen.get_mut(n).filter(|_| number == self.question);
                mine.into_iter().for_each(|it| it.said = said.clone());
            }
            Update::WayBack(all) => self.way_back = all,
            Update::Ahead(all) => self.ahead = all,
            Update::Line(..) | Update::Opened(_) | Update::Closed => {}
        }
    }

    /// Waits until `done`, at most this long; whether it came true.
    pub fn wait(&mut self, limit: Span, done: impl Fn(&Self) -> bool) -> bool {
        let end = Instant::now() + limit.std();
        while !done(self) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.over {
                return false;
            }
            self.pump(left.min(Duration::from_millis(100)));
        }
        true
    }

    /// Waits for what a judgement rests on, long enough and no longer.
    pub fn look(&mut self, topics: &Topics) {
        self.wait(FIRST_LOOK, |session| topics.have_come(&session.observed));
    }

    /// The same for what the rest of a run names.
    pub fn look_at(&mut self, run: RunId) {
        let Some(run) = self.ledger.run(run) else { return };
        let (topics, back) = (Topics::of_run(&self.workspace, run), run.takes_back());
        // Feeds do not judge the way back, so it waits for none.
        let fed = |session: &Self| back || feeds::have_come(&session.workspace, &session.observed);
        self.wait(FIRST_LOOK, |session| topics.have_come(&session.observed) && fed(session));
    }

    /// Gives a command; its line's number, or why there is none.
    pub fn command(&mut self, command: Command) -> Result<u64, Failure> {
        let answer = self.runtime.command(command);
        match answer {
            Answer::Done(seq) => {
                self.wait(Span::secs(5), |s| s.ledger.seq >= seq);
                Ok(seq)
            }
            Answer::Refused(refusal) => Err(Failure::refused(refusal)),
            Answer::Unwritten(why) => Err(Failure::journal(format!("nothing was done: {why}"))),
        }
    }

    /// Has backends asked what operations would do; what they say comes to `foreseen`, and what
    /// was asked before is forgotten.
    pub fn ask_backends(&mut self, operations: Vec<Operation>) {
        self.question += 1;
        self.foreseen = operations.iter().cloned().map(Foreseen::awaited).collect();
        if !operations.is_empty() {
            let _ = self.runtime.inbox().send(Input::Foresee(self.question, operations));
        }
    }

    /// Has them asked by themselves, from now on, whether the way back of what is driven here is open.
    pub fn look_back(&self) {
        let _ = self.runtime.inbox().send(Input::LookBack);
    }

    /// Waits until they have said it, or were given up.
    pub fn hear_backends(&mut self) {
        self.wait(FORESIGHT, |session| !session.foreseen.iter().any(Foreseen::is_awaited));
    }

    /// Has a command written down as refused that a preview has refused; nothing else comes of it.
    pub fn tried(&self, command: Command) {
        let _ = self.runtime.inbox().send(Input::Tried(Box::new(command)));
    }

    /// Whether nothing will come any more.
    pub fn over(&self) -> bool {
        self.over
    }

    /// What the command would do, decided on what is known now: the preview.
    pub fn preview(&self, command: &Command) -> Result<Vec<Fact>, Failure> {
        engine::decide(&self.given(), &self.actor, command).map_err(Failure::refused)
    }

    /// The same where this session would take the conn first, because nobody has it.
    pub fn preview_driving(&self, run: RunId, command: &Command) -> Result<Vec<Fact>, Failure> {
        let found = self.run(run)?;
        if found.ended() || self.ledger.driver(found).is_some() {
            return self.preview(command);
        }
        let taken = self.preview(&Command::TakeConn(run, found.epoch, String::new()))?;
        let mut ledger = self.ledger.clone();
        let entry = self.entry(command, taken.clone());
        ledger.apply(&entry).map_err(|illegal| Failure::failed(illegal.to_string()))?;
        let given = Given { ledger: &ledger, ..self.given() };
        let facts = engine::decide(&given, &self.actor, command).map_err(Failure::refused)?;
        Ok(taken.into_iter().chain(facts).collect())
    }

    /// The line that these facts would be.
    pub fn entry(&self, command: &Command, facts: Vec<Fact>) -> Entry {
        Entry {
            seq: self.ledger.seq + 1,
            at: now(),
            by: By { person: self.actor.person.clone(), session: self.me() },
            cause: command.to_string(),
            facts,
            refusal: None,
            keys: None,
            prev: Default::default(),
        }
    }

    /// Takes the conn of a run unless a live session has it; whether it was taken.
    pub fn take_conn_if_free(&mut self, run: RunId) -> Result<bool, Failure> {
        let found = self.run(run)?;
        if self.ledger.driver(found).is_some() {
            return Ok(false);
        }
        let epoch = found.epoch;
        self.command(Command::TakeConn(run, epoch, String::new()))?;
        Ok(true)
    }

    /// Drives a run for as long as something in it, or in what takes it back,
    /// goes on by itself and the journal can be written; `heard` is told of every entry.
    pub fn drive(&mut self, run: RunId, mut heard: impl FnMut(&Entry)) -> Left {
        loop {
            self.pump(Duration::from_millis(10));
            self.news.drain(..).for_each(|entry| heard(&entry));
            if self.over || self.troubled.is_some_and(|since| since.elapsed() > UNWRITABLE.std()) {
                return Left::Unwritten(self.trouble.clone().unwrap_or_default());
            }
            if let Some(left) = self.left(run) {
                return left;
            }
            self.pump(Duration::from_millis(200));
        }
    }

    /// Why there is nothing to drive now; none while there is.
    fn left(&self, run: RunId) -> Option<Left> {
        let ledger = &self.ledger;
        // Forgotten: it has ended, and its runbook was started again meanwhile.
        let Some(found) = ledger.run(run) else { return Some(Left::Settled) };
        if !found.ended() && ledger.driver(found) != Some(self.me()) {
            return Some(Left::Ousted(found.conn.as_ref().map(|conn| conn.person.clone())));
        }
        let given = self.given();
        let on = |r: &Run| !r.ended() && engine::show::moves(&given, r);
        let moves = ledger.runs.values().filter(|r| r.id == run || r.plan.reverts == Some(run)).any(on);
        // What a driver has to decide, such as that a hold is past its time, is decided and told first.
        (!moves && engine::advance(&given, self.me()).is_empty()).then_some(Left::Settled)
    }

    /// Why the journal cannot be written, if it cannot.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Lays down the conn of every run that this session drives.
    pub fn give_conn(&mut self) {
        let driven = |r: &&Run| !r.ended() && self.ledger.driver(r) == Some(self.me());
        let mine: Vec<_> = self.ledger.runs.values().filter(driven).map(|r| r.id).collect();
        for run in mine {
            let _ = self.command(Command::GiveConn(run));
        }
    }

    /// Ends the session.
    pub fn close(self, how: &str) {
        let tell = |words: &str| eprintln!("holdpoint: {words}");
        self.runtime.leave(how, tell).iter().for_each(|open| tell(open));
    }

    /// Who sits here.
    pub fn person(&self) -> &PersonName {
        &self.actor.person
    }
}
