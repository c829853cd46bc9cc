//! Who may tell what runs at a place: the backend that deploys there, where it tells of deployments.
//!
//! Were two believed, whoever spoke last would be shown as fresh, and the end of one's row would take
//! away the other's. A place whose deployer tells nothing is told by whoever knows it. It is fixed
//! when the session starts, as the backends are: what the files say later is said by `outdated`.

use super::executor::Backends;
use crate::backend::Topic;
use crate::domain::name::BackendName;
use crate::domain::observed::{Observation, Placed};
use crate::domain::workspace::Workspace;
use std::collections::BTreeMap;

/// The backends that alone are believed, by place.
pub struct Tellers(BTreeMap<Placed, BackendName>);

impl Tellers {
    /// As the workspace says who deploys where, and each backend what it tells.
    pub fn of(backends: &Backends, workspace: &Workspace) -> Self {
        let tells = |name: &BackendName| {
            backends.get(name).is_some_and(|backend| backend.manifest().topics.contains(&Topic::Deployments))
        };
        let places = workspace.services.values().flat_map(|service| {
            let by = service.deployed_by.iter().filter(|(_, name)| tells(name));
            by.map(|(environment, name)| ((service.name.clone(), environment.clone()), name.clone()))
        });
        Self(places.collect())
    }

    /// What of an observation is believed from this source; none when nothing is left of it.
    pub fn believed(&self, source: &BackendName, told: Observation) -> Option<Observation> {
        let may = |place: &Placed| self.0.get(place).is_none_or(|teller| teller == source);
        match told {
            Observation::Deployments(mut all) => {
                all.retain(|(place, _)| may(place));
                Some(Observation::Deployments(all))
            }
            Observation::Deployment(ref place, _) | Observation::DeploymentGone(ref place) => {
                may(place).then_some(told)
            }
            told => Some(told),
        }
    }
}
