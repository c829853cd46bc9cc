//! HTTP between processes of the estate: one connection, or a few kept for use
//! again. Loopback only, small answers, no retries: what fails has failed.

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{HeaderMap, Request, header};
use hyper_util::rt::TokioIo;
use std::cell::RefCell;
use std::io;
use std::net::Ipv4Addr;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// The most that an answer may hold.
const LARGEST: usize = 256 * 1024;
/// How many connections a pool keeps.
const KEPT: usize = 32;

/// One connection; dropping it closes it, whatever it was doing.
#[derive(Debug)]
pub struct Link {
    sender: SendRequest<Empty<Bytes>>,
    connection: JoinHandle<()>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Link {
    /// Connects to a port of this machine.
    pub async fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        let connection = tokio::task::spawn_local(async move { drop(connection.await) });
        Ok(Self { sender, connection })
    }

    /// Whether another request can be sent.
    pub fn usable(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Asks for a path and takes the whole answer.
    pub async fn get(&mut self, path: &str) -> io::Result<Answer> {
        let request = Request::get(path)
            .header(header::HOST, "estate")
            .body(Empty::new())
            .map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        self.sender.ready().await.map_err(io::Error::other)?;
        let (head, body) = self.sender.send_request(request).await.map_err(io::Error::other)?.into_parts();
        let body = Limited::new(body, LARGEST).collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// Connections to one port, kept for use again.
#[derive(Debug)]
pub struct Pool {
    port: u16,
    idle: RefCell<Vec<Link>>,
}

impl Pool {
    /// No connections yet.
    pub fn new(port: u16) -> Self {
        Self { port, idle: RefCell::default() }
    }

    /// Asks for a path on a kept connection, or on a new one.
    pub async fn get(&self, path: &str) -> io::Result<Answer> {
        let kept = std::iter::from_fn(|| self.idle.borrow_mut().pop()).find(Link::usable);
        let mut link = match kept {
            Some(link) => link,
            None => Link::open(self.port).await?,
        };
        let answer = link.get(path).await?;
        let mut idle = self.idle.borrow_mut();
        if idle.len() < KEPT {
            idle.push(link);
        }
        Ok(answer)
    }
}

impl Answer {
    /// An answer of our own, in place of one that did not come.
    pub fn made(status: u16, body: String) -> Self {
        Self { status, headers: HeaderMap::new(), body: body.into() }
    }
}
