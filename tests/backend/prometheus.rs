//! Prometheus: answers as data, and a real server with a small exporter.

use crate::programs;
use crate::server::{Server, reply};
use crate::support::launcher;
use crate::undisturbed as tokio;
use base64::Engine as _;
use futures_util::StreamExt;
use holdpoint::backend::http::certificate;
use holdpoint::backend::prometheus::{PrometheusBackend, answer};
use holdpoint::backend::{Backend, Topic};
use holdpoint::domain::alert::{AlertLabels, AlertState};
use holdpoint::domain::backend::PrometheusSpec;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::observed::{Counted, Observation};
use holdpoint::domain::report::Remark;
use holdpoint::domain::secret::SecretRef;
use holdpoint::domain::series::Reading;
use holdpoint::domain::signal::{Bad, Query, Signal, Unit};
use holdpoint::domain::span::Span;
use holdpoint::domain::versions::{Count, Rule, Versions};
use proptest::prelude::*;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
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

pub fn signal(name: &str, expr: &str) -> Signal {
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

pub fn backend(url: &str, signals: Vec<Signal>) -> PrometheusBackend {
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
        assert!(began.elapsed() < Duration::from_secs(60), "last seen: {last}");
        let seen = tokio::time::timeout(Duration::from_secs(60), watch.next()).await;
        let seen = seen.unwrap_or_else(|_| panic!("nothing is seen any more; last: {last}")).unwrap().unwrap();
        last = format!("{seen:?}");
        let found = match seen {
            Observation::Reading(_, reading) => wanted(Ok(reading)),
            // A busy machine may answer late.
            Observation::NoReading(_, why) if why.contains("no answer in time") => None,
            Observation::NoReading(_, why) => wanted(Err(why)),
            _ => None,
        };
        if let Some(found) = found {
            return found;
        }
    }
}

