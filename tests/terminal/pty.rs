//! A PTY with the probe in it and a model of its screen; waits for conditions.

use crate::standstill::stood_still;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub struct Pty {
    pub child: Box<dyn Child + Send + Sync>,
    pub master: Box<dyn MasterPty + Send>,
    /// Kept so that the modes can be looked at when the probe has ended.
    _slave: Box<dyn SlavePty + Send>,
    writer: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
    bytes: Arc<AtomicUsize>,
    before: String,
}

/// The outer limit of whatever is waited for.
const LONG: Duration = Duration::from_secs(60);

pub const SIZE: PtySize = PtySize { rows: 12, cols: 60, pixel_width: 0, pixel_height: 0 };

/// The command that runs the probe, directly or behind `sh -c SCRIPT`.
pub fn probe(script: Option<&str>) -> CommandBuilder {
    let this = std::env::current_exe().unwrap();
    let mut command = match script {
        None => CommandBuilder::new(&this),
        Some(script) => {
            let mut sh = CommandBuilder::new("sh");
            sh.args(["-c", script]);
            sh.arg(&this);
            sh
        }
    };
    command.args(["--exact", "probe::run", "--ignored", "--nocapture", "--test-threads=1", "-q"]);
    command.env("HOLDPOINT_PROBE", "1");
    command.env("TERM", "xterm-256color");
    command
}

impl Pty {
    pub fn start() -> Self {
        Self::with(probe(None))
    }

    pub fn with(command: CommandBuilder) -> Self {
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let before = format!("{:?}", pair.master.get_termios().unwrap());
        let mut reader = pair.master.try_clone_reader().unwrap();
        let screen = Arc::new(Mutex::new(screen_of(SIZE.rows, SIZE.cols)));
        let (raw, bytes) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let theirs = (Arc::clone(&screen), Arc::clone(&raw), Arc::clone(&bytes));
        let child = pair.slave.spawn_command(command).unwrap();
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                theirs.0.lock().unwrap().process(&buffer[..n]);
                theirs.1.lock().unwrap().extend_from_slice(&buffer[..n]);
                theirs.2.fetch_add(n, Ordering::SeqCst);
            }
        });
        let writer = pair.master.take_writer().unwrap();
        let pty = Self { child, master: pair.master, _slave: pair.slave, writer, screen, raw, bytes, before };
        pty.wait_for("probe pid");
        pty
    }

    pub fn pid(&self) -> u32 {
        pid_on(&self.text())
    }

    pub fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    pub fn look<T>(&self, at: impl FnOnce(&vt100::Screen) -> T) -> T {
        at(self.screen.lock().unwrap().screen())
    }

    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.raw.lock().unwrap()).into_owned()
    }

    pub fn count(&self) -> usize {
        self.bytes.load(Ordering::SeqCst)
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).unwrap();
        self.writer.flush().unwrap();
    }

    /// Sends the parts with a pause between them.
    pub fn send_slowly(&mut self, parts: &[&[u8]], pause: Duration) {
        for part in parts {
            self.send(part);
            std::thread::sleep(pause);
        }
    }

    pub fn resize(&self, rows: u16, cols: u16) {
        self.screen.lock().unwrap().screen_mut().set_size(cells(rows), cells(cols));
        self.master.resize(PtySize { rows, cols, ..SIZE }).unwrap();
    }

    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        wait(&format!("{text:?} on the screen"), || self.text().contains(text), || self.text());
    }

    #[track_caller]
    pub fn wait_until(&self, what: &str, test: impl Fn(&Self) -> bool) {
        wait(what, || test(self), || self.text());
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Waits for the end and returns the exit code.
    #[track_caller]
    pub fn ended(&mut self) -> u32 {
        let (start, before) = (Instant::now(), stood_still());
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(start.elapsed() < LONG + (stood_still() - before), "still running:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Every mode is as it was before the probe began.
    #[track_caller]
    pub fn is_restored(&self) {
        wait("the last words", || self.raw().contains("ended") || self.raw().contains("panicked"), || self.raw());
        self.modes_are_back();
        let raw = self.raw();
        for mode in ["?1049", "?2004", "?1004"] {
            assert_eq!(raw.matches(&format!("{mode}h")).count(), raw.matches(&format!("{mode}l")).count(), "{mode}");
        }
    }

    #[track_caller]
    pub fn modes_are_back(&self) {
        wait("the primary screen", || !self.look(vt100::Screen::alternate_screen), || self.raw());
        assert!(!self.look(vt100::Screen::hide_cursor), "the cursor is still hidden");
        assert!(!self.look(vt100::Screen::bracketed_paste), "bracketed paste is still on");
        assert_eq!(format!("{:?}", self.master.get_termios().unwrap()), self.before);
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN)
}

/// An empty screen of this size.
pub fn screen_of(rows: u16, cols: u16) -> vt100::Parser {
    vt100::Parser::new(cells(rows), cells(cols), 0)
}

pub fn pid_on(text: &str) -> u32 {
    let rest = text.split_once("probe pid ").unwrap().1;
    rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

/// The time a process has run on a processor, in clock ticks; none when it is gone or a zombie.
pub fn ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    let fields: Vec<_> = fields.collect();
    Some(fields[10].parse::<u64>().ok()? + fields[11].parse::<u64>().ok()?)
}

#[track_caller]
pub fn wait(what: &str, test: impl Fn() -> bool, now: impl Fn() -> String) {
    let (start, before) = (Instant::now(), stood_still());
    while !test() {
        assert!(start.elapsed() < LONG + (stood_still() - before), "waited for {what}; there is:\n{}", now());
        std::thread::sleep(Duration::from_millis(3));
    }
}
