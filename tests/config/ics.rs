//! Calendars of other programs: what is in them, when it is on, and what is wrong with them.

use super::{Dir, at};
use holdpoint::config::load;
use holdpoint::domain::calendar::{Event, EventKind};

const NOW: &str = "2026-11-21T12:00:00Z";

/// A workspace in Paris with one file, read by the feed that is written.
fn workspace(ics: &str, feed: &str) -> Dir {
    let dir = Dir::empty();
    dir.put("holdpoint.toml", "[workspace]\nid = \"0123\"\nname = \"x\"\nzone = \"Europe/Paris\"\n");
    dir.put("calendar/vendor.ics", ics);
    dir.put("calendar/feeds.toml", format!("[feeds.vendor]\nfile = \"vendor.ics\"\nkind = \"maintenance\"\n{feed}"));
    dir
}

fn events(ics: &str, feed: &str) -> Vec<Event> {
    let dir = workspace(ics, feed);
    let loaded = load(dir.path(), at(NOW)).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    loaded.workspace.calendar.events
}

/// What is wrong, a line each.
fn wrong(ics: &str, feed: &str) -> String {
    let dir = workspace(ics, feed);
    match load(dir.path(), at(NOW)) {
        Ok(loaded) => panic!("nothing is wrong: {:?}", loaded.workspace.calendar.events),
        Err(problems) => problems.to_string(),
    }
}

fn told(events: &[Event]) -> String {
    let mut out = String::new();
    for event in events {
        let name = event.name.strip_prefix("vendor/").unwrap();
        out.push_str(&format!("{name} · {}\n", event.title));
        for (from, to) in &event.occurrences {
            out.push_str(&format!("  {}/{}\n", from.format("%FT%H:%MZ"), to.format("%FT%H:%MZ")));
        }
    }
    out
}

