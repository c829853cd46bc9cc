//! kill -9 of the screens in the middle of a deploy on the real estate: in doubt,
//! probed, resolved, and the estate's own book has the operation once.

use crate::ground::{arm, leave, take_the_conn};
use crate::support::pty::Pty;
use crate::support::sandbox::{HOLDPOINT, Sandbox, finish};
use crate::support::{promised, until, wait_until};
use holdpoint::domain::fact::Fact;
use holdpoint::journal::entries;
use rustix::process::Signal;
use std::path::PathBuf;
use std::time::Duration;

const SLOW: Duration = Duration::from_secs(30);

const RUNBOOK: &str = r#"
title = "One deploy"
[[steps]]
id = "1"
title = "Deploy ledger 7.1.0 to eu-west"
kind = "action"
owner = "release-manager"
verb = "deploy"
service = "ledger"
environment = "eu-west"
args = { version = "7.1.0", weight = "100" }
[[steps]]
id = "2"
title = "Look at it"
kind = "manual"
owner = "release-manager"
"#;

/// An estate that `demo up` brought up and `demo down` takes down.
struct Estate {
    sandbox: Sandbox,
}

impl Estate {
    fn up() -> Self {
        let estate = Self { sandbox: Sandbox::new() };
        let dir = estate.dir().display().to_string();
        finish(estate.sandbox.command(HOLDPOINT, &["demo", "up", &dir, "--fast"]), b"", SLOW).exits(0);
        std::fs::write(estate.dir().join("runbooks/one.toml"), RUNBOOK).unwrap();
        estate
    }

    fn dir(&self) -> PathBuf {
        self.sandbox.root().canonicalize().unwrap().join("estate")
    }

    fn screens(&self) -> Pty {
        self.sandbox.terminal(&["--as", "ana"]).directory(self.dir()).size(100, 30).start()
    }

    /// How often the estate says that something began.
    fn begun(&self, verb: &str) -> usize {
        let book = std::fs::read_to_string(self.dir().join("ops.jsonl")).unwrap_or_default();
        let lines = book.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.filter(|line| line["event"] == "start" && line["verb"] == verb).count()
    }

    fn has(&self, wanted: impl Fn(&Fact) -> bool) -> bool {
        entries(&self.dir().join("state")).unwrap().map(Result::unwrap).any(|entry| entry.facts.iter().any(&wanted))
    }
}

impl Drop for Estate {
    fn drop(&mut self) {
        let dir = self.dir().display().to_string();
        let _ = self.sandbox.command(HOLDPOINT, &["demo", "down", &dir]).status();
    }
}

/// Types what the dialog asks for, a key at a time.
fn challenge(pty: &mut Pty) {
    pty.wait_for("type   ");
    let screen = pty.screen();
    let asked = screen.split("type   ").nth(1).unwrap().split('[').next().unwrap().trim().to_owned();
    for (n, c) in asked.char_indices() {
        let typed = format!("[{}", &asked[..n + 1]);
        // What is typed before the dialog is known to be painted is not taken, and it says so.
        wait_until("a letter is taken", SLOW, || {
            pty.keys(&c.to_string());
            until(Duration::from_secs(3), || pty.screen().contains(&typed).then_some(())).is_some()
        });
    }
    pty.keys("<Enter>");
}

#[test]
fn killed_in_the_middle_of_a_deploy_the_estate_saw_it_once() {
    let estate = Estate::up();
    let dir = estate.dir().display().to_string();
    let ana = |words: &str| {
        let words: Vec<_> = ["-C", &dir, "--as", "ana"].into_iter().chain(words.split(' ')).collect();
        estate.sandbox.holdpoint(&words)
    };
    ana("run start one").exits(0);
    let mut pty = estate.screens();
    take_the_conn(&mut pty);
    // The night window opens some seconds after the estate came up.
    let ready = |screen: &str| screen.lines().any(|l| l.contains("Deploy ledger 7.1.0") && l.contains("ready"));
    pty.wait_screen("the deploy is ready", SLOW, ready);
    arm(&mut pty);
    pty.opens("s", "type   ");
    challenge(&mut pty);
    wait_until("the estate has begun", SLOW, || estate.begun("deploy") == 1);
    pty.signal(Signal::KILL);
    pty.wait_exit(promised(Duration::from_secs(5)));

    let mut pty = estate.screens();
    take_the_conn(&mut pty);
    let resolved = |screen: &str| {
        screen.lines().any(|l| l.contains("Deploy ledger 7.1.0") && (l.contains("done") || l.contains("FAILED")))
    };
    pty.wait_screen("the doubt is resolved", SLOW, resolved);
    assert!(estate.has(|fact| matches!(fact, Fact::SessionLost { .. })), "the session is told as lost");
    assert!(estate.has(|fact| matches!(fact, Fact::InDoubt { .. })), "it was in doubt");
    assert!(estate.has(|fact| matches!(fact, Fact::Probed { .. })), "it was probed");
    assert_eq!(estate.begun("deploy"), 1, "the estate saw the deploy once");
    leave(&mut pty);
    let verified = ana("journal verify");
    assert_eq!(verified.code, Some(3), "{verified:?}");
}
