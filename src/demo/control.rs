//! The control program: what a team would have as scripts. It writes down what
//! is wanted, waits until it is so, and says it in the words and the JSON that a
//! `command` backend reads. It starts and stops nothing itself.
//!
//! Every invocation is in the book of operations; one whose key is done already
//! does nothing and says the same again.

mod evidence;
mod found;
mod settled;
mod shift;
mod status;

use super::failure::Failure;
use super::files;
use super::flags::Flags;
use super::layout::Layout;
use super::operations::{self, Event};
use super::place::Place;
use super::records;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::Write;

/// Runs a verb of the control program.
pub fn run(verb: &str, flags: &Flags, args: &[OsString]) -> Result<(), Failure> {
    let work: Work = match verb {
        "status" => return status::print(&Layout::new(flags.dir()?)),
        "probe" => return found::print(&Layout::new(flags.dir()?), flags.need("key")?),
        "deploy" => shift::deploy,
        "promote" => shift::promote,
        "roll-back" => shift::roll_back,
        "pause" => shift::pause,
        "abort" => shift::abort,
        "snapshot" => evidence::snapshot,
        "reconcile" => reconcile,
        other => return Err(Failure::refused(format!("demo-estate has no verb {other:?}"))),
    };
    booked(verb, work, flags, args)
}

/// What a verb does; the result is what its last line says.
type Work = fn(&Layout, &Flags) -> Result<Value, Failure>;

fn booked(verb: &str, work: Work, flags: &Flags, args: &[OsString]) -> Result<(), Failure> {
    let layout = Layout::new(flags.dir()?);
    let key = flags.get("key").map_or_else(|| format!("by-hand-{}", std::process::id()), str::to_owned);
    running(&layout)?;
    let book = |event, args: &[String], result| operations::note(&layout, event, &key, verb, args, result);
    if let Some(done) = operations::about(&layout, &key).into_iter().find(|line| line.event == Event::Done) {
        book(Event::Repeat, &[], None)?;
        say("done before under this key; nothing to do");
        say(&done.result.unwrap_or(Value::Null).to_string());
        return Ok(());
    }
    if let Some(pid) = operations::alive(&layout, &key).first() {
        return Err(Failure::broken(format!("process {pid} is doing this already; wait for it")));
    }
    let args: Vec<String> = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    book(Event::Start, &args, None)?;
    match work(&layout, flags) {
        Ok(result) => {
            book(Event::Done, &[], Some(result.clone()))?;
            say(&result.to_string());
            Ok(())
        }
        Err(failure) => {
            let result = json!({ "summary": failure.words, "nothing_done": failure.nothing_done });
            book(Event::Failed, &[], Some(result))?;
            Err(failure)
        }
    }
}

/// Refuses when there is no supervisor that would make anything so.
fn running(layout: &Layout) -> Result<(), Failure> {
    if files::locked(&layout.lock()) {
        return Ok(());
    }
    let dir = layout.dir().display();
    Err(Failure::refused(format!("the estate in {dir} is down; `holdpoint demo up {dir}` brings it up")))
}

/// The place that `--service` and `--env` name.
fn place(flags: &Flags) -> Result<Place, Failure> {
    Place::new(flags.need("service")?, flags.need("env")?).map_err(Failure::refused)
}

/// Turns the rows of the new format in a region into the old one.
fn reconcile(layout: &Layout, flags: &Flags) -> Result<Value, Failure> {
    let region = place_of_payments(flags)?.region;
    let (all, new) = records::count(layout, &region)?;
    say(&format!("{region}: {all} records, {new} of them in the new format"));
    let settled = records::reconcile(layout, &region)?;
    let (_, left) = records::count(layout, &region)?;
    Ok(json!({
        "summary": format!("{settled} records in the new format reconciled in {region}, {left} left"),
        "detail": { "reconciled": settled.to_string(), "left": left.to_string() },
    }))
}

fn place_of_payments(flags: &Flags) -> Result<Place, Failure> {
    Place::new("payments", flags.need("env")?).map_err(Failure::refused)
}

/// Says a line of progress; whoever no longer listens misses nothing they would act on.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
