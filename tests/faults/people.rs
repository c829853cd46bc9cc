//! Several Unix users of one group on one journal: who asks in the screens, who
//! approves from a shell of their own, and who may not even look.
//!
//! Acting as others needs root and `setpriv`; without them these say that they were skipped.

use crate::support::launch::Launch;
use crate::support::pty::Pty;
use crate::support::sandbox::{HOLDPOINT, LIMIT, Outcome, Sandbox, finish};
use crate::support::until;
use crate::support::{executable, promised};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// A group that nobody is in but those we put there.
const GROUP: u32 = 54_321;

const RUNBOOK: &str = r#"
title = "Shared day"
[[steps]]
id = "1"
title = "Change approved"
kind = "approval"
slots = [{ role = "security", need = 1 }]
[[steps]]
id = "2"
title = "Look at it"
kind = "manual"
needs = ["1"]
owner = "operator"
"#;

/// A workspace that two users of a group share, and their names.
struct Shared {
    sandbox: Sandbox,
    /// The one who asks.
    ana: String,
    /// The one who approves.
    bo: String,
}

impl Shared {
    /// None, with the reason, when we cannot act as others.
    fn new() -> Option<Self> {
        let skip = |why: &str| -> Option<Self> {
            crate::support::skipped(why);
            None
        };
        if !rustix::process::getuid().is_root() {
            return skip("acting as other users needs root");
        }
        if Command::new("setpriv").arg("--version").output().is_err() {
            return skip("acting as other users needs setpriv");
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let mut known = users.lines().filter_map(|line| line.split(':').next()).filter(|name| *name != "root");
        let (Some(ana), Some(bo)) = (known.next(), known.next()) else { return skip("there are no two other users") };
        let shared = Self { sandbox: Sandbox::new(), ana: ana.to_owned(), bo: bo.to_owned() };
        shared.write();
        Some(shared)
    }

    fn write(&self) {
        let (root, Self { ana, bo, .. }) = (self.sandbox.root(), self);
        fs::set_permissions(root, Permissions::from_mode(0o755)).unwrap();
        // The one that was built may lie where only we can go.
        executable::copy(HOLDPOINT.as_ref(), self.program().as_ref());
        let state = self.state();
        fs::create_dir(&state).unwrap();
        chown(&state, Some(0), Some(GROUP)).unwrap();
        fs::set_permissions(&state, Permissions::from_mode(0o2770)).unwrap();
        let holdpoint = format!(
            "[workspace]\nid = \"00000000fa017001\"\nname = \"shared\"\nzone = \"UTC\"\npurpose = \"real\"\n\
             [state]\ndir = \"{}\"\n[people.ana]\nlogins = [\"{ana}\"]\n[people.bo]\nlogins = [\"{bo}\"]\n\
             [roles.operator]\npeople = [\"ana\"]\n[roles.security]\npeople = [\"bo\", \"ana\"]\n",
            state.display()
        );
        self.sandbox.write("holdpoint.toml", holdpoint);
        self.sandbox.write("services.toml", "");
        self.sandbox.write("signals.toml", "");
        self.sandbox.write("runbooks/day.toml", RUNBOOK);
    }

    fn program(&self) -> String {
        self.sandbox.root().join("holdpoint").display().to_string()
    }

    fn state(&self) -> PathBuf {
        self.sandbox.root().join("shared")
    }

    fn who(&self, user: &str, groups: &str) -> Vec<String> {
        let groups = if groups.is_empty() { "--clear-groups".to_owned() } else { format!("--groups={groups}") };
        let (reuid, regid) = (format!("--reuid={user}"), format!("--regid={}", group_of(user)));
        ["setpriv", &reuid, &regid, &groups, "--", &self.program()].map(str::to_owned).to_vec()
    }

    /// Runs a verb as a Unix user.
    #[track_caller]
    fn by(&self, user: &str, groups: &str, words: &str) -> Outcome {
        let who = self.who(user, groups);
        let words: Vec<&str> = who[1..].iter().map(String::as_str).chain(words.split(' ')).collect();
        finish(self.sandbox.command(&who[0], &words), b"", LIMIT)
    }

    #[track_caller]
    fn member(&self, user: &str, words: &str) -> Outcome {
        self.by(user, &GROUP.to_string(), words)
    }

    /// The screens as a Unix user; the terminal is theirs, as after a login.
    fn screens(&self, user: &str, groups: &str) -> Pty {
        let script = format!("chown {user} \"$(tty)\" && exec {}", self.who(user, groups).join(" "));
        let shell = Launch::new("sh", &["-c", &script]).environment(self.sandbox.environment());
        shell.directory(self.sandbox.workspace()).size(100, 30).start()
    }
}

/// The primary group of a user.
fn group_of(user: &str) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with(&format!("{user}:"))).unwrap();
    line.split(':').nth(3).unwrap().to_owned()
}

