//! Calendars at an address: what they say binds, what is not known of them holds, and nobody is told the address.

use crate::ground::{by, deploy, with};
use crate::server::{Server, reply};
use crate::support::sandbox::Sandbox;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// What nobody is told.
const PATH: &str = "/private-hunter2/basic.ics?key=hunter3";

fn calendar(title: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:close\r\nSUMMARY:{title}\r\n\
         DTSTART:20200101T000000Z\r\nDTEND:20990104T060000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

const NOTHING: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";

/// A server whose answer can be changed: its head and its body.
fn server() -> (Server, Arc<Mutex<(&'static str, String)>>) {
    let says = Arc::new(Mutex::new(("200 OK", calendar("Quarter end"))));
    let told = says.clone();
    let server = Server::new(move |_, request, stream| {
        let (head, body) = told.lock().unwrap().clone();
        // What is refused is quoted, as many servers do.
        let body = if head.starts_with("200") { body } else { request.to_owned() };
        reply(stream, head, body.as_bytes())
    });
    (server, says)
}

fn fed(server: &Server, more: &str) -> Sandbox {
    let s = with(&deploy("2.0"));
    s.write("calendar/feeds.toml", format!("[feeds.books]\nurl = \"{}\"\n{more}\n", server.url(PATH)));
    s
}

/// Fails where any file below holds what nobody is told.
fn keeps_quiet(dir: &Path) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => keeps_quiet(&path),
            path => {
                let bytes = std::fs::read(&path).unwrap_or_default();
                assert!(!String::from_utf8_lossy(&bytes).contains("hunter"), "{}", path.display());
            }
        }
    }
}

#[test]
fn a_freeze_of_a_calendar_at_an_address_binds_and_lets_go_with_it() {
    let (server, says) = server();
    let s = fed(&server, "kind = \"freeze\"\ncontact = \"books desk\"");
    s.holdpoint(&["check"]).exits(0);
    assert_eq!(server.asked(), 0, "files are checked without the network");
    let frozen = s.holdpoint(&["may", "deploy", "web", "prod"]).exits(3).stdout;
    assert!(
        frozen.contains("freeze Quarter end, ask books desk") && frozen.contains("opens Sun 2099-01-04"),
        "{frozen}"
    );
    s.holdpoint(&["may", "roll-back", "web", "prod"]).exits(0);
    s.holdpoint(&["when", "web", "prod"]).exits(3);
    let told = s.holdpoint(&["calendar"]).exits(0).stdout;
    assert!(told.contains("FREEZE") && told.contains("feed:books: Quarter end"), "{told}");
    let rows = s.holdpoint(&["--json", "calendar"]).exits(0).json();
    assert_eq!((&rows[0]["source"], &rows[0]["title"]), (&"feed:books".into(), &"Quarter end".into()), "{rows}");
    by(&s, "ana", &["run", "start", "day"]).exits(0);
    let start = ["step", "start", "1", "1", "--confirm", "prod"];
    let held = by(&s, "ana", &start).exits(3).stderr;
    assert!(held.contains("freeze Quarter end"), "{held}");
    *says.lock().unwrap() = ("500 Oh", String::new());
    let held = by(&s, "ana", &start).exits(3).stderr;
    assert!(held.contains("freezes of feed:books are not known: not heard yet; "), "{held}");
    *says.lock().unwrap() = ("200 OK", NOTHING.to_owned());
    by(&s, "ana", &start).exits(0);
    keeps_quiet(&s.state());
}

