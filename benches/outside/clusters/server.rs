//! API servers in a process of their own, so that what they use is not counted; told what to do
//! by lines on standard input, and answering each with one.

use super::answer;
use super::feed::{Feed, Mode};
use std::io::{BufRead, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long one that flaps is up, and then down.
const FLAPS: Duration = Duration::from_secs(3);
/// The changes of a second come in so many parts.
const TICKS: u32 = 50;

/// One cluster.
pub struct Context {
    pub feed: Mutex<Feed>,
    pub changed: Condvar,
}

/// What is counted of all of them.
#[derive(Default)]
pub struct Counters {
    /// Requests, and connections that were cut before one.
    pub asked: AtomicU64,
    /// Bytes of answers and of watches.
    served: AtomicU64,
    /// When the first list or answer left, in microseconds since the epoch; 0 before.
    first: AtomicU64,
}

impl Counters {
    /// Something is about to be answered.
    pub fn answers(&self) {
        let _ = self.first.compare_exchange(0, micros(), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// So many bytes are about to leave.
    pub fn serves(&self, bytes: usize) {
        self.served.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// The time of day, which two processes have in common.
pub fn micros() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

/// Serves so many contexts with so many deployments each, and so many changes a second in all, until
/// standard input ends. The first line that it says has their ports.
pub fn serve(contexts: usize, deployments: usize, changes: u32) {
    let counters = Arc::new(Counters::default());
    let all: Vec<Arc<Context>> = (0..contexts)
        .map(|_| Arc::new(Context { feed: Mutex::new(Feed::new(deployments)), changed: Condvar::new() }))
        .collect();
    let ports: Vec<String> = all.iter().map(|context| listen(context, &counters).to_string()).collect();
    say(&ports.join(" "));
    let (feeds, flapping) = (all.clone(), all.clone());
    let going = Arc::new(AtomicBool::new(true));
    let goes = Arc::clone(&going);
    std::thread::spawn(move || change(&feeds, changes, &goes));
    std::thread::spawn(move || flap(&flapping));
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["first"] => say(&counters.first.load(Ordering::Relaxed).to_string()),
            ["again"] => {
                counters.first.store(0, Ordering::Relaxed);
                say("ok");
            }
            ["asked"] => say(&counters.asked.load(Ordering::Relaxed).to_string()),
            ["served"] => say(&counters.served.load(Ordering::Relaxed).to_string()),
            ["hold"] => {
                going.store(false, Ordering::Relaxed);
                say("ok");
            }
            ["go"] => {
                going.store(true, Ordering::Relaxed);
                say("ok");
            }
            [mode, at] => {
                let at: usize = at.parse().unwrap_or(usize::MAX);
                all.iter().enumerate().filter(|(n, _)| at == usize::MAX || *n == at).for_each(|(_, context)| {
                    context.feed.lock().unwrap().mode = self::mode(mode);
                    context.changed.notify_all();
                });
                say("ok");
            }
            _ => say("what?"),
        }
    }
}

fn mode(word: &str) -> Mode {
    match word {
        "hang" => Mode::Hang,
        "dead" => Mode::Dead,
        "flood" => Mode::Flood,
        "garbage" => Mode::Garbage,
        "flap" => Mode::Flap,
        _ => Mode::Live,
    }
}

fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{words}");
    let _ = out.flush();
}

fn listen(context: &Arc<Context>, counters: &Arc<Counters>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (context, counters) = (Arc::clone(context), Arc::clone(counters));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (context, counters) = (Arc::clone(&context), Arc::clone(&counters));
            let thread = std::thread::Builder::new().stack_size(256 * 1024);
            let _ = thread.spawn(move || answer::serve(&stream, &context, &counters));
        }
    });
    port
}

fn change(all: &[Arc<Context>], changes: u32, goes: &AtomicBool) {
    let (mut due, mut turn) = (0, 0);
    loop {
        std::thread::sleep(Duration::from_secs(1) / TICKS);
        due += if goes.load(Ordering::Relaxed) { changes } else { 0 };
        while due >= TICKS {
            due -= TICKS;
            turn += 1;
            let context = &all[turn % all.len()];
            let mut feed = context.feed.lock().unwrap();
            if feed.mode == Mode::Live {
                feed.change();
            }
        }
        all.iter().for_each(|context| context.changed.notify_all());
    }
}

/// Each of those that flap has its own moments.
fn flap(all: &[Arc<Context>]) {
    let mut turn = 0;
    loop {
        std::thread::sleep(FLAPS / 10);
        turn += 1;
        for (n, context) in all.iter().enumerate() {
            let mut feed = context.feed.lock().unwrap();
            let down = (turn + n) / 10 % 2 == 1;
            let turned = feed.mode == Mode::Flap && feed.down != down;
            feed.down = down;
            drop(feed);
            if turned {
                context.changed.notify_all();
            }
        }
    }
}
