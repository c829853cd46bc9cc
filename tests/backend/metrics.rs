//! Reading metrics and computing numbers from them: pure.

use holdpoint::backend::probe::compute::{Formula, Number, Reaped};
use holdpoint::backend::probe::openmetrics::{Line, Malformed, Parser};
use holdpoint::backend::probe::selector::Selector;
use holdpoint::domain::signal::Compute;
use proptest::prelude::*;
use std::time::Duration;

/// Name, labels and value of a sample.
type Read = (String, Vec<(String, String)>, f64);

/// Every sample, in order.
fn samples(text: &str) -> Result<Vec<Read>, Malformed> {
    let (mut parser, mut all) = (Parser::default(), Vec::new());
    parser.feed(text.as_bytes(), &mut |line| {
        if let Line::Sample(s) = line {
            let labels = s.labels.iter().map(|(n, v)| ((*n).to_owned(), v.to_string())).collect();
            all.push((s.name.to_owned(), labels, s.value));
        }
    })?;
    parser.finish(false)?;
    Ok(all)
}

#[test]
fn the_format_is_read_as_it_is_specified() {
    let text = "# HELP a_total Text with {braces} and \"quotes\".\n# TYPE a_total counter\n\
        a_total{path=\"C:\\\\d\\n\\\"x\\\"\",k=\"{a,b}=\"} 1.5e3 1395066363000\n\
        b 4 # {trace_id=\"oHg5\"} 0.67 1520879607.789\nc{} NaN\nd { x = \"y\" , } +Inf\ne -Inf\r\n\n f:g_1 -3\t12 \n";
    let all = samples(text).unwrap();
    let names: Vec<_> = all.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["a_total", "b", "c", "d", "e", "f:g_1"]);
    assert_eq!(all[0].1, [("path".into(), "C:\\d\n\"x\"".into()), ("k".into(), "{a,b}=".into())]);
    assert_eq!((all[0].2, all[1].2, all[5].2), (1500.0, 4.0, -3.0));
    assert!(all[2].2.is_nan());
    assert_eq!((all[3].2, all[4].2), (f64::INFINITY, f64::NEG_INFINITY));
}

