//! The HTTP client against servers that misbehave.

use crate::server::{Server, hang, reply};
use crate::support::launcher;
use crate::undisturbed as tokio;
use holdpoint::backend::http::{Client, Host, Request};
use holdpoint::backend::secret::SecretSource;
use holdpoint::backend::{Certainty, Fault};
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::secret::SecretRef;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TOKEN: &str = "tok-4711-never-shown";

fn endpoint(url: String) -> Arc<Endpoint> {
    Arc::new(Endpoint { url, ..Endpoint::default() })
}

fn client(server: &Server) -> Client {
    Client::watching(&endpoint(server.url("")), None, &Host::default()).unwrap()
}

/// A client with a token; every call of its source is a new token.
fn with_token(server: &Server, dir: &tempfile::TempDir) -> Client {
    let script = format!("echo x >> {0}/calls; echo {TOKEN}-$(wc -l < {0}/calls)", dir.path().display());
    let reference = SecretRef::Command(["sh", "-c", &script].map(str::to_owned).to_vec());
    let source = SecretSource::new(reference, dir.path().to_owned(), launcher());
    Client::acting(&endpoint(server.url("")), Some(&Arc::new(source)), &Host::default()).unwrap()
}

fn short(request: Request) -> Request {
    Request { limit: Duration::from_millis(300), ..request }
}

fn certainty(fault: &Fault) -> Certainty {
    let text = fault.to_string();
    assert!(!text.contains(TOKEN) && !text.contains("secret-in-query"), "{text}");
    fault.certainty()
}

/// A mutation with something in its query that must not be told.
fn post() -> Request {
    Request::json("/do", serde_json::json!({"a": 1})).with("q", "secret-in-query")
}

