//! The key log of a session, through the runtime as the screens use it.

use crate::ground;
use holdpoint::domain::command::Command;
use holdpoint::domain::hold::Scope;
use holdpoint::domain::session::SessionId;
use holdpoint::domain::workspace::{Purpose, Workspace};
use holdpoint::journal::{Access, Layout, entries, keylog, verify};
use holdpoint::runtime::input::{Answer, Brought, Errand, Input, Pressed, Sound, Trouble, Update};
use holdpoint::runtime::{Runtime, Setup};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use tempfile::TempDir;

const LONG: Duration = Duration::from_secs(90);

/// A session in a directory of its own.
struct Session {
    _dir: TempDir,
    state: PathBuf,
    runtime: Runtime,
    updates: Receiver<Update>,
}

impl Session {
    fn open(prepare: impl FnOnce(&PathBuf)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        prepare(&state);
        let setup = Setup {
            workspace: Workspace { purpose: Purpose::Rehearsal, ..ground::workspace(2, 2) },
            state: state.clone(),
            access: Access::Private,
            origin: ground::origin(),
            observe: false,
            reload: false,
        };
        let (publish, updates) = mpsc::channel();
        let runtime = Runtime::start(setup, move |update| drop(publish.send(update)));
        Self { _dir: dir, state, runtime, updates }
    }

    fn press(&self, key: &str) {
        let pressed = Pressed { at: ground::start(), key: key.to_owned(), on: "bridge".to_owned(), did: None };
        self.runtime.inbox().send(Input::Key(pressed)).unwrap();
    }

    /// Makes a decision about a place: a hold; its line.
    fn hold(&self, place: &str) -> u64 {
        let scope = Scope::Target("svc-000".into(), place.into());
        match self.runtime.command(Command::Hold(scope, "to see".to_owned(), None)) {
            Answer::Done(seq) => seq,
            other => panic!("{other:?}"),
        }
    }

    fn layout(&self) -> Layout {
        Layout::new(&self.state, Access::Private)
    }

    /// What the log holds, each key with the digest of its line.
    fn logged(&self) -> Vec<(String, holdpoint::domain::digest::Digest)> {
        let mut keys = Vec::new();
        keylog::read(&self.layout(), SessionId(2), |pressed, digest| keys.push((pressed.key, digest))).unwrap();
        keys
    }

    fn head_of(&self, seq: u64) -> Option<holdpoint::domain::digest::Digest> {
        entries(&self.state).unwrap().map(Result::unwrap).find(|e| e.seq == seq).unwrap().keys
    }

    /// Waits for what is said about the key log next.
    fn trouble(&self) -> Option<String> {
        loop {
            if let Update::Trouble(Trouble::Keys, why) = self.updates.recv_timeout(LONG).unwrap() {
                return why;
            }
        }
    }
}

#[test]
fn keys_are_in_the_file_in_order_and_each_decision_carries_its_head() {
    let session = Session::open(|_| {});
    // The first come before the journal is open.
    ["2", "j", "enter"].iter().for_each(|key| session.press(key));
    let first = session.hold("place-00");
    ["k", "H"].iter().for_each(|key| session.press(key));
    let second = session.hold("place-01");
    let logged = session.logged();
    assert_eq!(logged.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["2", "j", "enter", "k", "H"]);
    assert_eq!(session.head_of(first), Some(logged[2].1));
    assert_eq!(session.head_of(second), Some(logged[4].1));
    let noted = verify(&session.state, None).unwrap().notes.join("\n");
    assert!(!noted.contains("navigation"), "{noted}");
    // Whoever takes keys away afterwards is found out.
    let path = session.layout().keys(SessionId(2));
    let text = std::fs::read_to_string(&path).unwrap();
    let cut: String = text.split_inclusive('\n').take(3).collect();
    std::fs::write(&path, cut).unwrap();
    let notes = verify(&session.state, None).unwrap().notes.join("\n");
    assert!(notes.contains("navigation keys of session #2 end before its last decision"), "{notes}");
    session.runtime.close("done");
}

