//! Bytes of a terminal, made into keys, pastes and focus changes.
//!
//! Incremental and pure: bytes and instants go in, inputs come out, and nothing
//! else is kept than what is unfinished. It never lets part of a sequence out
//! as characters, however the bytes were split: a lone ESC is Escape only after
//! nothing followed for a while, and what follows it late is still read as the
//! sequence it belonged to. Replies and the old mouse reports are swallowed.

use super::csi;
use super::event::{Paste, What};
use super::key::{Code, Key};
use std::time::{Duration, Instant};

/// How long a lone ESC waits for the rest of a sequence.
pub const ESCAPE: Duration = Duration::from_millis(50);
/// How long a sequence's rest may come after its ESC was taken for Escape.
pub const ORPHAN: Duration = Duration::from_millis(300);
/// How long a begun sequence or character waits for its next byte.
pub const SEQUENCE: Duration = Duration::from_secs(1);
/// How long a paste may be silent before it counts as torn and over, and how long the rest
/// of one that went on for too long may be: that is never keys, however the link stalls.
pub const PASTE: Duration = Duration::from_secs(2);
/// How long a paste may go on in all before it counts as torn, however steadily it trickles.
pub const PASTE_IN_ALL: Duration = Duration::from_secs(10);
/// How much of a paste is kept, in bytes.
pub const PASTE_KEPT: usize = 1 << 20;

const END_OF_PASTE: &[u8] = b"\x1b[201~";
const LONGEST: usize = 64;

#[derive(Debug)]
enum State {
    Ground,
    Escape,
    Utf8 {
        bytes: Vec<u8>,
        length: usize,
        alt: bool,
    },
    Csi {
        bytes: Vec<u8>,
        orphan: bool,
    },
    Ss3 {
        orphan: bool,
    },
    /// `ESC [ [` of the Linux console: one letter follows.
    Console,
    /// An old mouse report: this many raw bytes follow.
    Mouse(u8),
    /// OSC, DCS, APC, PM or SOS; whether its last byte was ESC.
    Text {
        escape: bool,
    },
    Paste {
        bytes: Vec<u8>,
        matched: usize,
        cut: bool,
        since: Instant,
    },
    /// The rest of a torn paste: swallowed to its end or until nothing comes any more.
    Spilt {
        matched: usize,
    },
}

/// The parser; what it keeps is the unfinished sequence.
#[derive(Debug)]
pub struct Parser {
    state: State,
    last: Option<Instant>,
    lone_escape: Option<Instant>,
}

impl Default for Parser {
    fn default() -> Self {
        Self { state: State::Ground, last: None, lone_escape: None }
    }
}

impl Parser {
    /// Takes the bytes of one read and appends what they complete.
    pub fn feed(&mut self, bytes: &[u8], now: Instant, out: &mut Vec<What>) {
        self.expire(now, out);
        for &byte in bytes {
            self.byte(byte, now, out);
        }
        self.last = Some(now);
    }

    /// When [`Parser::expire`] must be called if no byte comes before.
    pub fn deadline(&self) -> Option<Instant> {
        let wait = match &self.state {
            State::Ground => return None,
            State::Escape => ESCAPE,
            State::Csi { orphan: true, .. } | State::Ss3 { orphan: true } => ORPHAN,
            State::Paste { since, .. } => return self.last.map(|last| (last + PASTE).min(*since + PASTE_IN_ALL)),
            State::Spilt { .. } => PASTE,
            _ => SEQUENCE,
        };
        self.last.map(|last| last + wait)
    }

    /// Ends what has waited too long: ESC becomes Escape, a bare introducer its
    /// character, a paste is handed out as torn and what of it still comes is
    /// swallowed, anything else is dropped.
    pub fn expire(&mut self, now: Instant, out: &mut Vec<What>) {
        let Some(due) = self.deadline().filter(|deadline| now >= *deadline) else { return };
        match std::mem::replace(&mut self.state, State::Ground) {
            State::Escape => {
                out.push(key(Code::Esc));
                self.lone_escape = self.last;
            }
            State::Csi { bytes, orphan } if bytes.is_empty() => out.push(introducer('[', orphan)),
            State::Ss3 { orphan } => out.push(introducer('O', orphan)),
            State::Paste { bytes, matched, cut, .. } => {
                out.push(paste(&bytes, cut, true));
                // One that was silent is over: whoever types next is a person.
                if self.last.is_some_and(|last| due < last + PASTE) {
                    self.state = State::Spilt { matched };
                    // Whoever comes so late that this is over too is told so at once.
                    self.expire(now, out);
                }
            }
            _ => {}
        }
    }

    fn byte(&mut self, byte: u8, now: Instant, out: &mut Vec<What>) {
        match std::mem::replace(&mut self.state, State::Ground) {
            State::Ground => self.ground(byte, now, out),
            State::Escape => self.escape(byte, now, out),
            State::Utf8 { bytes, length, alt } => self.utf8(bytes, length, alt, byte, now, out),
            State::Csi { bytes, orphan } => self.csi(bytes, orphan, byte, now, out),
            State::Ss3 { orphan } => self.ss3(orphan, byte, now, out),
            State::Console => out.extend(csi::console(byte).map(What::Key)),
            State::Mouse(left) if left > 1 => self.state = State::Mouse(left - 1),
            State::Mouse(_) => {}
            State::Text { escape } => self.text(escape, byte),
            State::Paste { bytes, matched, cut, since } => self.paste(bytes, (matched, cut, since), byte, out),
            State::Spilt { matched } => self.spilt(matched, byte),
        }
    }

