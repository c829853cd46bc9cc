//! Where the estate keeps what: one directory, so that whatever belongs to it
//! can be found, and removed, by its name alone. Paths only; nothing is opened.

use super::place::Place;
use std::path::{Path, PathBuf};

/// The directory of an estate; the workspace lies at its top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    dir: PathBuf,
}

impl Layout {
    /// The layout below a directory.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The directory itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the estate keeps for itself.
    pub fn own(&self) -> PathBuf {
        self.dir.join("estate")
    }

    /// Locked by the supervisor for as long as it lives; holds its process id.
    pub fn lock(&self) -> PathBuf {
        self.own().join("supervisor.pid")
    }

    /// There once everything serves.
    pub fn up(&self) -> PathBuf {
        self.own().join("up")
    }

    /// Ports that stay the same for the estate's life.
    pub fn ports(&self) -> PathBuf {
        self.own().join("ports.json")
    }

    /// What is wanted at a place: control's word to the supervisor and the router.
    pub fn wanted(&self, place: &Place) -> PathBuf {
        self.own().join("wanted").join(format!("{place}.json"))
    }

    /// What a router goes by: its word to the supervisor and to control.
    pub fn applied(&self, place: &Place) -> PathBuf {
        self.own().join("applied").join(place.to_string())
    }

    /// Until when the router of a place gives no metrics.
    pub fn silence(&self, place: &Place) -> PathBuf {
        self.own().join("silence").join(place.to_string())
    }

    /// Until when the instances of a place stand still.
    pub fn blip(&self, place: &Place) -> PathBuf {
        self.own().join("blip").join(place.to_string())
    }

    /// Instances with their ports, as the supervisor knows them.
    pub fn live(&self) -> PathBuf {
        self.own().join("live.json")
    }

    /// Conditions and acts of the director.
    pub fn rules(&self) -> PathBuf {
        self.own().join("rules.json")
    }

    /// How far the director has come with them.
    pub fn directed(&self) -> PathBuf {
        self.own().join("directed.json")
    }

    /// What a process of the estate says on standard error.
    pub fn log(&self, name: &str) -> PathBuf {
        self.own().join("log").join(format!("{name}.log"))
    }

    /// The files of a monitor, and what it keeps.
    pub fn monitor(&self, name: &str) -> PathBuf {
        self.own().join(name)
    }

    /// Every operation's start and end.
    pub fn operations(&self) -> PathBuf {
        self.dir.join("ops.jsonl")
    }

    /// The data of a region, shared by its services.
    pub fn data(&self, region: &str) -> PathBuf {
        self.dir.join("data").join(region)
    }

    /// What closing the day in a region found.
    pub fn closed(&self, region: &str) -> PathBuf {
        self.data(region).join("closed.json")
    }

    /// What snapshots keep under a key.
    pub fn evidence(&self, key: &str) -> PathBuf {
        let name: String = key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        self.dir.join("evidence").join(name)
    }

    /// Every directory that must exist before anything starts.
    pub fn directories(&self) -> Vec<PathBuf> {
        let own = ["wanted", "applied", "silence", "blip", "log"].map(|name| self.own().join(name));
        let data = super::place::REGIONS.map(|region| self.data(region));
        own.into_iter().chain(data).collect()
    }
}
