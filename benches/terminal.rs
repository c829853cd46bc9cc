//! Measures the program from outside, as its terminal does: start, first
//! picture, keystroke to paint, bytes, CPU and memory, in workspaces of 2,000
//! and 20,000 deployments of which 200 and 500 change every second, and in the demo.
//! `cargo bench --bench terminal`; a Markdown table on stdout, medians of one run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "outside/grow.rs"]
mod grow;
// `clusters` uses the rest of it.
#[allow(dead_code)]
#[path = "outside/place.rs"]
mod place;
// `clusters` uses the rest of it.
#[allow(dead_code)]
#[path = "outside/screen.rs"]
mod screen;
// `clusters` uses the rest of it.
#[allow(dead_code)]
#[path = "outside/usage.rs"]
mod usage;

use place::Place;
use screen::Screen;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use usage::Usage;

const HOLDPOINT: &str = env!("CARGO_BIN_EXE_holdpoint");
const LIMIT: Duration = Duration::from_secs(60);
/// How long bytes, CPU and wakeups are counted.
const WATCHED: Duration = Duration::from_secs(20);
/// How often a round of keys is pressed: the p99 of one is its third slowest, and on a shared
/// machine that is an accident of the round.
const ROUNDS: usize = 5;

fn main() {
    println!("| what | p50 | p99 | may be |\n|---|---:|---:|---:|");
    version();
    echo();
    let fleet = Place::fleet(200, 200);
    first_frame("first frame, 2,000 deployments, 80×24", &fleet, (80, 24));
    first_frame("first frame, 2,000 deployments, 200×50", &fleet, (200, 50));
    let demo = Place::demo();
    first_frame("first frame of `demo --fast`, 80×24", &demo, (80, 24));
    for size in [(80, 24), (200, 50)] {
        busy(&fleet, size, "2,000 deployments, 200 changes/s", "20 MiB");
    }
    let large = Place::fleet(2_000, 500);
    busy(&large, (200, 50), "20,000 deployments, 500 changes/s", "80 MiB");
    filtered(&large);
    still();
    calm();
    tour(&demo);
    verbs();
    println!("| binary | {:.2} MB | | 18 MB |", std::fs::metadata(HOLDPOINT).unwrap().len() as f64 / 1e6);
}

/// A row of the table; times in milliseconds.
fn row(what: &str, times: Vec<Duration>, limits: &str) {
    let ms = |part: f64| percentile(&times, part).as_secs_f64() * 1e3;
    println!("| {what} | {:.2} ms | {:.2} ms | {limits} |", ms(0.5), ms(0.99));
}

/// A row of several rounds: the median of each round's figure, and the least and the most of its p99.
fn rounds_row(what: &str, rounds: &[Vec<Duration>], limits: &str) {
    let ms = |times: &[Duration], part: f64| percentile(times, part).as_secs_f64() * 1e3;
    let of = |part: f64| rounds.iter().map(|round| percentile(round, part)).collect::<Vec<_>>();
    let (middles, tails) = (of(0.5), of(0.99));
    let (least, most) = (ms(&tails, 0.0), ms(&tails, 1.0));
    println!(
        "| {what} | {:.2} ms | {:.2} ms ({least:.2} to {most:.2}) | {limits} |",
        ms(&middles, 0.5),
        ms(&tails, 0.5)
    );
}

fn percentile(times: &[Duration], part: f64) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[((times.len() - 1) as f64 * part) as usize]
}

fn version() {
    let one = || {
        let started = Instant::now();
        let status = Command::new(HOLDPOINT).arg("--version").stdout(Stdio::null()).status().unwrap();
        assert!(status.success());
        started.elapsed()
    };
    one();
    row("`--version`", (0..100).map(|_| one()).collect(), "3 ms");
    let floor = || {
        let started = Instant::now();
        assert!(Command::new("/bin/true").status().unwrap().success());
        started.elapsed()
    };
    row("the same of `/bin/true`, the floor", (0..100).map(|_| floor()).collect(), "");
}

/// What the terminal itself costs: a program that gives every key back.
fn echo() {
    let mut cat = Screen::start("/bin/sh", &["-c", "stty raw -echo; echo ready; exec cat"], &[], (80, 24));
    cat.until(LIMIT, |text| text.contains("ready")).unwrap();
    let times = (0..200).map(|n| {
        let sign = if n % 2 == 0 { "a" } else { "b" };
        cat.key(sign, |_| true)
    });
    row("key to echo of `cat`, the floor", times.collect(), "");
}

fn first_frame(what: &str, place: &Place, size: (u16, u16)) {
    let one = || {
        let mut screen = place.start(size);
        let shown = screen.until(LIMIT, |text| !text.trim().is_empty()).unwrap();
        screen.leave();
        shown
    };
    one();
    row(what, (0..15).map(|_| one()).collect(), "15 ms");
}

