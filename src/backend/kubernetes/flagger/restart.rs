//! What is restarted of a canary: its primary, which serves. A restart of its target would be
//! another revision to Flagger, to be analysed from its first gate on.
//!
//! Flagger writes to its primary only when it promotes, so that nobody takes a restart back.

use super::super::super::Fault;
use super::super::act::Workload;
use super::super::place::Place;
use super::gather::Ground;
use super::state;

/// The primary of a canary, with its own past.
pub async fn serving(ground: Ground) -> Result<Workload, Fault> {
    let words = ground.place.words();
    let Ground { workload, canary, primary, .. } = ground;
    let Some(object) = primary else {
        let why = format!("{words}: nothing serves yet that could be restarted: Flagger has not made its primary");
        return Err(Fault::Refused { why, output: None });
    };
    let place = Place { name: state::primary(state::target(&canary).1), ..workload.place.clone() };
    Workload { place, object, ..workload }.remembered().await
}

/// Whether nothing is measured that a restart would disturb.
///
/// # Errors
/// What is being analysed.
pub fn rests(ground: &Ground) -> Result<(), String> {
    if !state::under_way(&ground.canary) {
        return Ok(());
    }
    let (new, phase) = (ground.newer(), state::shown(&ground.canary));
    Err(format!(
        "{new} is {phase}, and new pods of what serves would be measured with it; wait for its end or abort it, then \
         restart"
    ))
}
