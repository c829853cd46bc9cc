//! The router before one service in one region: splits the traffic by weight,
//! and counts what it sees. Its port and its metrics stay while instances come
//! and go. It is told what to do by files alone, never over the network.

mod route;
mod seen;
mod split;

use super::failure::Failure;
use super::flags::Flags;
use super::layout::Layout;
use super::link::{Answer, Link, Lost};
use super::place::Place;
use super::serve::{self, Reply, metrics, reply};
use super::silence;
use hyper::Request;
use hyper::body::Incoming;
use route::Route;
use seen::{Seen, Watched};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::timeout;

/// How long an instance may take before the router gives up on it.
const LIMIT: Duration = Duration::from_secs(5);
/// How often it looks whether it is told something else.
const LOOK: Duration = Duration::from_millis(100);

struct Router {
    layout: Layout,
    place: Place,
    route: RefCell<Route>,
    seen: Seen,
}

/// The connections that one caller's connection has brought about, by port. Each
/// caller has its own, so that its session with an instance ends when it goes.
type Onward = Rc<RefCell<BTreeMap<u16, Link>>>;

/// Runs the router until it is killed.
pub fn run(flags: &Flags) -> Result<(), Failure> {
    let layout = Layout::new(flags.dir()?);
    let place: Place = flags.parsed("place")?;
    let router = Rc::new(Router { layout, place, route: RefCell::default(), seen: Seen::default() });
    serve::block_on(async move {
        let listener = serve::inherited()?;
        tokio::task::spawn_local(keep_looking(Rc::clone(&router)));
        serve::serve(listener, || {
            let (router, onward) = (Rc::clone(&router), Onward::default());
            move |request| answer(Rc::clone(&router), Rc::clone(&onward), request)
        })
        .await
    })
}

async fn keep_looking(router: Rc<Router>) {
    loop {
        router.route.borrow_mut().look(&router.layout, &router.place);
        tokio::time::sleep(LOOK).await;
    }
}

async fn answer(router: Rc<Router>, onward: Onward, request: Request<Incoming>) -> Reply {
    if request.uri().path() == "/metrics" {
        while silence::holds(&router.layout, &router.place) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        return metrics(router.seen.page());
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let answer = pass_on(&router, &onward, path).await;
    let mut reply = reply(answer.status, answer.body);
    *reply.headers_mut() = answer.headers;
    reply
}

/// Whether a path only reads, so that it may be asked for twice.
pub fn only_reads(path: &str) -> bool {
    matches!(path, "/healthz" | "/version" | "/metrics" | "/day")
}

/// The answer of the first instance that takes the request. One that has just
/// ended takes nothing, and the next one is asked.
async fn pass_on(router: &Router, onward: &Onward, path: &str) -> Answer {
    let (mut watched, mut tried) = (None::<Watched>, Vec::new());
    let mut answer = Answer::made(503, format!("no instance of {} is ready\n", router.place));
    loop {
        let chosen = router.route.borrow_mut().choose(&tried, |port| onward.borrow().contains_key(&port));
        let Some((version, port)) = chosen else { break };
        tried.push(port);
        if !only_reads(path) {
            watched.get_or_insert_with(|| Watched::begin(&router.seen)).goes_to(&version);
        }
        match timeout(LIMIT, forward(onward, port, path)).await {
            Ok(Ok(came)) => {
                answer = came;
                break;
            }
            Ok(Err(lost)) => {
                answer = Answer::made(502, format!("{} {version}: {}\n", router.place, lost.why));
                if lost.sent && !only_reads(path) {
                    break;
                }
            }
            Err(_) => {
                answer = Answer::made(504, format!("{} {version} did not answer in time\n", router.place));
                break;
            }
        }
    }
    watched.into_iter().for_each(|watched| watched.end(&answer));
    answer
}

async fn forward(onward: &Onward, port: u16, path: &str) -> Result<Answer, Lost> {
    let kept = onward.borrow_mut().remove(&port).filter(Link::usable);
    if let Some(mut link) = kept {
        match link.ask(path).await {
            Err(lost) if !lost.sent => {}
            answered => return answered.inspect(|_| drop(onward.borrow_mut().insert(port, link))),
        }
    }
    let mut link = Link::open(port).await.map_err(|why| Lost { sent: false, why })?;
    link.ask(path).await.inspect(|_| drop(onward.borrow_mut().insert(port, link)))
}