/// Keys while deployments change every second.
fn busy(fleet: &Place, size: (u16, u16), what: &str, memory: &str) {
    let mut screen = fleet.start(size);
    screen.until(LIMIT, |text| text.contains("svc-") && text.contains("4.1.0")).unwrap();
    let named = format!("{}×{}, {what}", size.0, size.1);
    let rounds: Vec<Vec<Duration>> = (0..ROUNDS).map(|_| keys(&mut screen)).collect();
    rounds_row(&format!("key to paint, another pane, {named}"), &rounds, "p50 1 ms, p99 4 ms");
    let before = Usage::of(screen.pid());
    screen.rest(WATCHED);
    let used = before.until(&Usage::of(screen.pid()), WATCHED);
    println!("| CPU, {named} | {:.2} % | | 10 % |", used.cpu);
    println!("| resident, {named} | {:.1} MiB | peak {:.1} | {memory} |", used.resident, used.peak);
    screen.leave();
}

/// A round of keys, each of which paints another pane.
fn keys(screen: &mut Screen) -> Vec<Duration> {
    let one = |n: u64| {
        let (key, shows) = if n.is_multiple_of(2) { ("6", "── calendar") } else { ("3", "── health") };
        let time = screen.key(key, |text| text.contains(shows));
        // Spread over the second, so that keys meet changes at every moment.
        screen.rest(Duration::from_millis(13 + n % 29));
        time
    };
    (0..300).map(one).collect()
}

/// A key typed into the filter, to its effect on a long list.
fn filtered(fleet: &Place) {
    let mut screen = fleet.start((200, 50));
    screen.until(LIMIT, |text| text.contains("svc-") && text.contains("4.1.0")).unwrap();
    screen.key("3", |text| text.contains("── health"));
    let mut times = Vec::new();
    for _ in 0..20 {
        screen.key("/svc-1999", |text| text.contains("svc-1999"));
        times.push(screen.key("\r", |text| text.contains("10 places")));
        screen.key("/", |text| text.contains("/svc-1999") || !text.contains("/svc"));
        screen.key("\x15\r", |text| text.contains("20000 places"));
    }
    row("filter of 20,000 rows, to its effect", times, "5 ms");
    screen.leave();
}

/// A list on which nothing changes: what moving in it writes, and a storm of resizes.
fn still() {
    let place = Place::fleet(200, 0);
    let mut screen = place.start((80, 24));
    screen.until(LIMIT, |text| text.contains("svc-") && text.contains("4.1.0")).unwrap();
    screen.key("3", |text| text.contains("── health"));
    let mut bytes: Vec<usize> = (0..40).map(|_| screen.bytes_of("j")).collect();
    bytes.sort();
    println!("| bytes for moving in a list, 80×24 | {} B | {} B | 600 B |", bytes[20], bytes[39]);
    let storms: Vec<Duration> = (0..10).map(|_| screen.storm(100)).collect();
    row("still painting after the last of 100 resizes", storms, "50 ms");
    screen.leave();
}

/// No live signals, no step running.
fn calm() {
    let quiet = Place::quiet();
    let mut screen = quiet.start((80, 24));
    screen.until(LIMIT, |text| text.contains("── now")).unwrap();
    screen.rest(Duration::from_secs(3));
    watched(&mut screen, "no signals, no run", ("0.5 %", "100 B/s", ""));
    screen.leave();
}

/// The demo's screens, before and during the release.
fn tour(demo: &Place) {
    let mut screen = demo.start((80, 24));
    screen.until(LIMIT, |text| text.contains("payments")).unwrap();
    screen.rest(Duration::from_secs(5));
    watched(&mut screen, "demo, no step running", ("2 %", "100 B/s", "20 MiB"));
    screen.key("N", |text| text.contains("start a run of"));
    screen.key("1", |text| text.contains("LIVE"));
    watched(&mut screen, "demo, steps running", ("2 %", "400 B/s", "20 MiB"));
    screen.leave();
}

fn watched(screen: &mut Screen, what: &str, (cpu, bytes, memory): (&str, &str, &str)) {
    let before = Usage::of(screen.pid());
    let written = screen.rest(WATCHED);
    let used = before.until(&Usage::of(screen.pid()), WATCHED);
    println!("| CPU, {what} | {:.2} % | {:.0} wakeups/s | {cpu} |", used.cpu, used.wakeups);
    println!("| bytes to the terminal, {what} | {:.0} B/s | | {bytes} |", written as f64 / WATCHED.as_secs_f64());
    println!("| resident, {what} | {:.1} MiB | peak {:.1} | {memory} |", used.resident, used.peak);
}

/// A verb on a journal of a million lines.
fn verbs() {
    let long = Place::long(1_000_000);
    for words in ["status", "journal tail", "run list"] {
        let one = || {
            let started = Instant::now();
            let out =
                long.command().args(words.split(' ')).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
            assert!(matches!(out.code(), Some(0 | 3)), "{words}: {out}");
            started.elapsed()
        };
        one();
        row(&format!("`{words}`, 1,000,000 journal lines"), (0..15).map(|_| one()).collect(), "50 ms");
    }
}
