//! What a rollback costs besides: what going back from a version loses, as the catalogue says, and
//! what else stands on what goes back.
//!
//! Pure; a person is told and decides. What the catalogue says cannot go back never does by itself.

use super::Given;
use super::rollback::Back;
use super::run::Run;
use crate::domain::catalogue::Reversible;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::trigger::RollsBack;

/// What it costs, in words, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Versions whose data the version before cannot live with: `web 4.2.0: why`.
    pub never: Vec<String>,
    /// What else is lost or must be put right.
    pub notes: Vec<String>,
    /// What stands on something that goes back and stays as it is: `shop in eu`.
    pub stay: Vec<String>,
}

/// What taking back costs, by what is live or what the run has brought.
pub fn of(given: &Given<'_>, run: Option<&Run>, back: &[Back]) -> Loss {
    let of = |one: &Back| {
        let brought = run.and_then(|run| brought(run, &one.service, &one.environment));
        said(given, &one.service, brought.or(one.from.as_deref())?)
    };
    let mut loss = sorted(back.iter().filter_map(of));
    let goes = |service: &ServiceName, place: &EnvironmentName| {
        back.iter().any(|one| one.service == *service && one.environment == *place)
    };
    let services = given.workspace.services.values();
    let stays = services.flat_map(|service| {
        let stands = |one: &&Back| service.depends_on.contains(&one.service);
        let places = back.iter().filter(stands).map(|one| &one.environment);
        let here = places.filter(|place| service.deployed_by.contains_key(*place) && !goes(&service.name, place));
        here.map(|place| format!("{} in {place}", service.name))
    });
    loss.stay = stays.collect();
    loss.stay.sort();
    loss.stay.dedup();
    loss
}

/// What taking back what a run has changed costs, without what stays.
pub fn of_run(given: &Given<'_>, run: &Run, what: &RollsBack) -> Loss {
    let of = |service: &ServiceName, environment: &EnvironmentName| match what {
        RollsBack::One(s, e) => s == service && e == environment,
        RollsBack::Set => true,
    };
    let changes = run.changed.iter().filter(|c| c.taken_back.is_none() && of(&c.service, &c.environment));
    sorted(changes.filter_map(|change| said(given, &change.service, change.to.as_deref()?)))
}

/// The version that a run has brought to a place, and that nothing has taken back.
fn brought<'a>(run: &'a Run, service: &ServiceName, environment: &EnvironmentName) -> Option<&'a str> {
    let here = run.changed.iter().rev().filter(|c| c.service == *service && c.environment == *environment);
    here.filter(|change| change.taken_back.is_none()).find_map(|change| change.to.as_deref())
}

fn said<'a>(given: &Given<'a>, service: &ServiceName, version: &str) -> Option<(bool, String)> {
    let Reversible { ok, note } = given.workspace.services.get(service)?.reversible.get(version)?;
    let note = if *ok { note.clone() } else { format!("{service} {version}: {note}") };
    Some((*ok, note)).filter(|(ok, note)| !ok || !note.is_empty())
}

fn sorted(all: impl Iterator<Item = (bool, String)>) -> Loss {
    let (notes, never): (Vec<_>, Vec<_>) = all.partition(|(ok, _)| *ok);
    let texts = |all: Vec<(bool, String)>| {
        let mut texts: Vec<_> = all.into_iter().map(|(_, text)| text).collect();
        texts.sort();
        texts.dedup();
        texts
    };
    Loss { never: texts(never), notes: texts(notes), stay: Vec::new() }
}

impl Loss {
    /// What is lost in one line, what cannot go back first; empty where nothing is said of it.
    pub fn lost(&self) -> String {
        let never = self.never.iter().map(|text| format!("CANNOT GO BACK: {text}"));
        never.chain(self.notes.iter().cloned()).collect::<Vec<_>>().join(" · ")
    }
}
