//! A real server of calendars, Radicale: events put into it with HTTP are read by the address of their calendar.
//!
//! `HOLDPOINT_TEST_ORACLE` is a Python that has it; `.ci/run` makes one.

use crate::feed::Seen;
use crate::support::until;
use crate::undisturbed as tokio;
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::feed::{Address, Url};
use holdpoint::domain::secret::SecretRef;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The server; it ends with this.
struct Radicale {
    child: Child,
    url: String,
    dir: tempfile::TempDir,
}

impl Drop for Radicale {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Radicale {
    /// It takes no free port by itself: another is tried where one is taken meanwhile.
    fn start(python: &str) -> Self {
        (0..5).find_map(|_| Self::at(python)).expect("Radicale listens")
    }

    fn at(python: &str) -> Option<Self> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let dir = tempfile::TempDir::new().unwrap();
        let file = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        file("users", "ana:hunter4\n");
        let at = dir.path().display();
        file(
            "config",
            &format!(
                "[server]\nhosts = {free}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {at}/users\n\
                 htpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = {at}/kept\n[logging]\nlevel = info\n"
            ),
        );
        let mut child = Command::new(python)
            .args(["-m", "radicale", "--config"])
            .arg(dir.path().join("config"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        if !lines.any(|line| line.contains("Radicale server ready")) {
            let _ = child.wait();
            return None;
        }
        // What nobody reads would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, url: format!("http://{free}"), dir })
    }

    fn asks(&self, method: &str, path: &str, body: &str) -> String {
        let out = Command::new("curl")
            .args(["-sS", "-u", "ana:hunter4", "-X", method, "-o", "/dev/null", "-w", "%{http_code}"])
            .args(["-H", "content-type: text/calendar; charset=utf-8", "--data-binary", body])
            .arg(format!("{}{path}", self.url))
            .output()
            .unwrap();
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    fn kept(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn feed(&self, address: Url, password: &Path) -> Seen {
        let token = Some(SecretRef::File(password.to_owned()));
        let endpoint = Endpoint { user: Some("ana".into()), token, ..Endpoint::default() };
        Seen::of(crate::feed::spec(Address::Written(address), endpoint))
    }
}

fn event(title: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:close\r\nDTSTAMP:20261101T000000Z\r\n\
         SUMMARY:{title}\r\nDTSTART;TZID=Europe/Paris:20261101T220000\r\nDURATION:PT4H\r\nRRULE:FREQ=DAILY\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

#[tokio::test]
async fn a_calendar_of_radicale_is_read_by_its_address_with_user_and_password() {
    let Ok(python) = std::env::var("HOLDPOINT_TEST_ORACLE") else {
        crate::skip::skipped("HOLDPOINT_TEST_ORACLE names no Python with Radicale");
        return;
    };
    let radicale = Radicale::start(&python);
    let made = "<?xml version=\"1.0\"?><C:mkcalendar xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/>";
    assert_eq!(radicale.asks("MKCALENDAR", "/ana/books/", made), "201");
    assert_eq!(radicale.asks("PUT", "/ana/books/close.ics", &event("Quarter end")), "201");
    let address = Url::read(&format!("{}/ana/books/", radicale.url)).unwrap();
    let password = radicale.kept("password", "hunter4\n");
    let mut feed = radicale.feed(address.clone(), &password);
    until("it is read", || feed.now().0 == "Quarter end").await;
    let nights = feed.observed.feeds.values().next().and_then(|fed| fed.told.clone()).unwrap();
    assert!(nights.value.events[0].occurrences.len() > 300, "{:?}", nights.value.events);
    let read = feed.now().2.unwrap();
    until("it is heard again", || feed.now().2.unwrap() > read).await;
    assert_eq!(radicale.asks("PUT", "/ana/books/close.ics", &event("Audit")), "204");
    until("it has changed", || feed.now().0 == "Audit").await;
    assert_eq!(radicale.asks("DELETE", "/ana/books/close.ics", ""), "200");
    until("it is empty", || feed.now().0.is_empty()).await;
    assert!(!feed.now().1 && feed.now().3.is_empty(), "{:?}", feed.now());
    let wrong = radicale.kept("wrong", "hunter5");
    let mut refused = radicale.feed(address, &wrong);
    until("it is refused", || refused.now().3.contains("status 401")).await;
    assert!(!refused.now().3.contains("hunter") && !refused.now().3.contains("books"), "{:?}", refused.now());
}
