//! Hands at the real screens: long texts that are copied and scrolled, and questions
//! that are open while the terminal shrinks or the conn is taken away.

use crate::ground::*;
use crate::support::pty::Pty;
use crate::support::sandbox::LIMIT;
use crate::support::{until, wait_until};
use std::fs;
use std::time::Duration;

/// Armed, with the question whether to start the deploy.
fn asked(pty: &mut Pty) {
    arm(pty);
    pty.opens("s", "▸ Cancel");
}

/// How many lines the open output has: a slow machine adds one of its own to what the script says.
fn all_lines(pty: &Pty) -> usize {
    let screen = pty.screen();
    let words: Vec<&str> = screen.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "lines").expect("the title of the output");
    words[at - 1].parse().expect("a number of lines")
}

#[test]
fn output_too_large_for_the_clipboard_is_in_the_file_and_scrolls_from_its_end() {
    let sandbox = started();
    // 100,000 bytes of lines before it is live.
    let many = "i=0; while [ $i -lt 2000 ]; do echo \"line $i of many that are said 0123456789 0123456\" >&2; i=$((i+1)); done";
    let deploy = fs::read_to_string(sandbox.workspace().join("deploy")).unwrap();
    fs::write(sandbox.workspace().join("deploy"), deploy.replace("while [ !", &format!("{many}\nwhile [ !"))).unwrap();
    go(&sandbox);
    let mut pty = conned(screens(&sandbox));
    start(&mut pty);
    pty.wait_for("web 2.0 is live");
    pty.keys("2k");
    pty.wait_for("── runbook");
    pty.keys("k");
    // A step is acted on once it has been painted as highlighted: pressed until it is. The
    // runbook shows the last line too; the sheet is there once its title is.
    let opened = |pty: &mut Pty| {
        pty.keys("o");
        until(Duration::from_secs(3), || pty.screen().contains(" lines · y copies").then_some(()))
    };
    wait_until("the output is open", LIMIT, || opened(&mut pty).is_some());
    let all = all_lines(&pty);
    let end = |pty: &Pty, last: usize| pty.wait_for(&format!("to {last} of {all} lines"));
    end(&pty, all);
    pty.keys("k");
    end(&pty, all - 1);
    pty.keys("G<PageUp>");
    end(&pty, all - 10);
    // Beyond the end there is nothing to come back from.
    pty.keys("<PageDown><PageDown><PageDown>k");
    end(&pty, all - 1);
    pty.keys("y");
    pty.wait_for("not copied: output is too large");
    assert!(!String::from_utf8_lossy(&pty.emitted()).contains("\u{1b}]52;"), "nothing was sent");
    let copied = fs::read_to_string(state(&sandbox).join("copied.txt")).unwrap();
    assert!(copied.len() > 74_000 && copied.contains("line 1999 of many"));
}

#[test]
fn a_terminal_too_small_to_show_a_question_closes_it_and_disarms() {
    let sandbox = started();
    go(&sandbox);
    let mut pty = conned(screens(&sandbox));
    asked(&mut pty);
    pty.resize(39, 9);
    // The dialog hid this word's line before, and the emulator cuts what it had.
    pty.wait_for("READ-ONLY");
    pty.keys("<Tab><Enter>");
    pty.resize(160, 30);
    pty.keys("<Down>");
    pty.wait_for("too small");
    assert!(pty.screen().contains("READ-ONLY") && pty.screen().contains("nothing was sent"), "{}", pty.screen());
    assert!(!pty.screen().contains("▸ Cancel"), "{}", pty.screen());
    assert_eq!(begun(&sandbox), 0);
}

#[test]
fn a_question_that_is_open_when_the_conn_is_taken_away_is_closed_and_says_so() {
    let sandbox = started();
    go(&sandbox);
    let mut pty = conned(screens(&sandbox).size(160, 30));
    asked(&mut pty);
    // Bo only looks in; the verb takes the conn, and lays it down at its end.
    by(&sandbox, "bo", &["drive", "1", "--reason", "ana is away"]);
    pty.wait_gone("▸ Cancel");
    pty.wait_for("you do not have the conn; the question was closed and nothing was sent");
    pty.keys("<Tab><Enter>");
    assert_eq!(begun(&sandbox), 0);
}

#[test]
fn the_conn_is_given_by_name_from_the_palette() {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    pty.keys(":give<Enter>");
    pty.wait_for("yours until they take it");
    let typed = |pty: &mut Pty| {
        pty.keys("b");
        until(Duration::from_secs(3), || pty.screen().contains("[b").then_some(()))
    };
    wait_until("the dialog takes keys", LIMIT, || typed(&mut pty).is_some());
    pty.keys("o");
    pty.wait_for("[bo");
    pty.keys("<Enter>");
    pty.wait_for("offered to bo");
}

#[test]
fn a_changed_keymap_is_taken_up_and_a_broken_one_leaves_the_last_good() {
    let sandbox = started();
    let directory = sandbox.root().join("config/holdpoint");
    fs::create_dir_all(&directory).unwrap();
    let write = |text: &str| {
        fs::write(directory.join("keys.new"), text).unwrap();
        fs::rename(directory.join("keys.new"), directory.join("keys.toml")).unwrap();
    };
    let mut pty = screens(&sandbox).size(200, 40).start();
    pty.wait_for("Deploy web to lab");
    write("[any]\n\"f2\" = \"contacts\"\n");
    pty.wait_for("your keys were read again");
    let opens = |pty: &mut Pty| {
        pty.keys("<F2>");
        pty.wait_for("whom to call");
        pty.keys("<Esc>");
        pty.wait_gone("whom to call");
    };
    opens(&mut pty);
    write("[any]\n\"f2\" = \"contacts\"\n\"f3\" = \"contcts\"\n");
    pty.wait_for("keys.toml:3:8: there is no action `contcts`");
    pty.wait_for("the keys stay as they were");
    opens(&mut pty);
    write("[any]\n\"f3\" = \"contacts\"\n\"C\" = \"\"\n");
    pty.wait_for("your keys were read again");
    pty.keys("C<F2>");
    pty.keys("<F3>");
    pty.wait_for("whom to call");
}
