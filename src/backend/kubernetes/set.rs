//! One verb for several services at once: `with = "web, fx"` beside the service that it names.
//!
//! Each has its own result. What leads forward is sent to nobody unless it can be sent to all;
//! what leads back is sent to whoever can take it.

use super::super::record::Record;
use super::super::{Done, Fault, Sink};
use super::Declared;
use super::act::{self, probe, ready};
use crate::domain::journal_id::Key;
use crate::domain::name::ServiceName;
use crate::domain::operation::{Direction, Operation, Verb};
use crate::domain::report::{Found, Preview, Receipt};
use crate::domain::text::{shortened, visible};
use futures_util::future::join_all;
use std::collections::BTreeMap;

/// Verbs that can be asked of several services at once.
const VERBS: [Verb; 4] = [Verb::Promote, Verb::Abort, Verb::Pause, Verb::Resume];

/// The operation for each service, where it is for several.
///
/// # Errors
/// Why it cannot be for several.
pub fn items(operation: &Operation) -> Result<Option<Vec<Operation>>, String> {
    if !operation.args.contains_key("with") {
        return Ok(None);
    }
    if !VERBS.contains(&operation.verb) {
        let all: Vec<_> = VERBS.iter().map(|verb| verb.word()).collect();
        return Err(format!("{} is done to one service at a time; with is for {}", operation.verb, all.join(", ")));
    }
    let of = |service: &str| {
        let mut item = Operation { service: Some(ServiceName::new(service)), ..operation.clone() };
        item.args.remove("with");
        item
    };
    let mut names: Vec<&str> = Vec::new();
    for name in operation.services() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(Some(names.into_iter().map(of).collect()))
}

/// Whose item it is. Nobody has looked yet whether a name in `with` is one: what is written there may be anything.
fn name(item: &Operation) -> String {
    item.service.as_ref().map(|service| shortened(&visible(service.as_str()), 100)).unwrap_or_default()
}

/// Does it to each of them.
pub async fn perform(declared: &Declared, items: Vec<Operation>, key: &Key, out: Sink) -> Result<Done, Fault> {
    if items.iter().any(|item| item.direction() == Direction::Forward) {
        let all = join_all(items.iter().map(|item| ready(declared, item))).await;
        let no = items.iter().zip(all).filter_map(|(item, ready)| Some(format!("{}: {}", name(item), ready.err()?)));
        let no: Vec<String> = no.collect();
        if !no.is_empty() {
            let why = format!("nothing was sent to any of {}: {}", items.len(), no.join("; "));
            return Err(Fault::Refused { why, output: None });
        }
    }
    let mut record = Record::new(out.clone());
    let each = items.iter().map(|item| {
        let sink = Sink { file: None, ..out.clone() };
        act::one(declared, item, key, Record::of(sink, &name(item)))
    });
    let ended: Vec<_> = items.iter().map(name).zip(join_all(each).await).collect();
    for (name, ended) in &ended {
        record.say(&format!("{name}: {}", said(ended)));
    }
    let output = record.finish();
    match summed(ended) {
        Ok(Done::Whole(receipt)) => Ok(Done::Whole(Receipt { output, ..receipt })),
        Ok(Done::Partly(done, of, receipt)) => Ok(Done::Partly(done, of, Receipt { output, ..receipt })),
        Err(Fault::Lost { why, .. }) => Err(Fault::Lost { why, output }),
        Err(fault) => Err(Fault::Refused { why: fault.to_string(), output }),
    }
}

/// One result in words.
fn said(ended: &Result<Done, Fault>) -> String {
    match ended {
        Ok(Done::Whole(receipt)) => format!("done: {}", receipt.summary),
        Ok(Done::Partly(done, of, receipt)) => format!("part, {done} of {of}: {}", receipt.summary),
        Err(Fault::Lost { why, .. }) => format!("unknown: {why}"),
        Err(fault) => format!("not done: {fault}"),
    }
}

