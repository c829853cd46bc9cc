//! What becomes of a script's output: lines, file, floods.

use crate::support::{Place, deploy, key, sink};
use crate::undisturbed as tokio;
use holdpoint::backend::{Backend, Done, Fault};
use holdpoint::domain::digest::Digest;
use holdpoint::domain::operation::Operation;
use holdpoint::domain::span::Span;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

#[tokio::test]
async fn lines_come_as_they_are_printed_and_bytes_are_kept() {
    let place = Place::new()
        .deploys("echo first; until [ -e go ]; do sleep 0.02; done; printf 'a\\rb\\033[31m\\n\\n' >&2; printf last");
    let file = place.file("output.log");
    let (sink, mut lines) = sink(Some(file.clone()));
    let backend = place.backend();
    let performing = tokio::spawn(backend.perform(deploy(), key(), sink));
    // The first line is here while the script still waits for us.
    assert_eq!(lines.recv().await.unwrap(), "first");
    std::fs::write(place.file("go"), "").unwrap();
    let Done::Whole(receipt) = performing.await.unwrap().unwrap() else { panic!() };
    let mut rest = Vec::new();
    while let Some(line) = lines.recv().await {
        rest.push(line);
    }
    assert_eq!(rest, ["a", "b\\u{1b}[31m", "last"]);
    let (kept, output) = (std::fs::read(&file).unwrap(), receipt.output.unwrap());
    assert_eq!((output.bytes, output.dropped), (kept.len() as u64, 0));
    assert_eq!(output.digest, Digest::of_bytes(&kept));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn output_of_an_earlier_try_is_set_aside_and_not_overwritten() {
    let place = Place::new().deploys("cat word");
    let file = place.file("output.log");
    for word in ["one", "two", "three"] {
        std::fs::write(place.file("word"), word).unwrap();
        place.backend().perform(deploy(), key(), sink(Some(file.clone())).0).await.unwrap();
    }
    let read = |name: &str| std::fs::read_to_string(place.file(name)).unwrap();
    assert_eq!(
        (read("output.log"), read("output.log.1"), read("output.log.2")),
        ("three".into(), "one".into(), "two".into())
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_written_stops_no_operation() {
    let place = Place::new().deploys("echo done");
    let (sink, mut lines) = sink(Some(place.file("no/such/dir/output.log")));
    let Done::Whole(receipt) = place.backend().perform(deploy(), key(), sink).await.unwrap() else { panic!() };
    assert_eq!((receipt.summary.as_str(), receipt.output), ("done", None));
    assert!(lines.recv().await.unwrap().contains("not kept"));
}

#[tokio::test]
async fn a_flood_is_read_and_dropped_and_ends_at_the_limit() {
    let place = Place::new().deploys("exec yes ABCDEFGH");
    let file = place.file("output.log");
    let began = Instant::now();
    let operation = Operation { limit: Span::secs(3), ..deploy() };
    // Nobody takes the lines; that must not matter.
    let (sink, _lines) = sink(Some(file.clone()));
    let fault = place.backend().perform(operation, key(), sink).await.unwrap_err();
    let Fault::Lost { output: Some(output), why } = fault else { panic!("{fault:?}") };
    assert!(began.elapsed() < Duration::from_secs(30), "{why}");
    assert_eq!(output.bytes, 4 * 1024 * 1024);
    assert!(output.dropped > 0);
    assert_eq!(std::fs::metadata(&file).unwrap().len(), output.bytes);
    assert_eq!(output.digest, Digest::of_bytes(&std::fs::read(&file).unwrap()));
}

/// Set in the process that runs one test alone, so that its memory is that test's.
const ALONE: &str = "HOLDPOINT_TEST_ALONE";

#[test]
fn a_flood_without_line_ends_is_bounded_too() {
    let itself = std::env::current_exe().unwrap();
    let test = "output::a_flood_without_line_ends_alone";
    let ran = std::process::Command::new(itself)
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && out.contains("1 passed"), "{out}{err}");
}

#[tokio::test]
#[ignore = "the test before it starts it in a process of its own"]
async fn a_flood_without_line_ends_alone() {
    if std::env::var_os(ALONE).is_none() {
        return;
    }
    let place = Place::new().deploys("head -c 50000000 /dev/zero; echo; echo the end");
    let Done::Whole(receipt) = place.perform(deploy()).await.unwrap() else { panic!() };
    assert_eq!(receipt.summary, "the end");
    let memory = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = memory.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    let kilobytes: u64 = peak.split_whitespace().nth(1).unwrap().parse().unwrap();
    eprintln!("{peak}");
    assert!(kilobytes < 40_000, "{peak}");
}

#[tokio::test]
async fn a_receipt_behind_much_output_is_still_read() {
    let place = Place::new()
        .deploys(r#"head -c 6000000 /dev/zero | tr '\0' '\n'; seq 1 200000; echo '{"summary":"all","done":1,"of":3}'"#);
    assert!(matches!(place.perform(deploy()).await.unwrap(), Done::Partly(1, 3, _)));
}
