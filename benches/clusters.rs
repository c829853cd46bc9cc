//! Measures the program from outside beside Kubernetes clusters: 10,000 pods in 1,000 deployments
//! over three contexts with 500 events a second, contexts that go wrong, and 200 that flap.
//! `cargo bench --bench clusters`; a Markdown table on stdout, medians of five rounds.
//! `-- small` has a tenth of the pods; `-- start load faults flap` are its parts, `hang dead flood garbage` those of
//! `faults`, and `beside` other
//! programs of the kind at the same server, which is not among them unless it is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
// Other benchmarks use more of what they share.
#![allow(dead_code)]

#[path = "outside/beside.rs"]
mod beside;
#[path = "outside/clusters/mod.rs"]
mod clusters;
#[path = "outside/grow.rs"]
mod grow;
#[path = "outside/place.rs"]
mod place;
#[path = "outside/screen.rs"]
mod screen;
#[path = "outside/usage.rs"]
mod usage;

use clusters::process::Servers;
use clusters::server::{self, micros};
use place::Place;
use screen::Screen;
use std::time::Duration;
use usage::Usage;

const HOLDPOINT: &str = env!("CARGO_BIN_EXE_holdpoint");
const LIMIT: Duration = Duration::from_secs(120);
const SIZE: (u16, u16) = (200, 50);
const ROUNDS: usize = 5;
const CONTEXTS: usize = 3;
/// Events a second, over all contexts.
const EVENTS: u32 = 500;
/// How many keys a round has.
const KEYS: usize = 200;
/// How long CPU and memory, or requests, are watched.
const WATCHED: Duration = Duration::from_secs(20);
const FLAPPING: usize = 200;
const COUNTED: Duration = Duration::from_secs(120);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let [serve, contexts, deployments, changes] = &words[..]
        && serve == "serve"
    {
        return server::serve(contexts.parse().unwrap(), deployments.parse().unwrap(), changes.parse().unwrap());
    }
    let small = words.iter().any(|word| word == "small");
    let deployments = if small { 34 } else { 334 };
    if words.iter().any(|word| word == "beside") {
        return [100, 1_000].into_iter().for_each(beside::beside);
    }
    let parts = ["start", "load", "faults", "flap", "hang", "dead", "flood", "garbage"];
    let wanted = |part: &str| words.iter().any(|word| word == part) || !words.iter().any(|w| parts.contains(&&**w));
    println!("| {} deployments, {} pods | p50 | p99 | may be |", deployments * CONTEXTS, deployments * CONTEXTS * 10);
    println!("|---|---:|---:|---:|");
    if wanted("start") {
        start(deployments);
    }
    if wanted("load") {
        load(deployments);
    }
    for fault in ["hang", "dead", "flood", "garbage"] {
        if wanted("faults") || wanted(fault) {
            faults(deployments, fault);
        }
    }
    if wanted("flap") {
        flap();
    }
}

fn percentile(times: &[Duration], part: f64) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Whether every row of the health pane that is seen, the worst first, is of something known and well.
fn well(text: &str) -> bool {
    let mut rows = text.lines().filter(|line| line.trim_start().starts_with("svc-")).peekable();
    rows.peek().is_some() && rows.all(|line| line.trim_end().ends_with("ok"))
}

/// The screens of a place whose clusters are all well, on the health pane.
fn shown(place: &Place) -> Screen {
    let mut screen = place.start(SIZE);
    screen.until(LIMIT, |text| text.contains("svc-")).unwrap();
    screen.key("3", |text| text.contains("── health"));
    if !well(&screen.shown()) && screen.until(LIMIT, well).is_none() {
        panic!("never well:\n{}", screen.shown());
    }
    screen
}

