//! HTTP servers on loopback that behave as told, well or badly.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A server; every connection is answered by one call on a thread of its own.
pub struct Server {
    pub address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Server {
    /// Answers each request, which is handed over with its number from 0.
    pub fn new(answer: impl Fn(usize, &str, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, asked, answer) =
            (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)), Arc::new(answer));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, count) = (Arc::clone(&answer), Arc::clone(&count));
                std::thread::spawn(move || serve(stream, &count, answer.as_ref()));
            }
        });
        Self { address, asked }
    }

    /// Answers every request with this.
    pub fn says(head: &'static str, body: &'static str) -> Self {
        Self::new(move |_, _, stream| reply(stream, head, body.as_bytes()))
    }

    /// How many requests have come.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn serve(
    mut stream: TcpStream,
    count: &AtomicUsize,
    answer: &(dyn Fn(usize, &str, &mut TcpStream) -> std::io::Result<()> + Sync),
) {
    let (mut request, mut piece) = (Vec::new(), [0; 1]);
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(n) if n > 0 => request.extend_from_slice(&piece[..n]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if stream.read_exact(&mut body).is_err() {
        return;
    }
    request.extend_from_slice(&body);
    let request = String::from_utf8_lossy(&request).into_owned();
    let _ = answer(count.fetch_add(1, Ordering::SeqCst), &request, &mut stream);
}

/// A whole answer: `head` is the status line without the protocol, and further headers.
pub fn reply(stream: &mut TcpStream, head: &str, body: &[u8]) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len())?;
    stream.write_all(body)
}

/// Holds the connection open and says nothing, until the other side goes.
pub fn hang(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.read(&mut [0]).map(|_| ())
}
