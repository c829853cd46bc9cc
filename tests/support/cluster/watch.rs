//! Streams of changes: bookmarks, 410 for what is forgotten, cuts and silence on demand.

use super::http::query;
use super::routes::{failure, path};
use super::store::selected;
use super::{Asked, Inner, discovery};
use serde_json::{Value, json};
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

pub fn stream(inner: &Inner, asked: &Asked, stream: &mut TcpStream) -> Option<()> {
    let path = path(&asked.path)?;
    let (labels, fields) = (query(asked, "labelSelector"), query(asked, "fieldSelector"));
    let until = query(asked, "timeoutSeconds").parse().ok().map(|s| Instant::now() + Duration::from_secs(s));
    let bookmarks = query(asked, "allowWatchBookmarks") == "true";
    let mut state = inner.state.lock().unwrap();
    if state.denied.contains(&format!("watch {}", path.resource)) {
        drop(state);
        return cut(stream);
    }
    let mut seen: u64 = query(asked, "resourceVersion").parse().unwrap_or(state.store.version);
    let (epoch, mut marked) = (state.epoch, Instant::now());
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        .ok()?;
    loop {
        if state.over || state.epoch != epoch {
            drop(state);
            return cut(stream);
        }
        if until.is_some_and(|until| Instant::now() >= until) && !state.frozen {
            drop(state);
            return stream.write_all(b"0\r\n\r\n").ok();
        }
        let mut events = Vec::new();
        if !state.frozen {
            if seen < state.store.compacted {
                drop(state);
                event(stream, "ERROR", &failure(410, &format!("too old resource version: {seen}")))?;
                return stream.write_all(b"0\r\n\r\n").ok();
            }
            let mine = state.store.log.iter().filter(|change| {
                change.version > seen
                    && change.id.resource == path.resource
                    && (path.namespace.is_empty() || change.id.namespace == path.namespace)
                    && selected(&change.object, &labels, &fields)
            });
            events.extend(mine.map(|change| (change.what, change.object.clone())));
            seen = state.store.version;
            if bookmarks && marked.elapsed() >= state.bookmarks {
                marked = Instant::now();
                let kind = discovery::kind(&path.resource)?;
                let group = if matches!(path.resource.as_str(), "pods" | "events") { "v1" } else { "apps/v1" };
                let mark =
                    json!({ "apiVersion": group, "kind": kind, "metadata": { "resourceVersion": seen.to_string() } });
                events.push(("BOOKMARK", mark));
            }
        }
        if events.is_empty() {
            state = inner.changed.wait_timeout(state, Duration::from_millis(50)).unwrap().0;
            continue;
        }
        drop(state);
        for (what, object) in events {
            event(stream, what, &object)?;
        }
        state = inner.state.lock().unwrap();
    }
}

fn event(stream: &mut TcpStream, what: &str, object: &Value) -> Option<()> {
    let line = format!("{}\n", json!({ "type": what, "object": object }));
    stream.write_all(format!("{:x}\r\n{line}\r\n", line.len()).as_bytes()).ok()
}

fn cut(stream: &TcpStream) -> Option<()> {
    stream.shutdown(Shutdown::Both).ok()
}
