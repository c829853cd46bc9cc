//! Waiting until what is wanted at a place is so: instances are well, the router
//! goes by it, and who is not wanted has gone.

use super::say;
use crate::demo::applied::Applied;
use crate::demo::failure::Failure;
use crate::demo::layout::Layout;
use crate::demo::live::Live;
use crate::demo::place::Place;
use crate::demo::versions;
use crate::demo::wanted::Wanted;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often it looks.
const LOOK: Duration = Duration::from_millis(40);

/// Waits until it is so; the error says what is still missing.
pub fn wait(layout: &Layout, place: &Place, limit: Duration, loud: bool) -> Result<(), Failure> {
    let begun = Instant::now();
    let mut said = String::new();
    while let Some(missing) = missing(layout, place)? {
        if begun.elapsed() > limit {
            return Err(Failure::broken(format!("{place}: after {} s still {missing}", limit.as_secs())));
        }
        if loud && missing != said {
            say(&missing);
            said = missing;
        }
        sleep(LOOK);
    }
    Ok(())
}

/// What is not yet so; none when everything is.
pub fn missing(layout: &Layout, place: &Place) -> Result<Option<String>, Failure> {
    let wanted = Wanted::load(layout, place)?;
    let live = Live::load(layout)?;
    for version in wanted.versions() {
        let ready = live.ready(place, version);
        if ready < versions::WANTED {
            return Ok(Some(format!("{version}: {ready} of {} instances ready", versions::WANTED)));
        }
    }
    let applied = Applied::load(layout, place);
    if applied.generation != wanted.generation || applied.revision < live.revision {
        return Ok(Some("the router has not taken it over yet".to_owned()));
    }
    let left: Vec<_> = live.at(place).filter(|i| !wanted.versions().contains(&i.version.as_str())).collect();
    Ok(left.first().map(|old| format!("{}: {} instances finish what they have", old.version, left.len())))
}
