//! The right numbers of whole files, of every format and value.

use super::{SAMPLES, sample};
use holdpoint::backend::probe::report::read;
use holdpoint::domain::result_file::{Figure, Format};
use std::collections::BTreeSet;

fn said(name: &str, format: Format) -> Vec<(&'static str, f64, u64)> {
    let take = |figure: &Figure| {
        let said = read(format, *figure, &sample(name)).unwrap_or_else(|why| panic!("{name} {figure:?}: {why}"));
        (figure.word(), said.value, said.events)
    };
    format.figures().iter().map(take).collect()
}

#[test]
fn tests_are_counted_one_by_one() {
    let whole = [("tests", 7.0, 7), ("failed", 2.0, 6), ("skipped", 1.0, 7), ("passed-ratio", 4.0 / 6.0, 6)];
    assert_eq!(said("junit.xml", Format::Junit), whole);
    let bare = [("tests", 3.0, 3), ("failed", 1.0, 2), ("skipped", 1.0, 3), ("passed-ratio", 0.5, 2)];
    assert_eq!(said("junit-bare.xml", Format::Junit), bare);
}

#[test]
fn findings_have_levels() {
    let found = [("errors", 3.0, 5), ("warnings", 1.0, 5), ("notes", 1.0, 5), ("results", 5.0, 5)];
    assert_eq!(said("sarif.json", Format::Sarif), found);
}

#[test]
fn bills_of_materials() {
    let cyclonedx = [
        ("components", 5.0, 5),
        ("unlicensed", 3.0, 5),
        ("vulnerabilities", 3.0, 3),
        ("critical", 1.0, 3),
        ("high", 1.0, 3),
    ];
    assert_eq!(said("cyclonedx.json", Format::Cyclonedx), cyclonedx);
    assert_eq!(said("spdx.json", Format::Spdx), [("packages", 4.0, 4), ("unlicensed", 2.0, 4)]);
}

#[test]
fn coverage() {
    let lcov = [("line-ratio", 5.0 / 8.0, 8), ("branch-ratio", 0.5, 4), ("function-ratio", 2.0 / 3.0, 3)];
    assert_eq!(said("lcov.info", Format::Lcov), lcov);
    assert_eq!(said("cobertura.xml", Format::Cobertura), [("line-ratio", 0.625, 8), ("branch-ratio", 0.25, 4)]);
    assert_eq!(said("cobertura-rates.xml", Format::Cobertura), [("line-ratio", 0.5, 2), ("branch-ratio", 0.75, 1)]);
}

#[test]
fn load() {
    let k6 = |crossed, judged| {
        [
            ("p95-seconds", 0.3115, 400),
            ("failed-ratio", 0.025, 400),
            ("requests", 400.0, 400),
            ("thresholds-failed", crossed, judged),
        ]
    };
    // The older summary says `true` of a threshold that was crossed.
    assert_eq!(said("k6-export.json", Format::K6), k6(1.0, 3));
    assert_eq!(said("k6-handle.json", Format::K6), k6(2.0, 3));
    let statistics = [("p95-seconds", 0.2605, 200), ("failed-ratio", 0.015, 200), ("requests", 200.0, 200)];
    assert_eq!(said("jmeter-statistics.json", Format::Jmeter), statistics);
    // Of 40 requests of 10 to 400 ms the 38th, and a field with a line end in quotes.
    let csv = [("p95-seconds", 0.38, 40), ("failed-ratio", 0.05, 40), ("requests", 40.0, 40)];
    assert_eq!(said("jmeter.csv", Format::Jmeter), csv);
}

#[test]
fn provenance() {
    assert_eq!(said("in-toto-envelope.json", Format::InToto), [("subjects", 2.0, 2)]);
    assert_eq!(said("in-toto-statement.json", Format::InToto), [("subjects", 1.0, 1)]);
}

#[test]
fn what_says_when_it_was_made_is_dated_so() {
    let written = |name, format: Format| {
        let said = read(format, format.figures()[0], &sample(name)).unwrap();
        said.written.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
    };
    // The oldest of its suites; a time without a zone is no instant.
    assert_eq!(written("junit.xml", Format::Junit).as_deref(), Some("2026-11-20T10:02:11Z"));
    assert_eq!(written("junit-bare.xml", Format::Junit), None);
    assert_eq!(written("sarif.json", Format::Sarif).as_deref(), Some("2026-11-20T10:06:00Z"));
    assert_eq!(written("cyclonedx.json", Format::Cyclonedx).as_deref(), Some("2026-11-20T10:07:00Z"));
    assert_eq!(written("spdx.json", Format::Spdx).as_deref(), Some("2026-11-20T10:08:00Z"));
    assert_eq!(written("cobertura.xml", Format::Cobertura).as_deref(), Some("2026-11-20T10:00:00Z"));
    assert_eq!(written("cobertura-rates.xml", Format::Cobertura), None);
    assert_eq!(written("jmeter.csv", Format::Jmeter).as_deref(), Some("2026-11-20T10:00:04Z"));
    assert_eq!(written("in-toto-envelope.json", Format::InToto).as_deref(), Some("2026-11-20T10:09:00Z"));
    assert_eq!(written("in-toto-statement.json", Format::InToto).as_deref(), Some("2026-11-20T10:09:00Z"));
}

#[test]
fn tests_of_a_tool_with_a_clock_of_its_own() {
    let written = |at: &str| {
        let text = format!("<testsuite timestamp=\"{at}\"><testcase/></testsuite>");
        read(Format::Junit, Figure::Tests, text.as_bytes()).unwrap().written.map(|at| at.to_rfc3339())
    };
    assert_eq!(written("2026-11-20T11:02:11.5+0100").as_deref(), Some("2026-11-20T10:02:11.500+00:00"));
    for none in ["", "Fri Nov 20 10:02:11 2026", "2026-11-20T10:02:11"] {
        assert_eq!(written(none), None);
    }
}

#[test]
fn a_value_that_a_format_has_not_is_refused() {
    for (name, format) in SAMPLES {
        assert!(read(format, Figure::Requests, &sample(name)).is_ok() == format.figures().contains(&Figure::Requests));
    }
}

#[test]
fn every_format_has_a_sample_and_words_of_its_own() {
    let words: BTreeSet<_> = SAMPLES.iter().map(|(_, format)| format.word()).collect();
    assert_eq!(words.len(), Format::ALL.len());
    for format in Format::ALL {
        assert_eq!(serde_json::to_value(format).unwrap(), format.word());
        for figure in format.figures() {
            assert_eq!(serde_json::to_value(figure).unwrap(), figure.word());
        }
    }
}
