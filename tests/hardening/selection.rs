//! Rows that move under a hand at the real screens: what a key acts on was highlighted
//! in the last picture before, or nothing is done.

use crate::chance::Chance;
use crate::count;
use crate::ground::{by, screens, workspace};
use crate::support::pty::Pty;
use crate::support::until;
use std::num::NonZero;
use std::time::Duration;

/// How many steps there are, all of them open at once.
const STEPS: usize = 90;

/// What the dialog of the key says before the step, and what is said when it is refused.
const ASKED: &str = "Note on ";
const REFUSED: &str = "nothing was done";

/// Around every picture that takes more than one write.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

fn runbook() -> String {
    let step =
        |n| format!("[[steps]]\nid = \"{n}\"\ntitle = \"by hand, part {n} of it\"\nkind = \"manual\"\nneeds = []\n");
    let steps: Vec<String> = (1..=STEPS).map(step).collect();
    format!("title = \"Hands\"\n{}", steps.concat())
}

/// The number after a text on a line.
fn number(line: &str, after: &str) -> Option<usize> {
    let (_, rest) = line.split_once(after)?;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

/// The screen as a person saw it, picture by picture.
struct Eyes {
    emulator: vt100::Parser,
    read: usize,
    /// What was highlighted before the last large picture, such as a dialog is.
    before: Option<usize>,
}

impl Eyes {
    fn new() -> Self {
        let size = |n| NonZero::new(n).unwrap();
        Self { emulator: vt100::Parser::new(size(30), size(100), 0), read: 0, before: None }
    }

    /// Reads on to the end of the next large picture; false when there is none yet. What
    /// comes before it are small ones, each of them one write.
    fn next(&mut self, emitted: &[u8]) -> bool {
        let rest = &emitted[self.read..];
        let Some(begin) = find(rest, BEGIN) else {
            let cut = (1..BEGIN.len()).rev().find(|n| rest.ends_with(&BEGIN[..*n])).unwrap_or(0);
            self.take(rest.len() - cut, emitted);
            return false;
        };
        self.take(begin, emitted);
        self.before = self.highlighted();
        let Some(end) = find(&rest[begin..], END) else { return false };
        self.take(end + END.len(), emitted);
        true
    }

    fn take(&mut self, bytes: usize, emitted: &[u8]) {
        self.emulator.process(&emitted[self.read..self.read + bytes]);
        self.read += bytes;
    }

    /// Whether a key was refused and that is still said.
    fn refused(&self) -> bool {
        self.emulator.screen().contents().contains(REFUSED)
    }

    /// The step of the row that looks selected.
    fn highlighted(&self) -> Option<usize> {
        let screen = self.emulator.screen();
        let rows: Vec<String> = screen.rows(0, 100).collect();
        let looks = |y: usize, x| screen.cell(y as u16, x).map(|cell| (cell.bgcolor(), cell.inverse()));
        let plain = Some((vt100::Color::Default, false));
        let on = |y: usize| looks(y, 50) != plain && (5..95).filter(|x| looks(y, *x) == looks(y, 50)).count() > 80;
        rows.iter().enumerate().filter(|(y, _)| on(*y)).find_map(|(_, row)| number(row, "by hand, part "))
    }

    /// The step that the open dialog names.
    fn asked(&self) -> Option<usize> {
        let text = self.emulator.screen().contents();
        text.lines().find_map(|line| number(line, ASKED))
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|some| some == what)
}

/// What became of a key: the step it acted on with what was highlighted before, or nothing.
fn became(eyes: &mut Eyes, pty: &Pty, round: &str) -> Option<(usize, Option<usize>)> {
    until(Duration::from_secs(20), || {
        let emitted = pty.emitted();
        while eyes.next(&emitted) {
            if let Some(step) = eyes.asked() {
                return Some(Some((step, eyes.before)));
            }
        }
        eyes.refused().then_some(None)
    })
    .unwrap_or_else(|| panic!("{round}: the key came to nothing\n{}", pty.screen()))
}

/// Closes the dialog and puts the refusal away; until that has been seen.
fn cleared(eyes: &mut Eyes, pty: &mut Pty, round: &str) {
    let done = until(Duration::from_secs(20), || {
        let screen = pty.screen();
        match (screen.contains(ASKED), screen.contains(REFUSED)) {
            (true, _) => pty.keys("<Esc>"),
            (false, true) => pty.keys("<Backspace>"),
            (false, false) => {}
        }
        until(Duration::from_millis(300), || {
            let emitted = pty.emitted();
            while eyes.next(&emitted) {}
            (eyes.asked().is_none() && !eyes.refused()).then_some(())
        })
    });
    assert!(done.is_some(), "{round}: it stays\n{}", pty.screen());
}

#[test]
fn a_key_at_the_screens_acts_on_what_was_highlighted_before_it_or_on_nothing() {
    let sandbox = workspace();
    sandbox.write("runbooks/hands.toml", runbook());
    by(&sandbox, "ana", &["run", "start", "hands"]).exits(0);
    let mut pty = screens(&sandbox).start();
    pty.wait_for("by hand, part 1 of it");
    let (mut chance, mut eyes) = (Chance::new(29), Eyes::new());
    let (mut acted, mut refused, mut done) = (0, 0, 0);
    let rounds = count(10, 200);
    for round in 0..rounds {
        let ahead = round % 3 == 0;
        let moves = if ahead {
            *chance.of(&["jj", "k", "G", "g"])
        } else {
            *chance.of(&["", "", "j", "k", "h", "h", "G", "g"])
        };
        let change = !chance.one_in(3) && done + 1 < STEPS;
        let words = format!("round {round}, {moves:?}, ahead {ahead}, change {change}");
        std::thread::scope(|scope| {
            if change {
                done += 1;
                let (step, sandbox) = (done.to_string(), &sandbox);
                scope.spawn(move || by(sandbox, "ana", &["step", "done", "1", &step]).exits(0));
            }
            if ahead {
                // Poured in by one read: the picture of the move has not left.
                pty.keys(&format!("{moves}n"));
            } else {
                pty.keys(moves);
                // The instant is the experiment.
                std::thread::sleep(Duration::from_micros(chance.below(160_000) as u64));
                pty.keys("n");
            }
        });
        match became(&mut eyes, &pty, &words) {
            Some((step, before)) => {
                assert_eq!(Some(step), before, "{words}");
                acted += 1;
            }
            None => refused += 1,
        }
        cleared(&mut eyes, &mut pty, &words);
    }
    eprintln!("{acted} acted, {refused} refused, {done} steps done meanwhile");
    // Where pictures are late nearly every key comes before its own: the share is judged in the full run.
    assert!(acted >= count(0, rounds / 5) && refused >= rounds / 10, "{acted} acted, {refused} refused");
}
