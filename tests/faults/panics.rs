//! Panics of any thread: the terminal first, then the words, and nothing lost.

use crate::ground::*;
use crate::support::promised;
use std::time::Duration;

/// The message comes after the screen was given back.
#[track_caller]
fn told_after_restoring(pty: &mut crate::support::Pty, point: &str) {
    let exit = pty.wait_exit(promised(Duration::from_secs(3)));
    assert_ne!(exit.code, 0, "{point}");
    pty.modes().restored().unwrap_or_else(|left| panic!("{point}: {left}"));
    assert!(!pty.raw(), "{point}: the line is still raw");
    let emitted = String::from_utf8_lossy(&pty.emitted()).into_owned();
    let (back, said) = (emitted.rfind("?1049l").unwrap(), emitted.find("a test's fault at").unwrap());
    assert!(back < said && emitted[said..].contains(point), "{point}: {emitted:?}");
}

/// Of the screens' own thread, of the one that writes, of the dispatcher.
#[test]
fn a_panic_while_idle_gives_the_terminal_back_and_the_next_session_goes_on() {
    for point in ["terminal.draw", "terminal.paint", "dispatcher.publish"] {
        let sandbox = started();
        let mut pty = faulty(&sandbox);
        fail(&sandbox, &format!("{point}=panic"));
        // Something to draw and to publish, from elsewhere.
        by(&sandbox, "bo", &["hold", "all", "--reason", "a look"]).exits(0);
        told_after_restoring(&mut pty, point);
        sandbox.nothing_left(promised(Duration::from_secs(2)));
        by(&sandbox, "ana", &["drive", "1"]).exits(3);
    }
}

#[test]
fn a_panic_in_the_middle_of_a_deploy_leaves_it_in_doubt_and_begun_once() {
    for point in ["terminal.draw", "dispatcher.publish", "executor.before-report"] {
        let sandbox = started();
        let mut pty = faulty(&sandbox);
        deploying(&sandbox, &mut pty);
        fail(&sandbox, &format!("{point}=panic"));
        go(&sandbox);
        told_after_restoring(&mut pty, point);
        sandbox.nothing_left(promised(Duration::from_secs(5)));
        by(&sandbox, "ana", &["drive", "1"]).exits(3);
        let done = by(&sandbox, "ana", &["--json", "run", "show", "1"]).json();
        assert!(["done", "failed"].contains(&done["steps"][0]["state"].as_str().unwrap()), "{point}: {done}");
        assert_eq!(begun(&sandbox), 1, "{point}");
    }
}
