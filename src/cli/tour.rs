//! The whole tour: screens first, the estate behind them, and both end together.
//!
//! With a script the keys are pressed by itself; its programs are started here,
//! in the demo's workspace, as a second person would from another terminal.

mod children;
mod paged;

use super::args::{DemoArgs, Global};
use super::outcome::{Ended, Failure};
use super::{plain, print, screen};
use crate::demo::{self, Act, Monitors, Options, Rule};
use crate::domain::text::visible;
use crate::domain::workspace::Purpose;
use crate::tui::run::{About, Opening};
use crate::tui::script::{self, Mistake, Player, Script, Show};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

/// Plays the tour in a new directory, which goes with it.
pub fn tour(global: &Global, args: &DemoArgs, mut rules: Vec<Rule>) -> Ended {
    let script = args.script.as_deref().map(read).transpose()?;
    let monitors = super::demo::monitors(args.prometheus)?;
    let dir = fresh()?;
    if plain::wanted(global) && script.is_none() {
        return in_lines(global, args, rules, monitors, dir);
    }
    super::print::words(&format!("the demo is in {0}; from another terminal: holdpoint -C {0} status", dir.display()));
    // A script has a second person of its own, whom a colleague's approval would outrun.
    rules.retain(|rule| script.is_none() || !approves(rule));
    let incident = args.incident;
    let fast = args.fast;
    let options = Options { fast, incident, calm: incident, remove: true, rules, monitors, ..Options::default() };
    let (children, runs) = children::within(dir.clone());
    let show = script.map(|script| Show { player: Player::new(script), runs });
    let (keep, kept) = mpsc::channel();
    // Whoever is paged is not whoever has driven it.
    let paged = || incident.then(|| paged::PAGED.to_owned());
    let there = Global { directory: Some(dir.clone()), person: global.person.clone().or_else(paged), ..global.clone() };
    let make = move || {
        // Kept before anything else can fail: it is taken down below, however the screens end.
        let _ = keep.send(demo::up(&dir, &options).map_err(|e| Failure::failed(e.to_string()))?);
        if incident {
            paged::happened(&dir)?;
        }
        screen::setup(&there).map(|setup| About::Session(Box::new(setup)))
    };
    let opening = Opening {
        name: "payments train".to_owned(),
        purpose: Purpose::Demo,
        words: if incident { "bringing up an estate, and its incident" } else { "bringing up the estate" },
        make,
        tell: screen::tell,
    };
    let ended = screen::open(&screen::look(global), opening, show);
    children.end();
    for estate in kept.try_iter() {
        estate.down().map_err(|e| Failure::failed(e.to_string()))?;
    }
    ended
}

/// The same as lines: the estate first, and down again however they end.
fn in_lines(global: &Global, args: &DemoArgs, rules: Vec<Rule>, monitors: Option<Monitors>, dir: PathBuf) -> Ended {
    print::line("Bringing up the estate of the demo; that takes some seconds.");
    let failed = |e: demo::Failure| Failure::failed(e.to_string());
    let incident = args.incident;
    let fast = args.fast;
    let options = Options { fast, incident, calm: incident, remove: true, rules, monitors, ..Options::default() };
    let estate = demo::up(&dir, &options).map_err(failed)?;
    if incident {
        paged::happened(&dir)?;
    }
    print::line(&format!("It is up in {0}; from another terminal: holdpoint -C {0} status", dir.display()));
    let paged = || incident.then(|| paged::PAGED.to_owned());
    let person = global.person.clone().or_else(paged);
    let ended = plain::plain(&Global { directory: Some(dir), person, ..global.clone() });
    estate.down().map_err(failed)?;
    ended
}

fn approves(rule: &Rule) -> bool {
    matches!(&rule.act, Act::Run { argv } if argv.iter().any(|word| word == "approve"))
}

fn fresh() -> Result<PathBuf, Failure> {
    let random = getrandom::u64().map_err(|e| Failure::failed(format!("cannot draw a random name: {e}")))?;
    Ok(std::env::temp_dir().join(format!("holdpoint-demo-{:08x}", random & 0xffff_ffff)))
}

/// Reads a script, or says every mistake in it.
fn read(file: &Path) -> Result<Script, Failure> {
    let name = visible(&file.to_string_lossy());
    let text = std::fs::read_to_string(file)
        .map_err(|e| Failure::usage(format!("cannot read the script {name}: {e}; name a text file of steps")))?;
    script::parse(&name, &text).map_err(|mistakes| {
        let lines: Vec<_> = mistakes.iter().map(Mistake::to_string).collect();
        Failure::usage(lines.join("\n"))
    })
}
