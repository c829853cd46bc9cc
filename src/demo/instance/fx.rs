//! fx: says what a currency is worth. It works in sessions: a connection that
//! asks for a quote takes one of a few slots and keeps it until it closes.
//!
//! That is what makes it saturate for real: whoever opens many sessions and
//! keeps them leaves none for the others, who wait in line.

use super::{Own, unknown};
use crate::demo::failure::Failure;
use crate::demo::serve::{self, Reply, metrics, reply};
use hyper::Request;
use hyper::body::Incoming;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Sessions that an instance can have at a time.
const SLOTS: usize = 5;
/// How long it takes to open a session.
const OPENING: Duration = Duration::from_millis(15);
/// How long a quote takes within a session.
const QUOTE: Duration = Duration::from_millis(5);

/// What one connection has.
type Session = Rc<RefCell<Option<OwnedSemaphorePermit>>>;

/// Serves until killed.
pub async fn serve(own: Rc<Own>, listener: TcpListener) -> Result<(), Failure> {
    let slots = Arc::new(Semaphore::new(SLOTS));
    serve::serve(listener, || {
        let (own, slots, session) = (Rc::clone(&own), Arc::clone(&slots), Session::default());
        move |request| answer(Rc::clone(&own), Arc::clone(&slots), Rc::clone(&session), request)
    })
    .await
}

async fn answer(own: Rc<Own>, slots: Arc<Semaphore>, session: Session, request: Request<Incoming>) -> Reply {
    if let Some(reply) = own.common(&request) {
        return reply;
    }
    match request.uri().path() {
        "/quote" => {
            let started = Instant::now();
            if session.borrow().is_none() {
                let Ok(slot) = slots.acquire_owned().await else { return reply(503, "closing\n") };
                tokio::time::sleep(OPENING).await;
                session.replace(Some(slot));
            }
            tokio::time::sleep(QUOTE).await;
            own.tally.count(true, started.elapsed());
            let currency = serve::query(&request, "currency").unwrap_or_default();
            rate(currency).map_or_else(|| reply(404, "no such currency\n"), |rate| reply(200, format!("{rate}\n")))
        }
        "/metrics" => {
            let mut page = own.tally.page(&own.version);
            page.family("connections", "gauge", "Sessions that are open.");
            page.sample("connections", &[], SLOTS.saturating_sub(slots.available_permits()) as f64);
            metrics(page.end())
        }
        _ => unknown(),
    }
}

/// Units of a currency for one euro.
fn rate(currency: &str) -> Option<f64> {
    match currency {
        "SEK" => Some(11.41),
        "NOK" => Some(11.78),
        "DKK" => Some(7.46),
        "EUR" => Some(1.0),
        _ => None,
    }
}
