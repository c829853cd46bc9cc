//! Every verb of an Argo CD held to everything that can go wrong: what is certain then, how often it was sent, what
//! a probe finds, and that nothing gets out that should not.
//!
//! `rows` is the table; `manifest().verbs` says what must stand in it.

mod rows;
mod trial;

use super::ground::backend;
use crate::matrix::{Case, all, tried};
use crate::undisturbed as tokio;
use futures_util::future::join_all;
use holdpoint::backend::Backend;
use rows::{NOT_HERE, ROWS, Row};
use std::collections::BTreeMap;
use trial::{Trial, made};

#[tokio::test]
async fn of_an_argo_cd() {
    let mut worlds: Vec<_> = ROWS.iter().map(|row| row.world).collect();
    worlds.sort_unstable();
    worlds.dedup();
    let made = join_all(worlds.iter().map(|world| made(*world))).await;
    let worlds: BTreeMap<_, _> = worlds.into_iter().zip(made).collect();
    let here = |case: &Case| NOT_HERE.iter().all(|(not, _)| not != case);
    let cases = Case::ALL.into_iter().filter(here).flat_map(|case| ROWS.iter().map(move |row| (row, case)));
    all(cases.map(|(row, case)| {
        let Row { verb, world, args, at, .. } = row;
        (format!("{verb} ({world:?} {args:?} {at}), {case:?}"), tried(case, || Trial::new(row, &worlds[world])))
    }))
    .await;
}

#[test]
fn every_verb_stands_in_the_table() {
    let server = crate::argo_server::ArgoCd::start();
    let mut can: Vec<_> = ROWS.iter().map(|row| row.verb).collect();
    can.sort_unstable();
    can.dedup();
    assert_eq!(can, backend(&server).manifest().verbs.keys().copied().collect::<Vec<_>>());
}
