//! A program in a terminal of its own, with the moment at which each of its
//! bytes arrived.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// Before a row that stands out.
pub const MARK: &str = "\u{25b8} ";
/// The column by which rows are told to stand out.
const COLUMN: u16 = 10;

/// A running program and what it shows.
pub struct Screen {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    arrived: Receiver<(Instant, Vec<u8>)>,
    emulator: vt100::Parser,
    marks: bool,
    started: Instant,
    master: Box<dyn MasterPty + Send>,
}

impl Screen {
    pub fn start(program: &str, words: &[&str], environment: &[(String, String)], (cols, rows): (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(words);
        environment.iter().for_each(|(name, value)| command.env(name, value));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, arrived) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                let _ = sender.send((Instant::now(), buffer[..length].to_vec()));
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let extent = |cells| NonZero::new(cells).unwrap();
        Self {
            child,
            writer: pair.master.take_writer().unwrap(),
            arrived,
            emulator: vt100::Parser::new(extent(rows), extent(cols), 0),
            marks: false,
            started,
            master: pair.master,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// From now on a row that stands out by the colour behind it has [`MARK`] before its text.
    pub fn mark(&mut self) {
        self.marks = true;
    }

    /// What it shows.
    pub fn shown(&self) -> String {
        let screen = self.emulator.screen();
        if !self.marks {
            return screen.contents();
        }
        let (rows, columns) = screen.size();
        let (rows, columns) = (rows.get(), columns.get());
        let behind = |row: u16| screen.cell(row, COLUMN).map(|cell| (cell.bgcolor(), cell.inverse()));
        let usual = behind(rows / 2 - 1).filter(|one| Some(*one) == behind(rows / 2 + 1)).or_else(|| behind(rows / 2));
        let marked = |(row, text): (u16, String)| if behind(row) == usual { text } else { format!("{MARK}{text}") };
        let texts = (0..rows).zip(screen.rows(0, columns));
        texts.map(marked).collect::<Vec<_>>().join("\n")
    }

    /// How long ago it was started.
    pub fn since(&self) -> Duration {
        self.started.elapsed()
    }

    /// Presses a key and waits for nothing.
    pub fn send(&mut self, key: &str) {
        self.writer.write_all(key.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// How long after the start the screen first was so.
    pub fn until(&mut self, limit: Duration, holds: impl Fn(&str) -> bool) -> Option<Duration> {
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let (at, bytes) = self.arrived.recv_timeout(left).ok()?;
            self.take_in(&bytes);
            if holds(&self.shown()) {
                return Some(at - self.started);
            }
        }
    }

    /// Presses a key and tells how long the screen took to be so.
    pub fn key(&mut self, key: &str, holds: impl Fn(&str) -> bool) -> Duration {
        self.answer(key, holds).unwrap_or_else(|| panic!("{key} shows nothing"))
    }

    /// The same; nothing where it was not so within ten seconds.
    pub fn answer(&mut self, key: &str, holds: impl Fn(&str) -> bool) -> Option<Duration> {
        self.answer_within(Duration::from_secs(10), key, holds)
    }

    /// The same, with another limit.
    pub fn answer_within(&mut self, limit: Duration, key: &str, holds: impl Fn(&str) -> bool) -> Option<Duration> {
        self.catch_up();
        let pressed = Instant::now();
        self.send(key);
        let shown = self.until(limit, holds)?;
        Some((self.started + shown).saturating_duration_since(pressed))
    }

    /// Presses keys at once and tells when what is seen of the screen last changed before a silence.
    pub fn settles(&mut self, keys: &str, silence: Duration, seen: impl Fn(&str) -> String) -> Duration {
        self.catch_up();
        let (pressed, mut before) = (Instant::now(), seen(&self.shown()));
        self.send(keys);
        let mut last = pressed;
        loop {
            let left = (last + silence).saturating_duration_since(Instant::now());
            let Ok((at, bytes)) = self.arrived.recv_timeout(left) else { return last - pressed };
            self.take_in(&bytes);
            let now = seen(&self.shown());
            if now != before {
                (last, before) = (at.max(pressed), now);
            }
        }
    }

    /// Shows what arrived, and answers as a terminal does that is asked where its cursor is.
    fn take_in(&mut self, bytes: &[u8]) {
        self.emulator.process(bytes);
        if bytes.windows(4).any(|asked| asked == b"\x1b[6n") {
            let (row, column) = self.emulator.screen().cursor_position();
            let _ = write!(self.writer, "\x1b[{};{}R", row + 1, column + 1);
            let _ = self.writer.flush();
        }
    }

    /// Takes in what has arrived.
    pub fn catch_up(&mut self) {
        while let Ok((_, bytes)) = self.arrived.try_recv() {
            self.take_in(&bytes);
        }
    }

    /// Lets it be; tells how many bytes it wrote meanwhile.
    pub fn rest(&mut self, time: Duration) -> usize {
        let deadline = Instant::now() + time;
        let mut written = 0;
        while let Ok((_, bytes)) = self.arrived.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            written += bytes.len();
            self.take_in(&bytes);
        }
        written
    }

    /// Presses a key and tells how many bytes it made the program write.
    pub fn bytes_of(&mut self, key: &str) -> usize {
        self.rest(Duration::from_millis(20));
        self.writer.write_all(key.as_bytes()).unwrap();
        self.writer.flush().unwrap();
        self.rest(Duration::from_millis(60))
    }

    /// Resizes it many times and tells how long after the last one it still wrote.
    pub fn storm(&mut self, times: u16) -> Duration {
        let size = |n: u16| PtySize { rows: 24 + n % 40, cols: 80 + n * 7 % 160, pixel_width: 0, pixel_height: 0 };
        (0..=times).for_each(|n| self.master.resize(size(n)).unwrap());
        let last = Instant::now();
        let mut settled = last;
        // The clock ticks once a second; what follows a silence longer than may be is not the storm's.
        while let Ok((at, _)) = self.arrived.recv_timeout(Duration::from_millis(60)) {
            settled = at.max(last);
        }
        settled - last
    }

    /// Leaves it by a key and tells how long it took to be gone.
    pub fn left_by(mut self, key: &str) -> Duration {
        let pressed = Instant::now();
        self.send(key);
        let _ = self.child.wait();
        pressed.elapsed()
    }

    /// Ends it as a closed terminal does, and waits until it has gone.
    pub fn leave(mut self) {
        let pid = rustix::process::Pid::from_raw(self.pid() as i32).unwrap();
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}
