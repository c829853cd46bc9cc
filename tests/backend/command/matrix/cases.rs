//! What can go wrong with a program, and what must hold then. Lines of a shell; `act` is what counts as done.

use crate::ends::End::{self, Done, NotDone, Partly, Unknown};
use crate::ends::Shows;
use How::{Absent, Dropped, Late, NoInterpreter, Plain, Runs, Unfilled, Waits};

/// How a case comes about.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// It runs these lines.
    Runs(&'static str),
    /// It runs these lines, which do not end before its limit.
    Waits(&'static str),
    /// It runs these lines, and nobody waits any longer once there is a file `begun`.
    Dropped(&'static str),
    /// There is no such program.
    Absent,
    /// A file that may not be executed.
    Plain,
    /// Its interpreter does not exist.
    NoInterpreter,
    /// An argument is missing.
    Unfilled,
    /// It was decided too long ago.
    Late,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What it is called.
    pub name: &'static str,
    /// How it comes about.
    pub how: How,
    /// How it must be called, and how often it must have been done.
    pub must: (End, usize),
}

const fn case(name: &'static str, how: How, end: End, acted: usize) -> Case {
    Case { name, how, must: (end, acted) }
}

/// The exit code that the declaration lists as certainly nothing done; what a runbook names itself has none.
pub const LISTED: &str = "says no by a listed code";

/// All of them, those that wait first.
pub const CASES: &[Case] = &[
    case("ignores the signal to stop", Waits("trap '' TERM; act; while :; do sleep 600; done"), Unknown, 1),
    case("hangs after acting", Waits("act; sleep 600"), Unknown, 1),
    case("hangs before acting", Waits("sleep 600; act"), Unknown, 0),
    case("says no when it is stopped", Waits("trap 'exit 3' TERM; act; sleep 600 & wait"), Unknown, 1),
    case("says done when it is stopped", Waits("trap 'echo done; exit 0' TERM; act; sleep 600 & wait"), Unknown, 1),
    case("given up after acting", Dropped("act; : >begun; sleep 600; act"), Unknown, 1),
    case("given up before acting", Dropped(": >begun; sleep 600; act"), Unknown, 0),
    case("does not exist", Absent, NotDone, 0),
    case("not executable", Plain, NotDone, 0),
    case("no interpreter", NoInterpreter, NotDone, 0),
    case("an argument is missing", Unfilled, NotDone, 0),
    case("decided too long ago", Late, NotDone, 0),
    case("well", Runs("act; echo done"), Done, 1),
    case("in part", Runs(r#"act; echo '{"summary":"4 of 6","done":4,"of":6}'"#), Partly, 1),
    case(LISTED, Runs("echo 'no quota' >&2; exit 3"), NotDone, 0),
    case("fails before acting", Runs("exit 1; act"), Unknown, 0),
    case("fails after acting", Runs("act; exit 1"), Unknown, 1),
    case("killed before acting", Runs("kill -9 $$; act"), Unknown, 0),
    case("killed after acting", Runs("act; kill -9 $$"), Unknown, 1),
    case("says done and did nothing", Runs("echo done"), Done, 0),
    case("no UTF-8", Runs(r"act; printf '\377\376\200\n'"), Done, 1),
    case("no UTF-8, and fails", Runs(r"act; printf '\377\376\200\n' >&2; exit 1"), Unknown, 1),
    case("a receipt that breaks off", Runs(r#"act; printf '{"summary":"4 of 6","done":4'"#), Unknown, 1),
    case("a receipt that cannot be read", Runs(r#"act; echo '{"done":4,"of":6,}'"#), Unknown, 1),
    case("a receipt with more done than there is", Runs(r#"act; echo '{"done":7,"of":6}'"#), Unknown, 1),
    case(
        "a receipt that is too long",
        Runs(r#"act; printf '{"summary":"'; head -c 70000 /dev/zero | tr '\0' x; echo '"}'"#),
        Unknown,
        1,
    ),
    case("too much output", Runs(r"act; head -c 1500000 /dev/zero | tr '\0' '\n'; echo done"), Done, 1),
    case(
        "hostile text",
        Runs(r"act; printf '\033]52;c;aGk=\007\033[2J\342\200\256\342\200\213\302\233x\n' | tee /dev/stderr"),
        Done,
        1,
    ),
    case(
        "a hostile receipt",
        Runs(r#"act; printf '%s\n' '{"summary":"\u001b[2J\u202e","detail":{"\u009b":"\u200b\u0007"}}'"#),
        Done,
        1,
    ),
    case("hostile text, and fails", Runs(r"act; printf '\033[2J\342\200\256x\n' >&2; exit 1"), Unknown, 1),
    case("closes its output", Runs("exec >&- 2>&-; act"), Done, 1),
    case("closes its output, and fails", Runs("exec >&- 2>&-; act; exit 4"), Unknown, 1),
    case("leaves one that holds its output", Runs("act; sleep 600 & echo $! >left; echo done"), Done, 1),
    case("leaves one that holds its output, and fails", Runs("act; sleep 600 & echo $! >left; exit 1"), Unknown, 1),
];

/// What a probe says of something that was done and is in doubt, and what that shows.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    /// What it is called.
    pub name: &'static str,
    /// Its lines; none where there is no such program.
    pub lines: Option<&'static str>,
    /// Whether it ends only at its limit.
    pub waits: bool,
    /// What is found.
    pub shows: Shows,
}

const fn probe(name: &'static str, lines: &'static str, shows: Shows) -> Probe {
    Probe { name, lines: Some(lines), waits: false, shows }
}

/// All of them.
pub const PROBES: &[Probe] = &[
    Probe {
        name: "hangs",
        lines: Some(r#"echo '{"found":"applied"}'; sleep 600"#),
        waits: true,
        shows: Shows::Unknown,
    },
    Probe { name: "does not exist", lines: None, waits: false, shows: Shows::Unknown },
    probe("applied", r#"echo '{"found":"applied"}'"#, Shows::Applied),
    probe("not applied", r#"echo '{"found":"not-applied"}'"#, Shows::NotYet),
    probe("never applied", r#"echo '{"found":"not-applied","final":true}'"#, Shows::Never),
    probe("in part", r#"echo '{"found":"partly","done":4,"of":6}'"#, Shows::Partly),
    probe("unknown", r#"echo '{"found":"unknown"}'"#, Shows::Unknown),
    probe("fails", r#"echo '{"found":"applied"}'; exit 1"#, Shows::Unknown),
    probe("killed", r#"echo '{"found":"not-applied","final":true}'; kill -9 $$"#, Shows::Unknown),
    probe("says nothing", "true", Shows::Unknown),
    probe("garbage", r"printf '\377\376{\n'", Shows::Unknown),
    probe("breaks off", r#"printf '{"found":"applied"'"#, Shows::Unknown),
    probe("answers twice", r#"echo '{"found":"applied"} {"found":"not-applied"}'"#, Shows::Unknown),
    probe("an unknown word", r#"echo '{"found":"\u001b[2J\u202e"}'"#, Shows::Unknown),
    probe("final is no truth", r#"echo '{"found":"not-applied","final":"true"}'"#, Shows::Unknown),
    probe("applied to some", r#"echo '{"found":"applied","done":1,"of":2}'"#, Shows::Unknown),
    probe("too much", r#"echo '{"found":"applied"}'; head -c 1100000 /dev/zero | tr '\0' ' '"#, Shows::Unknown),
    probe("hostile", r#"printf '%s\n' '{"found":"applied","summary":"\u001b[2J\u200b"}'"#, Shows::Applied),
    probe("hostile, and fails", r"printf '\033[2J\342\200\256\n' >&2; exit 1", Shows::Unknown),
];
