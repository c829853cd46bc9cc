//! Every terminal, locale and wish for no colour, with the real program: seven bits where
//! the locale is not UTF-8, no colour where none is wanted, no more than the terminal has,
//! and every state by its word.

use crate::count;
use crate::ground::{screens, started};
use crate::support::promised;
use crate::support::sandbox::{HOLDPOINT, LIMIT, finish};
use crate::tty::ours;
use std::time::Duration;

const TERMS: [&str; 6] = ["xterm-256color", "xterm", "linux", "vt100", "screen", "xterm-direct"];
const LOCALES: [(&str, bool); 4] = [("C.UTF-8", true), ("C", false), ("en_GB.ISO-8859-1", false), ("", false)];

/// The parameters of every sequence that sets a look.
fn looks(sent: &str) -> Vec<Vec<u16>> {
    let parts = sent.split("\x1b[").skip(1);
    let set = parts.filter_map(|part| {
        let end = part.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
        part[end..].starts_with('m').then(|| part[..end].split(';').filter_map(|n| n.parse().ok()).collect())
    });
    set.collect()
}

/// Whether a look has colours, and whether they are more than sixteen.
fn colours(look: &[u16]) -> (bool, bool) {
    let many = look.iter().any(|n| matches!(n, 38 | 48));
    (many || look.iter().any(|n| matches!(n, 30..=37 | 40..=47 | 90..=97 | 100..=107)), many)
}

#[test]
fn every_terminal_gets_what_it_can_show_and_every_state_has_its_word() {
    let sandbox = started();
    let mut all = Vec::new();
    for term in TERMS {
        for (locale, unicode) in LOCALES {
            for no_color in [false, true] {
                all.push((term, locale, unicode, no_color));
            }
        }
    }
    for (term, locale, unicode, no_color) in all.into_iter().step_by(count(5, 1)) {
        let what = format!("TERM={term} LANG={locale} NO_COLOR={no_color}");
        let mut launch = screens(&sandbox).env("TERM", term).env("LANG", locale);
        if no_color {
            launch = launch.env("NO_COLOR", "1");
        }
        let mut pty = launch.start();
        pty.wait_for("Deploy web to lab");
        for word in ["UNATTENDED", "REHEARSAL", "ready", "waiting"] {
            pty.wait_screen(&format!("{what}: {word}"), Duration::from_secs(30), |screen| screen.contains(word));
        }
        pty.keys("q");
        assert_eq!(pty.wait_exit(promised(Duration::from_secs(4))).code, 0, "{what}");
        pty.modes().restored().unwrap();
        let sent = pty.emitted();
        ours(sent.strip_suffix(b"\r\n").unwrap_or(&sent)).unwrap_or_else(|wrong| panic!("{what}: {wrong}"));
        let sent = String::from_utf8(sent).unwrap();
        assert_eq!(sent.is_ascii(), !unicode, "{what}");
        let looks = looks(&sent);
        let (any, many) = looks.iter().map(|l| colours(l)).fold((false, false), |a, b| (a.0 | b.0, a.1 | b.1));
        assert_eq!(any, !no_color && term != "vt100", "{what}: colours");
        assert!(!many || matches!(term, "xterm-256color" | "xterm-direct"), "{what}: more than sixteen");
    }
}

#[test]
fn verbs_never_send_an_escape_on_a_dumb_terminal_or_any_other() {
    let sandbox = started();
    for term in ["dumb", "", "xterm-256color"] {
        for words in [
            "status",
            "run show 1",
            "journal show",
            "calendar",
            "health",
            "keys",
            "check",
            "theme list",
            "--help",
            "nonsense",
        ] {
            let words: Vec<_> = words.split(' ').collect();
            let mut command = sandbox.command(HOLDPOINT, &words);
            command.env("TERM", term);
            let outcome = finish(command, b"", LIMIT);
            let said = format!("{}{}", outcome.stdout, outcome.stderr);
            assert!(!said.contains('\x1b'), "{term} {words:?}: {said:?}");
        }
    }
}
