//! Versions that were rolled back from outlive the segment in which that was written.

use crate::ground::plan;
use crate::words;
use crate::world::World;
use holdpoint::domain::entry::Entry;
use holdpoint::domain::fact::{Carried, Fact};
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::verdict::Rule;
use holdpoint::engine::before::before;
use holdpoint::engine::{Given, Ledger};
use serde_json::value::RawValue;

fn live(world: &mut World, version: &str, history: &[String]) {
    let deployment = Deployment { version: version.to_owned(), history: history.to_vec(), ..Deployment::default() };
    world.see(Observation::Deployment(("web".into(), "stage".into()), deployment.into()));
}

/// Rolls web in stage back from a version to another.
fn back(world: &mut World, from: &str, to: &str) {
    live(world, from, &[]);
    let run = world.ledger.last_run + 1;
    let nothing = plan("day", vec![]);
    let command = words::command(world, &nothing, &format!("rollback web stage to={to} too slow"));
    assert_eq!(world.command("kim", &command).refusal, None);
    for step in ["R1", "R2"] {
        let (intent, report) = words::report(world, &format!("{run}/{step} done"));
        world.report(intent, &report);
    }
}

/// Where web in stage would go back to with this history: the version, or the run that left it.
fn goes(world: &World, ledger: &Ledger, version: &str, history: &[&str]) -> Result<String, String> {
    let history = history.iter().map(|version| (*version).to_owned()).collect();
    let seen = Deployment { version: version.to_owned(), history, ..Deployment::default() };
    let found = before(&Given { ledger, ..world.given() }, &"web".into(), &"stage".into(), Some(&seen));
    found.map(str::to_owned).map_err(|reason| {
        assert_eq!(reason.rule, Rule::State, "{reason}");
        reason.text
    })
}

/// The ledger as a further segment has it that begins with this.
fn next_segment(world: &World, carried: &serde_json::Value) -> Ledger {
    let (last, seq) = (world.entries.last().unwrap(), carried["seq"].as_u64().unwrap());
    let fact = Fact::Carried(Carried(RawValue::from_string(carried.to_string()).unwrap()));
    let entry = Entry { seq: seq + 1, facts: vec![fact], refusal: None, cause: "roll".to_owned(), ..last.clone() };
    let mut ledger = Ledger { seq, ..Ledger::default() };
    ledger.apply(&entry).unwrap();
    ledger
}

fn carried(ledger: &Ledger) -> serde_json::Value {
    serde_json::from_str(ledger.carry().unwrap().0.get()).unwrap()
}

#[test]
fn a_further_segment_knows_them_though_their_runs_are_forgotten() {
    let mut world = World::new();
    back(&mut world, "2.0", "1.0");
    back(&mut world, "1.0", "0.9");
    assert_eq!(world.ledger.runs.len(), 1, "the first is forgotten");
    let ledger = next_segment(&world, &carried(&world.ledger));
    for (ledger, where_) in [(&world.ledger, "here"), (&ledger, "there")] {
        let from = |version| goes(&world, ledger, "0.9", &[version]).unwrap_err();
        assert!(from("2.0#7").starts_with("run 1 rolled web in stage back from 2.0#7"), "{where_}");
        assert!(from("1.0").starts_with("run 2 "), "{where_}");
        assert_eq!(goes(&world, ledger, "0.9", &["0.8"]).unwrap(), "0.8", "{where_}");
    }
    let again = next_segment(&world, &carried(&ledger));
    assert_eq!(again.left, ledger.left);
}

#[test]
fn a_segment_of_a_program_that_did_not_keep_them_tells_what_its_operations_tell() {
    let mut world = World::new();
    back(&mut world, "2.0", "1.0");
    back(&mut world, "1.0", "0.9");
    let mut older = carried(&world.ledger);
    assert!(older.as_object_mut().unwrap().remove("left").is_some());
    for sent in older["sent"].as_object_mut().unwrap().values_mut() {
        sent["intent"].as_object_mut().unwrap().remove("from");
        if let Some(receipt) = sent.pointer_mut("/fate/settled/done") {
            receipt["detail"] = serde_json::json!({ "previous": "1.0" });
        }
    }
    let ledger = next_segment(&world, &older);
    assert!(goes(&world, &ledger, "0.9", &["1.0"]).unwrap_err().starts_with("run 2 "));
    assert_eq!(goes(&world, &ledger, "0.9", &["2.0"]).unwrap(), "2.0", "nothing of it was carried");
}

#[test]
fn only_the_newest_of_a_place_are_kept() {
    let mut world = World::new();
    for n in (1..=20).rev() {
        back(&mut world, &format!("{n}.0"), &format!("{}.0", n - 1));
    }
    assert_eq!(carried(&world.ledger)["left"].as_array().unwrap().len(), 16);
    assert!(goes(&world, &world.ledger, "0.0", &["1.0"]).is_err());
    assert!(goes(&world, &world.ledger, "0.0", &["16.0"]).is_err());
    assert_eq!(goes(&world, &world.ledger, "0.0", &["17.0"]).unwrap(), "17.0");
}

#[test]
fn what_a_place_has_already_is_not_left() {
    let mut world = World::new();
    back(&mut world, "1.0", "1.0");
    live(&mut world, "1.0", &[]);
    assert_eq!(goes(&world, &world.ledger, "2.0", &["1.0"]).unwrap(), "1.0");
}
