//! The director: watches the estate and does, at the right moment, what the tour
//! needs from outside: a blip, silent metrics, a colleague's vote. Each rule
//! fires once, also when the director is killed and comes back. It only does
//! what a person could do from another terminal.

mod part;

use super::belonging;
use super::failure::Failure;
use super::files;
use super::flags::Flags;
use super::layout::Layout;
use super::rules::Rule;
use super::{blip, silence};
use part::{Part, Progress};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// How often it looks.
const LOOK: Duration = Duration::from_millis(150);

/// Directs until every rule has fired.
pub fn run(flags: &Flags) -> Result<(), Failure> {
    let layout = Layout::new(flags.dir()?);
    let rules: Vec<Rule> = files::read(&layout.rules())?;
    let before: Vec<Progress> = files::read(&layout.directed()).unwrap_or_default();
    let mut written = before.clone();
    let before = before.into_iter().chain(std::iter::repeat(Progress::Waiting));
    let mut parts: Vec<Part> = rules.into_iter().zip(before).map(|(rule, was)| Part::resume(rule, was)).collect();
    loop {
        parts.iter_mut().for_each(|part| part.look(&layout));
        let progress: Vec<Progress> = parts.iter().map(|part| part.progress).collect();
        // Nothing is begun before it is written down that it was: whoever comes after us must know.
        if progress != written {
            files::write(&layout.directed(), &progress)?;
            written = progress;
        }
        parts.iter_mut().for_each(|part| part.act(&layout));
        if parts.iter().all(Part::ended) {
            return Ok(());
        }
        thread::sleep(LOOK);
    }
}

/// Becomes our own program with other arguments, bound to the life of its parent.
pub fn bound(flags: &Flags) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    belonging::to_parent(flags.parsed("parent")?)?;
    let program = std::env::current_exe().map_err(Failure::io("cannot tell which program this is"))?;
    Err(Failure::io("cannot start a program")(Command::new(program).args(&flags.words).exec()))
}

/// Makes the blip of a place, as a process of its own.
pub fn blip(flags: &Flags) -> Result<(), Failure> {
    let stopped = blip::make(&Layout::new(flags.dir()?), &flags.parsed("place")?, flags.span("for")?)?;
    note(Ok(format!("{stopped} instances stood still")));
    Ok(())
}

/// Silences the metrics of a place.
pub fn silence(flags: &Flags) -> Result<(), Failure> {
    silence::begin(&Layout::new(flags.dir()?), &flags.parsed("place")?, flags.span("for")?)
}

/// Writes into the director's log, which is its standard error.
fn note(what: Result<String, Failure>) {
    eprintln!("{} {}", super::clock::now().to_rfc3339(), what.unwrap_or_else(|why| why.words));
}
