//! The metrics of a place beside its snapshot: what is in the file, what is said where there is none,
//! and that they are saved whatever becomes of the rest.

use crate::support::{deploy, key};
use crate::undisturbed as tokio;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use futures_util::stream::{BoxStream, StreamExt, empty};
use holdpoint::backend::{Backend, Done, Fault, Manifest, Sink, Topic};
use holdpoint::domain::Timestamp;
use holdpoint::domain::effect::Effect;
use holdpoint::domain::journal_id::Key;
use holdpoint::domain::name::RunId;
use holdpoint::domain::observed::{Observation, Observed};
use holdpoint::domain::operation::{Operation, Verb};
use holdpoint::domain::report::{Found, Preview, Receipt, Report};
use holdpoint::domain::series::{Minute, Reading, Series};
use holdpoint::domain::signal::{Bad, Query, Signal, SignalAt, Unit};
use holdpoint::domain::span::Span;
use holdpoint::domain::workspace::Workspace;
use holdpoint::engine::{Given, Ledger};
use holdpoint::runtime::executor::Executor;
use holdpoint::runtime::input::Input;
use holdpoint::runtime::metrics::Metrics;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Answers every snapshot in one way, if the metrics are there by then.
struct Takes {
    manifest: Manifest,
    dir: std::path::PathBuf,
    ends: fn() -> Result<Done, Fault>,
}

impl Backend for Takes {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }
    fn watch(&self, _: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        empty().boxed()
    }
    fn preview(&self, _: &Operation) -> BoxFuture<'static, Result<Preview, Fault>> {
        ready(Ok(Preview::default())).boxed()
    }
    fn perform(&self, _: Operation, key: Key, _: Sink) -> BoxFuture<'static, Result<Done, Fault>> {
        assert!(self.dir.join(format!("{key}.metrics.csv")).exists(), "nothing was saved before it was asked");
        ready((self.ends)()).boxed()
    }
    fn probe(&self, _: &Operation, _: Key) -> BoxFuture<'static, Result<Found, Fault>> {
        ready(Ok(Found::Unknown { why: String::new() })).boxed()
    }
}

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn signal(name: &str, unit: Unit) -> Signal {
    Signal {
        name: name.into(),
        title: name.to_owned(),
        service: "payments".into(),
        environments: vec!["eu-west".into(), "eu-north".into()],
        source: "prom".into(),
        query: Query::Tcp { address: "db:5432".to_owned() },
        unit,
        bad: Bad::Above,
        warn: None,
        fail: Some(0.05),
        hold_for: Span::ZERO,
        min_events: 0,
        every: Span::secs(15),
    }
}

fn at(name: &str) -> SignalAt {
    SignalAt { signal: name.into(), environment: "eu-west".into() }
}

/// Three signals of the service: one with an hour of readings, one that failed to be read, and one of elsewhere.
fn estate() -> (Workspace, Observed) {
    let (mut workspace, mut observed) = (Workspace::default(), Observed::default());
    for signal in [signal("errors", Unit::Ratio), signal("latency", Unit::Seconds)] {
        workspace.signals.insert(signal.name.clone(), signal);
    }
    let other = Signal { service: "fx".into(), ..signal("fx-errors", Unit::Ratio) };
    workspace.signals.insert(other.name.clone(), other);
    let ago = |secs: i64| noon() - chrono::TimeDelta::seconds(secs);
    let mut errors = Series { every: Span::secs(15), ..Series::default() };
    let read = [(90 * 60, 0.9, 100), (70, 0.25, 120), (55, 0.5, u64::MAX)];
    let minute = |secs: i64, mean| Minute { minute: ago(secs).timestamp() / 60, mean, weight: 1.0 };
    errors.recall(&[minute(read[0].0, 0.9), minute(30 * 60, 0.125), minute(3 * 60, 0.75)]);
    for (secs, value, events) in read {
        errors.push(Reading { at: ago(secs), value, events });
    }
    observed.series.insert(at("errors"), errors.clone());
    observed.series.insert(SignalAt { environment: "eu-north".into(), ..at("errors") }, errors.clone());
    observed.series.insert(at("fx-errors"), errors);
    let fault = Some((ago(5), "connection refused".to_owned()));
    observed.series.insert(at("latency"), Series { fault, ..Series::default() });
    (workspace, observed)
}

fn effect(verb: Verb) -> Effect {
    let not_after = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let (operation, of) = (Operation { verb, ..deploy() }, (RunId(1), "R1".into()));
    Effect::Perform { intent: 7, key: key(), operation, not_after, of, by: "ana".into(), reason: None }
}

fn metrics(workspace: &Workspace, observed: &Observed, verb: Verb) -> Option<Metrics> {
    let ledger = Ledger::default();
    Metrics::of(&effect(verb), &Given { ledger: &ledger, workspace, observed, now: noon() })
}

const CSV: &str = "time,signal,environment,value,unit,events,of\n\
    2026-11-22T11:30:00.000Z,errors,eu-west,0.125,ratio,,minute\n\
    2026-11-22T11:57:00.000Z,errors,eu-west,0.75,ratio,,minute\n\
    2026-11-22T11:58:50.000Z,errors,eu-west,0.25,ratio,120,reading\n\
    2026-11-22T11:59:05.000Z,errors,eu-west,0.5,ratio,,reading\n";

