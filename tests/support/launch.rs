//! What to start, in what kind of terminal; and the thread that reads what it writes.
//!
//! The environment is empty unless given, so that nothing of the machine decides a test.

use super::pty::{Pty, Wires};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::ffi::OsString;
use std::io::Read;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How often a slow terminal reads.
const BEAT: Duration = Duration::from_millis(100);

/// What to start, and in what kind of terminal.
pub struct Launch {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(String, String)>,
    directory: PathBuf,
    size: (u16, u16),
}

impl Launch {
    /// A program with arguments, an empty environment and 80×24 cells.
    pub fn new(program: &str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(OsString::from).collect();
        Self { program: program.into(), arguments, environment: Vec::new(), directory: "/".into(), size: (80, 24) }
    }

    /// Adds variables; a later one replaces an earlier one of its name.
    pub fn environment(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(variables);
        self
    }

    /// Adds one variable.
    pub fn env(self, name: &str, value: &str) -> Self {
        self.environment([(name.to_owned(), value.to_owned())])
    }

    /// Where it is started.
    pub fn directory(mut self, directory: impl AsRef<Path>) -> Self {
        self.directory = directory.as_ref().to_owned();
        self
    }

    /// Columns and rows.
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// Starts it.
    #[track_caller]
    pub fn start(self) -> Pty {
        let pair = native_pty_system().openpty(cells(self.size)).unwrap();
        let mut command = CommandBuilder::new(&self.program);
        command.env_clear();
        command.args(&self.arguments);
        command.cwd(&self.directory);
        self.environment.iter().for_each(|(name, value)| command.env(name, value));
        let name = pair.master.tty_name().unwrap();
        let started = Instant::now();
        let child =
            pair.slave.spawn_command(command).unwrap_or_else(|e| panic!("cannot start {:?}: {e}", self.program));
        drop(pair.slave);
        let output = Arc::new(Mutex::new(Output::new(self.size)));
        listen(pair.master.try_clone_reader().unwrap(), Arc::clone(&output));
        let wires = Wires { writer: pair.master.take_writer().unwrap(), master: pair.master };
        Pty::running(child, wires, name, output, started)
    }
}

/// What a program has written, and the screen that makes.
pub(super) struct Output {
    pub(super) emulator: vt100::Parser,
    pub(super) bytes: Vec<u8>,
    /// How many bytes a second are read, if it is not all at once.
    pub(super) rate: Option<usize>,
    pub(super) closing: bool,
    pub(super) ended: bool,
}

impl Output {
    fn new((columns, rows): (u16, u16)) -> Self {
        Self {
            emulator: vt100::Parser::new(extent(rows), extent(columns), 0),
            bytes: Vec::new(),
            rate: None,
            closing: false,
            ended: false,
        }
    }
}

/// The size as the terminal driver takes it.
pub(super) fn cells((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// A number of rows or columns as the emulator takes it.
#[track_caller]
pub(super) fn extent(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("a terminal has rows and columns")
}

/// Feeds what the program writes to the emulator until it ends or the terminal is closed.
fn listen(mut reader: Box<dyn Read + Send>, output: Arc<Mutex<Output>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        loop {
            let rate = output.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).rate;
            let most = rate.map_or(buffer.len(), |rate| {
                std::thread::sleep(BEAT);
                (rate * BEAT.as_millis() as usize / 1000).clamp(1, buffer.len())
            });
            // Linux reports a terminal that nobody has open any more as an error.
            let length = reader.read(&mut buffer[..most]).unwrap_or(0);
            let mut output = output.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            if length == 0 || output.closing {
                drop(reader);
                output.ended = true;
                return;
            }
            output.emulator.process(&buffer[..length]);
            output.bytes.extend_from_slice(&buffer[..length]);
        }
    });
}
