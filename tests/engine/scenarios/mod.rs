//! Every file beside this one is a day; all of them are run.

use crate::scenario;
use std::path::Path;

#[test]
fn every_day_goes_as_written() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/scenarios");
    let mut failed = Vec::new();
    let mut days = 0;
    for entry in std::fs::read_dir(here).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        days += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        if let Err(why) = std::panic::catch_unwind(|| scenario::run(&text)) {
            let why =
                why.downcast_ref::<String>().cloned().or_else(|| why.downcast_ref::<&str>().map(|s| s.to_string()));
            failed.push(format!("{}: {}", path.file_name().unwrap().to_string_lossy(), why.unwrap_or_default()));
        }
    }
    assert!(days > 30, "only {days} days were found");
    assert!(failed.is_empty(), "{} of {days} days went otherwise:\n{}", failed.len(), failed.join("\n"));
}
