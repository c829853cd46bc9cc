//! The demo's release day by verbs alone, and by `drive` between holds.
//!
//! It takes some three minutes, so it is done with `HOLDPOINT_FULL=1` only.

use crate::support::sandbox::{HOLDPOINT, Outcome, Sandbox, finish};
use crate::support::wait_until;
use std::collections::BTreeMap;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(150);

/// An estate that is taken down whatever becomes of the test.
struct Day {
    sandbox: Sandbox,
    dir: String,
}

impl Day {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let dir = sandbox.root().join("day").to_str().unwrap().to_owned();
        let day = Self { sandbox, dir };
        finish(day.sandbox.command(HOLDPOINT, &["demo", "up", &day.dir, "--fast"]), b"", LONG).exits(0);
        day
    }

    /// Does what a line of words says.
    fn says(&self, words: &str) -> Outcome {
        self.does(&words.split(' ').collect::<Vec<_>>())
    }

    fn does(&self, words: &[&str]) -> Outcome {
        finish(self.sandbox.command(HOLDPOINT, &[&["-C", &self.dir], words].concat()), b"", LONG)
    }

    /// Drives until a person is needed; who is needed has these words.
    #[track_caller]
    fn drives_until(&self, awaited: &str) {
        let outcome = self.says("drive 1").exits(3);
        let told = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(told.contains(awaited), "not awaited: {awaited}\n{told}");
    }
}

impl Drop for Day {
    fn drop(&mut self) {
        finish(self.sandbox.command(HOLDPOINT, &["demo", "down", &self.dir]), b"", LONG);
    }
}

#[test]
fn the_day_by_verbs_and_by_drive_between_holds() {
    if std::env::var_os("HOLDPOINT_FULL").is_none() {
        return;
    }
    let day = Day::new();
    day.says("run start train").exits(0);
    day.says("step start 1 6 --confirm eu-west").exits(3);
    day.says("step done 1 3").exits(0);
    // mia votes too early, and again once the evidence has changed and someone drives.
    wait_until("mia votes again", LONG, || {
        day.drives_until("--role ops");
        day.says("journal show").stdout.contains("data (mia) votes again")
    });
    day.says("vote 1 5 go --role ops").exits(0);
    let spoken = ["vote", "1", "5", "go", "--role", "qa", "--said-by", "tom", "--heard-by", "bo"];
    day.does(&[&spoken[..], &["--words", "quality says go"]].concat()).exits(0);
    wait_until("everyone says GO", LONG, || day.says("step start 1 6 --confirm eu-west").code == Some(0));
    day.says("step start 1 7 --confirm eu-north").exits(0);
    for step in ["9", "10", "11", "12"] {
        day.drives_until(&format!("step start 1 {step}"));
        day.says(&format!("step start 1 {step} --confirm eu-west")).exits(0);
    }
    day.drives_until("step release 1 16");
    day.does(&["step", "release", "1", "16", "--reason", "eu-west is well"]).exits(0);
    for step in ["17", "18", "19"] {
        day.drives_until(&format!("step start 1 {step}"));
        day.says(&format!("step start 1 {step} --confirm eu-north"));
    }
    // The trigger counts down, the way back is gone, the records are reconciled.
    day.drives_until("step choose 1 20");
    day.does(&["step", "choose", "1", "20", "taken back"]).exits(0);
    day.says("step done 1 21").exits(0);
    day.says("step done 1 23").exits(0);
    let story = day.says("journal show").exits(0).stdout;
    for part in
        ["refused: step.start 1 6 · needs step 5", "TRIGGER T2 tripped", "0 left", "run 2 completed", "run 1 completed"]
    {
        assert!(story.contains(part), "{part:?} is not told in\n{story}");
    }
    assert!(!day.says("status").exits(0).stdout.contains("left open"));
    assert!(day.says("journal verify").exits(3).stdout.contains("CANNOT PROVE"));
    once(&std::fs::read_to_string(format!("{}/ops.jsonl", day.dir)).unwrap());
}

/// Every operation of the estate's own book began once.
fn once(book: &str) {
    let mut begun: BTreeMap<String, u32> = BTreeMap::new();
    for line in book.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
        if line["event"] == "start" {
            *begun.entry(line["key"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    assert!(begun.len() >= 9, "{begun:?}");
    assert!(begun.values().all(|times| *times == 1), "{begun:?}");
}
