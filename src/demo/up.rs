//! Bringing an estate up and taking it down again.
//!
//! With us: the supervisor holds the other end of a pipe of ours, so that the
//! estate ends when this process does, whatever ends it. Detached: it stays
//! until `down`. Nothing is left behind either way.

use super::failure::Failure;
use super::flags::Flags;
use super::layout::Layout;
use super::live::Ports;
use super::monitors::Monitors;
use super::rules::{self, Rule};
use super::{VERB, belonging, files, workspace};
use crate::domain::waiting::Waiting;
use rustix::process::Signal;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long the estate may take to come up.
const UP: Duration = Duration::from_secs(20);
/// How long it may take to go down before it is killed.
const DOWN: Duration = Duration::from_secs(5);
/// How often it is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(15);

/// When an estate ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// With the process that brought it up, whatever ends that.
    #[default]
    WithUs,
    /// When it is told to, by [`down`].
    Detached,
}

/// How an estate is brought up.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The holdpoint program; the one that is running when none.
    pub program: Option<PathBuf>,
    /// Soaks of 8 s in place of 20 s, and the rest as quick.
    pub fast: bool,
    /// The day of the incident: a short train that nobody slows down.
    pub incident: bool,
    /// When it ends.
    pub ending: Ending,
    /// Whether its directory goes with it.
    pub remove: bool,
    /// Without the blip and the silence that the tour has of itself.
    pub calm: bool,
    /// What else the director does: scripted colleagues.
    pub rules: Vec<Rule>,
    /// The Prometheus that the signals come from, and its Alertmanager; the routers' own pages when none.
    pub monitors: Option<Monitors>,
}

/// An estate that is up. Dropping one that ends with us takes it down.
#[derive(Debug)]
pub struct Estate {
    layout: Layout,
    supervisor: Option<Child>,
    remove: bool,
}

/// Brings an estate up in a directory that is new, empty, or had one before, and
/// writes its workspace there. It is ready when this returns.
pub fn up(dir: &Path, options: &Options) -> Result<Estate, Failure> {
    // What was there before stays, and so does the log in it.
    let ours = fs::read_dir(dir).map_or(true, |mut inside| inside.next().is_none());
    let layout = prepared(dir)?;
    begun(&layout, options, ours).inspect_err(|_| {
        if ours {
            let _ = fs::remove_dir_all(layout.dir());
        }
    })
}

/// A failure with where the supervisor's log is kept: beside the directory, if that goes.
fn with_log(failure: Failure, layout: &Layout, goes: bool) -> Failure {
    let log = layout.log("supervisor");
    let said = fs::read(&log).unwrap_or_default();
    let beside = PathBuf::from(format!("{}.log", layout.dir().display()));
    let see = match goes {
        _ if said.is_empty() => return failure,
        false => format!("see {}", log.display()),
        true => match fs::write(&beside, &said) {
            Ok(()) => format!("see {}", beside.display()),
            Err(error) => format!("its log cannot be kept in {}: {error}", beside.display()),
        },
    };
    Failure { words: format!("{failure}; {see}"), ..failure }
}

fn begun(layout: &Layout, options: &Options, ours: bool) -> Result<Estate, Failure> {
    let mut rules = if options.calm { Vec::new() } else { rules::own(options.fast) };
    rules.extend(options.rules.iter().cloned());
    files::write(&layout.rules(), &rules)?;
    let program = match &options.program {
        Some(program) => program.clone(),
        None => std::env::current_exe().map_err(Failure::io("cannot tell which program this is"))?,
    };
    let supervisor = start(layout, &program, options)?;
    let mut estate = Estate { layout: layout.clone(), supervisor: Some(supervisor), remove: false };
    let up = estate.wait_until_up();
    let up = up.and_then(|()| workspace::write(layout, &program, &Ports::load(layout)?, options.day()));
    if let Err(failure) = up {
        // The supervisor may remove the directory when it ends, and the log with it.
        let failure = with_log(failure, layout, ours);
        estate.end();
        return Err(failure);
    }
    estate.remove = options.remove;
    if options.ending == Ending::Detached {
        estate.supervisor = None;
    }
    Ok(estate)
}

/// Takes the estate in a directory down and waits until all of it is gone; one
/// that is down already is no error. The workspace stays.
pub fn down(dir: &Path) -> Result<(), Failure> {
    let Ok(dir) = dir.canonicalize() else { return Ok(()) };
    let layout = Layout::new(dir);
    let (begun, mut waiting) = (Instant::now(), Waiting::default());
    let mut signal = Signal::TERM;
    loop {
        let left = belonging::of_estate(layout.dir());
        if left.is_empty() && !files::locked(&layout.lock()) {
            let _ = fs::remove_file(layout.lock());
            return Ok(());
        }
        let supervisor = fs::read_to_string(layout.lock()).ok().and_then(|text| text.trim().parse::<u32>().ok());
        match supervisor.filter(|pid| left.contains(pid)) {
            Some(pid) => belonging::signal(pid, signal),
            // Without a supervisor there is nobody to ask: what is left is ended by hand.
            None => left.iter().for_each(|pid| belonging::signal(*pid, Signal::KILL)),
        }
        let passed = waiting.passed(begun.elapsed());
        if passed > DOWN {
            signal = Signal::KILL;
        }
        if passed > DOWN * 2 {
            return Err(Failure::broken(format!("still running: {left:?}; end them by hand")));
        }
        sleep(LOOK);
    }
}

