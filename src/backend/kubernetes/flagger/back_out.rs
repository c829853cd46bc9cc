//! The way back while something is analysed: it is given up at the rollback gate, and then its wish
//! is taken back, so that Flagger does not begin with it again.
//!
//! Each is sent once, and the second only when the first was seen. What stands between them is part.

use super::super::super::record::Record;
use super::super::super::{Done, Fault};
use super::super::Declared;
use super::super::act::before;
use super::act::{gated, lost, target, whole};
use super::gate::Gate;
use super::gather::{Ground, gather};
use super::lever::Lever;
use super::plan::{Plan, plan};
use crate::domain::journal_id::Key;
use crate::domain::operation::Operation;
use crate::domain::report::Receipt;
use tokio::time::Instant;

/// Does both.
pub async fn back_out(
    declared: &Declared,
    ground: &Ground,
    lever: Lever,
    (operation, key): (&Operation, &Key),
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let given_up = match gated(declared, ground, Gate::Back, 0, lever, until, record).await? {
        Done::Whole(receipt) => receipt.summary,
        part => return Ok(part),
    };
    record.say(&given_up);
    match wish(declared, ground, (operation, key), until, record).await {
        Ok(Done::Whole(receipt)) => Ok(whole(format!("{given_up}; {}", receipt.summary))),
        Ok(part) => Ok(part),
        Err(Fault::Lost { why, .. }) => Err(lost(format!("{given_up}; {why}"))),
        Err(certain) => {
            let summary = format!("{given_up}; the rest was certainly not done: {certain}");
            Ok(Done::Partly(1, 2, Receipt { summary, ..Receipt::default() }))
        }
    }
}

/// Takes the wish back, of what is there by then.
async fn wish(
    declared: &Declared,
    ground: &Ground,
    (operation, key): (&Operation, &Key),
    until: Instant,
    record: &mut Record,
) -> Result<Done, Fault> {
    let words = ground.place.words();
    let refused = |why: String| Fault::Refused { why: format!("{words}: {why}"), output: None };
    let mut now = gather(declared, ground.workload.cluster.clone(), ground.place.clone()).await.map_err(before)?;
    now.workload.by.clone_from(&ground.workload.by);
    match plan(&now, operation, Some(key)).map_err(refused)? {
        Plan::Target(plan) => target(&now, &plan, until, record).await,
        _ => Err(refused("something is being analysed again".to_owned())),
    }
}
