//! The terminal lent to an editor: the text comes back, a challenge never does,
//! and an editor that fails or dies takes nothing with it.

use crate::ground::*;
use crate::support::pty::Pty;
use crate::support::sandbox::Sandbox;
use crate::support::{promised, until, wait_until};
use rustix::process::Signal;
use std::fs;
use std::time::{Duration, Instant};

/// An editor that says what it was given, waits for `edit`, and does what that says.
const EDITOR: &str = r#"#!/bin/sh
stat -c %a "$1" > seen
echo "$1" >> seen
cp "$1" given.new
mv given.new given
while [ ! -e edit ]; do sleep 0.02; done
how=$(cat edit); rm edit
[ "$how" != fail ] || exit 7
[ "$how" != die ] || kill -9 $$
printf 'first line\nsecond\033[2J line\n' > "$1"
"#;

/// Pours text into a field: again, where the field was not painted yet and took none.
fn poured(pty: &mut Pty, text: &str) {
    wait_until("the field takes the text", Duration::from_secs(60), || {
        pty.keys(text);
        until(Duration::from_secs(8), || pty.screen().contains(&format!("[{text}")).then_some(())).is_some()
    });
}

fn screens_with_editor(sandbox: &Sandbox) -> Pty {
    let editor = sandbox.program("editor", EDITOR);
    conned(screens(sandbox).env("VISUAL", editor.to_str().unwrap()))
}

/// Opens the dialog for a note of the run, and the editor from it.
fn lent(sandbox: &Sandbox, pty: &mut Pty) {
    pty.wait_for("reason [");
    pty.keys("<C-o>");
    wait_until("the editor has the text", Duration::from_secs(30), || sandbox.workspace().join("given").exists());
    assert!(!pty.raw(), "the terminal is as the shell left it");
    // What it wrote before may still be on its way to us.
    let _ = until(Duration::from_secs(20), || pty.modes().restored().ok());
    assert_eq!(pty.modes().restored(), Ok(()));
}

fn says(sandbox: &Sandbox, how: &str) {
    fs::remove_file(sandbox.workspace().join("given")).unwrap();
    sandbox.write("edit.new", how);
    fs::rename(sandbox.workspace().join("edit.new"), sandbox.workspace().join("edit")).unwrap();
}

#[test]
fn an_editor_has_the_text_of_a_field_and_gives_it_back() {
    let sandbox = started();
    let mut pty = screens_with_editor(&sandbox);
    pty.keys("L");
    pty.wait_for("Log a note");
    poured(&mut pty, "as it was");
    lent(&sandbox, &mut pty);
    assert_eq!(fs::read_to_string(sandbox.workspace().join("given")).unwrap(), "as it was");
    says(&sandbox, "fail");
    pty.wait_for("ended with status 7");
    pty.wait_for("[as it was");
    lent(&sandbox, &mut pty);
    says(&sandbox, "die");
    pty.wait_for("ended with status 137");
    lent(&sandbox, &mut pty);
    says(&sandbox, "write");
    pty.wait_for("[first line");
    pty.wait_for("[second\\u{1b}[2J line");
    let seen = fs::read_to_string(sandbox.workspace().join("seen")).unwrap();
    let (mode, file) = seen.trim().split_once('\n').unwrap();
    assert_eq!(mode, "600");
    assert!(!std::path::Path::new(file).exists(), "{file} is left behind");
    let written = || by(&sandbox, "ana", &["--json", "journal", "show"]).stdout.contains("first line\\nsecond");
    wait_until("the note is written down", Duration::from_secs(30), || {
        pty.keys("<Enter>");
        written()
    });
    assert_eq!(leave(&mut pty), 0);
}