/// An event with these lines beside its name.
fn event(lines: &str) -> String {
    let lines = lines.replace('\n', "\r\n");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:one\r\nSUMMARY:One\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

#[test]
fn what_real_programs_write_is_read() {
    for (name, ics, expected) in [
        ("google", include_str!("ics/google.ics"), include_str!("ics/google.txt")),
        ("outlook", include_str!("ics/outlook.ics"), include_str!("ics/outlook.txt")),
        ("radicale", include_str!("ics/radicale.ics"), include_str!("ics/radicale.txt")),
    ] {
        assert_eq!(told(&events(ics, "")), expected, "{name}");
        // The same with the line ends that the standard wants.
        assert_eq!(told(&events(&ics.replace('\n', "\r\n"), "")), expected, "{name}");
    }
}

#[test]
fn a_feed_says_what_its_events_are() {
    let dir = workspace(include_str!("ics/radicale.ics"), "only = [\"jobs\", \"ANOTHER\"]\ncontact = \"desk\"");
    let text = std::fs::read_to_string(dir.path().join("calendar/feeds.toml")).unwrap();
    dir.put("calendar/feeds.toml", text.replace("maintenance", "freeze"));
    let all = load(dir.path(), at(NOW)).unwrap().workspace.calendar.events;
    assert!(all.iter().all(|event| event.kind == EventKind::Freeze && event.contact == "desk"));
    let names: Vec<_> = all.iter().map(|event| event.name.as_str()).collect();
    // Exceptions are meant with their series.
    assert_eq!(names, ["vendor/batch", "vendor/series", "vendor/series 20270502T080000Z"]);
}

#[test]
fn times_without_a_zone_are_meant_where_it_is_said() {
    let floating = event("DTSTART:20261201T080000\nDTEND:20261201T090000");
    let first = |ics: &str, feed: &str| events(ics, feed)[0].occurrences[0].0.format("%H:%MZ").to_string();
    assert_eq!(first(&floating, ""), "07:00Z");
    assert_eq!(first(&floating, "zone = \"America/New_York\""), "13:00Z");
    let own = floating.replace("VERSION:2.0", "VERSION:2.0\r\nX-WR-TIMEZONE:Tokyo Standard Time");
    assert_eq!(first(&own, ""), "23:00Z");
    assert_eq!(first(&own, "zone = \"America/New_York\""), "13:00Z");
    // A whole day begins there too.
    assert_eq!(first(&event("DTSTART;VALUE=DATE:20261201"), "zone = \"Asia/Tokyo\""), "15:00Z");
}

#[test]
fn a_rule_ends_at_an_instant_also_where_an_hour_exists_twice() {
    // 02:30 in summer time is before 01:20Z, which is 02:20 in winter time.
    let lines = "DTSTART;TZID=Europe/Paris:20261023T023000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20261025T";
    for (until, days) in [("012000Z", 3), ("003000Z", 3), ("002959Z", 2)] {
        assert_eq!(events(&event(&format!("{lines}{until}")), "")[0].occurrences.len(), days, "{until}");
    }
}

#[test]
fn a_zone_that_nobody_knows_is_said_and_can_be_given_a_meaning() {
    let ics = event("DTSTART;TZID=Our Zone:20261201T080000\nDTEND;TZID=Our Zone:20261201T090000");
    let said = wrong(&ics, "");
    assert!(said.contains("calendar/vendor.ics:6:1: nobody knows the time zone \"Our Zone\""), "{said}");
    assert!(said.contains("zones = { \"Our Zone\" = \"Europe/Paris\" }"), "{said}");
    let told = told(&events(&ics, "zones = { \"Our Zone\" = \"Asia/Kolkata\" }"));
    assert_eq!(told, "one · One\n  2026-12-01T02:30Z/2026-12-01T03:30Z\n");
    let said = wrong(&ics, "zones = { \"Our Zone\" = \"Asia/Calcuta\" }");
    assert!(said.contains("feeds.toml:4:24: there is no time zone \"Asia/Calcuta\""), "{said}");
    // One whose rules are not of the usual form is not guessed.
    let odd = "BEGIN:VTIMEZONE\r\nTZID:Our Zone\r\nBEGIN:STANDARD\r\nDTSTART:20000101T000000\r\nTZOFFSETTO:+0100\r\n\
               RRULE:FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=3\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:20000601T000000\r\n\
               TZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT";
    let said = wrong(&ics.replacen("BEGIN:VEVENT", odd, 1), "");
    assert!(said.contains("nobody knows the time zone"), "{said}");
}

#[test]
fn an_event_that_cannot_be_understood_is_a_mistake_with_its_place() {
    for (lines, place, what) in [
        ("DTEND:20261201T090000Z", "3:1", "this event has no DTSTART"),
        ("DTSTART:tomorrow\nDTEND:20261201T090000Z", "6:1", "\"tomorrow\" is no time"),
        ("DTSTART:20261301T090000Z", "6:1", "\"20261301T090000Z\" is no time"),
        ("DTSTART:20261201T090000Z\nDTEND:20261201T080000Z", "7:1", "it ends before it starts"),
        ("DTSTART:20261201T090000Z\nDURATION:1 hour", "7:1", "\"1 hour\" is no length of time"),
        ("DTSTART:20261201T090000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY", "8:1", "a rule must be daily or longer"),
        ("DTSTART:20261201T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=never", "8:1", "UNTIL=NEVER is no time"),
        ("DTSTART:20261201T090000Z\nDURATION:PT1H\nRRULE:whenever", "8:1", "is no recurrence rule"),
        ("DTSTART:20261201T090000Z\nDURATION:PT1H\nEXRULE:FREQ=DAILY", "8:1", "(EXRULE) is not read"),
        ("DTSTART:20261201T090000Z\nDURATION:P400D\nRRULE:FREQ=DAILY", "7:1", "what comes again lasts at most a year"),
        ("DTSTART:20261201T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nEXDATE:soon", "9:1", "\"soon\" is no time"),
    ] {
        let said = wrong(&event(lines), "");
        assert!(said.contains(&format!("calendar/vendor.ics:{place}: ")) && said.contains(what), "{lines}\n{said}");
    }
    let range = "BEGIN:VEVENT\r\nUID:one\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261202T090000Z\r\n\
                 DTSTART:20261202T100000Z\r\nSUMMARY:One\r\nEND:VEVENT\r\nEND:VCALENDAR";
    let ics = event("DTSTART:20261201T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY").replace("END:VCALENDAR", range);
    assert!(wrong(&ics, "").contains("an exception for all that follows (RANGE) is not read"));
    // What is not meant need not be understood.
    assert!(events(&event("DTSTART:tomorrow"), "only = [\"two\"]").is_empty());
}

#[test]
fn a_file_that_is_none_or_not_whole_is_said() {
    for (ics, what) in [
        ("", "there is no BEGIN:VCALENDAR"),
        ("hello", "it has no colon"),
        ("<html>\n<a href=\"x:y\">", "it has no colon"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:one\n", "VEVENT does not end: is the file whole?"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "this ends what has not begun, or not what began last"),
        ("END:VCALENDAR\n", "this ends what has not begun"),
        (&"BEGIN:X\n".repeat(100_000), "components are nested too deep"),
        (&event("DTSTART:20261201T090000Z").replace("END:VEVENT\r\n", ""), "this ends what has not begun"),
    ] {
        let said = wrong(ics, "");
        assert!(said.contains("calendar/vendor.ics") && said.contains(what), "{what}: {said}");
    }
}

#[test]
fn a_feed_names_a_file_of_the_calendar() {
    let ics = event("DTSTART:20261201T090000Z\nDURATION:PT1H");
    let dir = workspace(&ics, "");
    for (file, what) in [
        ("../secret.ics", "is no iCalendar file of calendar/"),
        ("vendor.toml", "is no iCalendar file of calendar/"),
        ("/etc/passwd.ics", "is no iCalendar file of calendar/"),
        ("other.ics", "there is no calendar/other.ics"),
    ] {
        dir.put("calendar/feeds.toml", format!("[feeds.vendor]\nfile = \"{file}\"\nkind = \"notice\"\n"));
        let said = load(dir.path(), at(NOW)).unwrap_err().to_string();
        assert!(said.contains("calendar/feeds.toml:2:8: ") && said.contains(what), "{said}");
    }
    // One that nobody reads is probably meant to be read.
    dir.put("calendar/feeds.toml", "");
    let warnings = load(dir.path(), at(NOW)).unwrap().warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].to_string().contains("no feed reads this file"), "{}", warnings[0]);
}

