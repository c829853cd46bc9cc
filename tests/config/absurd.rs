//! Files that nobody means: a report of bounded size in bounded time, no panic.

use super::Dir;
use holdpoint::config::{MOST, Problem};

/// The problems of one file put into the good workspace.
fn of(file: &str, bytes: impl AsRef<[u8]>) -> Vec<Problem> {
    let dir = Dir::good();
    dir.put(file, bytes);
    let problems = dir.problems().0;
    problems.into_iter().filter(|problem| problem.file == file).collect()
}

fn runbook(steps: impl Iterator<Item = String>) -> String {
    format!("title = \"x\"\n{}", steps.collect::<String>())
}

#[test]
fn bytes_that_are_no_text() {
    let problems = of("signals.toml", b"a = 1\nb = \"\xc3\xa9 \xff\"\n");
    assert_eq!((problems.len(), problems[0].line, problems[0].column), (1, 2, 8));
    assert_eq!(problems[0].what, "byte 0xff is not UTF-8");
}

#[test]
fn byte_order_mark_and_carriage_returns() {
    let dir = Dir::good();
    for file in ["holdpoint.toml", "services.toml", "signals.toml", "calendar/2026.toml", "runbooks/train.toml"] {
        let text = dir.text(file).replace('\n', "\r\n");
        dir.put(file, format!("\u{feff}{text}"));
    }
    dir.load().unwrap_or_else(|problems| panic!("{problems}"));
    let problems = of("services.toml", "\u{feff}\r\n[services.payments]\r\ntitel = \"x\"\r\n");
    assert_eq!((problems[0].line, problems[0].column, problems[0].line_text.as_str()), (3, 1, "titel = \"x\""));
}

#[test]
fn empty_files() {
    let dir = Dir::good();
    for file in ["holdpoint.toml", "services.toml", "signals.toml", "calendar/2026.toml", "runbooks/train.toml"] {
        dir.put(file, "");
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("empty", dir.problems().to_string());
    });
}

#[test]
fn no_workspace_at_all() {
    let problems = Dir::empty().problems();
    assert_eq!(problems.0[0].file, "holdpoint.toml");
    assert!(problems.to_string().contains("init"), "{problems}");
}

#[test]
fn things_that_are_no_files() {
    let dir = Dir::good();
    std::fs::create_dir(dir.path().join("runbooks/x.toml")).unwrap();
    std::os::unix::fs::symlink("loop.toml", dir.path().join("runbooks/loop.toml")).unwrap();
    std::os::unix::fs::symlink("gone", dir.path().join("runbooks/dangling.toml")).unwrap();
    std::os::unix::fs::symlink("ana@host.1", dir.path().join("runbooks/.#train.toml")).unwrap();
    let fifo = dir.path().join("calendar/pipe.toml");
    assert!(std::process::Command::new("mkfifo").arg(fifo).status().unwrap().success());
    dir.put("runbooks/A B.toml", dir.text("runbooks/train.toml"));
    let shown: Vec<String> = dir.problems().0.iter().map(|p| format!("{}: {}", p.file, p.what)).collect();
    let starts = [
        "calendar/pipe.toml: is no regular file",
        "runbooks/A B.toml: \"A B\" is no name",
        "runbooks/dangling.toml: is a link to a file that does not exist",
        "runbooks/loop.toml: cannot be read",
        "runbooks/x.toml: is a directory",
    ];
    assert_eq!(shown.len(), starts.len(), "{shown:#?}");
    for (line, start) in shown.iter().zip(starts) {
        assert!(line.starts_with(start), "{line} is not {start}");
    }
}

#[test]
fn a_folder_that_is_a_file() {
    let dir = Dir::good();
    std::fs::remove_dir_all(dir.path().join("calendar")).unwrap();
    dir.put("calendar", "");
    assert!(dir.problems().0.iter().any(|p| p.file == "calendar" && p.what.contains("cannot be listed")));
}

#[test]
fn deep_nesting_does_not_deepen_the_stack() {
    for text in [
        "a = ".to_owned() + &"[".repeat(200_000),
        "a = ".to_owned() + &"[".repeat(100_000) + &"]".repeat(100_000),
        "a = ".to_owned() + &"{ a = ".repeat(100_000) + "1" + &" }".repeat(100_000),
        "a.".repeat(100_000) + "a = 1",
        format!("[{}a]", "a.".repeat(100_000)),
        format!("title = \"x\"\n[[steps]]\ngate = {}{{ window = true }}{}", "{ all = [".repeat(500), "] }".repeat(500)),
    ] {
        let problems = of("runbooks/train.toml", text);
        assert!(!problems.is_empty() && problems.len() <= MOST + 1);
    }
}

#[test]
fn ten_megabytes_of_steps() {
    let step = |n| format!("[[steps]]\nid = \"{n}\"\ntitle = \"x\"\nkind = \"manual\"\nowner = \"ops\"\n# {n:040}\n");
    let text = runbook((0..100_000).map(step));
    assert!(text.len() > 10_000_000, "{}", text.len());
    let problems = of("runbooks/train.toml", text);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].what.contains("at most 5000"), "{}", problems[0].what);
}

#[test]
fn a_hundred_problems_and_a_count() {
    let step = |n| format!("[[steps]]\nid = \"{n}\"\ntitle = \"x\"\nkind = \"manual\"\nowner = \"nobody\"\n");
    let problems = of("runbooks/train.toml", runbook((0..5000).map(step)));
    assert_eq!(problems.len(), MOST + 1);
    assert_eq!(problems[MOST].what, "4900 more problems are not shown");
}

#[test]
fn megabytes_without_sense() {
    for text in ["]".repeat(3_000_000), "a = 1\n".repeat(200_000), "x".repeat(5_000_000), "\"".repeat(1_000_000)] {
        let problems = of("runbooks/train.toml", &text);
        assert!(!problems.is_empty() && problems.len() <= MOST + 1);
        assert!(problems.iter().all(|p| p.line_text.len() < 2000), "long lines are cut");
    }
}

#[test]
fn one_very_long_line() {
    let keys: String = (0..20_000).map(|n| format!("k{n} = 1, ")).collect();
    let problems = of("services.toml", format!("services = {{ {keys} z = 1 }}\n"));
    assert!((MOST / 2..=MOST + 1).contains(&problems.len()), "{}", problems.len());
    let last = problems.iter().rfind(|problem| problem.line > 0).unwrap();
    assert!(last.line_text.starts_with('…') && last.line_text.ends_with('…'), "{}", last.line_text);
    let marked: String = last.line_text.chars().skip(last.caret).take(last.span_len).collect();
    assert_eq!(marked, "1");
}

#[test]
fn a_chain_of_five_thousand_steps() {
    let step = |n: i32| {
        format!("[[steps]]\nid = \"{n}\"\ntitle = \"x\"\nkind = \"milestone\"\nneeds = [\"{}\"]\n", (n + 1) % 5000)
    };
    let problems = of("runbooks/train.toml", runbook((0..5000).map(step)));
    assert_eq!(problems.len(), 1);
    assert!(problems[0].what.starts_with("these steps wait for each other: 0 → 1 → 2"), "{}", problems[0].what);
}

#[test]
fn text_that_would_act_on_a_terminal() {
    let problems = of("services.toml", "[services.\"\u{202e}\\u001b[31m\"]\ntitle = 1\n");
    let text = problems.iter().map(ToString::to_string).collect::<String>();
    assert!(text.contains("u{202e}") && !text.contains('\u{202e}') && !text.contains('\u{1b}'), "{text}");
}