#[tokio::test]
async fn a_mutation_is_sent_once_and_its_faults_are_told_apart() {
    use Certainty::{NotDone, Unknown};
    let cut = Server::new(|_, _, _| Ok(()));
    let half = Server::new(|_, _, stream| stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal"));
    let silent = Server::new(|_, _, stream| hang(stream));
    let garbage = Server::new(|_, _, stream| stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"));
    let busy = Server::says("503 Busy\r\nretry-after: 0", "");
    let broken = Server::says("500 Broken", "\"silence not found\"");
    let later = Server::says("429 Later\r\nretry-after: 0", "slow down");
    let bad = Server::says("400 Bad", r#"{"message":"no \u001b[31mway"}"#);
    let moved = Server::says("307 Elsewhere\r\nlocation: http://127.0.0.1:1/", "");
    let other = Server::says("303 See\r\nlocation: /done", "");
    let all = [
        (&cut, Unknown),
        (&half, Unknown),
        (&silent, Unknown),
        (&garbage, Unknown),
        (&busy, Unknown),
        (&broken, Unknown),
        (&later, NotDone),
        (&bad, NotDone),
        (&moved, NotDone),
        (&other, Unknown),
    ];
    for (n, (server, expected)) in all.into_iter().enumerate() {
        // Only the one that says nothing is waited for in vain.
        let limit = if n == 2 { Duration::from_secs(2) } else { Duration::from_secs(20) };
        let fault = client(server).send(&Request { limit, ..post() }).await.unwrap_err();
        assert_eq!(certainty(&fault), expected, "{n}: {fault}");
        assert_eq!(server.asked(), 1, "{n}");
        assert!(fault.to_string().contains("POST http://127.0.0.1:"), "{fault}");
    }
    let said = client(&bad).send(&post()).await.unwrap_err().to_string();
    assert!(said.ends_with(r"/do: status 400: no \u{1b}[31mway"), "{said}");
    let taken = Server::says("200 OK", "{}");
    assert_eq!(client(&taken).send(&post()).await.unwrap().status, 200);
}

#[tokio::test]
async fn what_was_certainly_not_sent_is_unreachable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plain = Server::says("200 OK", "");
    let urls = [
        format!("http://{free}"),
        "http://no-such-host.invalid".to_owned(),
        // TLS spoken to one that does not.
        format!("https://{}", plain.address),
    ];
    for url in urls {
        let client = Client::acting(&endpoint(url.clone()), None, &Host::default()).unwrap();
        let fault = client.send(&post()).await.unwrap_err();
        assert!(matches!(fault, Fault::Unreachable(_)), "{url}: {fault:?}");
        assert_eq!(certainty(&fault), Certainty::NotDone);
    }
}

#[tokio::test]
async fn a_read_is_tried_again_and_told_in_the_end() {
    let heals = Server::new(|n, _, stream| match n {
        0 => Ok(()),
        1 => reply(stream, "503 Busy", b""),
        _ => reply(stream, "200 OK", b"{\"a\":1}"),
    });
    let answer = client(&heals).read(&Request::get("/x")).await.unwrap();
    assert_eq!((answer.json::<serde_json::Value>().unwrap(), heals.asked()), (serde_json::json!({"a":1}), 3));
    let never = Server::says("503 Busy", "");
    let fault = client(&never).read(&Request::get("/x")).await.unwrap_err();
    assert!(matches!(fault, Fault::Lost { .. }) && fault.to_string().contains("status 503"), "{fault}");
    assert_eq!(never.asked(), 3);
    for status in ["400 Bad", "403 No", "404 None", "302 There\r\nlocation: /y"] {
        let no = Server::says(status, "because");
        let fault = client(&no).read(&Request::get("/x")).await.unwrap_err();
        assert!(matches!(fault, Fault::Refused { .. }), "{fault:?}");
        assert_eq!(no.asked(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_host_that_keeps_failing_is_left_alone() {
    let broken = Server::says("500 Broken", "");
    let (address, host) = (endpoint(broken.url("")), Host::default());
    for _ in 0..20 {
        let client = Client::watching(&address, None, &host).unwrap();
        client.read(&short(Request::get("/x"))).await.unwrap_err();
    }
    assert!(broken.asked() <= 6, "{}", broken.asked());
    let client = Client::watching(&address, None, &host).unwrap();
    let fault = client.read(&Request::get("/x")).await.unwrap_err();
    assert!(matches!(fault, Fault::Unreachable(_)) && fault.to_string().contains("too often in a row"), "{fault}");
    // A mutation that a person asked for is sent all the same.
    let before = broken.asked();
    client.send(&post()).await.unwrap_err();
    assert_eq!(broken.asked(), before + 1);
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let patient = Server::new(|n, _, stream| match n {
        0 => reply(stream, "429 Later\r\nretry-after: 1", b""),
        _ => reply(stream, "200 OK", b""),
    });
    let (began, asking) = (Instant::now(), client(&patient));
    asking.read(&Request::get("/x")).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));
    let long = Server::says("429 Later\r\nretry-after: 600", "");
    let asking = client(&long);
    asking.read(&Request::get("/x")).await.unwrap_err();
    let fault = asking.read(&Request::get("/y")).await.unwrap_err();
    assert!(fault.to_string().contains("asked not to be asked again for another "), "{fault}");
    assert_eq!(long.asked(), 1);
}

#[tokio::test]
async fn an_answer_has_limits() {
    let drips = Server::new(|_, _, stream| {
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")?;
        loop {
            stream.write_all(b".")?;
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let began = Instant::now();
    let fault = client(&drips).read(&short(Request::get("/"))).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(5) && fault.to_string().contains("no answer in time"), "{fault}");
    let huge = Server::new(|_, _, stream| {
        write!(stream, "HTTP/1.1 200 OK\r\n\r\n")?;
        (0..1000).try_for_each(|_| stream.write_all(&[b'x'; 65536]))
    });
    let fault = client(&huge).read(&Request { largest: 100_000, ..Request::get("/") }).await.unwrap_err();
    assert!(fault.to_string().contains("larger than 100000 bytes"), "{fault}");
    let deep = Server::new(|_, _, stream| reply(stream, "200 OK", &[b'['; 5000]));
    let fault = client(&deep).read(&Request::get("/")).await.unwrap().json::<serde_json::Value>().unwrap_err();
    assert!(fault.to_string().contains("nested deeper than 64"), "{fault}");
    let long = Server::new(|_, _, stream| reply(stream, "200 OK", format!("{:?}", "x".repeat(1 << 20)).as_bytes()));
    let fault = client(&long).read(&Request::get("/")).await.unwrap().json::<Vec<u8>>().unwrap_err();
    assert!(fault.to_string().len() < 400, "{} bytes", fault.to_string().len());
    let other = Server::says("200 OK", "<html>\x1b]52;c;x\x07");
    let fault = client(&other).read(&Request::get("/")).await.unwrap().json::<serde_json::Value>().unwrap_err();
    assert!(fault.to_string().contains("not the JSON it should be"), "{fault}");
}

/// Ten megabytes of zeros in ten kilobytes, made by `gzip`.
#[tokio::test]
async fn a_compressed_answer_counts_as_what_it_becomes() {
    let dir = tempfile::TempDir::new().unwrap();
    let file = dir.path().join("bomb");
    std::fs::write(&file, vec![0u8; 10 << 20]).unwrap();
    assert!(std::process::Command::new("gzip").arg(&file).status().unwrap().success());
    let bomb = std::fs::read(dir.path().join("bomb.gz")).unwrap();
    assert!(bomb.len() < 20_000);
    let server = Server::new(move |_, request, stream| {
        assert!(request.to_lowercase().contains("accept-encoding: gzip"));
        reply(stream, "200 OK\r\ncontent-encoding: gzip", &bomb)
    });
    let ask = |largest| Request { largest, ..Request::get("/") };
    let fault = client(&server).read(&ask(1 << 20)).await.unwrap_err();
    assert!(fault.to_string().contains("larger than 1048576 bytes"), "{fault}");
    assert_eq!(client(&server).read(&ask(16 << 20)).await.unwrap().body.len(), 10 << 20);
}

#[tokio::test]
async fn a_token_is_sent_to_its_host_alone_and_read_anew_once() {
    let dir = tempfile::TempDir::new().unwrap();
    let other = Server::says("200 OK", "");
    let location = format!("302 There\r\nlocation: {}", other.url("/"));
    let redirects = Server::new(move |_, request, stream| {
        assert!(request.to_lowercase().contains("authorization: bearer tok-"));
        reply(stream, &location, b"")
    });
    let fault = with_token(&redirects, &dir).read(&Request::get("/")).await.unwrap_err();
    assert!(fault.to_string().contains("redirects, which is never followed"), "{fault}");
    assert_eq!((certainty(&fault), other.asked()), (Certainty::NotDone, 0));
    // The first token has been revoked; the second is good.
    let dir = tempfile::TempDir::new().unwrap();
    let revoked = Server::new(|_, request, stream| {
        let good = request.contains(&format!("{TOKEN}-2"));
        reply(stream, if good { "200 OK" } else { "401 No" }, request.as_bytes())
    });
    with_token(&revoked, &dir).read(&Request::get("/")).await.unwrap();
    assert_eq!(revoked.asked(), 2);
    // None is good: asked twice in all, and the answer's echo of the token is blotted out.
    let dir = tempfile::TempDir::new().unwrap();
    let never = Server::new(|_, request, stream| {
        let token = request.split("Bearer ").nth(1).unwrap_or("").lines().next().unwrap_or("");
        reply(stream, "401 No", format!("not {token}").as_bytes())
    });
    let fault = with_token(&never, &dir).read(&Request::get("/")).await.unwrap_err();
    assert_eq!((certainty(&fault), never.asked()), (Certainty::NotDone, 2));
    assert!(fault.to_string().contains("not [secret]"), "{fault}");
    // Nor does a part of it come through where the answer is cut.
    for padding in [185, 195] {
        let echo = Server::new(move |_, request, stream| {
            let token = request.split("Bearer ").nth(1).unwrap_or("").lines().next().unwrap_or("");
            reply(stream, "403 No", format!("{}{token}", "x".repeat(padding)).as_bytes())
        });
        let fault = with_token(&echo, &dir).read(&Request::get("/")).await.unwrap_err().to_string();
        assert!(!fault.contains("xtok"), "{padding}: {fault}");
    }
    // A mutation is not sent again, not even then.
    let fault = with_token(&never, &dir).send(&post()).await.unwrap_err();
    assert_eq!((certainty(&fault), never.asked()), (Certainty::NotDone, 3));
}

#[tokio::test]
async fn the_clock_of_a_host_is_known() {
    let server = Server::says("200 OK\r\ndate: Fri, 20 Nov 1998 12:00:00 GMT", "");
    let asking = client(&server);
    assert_eq!(asking.host().skew(), None);
    asking.read(&Request::get("/")).await.unwrap();
    assert!(asking.host().skew().unwrap().num_days() < -365);
}

#[tokio::test]
async fn what_has_not_changed_is_not_read_again() {
    let server = Server::new(|n, request, stream| {
        let asked = request.to_lowercase();
        match n {
            0 => reply(stream, "200 OK\r\netag: \"v1\"", b"first"),
            1 if asked.contains("if-none-match: \"v1\"") => reply(stream, "304 Same", b""),
            2 if asked.contains("if-none-match: \"v1\"") => reply(stream, "200 OK\r\netag: \"v2\"", b"second"),
            3 if !asked.contains("if-none-match") => reply(stream, "200 OK", b"other"),
            4 if !asked.contains("if-none-match") => reply(stream, "304 Same", b""),
            _ => reply(stream, "400 Bad", b""),
        }
    });
    let asking = client(&server);
    for expected in ["first", "first", "second"] {
        assert_eq!(asking.read(&Request::get("/x")).await.unwrap().body, expected.as_bytes());
    }
    assert_eq!(asking.read(&Request::get("/x").with("a", "b")).await.unwrap().body, b"other");
    // A 304 that nobody asked for is no answer.
    let fault = asking.read(&Request::get("/y")).await.unwrap_err();
    assert!(fault.to_string().contains("status 304"), "{fault}");
}

/// A server whose answer to the n-th request is written by `answer`, without a length.
fn streams(answer: impl Fn(usize, &mut std::net::TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> Server {
    Server::new(move |n, request, stream| {
        assert!(request.to_lowercase().contains("accept: text/event-stream"), "{request}");
        answer(n, stream)
    })
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";

fn follow() -> Request {
    Request { accept: "text/event-stream", limit: Duration::from_secs(8), largest: 64, ..Request::get("/follow") }
}

#[tokio::test]
async fn an_answer_that_goes_on_is_read_line_by_line() {
    let server = streams(|_, stream| {
        stream.write_all(HEAD)?;
        for piece in ["on", "e\ntw", "o\n\n", "thr"] {
            stream.write_all(piece.as_bytes())?;
            stream.flush()?;
            std::thread::sleep(Duration::from_millis(60));
        }
        stream.write_all(b"ee\nhalf")
    });
    let mut lines = client(&server).stream(&follow()).await.unwrap();
    let mut read = Vec::new();
    loop {
        // Whoever looks elsewhere in between loses nothing.
        match tokio::time::timeout(Duration::from_millis(7), lines.next()).await {
            Ok(Ok(Some(line))) => read.push(String::from_utf8(line.to_vec()).unwrap()),
            Ok(end) => break assert_eq!(end, Ok(None)),
            Err(_) => {}
        }
    }
    assert_eq!(read, ["one", "two", "", "three"]);
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn an_answer_that_goes_on_has_limits() {
    let long = streams(|_, stream| stream.write_all(&[HEAD, &[b'x'; 200]].concat()));
    let fault = client(&long).stream(&follow()).await.unwrap().next().await.unwrap_err();
    assert!(fault.to_string().contains("longer than 64 bytes"), "{fault}");
    let silent = streams(|_, stream| {
        stream.write_all(HEAD)?;
        hang(stream)
    });
    let mut lines = client(&silent).stream(&Request { limit: Duration::from_secs(3), ..follow() }).await.unwrap();
    assert_eq!(lines.next().await.unwrap_err().certainty(), Certainty::Unknown);
    let broken = streams(|_, stream| stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\none\n"));
    let mut lines = client(&broken).stream(&follow()).await.unwrap();
    assert_eq!(lines.next().await.unwrap(), Some(&b"one"[..]));
    assert!(lines.next().await.is_err());
    let moved = "307 Elsewhere\r\nlocation: http://127.0.0.1:1/";
    for (head, said) in [(moved, "redirects"), ("403 No", "may not"), ("504 Proxy", "504")] {
        let server = Server::says(head, "");
        let fault = client(&server).stream(&follow()).await.unwrap_err();
        assert!(fault.to_string().contains(said), "{fault}");
        assert_eq!(server.asked(), 1);
    }
}

#[tokio::test]
async fn a_refused_token_is_read_anew_once_for_a_stream() {
    let dir = tempfile::TempDir::new().unwrap();
    let server = streams(|n, stream| match n {
        0 => reply(stream, "401 No", b""),
        _ => stream.write_all(&[HEAD, b"in\n"].concat()),
    });
    let mut lines = with_token(&server, &dir).stream(&follow()).await.unwrap();
    assert_eq!(lines.next().await.unwrap(), Some(&b"in"[..]));
    assert_eq!(server.asked(), 2);
    let never = Server::says("401 No", "");
    let fault = with_token(&never, &dir).stream(&follow()).await.unwrap_err();
    assert_eq!((certainty(&fault), never.asked()), (Certainty::NotDone, 2));
}