#[test]
fn what_is_no_metric_or_may_be_cut_is_refused_as_a_whole() {
    for line in [
        "<html>",
        "a",
        "a{",
        "a{x}1",
        "a{x=y} 1",
        "a{x=\"y} 1",
        "a{x=\"y\"z=\"\"} 1",
        "a b",
        "9a 1",
        "a 1 b",
        "a 1 2 3",
        "a{x=\"y\"}",
    ] {
        let text = format!("ok 1\n{line}\n");
        assert!(matches!(samples(&text), Err(Malformed::Line(2, _))), "{line}");
    }
    // `requests_total 1234` cut after `12` is a wrong number, not a number.
    assert!(matches!(samples("requests_total 12"), Err(Malformed::Cut(_))));
    assert!(matches!(samples(&format!("a{{x=\"{}\"}} 1\n", "y".repeat(70_000))), Ok(_) | Err(Malformed::Line(1, _))));
    let mut parser = Parser::default();
    assert!((0..10).any(|_| parser.feed(&[b'a'; 10_000], &mut |_| ()).is_err()), "a line without an end is bounded");
    for (text, well) in
        [("a 1\n# EOF\n", true), ("a 1\n# EOF", true), ("a 1\n", false), ("", false), ("# EOF\na 1\n", false)]
    {
        let mut parser = Parser::default();
        let fed = parser.feed(text.as_bytes(), &mut |_| ());
        assert_eq!(fed.is_ok() && parser.finish(true).is_ok(), well, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_read_the_same(text in "([a-c{}=\",\\\\ #\n0-9]|# EOF|NaN){0,80}", cut in 0usize..80) {
        let read = |pieces: &[&[u8]]| {
            let (mut parser, mut seen) = (Parser::default(), Vec::new());
            let mut each = |line: Line<'_>| seen.push(format!("{line:?}"));
            let fed = pieces.iter().try_for_each(|piece| parser.feed(piece, &mut each));
            (fed.and_then(|()| parser.finish(false)), seen)
        };
        let bytes = text.as_bytes();
        let (one, two) = bytes.split_at(cut.min(bytes.len()));
        prop_assert_eq!(read(&[bytes]), read(&[one, two]));
    }
}

#[test]
fn selectors_know_equal_and_unequal_only() {
    let read = |text: &str| text.parse::<Selector>();
    let selector = read(r#"requests_total{outcome="fai\"led", tier!="x",}"#).unwrap();
    assert_eq!((selector.name.as_str(), selector.matchers.len()), ("requests_total", 2));
    assert_eq!(selector.matchers[0].value, "fai\"led");
    for wrong in [
        "",
        "a b",
        "a{",
        "a{x=\"y\"",
        "a{x=~\"y.*\"}",
        "a{x!~\"y\"}",
        "a{x=y}",
        "a{=\"y\"}",
        "a{x=\"y\"} 1",
        "rate(a[5m])",
        "9a",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    assert!(read("a{x=~\"y.*\"}").unwrap_err().to_string().contains("use = and !="));
}

fn reap(formula: &Formula, seconds: u64, text: &str) -> Reaped {
    let (mut parser, mut reaped) = (Parser::default(), formula.begin(Duration::from_secs(seconds)));
    parser.feed(text.as_bytes(), &mut |line| formula.take(&line, &mut reaped)).unwrap();
    reaped
}

/// The number from two readings ten seconds apart.
fn between(compute: &Compute, before: &str, now: &str) -> Result<Number, String> {
    let formula = Formula::new(compute).unwrap();
    formula.number(Some(&reap(&formula, 100, before)), &reap(&formula, 110, now))
}

fn ratio() -> Compute {
    Compute::Ratio { part: r#"requests_total{outcome="failed"}"#.into(), whole: "requests_total".into() }
}

fn rate(metric: &str) -> Compute {
    Compute::Rate { metric: metric.into() }
}

fn counts(ok: u64, failed: u64) -> String {
    format!("requests_total{{outcome=\"ok\"}} {ok}\nrequests_total{{outcome=\"failed\"}} {failed}\n")
}

#[test]
fn a_rate_is_the_increase_a_second() {
    let number = between(&rate("requests_total"), &counts(100, 5), &counts(180, 25)).unwrap();
    assert_eq!((number.value, number.events), (10.0, 100));
    let number = between(&rate(r#"requests_total{outcome!="ok"}"#), &counts(100, 5), &counts(180, 25)).unwrap();
    assert_eq!((number.value, number.events), (2.0, 20));
    let formula = Formula::new(&rate("requests_total")).unwrap();
    let first = reap(&formula, 100, &counts(1, 1));
    assert!(formula.number(None, &first).is_err(), "one reading is no rate");
    assert!(formula.number(Some(&first), &first).is_err(), "no time has passed");
}

#[test]
fn a_counter_that_went_down_was_restarted() {
    let number = between(&rate("requests_total"), &counts(1000, 500), &counts(30, 20)).unwrap();
    assert_eq!((number.value, number.events), (5.0, 50));
}

#[test]
fn a_restart_hides_no_failures() {
    // 3 of 50 after the restart; counted alone, the failed ones seem to have grown by 1 only.
    let number = between(&ratio(), &counts(998, 2), &counts(47, 3)).unwrap();
    assert_eq!((number.value, number.events), (0.06, 50));
}

#[test]
fn a_ratio_is_part_of_whole() {
    let number = between(&ratio(), &counts(100, 0), &counts(190, 10)).unwrap();
    assert_eq!((number.value, number.events), (0.1, 100));
    // A label value that appears began at zero: the first failures count.
    let before = "requests_total{outcome=\"ok\"} 100\n";
    let number = between(&ratio(), before, &counts(190, 10)).unwrap();
    assert_eq!((number.value, number.events), (0.1, 100));
    let number = between(&ratio(), before, "requests_total{outcome=\"ok\"} 200\n").unwrap();
    assert_eq!((number.value, number.events), (0.0, 100));
}

#[test]
fn nothing_that_says_nothing_reads_as_healthy() {
    let why = |compute: &Compute, now: &str| between(compute, now, now).unwrap_err();
    assert!(why(&ratio(), &counts(7, 0)).contains("no traffic"));
    assert!(why(&ratio(), "other 1\n").contains("no metric requests_total"));
    // A misspelt label would be 0 % failed for ever.
    let misspelt = Compute::Ratio { part: r#"requests_total{result="failed"}"#.into(), whole: "requests_total".into() };
    assert!(between(&misspelt, &counts(1, 1), &counts(9, 9)).unwrap_err().contains("label result"));
    let misspelt = Compute::Ratio { part: "failures_total".into(), whole: "requests_total".into() };
    assert!(between(&misspelt, &counts(1, 1), &counts(9, 9)).unwrap_err().contains("no metric failures_total"));
    // Declared but without samples yet, as libraries do before the first event.
    let declared = format!("# TYPE failures counter\n{}", counts(9, 9));
    assert_eq!(between(&misspelt, &counts(1, 1), &declared).unwrap().value, 0.0);
    assert!(why(&rate("a"), "a NaN\n").contains("NaN"));
    assert!(why(&Compute::Gauge { metric: "a".into() }, "a +Inf\n").contains("infinite"));
    assert!(why(&Compute::Gauge { metric: "a{x=\"z\"}".into() }, "a{x=\"y\"} 1\n").contains("labels"));
}

#[test]
fn a_gauge_is_the_sum_of_what_matches_and_needs_one_reading() {
    let formula = Formula::new(&Compute::Gauge { metric: "lag{zone!=\"c\"}".into() }).unwrap();
    let number = formula
        .number(None, &reap(&formula, 1, "lag{zone=\"a\"} 2\nlag{zone=\"b\"} 3.5\nlag{zone=\"c\"} 100\n"))
        .unwrap();
    assert_eq!((number.value, number.events), (5.5, u64::MAX));
}

fn histogram(counts: [u64; 4]) -> String {
    let bounds = ["0.1", "0.5", "1", "+Inf"];
    bounds.iter().zip(counts).map(|(le, n)| format!("took_bucket{{env=\"eu\",le=\"{le}\"}} {n}\n")).collect()
}

fn quantile(q: f64) -> Compute {
    Compute::Quantile { metric: "took{env=\"eu\"}".into(), q }
}

#[test]
fn a_quantile_is_of_what_was_added_and_linear_in_its_bucket() {
    let (before, now) = (histogram([1000, 1000, 1000, 1000]), histogram([1050, 1090, 1100, 1100]));
    let close = |q: f64, expected: f64| {
        let number = between(&quantile(q), &before, &now).unwrap();
        assert!((number.value - expected).abs() < 1e-9, "q={q}: {number:?}");
        assert_eq!((number.events, number.at_least), (100, false));
    };
    close(0.5, 0.1);
    close(0.25, 0.05);
    close(0.7, 0.3);
    close(0.99, 0.95);
    close(1.0, 1.0);
    assert!(between(&quantile(0.9), &now, &now).unwrap_err().contains("no traffic"));
    assert!(
        between(&quantile(0.9), "took_bucket{env=\"eu\",le=\"1\"} 1\n", "took_bucket{env=\"eu\",le=\"1\"} 2\n")
            .unwrap_err()
            .contains("+Inf")
    );
    assert!(Formula::new(&quantile(1.5)).is_err());
    assert!(Formula::new(&quantile(f64::NAN)).is_err());
}

#[test]
fn beyond_the_last_bucket_it_is_at_least_that() {
    let number = between(&quantile(0.99), &histogram([0; 4]), &histogram([10, 10, 10, 100])).unwrap();
    assert!(number.at_least);
    assert_eq!(number.value, 1.0);
}

#[test]
fn a_histogram_that_was_restarted_counts_from_zero() {
    let number = between(&quantile(0.5), &histogram([1000, 2000, 3000, 3000]), &histogram([0, 0, 10, 10])).unwrap();
    assert_eq!((number.value, number.events), (0.75, 10));
}
