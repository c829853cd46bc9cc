//! The instances: started, asked whether they are well, drained and stopped,
//! until what runs is what is wanted. Tells the routers by `live.json`.

use super::child::{Child, Program};
use crate::demo::applied::Applied;
use crate::demo::failure::Failure;
use crate::demo::files::{self, Mark};
use crate::demo::layout::Layout;
use crate::demo::link::Link;
use crate::demo::live::{Instance, Live, Stage};
use crate::demo::network;
use crate::demo::place::Place;
use crate::demo::rollout::{self, Move};
use crate::demo::versions;
use crate::demo::wanted::Wanted;
use crate::demo::{belonging, blip};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long a new instance needs to warm up.
const WARM_UP: Duration = Duration::from_millis(500);
/// The same for those that the estate begins with, whom nobody waits for.
const FIRST_WARM_UP: Duration = Duration::from_millis(100);
/// How long an instance may finish what it has, once its router sends it no more.
const DRAIN: Duration = Duration::from_millis(1500);
/// How long a router that says nothing is waited for.
const DEAF: Duration = Duration::from_secs(10);
/// How long a look at an instance's health may take.
const HEALTH: Duration = Duration::from_millis(200);

/// All instances.
pub struct Fleet {
    layout: Layout,
    program: Program,
    members: Vec<Member>,
    deaths: BTreeMap<Place, u32>,
    /// What runs, as it was told last.
    live: Live,
    /// What is wanted at each place, with the state of the file that says so.
    wanted: BTreeMap<Place, (Option<Mark>, Wanted)>,
}

struct Member {
    child: Child,
    seen: Instance,
    draining: Option<Draining>,
}

/// An instance on its way out.
struct Draining {
    since: Instant,
    /// Since when its router is known to send it nothing.
    idle: Option<Instant>,
}

impl Draining {
    fn over(&self) -> bool {
        self.idle.is_some_and(|idle| idle.elapsed() >= DRAIN) || self.since.elapsed() >= DEAF
    }
}

impl Fleet {
    /// No instances yet.
    pub fn new(layout: Layout, program: Program) -> Self {
        Self {
            layout,
            program,
            members: Vec::new(),
            deaths: BTreeMap::new(),
            live: Live::default(),
            wanted: BTreeMap::new(),
        }
    }

    /// Looks once at everything and does what is to be done next.
    pub async fn look(&mut self) -> Result<(), Failure> {
        self.bury();
        for place in Place::all() {
            let Some(wanted) = self.wanted(&place) else { continue };
            let here: Vec<&Instance> = self.members.iter().map(|m| &m.seen).filter(|i| i.place == place).collect();
            let first = here.is_empty() && wanted.generation == 1;
            for step in rollout::next(&wanted, &here) {
                match step {
                    Move::Start(version) => self.start(&place, version, if first { FIRST_WARM_UP } else { WARM_UP })?,
                    Move::Drain(pid) => self.drain(pid),
                }
            }
        }
        self.ask_health().await;
        self.let_go();
        self.go_on();
        self.tell()
    }

    /// Whether every place has all that is wanted, and its router knows.
    pub fn whole(&self) -> bool {
        Place::all().iter().all(|place| {
            let Some((_, wanted)) = self.wanted.get(place) else { return false };
            let ready = |version: &&str| self.live.ready(place, version) >= versions::WANTED;
            wanted.versions().iter().all(ready) && self.router_knows(place)
        })
    }

    /// What is wanted at a place; a file that cannot be read now is read at the next look.
    fn wanted(&mut self, place: &Place) -> Option<Wanted> {
        let now = files::mark(&self.layout.wanted(place));
        if self.wanted.get(place).is_none_or(|(mark, _)| *mark != now) {
            let wanted = Wanted::load(&self.layout, place).ok()?;
            self.wanted.insert(place.clone(), (now, wanted));
        }
        self.wanted.get(place).map(|(_, wanted)| wanted.clone())
    }

    /// Whether the router of a place goes by what was told last.
    fn router_knows(&self, place: &Place) -> bool {
        Applied::load(&self.layout, place).revision >= self.live.revision
    }

    fn start(&mut self, place: &Place, version: String, warm_up: Duration) -> Result<(), Failure> {
        let listener = network::listener()?;
        let port = network::port(&listener)?;
        let arguments = [
            ("--place", place.to_string()),
            ("--version", version.clone()),
            ("--warm-up-ms", warm_up.as_millis().to_string()),
        ];
        let arguments: Vec<String> = arguments.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect();
        let child = self.program.start("instance", &arguments, Stdio::from(OwnedFd::from(listener)))?;
        let seen = Instance { place: place.clone(), version, pid: child.pid(), port, stage: Stage::Starting };
        self.members.push(Member { child, seen, draining: None });
        Ok(())
    }

    fn drain(&mut self, pid: u32) {
        for member in self.members.iter_mut().filter(|member| member.seen.pid == pid) {
            member.seen.stage = Stage::Draining;
            member.draining = Some(Draining { since: Instant::now(), idle: None });
        }
    }

    /// Takes out the dead, and counts those that nobody had stopped.
    fn bury(&mut self) {
        let deaths = &mut self.deaths;
        self.members.retain_mut(|member| {
            let ended = member.child.end().is_some();
            if ended && member.draining.is_none() {
                *deaths.entry(member.seen.place.clone()).or_default() += 1;
            }
            !ended
        });
    }

    async fn ask_health(&mut self) {
        for member in self.members.iter_mut().filter(|member| member.seen.stage == Stage::Starting) {
            let asked = async { Link::open(member.seen.port).await?.get("/healthz").await };
            if let Ok(Ok(answer)) = timeout(HEALTH, asked).await
                && answer.status == 200
            {
                member.seen.stage = Stage::Ready;
            }
        }
    }

    /// Ends those that have finished what they had.
    fn let_go(&mut self) {
        let told = |i: &Instance| self.live.instances.contains(i);
        let known: Vec<u32> = self
            .members
            .iter()
            .filter(|m| m.draining.as_ref().is_some_and(|d| d.idle.is_none()))
            .filter(|m| told(&m.seen) && self.router_knows(&m.seen.place))
            .map(|m| m.seen.pid)
            .collect();
        for member in self.members.iter_mut().filter(|m| known.contains(&m.seen.pid)) {
            member.draining.iter_mut().for_each(|draining| draining.idle = Some(Instant::now()));
        }
        self.members.retain(|member| member.draining.as_ref().is_none_or(|draining| !draining.over()));
    }

    /// Makes those go on whose blip is over.
    fn go_on(&self) {
        for place in blip::over(&self.layout) {
            for member in self.members.iter().filter(|member| member.seen.place == place) {
                belonging::signal(member.seen.pid, Signal::CONT);
            }
            blip::end(&self.layout, &place);
        }
    }

    fn tell(&mut self) -> Result<(), Failure> {
        let instances: Vec<Instance> = self.members.iter().map(|member| member.seen.clone()).collect();
        let now = Live { revision: self.live.revision, instances, deaths: self.deaths.clone() };
        if now != self.live || now.revision == 0 {
            let now = Live { revision: now.revision + 1, ..now };
            files::write(&self.layout.live(), &now)?;
            self.live = now;
        }
        Ok(())
    }
}
