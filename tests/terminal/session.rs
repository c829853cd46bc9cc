//! How a session with the terminal goes and how it ends, in a PTY.

use super::pty::{Pty, SIZE, pid_on, probe, screen_of, ticks, wait};
use crate::standstill::stood_still;
use holdpoint::tui::terminal::modes::Modes;
use holdpoint::tui::terminal::signals::SWAPPED;
use holdpoint::tui::terminal::tty::Tty;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::fs::{Mode, OFlags};
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[test]
fn a_key_ends_it_and_every_mode_is_restored() {
    let mut pty = Pty::start();
    pty.look(|screen| assert!(screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste()));
    pty.send(b"q");
    assert_eq!(pty.ended(), 0);
    pty.is_restored();
}

#[test]
fn signals_end_it_and_every_mode_is_restored() {
    for (signal, code) in [("-TERM", 3), ("-INT", 3), ("-HUP", 4)] {
        let mut pty = Pty::start();
        pty.signal(signal);
        assert_eq!(pty.ended(), code, "{signal}");
        pty.is_restored();
    }
}

#[test]
fn a_panic_in_a_worker_is_told_after_the_screen_was_given_back() {
    let mut pty = Pty::start();
    pty.send(b"W");
    assert_eq!(pty.ended(), 5);
    pty.is_restored();
    let raw = pty.raw();
    let (restored, said) = (raw.rfind("?1049l").unwrap(), raw.find("worked badly\\u{1b}[31m").unwrap());
    assert!(restored < said && raw.contains("thread worker panicked"), "{raw:?}");
}

#[test]
fn a_panic_in_draw_restores_every_mode_once() {
    let mut pty = Pty::start();
    pty.send(b"D");
    assert_ne!(pty.ended(), 0);
    pty.is_restored();
    let raw = pty.raw();
    assert!(raw.rfind("?1049l").unwrap() < raw.find("drawn badly").unwrap(), "{raw:?}");
}

/// The threads of a program that ask for the shortest turns of the processor, where its kernel says.
fn short_turns(pid: u32) -> Vec<String> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten().map(|task| task.path());
    let read = |path: std::path::PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let short = |task: &std::path::PathBuf| {
        let said = read(task.join("sched"));
        let slice = said.lines().find_map(|line| line.strip_prefix("se.slice")?.split(':').next_back());
        slice.is_some_and(|slice| slice.trim() == "100000")
    };
    tasks.filter(short).map(|task| read(task.join("comm")).trim().to_owned()).collect()
}

#[test]
fn the_threads_of_a_key_ask_for_short_turns() {
    let release = rustix::system::uname().release().to_string_lossy().into_owned();
    let mut numbers = release.split('.').map_while(|part| part.parse::<u32>().ok());
    let tells = std::fs::read_to_string("/proc/self/sched").is_ok_and(|said| said.contains("se.slice"));
    if !tells || (numbers.next(), numbers.next()) < (Some(6), Some(12)) {
        eprintln!("this kernel ({release}) has no such turns, or does not say");
        return;
    }
    let mut pty = Pty::start();
    let pid = pty.child.process_id().unwrap();
    // Reading, writing, and what draws.
    pty.wait_until("three threads", |_| short_turns(pid).len() >= 3);
    let seen = short_turns(pid);
    assert!(["terminal-input", "terminal-output"].iter().all(|name| seen.iter().any(|it| it == name)), "{seen:?}");
    pty.send(b"q");
    assert_eq!(pty.ended(), 0);
}

/// So many seconds, where `HOLDPOINT_FULL=1` measures them; more where the machine may be busy.
fn promised(seconds: u64) -> Duration {
    Duration::from_secs(if std::env::var_os("HOLDPOINT_FULL").is_some() { seconds } else { 20 })
}

/// Reads until the probe's first frame is whole, and not a byte further than needed.
fn first_frame(reader: &mut dyn Read, size: PtySize) -> String {
    let mut screen = screen_of(size.rows, size.cols);
    while !screen.screen().contents().contains("seen 0.") {
        let mut buffer = [0; 4096];
        let n = reader.read(&mut buffer).unwrap();
        screen.process(&buffer[..n]);
    }
    screen.screen().contents()
}

/// Starts a command in a PTY, waits for the probe's first frame, and closes
/// the PTY as a closed window does. Returns the probe's pid and the ticks it had used.
fn close_the_window(command: CommandBuilder) -> (u32, u64) {
    let pair = native_pty_system().openpty(SIZE).unwrap();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let pid = pid_on(&first_frame(&mut reader, SIZE));
    let used = ticks(pid).unwrap();
    drop((reader, pair.master));
    std::thread::spawn(move || child.wait());
    (pid, used)
}

