//! Prometheus: answers as data, and a real server with a small exporter.

use crate::programs;
use crate::server::{Server, reply};
use crate::support::launcher;
use futures_util::StreamExt;
use holdpoint::backend::prometheus::{PrometheusBackend, answer};
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::alert::{AlertLabels, AlertState};
use holdpoint::domain::backend::PrometheusSpec;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::observed::{Observation, Reading};
use holdpoint::domain::signal::{Bad, Query, Signal, Unit};
use holdpoint::domain::span::Span;
use holdpoint::domain::versions::{Count, Rule, Versions};
use std::time::{Duration, Instant};

fn why(body: &str) -> String {
    answer::point(body.as_bytes()).unwrap_err()
}

fn success(kind: &str, result: &str) -> String {
    format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#)
}

#[test]
fn one_number_is_a_scalar_or_one_series() {
    let value = |body: &str| answer::point(body.as_bytes()).unwrap().value;
    assert_eq!(value(&success("scalar", r#"[1.5,"3e-2"]"#)), 0.03);
    assert_eq!(value(&success("vector", r#"[{"metric":{"a":"b"},"value":[1.5,"0"]}]"#)), 0.0);
}

#[test]
fn everything_else_is_unknown_with_a_reason() {
    assert!(why(&success("vector", "[]")).contains("no series; an empty answer is not zero"));
    let many = r#"[{"metric":{"pod":"a"},"value":[1,"1"]},{"metric":{"pod":"\u001b[2J"},"value":[1,"1"]}]"#;
    assert!(
        why(&success("vector", many)).contains(r#"2 series where one is wanted: {pod="a"}, {pod="\u{"#),
        "{}",
        why(&success("vector", many))
    );
    for (text, reason) in [("NaN", "NaN"), ("+Inf", "infinite"), ("-Inf", "infinite"), ("abc", "no number")] {
        let said = why(&success("scalar", &format!(r#"[1,"{text}"]"#)));
        assert!(said.contains(reason), "{said}");
    }
    assert!(why(&success("string", r#"[1,"x"]"#)).contains("text"));
    assert!(why(&success("matrix", "[]")).contains("range"));
    assert!(why(&success("vector", r#"[{"metric":{},"histogram":[1,{}]}]"#)).contains("native histogram"));
    let partial =
        r#"{"status":"success","warnings":["store x is gone"],"data":{"resultType":"scalar","result":[1,"1"]}}"#;
    assert!(why(partial).contains("may be incomplete: store x is gone"));
    assert!(why(r#"{"status":"error","errorType":"timeout","error":"too slow"}"#).contains("too slow"));
    for garbage in ["", "[]", "<html>", "{}", r#"{"status":"success"}"#] {
        why(garbage);
    }
    assert!(why(&"[".repeat(100_000)).contains("deeper"));
}

#[test]
fn minutes_of_a_range_leave_out_what_is_no_number() {
    let body = success("matrix", r#"[{"metric":{},"values":[[600,"0.5"],[660,"NaN"],[720,"1"]]}]"#);
    let minutes = answer::minutes(body.as_bytes()).unwrap();
    let told: Vec<_> = minutes.iter().map(|m| (m.minute, m.mean, m.weight)).collect();
    assert_eq!(told, [(10, 0.5, 1.0), (12, 1.0, 1.0)]);
    answer::minutes(success("matrix", "[]").as_bytes()).unwrap_err();
}

fn signal(name: &str, expr: &str) -> Signal {
    let query = Query::Prometheus { expr: expr.to_owned(), events: None, stale: None, baseline: None, versions: None };
    Signal {
        name: name.into(),
        title: String::new(),
        service: "payments".into(),
        environments: vec!["eu-west".into()],
        source: "prom".into(),
        query,
        unit: Unit::Ratio,
        bad: Bad::Above,
        warn: None,
        fail: None,
        hold_for: Span::ZERO,
        min_events: 0,
        every: Span::millis(200),
    }
}

fn backend(url: &str, signals: Vec<Signal>) -> PrometheusBackend {
    let alerts = Some(AlertLabels { environment: "env".to_owned(), ..AlertLabels::default() });
    let endpoint = Endpoint { url: url.to_owned(), ..Endpoint::default() };
    let spec = PrometheusSpec { endpoint, alerts };
    PrometheusBackend::new("prom".into(), Span::millis(200), spec, signals, "/".into(), launcher())
}

/// What a signal is seen to be, until the wanted thing is seen.
async fn until<T>(url: &str, signal: Signal, mut wanted: impl FnMut(Result<Reading, String>) -> Option<T>) -> T {
    let mut watch = backend(url, vec![signal]).watch(Topic::Signals);
    let (began, mut last) = (Instant::now(), String::new());
    loop {
        assert!(began.elapsed() < Duration::from_secs(12), "last seen: {last}");
        let seen = tokio::time::timeout(Duration::from_secs(12), watch.next()).await;
        let seen = seen.unwrap_or_else(|_| panic!("nothing is seen any more; last: {last}")).unwrap().unwrap();
        last = format!("{seen:?}");
        let found = match seen {
            Observation::Reading(_, reading) => wanted(Ok(reading)),
            Observation::NoReading(_, why) => wanted(Err(why)),
            _ => None,
        };
        if let Some(found) = found {
            return found;
        }
    }
}

/// Counts up by ten good and one failed request at each scrape.
fn exporter() -> Server {
    Server::new(|n, _, stream| {
        let body = format!(
            "requests_total{{service=\"payments\",env=\"eu-west\",code=\"200\"}} {}\nrequests_total{{service=\"payments\",env=\"eu-west\",code=\"500\"}} {}\nfailing{{pod=\"a\"}} 3\nnothing 0\nversion{{v=\"1\"}} 1\nversion{{v=\"2\"}} 1\nserved_total{{version=\"1.0\"}} {}\nfaulty_total{{version=\"1.0\"}} {n}\nserved_total{{version=\"2.0\"}} {}\nserved_bucket{{version=\"1.0\",le=\"0.5\"}} {}\nserved_bucket{{version=\"1.0\",le=\"+Inf\"}} {}\n",
            n * 9,
            n,
            n * 40,
            n * 8,
            n * 6,
            n * 10
        );
        reply(stream, "200 OK\r\ncontent-type: text/plain", body.as_bytes())
    })
}

const SHARE: &str = r#"sum(rate(requests_total{service="{service}",env="{environment}",code="500"}[2s])) / sum(rate(requests_total{service="{service}",env="{environment}"}[2s]))"#;

#[tokio::test]
async fn a_real_prometheus_is_read() {
    let Some(prometheus) = programs::prometheus(&exporter()) else { return };
    let url = prometheus.url.as_str();
    // A share of failed requests with the events that it rests on.
    let mut failed = signal("failed", SHARE);
    let count = r#"sum(increase(requests_total{service="{service}"}[2s]))"#.to_owned();
    failed.query = Query::Prometheus {
        expr: SHARE.to_owned(),
        events: Some(count),
        stale: None,
        baseline: Some(Span::secs(1)),
        versions: None,
    };
    let reading = until(url, failed.clone(), |seen| seen.ok().filter(|r| r.events > 0)).await;
    assert!((reading.value - 0.1).abs() < 0.02 && reading.events < 1000, "{reading:?}");
    assert!((chrono::Utc::now() - reading.at).num_seconds() < 5, "{reading:?}");
    // The same a second ago.
    let mut watch = backend(url, vec![failed]).watch(Topic::Signals);
    let earlier = async {
        loop {
            if let Observation::Baseline(_, reading, ago) = watch.next().await.unwrap().unwrap() {
                return (reading.value, ago);
            }
        }
    };
    let (value, ago) = tokio::time::timeout(Duration::from_secs(9), earlier).await.unwrap();
    assert!((value - 0.1).abs() < 0.05 && ago == Span::secs(1), "{value}");
    for (expr, reason) in [
        ("nowhere_to_be_found", "no series"),
        ("nothing / nothing", "NaN"),
        ("failing / on() nothing", "infinite"),
        ("version", "2 series where one is wanted: {"),
        ("sum(", "status 400: invalid parameter"),
        ("failing[5m]", "range"),
        ("{nobody}", "nothing is known for {nobody}"),
    ] {
        until(url, signal("s", expr), |seen| seen.err().filter(|why| why.contains(reason))).await;
    }
    assert_eq!(until(url, signal("s", "scalar(failing) * 2"), Result::ok).await.value, 6.0);
    // Versions apart: counts of each, and no zero for a series that is not there.
    let counted = async |count: Count| {
        let mut signal = signal("s", "scalar(failing)");
        let rule = Rule::default();
        let versions = Some(Versions { label: "version".to_owned(), count, rule });
        signal.query = Query::Prometheus { expr: "1".to_owned(), events: None, stale: None, baseline: None, versions };
        let mut watch = backend(url, vec![signal]).watch(Topic::Signals);
        let told = async {
            loop {
                if let Observation::Versions(_, counted) = watch.next().await.unwrap().unwrap() {
                    return counted;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(9), told).await.unwrap()
    };
    let share = |bad: &str| Count::Share {
        bad: bad.to_owned(),
        all: "sum by (version) (increase(served_total[3s]))".to_owned(),
    };
    let faulty = "sum by (version) (increase(faulty_total[3s]))";
    let counts = counted(share(faulty)).await.unwrap();
    assert_eq!(counts.keys().collect::<Vec<_>>(), ["1.0"], "2.0 has no series of faults");
    let one = counts["1.0"];
    assert!(one.bad > 0 && one.all > 30 * one.bad && one.all < 50 * one.bad, "{one}");
    let counts =
        counted(share(&format!("{faulty} or 0 * sum by (version) (increase(served_total[3s]))"))).await.unwrap();
    assert!(counts["2.0"].bad == 0 && counts["2.0"].all > 0, "{counts:?}");
    let buckets =
        |than| Count::Slower { buckets: "sum by (version, le) (increase(served_bucket[3s]))".to_owned(), than };
    let one = counted(buckets(0.5)).await.unwrap()["1.0"];
    assert!((one.bad as f64 / one.all as f64 - 0.4).abs() < 0.1, "{one}");
    assert!(counted(buckets(0.4)).await.unwrap_err().contains("no bucket ends at 0.4 s; there are 0.5"));
    assert!(counted(share("sum(increase(faulty_total[3s]))")).await.unwrap_err().contains("without the label version"));
    assert!(counted(share("nowhere")).await.unwrap_err().contains("no series"));
    // Alerts of its rules, linked by their labels.
    let mut watch = backend(url, vec![]).watch(Topic::Alerts);
    let alert = loop {
        let seen = tokio::time::timeout(Duration::from_secs(9), watch.next()).await.unwrap().unwrap().unwrap();
        let Observation::Alerts(all) = seen else { panic!("{seen:?}") };
        if let Some(alert) = all.into_iter().next() {
            break alert;
        }
    };
    assert_eq!(
        (alert.name.as_str(), alert.state, alert.summary.as_str()),
        ("TooManyFailures", AlertState::Firing, "3 of them")
    );
    assert!(alert.is_about(&"payments".into(), &"eu-west".into()) && !alert.is_about(&"fx".into(), &"eu-west".into()));
    let said: Vec<_> = backend(url, vec![]).introduce().await;
    assert!(said.iter().all(|remark| remark.ok), "{said:?}");
    assert!(said[0].text.starts_with("Prometheus 2.") && said[2].text.starts_with("clocks agree"), "{said:?}");
}

#[tokio::test]
async fn what_is_older_than_it_may_be_says_nothing() {
    let old = Server::new(|_, _, stream| {
        let body = success("scalar", &format!(r#"[{}.0,"1"]"#, chrono::Utc::now().timestamp() - 90));
        reply(stream, "200 OK", body.as_bytes())
    });
    let why = until(
        &old.url(""),
        Signal {
            query: Query::Prometheus {
                expr: "x".into(),
                events: None,
                stale: Some(Span::secs(60)),
                baseline: None,
                versions: None,
            },
            ..signal("s", "x")
        },
        Result::err,
    )
    .await;
    assert!(why.contains("the newest sample is 1m30 old") || why.contains("is 1m31 old"), "{why}");
    // Within the limit it counts, as old as it is.
    let reading = until(&old.url(""), signal("s", "x"), Result::ok).await;
    assert!((85..100).contains(&(chrono::Utc::now() - reading.at).num_seconds()), "{reading:?}");
    // A server whose clock is an hour behind gives a new sample of its own time.
    let behind = Server::new(|_, _, stream| {
        let now = chrono::Utc::now() - chrono::TimeDelta::hours(1);
        let head = format!("200 OK\r\ndate: {}", now.format("%a, %d %b %Y %H:%M:%S GMT"));
        reply(stream, &head, success("scalar", &format!(r#"[{},"1"]"#, now.timestamp())).as_bytes())
    });
    let reading = until(&behind.url(""), signal("s", "x"), Result::ok).await;
    assert!((chrono::Utc::now() - reading.at).num_seconds() < 5, "{reading:?}");
}

#[tokio::test]
async fn a_tenant_and_a_path_prefix_are_kept() {
    let server = Server::new(|_, request, stream| {
        let good = request.starts_with("POST /prometheus/api/v1/query ")
            && request.to_lowercase().contains("x-scope-orgid: team-a");
        reply(stream, if good { "200 OK" } else { "404 None" }, success("scalar", r#"[1e10,"7"]"#).as_bytes())
    });
    let endpoint = Endpoint {
        url: server.url("/prometheus"),
        headers: [("X-Scope-OrgID".to_owned(), "team-a".to_owned())].into(),
        ..Endpoint::default()
    };
    let spec = PrometheusSpec { endpoint, alerts: None };
    let signals = vec![signal("s", "x")];
    let backend = PrometheusBackend::new("prom".into(), Span::secs(1), spec, signals, "/".into(), launcher());
    let seen = backend.watch(Topic::Signals).next().await.unwrap().unwrap();
    assert!(matches!(&seen, Observation::Reading(_, reading) if reading.value == 7.0), "{seen:?}");
}
