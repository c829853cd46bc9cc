//! Serving HTTP in a process of the estate: one thread, one listener that the
//! supervisor opened and gave us as standard input, so that ports are never
//! guessed and never change hands.

use super::failure::Failure;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::TcpListener as Inherited;
use std::os::fd::AsFd;
use std::time::Duration;
use tokio::net::TcpListener;

/// What a process of the estate answers.
pub type Reply = Response<Full<Bytes>>;

/// Runs a process of the estate on its one thread.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::io("cannot start the runtime"))?;
    tokio::task::LocalSet::new().block_on(&runtime, work)
}

/// The listener that the supervisor gave us.
pub fn inherited() -> Result<TcpListener, Failure> {
    let attempt = "cannot take over the listener on standard input";
    let descriptor = std::io::stdin().as_fd().try_clone_to_owned().map_err(Failure::io(attempt))?;
    let listener = Inherited::from(descriptor);
    listener.set_nonblocking(true).map_err(Failure::io(attempt))?;
    TcpListener::from_std(listener).map_err(Failure::io(attempt))
}

/// Serves for ever. Each connection has a visit of its own, made by `visit`;
/// when the other side goes away, whatever was being answered is dropped.
pub async fn serve<V, A, F>(listener: TcpListener, mut visit: V) -> Result<(), Failure>
where
    V: FnMut() -> A,
    A: Fn(Request<Incoming>) -> F + 'static,
    F: Future<Output = Reply> + 'static,
{
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(_) => {
                // Out of descriptors, most likely: those in use end soon.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let answer = visit();
        let service = service_fn(move |request| {
            let reply = answer(request);
            async move { Ok::<_, Infallible>(reply.await) }
        });
        let connection = http1::Builder::new().max_buf_size(16 * 1024).serve_connection(TokioIo::new(stream), service);
        tokio::task::spawn_local(async move { drop(connection.await) });
    }
}

/// An answer in plain text or JSON.
pub fn reply(status: u16, body: impl Into<Bytes>) -> Reply {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// A page of metrics.
pub fn metrics(page: String) -> Reply {
    let mut response = reply(200, page);
    let kind = header::HeaderValue::from_static(super::metrics::CONTENT_TYPE);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// The value of a name in a request's query.
pub fn query<'a>(request: &'a Request<Incoming>, name: &str) -> Option<&'a str> {
    let pairs = request.uri().query().unwrap_or_default().split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}