/// Counts up by ten good and one failed request at each scrape.
pub fn exporter() -> Server {
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
    let (value, ago) = tokio::time::timeout(Duration::from_secs(60), earlier).await.unwrap();
    assert!((value - 0.1).abs() < 0.05 && ago == Span::secs(1), "{value}");
    // What it remembers of days, for what burns slowly: as much as there is.
    let mut watch = backend(url, vec![signal("days", "vector(0.25)")]).watch(Topic::Signals);
    let days = async {
        loop {
            if let Observation::Long(_, values) = watch.next().await.unwrap().unwrap() {
                return values;
            }
        }
    };
    let days = tokio::time::timeout(Duration::from_secs(60), days).await.unwrap();
    assert_eq!(days.len(), 3 * 24 * 6 + 1);
    assert!(days.iter().all(|value| value.mean == 0.25 && value.minute % 10 == 0));
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
    let counted = async |count: Count, wanted: &dyn Fn(&Counted) -> bool| {
        let mut signal = signal("s", "scalar(failing)");
        let rule = Rule::default();
        let versions = Some(Versions { label: "version".to_owned(), count, rule });
        signal.query = Query::Prometheus { expr: "1".to_owned(), events: None, stale: None, baseline: None, versions };
        let mut watch = backend(url, vec![signal]).watch(Topic::Signals);
        let told = async {
            loop {
                if let Observation::Versions(_, counted) = watch.next().await.unwrap().unwrap()
                    && wanted(&counted)
                {
                    return counted;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(60), told).await.unwrap()
    };
    let share = |bad: &str| Count::Share {
        bad: bad.to_owned(),
        all: "sum by (version) (increase(served_total[3s]))".to_owned(),
    };
    let faulty = "sum by (version) (increase(faulty_total[3s]))";
    // From the first samples on little is counted, and a busy machine may answer late.
    let enough = |counted: &Counted| counted.as_ref().is_ok_and(|of| of.get("1.0").is_some_and(|one| one.bad >= 3));
    let said = |words: &'static str| move |counted: &Counted| counted.as_ref().is_err_and(|why| why.contains(words));
    let counts = counted(share(faulty), &enough).await.unwrap();
    assert_eq!(counts.keys().collect::<Vec<_>>(), ["1.0"], "2.0 has no series of faults");
    let one = counts["1.0"];
    assert!(one.bad > 0 && one.all > 30 * one.bad && one.all < 50 * one.bad, "{one}");
    let counts = counted(share(&format!("{faulty} or 0 * sum by (version) (increase(served_total[3s]))")), &enough)
        .await
        .unwrap();
    assert!(counts["2.0"].bad == 0 && counts["2.0"].all > 0, "{counts:?}");
    let buckets =
        |than| Count::Slower { buckets: "sum by (version, le) (increase(served_bucket[3s]))".to_owned(), than };
    let one = counted(buckets(0.5), &enough).await.unwrap()["1.0"];
    assert!((one.bad as f64 / one.all as f64 - 0.4).abs() < 0.1, "{one}");
    counted(buckets(0.4), &said("no bucket ends at 0.4 s; there are 0.5")).await.unwrap_err();
    // Not summed, there is one series of a bucket for each pod: none of them is the version.
    let pods =
        ["a", "b"].map(|pod| format!("label_replace(served_bucket, \"pod\", \"{pod}\", \"\", \"\")")).join(" or ");
    let several = said("several series of version=\"1.0\" and le=0.5; sum by (version, le)");
    counted(Count::Slower { buckets: pods, than: 0.5 }, &several).await.unwrap_err();
    counted(share("sum(increase(faulty_total[3s]))"), &said("without the label version")).await.unwrap_err();
    counted(share("nowhere"), &said("no series")).await.unwrap_err();
    // Alerts of its rules, linked by their labels.
    let mut watch = backend(url, vec![]).watch(Topic::Alerts);
    let alert = loop {
        let seen = tokio::time::timeout(Duration::from_secs(60), watch.next()).await.unwrap().unwrap().unwrap();
        if let Observation::Alerts(all) = seen
            && let Some(alert) = all.into_iter().find(|alert| alert.name == "TooManyFailures")
        {
            break alert;
        }
    };
    assert_eq!(
        (alert.name.as_str(), alert.state, alert.summary.as_str()),
        ("TooManyFailures", AlertState::Firing, "3 of them")
    );
    assert!(alert.is_about(&"payments".into(), &"eu-west".into()) && !alert.is_about(&"fx".into(), &"eu-west".into()));
    // The rules behind them: one that waits, and one whose evaluation fails, which can never fire.
    let rules = async {
        loop {
            if let Observation::Rules(told) = watch.next().await.unwrap().unwrap() {
                match told.unwrap() {
                    rules if rules.pending == 1 && rules.ailing.iter().all(|rule| !rule.why.contains("yet")) => {
                        return rules;
                    }
                    _ => {}
                }
            }
        }
    };
    let rules = tokio::time::timeout(Duration::from_secs(60), rules).await.unwrap();
    assert_eq!(rules.line(), "3 alerting rules, 1 firing, 1 pending");
    let [broken] = rules.ailing.as_slice() else { panic!("{rules:?}") };
    let line = broken.line();
    let why = "rule NeverFires of group g cannot be relied on: its evaluation fails: ";
    assert!(line.starts_with(why) && line.contains("duplicate series"), "{line}");
    assert!(broken.may_be_about(&"payments".into(), &"us".into()) && !broken.may_be_about(&"fx".into(), &"us".into()));
    let said: Vec<_> = backend(url, vec![]).introduce().await;
    let wrong: Vec<_> = said.iter().filter(|remark| !remark.ok).map(|remark| remark.text.clone()).collect();
    assert_eq!(wrong, [line], "{said:?}");
    assert!(said.iter().any(|remark| remark.text == rules.line()), "{said:?}");
    assert!(said[0].text.starts_with("Prometheus 2.") && said[2].text.starts_with("clocks agree"), "{said:?}");
}

#[test]
fn buckets_of_several_pods_are_not_those_of_one() {
    let one = |version: &str, le: &str, pod: &str, value: &str| {
        format!(r#"{{"metric":{{"version":"{version}","le":"{le}","pod":"{pod}"}},"value":[1,"{value}"]}}"#)
    };
    let buckets = |series: &[String]| {
        answer::buckets(success("vector", &format!("[{}]", series.join(","))).as_bytes(), "version")
    };
    let whole = [one("1.0", "+Inf", "a", "9"), one("1.0", "0.5", "a", "4"), one("2.0", "0.5", "b", "3")];
    let found = buckets(&whole).unwrap();
    assert_eq!(found["1.0"], [(0.5, 4.0), (f64::INFINITY, 9.0)]);
    assert_eq!(found["2.0"], [(0.5, 3.0)]);
    // The same bound may be written in two ways.
    for le in ["0.5", "0.50"] {
        let both = [whole.as_slice(), &[one("1.0", le, "b", "4")]].concat();
        let why = buckets(&both).unwrap_err();
        assert_eq!(why, r#"several series of version="1.0" and le=0.5; sum by (version, le)"#);
    }
    for le in ["", "x", "NaN"] {
        assert!(buckets(&[one("1.0", le, "a", "1")]).unwrap_err().contains("without a bound `le`"));
    }
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
    assert!(why.contains("the newest sample is 1m"), "{why}");
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
async fn what_belongs_together_is_asked_for_the_same_time() {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let now = chrono::Utc::now().timestamp() as usize;
    let heard = asked.clone();
    let server = Server::new(move |n, request, stream| {
        let form = request.rsplit("\r\n\r\n").next().unwrap_or_default();
        heard.lock().unwrap().push(form.to_owned());
        let number = format!(r#"[{{"metric":{{"version":"1"}},"value":[{}.25,"{n}"]}}]"#, now + n);
        reply(stream, "200 OK", success("vector", &number).as_bytes())
    });
    let mut both = Signal { every: Span::secs(4), ..signal("s", "share") };
    let count = Count::Share { bad: "bad".to_owned(), all: "all".to_owned() };
    let versions = Some(Versions { label: "version".to_owned(), count, rule: Rule::default() });
    let events = Some("events".to_owned());
    both.query = Query::Prometheus { expr: "share".to_owned(), events, stale: None, baseline: None, versions };
    let mut watch = backend(&server.url(""), vec![both]).watch(Topic::Signals);
    while !matches!(watch.next().await.unwrap().unwrap(), Observation::Versions(..)) {}
    let asked = asked.lock().unwrap();
    let form = |query: &str| {
        let n = asked.iter().position(|form| form.contains(&format!("query={query}&"))).unwrap();
        let time = asked[n].split('&').find_map(|field| field.strip_prefix("time=")).map(str::to_owned);
        (time, format!("{}.250", now + n))
    };
    let ((share, of_share), (events, _)) = (form("share"), form("events"));
    let ((bad, of_bad), (all, _)) = (form("bad"), form("all"));
    assert_eq!((share, events), (None, Some(of_share)), "{asked:?}");
    assert_eq!((bad, all), (None, Some(of_bad)), "{asked:?}");
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

/// A token that says whose it is and when it ends; nobody has signed it.
fn web_token(claims: &str) -> String {
    let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.x", part("{}"), part(claims))
}

#[tokio::test]
async fn it_says_whose_credential_it_shows_and_how_the_clocks_are() {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = asked.clone();
    let server = Server::new(move |_, request, stream| {
        let line = request.lines().find(|line| line.to_lowercase().starts_with("authorization"));
        heard.lock().unwrap().push(line.unwrap_or_default().to_owned());
        let late = chrono::Utc::now() - chrono::TimeDelta::minutes(10);
        let head = format!("200 OK\r\ndate: {}", late.format("%a, %d %b %Y %H:%M:%S GMT"));
        reply(stream, &head, br#"{"status":"success","data":{"version":"2.42.0"}}"#)
    });
    let dir = tempfile::tempdir().unwrap();
    let token = dir.path().join("token");
    let says = async |text: &str, user: Option<&str>| {
        std::fs::write(&token, text).unwrap();
        std::fs::set_permissions(&token, PermissionsExt::from_mode(0o600)).unwrap();
        let endpoint = Endpoint {
            url: server.url(""),
            token: Some(SecretRef::File(token.clone())),
            user: user.map(str::to_owned),
            ..Endpoint::default()
        };
        let spec = PrometheusSpec { endpoint, alerts: None };
        let own = PrometheusBackend::new("prom".into(), Span::secs(1), spec, vec![], "/".into(), launcher());
        own.introduce().await
    };
    let said = says(&web_token(r#"{"sub":"release-bot","exp":4102444800}"#), None).await;
    assert_eq!(said[0], Remark::well("Prometheus 2.42.0"));
    assert!(said[1].ok && said[1].text.starts_with("token of release-bot, from the file "), "{said:?}");
    assert!(said[1].text.ends_with("until 2100-01-01 00:00:00Z"), "{said:?}");
    assert!(!said[2].ok && said[2].text.contains("s behind ours; set one of them right"), "{said:?}");
    // What is in a token is somebody else's text.
    let said = says(&web_token(r#"{"sub":"\u001b[2Jbot"}"#), None).await;
    assert!(said[1].text.contains("bot") && !said[1].text.contains('\u{1b}'), "{said:?}");
    let said = says("opaque", None).await;
    assert!(said[1].text.contains("whose it does not say, without a known end"), "{said:?}");
    let said = says("hunter2", Some("holdpoint")).await;
    assert!(said[1].text.starts_with("user holdpoint, password from the file "), "{said:?}");
    assert!(said.iter().all(|remark| !remark.text.contains("hunter2")), "{said:?}");
    // A host that says back what it was shown.
    let parrot = Server::new(|_, request, stream| reply(stream, "403 No", request.as_bytes()));
    let endpoint = Endpoint {
        url: parrot.url(""),
        token: Some(SecretRef::File(token.clone())),
        user: Some("holdpoint".to_owned()),
        ..Endpoint::default()
    };
    let spec = PrometheusSpec { endpoint, alerts: None };
    let own = PrometheusBackend::new("prom".into(), Span::secs(1), spec, vec![], "/".into(), launcher());
    let echoed = own.introduce().await.remove(0).text;
    assert!(echoed.contains("[secret]") && !echoed.contains("aG9sZHBvaW50"), "{echoed}");
    let basic = base64::engine::general_purpose::STANDARD.encode("holdpoint:hunter2");
    assert!(asked.lock().unwrap().last().unwrap().ends_with(&format!("Basic {basic}")), "{asked:?}");
}

#[tokio::test]
async fn it_says_whose_certificate_it_shows_and_until_when() {
    let dir = tempfile::tempdir().unwrap();
    let says = async |name: &str, days: i64| {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.distinguished_name.push(rcgen::DnType::OrganizationName, "Example");
        let ends = chrono::Utc::now() + chrono::TimeDelta::days(days);
        let (year, month, day) =
            (chrono::Datelike::year(&ends), chrono::Datelike::month(&ends), chrono::Datelike::day(&ends));
        params.not_after = rcgen::date_time_ymd(year, month as u8, day as u8);
        let key = rcgen::KeyPair::generate().unwrap();
        let (file, secret) = (dir.path().join("c.pem"), dir.path().join("c.key"));
        std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(&secret, key.serialize_pem()).unwrap();
        std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o600)).unwrap();
        let endpoint =
            Endpoint { url: "http://127.0.0.1:1".to_owned(), identity: Some((file, secret)), ..Endpoint::default() };
        let spec = PrometheusSpec { endpoint, alerts: None };
        let own = PrometheusBackend::new("prom".into(), Span::secs(1), spec, vec![], "/".into(), launcher());
        let said = own.introduce().await.remove(1);
        (said, ends.format("%F").to_string())
    };
    for (days, ok, end) in [
        (400, true, ""),
        (30 * 365, true, ""),
        (3, false, ": it ends soon; renew it"),
        (-3, false, ": it has ended; renew it"),
    ] {
        let (said, day) = says("release-bot", days).await;
        let wanted = format!("certificate of CN=release-bot, O=Example, until {day} 00:00:00Z{end}");
        assert_eq!(said, Remark { ok, text: wanted });
    }
    let (said, _) = says("\u{202e}evil", 400).await;
    assert!(!said.text.contains('\u{202e}'), "{said:?}");
    assert_eq!(certificate::first("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"), None);
}

proptest! {
    #[test]
    fn any_bytes_for_a_certificate_are_read_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        certificate::first(&format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----"));
    }
}
