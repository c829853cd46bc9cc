//! Input that makes no sense, given to the real program: a clear error or a lost
//! signal, little memory, and nothing else disturbed.

use crate::ground::*;
use crate::support::pty::Pty;
use crate::support::sandbox::{HOLDPOINT, LIMIT, Outcome, Sandbox, finish};
use crate::support::{promised, until, wait_until};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// Address space a command may have, in KiB: what the program itself takes is most of it.
const LITTLE: u64 = 1_500_000;
/// Memory the screens may have used at most, in KiB. A debug build shows nothing with some 60,000.
const MOST: u64 = 300_000;

/// Runs a verb that can get no more memory than [`LITTLE`].
#[track_caller]
fn bounded(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let script = format!("ulimit -v {LITTLE}; exec \"$0\" \"$@\"");
    let all: Vec<&str> =
        ["-c", &script, HOLDPOINT, "--as", "ana"].into_iter().chain(arguments.iter().copied()).collect();
    finish(sandbox.command("sh", &all), b"", LIMIT)
}

/// The most memory that a process has used so far, in KiB.
fn most(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[track_caller]
fn little(pty: &Pty) {
    let used = most(pty.pid());
    assert!(used < MOST, "{used} KiB");
}

fn step(n: usize, more: &str) -> String {
    format!("[[steps]]\nid = \"{n}\"\ntitle = \"x\"\nkind = \"manual\"\n{more}\n# {n:060}\n")
}

#[test]
fn runbooks_without_sense_are_refused_with_file_and_line_in_little_memory() {
    let ten_megabytes: String = (0..90_000).map(|n| step(n, "")).collect();
    assert!(ten_megabytes.len() > 10_000_000);
    let deep = format!("title = \"x\"\na = {}1{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let cyclic = step(1, "needs = [\"2\"]") + &step(2, "needs = [\"1\"]");
    for (text, words) in [
        (format!("title = \"x\"\n{ten_megabytes}").into_bytes(), "at most 5000"),
        (deep.into_bytes(), "runbooks/bad.toml"),
        (format!("title = \"x\"\n{cyclic}").into_bytes(), "wait for each other"),
        (b"title = \"\xff\xfe\"\n".to_vec(), "UTF-8"),
        (format!("title = \"x\"\n{}", step(1, "due = \"T+99999999999999d\"")).into_bytes(), "bad.toml"),
        (format!("title = \"x\"\n{}", step(1, "takes = \"-5m\"")).into_bytes(), "bad.toml"),
    ] {
        let sandbox = workspace();
        sandbox.write("runbooks/bad.toml", text);
        for verb in [&["check"][..], &["run", "start", "bad"]] {
            let refused = bounded(&sandbox, verb).exits(2);
            assert!(refused.stderr.contains(words) && refused.stderr.contains("bad.toml"), "{refused:?}");
            assert!(refused.stderr.len() < 200_000, "{} bytes of words", refused.stderr.len());
        }
        assert!(!state(&sandbox).exists(), "nothing was begun");
    }
}

#[test]
fn calendars_with_absurd_times_are_refused_or_harmless_in_little_memory() {
    for (text, code) in [
        ("[freezes.a]\nstarts = \"99999-01-01T00:00:00Z\"\nlasts = \"1d\"\n", 2),
        ("[freezes.a]\nstarts = \"2026-02-30T00:00:00Z\"\nlasts = \"1d\"\n", 2),
        ("[freezes.a]\nstarts = \"2026-01-02T00:00:00Z\"\nends = \"2026-01-01T00:00:00Z\"\n", 2),
        ("[freezes.a]\nstarts = \"2026-01-01T00:00:00Z\"\nlasts = \"1h\"\nrepeat = \"FREQ=SECONDLY\"\n", 2),
        ("[windows.a]\nstarts = \"1970-01-01T00:00:00Z\"\nlasts = \"1h\"\nrepeat = \"FREQ=DAILY\"\n", 0),
        ("[windows.a]\nstarts = \"2026-01-01T00:00:00Z\"\nlasts = \"99999999999999999d\"\n", 2),
    ] {
        let sandbox = workspace();
        sandbox.write("calendar/bad.toml", text);
        let checked = bounded(&sandbox, &["check"]);
        assert_eq!(checked.code, Some(code), "{text}: {checked:?}");
        assert!(code == 0 || checked.stderr.contains("calendar/bad.toml"), "{text}: {checked:?}");
    }
}

#[test]
fn files_that_become_bad_under_the_screens_are_said_and_the_last_good_ones_stay() {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    sandbox.write("runbooks/bad.toml", "title = \"x\"\na = ".to_owned() + &"[".repeat(3_000_000));
    sandbox.write("calendar/bad.toml", b"\xff");
    pty.wait_for("workspace: ");
    start(&mut pty);
    go(&sandbox);
    pty.wait_for("web 2.0 is live");
    little(&pty);
    fs::remove_file(sandbox.workspace().join("runbooks/bad.toml")).unwrap();
    fs::remove_file(sandbox.workspace().join("calendar/bad.toml")).unwrap();
    pty.wait_for("workspace: well again");
}

#[test]
fn a_command_that_floods_is_slowed_down_kept_in_part_and_ends_at_its_limit() {
    let sandbox = workspace();
    // Without line ends, on both streams, for ever; it also does not end when it is asked to.
    sandbox.write("deploy", "#!/bin/sh\ntrap '' TERM\necho \"begin $4 $3\" >> ops.log\nyes | tr -d '\\n' >&2 &\nyes\n");
    sandbox.write(
        "holdpoint.toml",
        fs::read_to_string(sandbox.workspace().join("holdpoint.toml")).unwrap().replace("60s", "3s"),
    );
    by(&sandbox, "ana", &["run", "start", "ground"]).exits(0);
    let mut pty = conned(screens(&sandbox));
    deploying(&sandbox, &mut pty);
    // Keys are answered meanwhile.
    pty.keys("2");
    pty.wait_for("── runbook");
    pty.keys("1");
    pty.wait_for("── waiting for");
    // The probe's log says that it did not end, for certain.
    pty.wait_for_within("the log says it did not end", LIMIT);
    little(&pty);
    assert_eq!(begun(&sandbox), 1);
    let kept: u64 =
        fs::read_dir(state(&sandbox).join("output")).unwrap().map(|f| f.unwrap().metadata().unwrap().len()).sum();
    assert!(kept > 100_000 && kept <= 4 << 20, "{kept} bytes are kept");
    leave(&mut pty);
    sandbox.nothing_left(promised(Duration::from_secs(5)));
}

/// How a bad endpoint answers.
type Answer = fn(&mut TcpStream) -> std::io::Result<()>;

/// An endpoint on loopback; its port.
fn endpoint(answer: Answer) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let _ = answer(&mut stream);
            });
        }
    });
    port
}

