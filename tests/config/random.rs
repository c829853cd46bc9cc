//! No text at all makes reading panic, and every problem stands inside its file.

use super::Dir;
use proptest::prelude::*;

const FILES: [&str; 5] =
    ["holdpoint.toml", "services.toml", "signals.toml", "calendar/2026.toml", "runbooks/train.toml"];

/// Loads and shows whatever comes out; places must lie inside the file.
fn survives(file: &str, bytes: &[u8]) {
    let dir = Dir::good();
    dir.put(file, bytes);
    let Err(problems) = dir.load() else { return };
    let text = problems.to_string();
    assert!(!text.is_empty() && problems.0.len() <= holdpoint::config::MOST + 1);
    let lines = String::from_utf8_lossy(bytes).split('\n').count();
    for problem in problems.0.iter().filter(|problem| problem.file == file) {
        assert!(problem.line <= lines, "{problem}");
        let shown = problem.line_text.chars().count();
        assert!(problem.caret <= shown, "{problem}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes(file in 0..5usize, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        survives(FILES[file], &bytes);
    }

    #[test]
    fn mutated(
        file in 0..5usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..12usize, ".{0,4}"), 1..6),
    ) {
        let mut text: Vec<char> = Dir::good().text(FILES[file]).chars().collect();
        for (place, cut, put) in edits {
            let from = place.index(text.len().max(1));
            let to = (from + cut).min(text.len());
            text.splice(from..to, put.chars());
        }
        survives(FILES[file], text.into_iter().collect::<String>().as_bytes());
    }

    #[test]
    fn values(
        file in 0..5usize,
        line in any::<prop::sample::Index>(),
        value in prop::sample::select(vec![
            "0", "-1", "9223372036854775808", "1e400", "nan", "inf", "\"\"", "\"T-99999999d\"", "\"{}\"", "\"{x}\"",
            "[]", "{}", "[[[]]]", "true", "2026-01-01", "\"9999-12-31T23:59:59Z\"", "\"1970-01-01T00:00:00+23:59\"",
            "\"2026-03-29T02:30[Europe/Paris]\"", "\"FREQ=YEARLY;INTERVAL=0\"", "\"FREQ=DAILY;COUNT=0\"", "\"a@b@c\"",
            "\"a:b\"", "\"10y\"", "\"99999999999999999999s\"", "[\"\\u0000\"]",
        ]),
    ) {
        let mut lines: Vec<String> = Dir::good().text(FILES[file]).lines().map(str::to_owned).collect();
        let at = line.index(lines.len());
        if let Some((key, _)) = lines[at].clone().split_once('=') {
            lines[at] = format!("{key}= {value}");
        }
        survives(FILES[file], lines.join("\n").as_bytes());
    }
}
