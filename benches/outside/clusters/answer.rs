//! One connection to the server: lists page by page, and watches that end when they are asked to.

use super::feed::{Feed, Mode};
use super::others;
use super::server::{Context, Counters};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long a sleeping thread may be late to see that something is over.
const LOOK: Duration = Duration::from_millis(500);

pub fn serve(stream: &TcpStream, context: &Context, counters: &Counters) -> Option<()> {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    // A connection to one that is down is as good as a request.
    if context.feed.lock().unwrap().dead() {
        counters.asked.fetch_add(1, Ordering::Relaxed);
        return stream.shutdown(Shutdown::Both).ok();
    }
    while let Some(Request { target, table, body }) = request(&mut reader) {
        counters.asked.fetch_add(1, Ordering::Relaxed);
        let mode = {
            let feed = context.feed.lock().unwrap();
            if feed.dead() {
                return stream.shutdown(Shutdown::Both).ok();
            }
            feed.mode
        };
        match mode {
            Mode::Hang => return hang(context),
            Mode::Garbage => whole(stream, b"<html>\x1b]52;c;aGVsbG8=\x07 a proxy says hello</html>", counters)?,
            _ if target.contains("sendInitialEvents=true") => failed(stream, others::NO_LIST_BY_WATCH)?,
            _ if target.contains("watch=1") || target.contains("watch=true") => {
                watch(stream, &target, context, counters)?;
            }
            _ if body => whole(stream, others::ALLOWED.as_bytes(), counters)?,
            _ => {
                let body = answer(&target, table, &context.feed.lock().unwrap());
                counters.answers();
                whole(stream, body.as_bytes(), counters)?;
            }
        }
    }
    Some(())
}

fn hang(context: &Context) -> Option<()> {
    let mut feed = context.feed.lock().unwrap();
    while feed.mode == Mode::Hang {
        feed = context.changed.wait_timeout(feed, LOOK).unwrap().0;
    }
    None
}

/// What is asked.
struct Request {
    target: String,
    /// Whether rows of a table are wanted instead of objects.
    table: bool,
    /// Whether it came with a body: it asks whether something is allowed.
    body: bool,
}

/// The next request; what a body says is read and left.
fn request(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut asked = Request { target: line.split(' ').nth(1)?.to_owned(), table: false, body: false };
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        if line.trim_end().is_empty() {
            asked.body = length > 0;
            reader.read_exact(&mut vec![0; length]).ok()?;
            return Some(asked);
        }
        asked.table |= line.contains("as=Table");
        length = line.to_lowercase().strip_prefix("content-length:").map_or(length, |n| n.trim().parse().unwrap_or(0));
    }
}

fn query<'a>(target: &'a str, name: &str) -> &'a str {
    let pairs = target.split_once('?').map_or("", |(_, query)| query).split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map_or("", |(_, value)| value)
}

fn resource(target: &str) -> &str {
    target.split('?').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default()
}

fn answer(target: &str, table: bool, feed: &Feed) -> String {
    if let Some(body) = others::answer(target, table, feed) {
        return body;
    }
    let all = feed.all(resource(target));
    let limit = query(target, "limit").parse().unwrap_or(usize::MAX);
    let from: usize = query(target, "continue").parse().unwrap_or(0);
    let to = from.saturating_add(limit).min(all.len());
    let token = if to < all.len() { format!(r#","continue":"{to}""#) } else { String::new() };
    let head = format!(
        r#"{{"kind":"List","apiVersion":"v1","metadata":{{"resourceVersion":"{}"{token}}},"items":["#,
        feed.version
    );
    head + &all[from..to].join(",") + "]}"
}

fn whole(mut stream: &TcpStream, body: &[u8], counters: &Counters) -> Option<()> {
    counters.serves(body.len());
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()
}

fn failed(mut stream: &TcpStream, body: &str) -> Option<()> {
    let head = "HTTP/1.1 422 Unprocessable Entity\r\ncontent-type: application/json\r\n";
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).ok()
}

fn watch(mut stream: &TcpStream, target: &str, context: &Context, counters: &Counters) -> Option<()> {
    let end = Instant::now() + Duration::from_secs(query(target, "timeoutSeconds").parse().unwrap_or(290));
    let mut seen: u64 = query(target, "resourceVersion").parse().unwrap_or(0);
    let resource = resource(target);
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        .ok()?;
    let mut feed = context.feed.lock().unwrap();
    loop {
        if feed.dead() {
            return stream.shutdown(Shutdown::Both).ok();
        }
        let lines: Vec<Arc<str>> = match feed.mode {
            Mode::Hang => Vec::new(),
            Mode::Garbage => vec!["<html>a proxy says hello</html>\n".into()],
            Mode::Flood if resource == "pods" => (0..16).map(|_| feed.flood()).collect(),
            _ => match feed.since(seen, resource) {
                Some(lines) => lines,
                None => vec![format!("{}\n", r#"{"type":"ERROR","object":{"code":410,"reason":"Expired"}}"#).into()],
            },
        };
        seen = feed.version;
        if lines.is_empty() {
            if Instant::now() >= end && feed.mode != Mode::Hang {
                drop(feed);
                return stream.write_all(b"0\r\n\r\n").ok();
            }
            let wait = end.saturating_duration_since(Instant::now()).clamp(Duration::from_millis(20), LOOK);
            feed = context.changed.wait_timeout(feed, wait).unwrap().0;
            continue;
        }
        drop(feed);
        for line in &lines {
            counters.serves(line.len());
            stream.write_all(format!("{:x}\r\n{line}\r\n", line.len()).as_bytes()).ok()?;
        }
        if Instant::now() >= end {
            return stream.write_all(b"0\r\n\r\n").ok();
        }
        feed = context.feed.lock().unwrap();
    }
}