/// From the first answer of any API server to the moment at which all of it is on the screen.
fn start(deployments: usize) {
    let mut servers = Servers::start(CONTEXTS, deployments, 0);
    let place = Place::clusters(&servers.ports, deployments);
    let (mut times, mut peaks, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..=ROUNDS {
        servers.tell("again");
        let began = micros();
        let mut screen = place.start(SIZE);
        screen.until(LIMIT, |text| text.contains("svc-")).unwrap();
        screen.send("3");
        let live = screen.until(LIMIT, well).unwrap();
        let first = servers.number("first").saturating_sub(began);
        times.push(live.saturating_sub(Duration::from_micros(first)).as_secs_f64());
        let used = Usage::of(screen.pid());
        let used = used.until(&Usage::of(screen.pid()), WATCHED);
        peaks.push(used.peak);
        after.push(used.resident);
        screen.leave();
    }
    // The first one warms up.
    let rest = |all: Vec<f64>| median(all[1..].to_vec());
    println!("| first answer of an API server to live on the screen | {:.2} s | | 1.5 s |", rest(times));
    println!("| resident just after | {:.1} MiB | peak {:.1} | 80 MiB |", rest(after), rest(peaks));
}

/// Keys, processor and memory while events come.
fn load(deployments: usize) {
    let mut servers = Servers::start(CONTEXTS, deployments, EVENTS);
    let place = Place::clusters(&servers.ports, deployments);
    servers.tell("hold");
    let mut screen = shown(&place);
    servers.tell("go");
    let (mut halves, mut tails, mut cpu, mut resident, mut peak) = (vec![], vec![], vec![], vec![], 0.0);
    keys(&mut screen, KEYS / 4);
    for _ in 0..ROUNDS {
        let times = keys(&mut screen, KEYS);
        halves.push(percentile(&times, 0.5));
        tails.push(percentile(&times, 0.99));
        let before = Usage::of(screen.pid());
        screen.rest(WATCHED);
        let used = before.until(&Usage::of(screen.pid()), WATCHED);
        cpu.push(used.cpu);
        resident.push(used.resident);
        peak = used.peak;
    }
    let named = format!("{EVENTS} events/s");
    println!("| key to paint, another pane, {named} | {:.2} ms | {:.2} ms | p99 4 ms |", median(halves), median(tails));
    println!("| CPU, {named} | {:.2} % | | 15 % |", median(cpu));
    println!("| resident, {named} | {:.1} MiB | peak {peak:.1} | 80 MiB |", median(resident));
    screen.leave();
}

fn keys(screen: &mut Screen, count: usize) -> Vec<Duration> {
    let press = |n: usize| {
        let (key, shows) = if n.is_multiple_of(2) { ("6", "── calendar") } else { ("3", "── health") };
        let time = screen.key(key, |text| text.contains(shows));
        // Spread over the second, so that keys meet events at every moment.
        screen.rest(Duration::from_millis(13 + n as u64 % 29));
        time
    };
    (0..count).map(press).collect()
}

/// Keys while one context goes wrong, beside keys of the same program while all is well, in turn.
fn faults(deployments: usize, fault: &str) {
    let mut servers = Servers::start(CONTEXTS, deployments, EVENTS);
    let place = Place::clusters(&servers.ports, deployments);
    servers.tell("hold");
    let mut screen = shown(&place);
    servers.tell("go");
    keys(&mut screen, KEYS / 4);
    let (mut well, mut ill) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        for (mode, all) in [("live", &mut well), (fault, &mut ill)] {
            servers.tell(&format!("{mode} 1"));
            // So that it has been noticed, and what was heard of it is late or lost for a part of the keys.
            screen.rest(Duration::from_secs(5));
            all.extend(keys(&mut screen, 2 * KEYS));
        }
    }
    // Of all of them: of a round's the second slowest would be as often as not somebody else's doing.
    let [well, ill] = [well, ill].map(|all| (percentile(&all, 0.5), percentile(&all, 0.99)));
    println!("| key to paint, one context: {fault} | {:.2} ms | {:.2} ms | ± 10 % of |", ill.0, ill.1);
    println!("| the same, undisturbed | {:.2} ms | {:.2} ms | |", well.0, well.1);
    screen.leave();
}

/// Many backends that come and go: what they cost the servers, and how soon all is well again.
fn flap() {
    let mut servers = Servers::start(FLAPPING, 1, 0);
    let place = Place::clusters(&servers.ports, 1);
    let mut screen = shown(&place);
    let counted = |screen: &mut Screen, servers: &mut Servers| {
        screen.rest(Duration::from_secs(30));
        let (before, used) = (servers.number("asked"), Usage::of(screen.pid()));
        screen.rest(COUNTED);
        let used = used.until(&Usage::of(screen.pid()), COUNTED);
        ((servers.number("asked") - before) as f64 / COUNTED.as_secs_f64(), used.cpu)
    };
    let (healthy, calm) = counted(&mut screen, &mut servers);
    servers.tell(&format!("flap {}", usize::MAX));
    let (flapping, busy) = counted(&mut screen, &mut servers);
    println!("| requests/s, {FLAPPING} backends, healthy | {healthy:.1} | | |");
    println!(
        "| requests/s, {FLAPPING} backends, flapping every 3 s | {flapping:.1} | {:.2} × | 1.2 × |",
        flapping / healthy
    );
    println!("| CPU, the same | {calm:.1} %, {busy:.1} % | | |");
    for fault in ["flap", "dead", "hang"] {
        servers.tell(&format!("{fault} {}", usize::MAX));
        screen.rest(Duration::from_secs(60));
        assert_eq!(servers.tell(&format!("live {}", usize::MAX)), "ok");
        let at = screen.since();
        if well(&screen.shown()) {
            println!("| all well again after a minute of {fault} | was well all the time | | 60 s |");
            continue;
        }
        let again = screen.until(LIMIT, well).map_or(f64::INFINITY, |shown| (shown - at).as_secs_f64());
        println!("| all well again after a minute of {fault} | {again:.1} s | | 60 s |");
    }
    screen.leave();
}
