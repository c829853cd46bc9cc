//! A terminal that reads slowly or not at all: nothing but the picture waits, memory stays
//! where it was, and once it reads again the screen is exact.

use crate::count;
use crate::ground::{by, deploying, facts, fail, faulty, go, mend, workspace};
use crate::resizing::exact;
use crate::support::pty::Pty;
use crate::support::{Sandbox, until, wait_until};
use holdpoint::domain::fact::Fact;
use holdpoint::tui::terminal::output::{Frame, Output};
use holdpoint::tui::terminal::tty::Tty;
use holdpoint::tui::terminal::{FrameId, What};
use portable_pty::{PtySize, native_pty_system};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use rustix::fs::{Mode, OFlags};
use std::io::Read;
use std::num::NonZero;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// Resident memory of a process, in KiB.
fn resident(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn notes(sandbox: &Sandbox) -> usize {
    facts(sandbox).iter().filter(|fact| matches!(fact, Fact::HoldPlaced(_) | Fact::HoldLifted { .. })).count()
}

/// How many deployments are another each second.
const CHANGES: usize = 500;

/// The workspace, deploying to one place for as long as it takes, while five hundred others change every second.
fn fleet() -> (Sandbox, Pty) {
    let sandbox = workspace();
    let at = |name: &str| std::fs::read_to_string(sandbox.workspace().join(name)).unwrap();
    let fleet = "[environments.fleet]\ntier = \"staging\"\n[backends.fleet]\nkind = \"command\"\nevery = \"1s\"\n\
                 [backends.fleet.status]\nargv = [\"./status\"]\nlimit = \"20s\"\n";
    sandbox.write("holdpoint.toml", at("holdpoint.toml").replace("\"60s\"", "\"10m\"") + fleet);
    let service = |n| format!("[services.svc-{n:03}]\ndeployed_by = {{ fleet = \"fleet\" }}\n");
    sandbox.write("services.toml", at("services.toml") + &(0..CHANGES).map(service).collect::<String>());
    let one = |n| format!(r#"{{"service":"svc-{n:03}","environment":"fleet","version":"1.@","state":"stable"}}"#);
    let all = (0..CHANGES).map(one).collect::<Vec<_>>().join(",");
    sandbox.write("fleet.json", format!("{{\"deployments\":[{all}]}}\n"));
    sandbox.program("status", "#!/bin/sh\nexec sed \"s/@/$(date +%s | md5sum | cut -c1-7)/g\" fleet.json\n");
    by(&sandbox, "ana", &["run", "start", "ground"]).exits(0);
    let mut pty = faulty(&sandbox);
    deploying(&sandbox, &mut pty);
    pty.keys("3");
    pty.wait_for("svc-000");
    pty.wait_for("stable");
    (sandbox, pty)
}

/// Others commit for so long; says how many changes, and the slowest verb.
fn others_commit(sandbox: &Sandbox, so_long: Duration) -> (usize, Duration) {
    let end = Instant::now() + so_long;
    let (mut changes, mut slowest) = (0, Duration::ZERO);
    while Instant::now() < end {
        let held = by(sandbox, "bo", &["hold", "all", "--reason", &format!("change {changes}")]).exits(0);
        let number = notes(sandbox);
        slowest = slowest.max(held.took);
        by(sandbox, "bo", &["lift", &(number / 2 + 1).to_string(), "--reason", "well again"]).exits(0);
        changes += 2;
    }
    (changes, slowest)
}

/// How long after its cause the end of the deploy is in the journal.
fn own_commit(sandbox: &Sandbox) -> Duration {
    let asked = Instant::now();
    go(sandbox);
    wait_until("the deploy's end is in the journal", Duration::from_secs(20), || {
        format!("{:?}", facts(sandbox)).contains("web 2.0 is live")
    });
    asked.elapsed()
}

/// What a picture of more than a few cells begins with.
const PICTURE: &[u8] = b"\x1b[?2026h";

#[test]
fn a_slow_line_gets_few_pictures_and_delays_no_commit() {
    let (sandbox, mut pty) = fleet();
    // The newest line on top: each change moves all of them.
    pty.keys("7");
    pty.wait_gone("svc-000");
    let (rate, seconds) = (count(3_000, 300), count(8, 60) as u64);
    let (memory, before) = (resident(pty.pid()), pty.emitted().len());
    pty.read_slowly(Some(rate));
    let begun = Instant::now();
    let (changes, slowest) = others_commit(&sandbox, Duration::from_secs(seconds));
    let took = own_commit(&sandbox);
    // It takes as long as it takes on a busy machine, and a picture may be under way at both ends.
    let most = 4.0 * begun.elapsed().as_secs_f64() + 2.0;
    let arrived = pty.emitted().split_off(before);
    let pictures = arrived.windows(PICTURE.len()).filter(|part| *part == PICTURE).count();
    let grown = resident(pty.pid()).saturating_sub(memory);
    eprintln!(
        "{rate} B/s for {seconds} s: {pictures} pictures in {} bytes, {changes} changes, \
         own commit after {took:?}, slowest verb {slowest:?}, {grown} KiB more",
        arrived.len()
    );
    assert!(pictures as f64 <= most, "{pictures} pictures, {most} at most");
    assert!(grown <= 8 * 1024, "{grown} KiB more");
    pty.read_slowly(None);
    pty.wait_for_within("web 2.0 is live", Duration::from_secs(30));
    exact(&mut pty, "after it reads quickly again");
    leaves(&mut pty);
}

#[test]
fn a_stopped_terminal_delays_no_commit_and_takes_no_memory() {
    let (sandbox, mut pty) = fleet();
    pty.stop_output();
    let before = resident(pty.pid());
    // Small ones fit into the line until it is full. Then one is on its way and takes no end, and none is made until it
    // has left; each of some seventy changes would make one.
    fail(&sandbox, "terminal.draw#16=kill");
    let (changes, slowest) = others_commit(&sandbox, Duration::from_secs(count(4, 60) as u64));
    // What the one with the stopped terminal commits itself.
    let took = own_commit(&sandbox);
    let grown = resident(pty.pid()).saturating_sub(before);
    mend(&sandbox);
    eprintln!("{changes} changes, own commit after {took:?}, slowest verb {slowest:?}, {grown} KiB more");
    assert!(grown <= 8 * 1024, "{grown} KiB more");
    pty.resume_output();
    pty.keys("1");
    pty.wait_for("web 2.0 is live");
    exact(&mut pty, "after it reads again");
    leaves(&mut pty);
}

fn leaves(pty: &mut Pty) {
    assert_eq!(crate::ground::leave(pty), 0);
    pty.modes().restored().unwrap();
}

/// A picture of which every cell is another one each time.
fn picture(n: u64) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
    for y in 0..40 {
        buffer.set_string(0, y, format!("{:0>120}", n * 40 + u64::from(y)), Style::new());
    }
    buffer
}

#[test]
fn five_hundred_pictures_a_second_wait_for_no_reader_and_the_last_one_is_exact() {
    let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let name = pair.master.tty_name().unwrap();
    let tty = Arc::new(Tty::from_fd(rustix::fs::open(name, flags, Mode::empty()).unwrap()));
    let mut raw = rustix::termios::tcgetattr(&*tty).unwrap();
    raw.make_raw();
    rustix::termios::tcsetattr(&*tty, rustix::termios::OptionalActions::Now, &raw).unwrap();
    let (told, painted) = mpsc::channel();
    let output = Output::start(tty, Arc::new(move |event| drop(told.send(event)))).unwrap();
    let some: Vec<Buffer> = (1..=16).map(picture).collect();
    let before = resident(std::process::id() as i32);
    let frames = 500 * count(5, 60) as u64;
    let begun = Instant::now();
    let mut slowest = Duration::ZERO;
    for n in 1..=frames {
        let buffer = if n == frames { picture(n) } else { some[n as usize % 16].clone() };
        let frame = Frame { id: FrameId(n), buffer, cursor: None };
        let from = Instant::now();
        output.submit(frame);
        slowest = slowest.max(from.elapsed());
        std::thread::sleep((begun + Duration::from_millis(2 * n)).saturating_duration_since(Instant::now()));
    }
    let grown = resident(std::process::id() as i32).saturating_sub(before);
    eprintln!("{frames} pictures in {:?}, slowest hand-over {slowest:?}, {grown} KiB more", begun.elapsed());
    // The other tests of this binary share the process: their memory is in it too.
    assert!(slowest < Duration::from_millis(count(5000, 500) as u64), "{slowest:?}");
    let mut reader = pair.master.try_clone_reader().unwrap();
    let (bytes, read) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = reader.read(&mut buffer) {
            if bytes.send(buffer[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut screen = vt100::Parser::new(NonZero::new(40).unwrap(), NonZero::new(120).unwrap(), 0);
    let last = format!("{:0>120}", frames * 40 + 39);
    let exact = until(Duration::from_secs(30), || {
        while let Ok(part) = read.try_recv() {
            screen.process(&part);
        }
        screen.screen().contents().ends_with(&last).then_some(())
    });
    assert!(exact.is_some(), "{}", screen.screen().contents());
    let ids: Vec<_> =
        painted.try_iter().filter_map(|e| if let What::Painted(id) = e.what { Some(id.0) } else { None }).collect();
    assert!(ids.len() as u64 * 10 < frames && ids.last() == Some(&frames), "old pictures are not sent: {ids:?}");
    let wanted: Vec<_> = (0..40).map(|y| format!("{:0>120}", frames * 40 + y)).collect();
    assert_eq!(screen.screen().contents().lines().collect::<Vec<_>>(), wanted);
}
