//! Random calendars beside another implementation: dateutil for rules, zoneinfo for zones.
//!
//! `HOLDPOINT_TEST_ORACLE` is a Python that has python-dateutil and tzdata; `.ci/run` makes one. Without it this is not
//! tried. `HOLDPOINT_TEST_SEED` repeats a run.

use super::{Dir, at, here};
use holdpoint::config::load;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Events a file.
const EVENTS: usize = 100;

#[derive(Deserialize)]
struct Sample {
    now: String,
    ics: String,
    on: BTreeMap<String, Vec<(String, String)>>,
}

#[test]
fn events_are_on_when_another_implementation_has_them_on() {
    let Ok(python) = std::env::var("HOLDPOINT_TEST_ORACLE") else {
        println!("not tried: HOLDPOINT_TEST_ORACLE names no Python with python-dateutil and tzdata");
        return;
    };
    let full = std::env::var_os("HOLDPOINT_FULL").is_some();
    let files = if full { 1000 } else { 30 };
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let seed = std::env::var("HOLDPOINT_TEST_SEED").unwrap_or_else(|_| clock.to_string());
    println!("HOLDPOINT_TEST_SEED={seed}");
    let mut oracle = Command::new(python)
        .arg(here("tests/config/ics/oracle.py"))
        .args([&seed, &files.to_string(), &EVENTS.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (dir, mut samples, mut occurrences) = (Dir::empty(), 0, 0);
    dir.put("holdpoint.toml", "[workspace]\nid = \"0123\"\nname = \"x\"\nzone = \"Europe/Paris\"\n");
    dir.put("calendar/feeds.toml", "[feeds.x]\nfile = \"x.ics\"\nkind = \"freeze\"\n");
    for line in BufReader::new(oracle.stdout.take().unwrap()).lines() {
        let sample: Sample = serde_json::from_str(&line.unwrap()).unwrap();
        dir.put("calendar/x.ics", &sample.ics);
        let loaded = load(dir.path(), at(&sample.now)).unwrap_or_else(|problems| panic!("seed {seed}: {problems}"));
        let text = |at: holdpoint::domain::Timestamp| at.format("%FT%H:%M:%SZ").to_string();
        let ours = loaded.workspace.calendar.events.into_iter().map(|event| {
            let on = event.occurrences.into_iter().map(|(from, to)| (text(from), text(to))).collect::<Vec<_>>();
            (event.name.strip_prefix("x/").unwrap().to_owned(), on)
        });
        let ours: BTreeMap<_, _> = ours.collect();
        for (name, theirs) in &sample.on {
            let event = sample.ics.split("BEGIN:VEVENT").find(|event| event.contains(&format!("UID:{name}\r")));
            assert_eq!(ours.get(name), Some(theirs), "seed {seed}, read at {}: {}", sample.now, event.unwrap());
            occurrences += theirs.len();
        }
        assert_eq!(ours.len(), sample.on.len(), "seed {seed}, read at {}", sample.now);
        samples += EVENTS;
    }
    assert!(oracle.wait().unwrap().success());
    assert_eq!(samples, files * EVENTS);
    println!("{samples} events with {occurrences} occurrences: no difference");
}
