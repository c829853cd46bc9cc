//! Samples of a run's signals: taken every ten seconds by who drives it, in a
//! file that the journal vouches for, and never in the way of anything.

use crate::ground::{self, Lines, ME};
use chrono::{DateTime, TimeDelta, Utc};
use holdpoint::domain::command::Command;
use holdpoint::domain::entry::{By, Draft};
use holdpoint::domain::fact::Fact;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::{Observation, Observed, Quality};
use holdpoint::domain::plan::Plan;
use holdpoint::domain::sample::Sample;
use holdpoint::domain::series::Reading;
use holdpoint::domain::session::SessionId;
use holdpoint::domain::signal::SignalAt;
use holdpoint::domain::workspace::{Purpose, Workspace};
use holdpoint::engine::Given;
use holdpoint::journal::samples::{self, Match, SampleLog};
use holdpoint::journal::{Access, Genesis, Journal, Layout, entries, verify};
use holdpoint::runtime::input::{Answer, Trouble, Update};
use holdpoint::runtime::recorder::Recorder;
use holdpoint::runtime::{Runtime, Setup};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc;
use tempfile::TempDir;

const RUN: RunId = RunId(1);

/// A run, what is seen, and who records it where.
struct Day {
    dir: TempDir,
    workspace: Workspace,
    lines: Lines,
    observed: Observed,
    recorder: Recorder,
}

impl Day {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let workspace = ground::workspace(20, 3);
        let mut lines = Lines::opened();
        lines.run(&workspace, ground::plan(30));
        let day = Self { dir, workspace, lines, observed: Observed::default(), recorder: Recorder::default() };
        day.layout().prepare().unwrap();
        day
    }

    fn layout(&self) -> Layout {
        Layout::new(&self.dir.path().join("state"), Access::Private)
    }

    fn sees(&mut self, at: DateTime<Utc>, value: f64) {
        let signal = SignalAt { signal: "errors-svc-000".into(), environment: "place-00".into() };
        let reading = Reading { at, value, events: 1000 };
        self.observed.apply(&ground::stamped(at, Observation::Reading(signal, reading)));
    }

    /// Lets the recorder look, as the session `me`.
    fn tick(&mut self, now: DateTime<Utc>, me: SessionId) -> Option<Result<(), String>> {
        let given = Given { ledger: &self.lines.ledger, workspace: &self.workspace, observed: &self.observed, now };
        let layout = Layout::new(&self.dir.path().join("state"), Access::Private);
        self.recorder.tick(&layout, &given, me).map(|done| done.map_err(|e| e.to_string()))
    }

    fn kept(&self) -> Vec<Sample> {
        samples::read(&self.layout(), RUN, u64::MAX).unwrap().unwrap().samples
    }

    /// What the samples say of the signal at place-00.
    fn values(&self) -> Vec<(i64, Option<f64>, Quality)> {
        let of = |sample: &Sample| {
            let found = sample.signals.iter().find(|m| m.place.as_str() == "place-00").unwrap();
            ((sample.at - ground::start()).num_seconds(), found.value, found.quality)
        };
        self.kept().iter().map(of).collect()
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    ground::start() + TimeDelta::seconds(seconds)
}

#[test]
fn one_sample_in_ten_seconds_with_what_was_seen_before_and_gaps() {
    let mut day = Day::new();
    // Seen from before the run began: a reading every five seconds.
    (-6..=1).for_each(|n| day.sees(at(n * 5), 0.001 * (n + 7) as f64));
    assert_eq!(day.tick(at(7), ME), Some(Ok(())));
    assert_eq!(day.tick(at(9), ME), None, "none is due");
    assert_eq!(day.tick(at(10), ME), Some(Ok(())));
    assert_eq!(day.tick(at(19), ME), None);
    assert_eq!(day.tick(at(21), ME), Some(Ok(())));
    assert_eq!(day.tick(at(50), ME), Some(Ok(())));
    let fresh = |second, value: f64| (second, Some(value), Quality::Fresh);
    assert_eq!(
        day.values(),
        [
            fresh(-30, 0.001),
            fresh(-20, 0.003),
            fresh(-10, 0.005),
            fresh(0, 0.007),
            fresh(7, 0.008),
            fresh(10, 0.008),
            (21, Some(0.008), Quality::Late),
            (50, Some(0.008), Quality::Lost),
        ]
    );
    assert_eq!(day.kept()[0].signals.len(), 1, "only of the place that the run may change");
}

