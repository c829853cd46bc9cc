//! A day: the ledger, the lines it is the fold of, and what is seen. Plays the
//! journal and the dispatchers of every open session.

use crate::{ground, laws};
use chrono::{DateTime, Utc};
use holdpoint::domain::backend::BackendKind;
use holdpoint::domain::calendar::{Event, EventKind};
use holdpoint::domain::command::Command;
use holdpoint::domain::digest::Digest;
use holdpoint::domain::entry::{By, Entry};
use holdpoint::domain::fact::{FORMAT, Fact};
use holdpoint::domain::journal_id::JournalId;
use holdpoint::domain::observed::{Observation, Observed, Stamped};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::person::{Actor, Proof};
use holdpoint::domain::plan::Plan;
use holdpoint::domain::refusal::Refusal;
use holdpoint::domain::report::{Found, Report};
use holdpoint::domain::series::Reading;
use holdpoint::domain::session::{Origin, SessionId};
use holdpoint::domain::signal::SignalAt;
use holdpoint::domain::span::Span;
use holdpoint::domain::workspace::Workspace;
use holdpoint::engine::{self, Given, Ledger};
use std::collections::BTreeMap;

pub struct World {
    pub ledger: Ledger,
    /// The same lines, read back from their text.
    replayed: Ledger,
    pub lines: Vec<String>,
    pub entries: Vec<Entry>,
    pub workspace: Workspace,
    pub observed: Observed,
    pub now: DateTime<Utc>,
    /// Open sessions by the name tests call them; `ana` is ana's first.
    pub sessions: BTreeMap<String, SessionId>,
    /// Whether other sessions' dispatchers run too.
    pub laws: bool,
}

/// What an input led to.
#[derive(Default)]
pub struct Outcome {
    pub facts: Vec<Fact>,
    pub refusal: Option<Refusal>,
}

impl World {
    pub fn new() -> Self {
        let mut world = Self {
            ledger: Ledger::default(),
            replayed: Ledger::default(),
            lines: vec![],
            entries: vec![],
            workspace: ground::workspace(),
            observed: Observed::default(),
            now: ground::start(),
            sessions: BTreeMap::new(),
            laws: true,
        };
        let genesis =
            Fact::Genesis { format: FORMAT, journal: JournalId::from_random([7; 8]), workspace: "w".to_owned() };
        world.append(By { person: "ana".into(), session: SessionId(0) }, "genesis", Ok(vec![genesis]));
        world
    }