#[test]
fn a_closed_terminal_ends_it_also_when_no_signal_says_so() {
    // The shell is the session's leader and keeps the hang-up to itself.
    let quiet = "trap '' HUP; \"$0\" \"$@\"; :";
    for script in [None, Some(quiet)] {
        let (pid, before) = close_the_window(probe(script));
        let (start, still) = (Instant::now(), stood_still());
        let (limit, mut burnt) = (promised(2), 0);
        while let Some(now) = ticks(pid) {
            burnt = now - before;
            assert!(
                start.elapsed() < limit + (stood_still() - still),
                "{script:?}: alive {limit:?} after its terminal"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(burnt < 20, "{script:?}: {burnt} ticks");
    }
}

#[test]
fn split_sequences_arrive_whole() {
    let mut pty = Pty::start();
    for gap in [5, 20] {
        pty.send_slowly(&[b"\x1b", b"[", b"1", b";", b"5", b"A"], Duration::from_millis(gap));
        pty.send_slowly(&[b"\xe6", b"\x97", b"\xa5"], Duration::from_millis(gap));
        pty.send_slowly(&[b"\x1b[2", b"00", b"~one\r", b"two\x1b[2", b"01~"], Duration::from_millis(gap));
    }
    pty.wait_until("both pastes", |pty| pty.text().matches("paste").count() == 2);
    let text = pty.text();
    // On a machine that stalls for 50 ms an Escape comes first; letters never do.
    let told = |line: &&str| line.starts_with("key") || line.starts_with("paste");
    let lines: Vec<_> = text.lines().filter(told).filter(|line| *line != "key esc").collect();
    assert_eq!(lines, ["key ctrl-up", "key 日", "paste \"one\\ntwo\""].repeat(2));
}

#[test]
fn escape_alone_is_escape_and_focus_is_told() {
    let mut pty = Pty::start();
    pty.send(b"\x1b");
    pty.wait_for("key esc");
    pty.send(b"\x1b[O\x1b[I\x1b[<0;3;4M");
    pty.wait_for("focus true");
    assert!(pty.text().contains("focus false") && pty.text().contains("seen 3."), "{}", pty.text());
}

#[test]
fn a_storm_of_resizes_ends_in_the_right_picture() {
    let mut pty = Pty::start();
    for n in 0..60_u16 {
        let (rows, cols) = [(0, 0), (1, 1), (5, 2000), (50, 200), (n + 1, 3 * n)][usize::from(n) % 5];
        pty.resize(rows, cols);
    }
    pty.resize(9, 47);
    pty.send(b"x");
    pty.wait_for("47x9 seen 1.");
    pty.wait_until("a clean screen", |pty| {
        pty.text().lines().next().is_some_and(|line| line.trim_end() == format!("probe pid {}", pty.pid()))
    });
    pty.send(b"q");
    assert_eq!(pty.ended(), 0);
}

#[test]
fn it_stops_and_goes_on() {
    let mut pty = Pty::start();
    for n in 1..=3 {
        pty.signal("-TSTP");
        let pid = pty.child.process_id().unwrap();
        let stopped = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap().contains(") T ");
        wait("the stop", stopped, || pty.text());
        pty.modes_are_back();
        pty.signal("-CONT");
        pty.wait_for(&format!("seen {n}."));
        pty.look(|screen| assert!(screen.alternate_screen() && screen.hide_cursor()));
        // A stop right behind it would count as taken back.
        std::thread::sleep(SWAPPED * 2);
    }
    pty.send(b"k");
    pty.wait_for("key k");
    pty.send(b"q");
    assert_eq!(pty.ended(), 0);
    pty.is_restored();
}

#[test]
fn nothing_is_written_and_nothing_burnt_while_nothing_happens() {
    let pty = Pty::start();
    pty.wait_for("seen 0.");
    let quiet_since = |count: usize| move |pty: &Pty| pty.count() == count;
    let mut count = pty.count();
    while {
        std::thread::sleep(Duration::from_millis(100));
        !quiet_since(count)(&pty)
    } {
        count = pty.count();
    }
    let burnt = ticks(pty.pid()).unwrap();
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(pty.count(), count, "{}", pty.raw());
    assert!(ticks(pty.pid()).unwrap() - burnt <= 5);
}

#[test]
fn colour_free_terminals_keep_bold_and_reverse() {
    let mut command = probe(None);
    command.env("NO_COLOR", "1");
    let pty = Pty::with(command);
    pty.look(|screen| {
        let cell = screen.cell(0, 0).unwrap();
        assert!(cell.bold() && cell.inverse());
    });
}

#[test]
fn a_terminal_that_takes_nothing_delays_neither_keys_nor_the_end() {
    let size = PtySize { rows: 200, cols: 500, ..SIZE };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = probe(None);
    // Its last words on standard error would wait for us as any program's do.
    command.env("HOLDPOINT_PROBE", "silent");
    let mut child = pair.slave.spawn_command(command).unwrap();
    let mut reader = pair.master.try_clone_reader().unwrap();
    first_frame(&mut reader, size);
    // From here nobody reads, and the frames that F5 asks for are larger than any buffer between.
    std::io::Write::write_all(&mut pair.master.take_writer().unwrap(), b"\x1b[15~q").unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < promised(2), "held up by the terminal");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn keys_that_nobody_read_do_not_reach_the_shell() {
    let pair = native_pty_system().openpty(SIZE).unwrap();
    let name = pair.master.tty_name().unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK;
    let tty = Arc::new(Tty::from_fd(rustix::fs::open(name, flags, Mode::empty()).unwrap()));
    let mut modes = Modes::new(Arc::clone(&tty));
    modes.enter().unwrap();
    // Kept to the end: dropping it sends an end of file of its own.
    let mut writer = pair.master.take_writer().unwrap();
    std::io::Write::write_all(&mut writer, b"reboot\r").unwrap();
    let waiting = || rustix::io::ioctl_fionread(&*tty).unwrap();
    wait("the keys", || waiting() == 7, || waiting().to_string());
    modes.leave();
    assert_eq!(waiting(), 0);
    assert!(!modes.entered());
}
