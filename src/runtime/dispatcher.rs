//! The dispatcher: a synchronous loop with one inbox and one deadline.
//!
//! Every input becomes one commit; what the commit made true is published to
//! the skins, and the effects that are now due in this session's name go to the
//! executor. It holds the only writable journal of the process.

use super::clock::now;
use super::errand::Place;
use super::executor::Executor;
use super::foresee::{self, Look, Question};
use super::input::{Answer, Input, Reply, Trouble, Update};
use super::keys::Keys;
use super::metrics::Metrics;
use super::recorder::Recorder;
use super::tail::tail;
use super::way_back::{Asked, Said, WayBack};
use crate::backend::leave::Giver;
use crate::domain::Timestamp;
use crate::domain::effect::Effect;
use crate::domain::entry::{By, Draft, Entry};
use crate::domain::fact::Fact;
use crate::domain::name::{RunId, SignalName};
use crate::domain::observed::{Observation, Observed, Stamped};
use crate::domain::operation::Operation;
use crate::domain::person::Actor;
use crate::domain::refusal::Refusal;
use crate::domain::signal::Signal;
use crate::domain::span::Span;
use crate::domain::topic::Topic;
use crate::domain::workspace::Workspace;
use crate::engine::{self, Given, Run, derived};
use crate::fault;
use crate::journal::{Journal, JournalError, programs, samples};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Instant;

/// How often the sessions of other processes are looked for.
const LIVENESS: Span = Span::secs(1);
/// How long after a line a head of it is signed and published, at the latest.
const HEAD: Span = Span::secs(30);
/// How many decisions may follow from one input before the rest waits its turn.
const CASCADE: usize = 64;

/// The loop's state.
pub(super) struct Dispatcher {
    pub(super) journal: Journal,
    pub(super) actor: Actor,
    pub(super) workspace: Arc<Workspace>,
    /// What backends were opened with.
    pub(super) opened: Arc<Workspace>,
    /// Signals as they were then, but what follows from what is seen only where the files still say the same of it.
    pub(super) signals: BTreeMap<SignalName, Signal>,
    /// What of the files waits for the next start.
    pub(super) outdated: Option<String>,
    pub(super) observed: Observed,
    pub(super) executor: Executor,
    pub(super) inbox: Receiver<Input>,
    pub(super) publish: Box<dyn Fn(Update) + Send>,
    /// What has been handed to the executor and not come back: the line, and whether it is a probe.
    pub(super) in_flight: BTreeSet<(u64, bool)>,
    /// Who gives leave to stop looking on at it.
    pub(super) leaves: BTreeMap<u64, Giver>,
    /// Reports that could not be written down yet.
    pub(super) unwritten: VecDeque<Input>,
    pub(super) idle: Vec<Sender<()>>,
    pub(super) looked: Instant,
    /// The last line of which a head was signed, and when.
    pub(super) signed: (u64, Instant),
    pub(super) trouble: Option<(Doing, String)>,
    /// The keys pressed in this session.
    pub(super) keys: Keys,
    pub(super) keys_trouble: Option<String>,
    /// Samples of what is seen; none when nothing is watched.
    pub(super) recorder: Option<Recorder>,
    pub(super) samples_trouble: Option<String>,
    /// Runs that have ended and whose samples have been looked for.
    pub(super) sealed: BTreeSet<RunId>,
    /// Where errands are run.
    pub(super) errands: Place,
    /// What backends are being asked about, for whoever is about to agree to it.
    pub(super) asking: Option<Question>,
    /// What they are asked by themselves of the way back.
    pub(super) way_back: Option<WayBack>,
}

/// What of the journal does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// Looking for other processes' lines.
    Reading,
    /// Writing ours.
    Writing,
}

