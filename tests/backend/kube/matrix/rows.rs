//! The tables: every verb of a cluster, for every kind of workload that has it, and where one differs from what
//! holds of all; and what none of a kind can do.

use super::super::flagger::{BEGIN, MORE, TAKE};
use super::worlds::World;
use crate::matrix::{Again, But, Case, End, Must, NO, Sent, Shows, TAKEN, WELL};
use Case::{
    Already, Another, Blind, CutAfter, Empty, Garbage, Hostile, HostileBlind, HostileNo, HostileWish, Missed, No,
    Nothing, Paged, Skewed, Strange, Stumbles, TooMany, Unmoved, Well,
};
use holdpoint::backend::kubernetes::place::Kind;
use holdpoint::domain::operation::Verb;

/// One request that changes something: its method, how its path ends, and what its body holds.
pub type Call = (&'static str, &'static str, &'static str);

/// A verb as it is done to a kind of workload.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub verb: Verb,
    pub kind: Kind,
    pub world: World,
    pub args: &'static [(&'static str, &'static str)],
    /// What it sends, in order; nothing where it only reads.
    pub sends: &'static [Call],
    /// Which of that the cases are about.
    pub at: usize,
    /// Where it differs from what holds of all.
    pub but: But,
}

/// What no workload of a kind can do: with these words, and without sending anything.
pub type Cannot = (Verb, Kind, World, &'static [(&'static str, &'static str)], &'static str);

const V43: &[(&str, &str)] = &[("version", "4.3.0")];
const BACK: &[(&str, &str)] = &[("to", "4.1.9")];
const THREE: &[(&str, &str)] = &[("replicas", "3")];

/// Whoever restarts it has all of it anew, also who comes second.
const ANEW: But = &[(&[Already], Must { again: None, ..WELL })];
/// What only reads: it is never in doubt, and nothing is sent.
const READS: But = &[
    (&[HostileWish], Must { ends: &[End::NotDone], sent: Sent::None, found: &[], again: None }),
    (
        &Case::ALL,
        Must {
            ends: &[End::Done, End::NotDone],
            sent: Sent::None,
            found: &[Shows::Never],
            again: Some(Again { ends: &[End::Done], more: Some(false) }),
        },
    ),
];

const fn row(verb: Verb, kind: Kind, world: World, sends: &'static [Call]) -> Row {
    Row { verb, kind, world, args: &[], sends, at: 0, but: &[] }
}

impl Row {
    const fn with(self, args: &'static [(&'static str, &'static str)]) -> Self {
        Self { args, ..self }
    }

    const fn but(self, but: But) -> Self {
        Self { but, ..self }
    }

    const fn second(self) -> Self {
        Self { at: 1, ..self }
    }

    const fn reads(verb: Verb, kind: Kind, world: World) -> Self {
        row(verb, kind, world, &[]).but(READS)
    }
}

const API: &[Call] = &[("PATCH", "/deployments/api", "")];
const DB: &[Call] = &[("PATCH", "/statefulsets/db", "")];
const AGENT: &[Call] = &[("PATCH", "/daemonsets/agent", "")];

/// Not the dry run that comes before it.
const MENDS: [&[Call]; 3] = [
    &[("PATCH", "/deployments/api$", "\"op\"")],
    &[("PATCH", "/statefulsets/db$", "\"op\"")],
    &[("PATCH", "/daemonsets/agent$", "\"op\"")],
];