fn says(stream: &mut TcpStream, body: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// Holds the connection and says nothing.
fn hangs(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.read(&mut [0]).map(|_| ())
}

/// Says that there is more than it sends, and things that are no numbers.
fn lies(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\nqueue_depth NaN\nqueue_depth{ 1e999\n\x1b[2J")
}

fn gigabyte(stream: &mut TcpStream) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")?;
    // Lines that could be metrics, so that only their number is against them.
    let piece = b"filler_total 1\n".repeat(70_000);
    (0..1023).try_for_each(|_| stream.write_all(&piece))
}

#[test]
fn endpoints_that_hang_lie_or_send_a_gigabyte_lose_their_signal_and_disturb_no_other() {
    let sandbox = started();
    let good = endpoint(|stream| says(stream, "# TYPE queue_depth gauge\nqueue_depth 7\n"));
    let ports = [("good", good), ("hangs", endpoint(hangs)), ("lies", endpoint(lies)), ("giga", endpoint(gigabyte))];
    let signals: String = ports
        .iter()
        .map(|(name, port)| {
            format!(
                "[signals.{name}]\nservice = \"web\"\nenvironments = [\"lab\"]\nsource = \"metrics\"\nunit = \"count\"\n\
                 bad = \"above\"\nwarn = 50\nfail = 90\nevery = \"3s\"\n\
                 query = {{ kind = \"scrape\", url = \"http://127.0.0.1:{port}/metrics\", compute = {{ of = \"gauge\", metric = \"queue_depth\" }} }}\n"
            )
        })
        .collect();
    sandbox.write("signals.toml", signals);
    let workspace = fs::read_to_string(sandbox.workspace().join("holdpoint.toml")).unwrap();
    sandbox.write("holdpoint.toml", workspace + "[backends.metrics]\nkind = \"probe\"\nevery = \"1s\"\n");
    sandbox.holdpoint(&["check"]).exits(0);
    let mut pty = conned(screens(&sandbox).size(120, 40));
    pty.keys("3");
    let line = |screen: &str, name: &str, value: &str| screen.lines().any(|l| l.contains(name) && l.contains(value));
    pty.wait_screen("the good one is read", LIMIT, |screen| line(screen, "good", "7"));
    for bad in ["hangs", "lies", "giga"] {
        pty.wait_screen(&format!("{bad} is unknown"), LIMIT, |screen| line(screen, bad, "unknown"));
    }
    // Long enough for several gigabytes, were they taken.
    let seen = until(Duration::from_secs(3), || (!line(&pty.screen(), "good", "7")).then_some(()));
    assert!(seen.is_none(), "the good signal was disturbed:\n{}", pty.screen());
    little(&pty);
    go(&sandbox);
    pty.keys("1");
    start(&mut pty);
    pty.wait_for("web 2.0 is live");
    wait_until("deployed once", LIMIT, || begun(&sandbox) == 1);
    pty.signal(rustix::process::Signal::TERM);
    pty.wait_exit(promised(Duration::from_secs(4)));
}