/// What comes of a snapshot that ends in this way, and the file.
async fn report(ends: fn() -> Result<Done, Fault>) -> (Report, String) {
    let dir = tempfile::TempDir::new().unwrap();
    let (workspace, observed) = estate();
    let (name, every) = ("routers".into(), Span::secs(1));
    let manifest = Manifest { name, topics: Vec::new(), verbs: Default::default(), probes: false, every };
    let backend: Arc<dyn Backend> = Arc::new(Takes { manifest, dir: dir.path().to_owned(), ends });
    let (inbox, reports) = std::sync::mpsc::channel();
    let tasks = tokio::runtime::Handle::current();
    let executor =
        Executor { backends: [("routers".into(), backend)].into(), output: dir.path().to_owned(), inbox, tasks };
    executor.launch(effect(Verb::Snapshot), metrics(&workspace, &observed, Verb::Snapshot));
    let wait = move || loop {
        match reports.recv_timeout(Duration::from_secs(60)).unwrap() {
            Input::Report(7, report) => return report,
            _ => continue,
        }
    };
    let report = tokio::task::spawn_blocking(wait).await.unwrap();
    let csv = std::fs::read_to_string(dir.path().join(format!("{}.metrics.csv", key()))).unwrap();
    (report, csv)
}

fn receipt() -> Receipt {
    Receipt { summary: "saved all".to_owned(), ..Receipt::default() }
}

#[tokio::test]
async fn the_last_hour_of_the_place_is_saved_with_its_digest() {
    let (report, csv) = report(|| Ok(Done::Whole(receipt()))).await;
    assert_eq!(csv, CSV);
    let Report::Done(receipt) = report else { panic!("{report:?}") };
    let said = "saved all; metrics: 4 values of 1 signals, nothing was read of latency (connection refused)";
    assert_eq!(receipt.summary, said);
    let hex: String = Sha256::digest(&csv).iter().map(|b| format!("{b:02x}")).collect();
    let file = format!("{}.metrics.csv: {} bytes, sha256 {hex}", key(), csv.len());
    assert_eq!(receipt.detail["metrics"], file);
}

#[tokio::test]
async fn they_are_a_part_of_what_is_saved_and_stay_where_the_rest_is_not() {
    let (part, _) = report(|| Ok(Done::Partly(3, 5, receipt()))).await;
    assert!(matches!(&part, Report::Partly { done: 4, of: 6, .. }), "{part:?}");
    let (none, csv) = report(|| Err(Fault::Unreachable("nobody answers".to_owned()))).await;
    let Report::NotDone { why, .. } = &none else { panic!("{none:?}") };
    assert!(why.starts_with("nobody answers; its metrics alone are saved, in "), "{why}");
    assert_eq!(csv, CSV);
    let (lost, _) = report(|| Err(Fault::Lost { why: "it broke off".to_owned(), output: None })).await;
    assert!(matches!(&lost, Report::Unknown { why, .. } if why.contains("alone are saved")), "{lost:?}");
}

#[test]
fn without_readings_there_is_no_file_and_that_is_said() {
    let (mut workspace, mut observed) = estate();
    let nowhere = Path::new("/nowhere/at/all");
    observed.series.remove(&at("errors"));
    let told = |workspace: &Workspace, observed: &Observed| {
        let saved = metrics(workspace, observed, Verb::Snapshot).unwrap().save(nowhere);
        saved.told(Report::Done(receipt()))
    };
    let Report::Done(done) = told(&workspace, &observed) else { panic!() };
    let said = "saved all; no metrics: nothing was read in the last hour of errors, latency (connection refused)";
    assert_eq!((done.summary.as_str(), done.detail.len()), (said, 0));
    workspace.signals.clear();
    let Report::Done(done) = told(&workspace, &observed) else { panic!() };
    assert_eq!(done.summary, "saved all; no metrics: no signal tells about payments in eu-west");
    assert_eq!(metrics(&workspace, &observed, Verb::RollBack), None);
}

#[test]
fn metrics_that_cannot_be_written_leave_it_saved_in_part() {
    let (workspace, observed) = estate();
    let saved = || metrics(&workspace, &observed, Verb::Snapshot).unwrap().save(Path::new("/nowhere/k.metrics.csv"));
    let Report::Partly { done: 1, of: 2, receipt: said } = saved().told(Report::Done(receipt())) else { panic!() };
    assert!(said.summary.starts_with("saved all; metrics are not saved: /nowhere/k.metrics.csv: "), "{said:?}");
    let part = saved().told(Report::Partly { done: 3, of: 5, receipt: receipt() });
    assert!(matches!(&part, Report::Partly { done: 3, of: 6, .. }), "{part:?}");
    let none = saved().told(Report::NotDone { why: "no".to_owned(), output: None });
    assert!(matches!(&none, Report::NotDone { why, .. } if why == "no"), "{none:?}");
}