/// The hidden `up --dir DIR [--fast] [--attached] [--remove] [--monitored]`: attached, it waits
/// for the end of its own standard input.
pub fn from_flags(flags: &Flags) -> Result<(), Failure> {
    let ending = if flags.has("attached") { Ending::WithUs } else { Ending::Detached };
    let monitors = flags.has("monitored").then(Monitors::installed).transpose()?;
    let (fast, remove) = (flags.has("fast"), flags.has("remove"));
    let options = Options { fast, remove, ending, monitors, ..Options::default() };
    let estate = up(&flags.dir()?, &options)?;
    println!("{}", estate.dir().display());
    if ending == Ending::WithUs {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
    }
    drop(estate);
    Ok(())
}

impl Options {
    fn day(&self) -> workspace::Day {
        match (self.incident, self.fast) {
            (true, _) => workspace::Day::Incident,
            (_, true) => workspace::Day::Quick,
            _ => workspace::Day::Tour,
        }
    }
}

impl Estate {
    /// Its directory, which is the workspace too.
    pub fn dir(&self) -> &Path {
        self.layout.dir()
    }

    /// Where its files are.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Takes it down and waits until all of it is gone.
    pub fn down(mut self) -> Result<(), Failure> {
        self.end();
        down(self.layout.dir())
    }

    fn end(&mut self) {
        let Some(mut supervisor) = self.supervisor.take() else { return };
        drop(supervisor.stdin.take());
        let begun = Instant::now();
        while matches!(supervisor.try_wait(), Ok(None)) && begun.elapsed() < DOWN {
            sleep(LOOK);
        }
        let _ = supervisor.kill();
        let _ = supervisor.wait();
        if self.remove {
            // The supervisor has done so, unless it was killed.
            let _ = fs::remove_dir_all(self.layout.dir());
        }
    }

    fn wait_until_up(&mut self) -> Result<(), Failure> {
        let (begun, mut waiting) = (Instant::now(), Waiting::default());
        while !self.layout.up().is_file() {
            let ended = self.supervisor.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if ended.is_some() || waiting.passed(begun.elapsed()) > UP {
                let said = fs::read_to_string(self.layout.log("supervisor")).unwrap_or_default();
                let why = said.lines().last().unwrap_or("it said nothing").to_owned();
                return Err(Failure::broken(format!("the estate did not come up: {why}")));
            }
            sleep(LOOK);
        }
        Ok(())
    }
}

impl Drop for Estate {
    fn drop(&mut self) {
        self.end();
    }
}

fn start(layout: &Layout, program: &Path, options: &Options) -> Result<Child, Failure> {
    let attempt = "cannot start the estate's supervisor";
    let log = File::options().create(true).append(true).open(layout.log("supervisor")).map_err(Failure::io(attempt))?;
    let mut command = Command::new(program);
    command.args([VERB, "supervise", "--owned-by"]).arg(layout.dir()).stdout(Stdio::null()).stderr(log);
    match options.ending {
        Ending::WithUs => command.arg("--attached").stdin(Stdio::piped()),
        Ending::Detached => command.stdin(Stdio::null()),
    };
    if options.remove {
        command.arg("--remove");
    }
    if let Some(Monitors { prometheus, alertmanager }) = &options.monitors {
        command.arg("--prometheus").arg(prometheus);
        if let Some(path) = alertmanager {
            command.arg("--alertmanager").arg(path);
        }
    }
    command.current_dir(layout.dir()).spawn().map_err(Failure::io(attempt))
}

/// Makes the directory and what must be in it, without an earlier estate's remains.
fn prepared(dir: &Path) -> Result<Layout, Failure> {
    let attempt = format!("cannot make an estate in {}", dir.display());
    fs::create_dir_all(dir).map_err(Failure::io(&attempt))?;
    let layout = Layout::new(dir.canonicalize().map_err(Failure::io(&attempt))?);
    if files::locked(&layout.lock()) {
        return Err(Failure::refused(format!(
            "the estate in {} is up already; use it, or `holdpoint demo down` first",
            dir.display()
        )));
    }
    let empty = fs::read_dir(layout.dir()).map_err(Failure::io(&attempt))?.next().is_none();
    if !empty && !layout.own().is_dir() {
        return Err(Failure::refused(format!("{attempt}: there is something else in it; name a new directory")));
    }
    // The journal goes too: it tells of an estate that is no more, and its workspace gets a new identity.
    for old in ["data", "evidence", "state"].map(|name| layout.dir().join(name)).into_iter().chain([layout.own()]) {
        let _ = fs::remove_dir_all(old);
    }
    let _ = fs::remove_file(layout.operations());
    layout.directories().iter().try_for_each(fs::create_dir_all).map_err(Failure::io(&attempt))?;
    Ok(layout)
}
