//! The terminal dies: four ways, in three moments. The program follows soon, burns
//! nothing meanwhile, leaves nobody behind and says so in the journal.

use crate::ground::{arm, begun, conned, deploying, facts, screens, started};
use crate::support::processes::{alive, descendants, ticks};
use crate::support::pty::Pty;
use crate::support::sandbox::{HOLDPOINT, Outcome, Sandbox, finish};
use crate::support::{Launch, promised, until};
use crate::{count, side_by_side};
use holdpoint::domain::fact::Fact;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::time::{Duration, Instant};

/// So many die at once: most of a death is waiting.
const AT_ONCE: usize = 6;
/// A call of tmux, beside so many others, may take this long.
const CALLED: Duration = Duration::from_secs(30);

/// How a terminal dies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Death {
    /// Its window is closed.
    Closed,
    /// tmux kills the pane; where there is no tmux, its signals are made by hand.
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

/// Whether there is a tmux to kill panes of.
fn tmux() -> bool {
    std::process::Command::new("tmux").arg("-V").output().is_ok_and(|out| out.status.success())
}

/// What every call of the sandbox's own tmux server begins with: no settings, a socket of its own.
const OURS: [&str; 5] = ["-u", "-f", "/dev/null", "-L", "holdpoint"];

/// A call of that server.
fn tmuxed(sandbox: &Sandbox, words: &[&str]) -> Outcome {
    let mut command = sandbox.command("tmux", &[&OURS, words].concat());
    command.env("TMUX_TMPDIR", sandbox.root());
    finish(command, b"", CALLED)
}

/// Starts the screens in a terminal that will die so, with the conn; and which process they are.
fn up(sandbox: &Sandbox, death: Death) -> (Pty, i32) {
    let launch = |program: &str, words: &[&str]| {
        let launch = Launch::new(program, words).environment(sandbox.environment());
        conned(launch.directory(sandbox.workspace()).size(100, 31))
    };
    let shell = |script: String| launch("sh", &["-c", &script]);
    match death {
        Death::Pane if tmux() => {
            let pane = format!("exec {HOLDPOINT} --as ana");
            let words = [&OURS, ["new-session", &pane].as_slice()].concat();
            let tmux = Launch::new("tmux", &words).environment(sandbox.environment());
            let tmux = tmux.env("TMUX_TMPDIR", &sandbox.root().display().to_string());
            let pty = conned(tmux.directory(sandbox.workspace()).size(100, 31));
            let pid = tmuxed(sandbox, &["list-panes", "-F", "#{pane_pid}"]).exits(0).stdout.trim().parse().unwrap();
            (pty, pid)
        }
        Death::Closed | Death::Pane => {
            let pty = conned(screens(sandbox));
            let pid = pty.pid();
            (pty, pid)
        }
        Death::Ignored => {
            let pty = shell(format!("trap '' HUP; {HOLDPOINT} --as ana; :"));
            let pid = descendants(pty.pid())[0].pid;
            (pty, pid)
        }
        Death::NoInput => {
            // Its keys come from the terminal behind standard output all the same.
            let pty = shell(format!("exec {HOLDPOINT} --as ana </dev/null"));
            let pid = pty.pid();
            (pty, pid)
        }
    }
}

/// Lets the terminal die.
fn kill(sandbox: &Sandbox, pty: &mut Pty, death: Death) {
    match death {
        Death::Pane if tmux() => {
            // The server may end before it has answered.
            tmuxed(sandbox, &["kill-pane"]);
        }
        Death::Pane => {
            let group = Pid::from_raw(pty.pid()).unwrap();
            let _ = kill_process_group(group, Signal::HUP).or_else(|_| kill_process(group, Signal::HUP));
            pty.close();
        }
        _ => pty.close(),
    }
}

fn dies(death: Death, moment: Moment) -> (Duration, u64) {
    let sandbox = started();
    let (mut pty, pid) = up(&sandbox, death);
    match moment {
        Moment::Idle => {}
        Moment::Dialog => {
            arm(&mut pty);
            pty.opens("s", "▸ Cancel");
        }
        Moment::Dispatching => deploying(&sandbox, &mut pty),
    }
    let before = ticks(pid).unwrap();
    let from = Instant::now();
    kill(&sandbox, &mut pty, death);
    let limit = Duration::from_secs(if moment == Moment::Dispatching { 7 } else { 2 });
    let granted = promised(limit);
    let mut used = before;
    let gone = until(granted, || {
        used = ticks(pid).unwrap_or(used).max(used);
        (!alive(pid)).then_some(from.elapsed())
    });
    let Some(after) = gone else { panic!("{death:?}, {moment:?}: alive {granted:?} after its terminal") };
    let burnt = used - before;
    // 5 % of the time it may take, in ticks of 10 ms, beside what leaving itself takes an
    // unoptimised build; whoever waits in a circle burns more than either.
    assert!(burnt <= limit.as_secs() * 5 + 50, "{death:?}, {moment:?}: {burnt} ticks burnt in {after:?}");
    pty.wait_exit(promised(Duration::from_secs(4)));
    sandbox.nothing_left(promised(Duration::from_secs(5)));
    let how = facts(&sandbox).into_iter().rev().find_map(|fact| match fact {
        Fact::SessionClosed { how, .. } => Some(how),
        _ => None,
    });
    let known = ["SIGHUP", "hang-up", "end of file", "I/O error"];
    assert!(how.as_deref().is_some_and(|how| known.contains(&how)), "{death:?}, {moment:?}: {how:?}");
    assert_eq!(begun(&sandbox), usize::from(moment == Moment::Dispatching));
    (after, burnt)
}

/// Every way at one moment, so often, several at once; says the worst.
fn all(moment: Moment) {
    let deaths = [Death::Closed, Death::Pane, Death::Ignored, Death::NoInput];
    let told = side_by_side(deaths.len() * count(3, 100), AT_ONCE, |n| dies(deaths[n % deaths.len()], moment));
    let (slowest, most) = (told.iter().map(|t| t.0).max().unwrap(), told.iter().map(|t| t.1).max().unwrap());
    let pane = if tmux() { "" } else { "; NOT RUN with a real tmux: there is none" };
    eprintln!("{moment:?}: {} gone after {slowest:?} at most, {most} ticks of 10 ms at most{pane}", told.len());
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
