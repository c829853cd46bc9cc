//! Everything that an operation is decided on, read in one go.
//!
//! It is read anew for every call: nothing of an earlier look is trusted.

use super::super::super::Fault;
use super::super::Declared;
use super::super::answer::Unanswered;
use super::super::ask::encoded;
use super::super::cause::{Asker, marked};
use super::super::client::Cluster;
use super::super::drift::declared;
use super::super::history::{Revision, revisions};
use super::super::mend::{Differs, never};
use super::super::object::selector;
use super::super::place::{Place, collection};
use super::super::plan::{Plan, plan};
use super::super::restart::{self, Taken, taken};
use super::super::rollouts::elsewhere::{self, Held, joined};
use super::super::version::Where;
use crate::domain::journal_id::Key;
use crate::domain::name::PersonName;
use crate::domain::observed::Placed;
use crate::domain::operation::{Operation, Verb};
use crate::domain::text::visible;
use serde_json::Value;

/// A workload as it is, and its past.
pub struct Workload {
    /// The way in.
    pub cluster: Cluster,
    /// Where it lies.
    pub place: Place,
    /// What it is.
    pub object: Value,
    /// What it was, newest first.
    pub revisions: Vec<Revision>,
    /// Where its version stands.
    pub at: Where,
    /// The person by whose word something is to be done to it, where that is known.
    pub by: Option<PersonName>,
    /// What holds its template, where it does not itself; or why that is not known.
    pub held: Option<Result<Held, String>>,
    /// As what was last applied would make it, or why that is not known; none where nobody has asked for it.
    pub declared: Option<Result<Value, String>>,
}

impl Workload {
    /// What an operation means for it, as it was read.
    ///
    /// # Errors
    /// Why it cannot be done now.
    pub fn plan(&self, operation: &Operation, key: Option<&Key>) -> Result<Plan, String> {
        let Self { place, object, revisions: all, at, .. } = self;
        let asker = self.asker(key);
        match (operation.verb, &self.held) {
            (Verb::Restart, _) => {
                let now = chrono::Utc::now();
                restart::plan(&restart::Asked { operation, asker, place, object, all, at, now })
            }
            (Verb::Mend, _) => self.differs()?.plan(operation, asker, at),
            (Verb::RollBack | Verb::Deploy, Some(held)) => {
                elsewhere::plan(operation, asker, place, object, held.as_ref()?, all, at)
            }
            _ => plan(operation, asker, place, object, all, at),
        }
    }

    /// How it differs from what was declared, where that is known.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn differs(&self) -> Result<Differs<'_>, String> {
        if let Some(why) = never(self.place.kind) {
            return Err(why);
        }
        match &self.declared {
            Some(Ok(after)) => Ok(Differs::new(&self.place, &self.object, after)),
            Some(Err(why)) => Err(why.clone()),
            None => Err("what differs is only asked for when somebody is about to agree".to_owned()),
        }
    }

    /// Whether what an operation would change is what was agreed to.
    ///
    /// # Errors
    /// That it is not.
    pub fn meant(&self, operation: &Operation) -> Result<(), String> {
        if operation.verb == Verb::Mend { self.differs()?.meant(operation, &self.at) } else { Ok(()) }
    }

    /// With what was declared of it, where an operation is about that: a dry run, which changes nothing.
    pub async fn compared(mut self, operation: &Operation) -> Result<Self, Fault> {
        if operation.verb == Verb::Mend && never(self.place.kind).is_none() {
            let (live, after) = declared(&self.cluster, &self.place).await?;
            (self.object, self.declared) = (live, Some(after));
        }
        Ok(self)
    }

    /// Who asks, by this key.
    pub fn asker<'a>(&'a self, key: Option<&'a Key>) -> Asker<'a> {
        Asker { key, by: self.by.as_ref() }
    }

    /// What a verb is written to, and where that lies: the workload, or what holds its template.
    pub fn holder(&self, verb: Verb) -> (&Place, &Value) {
        match &self.held {
            Some(Ok(held)) if matches!(verb, Verb::RollBack | Verb::Deploy) => (&held.place, &held.object),
            _ => (&self.place, &self.object),
        }
    }

    /// Whether an operation of this key has left its mark.
    pub fn taken(&self, verb: Verb, key: &Key) -> bool {
        match verb {
            Verb::Restart => !matches!(taken(&self.object, &self.revisions, key), Taken::Never),
            _ => marked(self.holder(verb).1, verb, key),
        }
    }

    /// The workload as it is by now.
    pub async fn again(&self) -> Result<Value, Unanswered> {
        let object = self.cluster.read(&self.place.path()).await?;
        match &self.held {
            Some(Ok(held)) => Ok(joined(object, &self.cluster.read(&held.place.path()).await?)),
            _ => Ok(object),
        }
    }

    /// With what holds its template. What needs no template is done without it too.
    async fn whole(mut self) -> Self {
        let Some(at) = elsewhere::place(&self.place, &self.object) else { return self };
        let held = match at {
            Ok(place) => match self.cluster.read(&place.path()).await {
                Ok(object) => Ok(Held { place, object }),
                Err(error) => {
                    Err(format!("{}, which holds its template, cannot be read: {}", place.words(), error.words()))
                }
            },
            Err(why) => Err(why),
        };
        if let Ok(held) = &held {
            self.object = joined(self.object, &held.object);
        }
        self.held = Some(held);
        self
    }

    /// With its past.
    pub async fn remembered(mut self) -> Result<Self, Fault> {
        let Self { cluster, place, object, at, .. } = &self;
        let query = selector(object).map(|s| format!("labelSelector={}", encoded(&s))).unwrap_or_default();
        let kept = cluster.list(&collection(&place.namespace, place.kind.revisions()), &query).await;
        let kept = kept.map_err(|e| e.of_read(&format!("the history of {}", place.words())))?;
        self.revisions = revisions(place.kind, object, kept.items.iter(), at);
        Ok(self)
    }
}