    fn ground(&mut self, byte: u8, now: Instant, out: &mut Vec<What>) {
        let lone = self.lone_escape.take().is_some_and(|at| now < at + ORPHAN);
        match byte {
            0x1b => self.state = State::Escape,
            b'[' if lone => self.state = State::Csi { bytes: Vec::new(), orphan: true },
            b'O' if lone => self.state = State::Ss3 { orphan: true },
            0x20..=0x7e => out.push(What::Key(Key::char(char::from(byte)))),
            0x80.. => self.begin_utf8(byte, false),
            _ => out.push(What::Key(control(byte))),
        }
    }

    fn escape(&mut self, byte: u8, now: Instant, out: &mut Vec<What>) {
        match byte {
            0x1b => {
                out.push(key(Code::Esc));
                self.state = State::Escape;
            }
            b'[' => self.state = State::Csi { bytes: Vec::new(), orphan: false },
            b'O' => self.state = State::Ss3 { orphan: false },
            b']' | b'P' | b'_' | b'^' | b'X' => self.state = State::Text { escape: false },
            0x80.. => self.begin_utf8(byte, true),
            _ => {
                let from = out.len();
                self.ground(byte, now, out);
                for what in out.iter_mut().skip(from) {
                    if let What::Key(key) = what {
                        *key = key.with_alt();
                    }
                }
            }
        }
    }

    fn begin_utf8(&mut self, byte: u8, alt: bool) {
        let length = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return,
        };
        self.state = State::Utf8 { bytes: vec![byte], length, alt };
    }

    fn utf8(&mut self, mut bytes: Vec<u8>, length: usize, alt: bool, byte: u8, now: Instant, out: &mut Vec<What>) {
        if !(0x80..=0xbf).contains(&byte) {
            return self.ground(byte, now, out);
        }
        bytes.push(byte);
        if bytes.len() < length {
            self.state = State::Utf8 { bytes, length, alt };
            return;
        }
        let decoded = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
        if let Some(c) = decoded.filter(|c| !c.is_control()) {
            out.push(What::Key(Key { alt, ..Key::char(c) }));
        }
    }

    fn csi(&mut self, mut bytes: Vec<u8>, orphan: bool, byte: u8, now: Instant, out: &mut Vec<What>) {
        match byte {
            b'[' if bytes.is_empty() => self.state = State::Console,
            b'M' if bytes.is_empty() => self.state = State::Mouse(3),
            b'~' if bytes == b"200" => {
                self.state = State::Paste { bytes: Vec::new(), matched: 0, cut: false, since: now };
            }
            0x20..=0x3f => {
                // An overlong one is still swallowed to its end, but says nothing any more.
                if bytes.len() < LONGEST {
                    bytes.push(byte);
                }
                self.state = State::Csi { bytes, orphan };
            }
            0x40..=0x7e => out.extend(csi::decode(&bytes, byte)),
            _ => self.ground(byte, now, out),
        }
    }

    fn ss3(&mut self, orphan: bool, byte: u8, now: Instant, out: &mut Vec<What>) {
        match csi::ss3(byte) {
            Some(key) if !orphan || byte.is_ascii_uppercase() => out.push(What::Key(key)),
            _ if orphan || !(0x20..=0x7e).contains(&byte) => {
                if orphan {
                    out.push(introducer('O', true));
                }
                self.ground(byte, now, out);
            }
            _ => {}
        }
    }

    fn text(&mut self, escape: bool, byte: u8) {
        match byte {
            0x07 | 0x18 | 0x1a => {}
            b'\\' if escape => {}
            // An ESC that begins something else ends the text.
            b'[' if escape => self.state = State::Csi { bytes: Vec::new(), orphan: false },
            _ => self.state = State::Text { escape: byte == 0x1b },
        }
    }

    fn paste(
        &mut self,
        mut bytes: Vec<u8>,
        (mut matched, mut cut, since): (usize, bool, Instant),
        byte: u8,
        out: &mut Vec<What>,
    ) {
        let held = matched;
        if END_OF_PASTE.get(matched) == Some(&byte) {
            matched += 1;
            if matched == END_OF_PASTE.len() {
                out.push(paste(&bytes, cut, false));
                return;
            }
        } else {
            matched = usize::from(byte == 0x1b);
            let owed = END_OF_PASTE.iter().take(held).chain((matched == 0).then_some(&byte));
            for &byte in owed {
                if bytes.len() < PASTE_KEPT {
                    bytes.push(byte);
                } else {
                    cut = true;
                }
            }
        }
        self.state = State::Paste { bytes, matched, cut, since };
    }

    fn spilt(&mut self, matched: usize, byte: u8) {
        let matched = if END_OF_PASTE.get(matched) == Some(&byte) { matched + 1 } else { usize::from(byte == 0x1b) };
        if matched < END_OF_PASTE.len() {
            self.state = State::Spilt { matched };
        }
    }
}

fn key(code: Code) -> What {
    What::Key(Key::new(code))
}

/// A bare `[` or `O` after ESC: with Alt, or by itself when ESC already was Escape.
fn introducer(c: char, orphan: bool) -> What {
    What::Key(Key { alt: !orphan, ..Key::char(c) })
}

fn control(byte: u8) -> Key {
    match byte {
        b'\r' => Key::new(Code::Enter),
        b'\t' => Key::new(Code::Tab),
        0x08 | 0x7f => Key::new(Code::Backspace),
        0x00 => Key::ctrl(' '),
        0x01..=0x1a => Key::ctrl(char::from(byte + 0x60)),
        _ => Key::ctrl(char::from(byte.wrapping_add(0x40))),
    }
}

fn paste(bytes: &[u8], cut: bool, torn: bool) -> What {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    What::Paste(Paste { text, cut, torn })
}