pub const WORKLOADS: &[Row] = &[
    row(Verb::Deploy, Kind::Deployment, World::Deployment, API).with(V43),
    row(Verb::RollBack, Kind::Deployment, World::Deployment, API).with(BACK),
    row(Verb::Pause, Kind::Deployment, World::Deployment, API),
    row(Verb::Resume, Kind::Deployment, World::Paused, API),
    row(Verb::Scale, Kind::Deployment, World::Deployment, &[("PATCH", "/deployments/api/scale", "")]).with(THREE),
    row(Verb::Restart, Kind::Deployment, World::Deployment, API).but(ANEW),
    row(Verb::Mend, Kind::Deployment, World::Drifted, MENDS[0]),
    Row::reads(Verb::Snapshot, Kind::Deployment, World::Deployment),
    row(Verb::Deploy, Kind::StatefulSet, World::Sets, DB).with(V43),
    row(Verb::RollBack, Kind::StatefulSet, World::Sets, DB).with(BACK),
    row(Verb::Scale, Kind::StatefulSet, World::Sets, &[("PATCH", "/statefulsets/db/scale", "")]).with(THREE),
    row(Verb::Restart, Kind::StatefulSet, World::Sets, DB).but(ANEW),
    row(Verb::Mend, Kind::StatefulSet, World::DriftedSets, MENDS[1]),
    Row::reads(Verb::Snapshot, Kind::StatefulSet, World::Sets),
    row(Verb::Deploy, Kind::DaemonSet, World::Sets, AGENT).with(V43),
    row(Verb::RollBack, Kind::DaemonSet, World::Sets, AGENT).with(BACK),
    row(Verb::Restart, Kind::DaemonSet, World::Sets, AGENT).but(ANEW),
    row(Verb::Mend, Kind::DaemonSet, World::DriftedSets, MENDS[2]),
    Row::reads(Verb::Snapshot, Kind::DaemonSet, World::Sets),
];

const WEB: &[Call] = &[("PATCH", "/rollouts/web", "")];
const STATUS: &[Call] = &[("PATCH", "/rollouts/web/status", "")];

/// Once it goes on nothing says who had it go on, or that it ever stood: nothing is sent again, and nobody knows.
const GONE: Option<Again> = Some(Again { ends: &[End::NotDone], more: Some(false) });
const GOES_ON: But = &[
    (
        &[Well, Stumbles(429), Stumbles(503), Hostile, Skewed, Paged, Strange, Missed],
        Must { found: &[Shows::Unknown], again: GONE, ..WELL },
    ),
    (&[Already], Must { ends: &[End::NotDone], sent: Sent::None, found: &[Shows::Unknown], again: None }),
    (
        &[CutAfter, Blind(401), Blind(403), Blind(500), HostileBlind],
        Must { found: &[Shows::Unknown], again: GONE, ..TAKEN },
    ),
    (&[Unmoved], Must { found: &[Shows::Unknown], again: GONE, ..TAKEN }),
];

pub const ROLLOUTS: &[Row] = &[
    row(Verb::Deploy, Kind::Rollout, World::Stable, WEB).with(V43),
    row(Verb::RollBack, Kind::Rollout, World::Stop, WEB).with(BACK),
    row(Verb::Promote, Kind::Rollout, World::Stop, STATUS).with(&[("step", "2")]),
    row(Verb::Promote, Kind::Rollout, World::Stop, STATUS).with(&[("how", "full"), ("version", "4.2.0")]),
    row(Verb::Promote, Kind::Rollout, World::Measured, STATUS).with(&[("how", "skip"), ("step", "2")]),
    row(Verb::Promote, Kind::Rollout, World::Coloured, STATUS).with(&[("version", "4.2.0")]),
    row(Verb::Abort, Kind::Rollout, World::Stop, STATUS),
    row(Verb::Pause, Kind::Rollout, World::Stop, WEB),
    row(Verb::Resume, Kind::Rollout, World::StopPaused, WEB).but(GOES_ON),
    row(Verb::Resume, Kind::Rollout, World::Aborted, STATUS)
        .with(&[("how", "retry"), ("version", "4.2.0")])
        .but(GOES_ON),
    row(Verb::Scale, Kind::Rollout, World::Stop, &[("PATCH", "/rollouts/web/scale", "")]).with(&[("replicas", "12")]),
    row(Verb::Restart, Kind::Rollout, World::Stop, WEB).but(ANEW),
    Row::reads(Verb::Snapshot, Kind::Rollout, World::Stop),
];

const GATE: &[Call] = &[("POST", "/gate/open", "")];
const GIVEN_UP: &[Call] = &[("POST", "/rollback/open", ""), ("PATCH", "/deployments/shop", "")];
const SKIPS: &[Call] = &[("PATCH", "/canaries/shop", "\"/spec/skipAnalysis\",\"value\":true")];
const SHOP: &[Call] = &[("PATCH", "/deployments/shop", "")];
const CANARY: &[Call] = &[("PATCH", "/canaries/shop", "")];

