//! Every verb of a cluster, for every kind of workload, held to everything that can go wrong: what is certain then,
//! how often it was sent, what a probe finds, and that nothing gets out that should not.
//!
//! `rows` is the table; `manifest().verbs` says what must stand in it.

mod rows;
mod trial;
mod worlds;

use super::ground::{operation, soon};
use crate::matrix::{Case, all, tried};
use crate::support::{key, sink};
use crate::undisturbed as tokio;
use futures_util::future::join_all;
use holdpoint::backend::kubernetes::place::Kind;
use holdpoint::backend::kubernetes::route::RouteKind;
use holdpoint::backend::{Backend, Fault};
use holdpoint::domain::operation::Verb;
use rows::{CANARIES, CANNOT, ROLLOUTS, ROUTES, Row, WORKLOADS};
use std::collections::BTreeMap;
use trial::{Trial, backend, service};
use worlds::{World, made};

/// Holds every row to every case.
async fn hold(rows: &[Row]) {
    let mut worlds: Vec<_> = rows.iter().map(|row| row.world).collect();
    worlds.sort_unstable();
    worlds.dedup();
    let made = join_all(worlds.iter().map(|world| made(*world))).await;
    let worlds: BTreeMap<_, _> = worlds.into_iter().zip(made).collect();
    // One case after the other for all rows, so that those that wait for long begin first.
    let cases = Case::ALL.into_iter().flat_map(|case| rows.iter().map(move |row| (row, case)));
    all(cases.map(|(row, case)| {
        let Row { verb, kind, world, args, at, .. } = row;
        let name = format!("{verb} of a {} ({world:?} {args:?} {at}), {case:?}", kind.word());
        (name, tried(case, || Trial::new(row, &worlds[world])))
    }))
    .await;
}

#[tokio::test]
async fn of_plain_workloads() {
    hold(WORKLOADS).await;
}

#[tokio::test]
async fn of_rollouts_in_steps() {
    hold(ROLLOUTS).await;
}

#[tokio::test]
async fn of_canaries() {
    hold(CANARIES).await;
}

#[tokio::test]
async fn of_routes() {
    hold(ROUTES).await;
}

#[tokio::test]
async fn what_a_kind_cannot_do_is_certainly_not_done_and_says_so() {
    for (verb, kind, world, args, words) in CANNOT {
        let cluster = made(*world).await;
        let operation = operation(*verb, service(*kind), args);
        let preview = soon(backend(&cluster, *world).preview(&operation)).await.unwrap();
        assert!(preview.refused.iter().any(|why| why.contains(words)), "{verb} {kind:?}: {preview:?}");
        let ended = soon(backend(&cluster, *world).perform(operation, key(), sink(None).0)).await;
        assert!(matches!(&ended, Err(Fault::Refused { why, .. }) if why.contains(words)), "{verb} {kind:?}: {ended:?}");
        assert_eq!(cluster.mutations().len(), 0, "{verb} {kind:?}");
    }
}

#[tokio::test]
async fn every_verb_of_every_kind_stands_in_the_table() {
    let cluster = crate::cluster::Cluster::start();
    let can: Vec<_> = [WORKLOADS, ROLLOUTS, CANARIES].concat().iter().map(|row| (row.verb, row.kind)).collect();
    let routed: Vec<_> = ROUTES.iter().map(|row| (row.verb, row.kind)).collect();
    let cannot: Vec<_> = CANNOT.iter().map(|(verb, kind, ..)| (*verb, *kind)).collect();
    let verbs = backend(&cluster, World::Deployment).manifest().verbs.clone();
    for verb in verbs.keys() {
        for kind in Kind::ALL {
            let stands = (can.contains(&(*verb, kind)), cannot.contains(&(*verb, kind)));
            assert!(stands.0 != stands.1, "{verb} of a {}: what can go wrong with it is not held", kind.word());
            // What a route gives that a kind has not by itself.
            let by_route = matches!(verb, Verb::Shift | Verb::Abort) && stands.1;
            let led = matches!(kind, Kind::Rollout | Kind::Canary);
            let held = routed.contains(&(*verb, kind));
            assert_eq!(held, by_route && !led, "{verb} of a route of a {} is held", kind.word());
        }
    }
    for route in RouteKind::ALL {
        let of_it = ROUTES.iter().filter(|row| row.world.route().is_some_and(|(all, _)| all == route.resource()));
        let verbs: Vec<_> = of_it.map(|row| (row.verb, row.args.first().map(|(name, _)| *name))).collect();
        assert_eq!(verbs, [(Verb::Shift, Some("weight")), (Verb::Abort, None), (Verb::Abort, Some("to"))], "{route:?}");
    }
    assert!(can.iter().chain(&cannot).chain(&routed).all(|(verb, _)| verbs.contains_key(verb)));
}
