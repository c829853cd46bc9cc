//! What a rollback costs besides: what going back from a version loses, as the catalogue says, and
//! what else stands on what goes back.
//!
//! Pure; a person is told and decides. What the catalogue says cannot go back never does by itself.

use super::Given;
use super::before::coming;
use super::rollback::{self, Back};
use super::run::Run;
use crate::domain::catalogue::Reversible;
use crate::domain::name::{EnvironmentName, ServiceName};
use crate::domain::operation::Operation;
use crate::domain::trigger::RollsBack;

/// What it costs: what people have said of versions, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Versions whose data the version before cannot live with: `web 4.2.0: why`.
    pub never: Vec<String>,
    /// What else is lost or must be put right.
    pub notes: Vec<String>,
    /// What stands on something that goes back and stays as it is: `shop in eu`.
    pub stay: Vec<String>,
}

/// What taking back costs, by what the run has brought or is bringing, and by what is live.
pub fn of(given: &Given<'_>, run: Option<&Run>, back: &[Back]) -> Loss {
    let of = |one: &Back| {
        let brought = run.map(|run| brought(given, run, one)).unwrap_or_default();
        let versions: Vec<&str> = brought.into_iter().chain(one.from.as_deref()).collect();
        versions.into_iter().filter_map(|version| said(given, &one.service, version)).collect::<Vec<_>>()
    };
    // Traffic alone costs nothing that a version has written.
    let mut loss = sorted(back.iter().filter(|one| one.version).flat_map(of));
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
    loss.stay.sort_unstable();
    loss.stay.dedup();
    loss
}

/// What taking back what a run has changed, or may have, costs; also where that cannot be planned.
pub fn of_run(given: &Given<'_>, run: &Run, what: &RollsBack) -> Loss {
    let all = match what {
        RollsBack::One(service, environment) => vec![(service.clone(), environment.clone())],
        RollsBack::Set => rollback::changed(given, run),
    };
    let back = |(service, environment)| Back {
        service,
        environment,
        from: None,
        to: String::new(),
        weights: None,
        version: true,
    };
    let planned = rollback::targets(given, Some(run), what, None);
    of(given, Some(run), &planned.unwrap_or_else(|_| all.into_iter().map(back).collect()))
}

/// The versions that a run has brought to a place and nothing has taken back, or is bringing.
fn brought<'a>(given: &Given<'a>, run: &'a Run, one: &Back) -> Vec<&'a str> {
    let here = |operation: &Operation| operation.target() == Some((&one.service, &one.environment));
    let coming = coming(given).filter(|(sent, _)| sent.intent.run == run.id && here(&sent.intent.operation));
    let coming: Vec<&str> = coming.map(|(_, version)| version).collect();
    // What a shift has brought is a share, and no version.
    let stand = run.standing(&one.service, &one.environment).filter(|change| change.weights.is_none());
    stand.filter_map(|change| change.to.as_deref()).chain(coming).collect()
}

/// What the catalogue says of going back from a version: whether it can, and what that loses.
pub(super) fn said<'a>(given: &Given<'a>, service: &ServiceName, version: &str) -> Option<(bool, String)> {
    let Reversible { ok, note } = given.workspace.services.get(service)?.reversible.get(version)?;
    let note = if *ok { note.clone() } else { format!("{service} {version}: {note}") };
    Some((*ok, note)).filter(|(ok, note)| !ok || !note.is_empty())
}

fn sorted(all: impl Iterator<Item = (bool, String)>) -> Loss {
    let (notes, never): (Vec<_>, Vec<_>) = all.partition(|(ok, _)| *ok);
    let texts = |all: Vec<(bool, String)>| {
        let mut texts: Vec<_> = all.into_iter().map(|(_, text)| text).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    };
    Loss { never: texts(never), notes: texts(notes), stay: Vec::new() }
}
