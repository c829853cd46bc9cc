//! What is there at the beginning of a watch: every collection is listed, a few at once.
//!
//! What Flagger declares comes before the rest, because it says which of the rest is wanted. The very first list is
//! read by itself: a host that is only tried again lets one through.

use super::answer::Unanswered;
use super::client::Cluster;
use super::lean;
use super::place::collection;
use super::seen::{Collection, Seen};
use futures_util::future::FutureExt;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;
use std::collections::BTreeSet;
use tokio::sync::mpsc::{self, Sender};

/// How many collections are listed at once.
const AT_ONCE: usize = 4;

/// A collection, and a page of it; none where its list begins.
type Page = (Collection, Option<Vec<Value>>);

/// Lists everything into what has been seen; from where the watch of each collection goes on.
pub async fn fill(
    cluster: &Cluster,
    seen: &mut Seen,
    all: &BTreeSet<Collection>,
) -> Result<Vec<(Collection, String)>, Unanswered> {
    let (mut canaries, mut rest): (Vec<_>, Vec<_>) =
        all.iter().cloned().partition(|(_, resource)| *resource == "canaries");
    let first = if canaries.is_empty() { &mut rest } else { &mut canaries };
    let first: Vec<_> = first.drain(..first.len().min(1)).collect();
    let mut versions = Vec::with_capacity(all.len());
    for some in [first, canaries, rest] {
        versions.extend(listed(cluster, seen, some).await?);
    }
    Ok(versions)
}

async fn listed(
    cluster: &Cluster,
    seen: &mut Seen,
    all: Vec<Collection>,
) -> Result<Vec<(Collection, String)>, Unanswered> {
    // One page waits while another is taken, no more.
    let (page, mut pages) = mpsc::channel(1);
    let lists: Vec<_> = all.into_iter().map(|at| list(cluster, at, page.clone()).boxed()).collect();
    let mut lists = stream::iter(lists).buffer_unordered(AT_ONCE).try_collect();
    let mut take = |(at, page): Page| match page {
        None => seen.forget(&at),
        Some(objects) => objects.into_iter().for_each(|object| drop(seen.apply(&at, object))),
    };
    loop {
        tokio::select! {
            Some(page) = pages.recv() => take(page),
            versions = &mut lists => {
                while let Ok(page) = pages.try_recv() {
                    take(page);
                }
                return versions;
            }
        }
    }
}

async fn list(cluster: &Cluster, at: Collection, page: Sender<Page>) -> Result<(Collection, String), Unanswered> {
    let version = match whole(cluster, &at, &page).await {
        // A page was forgotten meanwhile: it begins once more.
        Err(error) if error.expired() => whole(cluster, &at, &page).await,
        version => version,
    };
    Ok((at, version?))
}

async fn whole(cluster: &Cluster, at: &Collection, page: &Sender<Page>) -> Result<String, Unanswered> {
    let path = collection(&at.0, at.1);
    let mut pages = cluster.pages(&path, "", lean::page(at.1));
    // That nobody takes them any more is nobody's fault: all of it has been given up.
    let _ = page.send((at.clone(), None)).await;
    while let Some(objects) = pages.next().await? {
        let _ = page.send((at.clone(), Some(objects))).await;
    }
    Ok(pages.version)
}