#[test]
fn only_who_drives_records_and_the_last_sample_is_at_the_end() {
    let mut day = Day::new();
    assert_eq!(day.tick(at(7), SessionId(99)), None);
    assert!(!day.layout().samples(RUN).exists());
    day.sees(at(8), 0.2);
    assert_eq!(day.tick(at(8), ME), Some(Ok(())));
    day.lines.write("abort", vec![Fact::RunAborted { run: RUN, reason: "enough".to_owned() }]);
    assert_eq!(day.tick(at(9), ME), Some(Ok(())), "although none was due");
    assert_eq!(day.tick(at(30), ME), None, "and then no more");
    let kept = samples::seal(&day.layout(), RUN).unwrap().unwrap();
    day.lines.write("samples 1", vec![Fact::SamplesKept { run: RUN, kept: kept.clone() }]);
    assert_eq!(day.lines.ledger.run(RUN).unwrap().samples, Some(kept));
}

#[test]
fn deployments_are_written_in_full_only_when_they_have_changed() {
    let mut day = Day::new();
    let deployed = |day: &mut Day, second, version: &str| {
        let place = ("svc-000".into(), "place-00".into());
        let what = Observation::Deployment(place, ground::deployment(version).into());
        day.observed.apply(&ground::stamped(at(second), what));
        day.tick(at(second), ME).unwrap().unwrap();
    };
    for (second, version) in [(7, "1.0"), (10, "1.0"), (20, "2.0"), (30, "2.0")] {
        deployed(&mut day, second, version);
    }
    let told: Vec<_> =
        day.kept().into_iter().map(|s| s.live[0].is.clone().map(|k| k.deployment.version.clone())).collect();
    assert_eq!(told, [Some("1.0".to_owned()), None, Some("2.0".to_owned()), None]);
    assert_eq!(day.values()[0], (7, None, Quality::Lost), "a signal that was never read is a gap");
}

#[test]
fn a_file_that_cannot_be_written_is_said_and_tried_again() {
    let mut day = Day::new();
    let path = day.layout().samples(RUN);
    fs::create_dir(&path).unwrap();
    let why = day.tick(at(7), ME).unwrap().unwrap_err();
    assert!(why.contains("cannot open") && why.contains("1.jsonl"), "{why}");
    assert_eq!(day.tick(at(8), ME), None, "not at every turn");
    assert!(day.tick(at(10), ME).unwrap().is_err());
    fs::remove_dir(&path).unwrap();
    assert_eq!(day.tick(at(20), ME), Some(Ok(())));
    assert_eq!(day.kept().len(), 1);
}

#[test]
fn a_torn_line_is_a_gap_and_the_next_line_is_whole() {
    let day = Day::new();
    let sample = |second| Sample { at: at(second), ..Sample::default() };
    let (mut log, fresh) = SampleLog::open(&day.layout(), RUN).unwrap();
    assert!(fresh);
    log.append(&sample(1)).unwrap();
    let mut file = OpenOptions::new().append(true).open(day.layout().samples(RUN)).unwrap();
    file.write_all(b"{\"at\":\"2026-11-2").unwrap();
    let found = samples::read(&day.layout(), RUN, u64::MAX).unwrap().unwrap();
    assert_eq!((found.samples.len(), found.bad), (1, 0), "what has no end is left alone");
    let (mut log, fresh) = SampleLog::open(&day.layout(), RUN).unwrap();
    assert!(!fresh);
    log.append(&sample(2)).unwrap();
    let found = samples::read(&day.layout(), RUN, u64::MAX).unwrap().unwrap();
    assert_eq!((found.samples, found.bad), (vec![sample(1), sample(2)], 1));
}

#[test]
fn a_file_of_full_length_says_so_and_grows_no_more() {
    let day = Day::new();
    let (mut log, _) = SampleLog::open(&day.layout(), RUN).unwrap();
    let file = OpenOptions::new().append(true).open(day.layout().samples(RUN)).unwrap();
    file.set_len(samples::FULL - 280).unwrap();
    (1..9).for_each(|n| log.append(&Sample { at: at(n), ..Sample::default() }).unwrap());
    let long = file.metadata().unwrap().len();
    assert!(long <= samples::FULL, "{long}");
    let text = fs::read(day.layout().samples(RUN)).unwrap();
    assert!(text.ends_with(b"\"full\":true}\n"));
    drop(log);
    let (mut log, _) = SampleLog::open(&day.layout(), RUN).unwrap();
    log.append(&Sample { at: at(20), ..Sample::default() }).unwrap();
    assert_eq!(file.metadata().unwrap().len(), long);
}