#[test]
fn a_calendar_that_is_silent_or_not_understood_holds_and_its_address_is_not_told() {
    let (server, says) = server();
    let s = fed(&server, "kind = \"freeze\"\nmax_age = \"1h\"");
    for (head, body, why) in [
        ("500 Oh", String::new(), "not heard yet; "),
        ("410 Gone", String::new(), "status 410"),
        ("302 Found\r\nlocation: /hunter2", String::new(), "never followed"),
        ("200 OK", "<html>sign in</html>".to_owned(), "not heard yet; feed:books:1:1: "),
        ("200 OK", calendar("A").replace("DTEND:2099", "DTEND:20x9"), "feed:books:7:1: "),
        ("200 OK", calendar("A").split("END:VEVENT").next().unwrap().to_owned(), "feed:books:3:1: VEVENT does not end"),
    ] {
        *says.lock().unwrap() = (head, body);
        let may = s.holdpoint(&["may", "deploy", "web", "prod"]).exits(3);
        assert!(may.stdout.starts_with("UNKNOWN") && may.stdout.contains(why), "{head}: {may:?}");
        let told = [may, s.holdpoint(&["calendar"]), s.holdpoint(&["--json", "may", "deploy", "web", "prod"])];
        assert!(told[1].stdout.contains("?? freezes of feed:books are not known"), "{told:?}");
        assert!(told.iter().all(|one| !format!("{}{}", one.stdout, one.stderr).contains("hunter")), "{told:?}");
    }
    *says.lock().unwrap() = ("404 No", String::new());
    let doctor = s.holdpoint(&["doctor"]);
    let said = format!("{}{}", doctor.stdout, doctor.stderr);
    assert!(said.contains("backend feed:books") && said.contains("status 404") && !said.contains("hunter"), "{said}");
    s.holdpoint(&["may", "roll-back", "web", "prod"]).exits(0);
}

#[test]
fn what_can_only_warn_warns_where_it_is_not_known_and_what_is_elsewhere_says_nothing() {
    let (server, says) = server();
    let s = fed(&server, "kind = \"maintenance\"");
    let warned = s.holdpoint(&["may", "deploy", "web", "prod"]).exits(0).stdout;
    assert!(warned.starts_with("WARN") && warned.contains("maintenance Quarter end"), "{warned}");
    *says.lock().unwrap() = ("500 Oh", String::new());
    let warned = s.holdpoint(&["may", "deploy", "web", "prod"]).exits(0).stdout;
    assert!(warned.contains("times of maintenance of feed:books are not known"), "{warned}");
    let notice = fed(&server, "kind = \"notice\"");
    assert!(notice.holdpoint(&["may", "deploy", "web", "prod"]).exits(0).stdout.starts_with("PASS"));
}

#[test]
fn a_window_of_a_calendar_opens_beside_one_of_the_files() {
    let (server, says) = server();
    let s = fed(&server, "kind = \"window\"");
    s.write(
        "calendar/windows.toml",
        "[windows.past]\nstarts = \"2020-01-01T00:00:00Z\"\nends = \"2020-01-02T00:00:00Z\"\n",
    );
    let open = s.holdpoint(&["may", "deploy", "web", "prod"]).exits(0).stdout;
    assert!(open.contains("window Quarter end open until"), "{open}");
    *says.lock().unwrap() = ("200 OK", NOTHING.to_owned());
    s.holdpoint(&["may", "deploy", "web", "prod"]).exits(3);
}

#[test]
fn a_rule_that_asks_for_what_a_silent_calendar_would_say_cannot_be_told() {
    let (server, says) = server();
    let s = fed(&server, "kind = \"notice\"");
    s.write(
        "policy/rules.toml",
        "[rules.sale]\nwhen = 'calendar.notices.size() > 0'\neffect = \"block\"\nsay = \"a sale\"\n",
    );
    s.holdpoint(&["check"]).exits(0);
    let denied = s.holdpoint(&["may", "deploy", "web", "prod"]).stdout;
    assert!(denied.starts_with("FAIL") && denied.contains("a sale"), "{denied}");
    *says.lock().unwrap() = ("500 Oh", String::new());
    let denied = s.holdpoint(&["may", "deploy", "web", "prod"]).exits(3).stdout;
    assert!(denied.starts_with("UNKNOWN") && denied.contains("whether policy sale speaks cannot be told"), "{denied}");
}

#[test]
fn an_address_that_is_a_secret_is_taken_from_where_it_is_kept() {
    let (server, _) = server();
    let s = with(&deploy("2.0"));
    s.write("calendar/feeds.toml", "[feeds.books]\nurl = { file = \"books.url\" }\nkind = \"freeze\"\n");
    let unread = s.holdpoint(&["may", "deploy", "web", "prod"]).exits(3).stdout;
    assert!(unread.contains("cannot read the secret from the file "), "{unread}");
    let kept = s.write("books.url", server.url(PATH));
    std::fs::set_permissions(kept, std::fs::Permissions::from_mode(0o600)).unwrap();
    let frozen = s.holdpoint(&["may", "deploy", "web", "prod"]).exits(3).stdout;
    assert!(frozen.contains("freeze Quarter end") && !frozen.contains("hunter"), "{frozen}");
}
