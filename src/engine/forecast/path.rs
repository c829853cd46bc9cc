//! What determines the landing: the critical path, and the slack of everything
//! beside it.
//!
//! Both go by P50. Where a clock keeps a step (an opening, a time not before),
//! what comes before that has slack and the path begins at the step that waits.

use super::pass::Pass;

/// How much later each step may end without the run landing later, in milliseconds.
pub(super) fn slack(pass: &Pass<'_>) -> Vec<Option<i64>> {
    let mut slack: Vec<Option<i64>> = vec![None; pass.steps.len()];
    let Some(landing) = pass.landing.map(|l| l.p50) else { return slack };
    let ends = |n: usize| pass.steps.get(n).and_then(|s| s.end).map(|end| end.p50);
    for place in &pass.order {
        if let (Some(slot), Some(end)) = (slack.get_mut(*place), ends(*place)) {
            *slot = Some(landing - end);
        }
    }
    for place in pass.order.iter().rev() {
        let (Some(step), Some(Some(mine))) = (pass.steps.get(*place), slack.get(*place).copied()) else { continue };
        // What has begun, or is left out, waits for nothing before it.
        let Some(until) = step.room else { continue };
        for before in &step.after {
            let room = ends(*before).map(|end| mine.saturating_add(until.saturating_sub(end)));
            if let (Some(Some(slot)), Some(room)) = (slack.get_mut(*before), room) {
                *slot = (*slot).min(room.max(0));
            }
        }
    }
    slack
}

/// The places of the steps that determine the landing, first to last.
pub(super) fn critical(pass: &Pass<'_>, slack: &[Option<i64>]) -> Vec<usize> {
    let rank: Vec<usize> = {
        let mut rank = vec![0; pass.steps.len()];
        for (n, place) in pass.order.iter().enumerate() {
            rank.get_mut(*place).into_iter().for_each(|slot| *slot = n);
        }
        rank
    };
    let latest = |places: &mut dyn Iterator<Item = usize>| {
        let ends = places.filter_map(|n| {
            let step = pass.steps.get(n)?;
            (!step.left_out).then_some((step.end?.p50, rank.get(n).copied()?, n))
        });
        ends.max().map(|(.., n)| n)
    };
    let mut path = Vec::new();
    let mut next = latest(&mut pass.order.iter().copied());
    while let Some(place) = next {
        path.push(place);
        let Some(step) = pass.steps.get(place) else { break };
        let tight =
            |n: &usize| pass.steps.get(*n).is_some_and(|s| !s.open) || slack.get(*n).copied().flatten() == Some(0);
        next = latest(&mut step.after.iter().copied().filter(tight));
    }
    path.reverse();
    path
}
