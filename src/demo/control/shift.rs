//! The verbs that change which version has the traffic of a place.
//!
//! Weights are written down first, and then waited for.

use super::{place, say, settled};
use crate::demo::failure::Failure;
use crate::demo::flags::Flags;
use crate::demo::layout::Layout;
use crate::demo::link::Link;
use crate::demo::live::Ports;
use crate::demo::place::Place;
use crate::demo::wanted::{Change, Wanted};
use crate::demo::{serve, versions};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a change may take to become so.
const LIMIT: Duration = Duration::from_secs(30);
/// How often the router is asked who answers.
const QUESTIONS: u32 = 20;
/// How long between two such questions.
const PAUSE: Duration = Duration::from_millis(20);

/// `deploy --service S --env E --version V [--weight W] [--by WHO]`
pub fn deploy(layout: &Layout, flags: &Flags) -> Result<Value, Failure> {
    let (place, version, weight) = (place(flags)?, known(flags, "version")?, weight(flags, 0)?);
    shift(layout, &place, |wanted| by(wanted, flags, |wanted| wanted.deploy(&version, weight)))
}

/// `promote --service S --env E --version V --weight W`
pub fn promote(layout: &Layout, flags: &Flags) -> Result<Value, Failure> {
    let (place, version, weight) = (place(flags)?, known(flags, "version")?, weight(flags, 100)?);
    shift(layout, &place, |wanted| by(wanted, flags, |wanted| wanted.promote(&version, weight)))
}

/// `roll-back --service S --env E --to V`
pub fn roll_back(layout: &Layout, flags: &Flags) -> Result<Value, Failure> {
    let (place, to) = (place(flags)?, known(flags, "to")?);
    shift(layout, &place, |wanted| by(wanted, flags, |wanted| wanted.roll_back(&to)))
}

/// `pause --service S --env E`
pub fn pause(layout: &Layout, flags: &Flags) -> Result<Value, Failure> {
    shift(layout, &place(flags)?, Wanted::pause)
}

/// `abort --service S --env E`
pub fn abort(layout: &Layout, flags: &Flags) -> Result<Value, Failure> {
    shift(layout, &place(flags)?, Wanted::abort)
}

/// Makes a change and writes down who asked for it, with `--by`.
fn by(
    wanted: &mut Wanted,
    flags: &Flags,
    change: impl FnOnce(&mut Wanted) -> Result<Change, Failure>,
) -> Result<Change, Failure> {
    let made = change(wanted)?;
    if made == Change::Made {
        wanted.by = flags.get("by").map(str::to_owned);
    }
    Ok(made)
}

fn shift(
    layout: &Layout,
    place: &Place,
    change: impl FnOnce(&mut Wanted) -> Result<Change, Failure>,
) -> Result<Value, Failure> {
    let before = Wanted::load(layout, place)?;
    let (wanted, changed) = Wanted::change(layout, place, change)?;
    if changed == Change::Already {
        say("it is so already");
    }
    settled::wait(layout, place, LIMIT, true)?;
    let asked = ask(layout, place)?;
    let each: Vec<_> = asked.iter().map(|(version, count)| format!("{count} by {version}")).collect();
    say(&format!("asked the router {QUESTIONS} times: answers {}", each.join(", ")));
    Ok(outcome(place, &before, &wanted))
}

/// The last line: what is so now, and what a rollback would return to.
pub fn outcome(place: &Place, before: &Wanted, wanted: &Wanted) -> Value {
    let (service, region) = (&place.service, &place.region);
    let (version, summary) = match &wanted.candidate {
        Some(candidate) => {
            let paused = if wanted.paused { ", paused" } else { "" };
            let share =
                format!("{service} {candidate} has {} % of {region}, beside {}{paused}", wanted.weight, wanted.stable);
            (candidate, share)
        }
        None => (&wanted.stable, format!("{service} {} has all of {region}", wanted.stable)),
    };
    let dropped = before.candidate.iter().chain([&before.stable]).find(|was| *was != version);
    let previous = match &wanted.candidate {
        Some(_) => Some(&wanted.stable),
        None => dropped.or_else(|| wanted.history.iter().find(|was| *was != version)),
    };
    let mut detail = BTreeMap::from([("version", version.clone()), ("weight", wanted.weight.to_string())]);
    detail.extend(previous.map(|previous| ("previous", previous.clone())));
    if wanted.candidate.is_none() {
        detail.insert("weight", "100".to_owned());
    }
    json!({ "summary": summary, "detail": detail })
}

/// Asks the router again and again which version answers.
fn ask(layout: &Layout, place: &Place) -> Result<BTreeMap<String, u32>, Failure> {
    let port = Ports::load(layout)?.router(place)?;
    serve::block_on(async {
        let mut answers = BTreeMap::new();
        let attempt = format!("cannot ask the router of {place}");
        let mut link = Link::open(port).await.map_err(Failure::io(&attempt))?;
        for _ in 0..QUESTIONS {
            let answer = link.get("/version").await.map_err(Failure::io(&attempt))?;
            let version = String::from_utf8_lossy(&answer.body).trim().to_owned();
            *answers.entry(version).or_default() += 1;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(answers)
    })
}

fn known(flags: &Flags, name: &str) -> Result<String, Failure> {
    let (version, service) = (flags.need(name)?, flags.need("service")?);
    let known = versions::of(service);
    if known.contains(&version) {
        return Ok(version.to_owned());
    }
    Err(Failure::refused(format!("there is no {service} {version}; there are {}", known.join(", "))))
}

fn weight(flags: &Flags, otherwise: u8) -> Result<u8, Failure> {
    if !flags.has("weight") {
        return Ok(otherwise);
    }
    let weight: u8 = flags.parsed("weight")?;
    if weight <= 100 { Ok(weight) } else { Err(Failure::refused(format!("a weight of {weight} % is more than all"))) }
}
