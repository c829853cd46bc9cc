//! Streams of keys into the real program, armed and asked: the script that deploys to
//! production never begins, and the program always answers afterwards.

use crate::chance::Chance;
use crate::ground::{begun, by, screens, take_the_conn, workspace};
use crate::streams::{bound, made};
use crate::support::pty::Pty;
use crate::support::sandbox::Sandbox;
use crate::support::{processes, until};
use crate::{count, side_by_side};
use std::fs;
use std::time::Duration;

/// The team's workspace with a deploy that asks for name and code, started.
fn production() -> Sandbox {
    let sandbox = workspace();
    let file = fs::read_to_string(sandbox.workspace().join("holdpoint.toml")).unwrap();
    let file = file.replace("\"staging\"", "\"production\"").replace("\"confirm\"", "\"challenge\"");
    sandbox.write("holdpoint.toml", file);
    by(&sandbox, "ana", &["run", "start", "ground"]).exits(0);
    sandbox
}

/// The screens in front of a dialog that wants a name and a code.
struct Station {
    sandbox: Sandbox,
    pty: Option<Pty>,
    made: usize,
}

impl Station {
    fn new() -> Self {
        Self { sandbox: production(), pty: None, made: 1 }
    }

    /// Opens the dialog, with a new program or a whole new workspace where that is needed; what it asks for.
    fn ask(&mut self) -> String {
        for attempt in 0..4 {
            if attempt > 1 {
                self.pty = None;
                assert_eq!(begun(&self.sandbox), 0);
                (self.sandbox, self.made) = (production(), self.made + 1);
            }
            if let Some(asked) = self.tried() {
                return asked;
            }
            self.pty = None;
        }
        panic!("the dialog could not be opened");
    }

    fn tried(&mut self) -> Option<String> {
        let alive = self.pty.as_ref().is_some_and(|pty| processes::alive(pty.pid()));
        if !alive {
            let mut pty = screens(&self.sandbox).start();
            pty.wait_for("Deploy web to lab");
            if pty.screen().contains("UNATTENDED") {
                take_the_conn(&mut pty);
            }
            self.pty = Some(pty);
        }
        let pty = self.pty.as_mut().unwrap();
        // Whatever lies over the screen goes, an old dialog above all; then to the bridge, armed, and to the step.
        let mut tries = 0;
        until(Duration::from_secs(30), || {
            tries += 1;
            pty.keys("<Esc>");
            // A paste without an end takes every key until there was none for two seconds.
            until(Duration::from_millis(if tries % 3 == 0 { 2200 } else { 150 }), || None::<()>);
            pty.keys("1");
            until(Duration::from_millis(100), || bare(&pty.screen()).then_some(()))
        })?;
        if !pty.screen().contains("ARMED") {
            pty.keys(":arm<Enter>");
            until(Duration::from_secs(2), || pty.screen().contains("ARMED").then_some(()))?;
        }
        pty.keys("s");
        until(Duration::from_secs(2), || asked(&pty.screen()))
    }
}

/// Whether the bridge is there and nothing lies over it.
fn bare(screen: &str) -> bool {
    screen.contains("── waiting for") && !screen.contains('┏')
}

/// What the dialog on the screen asks for.
fn asked(screen: &str) -> Option<String> {
    let line = screen.split("type   ").nth(1)?.split('[').next()?.trim();
    (line.split(' ').count() == 2).then(|| line.to_owned())
}

/// Types the answer a key at a time; a key that came before the picture had left was not taken and is pressed again.
fn answer(pty: &mut Pty, asked: &str) -> Option<()> {
    pty.keys("<C-u>");
    asked.char_indices().try_for_each(|(n, c)| {
        until(Duration::from_secs(9), || {
            pty.keys(&c.to_string());
            until(Duration::from_secs(3), || pty.screen().contains(&format!("[{}", &asked[..=n])).then_some(()))
        })
    })
}

/// So many stations at once: between the keys of a stream there is mostly nothing to do.
const AT_ONCE: usize = 8;

/// Every stream of a station's share, then the answer; how many workspaces were made.
fn streams(seeds: impl Iterator<Item = usize>) -> usize {
    let keys = bound();
    let mut station = Station::new();
    for seed in seeds {
        let mut chance = Chance::new(seed as u64);
        let asked = station.ask();
        let pty = station.pty.as_mut().unwrap();
        for (gap, bytes) in made(&mut chance, &keys, &asked) {
            // The program may have been left by a key: that is no harm.
            if !processes::alive(pty.pid()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(gap.min(220) / 4));
            pty.send(&bytes);
        }
        assert_eq!(begun(&station.sandbox), 0, "seed {seed}");
    }
    // The same dialog takes the answer of a person, so the streams failed for the right reason.
    let one = until(Duration::from_secs(60), || {
        let asked = station.ask();
        let pty = station.pty.as_mut().unwrap();
        answer(pty, &asked)?;
        // As with its letters: pressed until it is taken.
        until(Duration::from_secs(30), || {
            pty.keys("<Enter>");
            until(Duration::from_secs(3), || (begun(&station.sandbox) == 1).then_some(()))
        })
    });
    assert!(one.is_some(), "{}", station.pty.unwrap().screen());
    station.made
}

#[test]
fn no_stream_of_keys_starts_the_deploy_and_it_answers_after_each() {
    let (all, stations) = (count(24, 2000), count(6, AT_ONCE));
    let made = side_by_side(stations, stations, |n| streams((n..all).step_by(stations)));
    eprintln!("{all} streams, {} workspaces", made.iter().sum::<usize>());
}
