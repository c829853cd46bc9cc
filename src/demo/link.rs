//! HTTP between processes of the estate: one connection, or a few kept for use
//! again. Loopback only, small answers. Nothing that may have been sent is ever
//! sent again here; a kept connection that had closed meanwhile is replaced.

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

/// Why no answer came.
#[derive(Debug)]
pub struct Lost {
    /// Whether anything of the request may have left.
    pub sent: bool,
    /// What went wrong.
    pub why: io::Error,
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
        self.ask(path).await.map_err(|lost| lost.why)
    }

    /// The same; says of what was lost whether it had left.
    pub async fn ask(&mut self, path: &str) -> Result<Answer, Lost> {
        let lost = |sent| move |why| Lost { sent, why: io::Error::other(why) };
        let request = Request::get(path)
            .header(header::HOST, "estate")
            .body(Empty::new())
            .map_err(|e| Lost { sent: false, why: io::Error::new(io::ErrorKind::InvalidInput, e) })?;
        self.sender.ready().await.map_err(lost(false))?;
        let answered = self.sender.try_send_request(request).await;
        let answered = answered.map_err(|mut e| lost(e.take_message().is_none())(e.into_error()))?;
        let (head, body) = answered.into_parts();
        let body = Limited::new(body, LARGEST).collect().await;
        let body = body.map_err(|e| Lost { sent: true, why: io::Error::other(e) })?.to_bytes();
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
        self.ask(path).await.map_err(|lost| lost.why)
    }

    /// The same; says of what was lost whether it had left.
    pub async fn ask(&self, path: &str) -> Result<Answer, Lost> {
        while let Some(mut link) = self.kept() {
            match link.ask(path).await {
                Err(lost) if !lost.sent => {}
                answered => return answered.inspect(|_| self.keep(link)),
            }
        }
        let mut link = Link::open(self.port).await.map_err(|why| Lost { sent: false, why })?;
        link.ask(path).await.inspect(|_| self.keep(link))
    }

    fn kept(&self) -> Option<Link> {
        std::iter::from_fn(|| self.idle.borrow_mut().pop()).find(Link::usable)
    }

    fn keep(&self, link: Link) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() < KEPT {
            idle.push(link);
        }
    }
}

impl Answer {
    /// An answer of our own, in place of one that did not come.
    pub fn made(status: u16, body: String) -> Self {
        Self { status, headers: HeaderMap::new(), body: body.into() }
    }
}
