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
const STEPS: usize = 60;

/// Ends every picture.
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
}

impl Eyes {
    fn new() -> Self {
        let size = |n| NonZero::new(n).unwrap();
        Self { emulator: vt100::Parser::new(size(30), size(100), 0), read: 0 }
    }

    /// Reads on to the end of the next picture; false when there is none yet.
    fn next(&mut self, emitted: &[u8]) -> bool {
        let rest = &emitted[self.read..];
        let Some(end) = rest.windows(END.len()).position(|bytes| bytes == END) else { return false };
        self.emulator.process(&rest[..end + END.len()]);
        self.read += end + END.len();
        true
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
        text.lines().find_map(|line| number(line, "Note on "))
    }
}

/// What became of a key: the step it acted on with what was highlighted before, or nothing.
fn became(eyes: &mut Eyes, pty: &Pty) -> Option<(usize, Option<usize>)> {
    let mut before = eyes.highlighted();
    loop {
        let emitted = pty.emitted();
        while eyes.next(&emitted) {
            if let Some(step) = eyes.asked() {
                return Some((step, before));
            }
            before = eyes.highlighted();
            if eyes.emulator.screen().contents().contains("nothing was done") {
                return None;
            }
        }
        let more = until(Duration::from_secs(8), || (pty.emitted().len() > emitted.len()).then_some(()));
        assert!(more.is_some(), "the key came to nothing\n{}", pty.screen());
    }
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
    for round in 0..count(10, 200) {
        while eyes.next(&pty.emitted()) {}
        let moves = ["", "j", "k", "jj", "<Esc>", "G", "g"][chance.below(7)];
        let ahead = chance.one_in(2);
        let change = chance.one_in(3) && done + 1 < STEPS;
        std::thread::scope(|scope| {
            if change {
                done += 1;
                let step = done.to_string();
                let sandbox = &sandbox;
                scope.spawn(move || by(sandbox, "ana", &["step", "done", "1", &step]));
            }
            if ahead {
                // Poured in by one read: the picture of the move has not left.
                pty.keys(&format!("{moves}n"));
            } else {
                pty.keys(moves);
                // The instant is the experiment.
                std::thread::sleep(Duration::from_micros(chance.below(60_000) as u64));
                pty.keys("n");
            }
        });
        match became(&mut eyes, &pty) {
            Some((step, before)) => {
                assert_eq!(Some(step), before, "round {round}: {moves:?}, ahead {ahead}, change {change}");
                acted += 1;
            }
            None => refused += 1,
        }
        let closed = until(Duration::from_secs(8), || {
            pty.keys(if pty.screen().contains("Note on ") { "<Esc>" } else { "<Backspace>" });
            let open = |screen: String| screen.contains("Note on ") || screen.contains("nothing was done");
            until(Duration::from_millis(300), || (!open(pty.screen())).then_some(()))
        });
        assert!(closed.is_some(), "round {round}\n{}", pty.screen());
    }
    assert!(acted >= count(2, 40) && refused >= count(1, 20), "{acted} acted, {refused} refused");
}
