//! The terminal against `cat` and `sh`: keys, screen, modes, hang-up.

use crate::support::{Launch, Modes, Pty, Sandbox, keys, until};
use rustix::process::Signal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(60);

fn sh(sandbox: &Sandbox, script: &str) -> Pty {
    Launch::new("sh", &["-c", script]).environment(sandbox.environment()).directory(sandbox.workspace()).start()
}

#[test]
fn what_is_typed_is_seen() {
    let sandbox = Sandbox::new();
    let mut cat = sh(&sandbox, "exec cat");
    cat.keys("hallå<Enter>");
    cat.wait_screen("twice: the echo and the answer", LONG, |screen| screen.matches("hallå").count() == 2);
    cat.keys("<C-d>");
    assert_eq!(cat.wait_exit(LONG).code, 0);
}

#[test]
fn waiting_in_vain_fails_at_the_deadline_with_the_screen() {
    let sandbox = Sandbox::new();
    let cat = sh(&sandbox, "echo here; exec cat");
    cat.wait_for("here");
    let started = Instant::now();
    let failure = catch_unwind(AssertUnwindSafe(|| cat.wait_for_within("absent", SHORT))).unwrap_err();
    assert!(started.elapsed() >= SHORT && started.elapsed() < LONG);
    let said = failure.downcast_ref::<String>().unwrap();
    assert!(said.contains("absent") && said.contains("|here"), "{said}");
}

#[test]
fn named_keys_are_the_terminals_bytes() {
    assert_eq!(keys::bytes("a<Up><C-c><A-x><lt><Enter>"), b"a\x1b[A\x03\x1bx<\r");
    assert!(catch_unwind(|| keys::bytes("<Nonsense>")).is_err());
    assert!(catch_unwind(|| keys::bytes("<Up")).is_err());
}

#[test]
fn a_paste_is_bracketed() {
    let sandbox = Sandbox::new();
    let mut cat = sh(&sandbox, "stty raw -echo; echo ready; exec cat -v");
    cat.wait_for("ready");
    cat.paste("x");
    cat.wait_for("^[[200~x^[[201~");
}

#[test]
fn the_screen_is_emulated_and_the_bytes_are_kept() {
    let sandbox = Sandbox::new();
    let mut program = sh(&sandbox, "printf 'one\\033[2J\\033[3;5H\\033[1mtwo'");
    program.wait_exit(LONG);
    assert_eq!(program.screen().trim_end(), "\n\n    two");
    assert!(program.look(|screen| screen.cell(2, 4).unwrap().bold()));
    assert!(program.emitted().starts_with(b"one\x1b[2J"));
}

#[test]
fn modes_left_on_are_named() {
    let sandbox = Sandbox::new();
    let mut program = sh(
        &sandbox,
        "printf '\\033[?1049h\\033[?25l\\033[?2004;1006h\\033[>1u'; read x; \
         printf '\\033[?1006l\\033[?2004l\\033[?25h\\033[<u'; read x; printf '\\033[?1049l'",
    );
    program.wait_screen("modes are set", LONG, |_| program.modes().alternate_screen());
    let modes = program.modes();
    assert!(modes.cursor_hidden() && modes.bracketed_paste() && modes.mouse_or_focus() && modes.keyboard_pushed == 1);
    program.keys("<Enter>");
    program.wait_screen("the cursor is back", LONG, |_| !program.modes().cursor_hidden());
    assert_eq!(program.modes().restored(), Err("the alternate screen is on".to_owned()));
    program.keys("<Enter>");
    program.wait_exit(LONG);
    assert_eq!(program.modes().restored(), Ok(()));
}

#[test]
fn a_question_to_the_terminal_is_noticed() {
    assert!(Modes::of(b"\x1b[6n").queried);
    assert!(Modes::of(b"\x1b[?u").queried);
    assert!(!Modes::of(b"\x1b[?25l\x1b[1;31mred\x1b[").queried);
}

#[test]
fn a_raw_line_is_told_from_a_cooked_one() {
    let sandbox = Sandbox::new();
    let mut program =
        sh(&sandbox, "echo cooked; read x; stty raw -echo; echo raw; head -c 1; stty sane; echo sane; read x");
    program.wait_for("cooked");
    assert!(!program.raw());
    program.keys("<Enter>");
    program.wait_screen("the line is raw", LONG, |_| program.raw());
    program.keys("x");
    program.wait_screen("the line is sane", LONG, |_| !program.raw());
}

#[test]
fn a_resize_reaches_the_program() {
    let sandbox = Sandbox::new();
    let mut program = sh(&sandbox, "trap 'stty size' WINCH; stty size; while :; do sleep 0.02; done");
    program.wait_for("24 80");
    program.resize(132, 43);
    program.wait_for("43 132");
    assert_eq!(program.look(|screen| (screen.size().0.get(), screen.size().1.get())), (43, 132));
}

#[test]
fn closing_hangs_up_and_types_nothing() {
    let sandbox = Sandbox::new();
    let script = "trap 'echo hup >hup; exit 7' HUP; stty raw -echo; cat >typed & echo ready; wait; wait";
    let mut program =
        sh(&sandbox, &script.replace("cat >typed &", "cat >typed <&3 &").replacen("trap", "exec 3<&0; trap", 1));
    program.wait_for("ready");
    program.keys("k");
    let typed = sandbox.workspace().join("typed");
    until(LONG, || std::fs::read(&typed).ok().filter(|typed| typed == b"k")).unwrap();
    program.close();
    assert_eq!(program.wait_exit(LONG).code, 7);
    assert_eq!(std::fs::read(sandbox.workspace().join("hup")).unwrap(), b"hup\n");
    sandbox.nothing_left(LONG);
    assert_eq!(std::fs::read(&typed).unwrap(), b"k");
}

#[test]
fn exits_and_signals_are_told_apart() {
    let sandbox = Sandbox::new();
    assert_eq!(sh(&sandbox, "exit 3").wait_exit(LONG).code, 3);
    let mut endless = sh(&sandbox, "echo up; exec sleep 600");
    endless.wait_for("up");
    endless.signal(Signal::KILL);
    assert!(endless.wait_exit(LONG).signal.is_some());
    let mut running = sh(&sandbox, "exec sleep 600");
    assert!(catch_unwind(AssertUnwindSafe(|| running.wait_exit(SHORT))).is_err());
}

#[test]
fn dropping_ends_the_program() {
    let sandbox = Sandbox::new();
    let program = sh(&sandbox, "echo up; exec sleep 600");
    program.wait_for("up");
    drop(program);
    sandbox.nothing_left(LONG);
}
