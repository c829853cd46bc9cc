//! Ways to end: signals, a closed window, kill -9; idle and in the middle of a deploy.

use crate::ground::*;
use crate::support::processes::{alive, descendants, ticks};
use crate::support::pty::Pty;
use crate::support::sandbox::Sandbox;
use crate::support::{promised, until, wait_until};
use holdpoint::domain::fact::Fact;
use rustix::process::Signal;
use std::time::Duration;

/// Within this the program has gone when it was idle.
fn gone() -> Duration {
    promised(Duration::from_secs(2))
}

/// How the last session that ended said that it ended.
fn last_words(sandbox: &Sandbox) -> Option<String> {
    facts(sandbox).into_iter().rev().find_map(|fact| match fact {
        Fact::SessionClosed { how, .. } => Some(how),
        _ => None,
    })
}

/// Waits for the end and checks that the terminal is the shell's again.
#[track_caller]
fn restored(pty: &mut Pty) {
    pty.wait_exit(gone());
    pty.modes().restored().unwrap();
    assert!(!pty.raw(), "the line is still raw");
}

#[test]
fn a_signal_ends_it_the_terminal_is_given_back_and_the_journal_says_so() {
    for (signal, name) in [(Signal::TERM, "SIGTERM"), (Signal::INT, "SIGINT"), (Signal::HUP, "SIGHUP")] {
        let sandbox = started();
        let mut pty = conned(screens(&sandbox));
        pty.signal(signal);
        restored(&mut pty);
        assert_eq!(last_words(&sandbox).as_deref(), Some(name));
        sandbox.nothing_left(gone());
    }
}

#[test]
fn a_closed_window_ends_it_without_a_panic_on_a_dead_standard_error() {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    pty.close();
    // 1 is the end it chose; a panic while it says so would be 101.
    assert_eq!(pty.wait_exit(gone()).code, 1);
    let how = last_words(&sandbox).unwrap();
    // The signal or the line, whichever is seen first.
    assert!(["SIGHUP", "hang-up", "end of file", "I/O error"].contains(&how.as_str()), "{how}");
    sandbox.nothing_left(gone());
}

#[test]
fn a_closed_window_ends_it_also_when_the_signal_is_ignored() {
    let sandbox = started();
    // The shell is the session's leader: the kernel tells it alone, and it tells nobody.
    let script = format!("trap '' HUP; {} --as ana; echo $? > code", crate::support::sandbox::HOLDPOINT);
    let shell = crate::support::Launch::new("sh", &["-c", &script]);
    let mut pty = conned(shell.environment(sandbox.environment()).directory(sandbox.workspace()).size(100, 30));
    let ours = descendants(pty.pid())[0].pid;
    let before = ticks(ours).unwrap();
    pty.close();
    let mut used = before;
    let ended = until(gone(), || {
        used = ticks(ours).unwrap_or(used);
        (!alive(ours)).then_some(())
    });
    assert!(ended.is_some(), "alive {:?} after its terminal", gone());
    assert!(used - before < 50, "{} ticks burnt after the hang-up", used - before);
    pty.wait_exit(gone());
    assert_eq!(std::fs::read_to_string(sandbox.workspace().join("code")).unwrap(), "1\n");
    sandbox.nothing_left(gone());
}

#[test]
fn killed_while_idle_it_is_told_as_lost_and_nothing_is_left() {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    pty.signal(Signal::KILL);
    pty.wait_exit(gone());
    sandbox.nothing_left(gone());
    lost_and_found(&sandbox);
}

#[test]
fn killed_at_every_point_of_the_terminal_it_is_told_as_lost() {
    for point in holdpoint::fault::POINTS.iter().filter(|point| point.starts_with("terminal.")) {
        let sandbox = started();
        let mut pty = faulty(&sandbox);
        fail(&sandbox, &format!("{point}=kill"));
        // The clock is drawn. Another's verb could find the session dead, and say so before it is looked for here.
        assert!(pty.wait_exit(gone()).signal.is_some(), "{point} was not passed");
        sandbox.nothing_left(gone());
        lost_and_found(&sandbox);
    }
}

/// A way to end the screens.
type End = fn(&mut Pty);

/// However it ends in the middle of a deploy: the script dies with it, the step is in
/// doubt, is probed, and was begun once.
#[test]
fn ended_in_the_middle_of_a_deploy_it_is_in_doubt_and_was_begun_once() {
    let ends: [(&str, End); 4] = [
        ("kill", |pty| pty.signal(Signal::KILL)),
        ("SIGTERM", |pty| pty.signal(Signal::TERM)),
        ("SIGHUP", |pty| pty.signal(Signal::HUP)),
        ("closed", Pty::close),
    ];
    for (how, end) in ends {
        let sandbox = started();
        let mut pty = conned(screens(&sandbox));
        deploying(&sandbox, &mut pty);
        end(&mut pty);
        pty.wait_exit(promised(Duration::from_secs(5)));
        sandbox.nothing_left(promised(Duration::from_secs(5)));
        let mut pty = screens(&sandbox).start();
        pty.wait_for("Deploy web to lab");
        wait_until("in doubt", promised(Duration::from_secs(5)), || {
            facts(&sandbox).iter().any(|fact| matches!(fact, Fact::InDoubt { .. }))
        });
        take_the_conn(&mut pty);
        // The probe says that it did not end: a certain no, so it can be started again.
        pty.wait_for("the log says it did not end");
        assert_eq!(begun(&sandbox), 1, "{how}");
        leave(&mut pty);
    }
}

#[test]
fn a_terminal_that_takes_nothing_keeps_nobody() {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    // As with Ctrl-S typed at a shell: the line takes no more output.
    pty.stop_output();
    pty.signal(Signal::TERM);
    pty.wait_exit(promised(Duration::from_secs(4)));
    sandbox.nothing_left(gone());
}
