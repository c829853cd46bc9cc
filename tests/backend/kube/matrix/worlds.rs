//! The clusters that a matrix begins with: each is made once, and every case has a copy of its own.

use super::super::flagger::{BEGIN, GATES};
use super::super::ground::{applied, rolled, rolled_sets, settled};
use super::super::staged::{NEW, OLD, analysed, coloured, done, image, phase, shop, shopping, stands, steps, underway};
use crate::cluster::{Cluster, grpc_route, http_route, rollout, virtual_service};
use crate::support::until;
use holdpoint::domain::operation::Verb;

/// How a service lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum World {
    /// `api`, a deployment that was 4.1.9 and is 4.2.0.
    Deployment,
    /// The same, paused.
    Paused,
    /// The same, where 4.1.9 was applied last.
    Drifted,
    /// `db` and `agent`, a stateful and a daemon set, likewise.
    Sets,
    /// The same, where 4.1.9 was applied last.
    DriftedSets,
    /// `web`, a rollout in steps at 4.1.9, with nothing on its way.
    Stable,
    /// The same with 4.2.0 at its first stop.
    Stop,
    /// The same, paused by hand.
    StopPaused,
    /// The same, given up.
    Aborted,
    /// The same, measured in place of its first stop.
    Measured,
    /// `web` in two colours, before its switch to 4.2.0.
    Coloured,
    /// `shop`, a canary at 4.1.9, with nothing on its way.
    Canary,
    /// The same, suspended.
    Suspended,
    /// The same, without gates, where 4.2.0 has come.
    Served,
    /// The same with all gates, where 4.2.0 waits at the first.
    First,
    /// The same beyond its first gate.
    Begun,
    /// The same at its last gate, with a way to give it up.
    Last,
    /// `api` and the HTTP route `web`, of which two rules give a part to `web-canary`.
    Http,
    /// `db` with such a route of gRPC.
    Grpc,
    /// `agent` with a virtual service, which gives a part to the subset `v2`.
    Virtual,
}

/// Rules that share traffic, and one that does not.
const RULES: &[&[(&str, u64)]] =
    &[&[("web-stable", 9), ("web-canary", 1)], &[("other", 1)], &[("web-canary", 1), ("web-stable", 4)]];

impl World {
    /// The route by which traffic is given by hand, and how a scope names it.
    pub const fn route(self) -> Option<(&'static str, &'static str)> {
        match self {
            World::Http => Some(("httproutes", "httproute/web=web-canary")),
            World::Grpc => Some(("grpcroutes", "grpcroute/web=web-canary")),
            World::Virtual => Some(("virtualservices", "virtualservice/web=v2")),
            _ => None,
        }
    }
}

/// A world as it is to begin with.
pub async fn made(world: World) -> Cluster {
    let cluster = match world {
        World::Deployment | World::Paused | World::Drifted | World::Http => rolled().await,
        World::Sets | World::DriftedSets | World::Grpc | World::Virtual => rolled_sets().await,
        World::Stable => {
            let cluster = Cluster::start();
            cluster.put("rollouts", rollout("web", OLD, 10, steps()));
            phase(&cluster, "web", "Healthy").await;
            cluster
        }
        World::Stop | World::StopPaused | World::Aborted => underway(steps()).await,
        World::Measured => underway(analysed("running")).await,
        World::Coloured => coloured().await,
        World::Canary | World::Suspended => shop(&["confirm-promotion", "rollback"]).await,
        World::Served => {
            let cluster = shop(&[]).await;
            image(&cluster, "deployments", "shop", NEW);
            stands(&cluster, "Succeeded").await;
            cluster
        }
        World::First => shopping(&GATES, "Waiting").await,
        World::Begun => {
            let cluster = shopping(&GATES, "Waiting").await;
            done(&cluster, Verb::Promote, "shop", &[BEGIN]).await;
            cluster
        }
        World::Last => shopping(&["confirm-promotion", "rollback"], "WaitingPromotion").await,
    };
    match world {
        World::Drifted => applied(&cluster, "deployments", "api"),
        World::DriftedSets => {
            applied(&cluster, "statefulsets", "db");
            applied(&cluster, "daemonsets", "agent");
        }
        World::Paused => cluster.change("deployments", "api", |d| d["spec"]["paused"] = true.into()),
        World::StopPaused => cluster.change("rollouts", "web", |r| r["spec"]["paused"] = true.into()),
        World::Aborted => {
            cluster.change("rollouts", "web", |r| r["status"]["abort"] = true.into());
            phase(&cluster, "web", "Degraded").await;
        }
        World::Suspended => cluster.change("canaries", "shop", |c| c["spec"]["suspend"] = true.into()),
        World::Http => cluster.put("httproutes", http_route("web", RULES)),
        World::Grpc => cluster.put("grpcroutes", grpc_route("web", RULES)),
        World::Virtual => cluster.put("virtualservices", virtual_service("web", &[&[("v1", 90), ("v2", 10)]])),
        _ => {}
    }
    if cluster.get("deployments", "shop-primary").is_some() {
        settled(&cluster, "deployments", "shop-primary").await;
    }
    until("the controllers have nothing to do", || cluster.state().settled()).await;
    cluster
}
