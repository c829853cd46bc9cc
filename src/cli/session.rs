//! A verb's session: a runtime without a screen, and its own fold of what the
//! runtime publishes.
//! It decides nothing: previews ask the engine, commands go to the runtime.

use super::context::Context;
use super::outcome::Failure;
use crate::domain::command::Command;
use crate::domain::entry::Entry;
use crate::domain::name::{PersonName, RunId, StepName};
use crate::domain::observed::Observed;
use crate::domain::person::Actor;
use crate::domain::plan::{Question, Work};
use crate::domain::session::SessionId;
use crate::domain::signal::SignalAt;
use crate::domain::span::Span;
use crate::domain::verdict::Level;
use crate::domain::workspace::Workspace;
use crate::engine::{self, Given, Ledger, Run};
use crate::runtime::clock::now;
use crate::runtime::input::{Answer, Trouble, Update};
use crate::runtime::{Runtime, Setup};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long a one-shot verb waits for what its subject is judged by; what is
/// unknown then, holds.
const FIRST_LOOK: Span = Span::secs(5);
/// How long a journal may refuse to be written before a verb gives up driving.
const UNWRITABLE: Span = Span::secs(5);

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
        let known = || self.ledger.runs.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        self.ledger.run(run).ok_or_else(|| {
            let hint = if self.ledger.runs.is_empty() {
                "there are none".to_owned()
            } else {
                format!("there are {}", known())
            };
            Failure::usage(format!("there is no run {run}; {hint}"))
        })
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
            Update::Seen(batch) => batch.iter().cloned().for_each(|seen| self.observed.apply(seen)),
            Update::Workspace(workspace) => self.workspace = workspace,
            Update::Trouble(Trouble::Journal, trouble) => {
                self.troubled = trouble.as_ref().map(|_| Instant::now());
                self.trouble = trouble;
            }
            Update::Trouble(..) | Update::Line(..) | Update::Opened(_) | Update::Closed => {}
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

    /// Waits until every signal that the run refers to says something, or long enough.
    pub fn first_look(&mut self, run: RunId) {
        let wanted = self.ledger.run(run).map(signals).unwrap_or_default();
        self.look_at(run, &wanted);
    }

    /// Waits until the evidence that a poll rests on says something, or long enough.
    pub fn first_look_at_poll(&mut self, run: RunId, step: &StepName) {
        let planned = self.ledger.run(run).and_then(|r| r.plan.step(step)).map(|s| &s.work);
        let Some(Work::Ask(Question::Poll { evidence, .. })) = planned else { return };
        let wanted = evidence.clone();
        self.look_at(run, &wanted);
    }

    /// A first reading often says nothing yet: rates need two, and some need events.
    fn look_at(&mut self, run: RunId, wanted: &[SignalAt]) {
        self.wait(FIRST_LOOK, |s| {
            let Some(plan) = s.ledger.run(run).map(|r| &r.plan) else { return true };
            let level = |at: &SignalAt| engine::signal::judge(&s.observed, plan.signal(at), at, now()).0.level;
            wanted.iter().all(|at| level(at) != Level::Unknown)
        });
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

    /// What the command would do, decided on what is known now: the preview.
    pub fn preview(&self, command: &Command) -> Result<Vec<crate::domain::fact::Fact>, Failure> {
        engine::decide(&self.given(), &self.actor, command).map_err(Failure::refused)
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

    /// Goes on driving a run until it no longer moves by itself, or the journal
    /// has not been writable for a while; `heard` is told of every entry.
    pub fn drive(&mut self, run: RunId, mut heard: impl FnMut(&Entry)) {
        loop {
            self.pump(Duration::from_millis(10));
            self.news.drain(..).for_each(|entry| heard(&entry));
            let given = self.given();
            let on = |id: RunId| self.ledger.run(id).is_some_and(|r| !r.ended() && engine::show::moves(&given, r));
            let mine = self.ledger.runs.values().filter(|r| r.plan.reverts == Some(run)).map(|r| r.id);
            let unwritable = self.over || self.troubled.is_some_and(|since| since.elapsed() > UNWRITABLE.std());
            if unwritable || (!on(run) && !mine.into_iter().any(on)) {
                return;
            }
            self.pump(Duration::from_millis(200));
        }
    }

    /// Why the journal cannot be written, if it cannot.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Gives back the conn of a run, if this session has it.
    pub fn give_conn(&mut self, run: RunId) {
        let mine = self.ledger.run(run).is_some_and(|r| !r.ended() && self.ledger.driver(r) == Some(self.me()));
        if mine {
            let _ = self.command(Command::GiveConn(run));
        }
    }

    /// Ends the session.
    pub fn close(self, how: &str) {
        self.runtime.close(how);
    }

    /// Who sits here.
    pub fn person(&self) -> &PersonName {
        &self.actor.person
    }
}

/// Every signal at every place that a run refers to.
fn signals(run: &Run) -> Vec<SignalAt> {
    let gates = run.plan.steps.iter().flat_map(|s| s.gate.iter().chain(&s.verify));
    let watched = run.plan.steps.iter().filter_map(|s| match &s.work {
        Work::Watch { gate, .. } => Some(gate),
        _ => None,
    });
    let triggers = run.plan.triggers.iter().flat_map(|t| t.signals.iter());
    gates.chain(watched).flat_map(|g| g.signals()).chain(triggers).cloned().collect()
}
