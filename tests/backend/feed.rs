//! Calendars at an address: what is asked, what comes of every answer, and that the address is never told.

use crate::server::{Server, hang, reply};
use crate::support::{launcher, until};
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::feed::FeedBackend;
use holdpoint::backend::{Backend, Fault, Topic};
use holdpoint::domain::backend::{BackendKind, BackendSpec};
use holdpoint::domain::calendar::EventKind;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::feed::{Address, Feed, FeedSpec, Url};
use holdpoint::domain::observed::{Observation, Observed};
use holdpoint::domain::secret::SecretRef;
use holdpoint::domain::span::Span;
use holdpoint::domain::workspace::Workspace;
use holdpoint::runtime::input::Input;
use holdpoint::runtime::observer;
use std::io::Write;
use std::sync::{Arc, Mutex, mpsc};

/// What nobody is told.
const PATH: &str = "/private-hunter2/basic.ics?key=hunter3";

fn calendar(title: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:close\r\nSUMMARY:{title}\r\n\
         DTSTART:20200101T000000Z\r\nDTEND:20990104T060000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

pub fn spec(address: Address, endpoint: Endpoint) -> FeedSpec {
    let feed = Feed {
        name: "books".into(),
        kind: EventKind::Freeze,
        only: vec![],
        services: vec![],
        environments: vec![],
        contact: String::new(),
        zone: None,
        zones: [].into(),
        here: "UTC".into(),
    };
    FeedSpec { feed, address, endpoint, max_age: Span::secs(1) }
}

fn at(server: &Server) -> FeedSpec {
    spec(Address::Written(Url::read(&server.url(PATH)).unwrap()), Endpoint::default())
}

fn backend(spec: FeedSpec) -> FeedBackend {
    FeedBackend::new("feed:books".into(), Span::millis(100), spec, "/".into(), launcher())
}

/// The first thing that a watch tells, as text or as its fault.
async fn first(spec: FeedSpec) -> Result<String, String> {
    match backend(spec).watch(Topic::Windows).next().await.unwrap() {
        Ok(Observation::Fetched(text)) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Ok(other) => panic!("{other:?}"),
        Err(fault) => {
            assert!(matches!(fault, Fault::Lost { .. } | Fault::Refused { .. } | Fault::Unreachable(_)));
            Err(format!("{fault} {fault:?}"))
        }
    }
}

/// What a server says: a body, and a head before it.
type Says = Arc<Mutex<(String, &'static str)>>;

/// A server whose answers can be changed, and what it was asked.
fn changing(head: &'static str) -> (Server, Says, Arc<Mutex<Vec<String>>>) {
    let says = Arc::new(Mutex::new((calendar("Quarter end"), head)));
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let (told, heard) = (says.clone(), asked.clone());
    let server = Server::new(move |_, request, stream| {
        heard.lock().unwrap().push(request.to_lowercase());
        let (body, head) = told.lock().unwrap().clone();
        let tag = head.split("etag: ").nth(1).map(|tag| format!("if-none-match: {tag}\r\n"));
        let time = head.split("last-modified: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let time = time.map(|time| format!("if-modified-since: {}\r\n", time.to_lowercase()));
        match [tag, time].into_iter().flatten().any(|mark| request.to_lowercase().contains(&mark)) {
            true => write!(stream, "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n"),
            false => reply(stream, head, body.as_bytes()),
        }
    });
    (server, says, asked)
}

#[tokio::test]
async fn what_has_a_tag_is_asked_after_and_read_again_only_when_that_has_changed() {
    let (server, says, asked) = changing("200 OK\r\netag: \"one\"");
    let mut watch = backend(at(&server)).watch(Topic::Windows);
    let mut next = async || match watch.next().await.unwrap().unwrap() {
        Observation::Fetched(text) => text,
        other => panic!("{other:?}"),
    };
    let (one, same) = (next().await, next().await);
    assert!(Arc::ptr_eq(&one, &same) && *one == *calendar("Quarter end").as_bytes());
    *says.lock().unwrap() = (calendar("Audit"), "200 OK\r\netag: \"two\"");
    assert_eq!(*next().await, *calendar("Audit").as_bytes());
    next().await;
    let asked = asked.lock().unwrap();
    let marks: Vec<_> =
        asked.iter().map(|r| (r.contains("if-none-match: \"one\""), r.contains("match: \"two\""))).collect();
    assert_eq!(marks, [(false, false), (true, false), (true, false), (false, true)]);
    assert!(asked[0].starts_with("get /private-hunter2/basic.ics?key=hunter3 http/1.1\r\n"), "{}", asked[0]);
    assert!(asked[0].contains("accept: text/calendar"), "{}", asked[0]);
}

#[tokio::test]
async fn what_has_a_time_is_asked_after_by_that_unless_it_may_change_within_it() {
    const SETTLED: &str =
        "200 OK\r\ndate: Tue, 24 Nov 2026 01:00:00 GMT\r\nlast-modified: Tue, 24 Nov 2026 00:50:00 GMT";
    const NEW: &str = "200 OK\r\ndate: Tue, 24 Nov 2026 01:00:00 GMT\r\nlast-modified: Tue, 24 Nov 2026 01:00:00 GMT";
    for (head, asks) in [(SETTLED, true), (NEW, false)] {
        let (server, _, asked) = changing(head);
        let mut watch = backend(at(&server)).watch(Topic::Windows);
        for _ in 0..2 {
            assert!(matches!(watch.next().await, Some(Ok(Observation::Fetched(text))) if text.len() > 100));
        }
        assert_eq!(asked.lock().unwrap()[1].contains("if-modified-since: tue, 24 nov 2026"), asks, "{head}");
    }
}

#[tokio::test]
async fn of_an_answer_that_is_no_calendar_nothing_is_told_but_its_host() {
    let big = || Server::new(|_, _, stream| reply(stream, "200 OK", &vec![b'x'; 16 * 1024 * 1024 + 1]));
    let half = || {
        Server::new(|_, _, stream| {
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{}", calendar("Half"))?;
            stream.flush()
        })
    };
    // A host that quotes what it was asked for.
    let quotes = |head: &'static str| Server::new(move |_, request, stream| reply(stream, head, request.as_bytes()));
    let cases = [
        (quotes("410 Gone"), "status 410"),
        (quotes("404 Not Found"), "status 404"),
        (quotes("401 Unauthorized"), "status 401"),
        (quotes("500 Oh"), "status 500"),
        (quotes("429 Slow\r\nretry-after: 3600"), "asks for 3600 s of patience"),
        (quotes("302 Found\r\nlocation: http://127.0.0.1:1/hunter2"), "it redirects, which is never followed"),
        (quotes("204 No Content"), "status 204"),
        (quotes("206 Partial"), "status 206"),
        (big(), "larger than 16777216 bytes"),
        (half(), "GET http://127.0.0.1"),
    ];
    for (server, why) in cases {
        let told = first(at(&server)).await.unwrap_err();
        assert!(told.contains(why), "{why}: {told}");
        assert!(told.contains(&format!("http://{}", server.address)), "{why}: {told}");
        assert!(!told.contains("hunter") && !told.contains("basic.ics"), "{told}");
    }
    let nobody = spec(Address::Written(Url::read(&format!("http://127.0.0.1:1{PATH}")).unwrap()), Endpoint::default());
    let told = first(nobody.clone()).await.unwrap_err();
    assert!(told.contains("Connection refused") && !told.contains("hunter"), "{told}");
    assert!(!format!("{nobody:?}{}", serde_json::to_string(&nobody).unwrap()).contains("hunter"));
    for (remarks, well) in [
        (backend(nobody).introduce().await, false),
        (backend(at(&Server::says("200 OK", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"))).introduce().await, true),
    ] {
        assert_eq!(remarks[0].ok, well, "{remarks:?}");
        assert!(!format!("{remarks:?}").contains("hunter"), "{remarks:?}");
    }
}

#[tokio::test]
async fn one_that_says_nothing_is_given_up_after_a_while() {
    let server = Server::new(|_, _, stream| hang(stream));
    let began = std::time::Instant::now();
    let told = first(at(&server)).await.unwrap_err();
    assert!(told.contains("no answer in time") && !told.contains("hunter"), "{told}");
    assert!(began.elapsed().as_secs() < 50);
}

#[tokio::test]
async fn an_address_that_is_kept_elsewhere_is_read_there_each_time_with_user_and_password() {
    use std::os::unix::fs::PermissionsExt as _;
    let (one, _, asked) = changing("200 OK");
    let (other, said, _) = changing("200 OK");
    said.lock().unwrap().0 = calendar("Elsewhere");
    let dir = tempfile::TempDir::new().unwrap();
    let keep = |name: &str, text: &str| {
        let file = dir.path().join(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        file
    };
    let place = keep("address", &one.url(PATH).replace("http", "HTTP"));
    let token = Some(SecretRef::File(keep("password", "hunter4")));
    let endpoint = Endpoint { user: Some("ana".into()), token, ..Endpoint::default() };
    let spec = spec(Address::Kept(SecretRef::File(place)), endpoint);
    let mut watch = backend(spec.clone()).watch(Topic::Windows);
    let mut next = async || match watch.next().await.unwrap() {
        Ok(Observation::Fetched(text)) => String::from_utf8_lossy(&text).into_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(next().await, calendar("Quarter end"));
    // ana:hunter4
    assert!(asked.lock().unwrap()[0].contains(&"authorization: Basic YW5hOmh1bnRlcjQ=".to_lowercase()));
    keep("address", &other.url(PATH));
    assert_eq!(next().await, calendar("Elsewhere"));
    keep("address", "ftp://files.example/hunter2");
    let wrong = next().await;
    assert!(wrong.contains("this is no address of a calendar") && !wrong.contains("hunter"), "{wrong}");
    assert!(!format!("{spec:?}").contains("hunter"), "{spec:?}");
}

/// What is known of a feed, as it changes.
pub struct Seen {
    taken: mpsc::Receiver<Input>,
    pub observed: Observed,
}

impl Seen {
    pub fn of(spec: FeedSpec) -> Self {
        let name: holdpoint::domain::name::BackendName = "feed:books".into();
        let kind = BackendKind::Feed(Box::new(spec.clone()));
        let declared = BackendSpec { name: name.clone(), every: Span::millis(100), kind };
        let workspace = Workspace { backends: [(name.clone(), declared)].into(), ..Workspace::default() };
        let backends = [(name, Arc::new(backend(spec)) as Arc<dyn Backend>)].into();
        let (inbox, taken) = mpsc::channel();
        observer::start(&backends, &workspace, inbox, &tokio::runtime::Handle::current());
        Self { taken, observed: Observed::default() }
    }

    /// Titles, whether what is there was not understood, when it was read, and why it is not heard.
    pub fn now(&mut self) -> (String, bool, Option<holdpoint::domain::Timestamp>, String) {
        while let Ok(Input::Seen(batch)) = self.taken.try_recv() {
            batch.iter().for_each(|seen| self.observed.apply(seen));
        }
        let why = self.observed.sources.values().find_map(|source| source.why(Topic::Windows).cloned());
        let fed = self.observed.feeds.values().next().cloned().unwrap_or_default();
        let titles = fed.told.iter().flat_map(|told| &told.value.events).map(|event| event.title.as_str());
        (titles.collect(), fed.misread, fed.told.as_ref().map(|told| told.at), why.unwrap_or_default())
    }
}

#[tokio::test]
async fn a_mistake_or_a_fault_leaves_what_was_understood_last_with_its_age_and_304_makes_it_new() {
    let (server, says, asked) = changing("200 OK\r\netag: \"one\"");
    let mut seen = Seen::of(at(&server));
    until("it is read", || seen.now().0 == "Quarter end").await;
    let read = seen.now().2.unwrap();
    until("it is heard again", || seen.now().2.unwrap() > read).await;
    assert!(asked.lock().unwrap().len() > 1);
    let half = calendar("Audit").replace("END:VEVENT\r\n", "").replace("Audit", "Audit\r\nDTSTAMP:x");
    *says.lock().unwrap() = (half, "200 OK");
    until("it is not understood", || seen.now().1).await;
    let (titles, _, read, why) = seen.now();
    assert_eq!(titles, "Quarter end");
    assert!(why.starts_with("feed:books:9:1: this ends what has not begun"), "{why}");
    *says.lock().unwrap() = (String::from("<html>hello</html>"), "200 OK");
    until("it is garbage", || seen.now().3.contains("feed:books:1:1")).await;
    assert_eq!(seen.now().2, read);
    *says.lock().unwrap() = (String::new(), "503 No");
    until("it is gone", || seen.now().3.contains("status 503")).await;
    let still = seen.now();
    assert!(still.1, "{still:?}: what was there last was not understood");
    assert_eq!((still.0.as_str(), still.2), ("Quarter end", read));
    *says.lock().unwrap() = (calendar("Audit"), "200 OK");
    until("it is well", || seen.now().0 == "Audit").await;
    assert_eq!((seen.now().1, seen.now().3.as_str()), (false, ""));
}
