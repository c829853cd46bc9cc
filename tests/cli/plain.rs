//! Plain mode: sentences, a line for each change, and a prompt at which nothing
//! is done by what was typed ahead or poured in.

use crate::ground::{begun, by, deploy, with};
use crate::questions::train;
use crate::support::ground::{script, team};
use crate::support::pty::{PATIENCE, Pty};
use crate::support::sandbox::{HOLDPOINT, LIMIT, Sandbox, finish};
use crate::support::trial;
use crate::support::until;
use std::time::Duration;

/// Plain mode as ana, in a dumb terminal.
pub fn dumb(sandbox: &Sandbox) -> Pty {
    let pty = sandbox.terminal(&["--as", "ana"]).env("TERM", "dumb").size(200, 50).start();
    said(&pty, "help lists what can be typed");
    pty
}

/// A run that is started, and nobody at it.
pub fn started() -> Sandbox {
    let sandbox = with(&deploy("2.0"));
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    sandbox
}

pub fn text(pty: &Pty) -> String {
    String::from_utf8_lossy(&pty.emitted()).into_owned()
}

/// Waits until it has said something.
#[track_caller]
pub fn said(pty: &Pty, what: &str) {
    if until(PATIENCE, || text(pty).contains(what).then_some(())).is_none() {
        panic!("{what:?} was not said in\n{}", text(pty));
    }
}

/// What the question asked last is to be answered with.
#[track_caller]
pub fn challenge(pty: &Pty) -> String {
    said(pty, " and Enter to do it");
    let text = text(pty);
    let asked = text.rsplit_once("Type ").unwrap().1;
    asked.split_once(" and Enter").unwrap().0.to_owned()
}

/// Longer than it takes to read a question, as holdpoint reckons.
pub fn read_it() {
    std::thread::sleep(Duration::from_millis(500));
}

#[test]
fn the_state_is_told_in_sentences_and_the_end_of_input_ends_it() {
    trial(|| {
        let sandbox = started();
        let told = finish(sandbox.command(HOLDPOINT, &["--as", "ana"]), b"", LIMIT).exits(0).stdout;
        for part in [
            "Workspace ground, a REHEARSAL. You are ana.",
            "Run 1, One deploy, is live. It stands ON TIME",
            "0 of 1 steps are done. UNATTENDED",
            "It stands ON TIME: nothing is late",
            "Step 1, Deploy web, can be started by you: `start 1`.",
        ] {
            assert!(told.contains(part), "{part:?} is not told in\n{told}");
        }
        let none = with(&deploy("2.0"));
        let told = finish(none.command(HOLDPOINT, &["--as", "ana", "--plain"]), b"", LIMIT).exits(0).stdout;
        assert!(told.contains("No run is live. `run start NAME` starts one of: day."), "{told}");
    });
}

#[test]
fn what_reaches_a_system_is_shown_and_done_once_its_code_is_typed() {
    trial(|| {
        let sandbox = started();
        let mut pty = dumb(&sandbox);
        pty.send(b"start 1\n");
        let asked = challenge(&pty);
        assert!(asked.starts_with("prod ") && asked.len() == 8, "{asked:?}");
        said(&pty, "It sends deploy web");
        said(&pty, "Would: ");
        read_it();
        pty.send(b"prod\n");
        said(&pty, "Not what was asked for: nothing was done.");
        assert!(begun(&sandbox).is_empty());
        pty.send(b"start 1\n");
        let mut other = String::new();
        until(PATIENCE, || {
            other = challenge(&pty);
            (other != asked).then_some(())
        })
        .expect("another code is asked for");
        read_it();
        pty.send(format!("{other}\n").as_bytes());
        said(&pty, "Nobody drove run 1: you have its conn now.");
        said(&pty, "web 2.0 is live");
        assert_eq!(begun(&sandbox).len(), 1);
        let story = by(&sandbox, "ana", &["journal", "show"]).exits(0).stdout;
        assert!(story.contains(&format!("agreed to step 1: typed {other}")), "{story}");
        let lines = text(&pty);
        said(&pty, "run 1 completed");
        assert_eq!(text(&pty).matches("step 1 done").count(), 1, "nothing is told twice:\n{lines}");
        assert!(!lines.contains('\u{1b}'), "{lines:?}");
    });
}