#[test]
fn a_list_keeps_what_was_wrong_after_it_was_put_away() {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    pty.keys(":nonsense<Enter>");
    pty.wait_for("there is no action `nonsense`");
    pty.keys("<Backspace>");
    pty.wait_gone("there is no action `nonsense`");
    pty.keys(":errors<Enter>");
    pty.wait_for("errors and warnings");
    pty.wait_for("Z  there is no action `nonsense`");
}

#[test]
fn the_window_is_named_and_its_name_given_back_but_not_without_colours() {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    let has = |pty: &Pty, bytes: &[u8]| pty.emitted().windows(bytes.len()).filter(|w| *w == bytes).count();
    wait_until("the window is named", Duration::from_secs(30), || {
        has(&pty, b"\x1b]2;holdpoint LIVE run 1 ON TIME\x1b\\") == 1
    });
    // Somebody else's approval is awaited by a person: the bell rings once for a failure of theirs.
    by(&sandbox, "bo", &["hold", "all", "--reason", "odd"]).exits(0);
    pty.wait_for("odd");
    assert_eq!(leave(&mut pty), 0);
    assert_eq!((has(&pty, b"\x1b[22;0t"), has(&pty, b"\x1b[23;0t")), (1, 1));
    let mut mono = screens(&sandbox).env("NO_COLOR", "1").start();
    mono.wait_for("Deploy web to lab");
    mono.keys("q");
    mono.wait_exit(promised(Duration::from_secs(8)));
    assert_eq!(has(&mono, b"\x1b]"), 0);
}

const PAGER: &str = "#!/bin/sh\ncp \"$1\" paged.new\nmv paged.new paged\n[ ! -e odd ] || exit 3\n";

#[test]
fn a_pager_shows_the_open_sheet_and_one_that_fails_says_so() {
    let sandbox = started();
    let pager = sandbox.program("pager", PAGER);
    let mut pty = screens(&sandbox).env("PAGER", pager.to_str().unwrap()).start();
    pty.wait_for("Deploy web to lab");
    pty.keys(":pager<Enter>");
    pty.wait_for("no sheet is open");
    pty.keys("C");
    pty.wait_for("whom to call");
    let paged = sandbox.workspace().join("paged");
    wait_until("the pager was run", Duration::from_secs(30), || {
        pty.keys(":pager<Enter>");
        until(Duration::from_secs(3), || paged.exists().then_some(())).is_some()
    });
    let text = fs::read_to_string(&paged).unwrap();
    assert!(text.starts_with("whom to call\n") && text.contains("security"), "{text}");
    pty.wait_for("whom to call");
    assert!(pty.raw() && pty.modes().alternate_screen());
    sandbox.write("odd", "");
    wait_until("a pager that fails is told", Duration::from_secs(30), || {
        pty.keys(":pager<Enter>");
        until(Duration::from_millis(500), || pty.screen().contains("ended with status 3").then_some(())).is_some()
    });
    pty.keys("<Esc>");
    pty.wait_gone("whom to call");
    pty.keys("q");
    assert_eq!(pty.wait_exit(promised(Duration::from_secs(8))).code, 0);
}

#[test]
fn whoever_is_told_to_end_while_an_editor_runs_ends_at_once() {
    let sandbox = started();
    let mut pty = screens_with_editor(&sandbox);
    pty.keys("L");
    pty.wait_for("Log a note");
    poured(&mut pty, "half");
    lent(&sandbox, &mut pty);
    let asked = Instant::now();
    pty.signal(Signal::TERM);
    pty.wait_exit(promised(Duration::from_secs(4)));
    assert!(asked.elapsed() < promised(Duration::from_secs(3)), "after {:?}", asked.elapsed());
    assert_eq!(pty.modes().restored(), Ok(()));
    assert!(!pty.raw());
    let seen = fs::read_to_string(sandbox.workspace().join("seen")).unwrap();
    let file = seen.trim().lines().last().unwrap();
    assert!(!std::path::Path::new(file).exists(), "{file} is left behind");
    sandbox.nothing_left(promised(Duration::from_secs(2)));
}
