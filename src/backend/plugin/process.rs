//! Starting a plugin: which file, with which environment, in which directory.
//!
//! It has no terminal, no shell, none of our environment but what is named, and a directory of
//! its own that goes when it does. What it says is `connection`.

use super::super::child::{Companion, Wanted};
use super::super::launcher::Launcher;
use super::super::secret::SecretSource;
use super::trust;
use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Duration;

/// The variable with the cookie.
pub const COOKIE: &str = "HOLDPOINT_COOKIE";
/// Variables of proxies that every plugin may see.
const PROXIES: [&str; 8] =
    ["http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"];

/// How a plugin is started.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The name that it is declared by.
    pub name: String,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// What it is told of its own, a JSON object.
    pub config: serde_json::Map<String, serde_json::Value>,
    /// Further variables that it may see.
    pub pass_env: Vec<String>,
    /// Secrets that it may ask for, by name.
    pub secrets: BTreeMap<String, Arc<SecretSource>>,
    /// The workspace.
    pub root: PathBuf,
    /// What it is started through.
    pub launcher: Launcher,
    /// How many bytes of addresses it may have.
    pub memory: u64,
    /// Whether it must be pinned; not where a person names the program by hand.
    pub pinned: bool,
}

/// Why a plugin does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotOpen {
    /// It may not be started; nothing was.
    Untrusted(String),
    /// It could not be started, or did not greet as it should.
    Failed(String),
}

/// How the names of plugins' own directories begin.
const HOME: &str = "holdpoint-plugin-";
/// A directory younger than this may not be locked yet.
const YOUNG: Duration = Duration::from_secs(60);

/// A plugin's own directory, locked while it is one; removed when dropped.
#[derive(Debug)]
pub struct Home(PathBuf, #[expect(dead_code, reason = "held for its lock")] File);

impl Home {
    fn new() -> Result<Self, String> {
        static SWEPT: Once = Once::new();
        let all = std::env::temp_dir();
        SWEPT.call_once(|| sweep(&all, YOUNG));
        let path = all.join(format!("{HOME}{}", random()?));
        let made = std::fs::DirBuilder::new().mode(0o700).create(&path);
        let made = made.and_then(|()| locked(&path));
        Ok(Self(path.clone(), made.map_err(|e| format!("cannot make {}: {e}", path.display()))?))
    }
}

/// Removes directories of plugins whose holdpoint was killed: ours, unlocked, and no younger than `age`.
pub fn sweep(all: &Path, age: Duration) {
    let us = rustix::process::geteuid().as_raw();
    for entry in std::fs::read_dir(all).into_iter().flatten().flatten() {
        let named = entry.file_name().to_str().is_some_and(|name| name.starts_with(HOME));
        let left = |meta: Metadata| {
            meta.is_dir()
                && meta.uid() == us
                && meta.modified().is_ok_and(|at| at.elapsed().is_ok_and(|old| old >= age))
        };
        if named && entry.metadata().is_ok_and(left) && locked(&entry.path()).is_ok() {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// A directory, locked for as long as it is held.
fn locked(path: &Path) -> std::io::Result<File> {
    let file = File::open(path)?;
    file.try_lock()?;
    Ok(file)
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running plugin, its cookie and its directory.
pub struct Launched {
    /// The process.
    pub companion: Companion,
    /// What it must send back.
    pub cookie: String,
    /// Its directory.
    pub home: Home,
}

/// Starts the program if it may be started; without the cookie it is as if by hand.
pub async fn launch(launch: &Launch, told: bool) -> Result<Launched, NotOpen> {
    let program = launch.argv.first().map_or("", String::as_str);
    let file = match launch.pinned {
        true => trust::trusted(&launch.root, program).map_err(NotOpen::Untrusted)?.file,
        false => launch.root.join(program),
    };
    super::super::child::executable(&file).map_err(NotOpen::Untrusted)?;
    let home = Home::new().map_err(NotOpen::Failed)?;
    let cookie = random().map_err(NotOpen::Failed)?;
    let argv = std::iter::once(file.display().to_string()).chain(launch.argv.iter().skip(1).cloned());
    let wanted = Wanted {
        launcher: launch.launcher.clone(),
        root: home.0.clone(),
        argv: argv.collect(),
        pass_env: launch.pass_env.iter().cloned().chain(PROXIES.map(str::to_owned)).collect(),
        key: None,
        limit: Duration::MAX,
        memory: Some(launch.memory),
    };
    let variables = [(COOKIE, cookie.clone())];
    let companion = Companion::start(&wanted, if told { &variables } else { &[] }).await;
    let companion = companion.map_err(|e| NotOpen::Failed(e.to_string()))?;
    Ok(Launched { companion, cookie, home })
}

/// Thirty-two random hex digits.
fn random() -> Result<String, String> {
    let number = || getrandom::u64().map_err(|e| format!("no random number can be had: {e}"));
    Ok(format!("{:016x}{:016x}", number()?, number()?))
}
