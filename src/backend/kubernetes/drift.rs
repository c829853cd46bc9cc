//! How a workload differs from what was last applied to it: the API server itself says what
//! applying that again would make of it, as a dry run.
//!
//! It reads only. A dry run is checked and admitted like a change, and then not kept. What
//! was never applied by `kubectl apply` is unknown.

use super::super::Fault;
use super::super::compare::{Found, Part, compare, difference};
use super::super::literal::literals;
use super::Declared;
use super::act::{before, reach_to};
use super::answer::{Unanswered, line};
use super::client::Cluster;
use super::flagger::{copied, state, target};
use super::history::CAUSE;
use super::mend::Differs;
use super::object::text;
use super::place::{Kind, Place};
use super::rollouts::elsewhere;
use super::version::Where;
use crate::domain::drift::Drift;
use crate::domain::observed::Placed;
use serde_json::Value;
use std::collections::BTreeSet;

/// The annotation that holds what was applied.
pub const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The dry run's own name among those who write, so that it takes nothing from anybody else.
const DRY: &str = "dryRun=All&fieldManager=holdpoint-drift&force=true";
/// That name, which nothing that is live ever has.
const DRY_WRITER: &str = "holdpoint-drift";
/// What a deployment's controller notes of it begins with.
const NOTES: &str = "deployment.kubernetes.io/";
/// What is said first of a dry run that was not dry.
const KEPT: &str = "THE DRY RUN WAS KEPT";
/// What is said first of one that could not be looked after.
const MAYBE: &str = "whether the dry run was kept is not known";
/// How often it is tried where the object changes meanwhile.
const TRIES: usize = 3;
/// How many differences are told.
const MOST: usize = 50;

/// Says how what is live differs from what was declared.
pub async fn drift(declared: &Declared, at: &Placed) -> Result<Drift, Fault> {
    let (cluster, place) = reach_to(declared, at).await?;
    let mut drift = Drift::default();
    let (live, after) = one(&cluster, &place, &mut drift).await?;
    if matches!(place.kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet) {
        let at = Where { container: place.container.clone(), label: declared.spec.version_label.clone() };
        drift.mend = after.map(|after| Differs::new(&place, &live, &after).args(&at)).unwrap_or_default();
    }
    drift.literals = literals(&line(&place.words()), &live);
    if place.kind == Kind::Canary {
        // Its workload was declared beside it.
        match target(&live) {
            ("Deployment", name) => {
                let workload = Place { kind: Kind::Deployment, name: name.to_owned(), ..place.clone() };
                let (object, _) = one(&cluster, &workload, &mut drift).await?;
                drift.literals.extend(literals(&line(&workload.words()), &object));
                served(&cluster, &workload, (&live, &object), &mut drift).await;
            }
            (kind, _) => drift.unknown.push(line(&format!("{}: its target is a {kind}", place.words()))),
        }
    }
    // A rollout's pods may be declared elsewhere.
    match elsewhere::place(&place, &live) {
        Some(Ok(held)) => {
            let (object, _) = one(&cluster, &held, &mut drift).await?;
            drift.literals.extend(literals(&line(&held.words()), &object));
        }
        Some(Err(_)) => {
            let at = elsewhere::elsewhere(&live).unwrap_or_default();
            drift.unknown.push(line(&format!("{}: its pods lie in {at}, which is not compared", place.words())));
        }
        None => {}
    }
    drift.more = drift.differences.len().saturating_sub(MOST);
    drift.differences.truncate(MOST);
    Ok(drift)
}

/// An object as it is, and as what was last applied would make it; or why that is not known.
///
/// # Errors
/// It could not be read, or its API server keeps dry runs.
pub async fn declared(cluster: &Cluster, place: &Place) -> Result<(Value, Result<Value, String>), Fault> {
    let mut drift = Drift::default();
    let maybe = |why: &str| why.starts_with(KEPT) || why.starts_with(MAYBE);
    let kept = |fault: &Fault| matches!(fault, Fault::Lost { why, .. } if maybe(why));
    let found = one(cluster, place, &mut drift).await;
    let (live, after) = found.map_err(|fault| if kept(&fault) { fault } else { before(fault) })?;
    Ok((live, after.ok_or_else(|| drift.unknown.join("; "))))
}

/// Compares one object, and gives it as it is, and as it was to be where that is known.
async fn one(cluster: &Cluster, place: &Place, drift: &mut Drift) -> Result<(Value, Option<Value>), Fault> {
    let mut tries = 0;
    loop {
        tries += 1;
        let seen = cluster.read(&place.path()).await;
        let live = seen.map_err(|e| if tries > 1 { unseen(place, &e) } else { e.of_read(&place.words()) })?;
        if is_kept(&live) {
            return Err(stays(place, tries > 1));
        }
        let wanted = match applied(&live) {
            Ok(wanted) => wanted,
            Err(why) => {
                drift.unknown.push(line(&format!("{}: {why}", place.words())));
                return Ok((live, None));
            }
        };
        let path = format!("{}?{DRY}", place.path());
        let tried = cluster.change("PATCH", &path, "application/apply-patch+yaml", &wanted).await;
        match &tried {
            Ok(after) if version(after) == version(&live) => {
                tell(place, &live, after, drift);
                let after = after.clone();
                return Ok((live, Some(after)));
            }
            Ok(_) if tries < TRIES => {}
            Err(error) if !is_lost(error) => {
                let why = format!("{}: a dry run of what was applied was refused: {}", place.words(), error.words());
                drift.unknown.push(why);
                return Ok((live, None));
            }
            // What was asked for only to compare may have been done all the same: that is looked after.
            Ok(_) | Err(_) => {
                let now = cluster.read(&place.path()).await.map_err(|e| unseen(place, &e))?;
                if is_kept(&now) {
                    return Err(stays(place, true));
                }
                let why = match tried {
                    Err(error) => format!("a dry run of what was applied was not answered: {}", error.words()),
                    Ok(_) => "it changes faster than it can be compared; try again".to_owned(),
                };
                drift.unknown.push(line(&format!("{}: {why}", place.words())));
                return Ok((live, None));
            }
        }
    }
}

