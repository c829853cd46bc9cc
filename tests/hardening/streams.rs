//! Streams of keys as bad links, bad terminals and bad luck make them.

use crate::chance::Chance;
use holdpoint::tui::action::TABLE;
use holdpoint::tui::terminal::{Code, Key};

/// Bytes that come in one read, and the milliseconds before them.
pub type Read = (u64, Vec<u8>);

/// What a terminal sends for a key.
pub fn sent(key: Key) -> Vec<u8> {
    let held = 1 + u8::from(key.shift) + 2 * u8::from(key.alt) + 4 * u8::from(key.ctrl);
    let letter = |last: char| match held {
        1 => format!("\x1b[{last}").into_bytes(),
        _ => format!("\x1b[1;{held}{last}").into_bytes(),
    };
    let number = |n: u8| match held {
        1 => format!("\x1b[{n}~").into_bytes(),
        _ => format!("\x1b[{n};{held}~").into_bytes(),
    };
    let plain = match key.code {
        Code::Up => return letter('A'),
        Code::Down => return letter('B'),
        Code::Right => return letter('C'),
        Code::Left => return letter('D'),
        Code::Home => return letter('H'),
        Code::End => return letter('F'),
        Code::Insert => return number(2),
        Code::Delete => return number(3),
        Code::PageUp => return number(5),
        Code::PageDown => return number(6),
        Code::F(n @ 1..=4) => return letter(char::from(b'P' + n - 1)),
        Code::F(n) => return number([15, 17, 18, 19, 20, 21, 23, 24][usize::from(n) - 5]),
        Code::Tab if key.shift => return b"\x1b[Z".to_vec(),
        Code::Tab => b"\t".to_vec(),
        Code::Enter => b"\r".to_vec(),
        Code::Esc => b"\x1b".to_vec(),
        Code::Backspace => b"\x7f".to_vec(),
        Code::Char(c) if key.ctrl => vec![c as u8 & 0x1f],
        Code::Char(c) => c.to_string().into_bytes(),
    };
    if key.alt { [b"\x1b", plain.as_slice()].concat() } else { plain }
}

/// Every key that does anything, as its bytes.
pub fn bound() -> Vec<(Key, Vec<u8>)> {
    let names = TABLE.iter().flat_map(|row| row.keys.iter()).copied();
    let more = ["enter", "esc", "tab", "shift-tab", "up", "down", "left", "right", "backspace", "f5", "alt-x"];
    let all = names.chain(more).map(|name| name.parse::<Key>().unwrap());
    all.map(|key| (key, sent(key))).collect()
}

/// A stream; `asked` is what the open dialog wants typed. None of them is an answer.
pub fn made(chance: &mut Chance, keys: &[(Key, Vec<u8>)], asked: &str) -> Vec<Read> {
    let mut reads = Vec::new();
    for _ in 0..1 + chance.below(4) {
        piece(chance, keys, asked, &mut reads);
    }
    reads
}

fn piece(chance: &mut Chance, keys: &[(Key, Vec<u8>)], asked: &str, reads: &mut Vec<Read>) {
    let wrong = wrong(chance, asked);
    match chance.below(11) {
        // Keys, cut at any byte.
        0 | 1 => {
            for _ in 0..chance.below(6) {
                let key = chance_key(chance, keys);
                split(chance, &key, reads);
            }
        }
        // The answer and Enter, poured in by a terminal that lost its paste markers.
        2 => reads.push((gap(chance), format!("{asked}\r").into_bytes())),
        3 => reads.push((gap(chance), format!("{asked}\x1b[201~\r").into_bytes())),
        // The answer, pasted: whole, nested, without an end, in parts.
        4 => {
            let text = ["\x1b[200~", asked, "\r\x1b[201~\r"].concat();
            split(chance, text.as_bytes(), reads);
        }
        5 => {
            let text = ["\x1b[200~\x1b[200~", asked, "\x1b[201~\r\x1b[201~\r"].concat();
            reads.push((gap(chance), text.into_bytes()));
        }
        6 => {
            reads.push((gap(chance), [b"\x1b[200~", asked.as_bytes(), b"\r"].concat()));
            reads.push((1990 + chance.below(40) as u64, b"\r".to_vec()));
        }
        // Something near the answer, typed as a person does.
        7 => {
            reads.extend(wrong.chars().map(|c| (60 + chance.below(140) as u64, c.to_string().into_bytes())));
            reads.push((80, b"\r".to_vec()));
        }
        // A key held down, Enter above all.
        8 => {
            let key = if chance.one_in(2) { b"\r".to_vec() } else { chance_key(chance, keys) };
            reads.extend((0..chance.below(20)).map(|_| (1 + chance.below(44) as u64, key.clone())));
        }
        // The mouse, anywhere.
        9 => {
            for _ in 0..1 + chance.below(8) {
                let (button, end) = (chance.of(&[0, 0, 64, 65, 2]), chance.of(&['M', 'M', 'm']));
                let report = format!("\x1b[<{button};{};{}{end}", chance.below(110), chance.below(33));
                split(chance, report.as_bytes(), reads);
            }
        }
        _ => {
            let bytes = chance.bytes(24);
            split(chance, &bytes, reads);
        }
    }
}

/// Bytes cut in two, or into single ones.
pub fn split(chance: &mut Chance, bytes: &[u8], reads: &mut Vec<Read>) {
    if chance.one_in(2) {
        reads.extend(bytes.chunks(1).map(|byte| (gap(chance), byte.to_vec())));
        return;
    }
    let at = chance.below(bytes.len() + 1);
    reads.push((gap(chance), bytes[..at].to_vec()));
    reads.push((gap(chance), bytes[at..].to_vec()));
}

fn chance_key(chance: &mut Chance, keys: &[(Key, Vec<u8>)]) -> Vec<u8> {
    chance.of(keys).1.clone()
}

fn gap(chance: &mut Chance) -> u64 {
    1 + chance.below(200) as u64
}

fn wrong(chance: &mut Chance, asked: &str) -> String {
    let mut text: Vec<char> = asked.chars().collect();
    let at = chance.below(text.len());
    match chance.below(4) {
        0 => drop(text.remove(at)),
        // Neither a letter of a name nor of a code, in either case.
        1 => text[at] = '~',
        2 => text.insert(at, '~'),
        _ => text.truncate(at),
    }
    text.into_iter().collect()
}