#[test]
fn one_thing_without_a_runbook_is_shown_and_done_once_its_code_is_typed() {
    trial(|| {
        let sandbox = with(&deploy("2.0"));
        let mut pty = dumb(&sandbox);
        pty.send(b"do depoly web prod version=2.1 tonight's fix\n");
        said(&pty, "there is no verb depoly; did you mean \"deploy\"?");
        pty.send(b"do deploy web prod version=2.1 tonight's fix\n");
        let asked = challenge(&pty);
        assert!(asked.starts_with("prod ") && asked.len() == 8, "{asked:?}");
        said(&pty, "It sends deploy web prod version=2.1 by scripts");
        assert!(begun(&sandbox).is_empty());
        read_it();
        pty.send(format!("{asked}\n").as_bytes());
        said(&pty, "web 2.1 is live");
        assert_eq!(begun(&sandbox).len(), 1);
        let story = by(&sandbox, "ana", &["journal", "show"]).exits(0).stdout;
        assert!(story.contains("note on step deploy: tonight's fix"), "{story}");
    });
}

/// A terminal at which an answer came before its question could be read; none where the
/// machine was so late that the answer came in time.
fn answered_too_early() -> Option<(Sandbox, Pty)> {
    let sandbox = started();
    by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    let mut pty = dumb(&sandbox);
    // The answer is known beforehand: a way back asks for the name alone.
    pty.send(b"rollback web prod too slow\nprod\nprod\n");
    said(&pty, "that came with other lines");
    // Each of the three has its answer before the next one is typed.
    let all = || (text(&pty).matches("nothing was done").count() >= 3).then_some(());
    until(PATIENCE, all).unwrap_or_else(|| panic!("{}", text(&pty)));
    assert!(!text(&pty).contains("to do it"), "a line that did not come alone is not even asked about");
    pty.send(b"rollback web prod too slow\n");
    assert_eq!(challenge(&pty), "prod");
    pty.send(b"prod\n");
    let early = || text(&pty).contains("before this could be read").then_some(true);
    let taken = || (begun(&sandbox).len() == 2).then_some(false);
    let early = until(PATIENCE, || early().or_else(taken)).unwrap_or_else(|| panic!("{}", text(&pty)));
    early.then_some((sandbox, pty))
}

#[test]
fn what_was_typed_ahead_or_poured_in_agrees_to_nothing() {
    trial(|| {
        let (sandbox, mut pty) =
            (0..3).find_map(|_| answered_too_early()).expect("an answer that comes early is not taken");
        read_it();
        pty.send(b"prod\nprod\n");
        said(&pty, "that came with other lines, as a paste does: it is not taken");
        // The second of them answered the question that was asked anew, and too early.
        let anew = || text(&pty).matches("it is not taken").count() >= 2;
        let _ = until(Duration::from_secs(1), || anew().then_some(()));
        assert_eq!(begun(&sandbox).len(), 1, "{}", text(&pty));
        read_it();
        pty.send(b"prod\n");
        said(&pty, "run 2 started");
        let back = || begun(&sandbox).len() == 2;
        assert!(until(PATIENCE, || back().then_some(())).is_some(), "{}", text(&pty));
    });
}

#[test]
fn changes_of_others_are_told_once_and_mistakes_say_what_to_do() {
    trial(|| {
        let sandbox = started();
        let mut pty = dumb(&sandbox);
        by(&sandbox, "bo", &["hold", "all", "--reason", "odd\u{1b}[2J logs"]).exits(0);
        said(&pty, "bo: HOLD 1 on everything: odd\\u{1b}[2J logs.");
        pty.send(b"start 1\n");
        said(&pty, "refused: hold 1 on everything by bo");
        pty.send(b"start 1 --confirm prod\n");
        said(&pty, "--confirm is for scripts");
        pty.send(b"sing\n");
        said(&pty, "There is no `sing` here: nothing was done. help lists");
        pty.send(b"note 1 'it stands still'\n");
        said(&pty, "it stands still");
        pty.send(b"quit\n");
        pty.wait_exit(PATIENCE);
        let all = text(&pty);
        assert_eq!(all.matches("bo: HOLD 1").count(), 1, "{all}");
        let story = by(&sandbox, "ana", &["journal", "show", "--refused"]).exits(0).stdout;
        assert!(story.contains("step.start 1 1"), "what was refused is written down: {story}");
    });
}

#[test]
fn leaving_with_the_conn_is_asked_about() {
    trial(|| {
        let sandbox = started();
        let mut pty = dumb(&sandbox);
        pty.send(b"take\n");
        said(&pty, "took the conn of run 1");
        pty.send(b"quit\n");
        assert_eq!(challenge(&pty), "yes");
        pty.send(b"\n");
        said(&pty, "nothing was done");
        pty.send(b"quit\n");
        until(PATIENCE, || (text(&pty).matches("to do it").count() == 2).then_some(())).expect("it is asked again");
        read_it();
        pty.send(b"yes\n");
        assert_eq!(pty.wait_exit(PATIENCE).code, 0);
    });
}

