//! Starting and ending a session: threads up, journal open, threads down.
//!
//! The journal is opened on the dispatcher's thread, so that a screen can paint
//! before it; every way a session ends goes through `close`.

use super::clock::now;
use super::dispatcher::Dispatcher;
use super::errand::Place;
use super::executor::Executor;
use super::input::{Answer, Input, Opened, Trouble, Update};
use super::keys::Keys;
use super::observer;
use super::recorder::Recorder;
use crate::backend::ending::{self, Ending};
use crate::backend::launcher::Launcher;
use crate::backend::registry;
use crate::domain::command::Command;
use crate::domain::entry::Entry;
use crate::domain::observed::Observed;
use crate::domain::person::Actor;
use crate::domain::session::{Origin, SessionId};
use crate::domain::workspace::Workspace;
use crate::journal::{self, Access, Genesis, Journal, JournalError, Liveness};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How many of the journal's last lines a skin starts with.
const RECENT: usize = 500;
/// How long the end of what backends keep running is waited for.
pub(super) const ENDING: Duration = Duration::from_secs(2);
/// How long that is waited for without a word.
const QUIET: Duration = Duration::from_millis(300);
/// How often one looks whether it has come.
const LOOK: Duration = Duration::from_millis(5);

/// What a session needs.
pub struct Setup {
    /// What people declared.
    pub workspace: Workspace,
    /// Where the state lies.
    pub state: PathBuf,
    /// Whether a Unix group shares it.
    pub access: Access,
    /// Who sits here.
    pub origin: Origin,
    /// Whether to watch them.
    pub observe: bool,
    /// Whether to watch the workspace's files.
    pub reload: bool,
}

/// A session that is open, or opening.
pub struct Runtime {
    inbox: Sender<Input>,
    dispatcher: Option<JoinHandle<Vec<String>>>,
    /// Of what backends keep running; none before they are open.
    endings: Arc<OnceLock<Vec<Ending>>>,
}

impl Runtime {
    /// Starts a session and returns at once; the journal is opened on the
    /// dispatcher's thread and `publish` is told when it is.
    pub fn start(setup: Setup, publish: impl Fn(Update) + Send + 'static) -> Self {
        let (inbox, taken) = mpsc::channel();
        let to_self = inbox.clone();
        let thread = std::thread::Builder::new().name("dispatcher".to_owned());
        let endings = Arc::<OnceLock<_>>::default();
        let kept = Arc::clone(&endings);
        let dispatcher = thread.spawn(move || run(setup, to_self, taken, Box::new(publish), &kept));
        Self { inbox, dispatcher: dispatcher.ok(), endings }
    }

    /// Where inputs go.
    pub fn inbox(&self) -> &Sender<Input> {
        &self.inbox
    }

    /// Gives a command; the answer comes when it is durable.
    pub fn ask(&self, command: Command) -> Receiver<Answer> {
        let (answer, heard) = mpsc::channel();
        let reply = Box::new(move |given| drop(answer.send(given)));
        let _ = self.inbox.send(Input::Command(Box::new(command), reply));
        heard
    }

    /// Gives a command and waits for its answer.
    pub fn command(&self, command: Command) -> Answer {
        let gone = || Answer::Unwritten("the session has ended".to_owned());
        self.ask(command).recv().unwrap_or_else(|_| gone())
    }

    /// Waits until nothing is in flight and everything that followed is written.
    pub fn idle(&self) {
        let (idle, heard) = mpsc::channel();
        let _ = self.inbox.send(Input::Idle(idle));
        let _ = heard.recv();
    }

    /// Ends the session, and says how. What comes back was to be undone and was not: words for people, to be
    /// told once the terminal is given back.
    pub fn close(self, how: &str) -> Vec<String> {
        self.leave(how, |_| {})
    }

    /// The same; where something is taken back first and that takes a while, `tell` is told so, once.
    pub fn leave(mut self, how: &str, tell: impl Fn(&str)) -> Vec<String> {
        let (done, heard) = mpsc::channel();
        let _ = self.inbox.send(Input::Close(how.to_owned(), done));
        let _ = heard.recv();
        let Some(thread) = self.dispatcher.take() else { return Vec::new() };
        let (began, mut told) = (Instant::now(), false);
        while !thread.is_finished() {
            let until = self.endings.get().filter(|_| !told && began.elapsed() >= QUIET);
            let until = until.map(|endings| ending::under_way(endings)).unwrap_or_default();
            if !until.is_empty() {
                let most = ending::TAKING_BACK.as_secs();
                tell(&format!("leaving; waiting at most {most} s until {}", until.join(", ")));
                told = true;
            }
            std::thread::sleep(LOOK);
        }
        thread.join().unwrap_or_default()
    }
}

