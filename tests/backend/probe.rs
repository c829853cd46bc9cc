//! Probes and scrapes against real servers, good and bad.

use crate::server::{Server, hang, reply};
use crate::support::launcher;
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use holdpoint::backend::probe::{ProbeBackend, mistake};
use holdpoint::backend::{Backend, Fault, Topic};
use holdpoint::domain::observed::Observation;
use holdpoint::domain::series::Reading;
use holdpoint::domain::signal::{Bad, Compute, Query, Signal, Unit};
use holdpoint::domain::span::Span;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

type Watch = BoxStream<'static, Result<Observation, Fault>>;

fn signal(name: &str, query: Query) -> Signal {
    Signal {
        name: name.into(),
        title: name.to_owned(),
        service: "payments".into(),
        environments: vec!["eu-west".into()],
        source: "metrics".into(),
        query,
        unit: Unit::Count,
        bad: Bad::Above,
        warn: None,
        fail: None,
        hold_for: Span::ZERO,
        min_events: 0,
        // An answer may take twice as long.
        every: Span::secs(4),
    }
}

fn get(url: String) -> Query {
    Query::Http { url, status: None, body: None, latency: false }
}

fn watch(signals: Vec<Signal>) -> Watch {
    let root = std::env::temp_dir();
    ProbeBackend::new("metrics".into(), Span::secs(1), signals, root, launcher()).watch(Topic::Signals)
}

async fn next(watch: &mut Watch) -> Observation {
    tokio::time::timeout(Duration::from_secs(60), watch.next()).await.unwrap().unwrap().unwrap()
}

/// The first reading of one signal: a number, or why there is none.
async fn read(query: Query) -> Result<f64, String> {
    read_every(Span::secs(4), query).await
}

/// The first reading of what is not answered in time: the limit is short.
async fn read_late(query: Query) -> Result<f64, String> {
    read_every(Span::millis(300), query).await
}