#[test]
fn a_second_user_of_the_group_approves_and_the_screens_show_it_within_a_second() {
    let Some(shared) = Shared::new() else { return };
    shared.member(&shared.ana, "run start day").exits(0);
    let mut pty = shared.screens(&shared.ana, &GROUP.to_string());
    pty.wait_for("Change approved");
    pty.keys("4");
    pty.wait_for("1/1 Change approved");
    let own = shared.member(&shared.ana, "approve 1/1").exits(1);
    assert!(own.stderr.contains("ana"), "who asked cannot approve: {own:?}");
    let claimed = shared.member(&shared.ana, "--as bo approve 1/1").exits(2);
    assert!(claimed.stderr.contains("--as is only for"), "nor under another name: {claimed:?}");
    assert!(pty.screen().contains("1/1 Change approved"));
    // The journal is shown below, whatever the queue does then.
    pty.keys("7");
    pty.wait_for("── journal");
    shared.member(&shared.bo, "approve 1/1").exits(0);
    let told = Instant::now();
    let shown = until(Duration::from_secs(30), || pty.screen().contains("approved by bo").then(|| told.elapsed()));
    let after = shown.unwrap_or_else(|| panic!("the approval is not on the screen:\n{}", pty.screen()));
    assert!(after < promised(Duration::from_secs(1)), "shown only after {after:?}");
    println!("shown {after:?} after the verb's end");
}

#[test]
fn files_made_by_one_user_serve_the_other_and_nobody_else() {
    let Some(shared) = Shared::new() else { return };
    shared.member(&shared.ana, "run start day").exits(0);
    shared.member(&shared.bo, "approve 1/1").exits(0);
    shared.member(&shared.bo, "journal verify").exits(3);
    shared.member(&shared.ana, "drive 1").exits(3);
    let stranger = shared.by("nobody", "", "journal show");
    assert!(stranger.code != Some(0) && stranger.stderr.contains("ermission denied"), "{stranger:?}");
    let modes = |path: &str| fs::metadata(shared.state().join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((modes("journal"), modes("journal/000001.jsonl"), modes("lock")), (0o2770, 0o660, 0o660));
}

#[test]
fn a_directory_that_others_can_write_is_refused() {
    let Some(shared) = Shared::new() else { return };
    shared.member(&shared.ana, "run start day").exits(0);
    fs::set_permissions(shared.state(), Permissions::from_mode(0o2772)).unwrap();
    let refused = shared.member(&shared.bo, "approve 1/1").exits(4);
    assert!(refused.stderr.contains("chmod o-w"), "{refused:?}");
    fs::set_permissions(shared.state(), Permissions::from_mode(0o2770)).unwrap();
    shared.member(&shared.bo, "approve 1/1").exits(0);
}

#[test]
fn screens_of_someone_who_may_not_read_the_journal_say_so_and_can_be_left() {
    let Some(shared) = Shared::new() else { return };
    shared.member(&shared.ana, "run start day").exits(0);
    // In [people], but not in the group.
    let mut pty = shared.screens(&shared.bo, "");
    pty.wait_for("Permission denied");
    pty.keys("7");
    pty.wait_for("── journal");
    pty.keys("q");
    assert_eq!(pty.wait_exit(promised(Duration::from_secs(4))).code, 0);
    pty.modes().restored().unwrap();
}

#[test]
fn a_journal_made_unreadable_under_the_screens_is_said_and_nothing_is_written() {
    let Some(shared) = Shared::new() else { return };
    shared.member(&shared.ana, "run start day").exits(0);
    let mut pty = shared.screens(&shared.ana, &GROUP.to_string());
    pty.wait_for("Change approved");
    fs::set_permissions(shared.state().join("journal"), Permissions::from_mode(0o000)).unwrap();
    pty.wait_for("Permission denied");
    pty.keys("7");
    pty.wait_for("── journal");
    fs::set_permissions(shared.state().join("journal"), Permissions::from_mode(0o2770)).unwrap();
    shared.member(&shared.bo, "approve 1/1").exits(0);
    pty.wait_for("approved by bo");
}
