//! What can go wrong with a plugin, and what must hold then. Lines of a shell that change one that does well: `greet`,
//! `on_perform`, `on_cancel` and `on_probe` are asked, `act` is what counts as done, `ok` and `no` answer.

use crate::ends::End::{self, Done, NotDone, Partly, Unknown};
use crate::ends::Shows;
use How::{AtCancel, Changed, Dropped, Gone, Is, Late, Mute, Untrusted, Waits};

/// How a case comes about.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// It is so.
    Is(&'static str),
    /// It is so, and ends only at its limit.
    Waits(&'static str),
    /// It is so, and answers once it is cancelled at its limit.
    AtCancel(&'static str),
    /// It is so, and does not greet in time.
    Mute(&'static str),
    /// It is so, and nobody waits any longer once there is a file `begun`; `go` lets it go on.
    Dropped(&'static str),
    /// There is no such program any longer.
    Gone,
    /// It was never trusted.
    Untrusted,
    /// It was changed since it was trusted.
    Changed,
    /// It was decided too long ago by the time it has greeted.
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

impl Case {
    /// Whether it ends only with the operation's limit.
    pub fn waits(&self) -> bool {
        matches!(self.how, Waits(_) | AtCancel(_))
    }
}

const fn case(name: &'static str, how: How, end: End, acted: usize) -> Case {
    Case { name, how, must: (end, acted) }
}

/// All of them, those that wait first.
pub const CASES: &[Case] = &[
    case("never answers", Waits("on_perform() { act; }"), Unknown, 1),
    case("stops reading", Waits("on_perform() { act; exec sleep 600; }"), Unknown, 1),
    case(
        "answers when it was given up",
        Waits("on_perform() { act; held=$id; }\non_probe() { ok $held '{}'; finding; }"),
        Unknown,
        1,
    ),
    case(
        "says no when it was given up",
        Waits("on_perform() { act; held=$id; }\non_probe() { no $held -32013; finding; }"),
        Unknown,
        1,
    ),
    case("answers another id", Waits("on_perform() { act; ok 9999 '{}'; no 9998 -32013; }"), Unknown, 1),
    case("answers the id as a text", Waits(r#"on_perform() { act; no "\"$id\"" -32013; }"#), Unknown, 1),
    case("answers no id", Waits("on_perform() { act; no null -32013; }"), Unknown, 1),
    case(
        "half a frame, then silence",
        Waits(
            r#"on_perform() { act; printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32013' "$id"; }
on_probe() { say ''; finding; }"#,
        ),
        Unknown,
        1,
    ),
    case(
        "a frame that is too large",
        Waits(
            r#"on_perform() { act; printf '{"id":%s,"result":{"summary":"' "$id"
head -c 4300000 /dev/zero | tr '\0' x; say '"}}'; }"#,
        ),
        Unknown,
        1,
    ),
    case(
        "no UTF-8",
        Waits(r#"on_perform() { act; printf '{"jsonrpc":"2.0","id":%s,"result":{"summary":"\377\376"}}\n' "$id"; }"#),
        Unknown,
        1,
    ),
    case("answers when it is cancelled", AtCancel("on_perform() { act; }\non_cancel() { ok $id '{}'; }"), Done, 1),
    case("is cancelled", AtCancel("on_perform() { act; }\non_cancel() { no $id -32800; }"), Unknown, 1),
    case("is cancelled, certainly in time", AtCancel("on_cancel() { no $id -32013; }"), NotDone, 0),
    case("does not greet", Mute("greet() { :; }"), NotDone, 0),
    case("half a greeting", Mute("greet() { printf '{\"jsonrpc\":\"2.0\",\"id\":'; }"), NotDone, 0),
    case(
        "given up after acting",
        Dropped("on_perform() { act; : >\"$W/begun\"; }\non_cancel() { : >\"$W/cancelled\"; }"),
        Unknown,
        1,
    ),
    case(
        "given up before it greets",
        Dropped(
            "greet() { : >\"$W/begun\"; while [ ! -e \"$W/go\" ]; do sleep 0.05; done; welcome; }
on_perform() { act; ok $id '{}'; }",
        ),
        Unknown,
        0,
    ),
    case("is gone", Gone, NotDone, 0),
    case("was never trusted", Untrusted, NotDone, 0),
    case("was changed since", Changed, NotDone, 0),
    case("decided too long ago", Late, NotDone, 0),
    case("dies before it greets", Is("exit 5"), NotDone, 0),
    case("dies when it is greeted", Is("greet() { echo 'token missing' >&2; exit 1; }"), NotDone, 0),
    case("greets with garbage", Is("greet() { garbage 25; }"), NotDone, 0),
    case("refuses to greet", Is("greet() { no 0 -32001; }"), NotDone, 0),
    case("another version", Is("VERSION=2"), NotDone, 0),
    case("another cookie", Is("HOLDPOINT_COOKIE=mine"), NotDone, 0),
    case("does not offer it", Is("CAN='\"probe\":{\"effect\":\"read\"}'"), NotDone, 0),
    case("dies before acting", Is("on_perform() { exit 3; }"), Unknown, 0),
    case("dies after acting", Is("on_perform() { act; exit 3; }"), Unknown, 1),
    case("killed after acting", Is("on_perform() { act; kill -9 $$; }"), Unknown, 1),
    case("closes its output", Is("on_perform() { act; exec >&-; }"), Unknown, 1),
    case("answers and dies", Is("on_perform() { act; ok $id '{}'; exit 3; }"), Done, 1),
    case("well", Is("on_perform() { act; ok $id '{}'; }"), Done, 1),
    case("in part", Is("on_perform() { act; ok $id '{\"done\":4,\"of\":6}'; }"), Partly, 1),
    case("says done and did nothing", Is("on_perform() { ok $id '{}'; }"), Done, 0),
    case("answers twice", Is("on_perform() { act; ok $id '{}'; ok $id '{}'; }"), Done, 1),
    case("answers, then says no", Is("on_perform() { act; ok $id '{}'; no $id -32013; }"), Done, 1),
    case("cannot tell, then answers", Is("on_perform() { act; no $id -32015; ok $id '{}'; }"), Unknown, 1),
    case("both a result and an error", Is(r#"on_perform() { act; both '{}' -32013; }"#), Unknown, 1),
    case("neither of them", Is(r#"on_perform() { act; say "{\"jsonrpc\":\"2.0\",\"id\":$id}"; }"#), Unknown, 1),
    case("a result that is none", Is("on_perform() { act; ok $id '[\"done\"]'; }"), Unknown, 1),
    case("a receipt that cannot be read", Is("on_perform() { act; ok $id '{\"summary\":5}'; }"), Unknown, 1),
    case("more done than there is", Is("on_perform() { act; ok $id '{\"done\":7,\"of\":6}'; }"), Unknown, 1),
    case(
        "an error that cannot be read",
        Is(r#"on_perform() { act; say "{\"jsonrpc\":\"2.0\",\"id\":$id,\"error\":{\"code\":\"-32013\"}}"; }"#),
        Unknown,
        1,
    ),
    case("certainly not done", Is("on_perform() { no $id -32013; }"), NotDone, 0),
    case("no such verb", Is("on_perform() { no $id -32014; }"), NotDone, 0),
    case("its system is away", Is("on_perform() { no $id -32012; }"), NotDone, 0),
    case("cannot tell", Is("on_perform() { act; no $id -32015; }"), Unknown, 1),
    case("a code that nobody knows", Is("on_perform() { act; no $id 17; }"), Unknown, 1),
    case("some garbage beside", Is("on_perform() { garbage 3; act; ok $id '{}'; }"), Done, 1),
    case("garbage", Is("on_perform() { act; garbage 25; }"), Unknown, 1),
    case("floods with progress", Is("on_perform() { act; flood; ok $id '{}'; }"), Done, 1),
    case("floods with requests", Is("on_perform() { act; while :; do say \"$NONSENSE\"; done; }"), Unknown, 1),
    case("hostile text", Is("on_perform() { act; progress \"$HOSTILE\"; ok $id \"$RECEIPT\"; }"), Done, 1),
    case("hostile text, and no", Is("on_perform() { no $id -32013 \"$HOSTILE\"; }"), NotDone, 0),
    case("hostile text, and nobody knows", Is("on_perform() { act; no $id 17 \"$HOSTILE\"; }"), Unknown, 1),
    case(
        "hostile text as garbage, and dies",
        Is(r"on_perform() { act; printf '\033[2J\342\200\256\n'; printf '\033[2J\342\200\213x\n' >&2; exit 1; }"),
        Unknown,
        1,
    ),
];

/// What is found of something that was done and is in doubt, by what its plugin does then.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    /// What it is called.
    pub name: &'static str,
    /// What it does.
    pub does: &'static str,
    /// What is found.
    pub shows: Shows,
}

const fn probe(name: &'static str, does: &'static str, shows: Shows) -> Probe {
    Probe { name, does, shows }
}

/// All of them.
pub const PROBES: &[Probe] = &[
    probe("hangs", "exec sleep 600", Shows::Unknown),
    probe("applied", "ok $id '{\"found\":\"applied\"}'", Shows::Applied),
    probe("not applied", "ok $id '{\"found\":\"not-applied\"}'", Shows::NotYet),
    probe("never applied", "ok $id '{\"found\":\"not-applied\",\"final\":true}'", Shows::Never),
    probe("in part", "ok $id '{\"found\":\"partly\",\"done\":4,\"of\":6}'", Shows::Partly),
    probe("unknown", "ok $id '{\"found\":\"unknown\"}'", Shows::Unknown),
    probe("dies", "exit 3", Shows::Unknown),
    probe("says no", "no $id -32013", Shows::Unknown),
    probe("has no such method", "no $id -32601", Shows::Unknown),
    probe("an unknown word", "ok $id '{\"found\":\"\\u001b[2J\"}'", Shows::Unknown),
    probe("no word", "ok $id '{}'", Shows::Unknown),
    probe("no object", "ok $id '[\"applied\",true]'", Shows::Unknown),
    probe("final is no truth", "ok $id '{\"found\":\"not-applied\",\"final\":\"true\"}'", Shows::Unknown),
    probe("applied to some", "ok $id '{\"found\":\"applied\",\"done\":1,\"of\":2}'", Shows::Unknown),
    probe("partly, and all of it", "ok $id '{\"found\":\"partly\",\"done\":2,\"of\":2}'", Shows::Unknown),
    probe("garbage", "garbage 25", Shows::Unknown),
    probe("answers twice", "ok $id '{\"found\":\"unknown\"}'; ok $id '{\"found\":\"applied\"}'", Shows::Unknown),
    probe("hostile", "ok $id '{\"found\":\"applied\",\"summary\":\"\\u001b[2J\\u202e\"}'", Shows::Applied),
    probe("hostile, and says no", "no $id 17 \"$HOSTILE\"", Shows::Unknown),
];
