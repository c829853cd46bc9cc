//! Reading a script: what each line becomes, and every mistake with its place.

use holdpoint::tui::script::{Act, Wanted, parse};
use std::time::Duration;

fn acts(text: &str) -> Vec<Act> {
    let script = parse("tour.keys", text).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    script.steps.into_iter().map(|step| step.act).collect()
}

fn mistakes(text: &str) -> Vec<String> {
    parse("tour.keys", text).unwrap_err().iter().map(ToString::to_string).collect()
}

fn wanted(texts: &[&str], gone: bool, secs: u64) -> Act {
    let texts = texts.iter().map(|t| (*t).to_owned()).collect();
    Act::Wait(Wanted { texts, gone, limit: Duration::from_secs(secs) })
}

#[test]
fn every_kind_of_line_is_read() {
    let text = "# a comment\n\nwait: no run yet\nwait 90s: 6 Deploy ... ready\nwait gone: left: open\nwait gone 2m: x\n\
                key: 2 j enter ctrl-x :\n  type: some  words\nanswer\nshell: holdpoint --as ruiz approve 1/15\n\
                shell 3: sh -c 'echo \"a b\"' ''\nsay: hello: there\nsay:\npause: 500ms\nstay\n";
    let keys = ["2", "j", "enter", "ctrl-x", ":"].map(|k| k.parse().unwrap());
    let argv = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
    let expected = [
        wanted(&["no run yet"], false, 60),
        wanted(&["6 Deploy", "ready"], false, 90),
        wanted(&["left: open"], true, 60),
        wanted(&["x"], true, 120),
        Act::Keys(keys.to_vec()),
        Act::Type("some  words".to_owned()),
        Act::Answer,
        Act::Shell { argv: argv(&["holdpoint", "--as", "ruiz", "approve", "1/15"]), exit: 0 },
        Act::Shell { argv: argv(&["sh", "-c", "echo \"a b\"", ""]), exit: 3 },
        Act::Say("hello: there".to_owned()),
        Act::Say(String::new()),
        Act::Pause(Duration::from_millis(500)),
        Act::Stay,
    ];
    assert_eq!(acts(text), expected);
    let lines: Vec<_> = parse("f", "# c\n\nanswer\n").unwrap().steps.iter().map(|s| s.line).collect();
    assert_eq!(lines, [3]);
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let text = "wiat: x\nwait soon: x\nwait:\nkey: j ctrl-Q é nokey\nanswer: now\nshell: echo 'a\nshell 300: a\npause: long\nkey\nstay\nsay: x\n";
    let found = mistakes(text);
    let places: Vec<_> = found.iter().map(|m| m.splitn(4, ':').take(3).collect::<Vec<_>>().join(":")).collect();
    let expected = ["1:1", "2:6", "3:6", "4:8", "4:17", "5:1", "6:13", "7:7", "8:8", "9:1", "11:1"];
    assert_eq!(places, expected.map(|p| format!("tour.keys:{p}")), "{found:#?}");
    let told = |n: usize, words: &str| assert!(found[n].contains(words), "{} has no {words:?}", found[n]);
    told(0, "there are wait, key, type");
    told(1, "write such as 90s");
    told(4, "`nokey` is no key");
    told(6, "never closed");
    told(10, "after `stay`");
}

#[test]
fn characters_that_could_hide_are_no_text_to_type() {
    let found = mistakes("type: a\u{202e}b\n");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("tour.keys:1:8: ") && !found[0].contains('\u{202e}'), "{found:?}");
}

#[test]
fn any_text_is_read_or_refused() {
    use proptest::prelude::*;
    proptest!(|(text in "([a-z ]{0,8}[:'\"#\n. é]{0,3}){0,12}")| {
        if let Err(mistakes) = parse("f", &text) {
            for mistake in mistakes {
                let line = text.lines().nth(mistake.line - 1).unwrap();
                prop_assert!((1..=line.chars().count() + 1).contains(&mistake.column), "{mistake} in {line:?}");
            }
        }
    });
}