#[test]
fn what_was_typed_in_place_of_an_answer_is_not_done_and_that_is_said() {
    trial(|| {
        let sandbox = started();
        let mut pty = dumb(&sandbox);
        pty.send(b"start 1\n");
        challenge(&pty);
        read_it();
        pty.send(b"hold all odd logs\n");
        said(&pty, "Not what was asked for: nothing was done. `hold` was not done either: type it again.");
        // What is no word of the prompt is only no answer.
        pty.send(b"start 1\n");
        until(PATIENCE, || (text(&pty).matches("to do it").count() == 2).then_some(())).expect("it is asked again");
        read_it();
        pty.send(b"perhaps\n");
        until(PATIENCE, || (text(&pty).matches("Not what was asked for").count() == 2).then_some(()))
            .expect("no answer");
        pty.send(b"quit\n");
        pty.wait_exit(PATIENCE);
        assert_eq!(text(&pty).matches("was not done either").count(), 1, "{}", text(&pty));
        let story = by(&sandbox, "ana", &["journal", "show"]).exits(0).stdout;
        assert!(!story.contains("HOLD") && begun(&sandbox).is_empty(), "{story}");
    });
}

#[test]
fn a_word_has_help_with_an_example_and_what_is_near_alone_is_guessed() {
    trial(|| {
        let sandbox = started();
        let mut pty = dumb(&sandbox);
        for (typed, answer) in [
            ("help vote", "Example: `vote 5 go`."),
            ("? rollback", "Written: `rollback SERVICE ENV WHY, or rollback all WHY`."),
            ("done", "Written: `done STEP [NOTE]`."),
            ("help calendar", "calendar lists windows and freezes"),
            ("votte 5 go", "Did you mean `vote`?"),
            ("help sing", "There is no `sing` here"),
        ] {
            pty.send(format!("{typed}\n").as_bytes());
            said(&pty, answer);
        }
        let all = text(&pty);
        assert!(!all.contains("tip:") && !all.contains("similar subcommand"), "{all}");
    });
}

#[test]
fn what_is_listed_is_sentences_without_digests_or_tables() {
    trial(|| {
        let (_sandbox, mut pty) = train();
        for (typed, answer) in [
            ("forecast", "Run 1 stands "),
            ("approvals", "Step 1, Go, waits for your vote"),
            ("steps", "Step 1, Go, waits for people's word"),
            ("journal tail 3", " Line "),
        ] {
            let before = text(&pty).len();
            pty.send(format!("{typed}\n").as_bytes());
            let there = || text(&pty).get(before..).is_some_and(|new| new.contains(answer)).then_some(());
            assert!(until(PATIENCE, there).is_some(), "{typed}: {}", text(&pty));
        }
        let all = text(&pty);
        let wide = all.lines().find(|line| line.contains("   ") || line.contains("plan ") || line.contains('#'));
        assert_eq!(wide, None, "{all}");
        let alone = all.lines().filter(|line| line.trim() == ">").count();
        assert!(alone <= 6, "a prompt comes once after each line that was typed, not between news:\n{all}");
    });
}

/// A deploy that makes the service ill, and a trigger that takes it back three seconds later.
const ILL: &str = r#"
title = "Ill"
[[steps]]
id = "1"
title = "Deploy web"
kind = "action"
verb = "deploy"
service = "web"
environment = "prod"
args = { version = "2.0" }
[[steps]]
id = "2"
title = "Look at it"
kind = "manual"
needs = ["1"]
[[triggers]]
id = "T1"
signals = ["well@prod"]
from = "1"
rolls_back = { service = "web", environment = "prod" }
countdown = "3s"
"#;

const WELL: &str = r#"
[signals.well]
title = "web is well"
service = "web"
environments = ["prod"]
source = "probes"
query = { kind = "command", argv = ["./well"] }
unit = "count"
bad = "below"
fail = 1
for = "1s"
every = "3s"
"#;