#[test]
fn a_log_that_cannot_be_written_is_said_and_stops_nothing() {
    // A file stands where the directory of key logs should be.
    let session = Session::open(|state| {
        std::fs::create_dir_all(state).unwrap();
        std::fs::write(state.join("keys"), "in the way").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(state, mode).unwrap();
    });
    session.press("j");
    let why = session.trouble().expect("it is said");
    assert!(why.contains("keys are not logged: cannot") && why.contains("decisions are journaled as before"), "{why}");
    let decided = session.hold("place-00");
    assert_eq!(session.head_of(decided), None, "the decision stands without a head");
    // Once it can be written the keys that waited come first.
    std::fs::remove_file(session.state.join("keys")).unwrap();
    std::fs::create_dir(session.state.join("keys")).unwrap();
    session.press("k");
    assert_eq!(session.trouble(), None, "and that it is mended is said too");
    let decided = session.hold("place-01");
    let logged = session.logged();
    assert_eq!(logged.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["j", "k"]);
    assert_eq!(session.head_of(decided), Some(logged[1].1));
    session.runtime.close("done");
}

fn errand(runtime: &Runtime, errand: Errand) -> Result<Brought, String> {
    let (heard, found) = mpsc::channel();
    runtime.inbox().send(Input::Errand(errand, Box::new(move |brought| drop(heard.send(brought))))).unwrap();
    found.recv_timeout(LONG).unwrap()
}

#[test]
fn errands_verify_export_and_keep_texts() {
    let session = Session::open(|_| {});
    session.hold("place-00");
    let Ok(Brought::Verified(found)) = errand(&session.runtime, Errand::Verify) else { panic!("not verified") };
    assert!(found.sound == Sound::CannotProve && found.text.contains("chain intact"), "{found:?}");
    let Ok(Brought::Written(path, lines)) = errand(&session.runtime, Errand::Export) else { panic!("not exported") };
    let journal = std::fs::read(session.layout().segment(1)).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), journal, "byte for byte");
    assert_eq!(lines, 3);
    let Ok(Brought::Written(path, _)) = errand(&session.runtime, Errand::Copy("a text".to_owned())) else { panic!() };
    assert_eq!(std::fs::read_to_string(path).unwrap(), "a text\n");
    session.runtime.close("done");
}

#[test]
fn a_journal_that_was_tampered_with_can_still_be_verified() {
    let session = Session::open(|_| {});
    session.hold("place-00");
    let Session { _dir, state, runtime, .. } = session;
    runtime.close("done");
    let path = state.join("journal/000001.jsonl");
    let text = std::fs::read_to_string(&path).unwrap().replacen("to see", "to sea", 1);
    std::fs::write(&path, text).unwrap();
    let again = Session::open(|fresh| {
        std::fs::rename(&state, fresh).unwrap();
    });
    let Ok(Brought::Verified(found)) = errand(&again.runtime, Errand::Verify) else { panic!("not verified") };
    assert!(found.sound == Sound::Tampered && found.text.contains("line"), "{found:?}");
    again.runtime.close("done");
}

#[test]
fn what_was_tried_and_would_be_refused_is_written_down_and_never_done() {
    let session = Session::open(|_| {});
    let tried = |command: Command| session.runtime.inbox().send(Input::Tried(Box::new(command))).unwrap();
    tried(Command::Lift(7, "it is over".to_owned()));
    // This one would be done, were it given.
    tried(Command::Hold(Scope::All, "quiet".to_owned(), None));
    session.runtime.idle();
    let lines: Vec<_> = entries(&session.state).unwrap().map(Result::unwrap).collect();
    let refused: Vec<_> = lines.iter().filter(|e| e.refusal.is_some()).map(|e| e.cause.as_str()).collect();
    assert!(matches!(refused[..], [cause] if cause.contains("lift")), "{refused:?}");
    assert!(!lines.iter().any(|e| e.cause.contains("quiet") || e.cause.contains("hold all")), "{lines:#?}");
    session.runtime.close("done");
}
