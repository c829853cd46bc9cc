//! What the supervisor has to do at a place so that what runs becomes what is
//! wanted. Pure: given both, it names the next moves.
//!
//! New instances come one after the other; old ones leave only once the wanted
//! version is whole, so a rollback never takes away what still serves.

use super::live::{Instance, Stage};
use super::versions;
use super::wanted::Wanted;

/// One move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Start an instance of this version.
    Start(String),
    /// Give this process no new work.
    Drain(u32),
}

/// The next moves at a place.
pub fn next(wanted: &Wanted, here: &[&Instance]) -> Vec<Move> {
    let serving = |version: &str| here.iter().filter(|i| i.version == version && i.stage != Stage::Draining).count();
    let whole = versions::WANTED as usize;
    let empty = here.is_empty();
    let starting = here.iter().any(|i| i.stage == Stage::Starting);
    let mut moves = Vec::new();
    for version in wanted.versions() {
        let missing = whole.saturating_sub(serving(version));
        // With nothing here at all nobody is served, so there is no reason to go slowly.
        let now = if empty { missing } else { missing.min(usize::from(!starting && moves.is_empty())) };
        moves.extend(std::iter::repeat_n(Move::Start(version.to_owned()), now));
    }
    let ready = here.iter().filter(|i| i.version == wanted.stable && i.stage == Stage::Ready).count();
    if ready >= whole {
        let unwanted = |i: &&&Instance| i.stage != Stage::Draining && !wanted.versions().contains(&i.version.as_str());
        moves.extend(here.iter().filter(unwanted).map(|i| Move::Drain(i.pid)));
    }
    moves
}
