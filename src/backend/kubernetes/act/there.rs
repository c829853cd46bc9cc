//! Whether what a way back needs is still there: the config maps, secrets and the service account of the pod template
//! that would come back. A rollback brings the template alone, and pods without them never start.
//!
//! Only whether they are there is asked, never what they hold; few at once, and not for long. What is gone is in the
//! way. What may not or could not be read is not known: it is said, and forbids nothing.

use super::super::answer::{Unanswered, line};
use super::super::ask::encoded;
use super::super::client::Cluster;
use super::super::needs::{Named, Need, needs};
use super::super::object::text;
use super::super::place::{Place, collection};
use super::super::plan::{Goal, Wants};
use crate::domain::report::Preview;
use futures_util::{StreamExt, stream};
use std::time::Duration;
use tokio::time::sleep;

/// How many are asked for of one template.
const MOST: usize = 20;
/// How many are asked for at once.
const AT_ONCE: usize = 4;
/// How long all of it may take: the rest of the look is worth more than this.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is known of one.
enum Stands {
    There,
    Gone,
    Closed,
    Untold(String),
}

/// Notes what is gone of what the template of a goal needs, and what of it is not known.
pub async fn look(cluster: &Cluster, place: &Place, goal: &Goal, preview: &mut Preview) {
    let Goal::Rollout { wants: Wants::Template(template), version, .. } = goal else { return };
    let all = needs(template);
    let (mut gone, mut closed, mut untold) = (Vec::new(), Vec::new(), Vec::new());
    let mut why = format!("they were not answered within {} s", PATIENCE.as_secs());
    for (need, stands) in asked(cluster, place, &all).await {
        match stands {
            Some(Stands::There) => {}
            Some(Stands::Gone) => gone.push(missing(need, place, version)),
            Some(Stands::Closed) => closed.push(need),
            Some(Stands::Untold(said)) => {
                why = said;
                untold.push(need);
            }
            None => untold.push(need),
        }
    }
    // Ahead of what may merely come in between.
    preview.obstacles.splice(0..0, gone);
    let mut unknown = |why: String| {
        preview.unknown.push(format!("whether version {version} finds all it needs: {why}"));
    };
    if !untold.is_empty() {
        unknown(format!("{} could not be read: {why}", counted(&untold)));
    }
    if !closed.is_empty() {
        unknown(format!("you may not read {}", counted(&closed)));
    }
    let left: Vec<&Need> = all.iter().skip(MOST).collect();
    if !left.is_empty() {
        unknown(format!("of {} only {MOST} are looked at, not {}", all.len(), counted(&left)));
    }
}

/// What is known of each that is asked for; nothing of those that were not answered in time.
async fn asked<'a>(cluster: &Cluster, place: &Place, all: &'a [Need]) -> Vec<(&'a Need, Option<Stands>)> {
    let one = |(n, need): (usize, &'a Need)| async move { (n, stands(cluster, place, need).await) };
    let each: Vec<_> = all.iter().take(MOST).enumerate().map(one).collect();
    let answers = stream::iter(each).buffer_unordered(AT_ONCE).take_until(sleep(PATIENCE));
    let mut answers: Vec<(usize, Stands)> = answers.collect().await;
    let mut of = |n| answers.iter().position(|(of, _)| *of == n).map(|at| answers.swap_remove(at).1);
    all.iter().take(MOST).enumerate().map(|(n, need)| (need, of(n))).collect()
}

async fn stands(cluster: &Cluster, place: &Place, need: &Need) -> Stands {
    if !need.could_be() {
        return Stands::Gone;
    }
    let path = format!("{}/{}", collection(&place.namespace, need.what.resource()), encoded(&need.name));
    match cluster.read_name(&path).await {
        Ok(said) if text(&said, "/metadata/name") == need.name => Stands::There,
        Ok(_) => Stands::Untold("the answer is about something else".to_owned()),
        Err(error) if error.absent() => Stands::Gone,
        Err(Unanswered::Api { code: 403, .. }) => Stands::Closed,
        Err(error) => Stands::Untold(error.words()),
    }
}

fn missing(need: &Need, place: &Place, version: &str) -> String {
    let what = format!("{} {}/{}", need.what.word(), line(&place.namespace), line(&need.name));
    match need.pulls {
        true => format!("{what}, by which version {version} pulls images, is not there: they may not be pulled"),
        false => format!("{what}, which version {version} needs, is not there: its pods would not start"),
    }
}

/// How many of each kind: `2 ConfigMaps and 1 Secret`.
fn counted(all: &[&Need]) -> String {
    let of = |what: Named| {
        let n = all.iter().filter(|need| need.what == what).count();
        let s = if n == 1 { "" } else { "s" };
        (n > 0).then(|| format!("{n} {}{s}", what.word()))
    };
    Named::ALL.into_iter().filter_map(of).collect::<Vec<_>>().join(" and ")
}
