//! Where things lie in a state directory, and who may touch them.
//!
//! One person's directory is 0700 with files 0600. A directory shared by a Unix
//! group is 2770 with files 0660. One that others can write is refused: whoever
//! can write it can rewrite the past.

use super::error::{During, JournalError};
use crate::domain::journal_id::Key;
use crate::domain::name::RunId;
use crate::domain::session::SessionId;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Who may use a state directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// One Unix user: 0700 and 0600.
    Private,
    /// The directory's Unix group: 2770 and 0660.
    Shared,
}

impl Access {
    fn dir_mode(self) -> u32 {
        match self {
            Access::Private => 0o700,
            Access::Shared => 0o2770,
        }
    }
    fn file_mode(self) -> u32 {
        match self {
            Access::Private => 0o600,
            Access::Shared => 0o660,
        }
    }
}

/// The paths of a state directory.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
    access: Access,
}

impl Layout {
    /// The layout of the state directory `root`; nothing is touched yet.
    pub fn new(root: &Path, access: Access) -> Self {
        Self { root: root.to_owned(), access }
    }
    /// The state directory.
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// The directory of segments.
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal")
    }
    /// A segment: `journal/000001.jsonl`.
    pub fn segment(&self, number: u32) -> PathBuf {
        self.journal().join(format!("{number:06}.jsonl"))
    }
    /// A segment that is being made and has no name yet.
    pub fn unborn(&self) -> PathBuf {
        self.journal().join(".new")
    }
    /// The append lock.
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }
    /// The marker of a write that did not become durable.
    pub fn poisoned(&self) -> PathBuf {
        self.root.join("POISONED")
    }
    /// Number and digest of the last acknowledged line.
    pub fn tip(&self) -> PathBuf {
        self.root.join("tip")
    }
    /// Where torn last lines are kept.
    pub fn torn(&self) -> PathBuf {
        self.root.join(".torn")
    }
    /// The seed of the Ed25519 key that signs heads.
    pub fn key(&self) -> PathBuf {
        self.root.join("key")
    }
    /// The signed heads.
    pub fn heads(&self) -> PathBuf {
        self.root.join("heads.jsonl")
    }
    /// The liveness file of a session.
    pub fn alive(&self, session: SessionId) -> PathBuf {
        self.root.join("sessions").join(format!("{}.alive", session.0))
    }
    /// The navigation keys of a session.
    pub fn keys(&self, session: SessionId) -> PathBuf {
        self.root.join("keys").join(format!("{}.jsonl", session.0))
    }
    /// The samples of a run's signals.
    pub fn samples(&self, run: RunId) -> PathBuf {
        self.root.join("samples").join(format!("{run}.jsonl"))
    }
    /// Which programs backends were when they were last heard.
    pub fn programs(&self) -> PathBuf {
        self.root.join("programs.json")
    }
    /// The output of the commands of one operation.
    pub fn output(&self, key: &Key) -> PathBuf {
        self.root.join("output").join(format!("{key}.log"))
    }

    /// Makes the directories that are missing and refuses ones that others can write.
    pub fn prepare(&self) -> Result<(), JournalError> {
        let mut parents = DirBuilder::new();
        parents.recursive(true).mode(0o700);
        if let Some(parent) = self.root.parent() {
            parents.create(parent).during("make", parent)?;
        }
        self.make_dir(&self.root)?;
        self.check(&self.root)?;
        for name in ["journal", ".torn", "sessions", "keys", "output", "samples"] {
            self.make_dir(&self.root.join(name))?;
        }
        self.check(&self.journal())
    }

    /// Whether there is no journal. That it may not be looked for is an error, not a no.
    pub fn absent(&self) -> Result<bool, JournalError> {
        let dir = self.journal();
        Ok(!dir.try_exists().during("look for", &dir)?)
    }

    fn make_dir(&self, dir: &Path) -> Result<(), JournalError> {
        match DirBuilder::new().mode(self.access.dir_mode()).create(dir) {
            // The umask and, for the group bit, mkdir itself take bits away.
            Ok(()) => fs::set_permissions(dir, Permissions::from_mode(self.access.dir_mode())).during("protect", dir),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(e) => Err(e).during("make", dir),
        }
    }

    fn check(&self, dir: &Path) -> Result<(), JournalError> {
        let mode = fs::metadata(dir).during("look at", dir)?.permissions().mode() & 0o7777;
        let refused = |why| Err(JournalError::Exposed { path: dir.to_owned(), mode, why });
        match self.access {
            _ if mode & 0o002 != 0 => {
                refused("everyone can write it and so rewrite the journal; take that away with `chmod o-w`")
            }
            Access::Private if mode & 0o020 != 0 => refused(
                "its group can write it; use `chmod g-w`, or declare it shared with `[state] dir` in holdpoint.toml",
            ),
            _ => Ok(()),
        }
    }

    /// Opens a file to read and write, made with the right mode if it is missing.
    pub fn open_file(&self, path: &Path) -> Result<File, JournalError> {
        match self.create_new(path) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                OpenOptions::new().read(true).write(true).open(path).during("open", path)
            }
            made => made.during("create", path),
        }
    }

    /// Makes a file that must not exist, with the right mode, to read and write.
    pub fn create_new(&self, path: &Path) -> io::Result<File> {
        let mode = self.access.file_mode();
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(path)?;
        file.set_permissions(Permissions::from_mode(mode))?;
        Ok(file)
    }

    /// The numbers of the segments there are, in order.
    pub fn segments(&self) -> Result<Vec<u32>, JournalError> {
        let dir = self.journal();
        let mut numbers = Vec::new();
        for file in fs::read_dir(&dir).during("list", &dir)? {
            let name = file.during("list", &dir)?.file_name();
            let digits = name.to_str().and_then(|name| name.strip_suffix(".jsonl"));
            if let Some(number) = digits.filter(|d| d.len() >= 6).and_then(|d| d.parse().ok()) {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), JournalError> {
    File::open(dir).and_then(|d| d.sync_all()).during("sync", dir)
}
