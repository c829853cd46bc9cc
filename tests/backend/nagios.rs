//! Checks of the Nagios kind: exit status and performance values, and what is no reading.

use crate::support::{Place, launcher};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::probe::ProbeBackend;
use holdpoint::backend::probe::nagios::value;
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::observed::Observation;
use holdpoint::domain::signal::{Bad, Query, Signal, Unit};
use holdpoint::domain::span::Span;

async fn reading(place: &Place, argv: &[&str], field: Option<&str>) -> Result<f64, String> {
    let signal = Signal {
        name: "s".into(),
        title: String::new(),
        service: "web".into(),
        environments: vec!["eu".into()],
        source: "metrics".into(),
        query: Query::Check { argv: argv.iter().map(ToString::to_string).collect(), field: field.map(str::to_owned) },
        unit: Unit::Count,
        bad: Bad::Above,
        warn: None,
        fail: None,
        hold_for: Span::ZERO,
        min_events: 0,
        every: Span::secs(9),
    };
    let backend = ProbeBackend::new("metrics".into(), Span::secs(9), vec![signal], place.root(), launcher());
    let mut watch = backend.watch(Topic::Signals);
    let first = tokio::time::timeout(std::time::Duration::from_secs(60), watch.next());
    match first.await.unwrap().unwrap().unwrap() {
        Observation::Reading(_, reading) => Ok(reading.value),
        Observation::NoReading(_, why) => Err(why),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_status_is_a_number_and_only_0_1_and_2_say_anything() {
    let place = Place::new();
    place.script("check", "#!/bin/sh\necho \"said $1 | 'load one'=0.5s;1;2;0; other=7\"\nexit $1\n");
    for status in ["0", "1", "2"] {
        assert_eq!(reading(&place, &["./check", status], None).await, Ok(status.parse().unwrap()));
        assert_eq!(reading(&place, &["./check", status], Some("load one")).await, Ok(0.5), "critical has a value too");
    }
    for status in ["3", "4", "127", "255"] {
        assert!(reading(&place, &["./check", status], None).await.is_err());
        assert!(reading(&place, &["./check", status], Some("other")).await.is_err(), "{status}");
    }
    assert!(reading(&place, &["./check", "0"], Some("none")).await.unwrap_err().contains("it gives load one, other"));
    assert!(reading(&place, &["./missing"], None).await.is_err());
}

#[tokio::test]
async fn output_that_was_cut_is_no_reading() {
    let place = Place::new();
    place.script("check", "#!/bin/sh\necho 'OK | a=7'\nhead -c 70000 /dev/zero | tr '\\0' x\n");
    let why = reading(&place, &["./check"], Some("a")).await.unwrap_err();
    assert!(why.contains("64 KiB"), "{why}");
    assert_eq!(reading(&place, &["./check"], None).await, Ok(0.0), "its status is whole");
}

#[test]
fn values_are_read_in_base_units_and_nothing_else_is_a_zero() {
    let of = |text: &str| value(&format!("OK | {text}"), "a");
    assert_eq!(of("a=12ms;;;0"), Ok(0.012));
    assert_eq!(of("a=50%"), Ok(0.5));
    assert_eq!(of("b=1 a=-2.5"), Ok(-2.5));
    assert_eq!(of("'b c'=1 'a'=3KB;1:2;@3"), Ok(3000.0));
    assert_eq!(of("'it''s'=1 a=4c"), Ok(4.0));
    assert_eq!(value("OK | 'it''s'=1", "it's"), Ok(1.0));
    assert_eq!(value("OK | x=1\nlong text\nmore | a=7\nb=8", "b"), Ok(8.0));
    for bad in ["a=", "a=U", "a=1,5", "a=nan", "a=inf", "a=1x", "a=1 a=2", "b=1", "", "a", "'a=1", "a==1"] {
        assert!(of(bad).is_err(), "{bad}: {:?}", of(bad));
    }
}

/// The real checks, where they are installed.
#[tokio::test]
async fn a_real_check_is_read() {
    let check = std::path::Path::new("/usr/lib/nagios/plugins/check_load");
    if !check.exists() {
        assert!(std::env::var_os("CI").is_none(), "monitoring-plugins-basic is not installed; `.ci/run` installs it");
        return crate::skip::skipped("monitoring-plugins-basic is not installed");
    }
    let argv = [check.to_str().unwrap(), "-w", "900,900,900", "-c", "999,999,999"];
    assert_eq!(reading(&Place::new(), &argv, None).await, Ok(0.0));
    assert!(reading(&Place::new(), &argv, Some("load1")).await.unwrap() >= 0.0);
}