/// What all results come to: whole, part, or lost as soon as one is.
fn summed(ended: Vec<(String, Result<Done, Fault>)>) -> Result<Done, Fault> {
    let of = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let all = ended.len();
    let done = ended.iter().filter(|(_, ended)| matches!(ended, Ok(Done::Whole(_)))).count();
    let part = ended.iter().filter(|(_, ended)| matches!(ended, Ok(Done::Partly(..)))).count();
    let lost = ended.iter().filter(|(_, ended)| matches!(ended, Err(Fault::Lost { .. }))).count();
    let detail: BTreeMap<String, String> = ended.into_iter().map(|(name, ended)| (name, said(&ended))).collect();
    let listed: Vec<_> = detail.iter().map(|(name, said)| format!("{name} {said}")).collect();
    let listed = listed.join("; ");
    if lost > 0 {
        return Err(Fault::Lost { why: format!("{lost} of {all} are not known: {listed}"), output: None });
    }
    let receipt = Receipt { summary: format!("{done} of {all} are done: {listed}"), detail, output: None };
    match (done, part) {
        (done, _) if done == all => Ok(Done::Whole(receipt)),
        (0, 0) => Err(Fault::Refused { why: format!("none of {all} is done: {listed}"), output: None }),
        _ => Ok(Done::Partly(of(done), of(all), receipt)),
    }
}

/// Says what would happen to each.
pub async fn preview(declared: &Declared, items: Vec<Operation>, tries: bool) -> Result<Preview, Fault> {
    let mut whole = Preview::default();
    let mut refuse = 0;
    let all = join_all(items.iter().map(|item| act::preview_one(declared, item, tries))).await;
    for (item, preview) in items.iter().zip(all) {
        let each = |all: Vec<String>| all.into_iter().map(|text| format!("{}: {text}", name(item))).collect::<Vec<_>>();
        match preview {
            Ok(preview) => {
                refuse += usize::from(!preview.refused.is_empty());
                whole.refused.extend(each(preview.refused));
                whole.obstacles.extend(each(preview.obstacles));
                whole.unknown.extend(each(preview.unknown));
                whole.effects.extend(each(preview.effects));
                whole.loses.extend(each(preview.loses));
            }
            // The look was refused, or lost: of what would be done that says nothing.
            Err(fault @ (Fault::Unreachable(_) | Fault::Lost { .. })) => {
                whole.unknown.extend(each(vec![format!("what would happen to it: {fault}")]));
            }
            Err(fault) => whole.obstacles.extend(each(vec![fault.to_string()])),
        }
    }
    // What leads back is sent to whoever can take it.
    if refuse < items.len() && items.iter().all(|item| item.direction() != Direction::Forward) {
        whole.refused.clear();
    }
    Ok(whole)
}

/// Finds out what became of each.
pub async fn probe(declared: &Declared, items: Vec<Operation>, key: &Key) -> Result<Found, Fault> {
    let found = join_all(items.iter().map(|item| probe::one(declared, item, key))).await;
    let (mut applied, mut out, mut may, mut listed) = (0, 0, 0, Vec::new());
    for (item, found) in items.iter().zip(found) {
        let words = match found {
            Ok(Found::Applied(receipt)) => {
                applied += 1;
                format!("done: {}", receipt.summary)
            }
            Ok(Found::NotApplied { r#final: true, why }) => {
                out += 1;
                format!("not done: {why}")
            }
            Ok(Found::NotApplied { why, .. }) => {
                may += 1;
                format!("not done so far: {why}")
            }
            Ok(Found::Partly { receipt, .. }) => format!("part: {}", receipt.summary),
            Ok(Found::Unknown { why }) => format!("unknown: {why}"),
            Err(fault) => format!("unknown: {fault}"),
        };
        listed.push(format!("{} {words}", name(item)));
    }
    let (all, listed) = (items.len(), listed.join("; "));
    let of = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let receipt = |listed| Receipt { summary: listed, ..Receipt::default() };
    Ok(if applied == all {
        Found::Applied(receipt(listed))
    } else if out + may == all {
        Found::NotApplied { r#final: may == 0, why: listed }
    } else if applied + out == all {
        Found::Partly { done: of(applied), of: of(all), receipt: receipt(listed) }
    } else {
        Found::Unknown { why: listed }
    })
}
