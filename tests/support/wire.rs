//! What the servers of `argocd` and `cluster` share: a request as it comes, an answer as it goes, and words that act
//! on a terminal. It knows nothing of what either means.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// Words that act on a terminal.
pub const HOSTILE: &str = "evil\u{1b}]52;c;aGk=\u{7}\u{1b}[2J\u{202e}\u{200b}\u{9b}31m\r\n";

/// A request as it came.
pub struct Came {
    pub method: String,
    pub path: String,
    /// As it was sent.
    pub query: String,
    headers: BTreeMap<String, String>,
    pub body: String,
}

impl Came {
    /// Reads the next request of a connection; none when that has ended.
    pub fn read(reader: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").map_or(Some(0), |length| length.parse().ok())?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let (path, query, body) = (decoded(path), query.to_owned(), String::from_utf8_lossy(&body).into_owned());
        Some(Self { method, path, query, headers, body })
    }

    /// A header, by its name in small letters; empty where it did not come.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).cloned().unwrap_or_default()
    }
}

/// A part of an address as it was meant.
pub fn decoded(text: &str) -> String {
    let (mut out, mut bytes) = (Vec::new(), text.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let hex: String = bytes.by_ref().take(2).map(char::from).collect();
                out.push(u8::from_str_radix(&hex, 16).unwrap_or(b'?'));
            }
            byte => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Answers; `headers` are whole lines.
pub fn answer(stream: &mut TcpStream, code: u16, kind: &str, headers: &str, body: &[u8]) -> Option<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {code} x\r\ncontent-type: {kind}\r\n{headers}content-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()
}
