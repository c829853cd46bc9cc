//! Prometheus and Alertmanager as the supervisor keeps them: started, waited for, and
//! started anew when they end. One that does not come up at all ends the estate, with
//! what it said last.

use super::child::{Child, Program};
use crate::demo::failure::Failure;
use crate::demo::layout::Layout;
use crate::demo::link::Link;
use crate::demo::live::Ports;
use crate::demo::monitors::{Monitor, Monitors};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long after its start one that has ended is started again.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a look at whether one is ready may take.
const LOOK: Duration = Duration::from_millis(200);

/// All of them; none where the demo measures by itself.
pub struct Watchers {
    layout: Layout,
    program: Program,
    all: Vec<Watcher>,
}

struct Watcher {
    monitor: Monitor,
    path: PathBuf,
    port: u16,
    child: Child,
    started: Instant,
    ready: bool,
}

impl Watchers {
    /// Writes their files and starts them.
    pub fn begin(
        layout: &Layout,
        program: &Program,
        monitors: Option<Monitors>,
        ports: &Ports,
    ) -> Result<Self, Failure> {
        let mut watchers = Self { layout: layout.clone(), program: program.clone(), all: Vec::new() };
        let Some(Monitors { prometheus, alertmanager }) = monitors else { return Ok(watchers) };
        let wanted = [
            (Monitor::Alertmanager, alertmanager, ports.alertmanager),
            (Monitor::Prometheus, Some(prometheus), ports.prometheus),
        ];
        for (monitor, path, port) in wanted {
            let Some((path, port)) = path.zip(port) else { continue };
            monitor.write(layout, ports)?;
            let child = program.start_other(monitor.name(), &path, &monitor.arguments(layout, port))?;
            watchers.all.push(Watcher { monitor, path, port, child, started: Instant::now(), ready: false });
        }
        Ok(watchers)
    }

    /// Whether all of them serve.
    pub fn ready(&self) -> bool {
        self.all.iter().all(|watcher| watcher.ready)
    }

    /// Looks once after all of them.
    ///
    /// # Errors
    /// When one ends before the estate was `announced`: then it cannot run here.
    pub async fn look(&mut self, announced: bool) -> Result<(), Failure> {
        for watcher in &mut self.all {
            if watcher.child.end().is_some() {
                let name = watcher.monitor.name();
                if !announced {
                    let said = fs::read_to_string(self.layout.log(name)).unwrap_or_default();
                    let last = said.lines().last().unwrap_or("it said nothing");
                    return Err(Failure::broken(format!("{name} did not come up: {last}")));
                }
                if watcher.started.elapsed() >= AGAIN {
                    let arguments = watcher.monitor.arguments(&self.layout, watcher.port);
                    watcher.child = self.program.start_other(name, &watcher.path, &arguments)?;
                    watcher.started = Instant::now();
                }
            } else if !watcher.ready {
                let asked = async { Link::open(watcher.port).await?.get("/-/ready").await };
                watcher.ready = matches!(timeout(LOOK, asked).await, Ok(Ok(answer)) if answer.status == 200);
            }
        }
        Ok(())
    }
}