fn run(
    setup: Setup,
    inbox: Sender<Input>,
    taken: Receiver<Input>,
    publish: Box<dyn Fn(Update) + Send>,
    kept: &OnceLock<Vec<Ending>>,
) -> Vec<String> {
    let Setup { workspace, state, access, origin, observe, reload } = setup;
    let errands = Place { root: state.clone(), access, anchor: workspace.anchor.clone() };
    let refuse = |why: &str| {
        refuse(why, &errands, &taken, &*publish);
        Vec::new()
    };
    let (journal, liveness, session, recent) = match open(&state, access, &workspace, &origin) {
        Ok(opened) => opened,
        Err(error) => return refuse(&error.to_string()),
    };
    let _ = crate::fault::at("runtime.opened");
    let (Ok((tasks, stop)), Ok((watches, unwatched))) = (tasks(), watches()) else {
        return refuse("cannot start the task threads");
    };
    let workspace = Arc::new(workspace);
    publish(Update::Opened(Box::new(Opened {
        ledger: journal.ledger().clone(),
        recent,
        workspace: workspace.clone(),
        session,
    })));
    let Ok(launcher) = Launcher::ourselves() else {
        return refuse("cannot tell which program this is, so no child can be started");
    };
    let backends = registry::open(&workspace, launcher);
    if observe {
        observer::start(&backends, &workspace, inbox.clone(), &watches);
    }
    if reload {
        watches.spawn(super::reload::watch(workspace.root.clone(), inbox.clone()));
    }
    let endings = registry::endings(&backends);
    let _ = kept.set(endings.clone());
    let output = journal.layout().root().join("output");
    let dispatcher = Dispatcher {
        actor: Actor { person: origin.person, proof: origin.proof, session },
        journal,
        opened: workspace.clone(),
        signals: workspace.signals.clone(),
        outdated: None,
        workspace,
        observed: Observed::default(),
        executor: Executor { backends, output, inbox, tasks },
        inbox: taken,
        publish,
        in_flight: BTreeSet::new(),
        leaves: BTreeMap::new(),
        unwritten: VecDeque::new(),
        idle: Vec::new(),
        looked: Instant::now(),
        signed: (0, Instant::now()),
        trouble: None,
        keys: Keys::default(),
        keys_trouble: None,
        recorder: observe.then(Recorder::default),
        samples_trouble: None,
        sealed: BTreeSet::new(),
        errands,
        asking: None,
        way_back: None,
    };
    dispatcher.run();
    // Children die with the task threads, the liveness file is released last.
    let _ = (unwatched.send(()), stop.send(()));
    ending::wait(&endings, ENDING);
    drop(liveness);
    ending::left_open(&endings)
}

type Begun = (Journal, Liveness, SessionId, Vec<Entry>);

fn open(state: &Path, access: Access, workspace: &Workspace, origin: &Origin) -> Result<Begun, JournalError> {
    let fresh = Genesis { workspace: workspace.id.clone(), by: origin.person.clone(), id: None };
    let mut journal = Journal::open(state, access, now(), fresh)?;
    let opened = journal.open_session(now, origin.clone())?;
    super::recover::at_start(&mut journal, &opened.by);
    let recent = journal::tail(state, RECENT)?;
    Ok((journal, opened.liveness, opened.by.session, recent))
}

/// Answers everything with the reason why there is no session, until nobody asks.
fn refuse(why: &str, errands: &Place, taken: &Receiver<Input>, publish: &(dyn Fn(Update) + Send)) {
    publish(Update::Trouble(Trouble::Journal, Some(why.to_owned())));
    while let Ok(input) = taken.recv() {
        match input {
            Input::Command(_, reply) => reply(Answer::Unwritten(why.to_owned())),
            // A journal that cannot be written can still be looked at.
            Input::Errand(errand, heard) => heard(errands.run(&errand)),
            Input::Idle(waiter) => {
                let _ = waiter.send(());
            }
            Input::Close(_, done) => {
                publish(Update::Closed);
                let _ = done.send(());
                return;
            }
            _ => {}
        }
    }
}

type Tasks = (tokio::runtime::Handle, tokio::sync::oneshot::Sender<()>);

/// A thread that carries what acts until it is told to stop. It lives as long
/// as the session, because children die with the thread that started them.
fn tasks() -> std::io::Result<Tasks> {
    thread("tasks")
}

/// The same for what only looks: a flood of what is seen keeps no operation waiting.
pub(super) fn watches() -> std::io::Result<Tasks> {
    thread("watches")
}

fn thread(name: &str) -> std::io::Result<Tasks> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _ = runtime.block_on(stopped);
        runtime.shutdown_timeout(Duration::from_millis(500));
    })?;
    Ok((handle, stop))
}
