//! The workspace's own files as a backend: nothing to watch, nothing to ask for.
//!
//! It exists so that every declared name is a backend. What changes in the
//! files is told by [`changes`], after which the runtime reads them anew.

use super::{Backend, Done, Fault, Manifest, Sink, Topic, cannot};
use crate::domain::journal_id::Key;
use crate::domain::name::BackendName;
use crate::domain::observed::Observation;
use crate::domain::operation::Operation;
use crate::domain::report::{Found, Preview};
use crate::domain::span::Span;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt, ready};
use futures_util::stream::{self, BoxStream, once};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Folders of the workspace whose `*.toml` and `*.ics` are read.
const FOLDERS: [&str; 3] = ["", "calendar", "runbooks"];
/// The most files that are looked at in one folder.
const MOST: usize = 10_000;

/// The backend that does nothing.
pub struct FilesBackend {
    manifest: Manifest,
}

impl FilesBackend {
    /// A backend of that name.
    pub fn new(name: BackendName, every: Span) -> Self {
        let manifest = Manifest { name, topics: Vec::new(), verbs: BTreeMap::new(), probes: false, every };
        Self { manifest }
    }
}

impl Backend for FilesBackend {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn watch(&self, topic: Topic) -> BoxStream<'static, Result<Observation, Fault>> {
        once(ready(Err(cannot(&self.manifest.name, topic.word())))).boxed()
    }

    fn preview(&self, operation: &Operation) -> BoxFuture<'static, Result<Preview, Fault>> {
        ready(Err(cannot(&self.manifest.name, operation.verb.word()))).boxed()
    }

    fn perform(&self, operation: Operation, _key: Key, _out: Sink) -> BoxFuture<'static, Result<Done, Fault>> {
        ready(Err(cannot(&self.manifest.name, operation.verb.word()))).boxed()
    }

    fn probe(&self, operation: &Operation, _key: Key) -> BoxFuture<'static, Result<Found, Fault>> {
        ready(Err(cannot(&self.manifest.name, operation.verb.word()))).boxed()
    }
}

/// What tells one state of a file from another: when it was written, its size, which file it is.
type Mark = (i64, i64, u64, u64);
type Look = BTreeMap<PathBuf, Mark>;

/// Files of the workspace that came, went or changed, as paths below `root`.
/// Looks every `every` and tells once two looks in a row agree, so that a file
/// that is being written is not read half.
pub fn changes(root: PathBuf, every: Span) -> BoxStream<'static, Vec<PathBuf>> {
    stream::unfold((root, None::<Look>), move |(root, known)| async move {
        let known = match known {
            Some(known) => known,
            None => look(root.clone()).await,
        };
        let mut last = known.clone();
        loop {
            tokio::time::sleep(every.std()).await;
            let now = look(root.clone()).await;
            if now == last && now != known {
                return Some((differing(&known, &now), (root, Some(now))));
            }
            last = now;
        }
    })
    .boxed()
}

/// Looks from a thread that may wait: the workspace may lie on a network.
async fn look(root: PathBuf) -> Look {
    tokio::task::spawn_blocking(move || FOLDERS.iter().flat_map(|folder| files(&root, folder)).collect())
        .await
        .unwrap_or_default()
}

fn files(root: &Path, folder: &str) -> Vec<(PathBuf, Mark)> {
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return Vec::new() };
    let names = entries.flatten().take(MOST).map(|entry| Path::new(folder).join(entry.file_name()));
    let read = names.filter(|name| name.extension().is_some_and(|extension| extension == "toml" || extension == "ics"));
    read.filter_map(|name| fs::metadata(root.join(&name)).ok().map(|meta| (name, mark(&meta)))).collect()
}

fn mark(meta: &fs::Metadata) -> Mark {
    (meta.mtime(), meta.mtime_nsec(), meta.len(), meta.ino())
}

fn differing(before: &Look, now: &Look) -> Vec<PathBuf> {
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    let other = now.iter().filter(|(path, mark)| before.get(*path) != Some(mark)).map(|(path, _)| path);
    gone.chain(other).cloned().collect()
}