/// What was open for a moment may have been passed in it.
const MOMENT: Must = Must { found: &[], again: Some(Again { ends: &[End::Done, End::NotDone], more: None }), ..TAKEN };
/// It was open, and in truth nobody has passed it.
const UNPASSED: Must = Must { ends: &[End::Unknown], ..NO };
/// Another revision has come: whatever passed, it was perhaps not what was meant.
const OTHER: Must = Must { ends: &[End::Unknown], sent: Sent::Upto, found: &[], again: None };
/// Who only lets pass has no mark of its own: what is beyond may be so by anybody.
const PASSES: But = &[(&[CutAfter], MOMENT), (&[Unmoved, Garbage, Empty, Nothing], UNPASSED), (&[Another], OTHER)];

/// The same where more comes after it.
const GIVES_UP: But = &[
    (&[CutAfter], MOMENT),
    (&[Blind(401), Blind(403), Blind(500), HostileBlind], HALF),
    (&[Unmoved, Garbage, Empty, Nothing], UNPASSED),
    (&[Another], OTHER),
];
/// It is given up, and its wish is certainly not taken back.
const PART: Must = Must { ends: &[End::Partly], ..NO };
const SECOND: But = &[
    (&[No(307), No(400), No(401), No(403), No(404), No(409), No(422), TooMany, HostileNo(403)], PART),
    (&[Another], Must { found: &[], again: None, ..PART }),
    // What serves never left: nobody has to act on it.
    (&[Unmoved], WELL),
];
/// It is given up, and nothing was seen of that: the rest is not sent, and so it has not come about.
const HALF: Must = Must { found: &[Shows::NotYet], ..TAKEN };

/// The canary itself is changed, which is locked to what was read.
const SKIPPED: But = &[(&[CutAfter], MOMENT), (&[Unmoved, Garbage, Empty, Nothing], UNPASSED)];
/// Beyond its first gate nothing tells for sure that it has begun, until there is traffic or a count.
const EITHER: Option<Again> = Some(Again { ends: &[End::Done, End::NotDone], more: Some(false) });
const BEGINS: But = &[
    (
        &[Well, Stumbles(429), Stumbles(503), Hostile, Skewed, Paged, Strange, Missed],
        Must { found: &[], again: EITHER, ..WELL },
    ),
    (&[Already], Must { ends: &[End::Done, End::NotDone], sent: Sent::None, found: &[], again: None }),
    (&[Blind(401), Blind(403), Blind(500), HostileBlind], Must { found: &[], again: EITHER, ..TAKEN }),
    (&[CutAfter], MOMENT),
    (&[Unmoved, Garbage, Empty, Nothing], UNPASSED),
    (&[Another], OTHER),
];
/// What is written is all that there is to it: nobody has to act on it.
const AT_ONCE: But = &[(&[Unmoved], WELL)];

pub const CANARIES: &[Row] = &[
    row(Verb::Deploy, Kind::Canary, World::Canary, SHOP).with(V43),
    row(Verb::RollBack, Kind::Canary, World::Served, SHOP).with(BACK),
    row(Verb::RollBack, Kind::Canary, World::Last, GIVEN_UP).with(BACK).but(GIVES_UP),
    row(Verb::RollBack, Kind::Canary, World::Last, GIVEN_UP).with(BACK).second().but(SECOND),
    row(Verb::Promote, Kind::Canary, World::First, GATE).with(&[BEGIN]).but(BEGINS),
    row(Verb::Promote, Kind::Canary, World::Begun, GATE).with(&[MORE, ("weight", "25")]).but(PASSES),
    row(Verb::Promote, Kind::Canary, World::Last, GATE).with(&[TAKE, ("version", "4.2.0")]).but(PASSES),
    row(Verb::Promote, Kind::Canary, World::Last, SKIPS).with(&[("how", "full"), ("version", "4.2.0")]).but(SKIPPED),
    row(Verb::Abort, Kind::Canary, World::Last, &[("POST", "/rollback/open", "")]).but(PASSES),
    row(Verb::Pause, Kind::Canary, World::Last, CANARY).but(AT_ONCE),
    row(Verb::Resume, Kind::Canary, World::Suspended, CANARY).but(AT_ONCE),
    row(Verb::Restart, Kind::Canary, World::Canary, &[("PATCH", "/deployments/shop-primary", "")]).but(ANEW),
    Row::reads(Verb::Snapshot, Kind::Canary, World::Last),
];

