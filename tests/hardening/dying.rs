//! The terminal dies: four ways, in three moments. The program follows soon, burns
//! nothing meanwhile, leaves nobody behind and says so in the journal.

use crate::count;
use crate::ground::{begun, conned, deploying, facts, screens, started};
use crate::support::processes::{alive, descendants, ticks};
use crate::support::pty::Pty;
use crate::support::sandbox::{HOLDPOINT, Sandbox};
use crate::support::{Launch, until};
use holdpoint::domain::fact::Fact;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::time::{Duration, Instant};

/// How a terminal dies.
#[derive(Clone, Copy, Debug)]
enum Death {
    /// Its window is closed.
    Closed,
    /// A multiplexer kills the pane: the whole group is told, then the window is closed.
    Pane,
    /// As closed, but whoever leads the session keeps the signal to itself.
    Ignored,
    /// As closed, with standard input from elsewhere.
    NoInput,
}

/// When it dies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    Idle,
    Dialog,
    Dispatching,
}

/// Starts the screens in a terminal that will die so, with the conn; and which process they are.
fn up(sandbox: &Sandbox, death: Death) -> (Pty, i32) {
    let shell = |script: String| {
        let shell = Launch::new("sh", &["-c", &script]).environment(sandbox.environment());
        shell.directory(sandbox.workspace()).size(100, 30)
    };
    match death {
        Death::Closed | Death::Pane => {
            let pty = conned(screens(sandbox));
            let pid = pty.pid();
            (pty, pid)
        }
        Death::Ignored => {
            let pty = conned(shell(format!("trap '' HUP; {HOLDPOINT} --as ana; :")));
            let pid = descendants(pty.pid())[0].pid;
            (pty, pid)
        }
        Death::NoInput => {
            // Its keys come from the terminal behind standard output all the same.
            let pty = conned(shell(format!("exec {HOLDPOINT} --as ana </dev/null")));
            let pid = pty.pid();
            (pty, pid)
        }
    }
}

fn dies(death: Death, moment: Moment) -> (Duration, u64) {
    let sandbox = started();
    let (mut pty, pid) = up(&sandbox, death);
    match moment {
        Moment::Idle => {}
        Moment::Dialog => {
            pty.keys(":arm<Enter>");
            pty.wait_for("ARMED");
            pty.keys("s");
            pty.wait_for("▸ Cancel");
        }
        Moment::Dispatching => deploying(&sandbox, &mut pty),
    }
    let before = ticks(pid).unwrap();
    if let Death::Pane = death {
        let group = Pid::from_raw(pty.pid()).unwrap();
        let _ = kill_process_group(group, Signal::HUP).or_else(|_| kill_process(group, Signal::HUP));
    }
    let from = Instant::now();
    pty.close();
    let limit = Duration::from_secs(if moment == Moment::Dispatching { 7 } else { 2 });
    let mut used = before;
    let gone = until(limit, || {
        used = ticks(pid).unwrap_or(used).max(used);
        (!alive(pid)).then_some(from.elapsed())
    });
    let Some(after) = gone else { panic!("{death:?}, {moment:?}: alive {limit:?} after its terminal") };
    let burnt = used - before;
    // 5 % of the time it may take, in ticks of 10 ms, beside what leaving itself takes an
    // unoptimised build; whoever waits in a circle burns more than either.
    assert!(burnt <= limit.as_secs() * 5 + 20, "{death:?}, {moment:?}: {burnt} ticks burnt in {after:?}");
    pty.wait_exit(Duration::from_secs(4));
    sandbox.nothing_left(Duration::from_secs(5));
    let how = facts(&sandbox).into_iter().rev().find_map(|fact| match fact {
        Fact::SessionClosed { how, .. } => Some(how),
        _ => None,
    });
    let known = ["SIGHUP", "hang-up", "end of file", "I/O error"];
    assert!(how.as_deref().is_some_and(|how| known.contains(&how)), "{death:?}, {moment:?}: {how:?}");
    assert_eq!(begun(&sandbox), usize::from(moment == Moment::Dispatching));
    (after, burnt)
}

/// Every way at one moment, so often; says the worst.
fn all(moment: Moment) {
    let mut worst = (Duration::ZERO, 0);
    for _ in 0..count(1, 100) {
        for death in [Death::Closed, Death::Pane, Death::Ignored, Death::NoInput] {
            let (after, burnt) = dies(death, moment);
            worst = (worst.0.max(after), worst.1.max(burnt));
        }
    }
    eprintln!("{moment:?}: gone after {:?} at most, {} ticks of 10 ms at most", worst.0, worst.1);
}

#[test]
fn idle_it_is_gone_in_two_seconds() {
    all(Moment::Idle);
}

#[test]
fn with_a_dialog_open_it_is_gone_in_two_seconds() {
    all(Moment::Dialog);
}

#[test]
fn dispatching_it_is_gone_in_seven_seconds() {
    all(Moment::Dispatching);
}
