//! Files on disk: what is no file, what changes while it is read, what is too old.

use super::sample;
use crate::support::{Place, launcher};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::probe::report::source::{Found, LARGEST, read_while};
use holdpoint::backend::probe::report::{Asked, Report, located};
use holdpoint::backend::probe::{ProbeBackend, mistake};
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::observed::Observation;
use holdpoint::domain::result_file::{Figure, Format};
use holdpoint::domain::signal::{Bad, Query, Signal, Unit};
use holdpoint::domain::span::Span;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs::File;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, SystemTime};

const ONE_OF_TWO: &str = "SF:a\nLF:2\nLH:1\nend_of_record\n";
const TWO_OF_TWO: &str = "SF:a\nLF:2\nLH:2\nend_of_record\n";
const DAY: Span = Span::mins(24 * 60);

fn asked(place: &Place, file: &str, format: Format, figure: Figure) -> Asked {
    let (root, file) = (place.root(), file.to_owned());
    Asked { root, file, format, figure, max_age: DAY, limit: Duration::from_secs(20) }
}

fn lines(place: &Place, file: &str) -> Report {
    Report::new(asked(place, file, Format::Lcov, Figure::LineRatio))
}

/// Writes a file in place, changed so long ago.
fn put(path: &Path, bytes: impl AsRef<[u8]>, changed: SystemTime) {
    std::fs::write(path, bytes).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(changed).unwrap();
}

