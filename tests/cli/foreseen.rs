//! What backends say of what would be sent, by the real binary: `--dry-run` in words and in
//! JSON, plain mode, and the dialog.

use crate::ground::{begun, by, deploy, with};
use crate::plain::{dumb, read_it, said, started, text};
use crate::support::ground::script;
use crate::support::sandbox::Sandbox;
#[cfg(feature = "tui")]
use crate::support::{sandbox::LIMIT, until, wait_until};
use std::fs;

/// A plugin of one verb: `PREVIEW` is what it does when it is asked what it would do.
const PLUGIN: &str = r#"#!/usr/bin/env python3
import json, os, sys
def say(**m): sys.stdout.write(json.dumps({"jsonrpc": "2.0", **m}) + "\n"); sys.stdout.flush()
def ok(id, result={}): say(id=id, result=result)
def no(id, code, message): say(id=id, error={"code": code, "message": message, "data": {}})
def preview(id): PREVIEW
workspace = "."
for line in sys.stdin:
    m = json.loads(line)
    id, method, params = m.get("id"), m.get("method"), m.get("params") or {}
    if method == "initialize":
        workspace = params["instance"]["workspace"]
        ok(id, {"protocol": 1, "cookie": os.environ["HOLDPOINT_COOKIE"], "plugin": {"name": "t", "version": "1"},
                "capabilities": {"act:deploy": {"effect": "act"}, "act:roll-back": {"effect": "act"}}, "secrets": []})
    elif method == "preview": preview(id)
    elif method == "perform":
        open(os.path.join(workspace, "ops.log"), "a").write("begin " + params["key"] + "\n"); ok(id, {"summary": "done", "detail": {"version": "2.0", "previous": "1.0"}})
    elif method == "shutdown": ok(id); break
    elif id is not None and method: ok(id)
"#;

/// The same day, deployed by a plugin that answers previews so.
fn plugged(preview: &str) -> Sandbox {
    let look = "[[steps]]\nid = \"2\"\ntitle = \"Look at it\"\nkind = \"manual\"\nneeds = [\"1\"]\n";
    let sandbox = with(&format!("{}{look}", deploy("2.0")));
    fs::create_dir_all(sandbox.workspace().join("plugins")).unwrap();
    script(&sandbox, "plugins/t", &PLUGIN.replace("PREVIEW", preview));
    let file = sandbox.workspace().join("holdpoint.toml");
    let more =
        "[backends.plug]\nkind = \"plugin\"\nargv = [\"plugins/t\"]\ngrant = [\"act:deploy\", \"act:roll-back\"]\n";
    let all = fs::read_to_string(&file).unwrap() + more;
    fs::write(&file, all).unwrap();
    sandbox.write("services.toml", "[services.web]\ndeployed_by = { prod = \"plug\" }\n");
    by(&sandbox, "ana", &["plugin", "trust", "plugins/t"]).exits(0);
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    sandbox
}

const DRY: [&str; 7] = ["step", "start", "1", "1", "--confirm", "prod", "--dry-run"];

#[test]
fn a_dry_run_says_what_the_backend_would_do_and_why_it_would_refuse() {
    let s = started();
    let would = by(&s, "ana", &DRY).exits(0);
    for part in ["would: step 1 sends deploy web prod", "says   scripts at ", "does   runs ./deploy web prod 2.0 "] {
        assert!(would.stdout.contains(part), "{part:?}: {would:?}");
    }
    assert!(would.stdout.contains("it does not look ahead"), "{would:?}");
    assert!(!would.stdout.contains("stops") && would.stderr.contains("asking scripts … 10s at most"), "{would:?}");
    fs::remove_file(s.workspace().join("deploy")).unwrap();
    let would = by(&s, "ana", &DRY).exits(0);
    for part in ["stops  ", "no such program", "agreed to all the same, scripts refuses it by itself"] {
        assert!(would.stdout.contains(part), "{part:?}: {would:?}");
    }
    let told = by(&s, "ana", &[&["--json"], DRY.as_slice()].concat()).exits(0).stdout;
    let last: serde_json::Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    let said = &last["foreseen"][0];
    assert_eq!(said["operation"]["verb"], "deploy");
    assert!(said["said"]["told"][1]["refused"][0].as_str().unwrap().contains("no such program"), "{told}");
    assert!(begun(&s).is_empty());
    let story = s.holdpoint(&["journal", "show"]).exits(0).stdout;
    assert!(!story.contains("no such program") && !story.contains("./deploy"), "{story}");
}

#[test]
fn a_dry_run_of_the_way_back_says_the_same_of_every_operation() {
    let s = started();
    by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    let back = ["rollback", "web", "--env", "prod", "--reason", "errors", "--confirm", "prod", "--dry-run"];
    let would = by(&s, "ana", &back).exits(0);
    for part in ["says   scripts at ", ": roll-back web prod to=1.0", "does   runs ./deploy web prod 1.0 "] {
        assert!(would.stdout.contains(part), "{part:?}: {would:?}");
    }
    assert_eq!(begun(&s).len(), 1);
}

