//! The instances: started, asked whether they are well, drained and stopped,
//! until what runs is what is wanted. Tells the routers by `live.json`.

use super::child::{Child, Program};
use crate::demo::failure::Failure;
use crate::demo::files;
use crate::demo::layout::Layout;
use crate::demo::link::Link;
use crate::demo::live::{Instance, Live, Stage};
use crate::demo::network;
use crate::demo::place::Place;
use crate::demo::rollout::{self, Move};
use crate::demo::versions;
use crate::demo::wanted::Wanted;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long a new instance needs to warm up.
const WARM_UP: Duration = Duration::from_millis(700);
/// The same for those that the estate begins with, whom nobody waits for.
const FIRST_WARM_UP: Duration = Duration::from_millis(100);
/// How long an instance may finish what it has.
const DRAIN: Duration = Duration::from_millis(1500);
/// How long a look at an instance's health may take.
const HEALTH: Duration = Duration::from_millis(200);

/// All instances.
pub struct Fleet {
    layout: Layout,
    program: Program,
    members: Vec<Member>,
    live: Live,
    written: Option<Live>,
}

struct Member {
    child: Child,
    seen: Instance,
    draining: Option<Instant>,
}

impl Fleet {
    /// No instances yet.
    pub fn new(layout: Layout, program: Program) -> Self {
        Self { layout, program, members: Vec::new(), live: Live::default(), written: None }
    }

    /// Looks once at everything and does what is to be done next.
    pub async fn look(&mut self) -> Result<(), Failure> {
        self.bury();
        for place in Place::all() {
            // A file that is being replaced is read at the next look.
            let Ok(wanted) = Wanted::load(&self.layout, &place) else { continue };
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
        self.members.retain(|member| member.draining.is_none_or(|since| since.elapsed() < DRAIN));
        self.tell()
    }

    /// Whether every place has all that is wanted.
    pub fn whole(&self) -> Result<bool, Failure> {
        let whole = |place: &Place| {
            let wanted = Wanted::load(&self.layout, place)?;
            Ok(wanted.versions().iter().all(|version| self.live.ready(place, version) >= versions::WANTED))
        };
        Place::all().iter().try_fold(true, |all, place| Ok(all && whole(place)?))
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
            member.draining = Some(Instant::now());
        }
    }

    /// Takes out the dead, and counts those that nobody had stopped.
    fn bury(&mut self) {
        let deaths = &mut self.live.deaths;
        self.members.retain_mut(|member| {
            let ended = member.child.ended();
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

    fn tell(&mut self) -> Result<(), Failure> {
        self.live.instances = self.members.iter().map(|member| member.seen.clone()).collect();
        if self.written.as_ref() != Some(&self.live) {
            files::write(&self.layout.live(), &self.live)?;
            self.written = Some(self.live.clone());
        }
        Ok(())
    }
}
