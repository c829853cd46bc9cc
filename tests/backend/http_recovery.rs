//! How soon a host that is back is asked again: the sum of the constants, simulated outages, a real host.

use crate::server::{Server, reply};
use crate::support::launcher;
use crate::undisturbed as tokio;
use holdpoint::backend::http::breaker::{self, Breaker};
use holdpoint::backend::http::recovery::{LOOK, PACE, QUIET, WATCHED, WITHIN, pause};
use holdpoint::backend::http::{Client, Host, Request};
use holdpoint::backend::pace;
use holdpoint::backend::secret::SecretSource;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::secret::SecretRef;
use holdpoint::domain::span::Span;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn the_worst_case_is_within_a_minute() {
    let longest = breaker::LONGEST.max(QUIET).max(PACE);
    assert!(WATCHED + longest + LOOK <= WITHIN, "{:?}", WATCHED + longest + LOOK);
    assert_eq!(pause(PACE, Some(LOOK)), LOOK);
    assert_eq!((pause(LOOK, Some(PACE)), pause(LOOK, None)), (LOOK, LOOK));
}

/// A watch in a simulated outage: when it does something next, and what was asked, if anything.
struct Watch {
    every: Span,
    next: Duration,
    asking: bool,
    faults: u32,
    back: Option<Duration>,
}

/// How long after a host is back the last of some watches has read it. While it is gone it answers nothing,
/// so that each question takes all of its time; watches pause as long as they ever do.
fn recovers(every: &[u64], gone: u64, random: f64) -> Duration {
    let (mut breaker, back) = (Breaker::default(), Duration::from_secs(gone));
    let mut all: Vec<Watch> = every
        .iter()
        .map(|every| Watch { every: Span::secs(*every), next: Duration::ZERO, asking: false, faults: 0, back: None })
        .collect();
    while let Some(n) = (0..all.len()).filter(|n| all[*n].back.is_none()).min_by_key(|n| all[*n].next) {
        let now = all[n].next;
        let watch = &mut all[n];
        if watch.asking || breaker.ask(now).is_err() {
            if watch.asking {
                breaker.fail(now, random);
            }
            (watch.asking, watch.faults) = (false, watch.faults + 1);
            watch.next = now + pause(pace::most(watch.every, watch.faults), breaker.left(now));
        } else if now >= back {
            breaker.succeed();
            watch.back = Some(now);
        } else {
            (watch.asking, watch.next) = (true, now + WATCHED);
        }
        assert!(now < back + Duration::from_secs(600), "it is never read again");
    }
    all.iter().filter_map(|watch| watch.back).max().unwrap_or_default().saturating_sub(back)
}

#[test]
fn a_simulated_host_that_is_back_is_read_again_within_a_minute() {
    let mut worst = Duration::ZERO;
    for gone in 1..700 {
        for random in [0.0, 0.5, 1.0] {
            for every in [&[5][..], &[30], &[5, 15, 30], &[5; 10], &[15, 15, 15, 15, 30, 30]] {
                worst = worst.max(recovers(every, gone, random));
            }
        }
    }
    assert!(worst <= WITHIN, "{worst:?}");
    assert!(worst > Duration::from_secs(20), "the outage is one: {worst:?}");
}

fn endpoint(server: &Server) -> Arc<Endpoint> {
    Arc::new(Endpoint { url: server.url(""), ..Endpoint::default() })
}

#[tokio::test]
async fn what_a_proxy_asks_while_it_fails_is_obeyed_for_half_a_minute_and_until_somebody_is_answered() {
    let server = Server::new(|n, _, stream| match n {
        0 => reply(stream, "503 Proxy\r\nretry-after: 3600", b""),
        _ => reply(stream, "200 OK", b""),
    });
    let (endpoint, host) = (endpoint(&server), Host::default());
    let watching = Client::watching(&endpoint, None, &host).unwrap();
    watching.read(&Request::get("/x")).await.unwrap_err();
    let left = host.left().unwrap();
    assert!(left <= QUIET, "{left:?}");
    let fault = watching.read(&Request::get("/x")).await.unwrap_err();
    assert!(fault.to_string().contains("asked not to be asked again"), "{fault}");
    // A person's read shows that it is back.
    Client::acting(&endpoint, None, &host).unwrap().read(&Request::get("/x")).await.unwrap();
    assert_eq!(host.left(), None);
    watching.read(&Request::get("/x")).await.unwrap();
}

#[tokio::test]
async fn an_answer_to_an_earlier_question_does_not_end_what_a_limit_asks() {
    let server = Server::says("429 Later\r\nretry-after: 600", "");
    let (endpoint, host) = (endpoint(&server), Host::default());
    let before = std::time::Instant::now();
    Client::watching(&endpoint, None, &host).unwrap().read(&Request::get("/x")).await.unwrap_err();
    host.answered(before);
    let left = host.left().unwrap();
    assert!(left > Duration::from_secs(500), "in full: {left:?}");
    host.answered(std::time::Instant::now());
    assert_eq!(host.left(), None);
}

#[tokio::test]
async fn a_secret_that_cannot_be_had_does_not_use_up_the_one_question_that_tries() {
    let server = Server::says("500 Broken", "");
    let (endpoint, host) = (endpoint(&server), Host::default());
    let none = SecretRef::Env("HOLDPOINT_NO_SUCH_SECRET".into());
    let source = Arc::new(SecretSource::new(none, "/".into(), launcher()));
    for _ in 0..5 {
        host.failed();
    }
    crate::support::until("the pause is over", || host.left().is_none()).await;
    let blind = Client::watching(&endpoint, Some(&source), &host).unwrap();
    let fault = blind.read(&Request::get("/x")).await.unwrap_err();
    assert!(fault.to_string().contains("not set"), "{fault}");
    assert_eq!(host.left(), None, "nobody tries");
    let fault = Client::watching(&endpoint, None, &host).unwrap().read(&Request::get("/x")).await.unwrap_err();
    assert!(fault.to_string().contains("status 500"), "{fault}");
}