impl Dispatcher {
    /// Runs until a `Close` has been handled or every sender is gone.
    pub(super) fn run(mut self) {
        self.recover();
        loop {
            self.settle_down();
            match self.inbox.recv_timeout(self.patience()) {
                Ok(Input::Close(how, done)) => return self.close(how, &done),
                Ok(input) => self.handle(input),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while let Ok(input) = self.inbox.try_recv() {
                match input {
                    Input::Close(how, done) => return self.close(how, &done),
                    input => self.handle(input),
                }
            }
        }
    }

    /// How long to wait for the next input: until the tail is due, or time alone
    /// could change something.
    fn patience(&self) -> std::time::Duration {
        let at = now();
        let next = engine::next_wake(&self.given(at), self.actor.session);
        let tail = tail(self.journal.ledger());
        let wait = next.map_or(tail, |next| Span::between(at, next) + Span::millis(1)).min(tail);
        wait.std().min(self.keys.due_in().unwrap_or(wait.std()))
    }

    fn given(&self, now: Timestamp) -> Given<'_> {
        Given { ledger: self.journal.ledger(), workspace: &self.workspace, observed: &self.observed, now }
    }

    /// Everything that follows by itself from what is known now.
    fn settle_down(&mut self) {
        self.catch_up();
        if self.looked.elapsed() >= LIVENESS.std() {
            self.recover();
            self.sign();
            self.look_back();
        }
        while let Some(report) = self.unwritten.pop_front() {
            let before = self.unwritten.len();
            self.handle(report);
            if self.unwritten.len() > before {
                break;
            }
        }
        for _ in 0..CASCADE {
            if !self.advance() {
                break;
            }
        }
        self.launch();
        self.give_leave();
        self.record();
        if self.keys.due_in().is_some_and(|left| left.is_zero()) {
            self.sync_keys();
        }
        if self.in_flight.is_empty() && self.unwritten.is_empty() {
            for waiter in self.idle.drain(..) {
                let _ = waiter.send(());
            }
        }
    }

    fn handle(&mut self, input: Input) {
        match input {
            Input::Command(command, reply) => {
                let decide = |given: &Given<'_>, actor: &Actor| engine::decide(given, actor, &command);
                self.answer(command.to_string(), decide, reply);
            }
            Input::Tried(command) => {
                let refusal =
                    |given: &Given<'_>, actor: &Actor| engine::decide(given, actor, &command).map(|_| Vec::new());
                let _ = self.write(command.to_string(), refusal);
            }
            Input::Report(intent, report) => {
                let cause = format!("report #{intent}");
                if self.write(cause, |given, _| Ok(engine::settle(given, intent, &report))).is_err() {
                    return self.unwritten.push_back(Input::Report(intent, report));
                }
                self.in_flight.remove(&(intent, false));
                self.leaves.remove(&intent);
            }
            Input::Found(intent, found) => {
                let cause = format!("probe #{intent}");
                if self.write(cause, |given, _| Ok(engine::found(given, intent, &found))).is_err() {
                    return self.unwritten.push_back(Input::Found(intent, found));
                }
                self.in_flight.remove(&(intent, true));
            }
            Input::Seen(batch) => self.see(batch),
            Input::Key(key) => {
                let written = self.keys.pressed(self.journal.layout(), self.actor.session, key);
                self.note_keys(written);
            }
            Input::Errand(errand, heard) => {
                let place = Place { anchor: self.workspace.anchor.clone(), ..self.errands.clone() };
                self.executor.tasks.spawn_blocking(move || heard(place.run(&errand)));
            }
            Input::Foresee(number, operations) => {
                let answer = move |n, said| Input::Foreseen(number, n, said);
                let asked = operations.into_iter().map(|operation| (operation, Look::Preview)).collect();
                self.asking = Some(foresee::ask(&self.executor, asked, foresee::LIMIT, answer));
            }
            Input::LookBack => self.way_back = Some(WayBack::new(Instant::now())),
            Input::WayBack(number, n, said) => {
                let all = self.way_back.as_mut().and_then(|back| back.heard(number, n, said));
                self.tell_of_the_way_back(all);
            }
            Input::Foreseen(number, n, said) => (self.publish)(Update::Foreseen(number, n, said)),
            Input::Line(intent, line) => (self.publish)(Update::Line(intent, line.into())),
            Input::Workspace(read) => self.reread(read),
            Input::Published(published) => (self.publish)(Update::Trouble(Trouble::Anchor, published.err())),
            Input::Idle(waiter) => self.idle.push(waiter),
            Input::Close(..) => {}
        }
    }

