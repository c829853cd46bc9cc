//! The supervisor: starts and owns every other process of the estate, makes what
//! runs become what is wanted, and takes everything down with it.
//!
//! One thread: children are bound to the life of the thread that starts them.
//! It decides nothing about versions; that is `wanted` and `rollout`.

mod child;
mod fleet;
mod watchers;

use super::failure::Failure;
use super::files;
use super::flags::Flags;
use super::layout::Layout;
use super::monitors::Monitors;
use super::network::Network;
use super::place::Place;
use super::serve;
use super::wanted::Wanted;
use child::{Child, Program};
use fleet::Fleet;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::signal::unix::{SignalKind, signal};
use watchers::Watchers;

/// How often it looks.
const LOOK: Duration = Duration::from_millis(100);

/// Runs the estate until it is told to end, or whoever holds our standard input is gone.
pub fn run(flags: &Flags) -> Result<(), Failure> {
    let layout = Layout::new(flags.dir()?);
    let _ = rustix::process::setsid();
    let _lock = sole(&layout)?;
    let (attached, remove) = (flags.has("attached"), flags.has("remove"));
    let path = |name: &str| flags.get(name).map(std::path::PathBuf::from);
    let monitors = path("prometheus").map(|prometheus| Monitors { prometheus, alertmanager: path("alertmanager") });
    let ended = serve::block_on(async {
        let work = Estate::begin(layout.clone(), monitors)?;
        tokio::select! {
            ended = work.keep() => ended,
            () = told() => Ok(()),
            () = left_alone(attached) => Ok(()),
        }
    });
    // Dropping the work has killed every child, and waited for it.
    let _ = std::fs::remove_file(layout.up());
    // Whoever waits for an estate that did not come up still wants its log.
    if remove && ended.is_ok() {
        let _ = std::fs::remove_dir_all(layout.dir());
    }
    ended
}

/// Takes the lock that only one supervisor of a directory can have, and leaves our number in it.
fn sole(layout: &Layout) -> Result<std::fs::File, Failure> {
    let path = layout.lock();
    if files::locked(&path) {
        return Err(Failure::refused(format!("the estate in {} is up already", layout.dir().display())));
    }
    let lock = files::lock(&path)?;
    std::fs::write(&path, std::process::id().to_string()).map_err(Failure::io("cannot write the process id"))?;
    Ok(lock)
}

/// Resolves when a signal asks us to end.
async fn told() {
    let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
    let mut signals = kinds.map(|kind| signal(kind).ok());
    let [terminate, interrupt, hangup] = &mut signals;
    let one = async |signal: &mut Option<tokio::signal::unix::Signal>| match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    };
    tokio::select! {
        () = one(terminate) => {}
        () = one(interrupt) => {}
        () = one(hangup) => {}
    }
}

/// Resolves when the other end of standard input is closed, by whatever end its holder came to.
async fn left_alone(attached: bool) {
    if !attached {
        return std::future::pending().await;
    }
    let input: Option<OwnedFd> = std::io::stdin().as_fd().try_clone_to_owned().ok();
    let Some(mut pipe) = input.and_then(|input| Receiver::from_owned_fd(input).ok()) else { return };
    while pipe.read_u8().await.is_ok() {}
}

/// Everything that the supervisor owns.
struct Estate {
    layout: Layout,
    network: Network,
    program: Program,
    /// Front door, routers, customers, director: started anew when they end.
    standing: Vec<(Kind, Child)>,
    fleet: Fleet,
    watchers: Watchers,
    announced: bool,
}

/// The kinds of process that always run.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Front,
    Router(Place),
    Traffic,
    Director,
}

impl Estate {
    fn begin(layout: Layout, monitors: Option<Monitors>) -> Result<Self, Failure> {
        let network = Network::open(monitors.as_ref())?;
        let ports = network.ports()?;
        files::write(&layout.ports(), &ports)?;
        for place in Place::all() {
            files::write(&layout.wanted(&place), &Wanted::at_first(&place.service))?;
        }
        let program = Program::of(&layout)?;
        let fleet = Fleet::new(layout.clone(), program.clone());
        let watchers = Watchers::begin(&layout, &program, monitors, &ports)?;
        let mut estate = Self { layout, network, program, standing: Vec::new(), fleet, watchers, announced: false };
        for kind in [Kind::Front].into_iter().chain(Place::all().into_iter().map(Kind::Router)) {
            estate.stand(kind)?;
        }
        Ok(estate)
    }

    async fn keep(mut self) -> Result<(), Failure> {
        loop {
            self.fleet.look().await?;
            self.watchers.look(self.announced).await?;
            if !self.announced && self.fleet.whole() && self.watchers.ready() {
                self.stand(Kind::Traffic)?;
                self.stand(Kind::Director)?;
                std::fs::write(self.layout.up(), "").map_err(Failure::io("cannot say that the estate is up"))?;
                self.announced = true;
            }
            let mut ended = Vec::new();
            self.standing.retain_mut(|(kind, child)| {
                let end = child.end();
                ended.extend(end.map(|well| (kind.clone(), well)));
                end.is_none()
            });
            // The director ends well when it has nothing left to do.
            for (kind, _) in ended.into_iter().filter(|end| *end != (Kind::Director, true)) {
                self.stand(kind)?;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn stand(&mut self, kind: Kind) -> Result<(), Failure> {
        let listener = |listener: &std::net::TcpListener| {
            listener.try_clone().map(|l| Stdio::from(OwnedFd::from(l))).map_err(Failure::io("cannot share a listener"))
        };
        let place = |place: &Place| ["--place".to_owned(), place.to_string()];
        let child = match &kind {
            Kind::Front => self.program.start("front", &[], listener(&self.network.front)?)?,
            Kind::Router(at) => {
                let own = self.network.routers.get(at).ok_or_else(|| Failure::broken(format!("no port for {at}")))?;
                self.program.start("router", &place(at), listener(own)?)?
            }
            Kind::Traffic => self.program.start("traffic", &[], Stdio::null())?,
            Kind::Director => self.program.start("director", &[], Stdio::null())?,
        };
        self.standing.push((kind, child));
        Ok(())
    }
}
