//! payments: takes a payment, asks fx for the rate when it is not in euro, books
//! it with ledger, and writes a record of it.
//!
//! 4.1.9 remembers rates and asks over one pooled connection. 4.2.0 opens a
//! session with fx for each such payment, to lock the rate until the payment
//! settles: harmless where hardly anybody pays in another currency.

use super::{Own, unknown};
use crate::demo::failure::Failure;
use crate::demo::link::{Link, Pool};
use crate::demo::records::{self, Record};
use crate::demo::serve::{self, Reply, metrics, reply};
use crate::demo::versions::{self, Rates};
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long fx may take before the payment fails.
const RATE_LIMIT: Duration = Duration::from_millis(1000);
/// How long ledger may take before the payment fails.
const BOOKING_LIMIT: Duration = Duration::from_millis(2000);
/// How long 4.1.9 remembers a rate.
const REMEMBERED: Duration = Duration::from_secs(2);
/// How long after the answer a payment settles, which is when 4.2.0 lets its rate go.
const SETTLING: Duration = Duration::from_millis(1150);

struct Payments {
    own: Rc<Own>,
    rates: Rates,
    format: u8,
    fx_port: u16,
    fx: Mutex<Option<Link>>,
    ledger: Pool,
    remembered: RefCell<BTreeMap<String, (Instant, f64)>>,
    new_rows: Cell<u64>,
}

/// A rate, with the session that locks it until the payment settles, if it has one.
struct Locked {
    rate: f64,
    session: Option<Link>,
}

/// Serves until killed.
pub async fn serve(own: Rc<Own>, listener: TcpListener) -> Result<(), Failure> {
    let fx_port = own.ports.router(&own.place.beside("fx"))?;
    let payments = Rc::new(Payments {
        rates: versions::rates(&own.version),
        format: versions::record_format(&own.version),
        fx_port,
        fx: Mutex::default(),
        ledger: Pool::new(own.ports.router(&own.place.beside("ledger"))?),
        remembered: RefCell::default(),
        new_rows: Cell::default(),
        own,
    });
    serve::serve(listener, || {
        let payments = Rc::clone(&payments);
        move |request| answer(Rc::clone(&payments), request)
    })
    .await
}

async fn answer(payments: Rc<Payments>, request: Request<Incoming>) -> Reply {
    if let Some(reply) = payments.own.common(&request) {
        return reply;
    }
    match request.uri().path() {
        "/pay" => {
            let started = Instant::now();
            let outcome = payments.pay(&request).await;
            payments.own.tally.count(outcome.is_ok(), started.elapsed());
            outcome.unwrap_or_else(|reply| reply)
        }
        "/metrics" => {
            let mut page = payments.own.tally.page(&payments.own.version);
            page.family("new_format_rows", "counter", "Records written in the new format.");
            page.sample("new_format_rows_total", &[], payments.new_rows.get() as f64);
            metrics(page.end())
        }
        _ => unknown(),
    }
}

impl Payments {
    /// Takes one payment; the error is what the customer is told.
    async fn pay(&self, request: &Request<Incoming>) -> Result<Reply, Reply> {
        let currency = serve::query(request, "currency").unwrap_or("EUR").to_owned();
        let amount: f64 = serve::query(request, "amount").and_then(|text| text.parse().ok()).unwrap_or(10.0);
        let locked =
            if currency == "EUR" { Ok(Locked { rate: 1.0, session: None }) } else { self.rate(&currency).await };
        let locked = locked.map_err(|why| reply(504, format!("no rate for {currency}: {why}\n")))?;
        let booked = timeout(BOOKING_LIMIT, self.ledger.get("/entries")).await;
        match booked {
            Ok(Ok(answer)) if answer.status == 200 => {}
            Ok(Ok(answer)) => return Err(reply(502, format!("ledger answered {}\n", answer.status))),
            Ok(Err(why)) => return Err(reply(502, format!("ledger: {why}\n"))),
            Err(_) => return Err(reply(504, "ledger did not answer in time\n")),
        }
        let record = Record::of(self.format, &currency, amount, locked.rate);
        records::append(&self.own.layout, &self.own.place.region, &record)
            .map_err(|why| reply(500, format!("{why}\n")))?;
        if let Some(session) = locked.session {
            settle_later(session);
        }
        let mut reply = reply(200, "accepted\n");
        if self.format > 1 {
            self.new_rows.set(self.new_rows.get() + 1);
        }
        reply.headers_mut().insert("x-record-format", HeaderValue::from(u16::from(self.format)));
        Ok(reply)
    }

    async fn rate(&self, currency: &str) -> Result<Locked, String> {
        let path = format!("/quote?currency={currency}");
        match self.rates {
            Rates::SessionEach => {
                let asked = async {
                    let mut session = Link::open(self.fx_port).await?;
                    let answer = session.get(&path).await?;
                    Ok::<_, std::io::Error>((answer, session))
                };
                let (answer, session) = in_time(asked).await?;
                Ok(Locked { rate: read(&answer)?, session: Some(session) })
            }
            Rates::Pooled => {
                if let Some(rate) = self.known(currency) {
                    return Ok(Locked { rate, session: None });
                }
                let rate = in_time(self.pooled(currency, &path)).await??;
                Ok(Locked { rate, session: None })
            }
        }
    }

    /// A rate that was asked for not long ago.
    fn known(&self, currency: &str) -> Option<f64> {
        let known = self.remembered.borrow().get(currency).copied();
        known.filter(|(since, _)| since.elapsed() < REMEMBERED).map(|(_, rate)| rate)
    }

    /// Asks over the one connection that this instance has with fx.
    async fn pooled(&self, currency: &str, path: &str) -> std::io::Result<Result<f64, String>> {
        let mut kept = self.fx.lock().await;
        // Whoever had the connection before us may have asked the same.
        if let Some(rate) = self.known(currency) {
            return Ok(Ok(rate));
        }
        let mut link = match kept.take().filter(Link::usable) {
            Some(link) => link,
            None => Link::open(self.fx_port).await?,
        };
        let rate = read(&link.get(path).await?);
        if let Ok(rate) = rate {
            self.remembered.borrow_mut().insert(currency.to_owned(), (Instant::now(), rate));
        }
        *kept = Some(link);
        Ok(rate)
    }
}

async fn in_time<T>(asked: impl Future<Output = std::io::Result<T>>) -> Result<T, String> {
    match timeout(RATE_LIMIT, asked).await {
        Ok(answer) => answer.map_err(|why| format!("fx: {why}")),
        Err(_) => Err("fx did not answer in time".to_owned()),
    }
}

fn read(answer: &crate::demo::link::Answer) -> Result<f64, String> {
    let text = String::from_utf8_lossy(&answer.body);
    text.trim().parse().map_err(|_| format!("fx answered {}", answer.status))
}

/// Keeps a session until the payment has settled.
fn settle_later(session: Link) {
    tokio::task::spawn_local(async move {
        tokio::time::sleep(SETTLING).await;
        drop(session);
    });
}
