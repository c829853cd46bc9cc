//! What one context holds and what becomes of it: objects as texts, and a log of changes.

use super::object::{self, PODS, SETS};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// How many changes are remembered; whoever asks for older ones has to begin anew.
const KEPT: usize = 20_000;

/// How the server behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// As it should.
    Live,
    /// Connections stay open, and nothing comes.
    Hang,
    /// Connections are cut, and new ones too.
    Dead,
    /// Changes as fast as they are taken.
    Flood,
    /// What it says is no JSON.
    Garbage,
    /// One moment it lives, the next it is dead; each its own.
    Flap,
}

/// One change: of which resource, and the line of the watch.
pub struct Change {
    pub version: u64,
    pub resource: &'static str,
    pub line: Arc<str>,
}

/// Everything of one context.
pub struct Feed {
    pub mode: Mode,
    /// Whether it is down just now, when it flaps.
    pub down: bool,
    pub version: u64,
    pub log: VecDeque<Change>,
    deployments: Vec<String>,
    sets: Vec<String>,
    pods: Vec<String>,
    turn: u64,
    /// Lines of floods by deployment, pod and whether that is ready: making one costs more than sending it.
    floods: HashMap<(usize, usize, bool), Arc<str>>,
}

impl Feed {
    /// So many deployments with their sets and pods.
    pub fn new(deployments: usize) -> Self {
        let sets = (0..deployments).flat_map(|n| (1..=SETS).map(move |set| object::set(n, set, 1)));
        let pods = (0..deployments).flat_map(|n| (0..PODS).map(move |pod| object::pod(n, pod, 1, true)));
        Self {
            mode: Mode::Live,
            down: false,
            version: 1,
            log: VecDeque::new(),
            deployments: (0..deployments).map(|n| object::deployment(n, 1, PODS)).collect(),
            sets: sets.collect(),
            pods: pods.collect(),
            turn: 0,
            floods: HashMap::new(),
        }
    }

    /// Whether nobody is answered.
    pub fn dead(&self) -> bool {
        self.mode == Mode::Dead || self.mode == Mode::Flap && self.down
    }

    /// All objects of a resource, in the order of their names.
    pub fn all(&self, resource: &str) -> &[String] {
        match resource {
            "deployments" => &self.deployments,
            "replicasets" => &self.sets,
            "pods" => &self.pods,
            _ => &[],
        }
    }

    /// One change more. Of ten six show nowhere, two take a pod out of service or bring it
    /// back, and two say so of its deployment.
    pub fn change(&mut self) {
        self.version += 1;
        self.turn += 1;
        let at = usize::try_from(self.turn / 10).unwrap() * 7 % self.deployments.len();
        let ready = self.turn / 10 / u64::try_from(self.deployments.len()).unwrap() % 2 == 1;
        let (resource, object) = match self.turn % 10 {
            0 | 1 => {
                let pod = usize::try_from(self.turn % 10).unwrap();
                let object = object::pod(at, pod, self.version, ready);
                self.pods[at * PODS + pod] = object.clone();
                ("pods", object)
            }
            n @ (2 | 3) => {
                let less = usize::try_from(n).unwrap() - 1;
                let object = object::deployment(at, self.version, if ready { PODS - 2 + less } else { PODS - less });
                self.deployments[at] = object.clone();
                ("deployments", object)
            }
            n => {
                let pod = usize::try_from(n).unwrap();
                let object = object::pod(at, pod, self.version, true);
                self.pods[at * PODS + pod] = object.clone();
                ("pods", object)
            }
        };
        let line = format!("{{\"type\":\"MODIFIED\",\"object\":{object}}}\n").into();
        self.log.push_back(Change { version: self.version, resource, line });
        if self.log.len() > KEPT {
            self.log.pop_front();
        }
    }

    /// A line of a flood: a pod that is ready now, and now is not; nothing is remembered of it.
    pub fn flood(&mut self) -> Arc<str> {
        self.turn += 1;
        let (turn, version) = (usize::try_from(self.turn).unwrap(), self.version);
        let (at, pod, ready) = (turn % self.deployments.len(), turn % PODS, turn / 7 % 2 == 0);
        let line = || {
            let object = object::pod(at, pod, version, ready);
            format!("{{\"type\":\"MODIFIED\",\"object\":{object}}}\n").into()
        };
        Arc::clone(self.floods.entry((at, pod, ready)).or_insert_with(line))
    }

    /// The lines that follow a version; none when it is forgotten.
    pub fn since(&self, version: u64, resource: &str) -> Option<Vec<Arc<str>>> {
        if self.log.front().is_some_and(|first| first.version > version + 1) {
            return None;
        }
        let from = self.log.partition_point(|change| change.version <= version);
        Some(self.log.range(from..).filter(|c| c.resource == resource).map(|c| Arc::clone(&c.line)).collect())
    }
}