#[test]
fn what_is_hostile_is_harmless_and_what_is_huge_takes_no_time() {
    let ics = event("DTSTART:20261201T090000Z\nDURATION:PT1H")
        .replace("SUMMARY:One", "SUMMARY:\u{1b}[2J\u{202e}x\\nEND:VEVENT");
    let all = events(&ics, "");
    assert!(!all[0].title.contains(['\u{1b}', '\u{202e}', '\n']), "{:?}", all[0].title);
    // A rule that nothing fits, one that fits every day for ever, and many events of the past.
    let never = "DTSTART:19700101T090000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30";
    assert!(events(&event(never), "").is_empty());
    let ever = "DTSTART:19000101T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY";
    assert_eq!(events(&event(ever), "")[0].occurrences.len(), 397);
    let one = |n: usize| format!("BEGIN:VEVENT\nUID:{n}\nDTSTART:19991231T000000Z\nDURATION:PT1H\nEND:VEVENT\n");
    let many: String = (0..20_000).map(one).collect();
    assert!(events(&format!("BEGIN:VCALENDAR\n{many}END:VCALENDAR\n"), "").is_empty());
    let recurring = |n: usize| one(n).replace("PT1H\n", "PT1H\nRRULE:FREQ=YEARLY\n");
    let many: String = (0..2_001).map(recurring).collect();
    let said = wrong(&format!("BEGIN:VCALENDAR\n{many}END:VCALENDAR\n"), "");
    assert!(said.contains("with this file there are too many recurring events"), "{said}");
}
