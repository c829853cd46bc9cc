//! What is said in a trial, both ways, as it goes onto the tape: whole messages in the order in
//! which they went, with what differs from run to run under a name of its own.
//!
//! It cuts what the host writes as a plugin has to, so that the tape shows messages however
//! their bytes were sent. It judges nothing.

use super::super::frame::{Frame, Frames};
use super::transcript::{End, Line, Said};
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// The most lines that are kept of one trial, after equal ones were counted together.
const MOST: usize = 5000;

/// Where the processes of the trials note what was said.
pub struct Notes {
    sender: Sender<Line>,
    processes: AtomicU32,
}

impl Notes {
    /// The notes, and where they come out.
    pub fn new() -> (Self, Receiver<Line>) {
        let (sender, lines) = channel();
        (Self { sender, processes: AtomicU32::new(0) }, lines)
    }

    /// The notes of one more process.
    pub fn begin(&self) -> Noted {
        let process = self.processes.fetch_add(1, Ordering::Relaxed) + 1;
        Noted { process, sender: self.sender.clone(), written: Frames::default() }
    }

    /// Begins to count the processes anew, for the next trial.
    pub fn anew(&self) {
        self.processes.store(0, Ordering::Relaxed);
    }
}

/// The notes of one process.
pub struct Noted {
    process: u32,
    sender: Sender<Line>,
    written: Frames,
}

impl Noted {
    /// Bytes that the host wrote.
    pub fn wrote(&mut self, bytes: &[u8]) {
        let Self { process, sender, written } = self;
        written.feed(bytes, |frame| note(sender, *process, End::Host, frame));
    }

    /// A line that the plugin said.
    pub fn said(&self, frame: &Frame) {
        note(&self.sender, self.process, End::Plugin, frame.clone());
    }

    /// How the process ended.
    pub fn ended(&self, how: &str) {
        let said = Said::Ended(how.to_owned());
        let _ = self.sender.send(Line { process: self.process, from: End::Plugin, said, times: 1 });
    }
}

fn note(sender: &Sender<Line>, process: u32, from: End, frame: Frame) {
    let said = match frame {
        Frame::Message(message) => Said::Message(Value::Object(message)),
        Frame::Garbage(why) => Said::Garbage(why),
    };
    let _ = sender.send(Line { process, from, said, times: 1 });
}

/// What stands for what in the transcript: the cookie, keys, the directory.
#[derive(Debug, Default)]
pub struct Names(Vec<(String, String)>);

impl Names {
    /// With the directory that the kit stands in.
    pub fn of(root: &str) -> Self {
        Self(vec![(root.to_owned(), super::transcript::HERE.to_owned())])
    }

    /// Learns what this message of the host names.
    fn learn(&mut self, message: &Value) {
        let params = message.get("params");
        let text = |key: &str| params.and_then(|params| params.get(key)).and_then(Value::as_str);
        match message.get("method").and_then(Value::as_str) {
            Some("initialize") => self.name(text("cookie"), |_| "COOKIE".to_owned()),
            Some("perform" | "probe") => self.name(text("key"), |keys| format!("KEY-{}", keys + 1)),
            _ => {}
        }
    }

    fn name(&mut self, text: Option<&str>, name: impl Fn(usize) -> String) {
        let Some(text) = text.filter(|text| !self.0.iter().any(|(known, _)| known == text)) else { return };
        let keys = self.0.iter().filter(|(_, name)| name.starts_with("KEY-")).count();
        self.0.push((text.to_owned(), name(keys)));
    }

    /// The value with every name put in.
    pub fn put(&self, value: Value) -> Value {
        each_text(value, &|text| self.0.iter().fold(text, |text, (known, name)| text.replace(known.as_str(), name)))
    }
}

/// The value with every text of it changed, names of keys too.
pub fn each_text(value: Value, change: &impl Fn(String) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(all) => all.into_iter().map(|value| each_text(value, change)).collect(),
        Value::Object(all) => {
            let pairs = all.into_iter().map(|(key, value)| (change(key), each_text(value, change)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// The lines of one trial for the transcript, and how many were left out.
pub fn lines(heard: impl Iterator<Item = Line>, names: &mut Names) -> (Vec<Line>, u64) {
    let (mut all, mut left_out): (Vec<Line>, u64) = (Vec::new(), 0);
    for mut line in heard {
        if let Said::Message(message) = line.said {
            if line.from == End::Host {
                names.learn(&message);
            }
            line.said = Said::Message(names.put(message));
        }
        let full = all.len() >= MOST;
        match all.last_mut() {
            Some(last) if last.followed_by(&line) => last.times += 1,
            _ if full => left_out += 1,
            _ => all.push(line),
        }
    }
    (all, left_out)
}