#[test]
fn a_tripped_trigger_says_what_it_will_do_and_who_is_too_late_learns_who_began_it() {
    trial(|| {
        let sandbox = with(ILL);
        script(&sandbox, "well", "#!/bin/sh\n[ \"$(cat live-web-prod 2>/dev/null)\" != 2.0 ]\n");
        team(
            &sandbox,
            "[backends.scripts.status]\nargv = [\"./status\"]\n[backends.probes]\nkind = \"probe\"\nevery = \"1s\"\n",
        );
        sandbox.write("signals.toml", WELL);
        by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
        let mut pty = dumb(&sandbox);
        pty.send(b"start 1\n");
        let code = challenge(&pty);
        read_it();
        pty.send(format!("{code}\n").as_bytes());
        said(&pty, "trigger T1 watches from now on: when well@prod fails, it rolls web in prod back");
        said(&pty, "Trigger T1 rolls web in prod back to 1.0 at ");
        said(&pty, "by itself, unless somebody postpones it: `postpone T1 WHY`");
        said(&pty, "`rollback web prod WHY` does it now.");
        said(&pty, "trigger T1: run 2 started");
        said(&pty, "ROLLBACK FINISHED");
        let before = begun(&sandbox).len();
        pty.send(b"rollback web prod too slow\n");
        said(&pty, "trigger T1 began it ");
        said(&pty, "run 2 has done what you asked; nothing was sent by you");
        assert_eq!(begun(&sandbox).len(), before, "{}", text(&pty));
    });
}

#[test]
fn a_failed_step_offers_only_the_ways_out_that_there_are() {
    trial(|| {
        let sandbox = with(&deploy("no"));
        by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
        let mut pty = dumb(&sandbox);
        pty.send(b"start 1\n");
        let code = challenge(&pty);
        read_it();
        pty.send(format!("{code}\n").as_bytes());
        said(&pty, "Step 1, Deploy web, FAILED: ");
        said(&pty, "Ways out, the safest first: `retry 1` tries it once more; `skip 1 WHY`");
        assert!(!text(&pty).contains("`rollback"), "nothing was changed: {}", text(&pty));
    });
}

#[test]
fn the_same_refusal_of_somebody_else_is_said_once() {
    trial(|| {
        let (sandbox, mut pty) = train();
        for _ in 0..4 {
            by(&sandbox, "tom", &["step", "done", "1", "3"]).exits(1);
        }
        said(&pty, "tom: refused: step.done 1 3");
        said(&pty, "tom: 3 more like it, refused: step.done 1 3.");
        assert_eq!(text(&pty).matches("tom: refused: step.done 1 3").count(), 1, "{}", text(&pty));
        pty.send(b"quit\n");
    });
}

/// A dumb terminal shows an escape as rubbish, and a pipe keeps it for ever.
#[test]
fn no_escape_byte_leaves_any_verb_where_the_terminal_is_dumb_or_none() {
    trial(|| {
        let sandbox = started();
        let verbs: &[&[&str]] = &[
            &[],
            &["--help"],
            &["status"],
            &["forecast"],
            &["calendar"],
            &["may", "deploy", "web", "prod"],
            &["health"],
            &["approvals"],
            &["run", "list"],
            &["run", "show", "1"],
            &["run", "start", "nothing"],
            &["step", "start", "1", "1"],
            &["step", "start", "1", "1", "--dry-run"],
            &["replay", "1"],
            &["check"],
            &["doctor"],
            &["journal", "show"],
            &["journal", "tail"],
            &["journal", "verify"],
            &["journal", "head"],
            &["journal", "export"],
            &["schema", "runbook"],
            &["completions", "bash"],
            &["man"],
            &["sing"],
            &["step", "start"],
            &["hold", "all", "--reason", "\u{1b}[31mred"],
            &["status"],
            &["lift", "1", "--reason", "\u{1b}]0;x\u{7}"],
            #[cfg(feature = "tui")]
            &["keys"],
            #[cfg(feature = "tui")]
            &["theme", "list"],
            #[cfg(feature = "tui")]
            &["theme", "show", "dark"],
            #[cfg(feature = "tui")]
            &["theme", "check"],
        ];
        for verb in verbs {
            let arguments = [&["--as", "ana"], *verb].concat();
            let piped = finish(sandbox.command(HOLDPOINT, &arguments), b"status\nhelp\nsing\n", LIMIT);
            assert!(!format!("{}{}", piped.stdout, piped.stderr).contains('\u{1b}'), "{piped:?}");
            let mut pty = sandbox.terminal(&arguments).env("TERM", "dumb").start();
            if verb.is_empty() {
                said(&pty, "help lists");
                pty.send(b"status\nhelp\nsing\nsteps\nquit\n");
            }
            pty.wait_exit(LIMIT);
            assert!(!pty.emitted().contains(&0x1b), "{verb:?}: {:?}", text(&pty));
        }
    });
}
