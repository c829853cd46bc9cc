//! Other programs that show clusters, in turn with this one at the same API server: kdash, kubetui
//! and k9s, as far as they are on the `PATH`. Each shows a list; theirs is of pods, ours of what
//! the pods belong to.

use crate::clusters::process::Servers;
use crate::place::Place;
use crate::screen::{MARK, Screen};
use crate::usage::{Usage, Used};
use crate::{EVENTS, SIZE, WATCHED, median, percentile, well};
use std::time::Duration;

const STARTS: usize = 3;
const KEYS: usize = 100;
/// How long after its start a program is left alone before it is watched.
const WARM: Duration = Duration::from_secs(15);
const LIMIT: Duration = Duration::from_secs(60);
const LATE: Duration = Duration::from_secs(2);

/// A program, and how its screen is read.
struct Program {
    name: &'static str,
    words: &'static [&'static str],
    /// Whether all of it is on the screen.
    ready: fn(&str, usize) -> bool,
    /// The words that tell the row that is selected.
    selected: fn(&str) -> String,
    /// The key that ends it.
    leaves: &'static str,
}

const PROGRAMS: [Program; 4] = [
    Program {
        name: "holdpoint",
        words: &[],
        ready: |text, _| well(text),
        selected: |text| after(text.split_once("▸"), 1),
        leaves: "q",
    },
    Program {
        name: "kdash",
        words: &[],
        ready: |text, pods| text.contains(&format!("Pods (ns: all) [{pods}]")),
        // The list of namespaces above has such a mark, too; a row is a namespace and a name.
        selected: |text| after(text.rsplit_once("=> "), 2),
        leaves: "q",
    },
    Program {
        name: "kubetui",
        words: &["-A"],
        ready: |text, pods| text.contains(&format!("/{pods}]")),
        selected: |text| after(text.split_once("Pod ["), 1),
        leaves: "q",
    },
    Program {
        name: "k9s",
        words: &["-A", "-c", "pods", "--readonly", "--splashless"],
        ready: |text, pods| text.contains(&format!("[{},{:03}]", pods / 1_000, pods % 1_000)),
        // What is selected has another colour behind it, and no sign; a line of the frame is the first word.
        selected: |text| after(text.split_once(MARK), 3),
        leaves: "\x03",
    },
];

/// What is measured of one program.
#[derive(Default)]
struct Row {
    first: f64,
    ready: f64,
    spent: f64,
    peak: f64,
    /// Quiet, and under events: CPU, wakeups, bytes to the terminal, from the API, memory.
    watched: [Vec<f64>; 2],
    keys: [f64; 3],
    bytes: f64,
    burst: f64,
    left: f64,
}

/// One table for so many deployments of ten pods.
pub fn beside(deployments: usize) {
    let mut servers = Servers::start(1, deployments, EVENTS);
    servers.tell("hold");
    let place = Place::clusters(&servers.ports, deployments);
    let there = |program: &&Program| program.name == "holdpoint" || found(program.name);
    let programs: Vec<&Program> = PROGRAMS.iter().filter(there).collect();
    let rows: Vec<Row> = programs.iter().map(|program| measured(program, &place, &mut servers, deployments)).collect();
    let names: Vec<&str> = programs.iter().map(|program| program.name).collect();
    println!("\n| {} pods | {} |", deployments * 10, names.join(" | "));
    println!("|---|{}", "---:|".repeat(names.len()));
    let line = |what: &str, of: &dyn Fn(&Row) -> String| {
        println!("| {what} | {} |", rows.iter().map(of).collect::<Vec<_>>().join(" | "));
    };
    line("start to first byte, ms", &|row| format!("{:.2}", row.first));
    line("start to all of it, ms", &|row| format!("{:.0}", row.ready));
    line("CPU until then, ms", &|row| format!("{:.0}", row.spent));
    line("resident at most until then, MiB", &|row| format!("{:.1}", row.peak));
    for (n, when) in ["quiet", "500 events/s"].into_iter().enumerate() {
        let of = |row: &Row| row.watched[n].clone();
        line(&format!("CPU, {when}, %"), &|row| format!("{:.2}", of(row)[0]));
        line(&format!("wakeups/s, {when}"), &|row| format!("{:.0}", of(row)[1]));
        line(&format!("bytes/s to the terminal, {when}"), &|row| format!("{:.0}", of(row)[2]));
        line(&format!("MB/s from the API, {when}"), &|row| format!("{:.3}", of(row)[3]));
        line(&format!("resident, {when}, MiB"), &|row| format!("{:.1}", of(row)[4]));
    }
    for (n, what) in ["p50", "p99", "at most"].iter().enumerate() {
        line(&format!("key to the row moved, 500 events/s, {what}, ms"), &|row| format!("{:.2}", row.keys[n]));
    }
    line("bytes a key", &|row| format!("{:.0}", row.bytes));
    line("fifty keys at once, to the last move, ms", &|row| format!("{:.1}", row.burst));
    line("the key that leaves to gone, ms", &|row| format!("{:.1}", row.left));
}

