//! One instance of a service: a small server with `/healthz`, `/version` and
//! `/metrics`, and the service's own work behind the other paths.
//!
//! What the versions do differently is in the services' own files.

mod fx;
mod ledger;
mod payments;
mod tally;

use super::failure::Failure;
use super::flags::Flags;
use super::layout::Layout;
use super::live::Ports;
use super::place::Place;
use super::serve::{self, Reply, reply};
use hyper::Request;
use hyper::body::Incoming;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tally::Tally;

/// What every instance knows of itself.
struct Own {
    layout: Layout,
    place: Place,
    version: String,
    ports: Ports,
    warm: Instant,
    tally: Tally,
}

/// Runs one instance until it is killed.
pub fn run(flags: &Flags) -> Result<(), Failure> {
    let layout = Layout::new(flags.dir()?);
    let place: Place = flags.parsed("place")?;
    let own = Rc::new(Own {
        ports: Ports::load(&layout)?,
        version: flags.need("version")?.to_owned(),
        warm: Instant::now() + Duration::from_millis(flags.parsed("warm-up-ms")?),
        tally: Tally::default(),
        layout,
        place,
    });
    serve::block_on(async move {
        let listener = serve::inherited()?;
        match own.place.service.as_str() {
            "payments" => payments::serve(own, listener).await,
            "ledger" => ledger::serve(own, listener).await,
            _ => fx::serve(own, listener).await,
        }
    })
}

impl Own {
    /// The answers that all services have in common.
    fn common(&self, request: &Request<Incoming>) -> Option<Reply> {
        match request.uri().path() {
            "/healthz" if Instant::now() < self.warm => Some(reply(503, "warming up\n")),
            "/healthz" => Some(reply(200, "ok\n")),
            "/version" => Some(reply(200, format!("{}\n", self.version))),
            _ => None,
        }
    }
}

/// The answer to a path that no service has.
fn unknown() -> Reply {
    reply(404, "no such path\n")
}
