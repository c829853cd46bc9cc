//! What a verb on a canary would do, and what stands open now. Changes nothing.
//!
//! A gate that somebody left open is an obstacle for everything: the next release passes it unseen.

use super::super::act::{Asked, may};
use super::super::client::Cluster;
use super::super::owner::obstacles;
use super::gate::Gate;
use super::gather::Ground;
use super::lever::Lever;
use super::pass::{Sight, Stand, stand};
use super::plan::{Plan, patch, plan};
use super::testers::{Keepers, keepers};
use crate::domain::operation::Operation;
use crate::domain::report::Preview;

/// Says what would happen, and whether a gate stands open now.
pub async fn preview(ground: &Ground, operation: &Operation, preview: &mut Preview, tries: bool) {
    let words = ground.place.words();
    left_open(ground).await.tell(preview);
    let plan = match plan(ground, operation, None) {
        Ok(plan) => plan,
        Err(why) => return preview.refuse(why),
    };
    let cluster = &ground.workload.cluster;
    let closed = "and is closed again when Flagger has asked";
    match &plan {
        Plan::There(said, _) => preview.effects.push(format!("{said}; nothing is sent")),
        Plan::Gate { gate, lever, weight } => {
            if let Stand::Elsewhere(why) =
                stand(*gate, &Sight { canary: &ground.canary, scaled: false, weight: *weight })
            {
                preview.obstacles.push(format!("{words} does not wait at {}: {why}", gate.word()));
            }
            let what =
                if *gate == Gate::Back { "gives it up".to_owned() } else { format!("passes {}", ground.newer()) };
            preview.effects.push(format!("{words}: {} is opened, so that Flagger {what}, {closed}", gate.word()));
            reached(cluster, lever, preview).await;
        }
        Plan::Skip(_) => {
            preview
                .effects
                .push(format!("{words}: skipAnalysis is set, {} serves unmeasured, {closed}", ground.newer()));
            preview.loses.push("nothing of what the analysis would have measured is measured".to_owned());
        }
        Plan::Suspend(wanted, _) => {
            let word = if *wanted { "is suspended: it stays where it is" } else { "is resumed" };
            preview.effects.push(format!("{words} {word}"));
        }
        Plan::BackOut(lever, plan) => {
            let gate = Gate::Back.word();
            preview.effects.push(format!("{words}: {gate} is opened, so that Flagger gives it up, {closed}"));
            preview.effects.extend(plan.effects.iter().map(|effect| format!("then {effect}")));
            preview.obstacles.extend(obstacles(ground.workload.place.kind, &ground.workload.object));
            preview.loses.clone_from(&plan.loses);
            reached(cluster, lever, preview).await;
        }
        Plan::Target(plan) => {
            preview.obstacles.extend(obstacles(ground.workload.place.kind, &ground.workload.object));
            preview.effects.clone_from(&plan.effects);
            preview.loses.clone_from(&plan.loses);
        }
    }
    if let Some(patch) = patch(&plan).filter(|_| tries) {
        let path = if matches!(plan, Plan::Target(_) | Plan::BackOut(..)) {
            ground.workload.place.path()
        } else {
            ground.place.path()
        };
        let tried = cluster.change("PATCH", &format!("{path}?dryRun=All"), patch.kind, &patch.body).await;
        tried.err().iter().for_each(|error| super::super::act::tried(error, preview));
    }
}

/// Whether a gate can be opened: what keeps it, and the permission.
async fn reached(cluster: &Cluster, lever: &Lever, preview: &mut Preview) {
    match keepers(cluster, lever).await {
        Keepers::Several(why) | Keepers::Unseen(why) => preview.refuse(why),
        Keepers::One => {}
    }
    let Lever::Doors(doors, _) = lever else { return };
    for door in doors {
        let asked = Asked { verb: "create", resource: "services", sub: "proxy", namespace: &door.namespace };
        match may(cluster, &asked).await {
            Ok(denied) => preview.obstacles.extend(denied),
            Err(error) => preview.unknown.push(format!("whether you may {}: {}", asked.words(), error.words())),
        }
    }
}

/// Whether it could be done now, as far as a look can say.
///
/// # Errors
/// Why not.
pub async fn ready(ground: &Ground, operation: &Operation) -> Result<(), String> {
    match plan(ground, operation, None)? {
        Plan::Gate { gate, weight, lever } => {
            match stand(gate, &Sight { canary: &ground.canary, scaled: false, weight }) {
                Stand::Elsewhere(why) => Err(format!("it does not wait at {}: {why}", gate.word())),
                Stand::Passed => Ok(()),
                Stand::Waits | Stand::Unclear => match keepers(&ground.workload.cluster, &lever).await {
                    Keepers::Several(why) | Keepers::Unseen(why) => Err(why),
                    Keepers::One => Ok(()),
                },
            }
        }
        Plan::BackOut(lever, _) => match keepers(&ground.workload.cluster, &lever).await {
            Keepers::Several(why) | Keepers::Unseen(why) => Err(why),
            Keepers::One => Ok(()),
        },
        _ => Ok(()),
    }
}

/// What stands open of a canary, and of what that could not be found out.
#[derive(Debug, Default)]
pub struct LeftOpen {
    /// What stands open.
    open: Vec<String>,
    /// Of what it is not known.
    unknown: Vec<String>,
}

impl LeftOpen {
    /// Adds it to what is said of an operation.
    pub fn tell(self, preview: &mut Preview) {
        preview.obstacles.extend(self.open);
        preview.unknown.extend(self.unknown);
    }

    /// All of it: what is not known is never called closed.
    pub fn all(self) -> Vec<String> {
        let unknown = self.unknown.into_iter().map(|what| format!("not known: {what}"));
        unknown.chain(self.open).collect()
    }
}

/// Looks what stands open of a canary.
pub async fn left_open(ground: &Ground) -> LeftOpen {
    let doors = super::gate::all_doors(&ground.canary);
    let payload = ground.payload();
    let mut found = LeftOpen::default();
    let all = Lever::Doors(doors.clone(), payload.clone());
    if let Keepers::Several(why) = keepers(&ground.workload.cluster, &all).await {
        found.unknown.push(format!("whether a gate of {} stands open: {why}", ground.place.words()));
    }
    for door in doors {
        let words = ground.place.words();
        let open = super::lever::open(&ground.workload.cluster, &door, &payload).await;
        if let Err(error) = &open {
            found.unknown.push(format!("whether a gate of {words} stands open: {}", error.words()));
        }
        if open == Ok(true) {
            let lever = Lever::Doors([door].into(), payload.clone());
            found.open.push(format!(
                "a gate of {} stands open: whatever Flagger asks next passes; {}",
                words,
                lever.by_hand()
            ));
        }
    }
    if super::lever::skips(&ground.canary) {
        found.open.push(format!("{} skips its analysis: whatever comes next passes unmeasured", ground.place.words()));
    }
    found
}