fn found(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Its list, with all of it on the screen, and how long that took from the start.
fn started(program: &Program, place: &Place, pods: usize) -> (Screen, Duration, Duration) {
    let mut screen = match program.name {
        "holdpoint" => place.start(SIZE),
        name => place.other(name, program.words, SIZE),
    };
    if program.name == "k9s" {
        screen.mark();
    }
    let first = screen.until(LIMIT, |_| true).unwrap();
    if program.name == "holdpoint" {
        screen.until(LIMIT, |text| text.contains("svc-")).unwrap();
        screen.send("3");
    }
    let ready = screen.until(LIMIT, |text| (program.ready)(text, pods));
    let ready = ready.unwrap_or_else(|| panic!("{} never had all of it:\n{}", program.name, screen.shown()));
    (screen, first, ready)
}

fn measured(program: &Program, place: &Place, servers: &mut Servers, deployments: usize) -> Row {
    let (mut firsts, mut readies, mut spent, mut peaks) = (vec![], vec![], vec![], vec![]);
    let mut last = None;
    for _ in 0..STARTS {
        if let Some(screen) = last.take() {
            Screen::leave(screen);
        }
        let (screen, first, ready) = started(program, place, deployments * 10);
        let used = Usage::of(screen.pid());
        firsts.push(first.as_secs_f64() * 1e3);
        readies.push(ready.as_secs_f64() * 1e3);
        spent.push(used.spent());
        peaks.push(used.peak());
        last = Some(screen);
    }
    let mut screen = last.unwrap();
    screen.rest(WARM);
    let quiet = watched(&mut screen, servers);
    servers.tell("go");
    screen.rest(Duration::from_secs(5));
    let busy = watched(&mut screen, servers);
    let seen = program.selected;
    // Away from the top: rows that become well leave it, and what is selected may become the first.
    screen.settles(&"j".repeat(25), Duration::from_secs(2), seen);
    let times: Vec<Duration> = (0..KEYS).map(|n| moved(&mut screen, n, &seen)).collect();
    servers.tell("hold");
    screen.rest(Duration::from_secs(6));
    let bytes = (0..10).map(|n| screen.bytes_of(if n < 5 { "j" } else { "k" }) as f64).collect();
    let burst = screen.settles(&"j".repeat(50), Duration::from_secs(2), seen);
    Row {
        first: median(firsts),
        ready: median(readies),
        spent: median(spent),
        peak: median(peaks),
        watched: [quiet, busy],
        keys: [0.5, 0.99, 1.0].map(|part| percentile(&times, part)),
        bytes: median(bytes),
        burst: burst.as_secs_f64() * 1e3,
        left: screen.left_by(program.leaves).as_secs_f64() * 1e3,
    }
}

/// CPU, wakeups, bytes to the terminal and from the server, memory.
fn watched(screen: &mut Screen, servers: &mut Servers) -> Vec<f64> {
    let (before, served) = (Usage::of(screen.pid()), servers.number("served"));
    let written = screen.rest(WATCHED) as f64;
    let served = (servers.number("served") - served) as f64;
    let Used { cpu, wakeups, resident, .. } = before.until(&Usage::of(screen.pid()), WATCHED);
    let seconds = WATCHED.as_secs_f64();
    vec![cpu, wakeups, written / seconds, served / seconds / 1e6, resident]
}

/// A key that moves the row; one without an answer within two seconds counts as two.
fn moved(screen: &mut Screen, n: usize, seen: &dyn Fn(&str) -> String) -> Duration {
    screen.rest(Duration::from_millis(23 + n as u64 % 29));
    let before = seen(&screen.shown());
    let key = if (n / 5).is_multiple_of(2) { "j" } else { "k" };
    screen.answer_within(LATE, key, |text| seen(text) != before).unwrap_or(LATE)
}

/// The first words behind a mark.
fn after(found: Option<(&str, &str)>, words: usize) -> String {
    found.map_or("", |(_, rest)| rest).split_whitespace().take(words).collect()
}