    pub fn given(&self) -> Given<'_> {
        Given { ledger: &self.ledger, workspace: &self.workspace, observed: &self.observed, now: self.now }
    }

    /// The session of that name, opened when it is not; `kim#2` is kim's second.
    pub fn session(&mut self, name: &str) -> SessionId {
        if let Some(session) = self.sessions.get(name) {
            return *session;
        }
        let session = SessionId(self.ledger.seq + 1);
        let origin = Origin {
            person: person(name).into(),
            proof: Proof::Login,
            user: person(name).to_owned(),
            uid: 1000,
            login_uid: None,
            ssh_client: None,
            ssh_key: None,
            tty: None,
            host: "jump".to_owned(),
            pid: 1,
            program: "tui".to_owned(),
            version: "0".to_owned(),
        };
        let by = By { person: origin.person.clone(), session };
        self.append(by, "open", Ok(vec![Fact::SessionOpened(Box::new(origin))]));
        self.sessions.insert(name.to_owned(), session);
        session
    }

    pub fn actor(&mut self, name: &str) -> Actor {
        let session = self.session(name);
        Actor { person: person(name).into(), proof: Proof::Login, session }
    }

    fn by(&mut self, name: &str) -> By {
        let session = self.session(name);
        By { person: person(name).into(), session }
    }

    /// Gives a command, and lets everything follow that follows by itself.
    pub fn command(&mut self, name: &str, command: &Command) -> Outcome {
        let actor = self.actor(name);
        let decided = engine::decide(&self.given(), &actor, command);
        assert_eq!(decided, engine::decide(&self.given(), &actor, command), "a preview is what runs: {command}");
        let by = self.by(name);
        let first = self.entries.len();
        if decided.as_ref().map_or(true, |facts| !facts.is_empty()) {
            self.append(by, &command.to_string(), decided);
        }
        if matches!(command, Command::Close(_)) {
            self.sessions.remove(name);
        }
        self.follow(first)
    }

    /// Ana starts a run of a plan.
    #[track_caller]
    pub fn starts(&mut self, plan: Plan) {
        let started = self.command("ana", &Command::StartRun(Box::new(plan), vec![]));
        assert_eq!(started.refusal, None);
    }

    /// A report on the operation of a line, by the session that sent it.
    pub fn report(&mut self, intent: u64, report: &Report) -> Outcome {
        let facts = engine::settle(&self.given(), intent, report);
        self.decided(&format!("report #{intent}"), facts)
    }

    pub fn found(&mut self, intent: u64, found: &Found) -> Outcome {
        let facts = engine::found(&self.given(), intent, found);
        self.decided(&format!("probe #{intent}"), facts)
    }

    /// A session is proved dead, and someone else's process notices.
    pub fn dies(&mut self, name: &str) -> Outcome {
        let session = self.sessions.remove(name).unwrap_or_else(|| panic!("{name} has no session"));
        let facts = engine::recover(&self.ledger, &[session]);
        self.decided("recover", facts)
    }

    pub fn read(&mut self, signal: &SignalAt, value: f64, events: u64) -> Outcome {
        let reading = Reading { at: self.now, value, events };
        self.see(Observation::Reading(signal.clone(), reading))
    }

    pub fn see(&mut self, what: Observation) -> Outcome {
        self.hear(Ok(what))
    }

    /// What a watch sees, or why it sees nothing, with what follows from it.
    pub fn hear(&mut self, what: Result<Observation, String>) -> Outcome {
        self.hear_from("sh", what)
    }

    /// The same of a backend by its name.
    pub fn hear_from(&mut self, source: &str, what: Result<Observation, String>) -> Outcome {
        let seen = Stamped { at: self.now, source: source.into(), every: Span::secs(5), what };
        engine::derived::take_in(&mut self.observed, &self.workspace.signals, vec![seen]);
        let first = self.entries.len();
        self.follow(first)
    }

    /// The script of a verb is taken out of the files.
    pub fn unable(&mut self, verb: Verb) {
        for backend in self.workspace.backends.values_mut() {
            if let BackendKind::Command(spec) = &mut backend.kind {
                spec.verbs.remove(&verb);
            }
        }
    }

    pub fn able(&mut self, verb: Verb) {
        for backend in self.workspace.backends.values_mut() {
            if let BackendKind::Command(spec) = &mut backend.kind {
                let like = spec.verbs.values().next().unwrap().clone();
                spec.verbs.insert(verb, like);
            }
        }
    }

    /// A freeze of everything, from now.
    pub fn freeze(&mut self, title: &str, lasts: Span, stops_rollback: bool) {
        self.event(EventKind::Freeze, title, (self.now, self.now + lasts.delta()), stops_rollback);
    }

    pub fn event(
        &mut self,
        kind: EventKind,
        title: &str,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        stops_rollback: bool,
    ) {
        self.workspace.calendar.events.push(Event {
            name: title.to_owned(),
            kind,
            title: title.to_owned(),
            services: vec![],
            environments: vec![],
            stops_rollback,
            contact: String::new(),
            waived_by: vec![],
            occurrences: vec![(from, to)],
        });
    }

    /// Lets time pass to an instant, with every wake on the way.
    pub fn pass(&mut self, to: DateTime<Utc>) -> Outcome {
        let first = self.entries.len();
        for _ in 0..10_000 {
            let sessions: Vec<_> = self.sessions.values().copied().collect();
            let wakes = sessions.iter().filter_map(|s| engine::next_wake(&self.given(), *s));
            let Some(next) = wakes.min().filter(|at| *at < to) else { break };
            assert!(next > self.now, "a wake lies ahead");
            self.now = next;
            self.settle();
        }
        self.now = self.now.max(to);
        self.follow(first)
    }

    fn decided(&mut self, cause: &str, facts: Vec<Fact>) -> Outcome {
        let first = self.entries.len();
        let name = self.sessions.keys().next().cloned().unwrap_or_else(|| "sam".to_owned());
        let by = self.by(&name);
        if !facts.is_empty() {
            self.append(by, cause, Ok(facts));
        }
        self.follow(first)
    }

    fn follow(&mut self, first: usize) -> Outcome {
        self.settle();
        let mut outcome = Outcome::default();
        for entry in &self.entries[first..] {
            outcome.facts.extend(entry.facts.iter().cloned());
            outcome.refusal = outcome.refusal.or_else(|| entry.refusal.clone());
        }
        outcome
    }

    /// Every open session's dispatcher advances until there is nothing left.
    fn settle(&mut self) {
        for (name, session) in self.sessions.clone() {
            for turn in 0.. {
                let facts = engine::advance(&self.given(), session);
                if facts.is_empty() {
                    break;
                }
                assert!(turn < 100, "advance goes round in circles: {:?}", facts);
                let by = By { person: person(&name).into(), session };
                self.append(by, "advance", Ok(facts));
            }
        }
    }

    pub fn append(&mut self, by: By, cause: &str, outcome: Result<Vec<Fact>, Refusal>) {
        let (facts, refusal) = match outcome {
            Ok(facts) => (facts, None),
            Err(refusal) => (vec![], Some(refusal)),
        };
        let prev = self.lines.last().map(|l| Digest::of_bytes(l.as_bytes())).unwrap_or_default();
        let seq = self.ledger.seq + 1;
        let entry = Entry { seq, at: self.now, by, cause: cause.to_owned(), facts, refusal, keys: None, prev };
        let before = self.laws.then(|| self.ledger.clone());
        self.ledger
            .apply(&entry)
            .unwrap_or_else(|e| panic!("the engine decided what the fold refuses: {e}\n{entry:#?}"));
        let line = serde_json::to_string(&entry).unwrap();
        let read: Entry = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert_eq!(read, entry, "a line reads back as it was written");
        self.replayed.apply(&read).unwrap();
        if let Some(before) = before {
            assert_eq!(self.replayed, self.ledger, "replay is live, after {cause}");
            laws::check(self, &before, &entry);
        }
        self.lines.push(line);
        self.entries.push(entry);
    }

    /// The whole journal folded from its text, and from a carried ledger.
    pub fn replay(&self) -> Ledger {
        let mut ledger = Ledger::default();
        for line in &self.lines {
            ledger.apply(&serde_json::from_str(line).unwrap()).unwrap();
        }
        let text = serde_json::to_string(&Fact::Carried(ledger.carry().unwrap())).unwrap();
        let Fact::Carried(carried) = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
        assert_eq!(Ledger::carried(&carried).unwrap(), ledger, "a segment carries the ledger whole");
        ledger
    }
}

fn person(name: &str) -> &str {
    name.split('#').next().unwrap_or(name)
}