fn ago(seconds: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_signal_reads_the_file_of_its_place() {
    let place = Place::new();
    std::fs::create_dir(place.file("eu")).unwrap();
    put(&place.file("eu/web.info"), ONE_OF_TWO, ago(60));
    let file = "{environment}/{service}.info".to_owned();
    let signal = Signal {
        name: "coverage".into(),
        title: String::new(),
        service: "web".into(),
        environments: vec!["eu".into()],
        source: "metrics".into(),
        query: Query::Report { file, format: Format::Lcov, value: Figure::LineRatio, max_age: DAY },
        unit: Unit::Ratio,
        bad: Bad::Below,
        warn: None,
        fail: None,
        hold_for: Span::ZERO,
        min_events: 0,
        every: Span::secs(9),
    };
    assert_eq!(mistake(&signal), None);
    let backend = ProbeBackend::new("metrics".into(), Span::secs(9), vec![signal], place.root(), launcher());
    let first = backend.watch(Topic::Signals).next().await.unwrap().unwrap();
    let Observation::Reading(_, reading) = first else { panic!("{first:?}") };
    assert_eq!((reading.value, reading.events), (0.5, 2));
}

#[tokio::test]
async fn what_is_no_regular_file_is_not_waited_for() {
    let place = Place::new();
    mknodat(CWD, place.file("pipe"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    std::fs::create_dir(place.file("dir")).unwrap();
    symlink("/dev/zero", place.file("zero")).unwrap();
    symlink("loop", place.file("loop")).unwrap();
    for (file, what) in
        [("pipe", "a pipe"), ("dir", "a directory"), ("zero", "a device"), ("none", "no such file"), ("loop", "")]
    {
        let why = lines(&place, file).ask().await.unwrap_err();
        assert!(why.starts_with(&format!("cannot take line-ratio of {file}: ")) && why.contains(what), "{why}");
        assert!(why.contains("; "), "what is to be done? {why}");
    }
    File::create(place.file("huge")).unwrap().set_len(LARGEST + 1).unwrap();
    assert!(lines(&place, "huge").ask().await.unwrap_err().contains("more than 64"));
}

#[tokio::test]
async fn a_file_that_gives_way_to_a_device_gives_no_number() {
    let place = Place::new();
    let path = place.file("a.info");
    put(&path, ONE_OF_TWO, ago(60));
    let mut report = lines(&place, "a.info");
    assert_eq!(report.ask().await, Ok((0.5, 2)));
    std::fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    assert!(report.ask().await.unwrap_err().contains("a device"));
    std::fs::remove_file(&path).unwrap();
    assert!(report.ask().await.unwrap_err().contains("no such file"));
    put(&path, TWO_OF_TWO, ago(60));
    assert_eq!(report.ask().await, Ok((1.0, 2)));
}

#[test]
fn what_changes_while_it_is_read_is_no_reading() {
    let place = Place::new();
    let path = place.file("a.info");
    let reads = |meanwhile: &dyn Fn()| {
        put(&path, ONE_OF_TWO, ago(60));
        read_while(&path, None, meanwhile)
            .map(|found| matches!(found, Found::Anew(_, bytes) if bytes == ONE_OF_TWO.as_bytes()))
    };
    assert_eq!(reads(&|| {}), Ok(true));
    let changes: [(&str, &dyn Fn()); 5] = [
        ("grew", &|| std::fs::write(&path, [ONE_OF_TWO, ONE_OF_TWO].concat()).unwrap()),
        ("was rewritten", &|| put(&path, TWO_OF_TWO, ago(30))),
        ("was replaced", &|| {
            put(&place.file("b.info"), TWO_OF_TWO, ago(60));
            std::fs::rename(place.file("b.info"), &path).unwrap();
        }),
        ("was removed", &|| std::fs::remove_file(&path).unwrap()),
        ("became a device", &|| {
            std::fs::remove_file(&path).unwrap();
            symlink("/dev/zero", &path).unwrap();
        }),
    ];
    for (how, change) in changes {
        let why = reads(change).expect_err(how);
        assert!(why.contains("; "), "{how}: {why}");
        std::fs::remove_file(&path).ok();
    }
}

#[tokio::test]
async fn what_has_changed_is_read_again_though_its_time_was_set_back() {
    let place = Place::new();
    let (path, changed) = (place.file("a.info"), ago(3600));
    put(&path, ONE_OF_TWO, changed);
    let mut report = lines(&place, "a.info");
    assert_eq!(report.ask().await, Ok((0.5, 2)));
    // As long, in its place, with its time.
    put(&path, TWO_OF_TWO, changed);
    assert_eq!(report.ask().await, Ok((1.0, 2)));
    put(&path, ONE_OF_TWO, ago(3000));
    assert_eq!(report.ask().await, Ok((0.5, 2)));
    // What was changed just now may be changed again within the same tick of the clock.
    let now = SystemTime::now();
    put(&path, ONE_OF_TWO, now);
    assert_eq!(report.ask().await, Ok((0.5, 2)));
    put(&path, TWO_OF_TWO, now);
    assert_eq!(report.ask().await, Ok((1.0, 2)));
}

#[tokio::test]
async fn what_is_too_old_or_of_tomorrow_says_nothing() {
    let place = Place::new();
    let path = place.file("a.info");
    put(&path, ONE_OF_TWO, ago(3 * 86_400 + 5));
    let why = lines(&place, "a.info").ask().await.unwrap_err();
    assert!(why.contains("written 3d00h ago, older than 1d"), "{why}");
    put(&path, ONE_OF_TWO, SystemTime::now() + Duration::from_secs(3600));
    assert!(lines(&place, "a.info").ask().await.unwrap_err().contains("from now"));
    // Its own time counts, however young the file is.
    let sbom = |at: chrono::DateTime<chrono::Utc>| {
        let text = String::from_utf8(sample("cyclonedx.json")).unwrap();
        text.replace("2026-11-20T10:07:00Z", &at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
    };
    let mut report = Report::new(asked(&place, "bom.json", Format::Cyclonedx, Figure::Critical));
    let now = chrono::Utc::now();
    put(&place.file("bom.json"), sbom(now - chrono::TimeDelta::hours(23)), ago(5 * 86_400));
    assert_eq!(report.ask().await, Ok((1.0, 3)));
    put(&place.file("bom.json"), sbom(now - chrono::TimeDelta::hours(25)), ago(10));
    assert!(report.ask().await.unwrap_err().contains("older than 1d"));
}

#[tokio::test]
async fn an_answer_grows_old_without_the_file_being_touched() {
    let place = Place::new();
    put(&place.file("a.info"), ONE_OF_TWO, ago(10));
    let mut report = Report::new(Asked {
        max_age: Span::millis(11_500),
        ..asked(&place, "a.info", Format::Lcov, Figure::LineRatio)
    });
    assert_eq!(report.ask().await, Ok((0.5, 2)));
    tokio::time::sleep(Duration::from_millis(1800)).await;
    assert!(report.ask().await.unwrap_err().contains("older than"));
}

#[tokio::test]
async fn a_file_that_takes_longer_than_it_may_is_answered_for_once_it_is_read() {
    let place = Place::new();
    put(&place.file("a.info"), ONE_OF_TWO.repeat(200_000), ago(60));
    let limit = Duration::from_millis(20);
    let mut report = Report::new(Asked { limit, ..asked(&place, "a.info", Format::Lcov, Figure::LineRatio) });
    let why = report.ask().await.unwrap_err();
    assert!(why.contains("could not be read in 20ms; "), "{why}");
    let begun = std::time::Instant::now();
    loop {
        match report.ask().await {
            Ok(read) => return assert_eq!(read, (0.5, 400_000)),
            Err(why) => assert!(why.contains("could not be read") && begun.elapsed().as_secs() < 60, "{why}"),
        }
    }
}

#[test]
fn a_placeholder_leads_nowhere_else() {
    let with = |file: &str, value: &str| located(file, |name| (name == "environment").then(|| value.to_owned()));
    assert_eq!(with("../build/{environment}/junit.xml", "eu-west"), Ok("../build/eu-west/junit.xml".to_owned()));
    assert_eq!(with("{environment}..xml", "a"), Ok("a..xml".to_owned()));
    for value in ["..", ".", "", "a/b", "/etc", "../..", "a/../.."] {
        assert!(with("build/{environment}/junit.xml", value).is_err(), "{value:?}");
    }
    assert!(with("build/.{environment}/x", ".").is_err());
    assert!(with("{environment}", "/etc/passwd").is_err());
    assert!(with("{version}.xml", "a").unwrap_err().contains("{version}"));
}
