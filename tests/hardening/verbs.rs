//! The corpus through the real program: in the workspace's files, in arguments, in what a
//! script prints; out by every verb, as words and as JSON.

use crate::corpus::texts;
use crate::count;
use crate::ground::{by, state, workspace};
use crate::support::sandbox::Sandbox;
use crate::tty::harmless;
use std::fs;

/// A text as a TOML string.
fn toml(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_alphanumeric() && c.is_ascii() { c.to_string() } else { format!("\\U{:08x}", c as u32) })
        .collect()
}

/// What TOML and the rules for titles take: no line ends.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\n' | '\r' | '{' | '}')).collect()
}

#[track_caller]
fn said(sandbox: &Sandbox, words: &[&str]) -> String {
    let outcome = by(sandbox, "ana", words);
    for said in [&outcome.stdout, &outcome.stderr] {
        harmless(said).unwrap_or_else(|wrong| panic!("{words:?}: {wrong}"));
    }
    outcome.stdout
}

/// A workspace with the texts in its files; its script prints the first one, raw.
fn full_of(text: &str) -> Sandbox {
    let sandbox = workspace();
    let title = toml(&one_line(text));
    sandbox.write(
        "services.toml",
        format!(
            "[services.web]\ntitle = \"{title}\"\ncontacts = [\"{title}\"]\ndeployed_by = {{ lab = \"scripts\" }}\n"
        ),
    );
    let book = fs::read_to_string(sandbox.workspace().join("runbooks/ground.toml")).unwrap();
    let book = book
        .replace("\"Look at it\"", &format!("\"Look {title}\""))
        .replace("\"Fault ground\"", &format!("\"x{title}\""));
    sandbox.write("runbooks/ground.toml", book);
    let freeze = "starts = \"2026-01-01T00:00:00Z\"\nlasts = \"1h\"\n";
    sandbox.write("calendar/a.toml", format!("[freezes.a]\ntitle = \"x{title}\"\ncontact = \"{title}\"\n{freeze}"));
    sandbox.write("raw", text);
    sandbox.program("deploy", "#!/bin/sh\necho begin >> ops.log\ncat raw; cat raw >&2\nexit 1\n");
    sandbox
}

#[test]
fn no_verb_lets_anything_act_on_a_terminal() {
    let all = texts();
    // Several in one workspace: it is the same terminal that they would act on.
    let groups: Vec<String> = all.chunks(20).map(|texts| texts.join(" ")).collect();
    for text in groups.iter().step_by(count(10, 1)) {
        let sandbox = full_of(text);
        let argument: String = text.chars().filter(|c| *c != '\0').collect();
        said(&sandbox, &["run", "start", "ground"]);
        said(&sandbox, &["hold", "all", "--reason", &argument]);
        said(&sandbox, &["lift", "1", "--reason", &argument]);
        said(&sandbox, &["step", "note", "1", "2", &argument]);
        said(&sandbox, &["step", "start", "1", "1", "--confirm", "lab"]);
        // Names and options that are none are quoted in the answer.
        said(&sandbox, &[&format!("x{argument}")]);
        said(&sandbox, &["run", "start", &format!("x{argument}")]);
        said(&sandbox, &["run", "show", &format!("x{argument}")]);
        said(&sandbox, &["health", &format!("--x{argument}")]);
        for words in [
            "status",
            "run show 1",
            "run list",
            "journal show",
            "journal export",
            "calendar",
            "health",
            "approvals",
            "check",
            "forecast",
            "doctor",
            "journal verify",
        ] {
            let words: Vec<&str> = words.split(' ').collect();
            said(&sandbox, &words);
            let json = [&["--json"], &words[..]].concat();
            for line in said(&sandbox, &json).lines() {
                let _: serde_json::Value =
                    serde_json::from_str(line).unwrap_or_else(|e| panic!("{words:?}: {e}: {line}"));
            }
        }
        assert!(state(&sandbox).exists());
    }
}

#[test]
fn what_json_says_is_what_was_written() {
    let sandbox = full_of("x");
    said(&sandbox, &["run", "start", "ground"]);
    let nasty = "a\u{202e}b\u{9b}c\u{1b}[2Jd\u{e0041}e\u{200b}f\u{1f600}g\\u{1b}";
    said(&sandbox, &["hold", "all", "--reason", nasty]);
    let status = said(&sandbox, &["--json", "status"]);
    let value: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(value["holds"][0]["reason"], nasty, "{status}");
}
