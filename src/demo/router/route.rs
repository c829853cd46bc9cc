//! Where a request goes: what is wanted, and who is there to take it.
//!
//! Only instances that are ready get work, unless there are none: then whoever
//! is still there serves, so that a change of version drops nothing.

use super::split::Split;
use crate::demo::applied::Applied;
use crate::demo::files::{Mark, mark};
use crate::demo::layout::Layout;
use crate::demo::live::{Instance, Live, Stage};
use crate::demo::place::Place;
use crate::demo::wanted::Wanted;

/// What the router goes by.
#[derive(Debug, Default)]
pub struct Route {
    wanted: Option<Wanted>,
    instances: Vec<Instance>,
    split: Split,
    turn: usize,
    looked: [Option<Mark>; 2],
    applied: Applied,
}

impl Route {
    /// Reads again what has changed, and says what it goes by from now on.
    pub fn look(&mut self, layout: &Layout, place: &Place) {
        let changed = [layout.wanted(place), layout.live()].map(|path| mark(&path));
        if changed == self.looked {
            return;
        }
        let (Ok(wanted), Ok(live)) = (Wanted::load(layout, place), Live::load(layout)) else { return };
        let applied = Applied { generation: wanted.generation, revision: live.revision };
        self.instances = live.at(place).cloned().collect();
        self.wanted = Some(wanted);
        // What could not be said is said at the next look: others wait for it.
        if applied == self.applied || applied.tell(layout, place).is_ok() {
            (self.applied, self.looked) = (applied, changed);
        }
    }

    /// The version and port that the next request goes to: of those that may have
    /// it, and have not been tried in vain, one that the caller has a session
    /// with, else each in turn.
    pub fn choose(&mut self, tried: &[u16], has_session: impl Fn(u16) -> bool) -> Option<(String, u16)> {
        let wanted = self.wanted.as_ref()?;
        let left = || self.instances.iter().filter(|i| !tried.contains(&i.port));
        let ready = |version: &str| {
            let fits = |i: &&Instance| i.version == version && i.stage == Stage::Ready;
            left().filter(fits).collect::<Vec<_>>()
        };
        let candidates = wanted.candidate.as_deref().map(ready).unwrap_or_default();
        let stable = ready(&wanted.stable);
        let tries = !candidates.is_empty() && self.split.candidate(wanted.weight);
        let among = match (tries, stable.is_empty()) {
            (true, _) => candidates,
            (false, false) => stable,
            (false, true) => left().filter(|i| i.stage != Stage::Starting).collect(),
        };
        let chosen = match among.iter().find(|instance| has_session(instance.port)) {
            Some(chosen) => chosen,
            None => {
                self.turn = self.turn.wrapping_add(1);
                among.get(self.turn.checked_rem(among.len())?)?
            }
        };
        Some((chosen.version.clone(), chosen.port))
    }
}