/// Where an operation is about, and the way there.
pub async fn reach(declared: &Declared, operation: &Operation) -> Result<(Cluster, Place), Fault> {
    let (service, environment) =
        operation.target().ok_or_else(|| refused("it names no service and environment".to_owned()))?;
    reach_to(declared, &(service.clone(), environment.clone())).await
}

/// The same for a look that nobody waits for: an API that wants to be left alone is.
pub async fn glance(declared: &Declared, operation: &Operation) -> Result<(Cluster, Place), Fault> {
    let (service, environment) =
        operation.target().ok_or_else(|| refused("it names no service and environment".to_owned()))?;
    let scope = scope(declared, &(service.clone(), environment.clone()))?;
    placed(declared, scope, Cluster::reach_to_watch(declared).await)
}

/// Where a service lies, and the way there.
pub async fn reach_to(declared: &Declared, at: &Placed) -> Result<(Cluster, Place), Fault> {
    let scope = scope(declared, at)?;
    placed(declared, scope, Cluster::reach(declared).await)
}

fn refused(why: String) -> Fault {
    Fault::Refused { why, output: None }
}

fn scope<'a>(declared: &'a Declared, at: &Placed) -> Result<&'a str, Fault> {
    let unknown = || {
        let (service, environment) = (visible(at.0.as_str()), visible(at.1.as_str()));
        let name = &declared.name;
        refused(format!("{name} does not know where {service} lies in {environment}; write it under deployed_by"))
    };
    declared.scopes.get(at).map(String::as_str).ok_or_else(unknown)
}

fn placed(declared: &Declared, scope: &str, cluster: Result<Cluster, Unanswered>) -> Result<(Cluster, Place), Fault> {
    let cluster = cluster.map_err(|e| e.of_read(declared.name.as_str()))?;
    let place = Place::read(scope, &cluster.namespace);
    let place = place.ok_or_else(|| refused(format!("{scope:?} is no place in a cluster")))?;
    Ok((cluster, place))
}

/// A workload as it is, without its past.
pub async fn seen(declared: &Declared, cluster: Cluster, place: Place) -> Result<Workload, Fault> {
    let object = cluster.read(&place.path()).await.map_err(|e| e.of_read(&place.words()))?;
    let at = Where { container: place.container.clone(), label: declared.spec.version_label.clone() };
    Ok(Workload { cluster, place, object, revisions: Vec::new(), at, by: None, held: None, declared: None })
}

/// Reads what an operation is about.
pub async fn gather(declared: &Declared, cluster: Cluster, place: Place) -> Result<Workload, Fault> {
    seen(declared, cluster, place).await?.whole().await.remembered().await
}