const HTTP: &[Call] = &[("PATCH", "/httproutes/web", "")];
const GRPC: &[Call] = &[("PATCH", "/grpcroutes/web", "")];
const VIRTUAL: &[Call] = &[("PATCH", "/virtualservices/web", "")];
const WERE: &[(&str, &str)] = &[("to", "rules/0 web-stable=7 web-canary=3; rules/2 web-canary=0 web-stable=5")];
const WAS: &[(&str, &str)] = &[("to", "http/0 v1=70 v2=30")];

/// Traffic that is given by hand, by a route of each kind.
pub const ROUTES: &[Row] = &[
    row(Verb::Shift, Kind::Deployment, World::Http, HTTP).with(SHARE),
    row(Verb::Abort, Kind::Deployment, World::Http, HTTP),
    row(Verb::Abort, Kind::Deployment, World::Http, HTTP).with(WERE),
    row(Verb::Shift, Kind::StatefulSet, World::Grpc, GRPC).with(SHARE),
    row(Verb::Abort, Kind::StatefulSet, World::Grpc, GRPC),
    row(Verb::Abort, Kind::StatefulSet, World::Grpc, GRPC).with(WERE),
    // Istio need not say whether its proxies have it: what is written is all that there is to it.
    row(Verb::Shift, Kind::DaemonSet, World::Virtual, VIRTUAL).with(SHARE).but(AT_ONCE),
    row(Verb::Abort, Kind::DaemonSet, World::Virtual, VIRTUAL).but(AT_ONCE),
    row(Verb::Abort, Kind::DaemonSet, World::Virtual, VIRTUAL).with(WAS).but(AT_ONCE),
];

const NO_STEPS: &str = "goes in no steps";
const NO_ROUTE: &str = "who is given traffic is not declared";
const SHARE: &[(&str, &str)] = &[("weight", "25")];
const NO_PAUSE: &str = "cannot be paused or resumed";

pub const CANNOT: &[Cannot] = &[
    (Verb::Promote, Kind::Deployment, World::Deployment, &[("step", "2")], NO_STEPS),
    (Verb::Abort, Kind::Deployment, World::Deployment, &[], NO_STEPS),
    (Verb::Promote, Kind::StatefulSet, World::Sets, &[("step", "2")], NO_STEPS),
    (Verb::Abort, Kind::StatefulSet, World::Sets, &[], NO_STEPS),
    (Verb::Pause, Kind::StatefulSet, World::Sets, &[], NO_PAUSE),
    (Verb::Resume, Kind::StatefulSet, World::Sets, &[], NO_PAUSE),
    (Verb::Promote, Kind::DaemonSet, World::Sets, &[("step", "2")], NO_STEPS),
    (Verb::Abort, Kind::DaemonSet, World::Sets, &[], NO_STEPS),
    (Verb::Pause, Kind::DaemonSet, World::Sets, &[], NO_PAUSE),
    (Verb::Resume, Kind::DaemonSet, World::Sets, &[], NO_PAUSE),
    (Verb::Scale, Kind::DaemonSet, World::Sets, THREE, "cannot be scaled"),
    (Verb::Scale, Kind::Canary, World::Last, THREE, "Flagger scales it"),
    (Verb::Mend, Kind::Rollout, World::Stop, &[], "a rollout is not mended"),
    (Verb::Mend, Kind::Canary, World::Last, &[], "a canary is not mended"),
    // Where a route is declared it can (`ROUTES`).
    (Verb::Shift, Kind::Deployment, World::Deployment, SHARE, NO_ROUTE),
    (Verb::Shift, Kind::StatefulSet, World::Sets, SHARE, NO_ROUTE),
    (Verb::Shift, Kind::DaemonSet, World::Sets, SHARE, NO_ROUTE),
    (Verb::Shift, Kind::Rollout, World::Stop, SHARE, "its controller writes the weights"),
    (Verb::Shift, Kind::Canary, World::Last, SHARE, "its controller writes the weights"),
];
