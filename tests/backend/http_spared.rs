//! Who is spared when a host fails: watches leave it alone, people are served, extras count for nothing.

use crate::server::{Server, hang, reply};
use crate::support::launcher;
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::http::{Client, Host, Request};
use holdpoint::backend::prometheus::PrometheusBackend;
use holdpoint::backend::{Backend, Fault, Topic};
use holdpoint::domain::backend::PrometheusSpec;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::observed::Observation;
use holdpoint::domain::signal::Signal;
use holdpoint::domain::span::Span;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

fn endpoint(server: &Server) -> Arc<Endpoint> {
    Arc::new(Endpoint { url: server.url(""), ..Endpoint::default() })
}

fn watching(server: &Server, host: &Host) -> Client {
    Client::watching(&endpoint(server), None, host).unwrap()
}

fn acting(server: &Server, host: &Host) -> Client {
    Client::acting(&endpoint(server), None, host).unwrap()
}

/// A watch that has met so many failures that it leaves its host alone.
async fn left_alone(server: &Server, host: &Host) {
    for _ in 0..20 {
        let read = watching(server, host).read(&Request::get("/x")).await;
        if matches!(&read, Err(Fault::Unreachable(why)) if why.contains("too often in a row")) {
            return;
        }
    }
    panic!("it is asked on and on");
}

#[tokio::test]
async fn what_a_person_asked_for_is_read_though_the_watch_leaves_its_host_alone() {
    let well = Arc::new(AtomicBool::new(false));
    let heals = Arc::clone(&well);
    let server = Server::new(move |_, _, stream| match heals.load(Ordering::SeqCst) {
        true => reply(stream, "200 OK", b""),
        false => reply(stream, "500 Broken", b""),
    });
    let host = Host::default();
    left_alone(&server, &host).await;
    // While it fails still, a person is told what it says.
    let fault = acting(&server, &host).read(&Request::get("/x")).await.unwrap_err();
    assert!(fault.to_string().contains("status 500"), "{fault}");
    well.store(true, Ordering::SeqCst);
    assert_eq!(acting(&server, &host).read(&Request::get("/x")).await.unwrap().status, 200);
}

#[tokio::test]
async fn what_a_person_asked_for_does_not_wait_until_a_host_wants_to_be_watched_again() {
    let server = Server::new(|n, _, stream| match n {
        0 => reply(stream, "429 Later\r\nretry-after: 600", b""),
        _ => reply(stream, "200 OK", b""),
    });
    let host = Host::default();
    watching(&server, &host).read(&Request::get("/x")).await.unwrap_err();
    let fault = watching(&server, &host).read(&Request::get("/x")).await.unwrap_err();
    assert!(fault.to_string().contains("asked not to be asked again"), "{fault}");
    assert_eq!(acting(&server, &host).read(&Request::get("/x")).await.unwrap().status, 200);
}

#[tokio::test]
async fn what_was_taken_asks_nobody_to_leave_its_host_alone() {
    for (status, rests) in [("202 Taken", false), ("200 OK", false), ("409 No", true), ("503 Later", true)] {
        let server = Server::new(move |_, _, stream| reply(stream, &format!("{status}\r\nretry-after: 600"), b""));
        let host = Host::default();
        let request = Request::json("/x", serde_json::json!({}));
        let sent = acting(&server, &host).send(&request).await;
        assert_eq!((sent.is_err(), host.rests().is_some()), (rests, rests), "{status}: {:?}", sent.err());
        assert_eq!(host.admit(false).is_err(), rests, "{status}");
    }
}

#[tokio::test]
async fn a_stream_that_is_not_to_be_had_does_not_end_the_reading() {
    let server = Server::new(|_, request, stream| match request.contains("/follow") {
        true => reply(stream, "504 Proxy", b""),
        false => reply(stream, "200 OK", b""),
    });
    let asking = watching(&server, &Host::default());
    for _ in 0..8 {
        let fault = asking.stream(&Request::get("/follow")).await.unwrap_err();
        assert!(fault.to_string().contains("504"), "{fault}");
    }
    asking.read(&Request::get("/x")).await.unwrap();
}

fn signal() -> Signal {
    Signal { every: Span::secs(2), ..crate::prometheus::signal("failed", "x") }
}

/// The first readings of a signal whose past is answered so.
async fn readings(
    wanted: usize,
    asked: usize,
    past: impl Fn(&mut std::net::TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
) -> usize {
    let ranges = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ranges);
    let server = Server::new(move |_, request, stream| match request.contains("/query_range") {
        true => {
            counted.fetch_add(1, Ordering::SeqCst);
            past(stream)
        }
        false => {
            let answer = r#"{"status":"success","data":{"resultType":"scalar","result":[1e10,"1"]}}"#;
            reply(stream, "200 OK", answer.as_bytes())
        }
    });
    let spec =
        PrometheusSpec { endpoint: Endpoint { url: server.url(""), ..Endpoint::default() }, ..Default::default() };
    let own = PrometheusBackend::new("prom".into(), Span::secs(2), spec, vec![signal()], "/".into(), launcher());
    let mut watch = own.watch(Topic::Signals);
    let reading = async {
        let mut had = 0;
        while had < wanted || ranges.load(Ordering::SeqCst) < asked {
            match watch.next().await.unwrap().unwrap() {
                Observation::Reading(..) => had += 1,
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), reading).await.expect("no reading within a minute");
    ranges.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_reading_does_not_wait_for_the_past() {
    assert!(readings(1, 0, hang).await <= 1);
    // Nor does the next one, however long the past takes.
    assert_eq!(readings(3, 1, hang).await, 1, "one question at a time");
}

#[tokio::test]
async fn a_past_that_cannot_be_had_is_asked_for_once_and_ends_no_reading() {
    assert_eq!(readings(3, 2, |stream| reply(stream, "500 Broken", b"")).await, 2, "six hours and three days");
}

#[test]
fn counts_that_no_number_holds_are_refused() {
    use holdpoint::backend::prometheus::versions::{shares, slower};
    let of = |count: f64| [("1.0".to_owned(), count)].into();
    assert!(shares(&of(1.0), &of(1e10)).is_ok());
    for (bad, all) in [(1.0, 1e300), (1e300, 1.0), (1.0, 2e10), (1.0, 2.0_f64.powi(53))] {
        let why = shares(&of(bad), &of(all)).unwrap_err();
        assert!(why.contains("beyond 1e10"), "{why}");
    }
    let buckets = [("1.0".to_owned(), vec![(0.5, 1.0), (f64::INFINITY, 1e300)])].into();
    assert!(slower(&buckets, 0.5).unwrap_err().contains("beyond 1e10"));
}
