//! ledger: books one entry a payment. A version that needs a later schema adds
//! to it when it starts; earlier versions read what is there.

use super::{Own, unknown};
use crate::demo::failure::Failure;
use crate::demo::serve::{self, Reply, metrics, reply};
use crate::demo::{closing, files, versions};
use hyper::Request;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// How long booking takes: a write that reaches the disk.
const BOOKING: Duration = Duration::from_millis(8);

/// Serves until killed.
pub async fn serve(own: Rc<Own>, listener: TcpListener) -> Result<(), Failure> {
    let schema = migrate(&own)?;
    serve::serve(listener, || {
        let own = Rc::clone(&own);
        move |request| answer(Rc::clone(&own), schema, request)
    })
    .await
}

async fn answer(own: Rc<Own>, schema: u32, request: Request<Incoming>) -> Reply {
    if let Some(reply) = own.common(&request) {
        return reply;
    }
    match request.uri().path() {
        "/entries" => {
            let started = Instant::now();
            tokio::time::sleep(BOOKING).await;
            own.tally.count(true, started.elapsed());
            let mut reply = reply(200, "booked\n");
            reply.headers_mut().insert("x-schema-version", HeaderValue::from(schema));
            reply
        }
        "/day" if closing::closed(&own.layout, &own.place.region) => reply(200, "closed\n"),
        "/day" => reply(200, "open\n"),
        "/metrics" => {
            let mut page = own.tally.page(&own.version);
            page.family("schema_version", "gauge", "The schema that is in use.");
            page.sample("schema_version", &[], f64::from(schema));
            metrics(page.end())
        }
        _ => unknown(),
    }
}

/// Adds to the region's schema what this version needs; says which it has then.
fn migrate(own: &Own) -> Result<u32, Failure> {
    let path = own.layout.data(&own.place.region).join("schema.json");
    let _lock = files::lock(&path.with_extension("lock"))?;
    let found: u32 = files::read(&path).unwrap_or(0);
    let needed = versions::schema(&own.version);
    if found < needed {
        files::write(&path, &needed)?;
    }
    Ok(found.max(needed))
}
