//! Tests of `config`: good and bad workspaces, absurd files, calendars, docs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod absurd;
mod argocd;
mod bad;
mod calendar;
mod change;
mod derived;
mod docs;
mod example;
mod glance;
mod good;
mod ics;
mod ics_beside;
mod import;
mod kubernetes;
mod people;
mod plugin;
mod policy;
mod random;
mod silence;
mod unwatched;
mod written;

use holdpoint::config::{Loaded, Problems, load};
use holdpoint::domain::Timestamp;
use std::path::{Path, PathBuf};

/// The instant that all workspaces are read at.
fn now() -> Timestamp {
    at("2026-11-20T12:00:00Z")
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A workspace in a directory of its own.
struct Dir(tempfile::TempDir);

impl Dir {
    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The good workspace.
    fn good() -> Self {
        let dir = Self::empty();
        dir.copy(&here("tests/config/good"));
        dir
    }

    fn copy(&self, from: &Path) {
        copy(from, self.0.path());
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, file: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.path().join(file)).unwrap()
    }

    fn load(&self) -> Result<Loaded, Problems> {
        load(self.path(), now())
    }

    fn problems(&self) -> Problems {
        self.load().expect_err("the workspace has mistakes")
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