    fn answer(
        &mut self,
        cause: String,
        decide: impl FnOnce(&Given<'_>, &Actor) -> Result<Vec<Fact>, Refusal>,
        reply: Reply,
    ) {
        let answer = match self.write(cause, decide) {
            Ok(Some(Entry { refusal: Some(refusal), .. })) => Answer::Refused(refusal),
            Ok(Some(entry)) => Answer::Done(entry.seq),
            Ok(None) => Answer::Done(self.journal.ledger().seq),
            Err(error) => Answer::Unwritten(error.to_string()),
        };
        // The line is durable: only dying means anything here and at the points below.
        let _ = fault::at("dispatcher.answer");
        reply(answer);
    }

    /// One commit: decide on the ledger as it is under the lock, append, publish.
    fn write(
        &mut self,
        cause: String,
        decide: impl FnOnce(&Given<'_>, &Actor) -> Result<Vec<Fact>, Refusal>,
    ) -> Result<Option<Entry>, JournalError> {
        self.sync_keys();
        self.journal.set_keys(self.keys.head());
        let Self { journal, workspace, observed, actor, .. } = self;
        let by = By { person: actor.person.clone(), session: actor.session };
        let committed = journal.commit(now, by, |ledger, now| {
            let given = Given { ledger, workspace, observed, now };
            match decide(&given, actor) {
                Ok(facts) if facts.is_empty() => None,
                outcome => Some(Draft { cause, outcome }),
            }
        });
        match committed {
            Ok(committed) => {
                self.note_trouble(None);
                let own = committed.own().cloned();
                self.tell(committed.entries);
                Ok(own)
            }
            Err(error) => {
                self.note_trouble(Some((Doing::Writing, error.to_string())));
                Err(error)
            }
        }
    }

    /// Makes the keys pressed so far durable. A log that fails stops no decision.
    fn sync_keys(&mut self) {
        let synced = self.keys.sync(self.journal.layout(), self.actor.session);
        self.note_keys(synced);
    }

    fn note_keys(&mut self, logged: Result<(), String>) {
        let trouble = logged.err();
        if self.keys_trouble != trouble {
            self.keys_trouble.clone_from(&trouble);
            (self.publish)(Update::Trouble(Trouble::Keys, trouble));
        }
    }

    fn advance(&mut self) -> bool {
        let me = self.actor.session;
        if engine::advance(&self.given(now()), me).is_empty() {
            return false;
        }
        let written = self.write("advance".to_owned(), |given, _| Ok(engine::advance(given, me)));
        matches!(written, Ok(Some(_)))
    }

    /// Hands every effect that is due and not yet in flight to the executor.
    fn launch(&mut self) {
        let due: Vec<Effect> = engine::due(self.journal.ledger(), self.actor.session).collect();
        for effect in due {
            let probe = matches!(effect, Effect::Probe { .. });
            if self.in_flight.insert((effect.intent(), probe)) {
                let _ = fault::at("dispatcher.launch");
                let intent = effect.intent();
                let metrics = Metrics::of(&effect, &self.given(now()));
                self.leaves.extend(self.executor.launch(effect, metrics).map(|giver| (intent, giver)));
            }
        }
    }

    /// Gives leave to whoever only looks on at what a way back waits for.
    fn give_leave(&mut self) {
        if !self.leaves.is_empty() {
            let given = engine::leave(&self.given(now()));
            given.iter().filter_map(|intent| self.leaves.remove(intent)).for_each(|giver| giver.give());
        }
    }

    /// Has backends asked whether the way back is open, where somebody reads it and no dialog asks.
    fn look_back(&mut self) {
        if self.asking.as_ref().is_some_and(|question| !question.is_over()) {
            return;
        }
        // What would be sent is worked out only where it may be asked.
        if !self.way_back.as_ref().is_some_and(|back| back.rested(Instant::now())) {
            return;
        }
        let (given, me) = (self.given(now()), self.actor.session);
        let back = engine::rollback::operations(&given, me).into_iter().map(|operation| (operation, Look::Glance));
        let ahead = engine::ahead::asked(&given, me).into_iter();
        let ahead = ahead.map(|asked| (asked.operation, Look::Ahead(asked.changes)));
        let fault =
            |operation: &Operation| self.observed.sources.get(&operation.backend)?.why(Topic::Deployments).cloned();
        let all = back.chain(ahead).map(|(operation, look)| Asked { silent: fault(&operation), operation, look });
        let all: Vec<_> = all.collect();
        let news = self.way_back.as_mut().and_then(|back| back.look(Instant::now(), &self.executor, all));
        self.tell_of_the_way_back(news);
    }

    fn tell_of_the_way_back(&self, said: Option<Said>) {
        if let Some(Said { back, ahead }) = said {
            (self.publish)(Update::WayBack(back));
            (self.publish)(Update::Ahead(ahead));
        }
    }

    /// Samples what is seen, and has the journal vouch for the samples of runs that have ended.
    fn record(&mut self) {
        let at = now();
        let Self { journal, workspace, observed, actor, recorder, .. } = self;
        let given = Given { ledger: journal.ledger(), workspace, observed, now: at };
        let recorded = recorder.as_mut().and_then(|r| r.tick(journal.layout(), &given, actor.session));
        let ledger = self.journal.ledger();
        let ours = |run: &Run| ledger.driver(run).is_none_or(|driver| driver == self.actor.session);
        let ended = ledger.runs.values().filter(|run| run.ended() && run.samples.is_none() && ours(run));
        let ended: Vec<RunId> = ended.map(|run| run.id).filter(|run| !self.sealed.contains(run)).collect();
        let sealed = ended.into_iter().map(|run| self.seal(run)).find(Result::is_err);
        if let Some(written) = sealed.or(recorded) {
            self.note_samples(written);
        }
    }

    /// Says what begins to be wrong with samples, once, and that it is mended.
    fn note_samples(&mut self, written: Result<(), JournalError>) {
        let trouble = written.err();
        let trouble =
            trouble.map(|e| format!("signals are not kept with the run: {e}; decisions are journaled as before"));
        if self.samples_trouble != trouble {
            self.samples_trouble.clone_from(&trouble);
            (self.publish)(Update::Trouble(Trouble::Samples, trouble));
        }
    }

    fn seal(&mut self, run: RunId) -> Result<(), JournalError> {
        // Looked for once: what fails now is a file that nobody vouches for.
        self.sealed.insert(run);
        let Some(kept) = samples::seal(self.journal.layout(), run)? else { return Ok(()) };
        let open = |given: &Given<'_>| given.ledger.run(run).is_some_and(|run| run.samples.is_none());
        let fact = |given: &Given<'_>| open(given).then_some(Fact::SamplesKept { run, kept });
        self.write(format!("samples {run}"), |given, _| Ok(fact(given).into_iter().collect())).map(drop)
    }

    fn catch_up(&mut self) {
        match self.journal.catch_up() {
            Ok(entries) => {
                self.tell(entries);
                // What could not be written is not mended by reading.
                if matches!(self.trouble, Some((Doing::Reading, _))) {
                    self.note_trouble(None);
                }
            }
            Err(error @ JournalError::CutBack { .. }) => {
                // Lines that were shown are void: the skins begin again from what stands.
                (self.publish)(Update::CutBack(Box::new(self.journal.ledger().clone())));
                self.note_trouble(Some((Doing::Reading, error.to_string())));
            }
            // The trouble of writing is the worse one and stays.
            Err(_) if matches!(self.trouble, Some((Doing::Writing, _))) => {}
            Err(error) => self.note_trouble(Some((Doing::Reading, error.to_string()))),
        }
    }

    /// Brings the open operations of sessions that are proved dead into doubt.
    fn recover(&mut self) {
        self.looked = Instant::now();
        let dead = super::recover::dead(&self.journal, self.actor.session);
        if !dead.is_empty() {
            let _ = self.write("recover".to_owned(), |given, _| Ok(engine::recover(given.ledger, &dead)));
        }
    }

    /// Signs a head of what has been added since the last, and publishes it.
    fn sign(&mut self) {
        let (seq, at) = self.signed;
        if self.journal.ledger().seq == seq || at.elapsed() < HEAD.std() {
            return;
        }
        self.signed = (self.journal.ledger().seq, Instant::now());
        let (Ok(head), Some(remote)) = (self.journal.keep_head(), self.workspace.anchor.clone()) else { return };
        let (root, inbox) = (self.journal.layout().root().to_owned(), self.executor.inbox.clone());
        self.executor.tasks.spawn_blocking(move || {
            let published = super::anchor::publish(&root, &remote, &head);
            let _ = inbox.send(Input::Published(published.map_err(|e| e.to_string())));
        });
    }

    fn see(&mut self, batch: Vec<Stamped>) {
        for Stamped { at, source, what, .. } in &batch {
            if let Ok(Observation::Introduced(who)) = what {
                // Nothing rests on it: what cannot be written now is noted another time.
                let _ = programs::note(self.journal.layout(), source, who, *at);
            }
        }
        let told = derived::take_in(&mut self.observed, &self.signals, batch);
        (self.publish)(Update::Seen(Arc::new(told)));
    }

    /// What signals mean is fixed as the backends are. What is planned from now on means what the files say, so
    /// that of the others nothing more follows.
    fn derive(&mut self, files: &Workspace) {
        let opened = &self.opened.signals;
        let told = derived::outdated::told(opened, &files.signals, now());
        self.signals = derived::outdated::standing(opened, &files.signals);
        if !told.is_empty() {
            told.iter().for_each(|told| self.observed.apply(told));
            (self.publish)(Update::Seen(Arc::new(told)));
        }
    }

    /// Takes a new reading of the files. Who drives a run writes down what changed.
    fn reread(&mut self, read: Result<Box<Workspace>, String>) {
        match read {
            Err(mistakes) => (self.publish)(Update::Trouble(Trouble::Workspace, Some(mistakes))),
            Ok(workspace) => {
                let changes = [super::reload::change(&self.workspace, &workspace), self.outdate(&workspace)];
                let change: Vec<String> = changes.into_iter().flatten().collect();
                self.derive(&workspace);
                self.workspace = Arc::from(workspace);
                (self.publish)(Update::Trouble(Trouble::Workspace, None));
                (self.publish)(Update::Workspace(self.workspace.clone()));
                let me = self.actor.session;
                let drives = self.journal.ledger().runs.values().any(|r| self.journal.ledger().driver(r) == Some(me));
                if drives && !change.is_empty() {
                    let what = change.join("; ");
                    let _ = self.write("workspace".to_owned(), |_, _| Ok(vec![Fact::WorkspaceChanged { what }]));
                }
            }
        }
    }

    /// Says what of new files backends were not opened with, and that it is so no longer.
    fn outdate(&mut self, new: &Workspace) -> Option<String> {
        let outdated = super::outdated::outdated(&self.opened, new);
        if self.outdated == outdated {
            return None;
        }
        self.outdated.clone_from(&outdated);
        (self.publish)(Update::Trouble(Trouble::Backends, outdated.clone()));
        Some(outdated.unwrap_or_else(|| "what backends were opened with is on disk again".to_owned()))
    }

    fn tell(&self, entries: Vec<Entry>) {
        if !entries.is_empty() {
            let _ = fault::at("dispatcher.publish");
            (self.publish)(Update::Entries(Arc::new(entries)));
        }
    }

    fn note_trouble(&mut self, trouble: Option<(Doing, String)>) {
        if self.trouble != trouble {
            self.trouble.clone_from(&trouble);
            (self.publish)(Update::Trouble(Trouble::Journal, trouble.map(|(_, why)| why)));
        }
    }

    fn close(mut self, how: String, done: &Sender<()>) {
        let command = crate::domain::command::Command::Close(how);
        let cause = command.to_string();
        let _ = fault::at("dispatcher.close");
        self.record();
        let _ = self.write(cause, |given, actor| engine::decide(given, actor, &command));
        (self.publish)(Update::Closed);
        let _ = done.send(());
    }
}
