//! Measures the forecast: 500 steps of a live run after 200 past runs, under a
//! calendar with a window every night, beside folding one line of a journal.
//! `cargo bench --bench forecast`, a table of medians in µs on stdout.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs, dead_code)]

#[path = "../tests/engine/ground.rs"]
mod ground;

use chrono::TimeDelta;
use holdpoint::domain::Timestamp;
use holdpoint::domain::calendar::{Event, EventKind};
use holdpoint::domain::digest::Digest;
use holdpoint::domain::entry::{By, Entry};
use holdpoint::domain::fact::{FORMAT, Fact};
use holdpoint::domain::journal_id::JournalId;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::Observed;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::plan::{Kind, Plan, Question, Step, Work};
use holdpoint::domain::session::SessionId;
use holdpoint::domain::span::Span;
use holdpoint::domain::workspace::Workspace;
use holdpoint::engine::forecast::forecast;
use holdpoint::engine::{Given, Ledger};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

const STEPS: usize = 500;
const RUNS: u32 = 200;
const TIMES: usize = 200;

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}

fn measured(mut what: impl FnMut(usize)) -> f64 {
    let once = |n| {
        let started = Instant::now();
        what(n);
        started.elapsed()
    };
    median((0..TIMES).map(once).collect())
}

/// Five streams of a hundred steps; every second step is an operation on one of fifty services.
fn plan(deploys: bool) -> Plan {
    let name = |n: usize| format!("step-{n:03}");
    let step = |n: usize| -> Step {
        let before = n.checked_sub(5).map(name);
        let needs: Vec<&str> = before.iter().map(String::as_str).collect();
        let work = match n % 2 {
            0 if deploys => Work::Do(ground::operation(Verb::Deploy, &format!("svc-{}", n % 50), "prod")),
            _ => Work::Ask(Question::Done),
        };
        Step { takes: Some(Span::mins(3)), ..ground::step(&name(n), Kind::Manual, &needs, work) }
    };
    ground::plan("many", (0..STEPS).map(step).collect())
}

struct Lines(Ledger, Timestamp);

impl Lines {
    fn write(&mut self, facts: Vec<Fact>) {
        self.1 += TimeDelta::milliseconds(700);
        let by = By { person: "ana".into(), session: SessionId(1) };
        let (seq, at, cause) = (self.0.seq + 1, self.1, "bench".to_owned());
        let entry = Entry { seq, at, by, cause, facts, refusal: None, keys: None, prev: Digest::default() };
        self.0.apply(&entry).unwrap();
    }

    fn start(&mut self, plan: Plan) -> RunId {
        let run = RunId(self.0.last_run + 1);
        self.write(vec![Fact::RunStarted { run, digest: plan.digest(), plan: Arc::new(plan), t0: self.1 }]);
        run
    }

    /// A run of the past, all its steps by hand, one line a step.
    fn past(&mut self) {
        let run = self.start(plan(false));
        for n in 0..STEPS {
            let step = || format!("step-{n:03}").as_str().into();
            self.write(vec![Fact::StepStarted { run, step: step() }]);
            let done = Fact::StepDone { run, step: step(), note: String::new(), evidence: vec![] };
            self.write(vec![done]);
        }
        self.write(vec![Fact::RunCompleted { run }]);
    }
}

fn workspace(now: Timestamp) -> Workspace {
    let mut workspace = ground::workspace();
    let nights = (-30..336).map(|n| now + TimeDelta::days(n)).map(|from| (from, from + TimeDelta::hours(6)));
    workspace.calendar.events.push(Event {
        name: "night".to_owned(),
        kind: EventKind::Window,
        title: "night".to_owned(),
        services: vec![],
        environments: vec![],
        stops_rollback: false,
        contact: String::new(),
        waived_by: vec![],
        occurrences: nights.collect(),
    });
    workspace
}

fn main() {
    let mut lines = Lines(Ledger::default(), ground::start());
    let journal = JournalId::from_random([1; 8]);
    lines.write(vec![Fact::Genesis { format: FORMAT, journal, workspace: "w".to_owned() }]);
    let fold = Instant::now();
    (0..RUNS).for_each(|_| lines.past());
    let fold = fold.elapsed().as_secs_f64() * 1e6 / f64::from(RUNS);
    let by_hand = lines.start(plan(false));
    let with_calendar = lines.start(Plan { runbook: "other".into(), ..plan(true) });
    let (ledger, now) = (&lines.0, lines.1 + TimeDelta::minutes(1));
    let (workspace, observed) = (workspace(lines.1), Observed::default());
    let given = Given { ledger, workspace: &workspace, observed: &observed, now };
    let looked = |run: RunId| {
        let run = ledger.run(run).unwrap();
        let all = forecast(&given, run);
        assert!(all.landing.is_some() && all.steps.len() == STEPS);
        measured(|_| drop(black_box(forecast(&given, black_box(run)))))
    };
    let (past, dated) = (looked(by_hand), looked(with_calendar));
    let plan = ledger.run(by_hand).unwrap().plan.clone();
    let digest = measured(|_| {
        black_box(plan.digest());
    });
    let kept = serde_json::to_vec(&*ledger.history).unwrap().len();
    println!("{STEPS} steps after {RUNS} past runs, median of {TIMES}");
    println!(
        "{:<44}{past:>10.0} µs   {:.2} × the digest of its plan ({digest:.0} µs)",
        "forecast by past runs",
        past / digest
    );
    println!("{:<44}{dated:>10.0} µs   {:.2} ×", "forecast by plan, half of it in the calendar", dated / digest);
    println!("{:<44}{fold:>10.0} µs", "folding a past run of 1,002 lines");
    println!("{:<44}{kept:>10} bytes", "past times kept, as JSON");
}
