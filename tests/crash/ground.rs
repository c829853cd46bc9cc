//! The moment before a death: a run that stands where the verb to be killed passes
//! the point, and what must be true afterwards.

use crate::estate::{ana, begun, make};
use crate::support::sandbox::{HOLDPOINT, LIMIT, Outcome, Sandbox, finish};
use holdpoint::domain::entry::Entry;
use holdpoint::domain::fact::Fact;
use holdpoint::domain::name::RunId;
use holdpoint::engine::run::{Fate, State};
use holdpoint::journal::{Access, Answer, Genesis, Journal, entries, verify};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

pub const SIGKILL: i32 = 9;

const START_RUN: &[&str] = &["run", "start", "ground"];
const START_STEP: &[&str] = &["step", "start", "1", "2", "--confirm", "prod"];
const DRIVE: &[&str] = &["drive", "1"];
const SIGN: &[&str] = &["journal", "head", "--publish"];

/// A workspace and the verb that is to die in it.
pub struct Ground {
    pub sandbox: Sandbox,
    /// Faults that must happen first, for the point to be passed.
    pub first: &'static str,
    pub verb: &'static [&'static str],
}

impl Ground {
    /// Prepares what a verb needs to pass the point.
    pub fn before(point: &str) -> Self {
        let sandbox = Sandbox::new();
        make(&sandbox);
        let (first, verb) = match point {
            // The first segment of a journal, and a further one because the month is over.
            _ if point.starts_with("journal.segment.") || point == "journal.begun" => ("", START_RUN),
            "journal.roll" | "journal.carried" | "journal.rolled" => {
                last_month(&sandbox);
                ("", START_RUN)
            }
            _ => {
                sandbox.holdpoint(&ana(START_RUN)).exits(0);
                of_a_run(&sandbox, point)
            }
        };
        Self { sandbox, first, verb }
    }

    /// Runs the verb with this fault.
    pub fn killed(&self, fault: &str) -> Outcome {
        with_fault(&self.sandbox, fault, self.verb)
    }

    /// The lines of the journal; none when there is no journal.
    pub fn lines(&self) -> Vec<Entry> {
        let found = entries(&state(&self.sandbox));
        found.map(|all| all.map(Result::unwrap).collect()).unwrap_or_default()
    }

    /// Whether the chain holds from its first line to its last.
    pub fn intact(&self) -> bool {
        matches!(verify(&state(&self.sandbox), None).unwrap().answer, Answer::CannotProve { .. })
    }

    /// The lines that announce operations of which nothing is known.
    fn open_intents(&self) -> Vec<u64> {
        let Ok(journal) = Journal::view(&state(&self.sandbox)) else { return Vec::new() };
        let sent = journal.ledger().sent.values();
        sent.filter(|sent| sent.fate == Fate::Open).map(|sent| sent.seq).collect()
    }

    /// Comes back as a person would; how long that took. Every operation that was
    /// open is in doubt first, whatever is found out then.
    pub fn resume(&self, point: &str) -> Duration {
        let open = self.open_intents();
        let took = self.back(point);
        assert_eq!(self.open_intents(), [0; 0], "{point}: still open");
        let facts: Vec<Fact> = self.lines().into_iter().flat_map(|entry| entry.facts).collect();
        for seq in open {
            let doubted = |fact: &Fact| matches!(fact, Fact::InDoubt { intent, .. } if *intent == seq);
            assert!(facts.iter().any(doubted), "{point}: the open operation #{seq} was never in doubt");
        }
        took
    }

    fn back(&self, point: &str) -> Duration {
        let poisoned = state(&self.sandbox).join("POISONED");
        if poisoned.exists() {
            let told = self.sandbox.holdpoint(&ana(START_RUN)).exits(4);
            assert!(told.stderr.contains("is poisoned") && told.stderr.contains("then remove"), "{point}: {told:?}");
            fs::remove_file(poisoned).unwrap();
        }
        if state_of(&self.sandbox, "2").is_none() {
            return self.sandbox.holdpoint(&ana(START_RUN)).exits(0).took;
        }
        self.sandbox.holdpoint(&ana(DRIVE)).exits(3).took
    }

    /// Brings step 2 to its end. Whatever is certain needs no one; what failed for
    /// certain is started again by a person, under another key.
    pub fn finish(&self, point: &str) {
        let sandbox = &self.sandbox;
        match state_of(sandbox, "2").unwrap() {
            State::Done => {}
            State::Pending => drop(sandbox.holdpoint(&ana(START_STEP)).exits(0)),
            State::Failed(_) => {
                drop(sandbox.holdpoint(&ana(&["step", "retry", "1", "2", "--confirm", "prod"])).exits(0))
            }
            other => panic!("{point}: step 2 is {other:?}\n{}", sandbox.holdpoint(&["journal", "show"]).stdout),
        }
        assert_eq!(state_of(sandbox, "2"), Some(State::Done), "{point}");
        let keys = begun(sandbox);
        let mut once = keys.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), keys.len(), "{point}: an operation ran twice under one key: {keys:?}");
        // A second key may only follow a try that certainly did not take effect.
        assert!(keys.len() <= 2, "{point}: {keys:?}");
    }
}

/// Of a run that stands before its deploy: what else must be there, and the verb.
fn of_a_run(sandbox: &Sandbox, point: &str) -> (&'static str, &'static [&'static str]) {
    match point {
        _ if point.starts_with("journal.torn.") => {
            let torn = with_fault(sandbox, "journal.write.half#2=kill", &["hold", "all", "--reason", "torn"]);
            assert_eq!(torn.signal, Some(SIGKILL), "{torn:?}");
            ("", START_STEP)
        }
        // Of the verb's lines the third is the step's start.
        _ if point.starts_with("journal.poison") || point == "journal.cut" => ("journal.written#3=eio,", START_STEP),
        _ if point.starts_with("journal.head") => ("", SIGN),
        "dispatcher.recover" | "executor.before-probe" | "executor.before-found" => {
            let lost = with_fault(sandbox, "executor.before-report=kill", START_STEP);
            assert_eq!(lost.signal, Some(SIGKILL), "{lost:?}");
            ("", DRIVE)
        }
        _ => ("", START_STEP),
    }
}

fn with_fault(sandbox: &Sandbox, fault: &str, arguments: &[&str]) -> Outcome {
    let mut command = sandbox.command(HOLDPOINT, &ana(arguments));
    command.env("HOLDPOINT_FAULT", fault);
    finish(command, b"", LIMIT)
}

/// The state of a step of run 1, read from the journal; none when there is no such run.
pub fn state_of(sandbox: &Sandbox, step: &str) -> Option<State> {
    let journal = Journal::view(&state(sandbox)).ok()?;
    assert_eq!(journal.broken(), None);
    journal.ledger().run(RunId(1)).map(|run| run.state(&step.into()).clone())
}

fn state(sandbox: &Sandbox) -> PathBuf {
    sandbox.state().join("holdpoint/00000000ba5eba11")
}

/// A journal that was begun a month ago: the next line begins a further segment.
fn last_month(sandbox: &Sandbox) {
    let fresh = Genesis { workspace: "00000000ba5eba11".into(), by: "ana".into(), id: None };
    let then = chrono::Utc::now() - chrono::TimeDelta::days(40);
    drop(Journal::open(&state(sandbox), Access::Private, then, fresh).unwrap());
}