#[test]
fn what_a_plugin_says_is_harmless_and_one_that_fails_could_not_be_asked() {
    let s = plugged(r#"ok(id, {"effects": ["moves\u001b[31m it"], "obstacles": ["the window\u202e is closed"]})"#);
    let would = by(&s, "ana", &DRY).exits(0);
    for part in ["does   moves\\u{1b}[31m it", "heed   the window\\u{202e} is closed"] {
        assert!(would.stdout.contains(part), "{part:?}: {would:?}");
    }
    let s = plugged(r#"no(id, -32603, "its database is gone")"#);
    let would = by(&s, "ana", &DRY).exits(0);
    assert!(would.stdout.contains("could not be asked: ") && would.stdout.contains("database is gone"), "{would:?}");
    let s = plugged(r#"no(id, -32011, "too many questions")"#);
    let would = by(&s, "ana", &DRY).exits(0);
    assert!(would.stdout.contains("could not be asked: too many questions"), "{would:?}");
    assert!(!would.stdout.contains("stops") && !would.stdout.contains("refuses it"), "{would:?}");
    assert!(begun(&s).is_empty());
}

#[test]
fn what_a_plugin_could_not_find_out_is_said_in_words_and_in_json() {
    let s = plugged(
        r#"ok(id, {"effects": ["moves it"], "unknown": ["whether\u202e it is drained"], "loses": ["a cache"]})"#,
    );
    let would = by(&s, "ana", &DRY).exits(0);
    let line = "??     whether\\u{202e} it is drained\n";
    assert!(would.stdout.contains(line), "{would:?}");
    assert!(would.stdout.find(line) < would.stdout.find("loses  a cache"), "{would:?}");
    let told = by(&s, "ana", &[&["--json"], DRY.as_slice()].concat()).exits(0).stdout;
    let last: serde_json::Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    let said = &last["foreseen"][0]["said"]["told"][1];
    assert_eq!(said["unknown"], serde_json::json!(["whether\\u{202e} it is drained"]), "{told}");
    let mut pty = dumb(&s);
    pty.send(b"start 1\r");
    crate::plain::said(&pty, "Not known: whether\\u{202e} it is drained.");
    assert!(begun(&s).is_empty());
}

#[test]
fn a_way_back_of_which_something_is_not_known_is_not_said_to_be_open() {
    let s = plugged(r#"ok(id, {"effects": ["moves it"], "unknown": ["whether it is drained: no answer"]})"#);
    by(&s, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    let mut pty = dumb(&s);
    pty.send(b"take\r");
    said(&pty, "WAY BACK: 0 of 1 ready, 1 not known: plug could not find out: whether it is drained: no answer.");
}

#[test]
fn plain_mode_asks_at_once_and_says_it_when_it_comes() {
    let sandbox = started();
    let mut pty = dumb(&sandbox);
    pty.send(b"start 1\r");
    said(&pty, "It would do this: runs ./deploy web prod 2.0");
    let told = text(&pty);
    assert!(told.find(" and Enter to do it") < told.find("It would do this"), "the question waits for nothing: {told}");
    let code = crate::plain::challenge(&pty);
    read_it();
    pty.send(format!("{code}\r").as_bytes());
    said(&pty, "run 1 completed");
    assert_eq!(begun(&sandbox).len(), 1);
}

#[test]
fn in_plain_mode_each_line_says_what_it_is_by_itself() {
    let sandbox = plugged(r#"ok(id, {"effects": ["moves it", "wipes it"], "obstacles": ["a helm", "a lock"]})"#);
    let mut pty = dumb(&sandbox);
    pty.send(b"start 1\r");
    for part in ["In the way now: a helm.", "In the way now: a lock.", "do this: moves it.", "do this: wipes it."] {
        said(&pty, part);
    }
}

#[test]
fn a_way_back_that_would_be_refused_is_said_before_anybody_needs_it() {
    let more = "[[steps]]\nid = \"2\"\ntitle = \"Look at it\"\nkind = \"manual\"\nneeds = [\"1\"]\n";
    let sandbox = with(&format!("{}{more}", deploy("2.0")));
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    fs::remove_file(sandbox.workspace().join("deploy")).unwrap();
    let before = sandbox.holdpoint(&["journal", "show"]).exits(0).stdout.lines().count();
    let mut pty = dumb(&sandbox);
    // Whoever only looks on has nobody asked.
    pty.send(b"take\r");
    said(&pty, "WAY BACK BLOCKED: scripts would refuse it as things stand: ");
    drop(pty);
    #[cfg(feature = "tui")]
    {
        let mut screens = sandbox.terminal(&["--as", "ana"]).env("TERM", "xterm-256color").size(100, 40).start();
        screens.wait_for("Look at it");
        screens.opens("T", "conn ana");
        screens.wait_for("ROLLBACK BLOCKED: scripts would refuse it as things stand: ");
    }
    let story = sandbox.holdpoint(&["journal", "show"]).exits(0).stdout;
    assert!(!story.contains("refuse"), "it is no part of what happened: {story}");
    assert!(story.lines().count() >= before && begun(&sandbox).len() == 1);
}

#[test]
fn what_is_in_the_way_back_of_one_run_is_told_of_no_other() {
    let look = "[[steps]]\nid = \"2\"\ntitle = \"Look at it\"\nkind = \"manual\"\nneeds = [\"1\"]\n";
    let sandbox = with(&format!("{}{look}", deploy("2.0")));
    let at = |name: &str| sandbox.workspace().join(name);
    sandbox.write("runbooks/night.toml", format!("{}{look}", deploy("2.0").replace("web", "db")));
    fs::copy(at("deploy"), at("other")).unwrap();
    let verb = |verb: &str, to: &str| {
        let argv = format!("[\"./other\", \"{{service}}\", \"{{environment}}\", \"{{{to}}}\", \"{{key}}\"]");
        format!("[backends.others.verbs.{verb}]\nargv = {argv}\n")
    };
    let others =
        format!("[backends.others]\nkind = \"command\"\n{}{}", verb("deploy", "version"), verb("roll-back", "to"));
    fs::write(at("holdpoint.toml"), fs::read_to_string(at("holdpoint.toml")).unwrap() + &others).unwrap();
    let services = ["web", "db"].map(|name| format!("[services.{name}]\ndeployed_by = {{ prod = \"BY\" }}\n"));
    sandbox.write("services.toml", services[0].replace("BY", "scripts") + &services[1].replace("BY", "others"));
    for (run, name) in [("1", "day"), ("2", "night")] {
        by(&sandbox, "ana", &["run", "start", name]).exits(0);
        by(&sandbox, "ana", &["step", "start", run, "1", "--confirm", "prod"]).exits(0);
    }
    fs::remove_file(at("deploy")).unwrap();
    let mut pty = dumb(&sandbox);
    for run in ["1", "2"] {
        pty.send(format!("conn take {run}\r").as_bytes());
        said(&pty, &format!("took the conn of run {run}"));
    }
    said(&pty, "WAY BACK BLOCKED: scripts would refuse it as things stand: ");
    let before = text(&pty).len();
    pty.send(b"status\r");
    said(&pty, "Run 2, One deploy, is live");
    pty.send(b"help vote\r");
    said(&pty, "Example: `vote 5 go`");
    let told = text(&pty)[before..].to_owned();
    let (first, second) = told.split_once("Run 2, ").unwrap();
    assert!(first.split_once("Run 1, ").is_some_and(|(_, first)| first.contains("WAY BACK BLOCKED: ")), "{told}");
    assert!(!second.contains("WAY BACK"), "{told}");
}

/// The screens as ana, armed and with the dialog about the first step open.
#[cfg(feature = "tui")]
fn asked(sandbox: &Sandbox) -> crate::support::pty::Pty {
    let mut pty = sandbox.terminal(&["--as", "ana"]).env("TERM", "xterm-256color").size(100, 40).start();
    pty.wait_for("Deploy web");
    pty.opens("T", "conn ana");
    pty.keys(":arm\r");
    pty.wait_for("armed");
    pty.opens("s", "Start 1 Deploy web");
    pty
}

#[cfg(feature = "tui")]
#[test]
fn the_dialog_shows_it_and_is_answered_while_nothing_is_said() {
    let shown = started();
    let pty = asked(&shown);
    pty.wait_for("does   runs ./deploy web prod 2.0");
    pty.wait_for("scripts cannot say what is in the way");
    assert!(!pty.screen().contains("nothing is in the way"), "{}", pty.screen());
    drop(pty);
    let silent = plugged("pass");
    let mut pty = asked(&silent);
    pty.wait_for("asking plug …");
    let screen = pty.screen();
    let line = screen.lines().find(|line| line.contains("type   prod ")).unwrap().to_owned();
    let code = line.split_whitespace().skip_while(|word| *word != "prod").nth(1).unwrap().to_owned();
    let asked = format!("prod {code}");
    for (n, key) in asked.char_indices() {
        let typed = format!("[{}", &asked[..=n]);
        // What is typed before the dialog is known to be painted is not taken, and it says so.
        let taken = |pty: &mut crate::support::pty::Pty| {
            pty.keys(&key.to_string());
            until(std::time::Duration::from_secs(3), || pty.screen().contains(&typed).then_some(())).is_some()
        };
        wait_until("a letter is taken", LIMIT, || taken(&mut pty));
    }
    pty.keys("\r");
    pty.wait_screen("the deploy is done", LIMIT, |_| crate::ground::word(&silent, "1") == "done");
    assert_eq!(begun(&silent).len(), 1);
}
