//! The front door: one port for everything that looks at the estate from
//! outside. `/SERVICE/REGION/PATH` is what that place's router says to `/PATH`;
//! when the router is silent, so is the front door.

use super::failure::Failure;
use super::flags::Flags;
use super::layout::Layout;
use super::link::{Answer, Pool};
use super::live::Ports;
use super::place::Place;
use super::router;
use super::serve::{self, Reply, reply};
use hyper::Request;
use hyper::body::Incoming;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Runs the front door until it is killed.
pub fn run(flags: &Flags) -> Result<(), Failure> {
    let ports = Ports::load(&Layout::new(flags.dir()?))?;
    let routers: BTreeMap<Place, Pool> =
        ports.routers.into_iter().map(|(place, port)| (place, Pool::new(port))).collect();
    let routers = Rc::new(routers);
    serve::block_on(async move {
        serve::serve(serve::inherited()?, || {
            let routers = Rc::clone(&routers);
            move |request| answer(Rc::clone(&routers), request)
        })
        .await
    })
}

async fn answer(routers: Rc<BTreeMap<Place, Pool>>, request: Request<Incoming>) -> Reply {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut parts = path.trim_start_matches('/').splitn(3, '/');
    let (service, region, rest) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
    let place = service.zip(region).and_then(|(service, region)| Place::new(service, region).ok());
    let Some(router) = place.and_then(|place| routers.get(&place)) else {
        return reply(404, "write /SERVICE/REGION/metrics, as in /payments/eu-west/metrics\n");
    };
    match told(router, &format!("/{rest}")).await {
        Ok(answer) => {
            let mut reply = reply(answer.status, answer.body);
            *reply.headers_mut() = answer.headers;
            reply
        }
        Err(why) => reply(502, format!("the router: {why}\n")),
    }
}

/// What the router says. One that was replaced in the middle of a question that
/// only reads is asked once more.
async fn told(pool: &Pool, path: &str) -> std::io::Result<Answer> {
    match pool.ask(path).await {
        Err(_) if router::only_reads(path) => pool.get(path).await,
        answered => answered.map_err(|lost| lost.why),
    }
}
