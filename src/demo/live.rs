//! What runs: instances with their ports, as the supervisor knows them. It alone
//! writes this; routers and control read it.

use super::failure::Failure;
use super::files;
use super::layout::Layout;
use super::place::Place;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Not yet well.
    Starting,
    /// Well: may have traffic.
    Ready,
    /// On its way out: finishes what it has.
    Draining,
}

/// One instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its place.
    pub place: Place,
    /// Its version.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// Where it listens, on loopback.
    pub port: u16,
    /// How far it is.
    pub stage: Stage,
}

/// Everything that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Counts the changes, so that a router can say which one it knows.
    pub revision: u64,
    /// The instances.
    pub instances: Vec<Instance>,
    /// How often an instance of a place ended that nobody had stopped.
    pub deaths: BTreeMap<Place, u32>,
}

impl Live {
    /// What runs now.
    pub fn load(layout: &Layout) -> Result<Self, Failure> {
        files::read(&layout.live())
    }

    /// The instances of a place.
    pub fn at<'a>(&'a self, place: &'a Place) -> impl Iterator<Item = &'a Instance> {
        self.instances.iter().filter(move |instance| instance.place == *place)
    }

    /// How many instances of a version are well.
    pub fn ready(&self, place: &Place, version: &str) -> u32 {
        let well = self.at(place).filter(|i| i.version == version && i.stage == Stage::Ready).count();
        u32::try_from(well).unwrap_or(u32::MAX)
    }
}

/// Ports that stay the same for the estate's life.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// The front door: `/SERVICE/REGION/…` of every router.
    pub front: u16,
    /// The routers.
    pub routers: BTreeMap<Place, u16>,
    /// Prometheus, where there is one.
    #[serde(default)]
    pub prometheus: Option<u16>,
    /// Alertmanager, where there is one.
    #[serde(default)]
    pub alertmanager: Option<u16>,
}

impl Ports {
    /// The ports of the estate in a directory.
    pub fn load(layout: &Layout) -> Result<Self, Failure> {
        files::read(&layout.ports())
    }

    /// The port of a place's router.
    pub fn router(&self, place: &Place) -> Result<u16, Failure> {
        self.routers.get(place).copied().ok_or_else(|| Failure::refused(format!("there is no router of {place}")))
    }
}