/// Whether it may have been done although it was not answered.
fn is_lost(error: &Unanswered) -> bool {
    matches!(error.clone().of_change(""), Fault::Lost { .. })
}

/// Compares what serves of a canary with its workload, of which Flagger makes it.
async fn served(cluster: &Cluster, of: &Place, (canary, workload): (&Value, &Value), drift: &mut Drift) {
    let place = Place { name: state::primary(&of.name), ..of.clone() };
    let (words, of) = (line(&place.words()), line(&of.words()));
    let primary = match cluster.read(&place.path()).await {
        Ok(primary) => primary,
        Err(error) => return drift.unknown.push(format!("{words}, which serves, cannot be read: {}", error.words())),
    };
    let (live, wanted) = (copied(&primary), copied(workload));
    if live != wanted && !state::idle(canary) {
        return drift.unknown.push(format!("{words} serves other pods than {of} has, and its canary is not through"));
    }
    let fields = primary.pointer("/metadata/managedFields").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    drift.compared.push(format!("{words} with {of}"));
    drift.differences.extend(compare(&live, &wanted).iter().map(|found| difference(&words, found, &live, fields)));
}

/// Whether a dry run was not dry: what is live names it among those who wrote it.
fn is_kept(live: &Value) -> bool {
    let fields = live.pointer("/metadata/managedFields").and_then(Value::as_array);
    fields.into_iter().flatten().any(|one| text(one, "/manager") == DRY_WRITER)
}

/// That one was sent, and what it left could not be looked at.
fn unseen(place: &Place, error: &Unanswered) -> Fault {
    let why = format!("{MAYBE}: {}: {}", line(&place.words()), error.words());
    Fault::Lost { why, output: None }
}

/// That it was not dry, just now or earlier; it is not sent again.
fn stays(place: &Place, now: bool) -> Fault {
    let words = line(&place.words());
    if now {
        let why = format!(
            "{KEPT}: the API server changed {words} back to what was last applied, though it was asked to \
             change nothing; look at it now, and ask for no drift in this cluster"
        );
        return Fault::Lost { why, output: None };
    }
    let why = format!(
        "{words} was written by {DRY_WRITER}: an earlier dry run was kept by this API server, so that none is sent; look \
         whether it is as it should be, then apply it by kubectl"
    );
    Fault::Refused { why, output: None }
}

fn tell(place: &Place, live: &Value, after: &Value, drift: &mut Drift) {
    let fields = live.pointer("/metadata/managedFields").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    drift.compared.push(line(&format!("{} with what was last applied to it", place.words())));
    let found = differences(live, after);
    drift.differences.extend(found.iter().map(|found| difference(&line(&place.words()), found, live, fields)));
}

/// How an object differs from what it was to be, in what people declare.
pub fn differences(live: &Value, after: &Value) -> Vec<Found> {
    compare(live, after).into_iter().filter(is_declared).collect()
}

/// Whether people declare what stands there: not what the API server notes of itself, nor what says who changed it.
fn is_declared(found: &Found) -> bool {
    match found.path.as_slice() {
        [Part::Key(first), ..] if first == "status" => false,
        [Part::Key(_), Part::Key(second), Part::Key(note)]
            if second == "annotations" && (note == CAUSE || note.starts_with(NOTES)) =>
        {
            false
        }
        [Part::Key(first), Part::Key(second), ..] if first == "metadata" => {
            matches!(second.as_str(), "labels" | "annotations")
        }
        _ => true,
    }
}

/// What was last applied, as it can be applied again; or why that is not known.
fn applied(live: &Value) -> Result<Value, String> {
    let noted = live.pointer("/metadata/annotations").and_then(|all| all.get(APPLIED)?.as_str());
    let Some(noted) = noted else { return Err(undeclared(live)) };
    let read = serde_json::from_str::<Value>(noted).ok().filter(Value::is_object);
    let mut wanted = read.ok_or("what was last applied cannot be read: it is no JSON object")?;
    for key in ["/kind", "/metadata/name"] {
        if text(&wanted, key) != text(live, key) {
            return Err("what is noted as last applied is of another object".to_owned());
        }
    }
    if let Some(meta) = wanted.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.retain(|key, _| matches!(key.as_str(), "name" | "namespace" | "labels" | "annotations"));
    }
    if let Some(map) = wanted.as_object_mut() {
        map.remove("status");
    }
    Ok(wanted)
}

/// That nothing says what was declared, and who wrote it in place of `kubectl apply`.
fn undeclared(live: &Value) -> String {
    let fields = live.pointer("/metadata/managedFields").and_then(Value::as_array);
    let writes = |entry: &&Value| text(entry, "/subresource").is_empty();
    let all: BTreeSet<&str> = fields.into_iter().flatten().filter(writes).map(|one| text(one, "/manager")).collect();
    let who = if all.is_empty() {
        String::new()
    } else {
        format!("; it was written by {}", all.into_iter().collect::<Vec<_>>().join(", "))
    };
    format!("what was declared is not known: nothing was applied to it by `kubectl apply`{who}")
}

fn version(object: &Value) -> &str {
    text(object, "/metadata/resourceVersion")
}
