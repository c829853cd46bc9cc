//! `probe`: what became of an operation, from the book of operations and from
//! what is really so. Reads only, and says *unknown* rather than guess.

use super::{evidence, say, settled, shift};
use crate::demo::failure::Failure;
use crate::demo::flags::Flags;
use crate::demo::layout::Layout;
use crate::demo::operations::{self, Event, Line};
use crate::demo::records;
use crate::demo::wanted::Wanted;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::time::Duration;

/// How long what is wanted may take to become so, before the answer is unknown.
const LIMIT: Duration = Duration::from_secs(6);

/// Prints what became of the operation of a key.
pub fn print(layout: &Layout, key: &str) -> Result<(), Failure> {
    super::running(layout)?;
    say(&found(layout, key)?.to_string());
    Ok(())
}

fn found(layout: &Layout, key: &str) -> Result<Value, Failure> {
    // Asked before the book is read: whoever has ended since has written first.
    let alive = operations::alive(layout, key);
    let lines = operations::about(layout, key);
    if let Some(done) = lines.iter().find(|line| line.event == Event::Done) {
        return Ok(applied(done.result.clone().unwrap_or(Value::Null)));
    }
    if let Some(pid) = alive.first() {
        return Ok(json!({ "found": "unknown", "summary": format!("process {pid} is still at it") }));
    }
    let Some(start) = lines.iter().rfind(|line| line.event == Event::Start) else {
        return Ok(not_applied("never begun, and nobody is about to"));
    };
    let failed = lines.iter().rfind(|line| line.event == Event::Failed).and_then(|line| line.result.as_ref());
    if let Some(why) = failed.filter(|result| result.get("nothing_done") == Some(&Value::Bool(true))) {
        return Ok(not_applied(why.get("summary").and_then(Value::as_str).unwrap_or("refused")));
    }
    Ok(compare(layout, key, start)?.unwrap_or_else(|| not_applied("begun, and ended before anything was changed")))
}

/// Compares what is so with what the operation wanted; none when it changed nothing.
fn compare(layout: &Layout, key: &str, start: &Line) -> Result<Option<Value>, Failure> {
    let args: Vec<OsString> = start.args.iter().map(OsString::from).collect();
    let flags = Flags::read(&args)?;
    match start.verb.as_str() {
        "snapshot" => {
            return Ok(evidence::kept(layout, key).then(|| applied(json!({ "summary": "the evidence is whole" }))));
        }
        "reconcile" => {
            let (_, new) = records::count(layout, flags.need("env")?)?;
            return Ok((new == 0).then(|| applied(json!({ "summary": "no record in the new format is left" }))));
        }
        _ => {}
    }
    let place = super::place(&flags)?;
    let wanted = Wanted::load(layout, &place)?;
    if !is_so(&wanted, &start.verb, &flags) {
        return Ok(None);
    }
    Ok(Some(match settled::wait(layout, &place, LIMIT, false) {
        Ok(()) => applied(shift::outcome(&place, &wanted, &wanted)),
        Err(why) => json!({ "found": "unknown", "summary": format!("wanted, but not yet so: {why}") }),
    }))
}

fn is_so(wanted: &Wanted, verb: &str, flags: &Flags) -> bool {
    let (candidate, stable) = (wanted.candidate.as_deref(), Some(wanted.stable.as_str()));
    let version = flags.get("version");
    let otherwise = if verb == "promote" { "100" } else { "0" };
    let weight = flags.get("weight").unwrap_or(otherwise).parse::<u8>().ok();
    match verb {
        "deploy" | "promote" if weight == Some(100) => stable == version && candidate.is_none(),
        "deploy" => candidate == version && Some(wanted.weight) == weight,
        "promote" => candidate == version && Some(wanted.weight) == weight,
        "roll-back" => stable == flags.get("to") && candidate.is_none(),
        "abort" => candidate.is_none(),
        "pause" => wanted.paused,
        _ => false,
    }
}

fn applied(result: Value) -> Value {
    let mut answer = json!({ "found": "applied", "final": true });
    if let (Some(answer), Value::Object(result)) = (answer.as_object_mut(), result) {
        answer.extend(result);
    }
    answer
}

fn not_applied(why: &str) -> Value {
    json!({ "found": "not-applied", "final": true, "summary": why })
}