#[test]
fn verify_tells_samples_that_are_not_those_of_the_journal() {
    let mut day = Day::new();
    day.sees(at(5), 0.2);
    day.tick(at(7), ME).unwrap().unwrap();
    let kept = samples::seal(&day.layout(), RUN).unwrap().unwrap();
    // The same run in a journal on the disk.
    let state = day.dir.path().join("state");
    let fresh = Genesis { workspace: "w".to_owned(), by: "ana".into(), id: None };
    let mut journal = Journal::open(&state, Access::Private, ground::start(), fresh).unwrap();
    let started = day.lines.entries.iter().flat_map(|e| e.facts.clone());
    let started: Vec<_> = started.filter(|f| matches!(f, Fact::RunStarted { .. })).collect();
    for facts in [started, vec![Fact::SamplesKept { run: RUN, kept: kept.clone() }]] {
        let by = By { person: "ana".into(), session: ME };
        let draft = Draft { cause: "test".to_owned(), outcome: Ok(facts) };
        journal.commit(|| at(60), by, |_, _| Some(draft)).unwrap();
    }
    let notes = || verify(&state, None).unwrap().notes.join("\n");
    assert!(!notes().contains("samples"), "{}", notes());
    // A line after the end was written by someone who had not heard of it.
    let path = day.layout().samples(RUN);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [&whole[..], b"{\"at\":\"2026-11-21T02:09:00Z\"}\n"].concat()).unwrap();
    assert!(!notes().contains("samples"), "{}", notes());
    for place in [0, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(&path, &changed).unwrap();
        assert!(notes().contains("samples of run 1 were CHANGED"), "byte {place}: {}", notes());
        assert_eq!(samples::matches(&day.layout(), RUN, &kept).unwrap(), Match::Changed);
    }
    fs::remove_file(&path).unwrap();
    assert!(notes().contains("samples of run 1 are not there"), "{}", notes());
}

/// A session that drives a run to its end; what it said of samples meanwhile.
fn session(state: &Path) -> Vec<Option<String>> {
    let setup = Setup {
        workspace: Workspace { purpose: Purpose::Rehearsal, ..ground::workspace(2, 2) },
        state: state.to_owned(),
        access: Access::Private,
        origin: ground::origin(),
        observe: true,
        reload: false,
    };
    let (publish, updates) = mpsc::channel();
    let runtime = Runtime::start(setup, move |update| drop(publish.send(update)));
    // By its signals: an operation would need a backend.
    let signals = ground::workspace(2, 2).signals.into_values().collect();
    let plan = Plan { signals, ..ground::plan(3) };
    for command in [Command::StartRun(Box::new(plan), Vec::new()), Command::Abort(RUN, "enough".to_owned())] {
        let answer = runtime.command(command);
        assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
        runtime.idle();
    }
    runtime.close("done");
    let said = updates.try_iter().filter_map(|update| match update {
        Update::Trouble(Trouble::Samples, why) => Some(why),
        _ => None,
    });
    said.collect()
}

#[test]
fn a_session_has_the_journal_vouch_for_the_samples_of_its_run() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    assert_eq!(session(&state), []);
    let facts: Vec<_> = entries(&state).unwrap().flat_map(|e| e.unwrap().facts).collect();
    let told = facts.iter().filter_map(|f| match f {
        Fact::SamplesKept { run: RUN, kept } => Some(kept),
        _ => None,
    });
    let [kept] = told.collect::<Vec<_>>()[..] else { panic!("once: {facts:?}") };
    let layout = Layout::new(&state, Access::Private);
    assert_eq!(samples::matches(&layout, RUN, kept).unwrap(), Match::Same);
    let samples = samples::read(&layout, RUN, kept.bytes).unwrap().unwrap().samples;
    assert!(samples.len() >= 2, "at its start and at its end: {samples:?}");
    assert!(!verify(&state, None).unwrap().notes.join("\n").contains("samples"));
}

#[test]
fn samples_that_cannot_be_kept_are_said_once_and_stop_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    fs::create_dir_all(&state).unwrap();
    fs::set_permissions(&state, PermissionsExt::from_mode(0o700)).unwrap();
    fs::write(state.join("samples"), "in the way").unwrap();
    let said = session(&state);
    let [Some(why)] = said.as_slice() else { panic!("{said:?}") };
    assert!(why.contains("signals are not kept with the run: cannot") && why.contains("journaled as before"), "{why}");
    let facts: Vec<_> = entries(&state).unwrap().flat_map(|e| e.unwrap().facts).collect();
    assert!(facts.iter().any(|f| matches!(f, Fact::RunAborted { .. })));
    assert!(!facts.iter().any(|f| matches!(f, Fact::SamplesKept { .. })));
}