async fn read_every(every: Span, query: Query) -> Result<f64, String> {
    match next(&mut watch(vec![Signal { every, ..signal("s", query) }])).await {
        Observation::Reading(_, Reading { value, events, .. }) => {
            assert_eq!(events, u64::MAX);
            Ok(value)
        }
        Observation::NoReading(_, why) => Err(why),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_that_is_as_expected_is_1_and_any_other_is_0() {
    let well = Server::says("200 OK", "all is well");
    let with = |status, body: Option<&str>| Query::Http {
        url: well.url("/"),
        status,
        body: body.map(Into::into),
        latency: false,
    };
    assert_eq!(read(with(None, None)).await, Ok(1.0));
    assert_eq!(read(with(None, Some("is well"))).await, Ok(1.0));
    assert_eq!(read(with(None, Some("is ill"))).await, Ok(0.0));
    assert_eq!(read(with(Some(204), None)).await, Ok(0.0));
    assert_eq!(read(get(Server::says("503 Down", "").url("/"))).await, Ok(0.0));
}

#[tokio::test]
async fn names_are_filled_in_urls() {
    let server = Server::new(|_, request, stream| {
        reply(stream, if request.starts_with("GET /payments?env=eu-west ") { "200 OK" } else { "404 No" }, b"")
    });
    assert_eq!(read(get(server.url("/{service}?env={environment}"))).await, Ok(1.0));
    let why = read(get(server.url("/{version}"))).await.unwrap_err();
    assert!(why.contains("{version}"), "{why}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let target = Server::says("200 OK", "");
    let to = target.url("/");
    let server = Server::new(move |_, _, stream| reply(stream, &format!("302 Found\r\nlocation: {to}"), b""));
    assert_eq!(read(get(server.url("/"))).await, Ok(0.0));
    assert_eq!(target.asked(), 0);
}

#[tokio::test]
async fn one_that_refuses_hangs_drips_or_talks_nonsense_is_0() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(read(get(format!("http://{closed}/"))).await, Ok(0.0));
    assert_eq!(read_late(get(Server::new(|_, _, stream| hang(stream)).url("/"))).await, Ok(0.0));
    assert_eq!(read(get(Server::new(|_, _, stream| stream.write_all(b"SSH-2.0-x\r\n\r\n")).url("/"))).await, Ok(0.0));
    assert_eq!(read(get(Server::new(|_, _, _| Ok(())).url("/"))).await, Ok(0.0));
    let drips = Server::new(|_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            stream.write_all(b"x")?;
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let query = Query::Http { url: drips.url("/"), status: None, body: Some("never".into()), latency: false };
    let began = Instant::now();
    assert_eq!(read_late(query).await, Ok(0.0));
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn what_is_our_own_trouble_is_no_reading() {
    for url in ["no url", "ftp://127.0.0.1/", "http://does-not-exist.invalid/", "http://"] {
        assert!(read(get(url.to_owned())).await.is_err(), "{url}");
    }
    for address in ["does-not-exist.invalid:80", "127.0.0.1", "127.0.0.1:x"] {
        assert!(read(Query::Tcp { address: address.to_owned() }).await.is_err(), "{address}");
    }
}

#[tokio::test]
async fn latency_is_only_told_of_an_answer_that_is_well() {
    let latency = |url| Query::Http { url, status: None, body: None, latency: true };
    let slow = Server::new(|_, _, stream| {
        std::thread::sleep(Duration::from_millis(150));
        reply(stream, "200 OK", b"")
    });
    let seconds = read(latency(slow.url("/"))).await.unwrap();
    assert!((0.15..8.0).contains(&seconds), "{seconds}");
    let why = read(latency(Server::says("500 No", "").url("/"))).await.unwrap_err();
    assert!(why.contains("500"), "{why}");
    assert!(read_late(latency(Server::new(|_, _, stream| hang(stream)).url("/"))).await.unwrap_err().contains("time"));
}

/// A body of a gigabyte, and how much of it was taken.
fn gigabyte() -> (Server, Arc<AtomicU64>) {
    let sent = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&sent);
    let server = Server::new(move |_, _, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")?;
        let piece = format!("# {}\n", "x".repeat(1021)).repeat(64);
        for _ in 0..16 * 1024 {
            stream.write_all(piece.as_bytes())?;
            count.fetch_add(piece.len() as u64, Ordering::SeqCst);
        }
        Ok(())
    });
    (server, sent)
}

#[tokio::test]
async fn a_gigabyte_is_given_up_at_the_cap() {
    let (server, sent) = gigabyte();
    let query = Query::Http { url: server.url("/"), status: None, body: Some("never".into()), latency: false };
    assert_eq!(read(query).await, Ok(0.0));
    assert!(sent.load(Ordering::SeqCst) < 64 << 20);
    let (server, sent) = gigabyte();
    let compute = Compute::Gauge { metric: "m".into() };
    let slow = Signal { every: Span::secs(4), ..signal("s", Query::Scrape { url: server.url("/"), compute }) };
    let Observation::NoReading(_, why) = next(&mut watch(vec![slow])).await else { panic!() };
    assert!(why.contains("8 MiB"), "{why}");
    assert!(sent.load(Ordering::SeqCst) < 64 << 20);
}

#[tokio::test]
async fn tcp_is_1_when_it_accepts() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    assert_eq!(read(Query::Tcp { address: address.clone() }).await, Ok(1.0));
    drop(listener);
    assert_eq!(read(Query::Tcp { address }).await, Ok(0.0));
}

#[tokio::test]
async fn a_command_is_1_when_it_exits_with_0() {
    let run = |argv: &[&str]| read(Query::Command { argv: argv.iter().map(ToString::to_string).collect() });
    assert_eq!(run(&["test", "{service}@{environment}", "=", "payments@eu-west"]).await, Ok(1.0));
    assert_eq!(run(&["false"]).await, Ok(0.0));
    assert!(run(&["no-such-program-anywhere"]).await.is_err());
    let endless = Query::Command { argv: vec!["sleep".to_owned(), "60".to_owned()] };
    assert!(read_every(Span::millis(1500), endless).await.unwrap_err().contains("did not end"));
    assert!(run(&["sh", "-c", "kill -9 $$"]).await.unwrap_err().contains("signal 9"));
    assert!(run(&[]).await.is_err());
}

fn scrape(url: String, compute: Compute) -> Query {
    Query::Scrape { url, compute }
}

/// Serves counters that grow by 9 ok and 1 failed with each scrape.
fn counters() -> Server {
    Server::new(|n, _, stream| {
        let body = format!(
            "# TYPE requests counter\nrequests_total{{outcome=\"ok\"}} {}\nrequests_total{{outcome=\"failed\"}} {}\n# EOF\n",
            100 + 9 * n,
            n
        );
        reply(stream, "200 OK\r\ncontent-type: application/openmetrics-text; version=1.0.0", body.as_bytes())
    })
}

#[tokio::test]
async fn a_ratio_is_computed_from_two_scrapes() {
    let server = counters();
    let compute = Compute::Ratio { part: r#"requests_total{outcome="failed"}"#.into(), whole: "requests_total".into() };
    // The second scrape of the first pair comes soon, though the interval is long.
    let slow = Signal { every: Span::secs(60), ..signal("s", scrape(server.url("/"), compute)) };
    let mut watch = watch(vec![slow]);
    assert!(matches!(next(&mut watch).await, Observation::NoReading(_, why) if why.contains("two readings")));
    let Observation::Reading(at, reading) = next(&mut watch).await else { panic!() };
    assert_eq!((at.to_string().as_str(), reading.value, reading.events), ("s@eu-west", 0.1, 10));
}

#[tokio::test]
async fn signals_of_the_same_endpoint_share_a_scrape() {
    let server = counters();
    let rate = |metric: &str| scrape(server.url("/"), Compute::Rate { metric: metric.into() });
    let signals = vec![
        signal("a", rate("requests_total")),
        signal("b", rate(r#"requests_total{outcome="failed"}"#)),
        signal("c", scrape(server.url("/"), Compute::Gauge { metric: "requests_total".into() })),
    ];
    let mut watch = watch(signals);
    for _ in 0..9 {
        next(&mut watch).await;
    }
    assert_eq!(server.asked(), 3);
}

#[tokio::test]
async fn a_scrape_that_lies_or_is_cut_gives_no_reading() {
    let gauge = || Compute::Gauge { metric: "m".into() };
    let answers: &[(&str, &str)] = &[
        ("500 No", "m 1\n"),
        ("302 Found\r\nlocation: /", "m 1\n"),
        ("200 OK", "<html>please log in</html>"),
        ("200 OK", "m 12"),
        ("200 OK", "n 1\n"),
        ("200 OK", ""),
        ("200 OK\r\ncontent-type: application/openmetrics-text", "m 1\n"),
        ("200 OK", "m NaN\n"),
    ];
    for (head, body) in answers {
        let why = read(scrape(Server::says(head, body).url("/"), gauge())).await;
        assert!(why.is_err(), "{head} {body}: {why:?}");
    }
    let cut = Server::new(|_, _, stream| stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nm 1\n"));
    assert!(read(scrape(cut.url("/"), gauge())).await.is_err());
    assert_eq!(read(scrape(Server::says("200 OK", "m 1\n").url("/"), gauge())).await, Ok(1.0));
}

#[tokio::test]
async fn one_that_hangs_disturbs_no_other() {
    let (hangs, well) = (Server::new(|_, _, stream| hang(stream)), Server::says("200 OK", "m 1\n"));
    let gauge = |url| scrape(url, Compute::Gauge { metric: "m".into() });
    let every = Span::secs(5);
    let mut watch = watch(vec![
        Signal { every, ..signal("hangs", gauge(hangs.url("/"))) },
        Signal { every, ..signal("hangs-too", get(hangs.url("/"))) },
        Signal { every: Span::secs(2), ..signal("well", gauge(well.url("/"))) },
    ]);
    // The others are given up after ten seconds and would be heard of then.
    for _ in 0..4 {
        assert!(matches!(next(&mut watch).await, Observation::Reading(at, _) if at.signal.as_str() == "well"));
    }
}

#[tokio::test]
async fn a_fault_is_followed_by_readings_again() {
    let fails = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&fails);
    let server = Server::new(move |n, _, stream| {
        asked.store(n, Ordering::SeqCst);
        reply(stream, if n % 2 == 0 { "500 No" } else { "200 OK" }, b"m 1\n")
    });
    let query = scrape(server.url("/"), Compute::Gauge { metric: "m".into() });
    let mut watch = watch(vec![Signal { every: Span::secs(2), ..signal("s", query) }]);
    assert!(matches!(next(&mut watch).await, Observation::NoReading(..)));
    assert!(matches!(next(&mut watch).await, Observation::Reading(..)));
    assert!(matches!(next(&mut watch).await, Observation::NoReading(..)));
}

#[tokio::test]
async fn beyond_the_last_bucket_counts_only_when_it_already_fails() {
    let server = || {
        Server::new(|n, _, stream| {
            let body = format!("t_bucket{{le=\"1\"}} 5\nt_bucket{{le=\"+Inf\"}} {}\n", 10 + n * 10);
            reply(stream, "200 OK", body.as_bytes())
        })
    };
    let query = |server: &Server| scrape(server.url("/"), Compute::Quantile { metric: "t".into(), q: 0.99 });
    let (a, b) = (server(), server());
    let mut failing = watch(vec![Signal { fail: Some(0.5), ..signal("s", query(&a)) }]);
    next(&mut failing).await;
    assert!(matches!(next(&mut failing).await, Observation::Reading(_, r) if r.value == 1.0));
    let mut passing = watch(vec![Signal { fail: Some(5.0), ..signal("s", query(&b)) }]);
    next(&mut passing).await;
    assert!(matches!(next(&mut passing).await, Observation::NoReading(_, why) if why.contains("last bound")));
}

#[tokio::test]
async fn a_mistake_in_a_signal_is_told_and_read_as_nothing() {
    let wrong = || scrape("http://127.0.0.1/".into(), Compute::Rate { metric: "a{b=~\"c\"}".into() });
    assert!(mistake(&signal("s", wrong())).unwrap().contains("use = and !="));
    assert!(mistake(&signal("s", get("http://x/{nothing}".into()))).unwrap().contains("{nothing}"));
    assert_eq!(mistake(&signal("s", get("http://x/{service}".into()))), None);
    assert!(read(wrong()).await.unwrap_err().contains("use = and !="));
}

#[tokio::test]
async fn what_an_endpoint_says_is_made_harmless() {
    let server = Server::says("200 OK", "m\u{1b}[2J 1\n");
    let why = read(scrape(server.url("/"), Compute::Gauge { metric: "m".into() })).await.unwrap_err();
    assert!(!why.contains('\u{1b}'), "{why:?}");
}
