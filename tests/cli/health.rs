//! `health` ends as what it tells: also when only the comparison of two versions is bad.

use crate::ground::{deploy, with};
use crate::support::ground::script;
use crate::support::sandbox::Sandbox;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// A Prometheus by which nothing is wrong, that counts so many bad events of a thousand for each version.
fn prometheus(old: u64, new: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let asked = asked(&mut stream);
            let now = chrono::Utc::now().timestamp();
            let both = |old: u64, new: u64| {
                let one =
                    |version: &str, n: u64| format!(r#"{{"metric":{{"version":"{version}"}},"value":[{now},"{n}"]}}"#);
                format!(r#""vector","result":[{},{}]"#, one("1.0", old), one("2.0", new))
            };
            let found = match () {
                () if asked.contains("query_range") => r#""matrix","result":[]"#.to_owned(),
                () if asked.contains("query=faulty") => both(old, new),
                () if asked.contains("query=served") => both(1_000, 1_000),
                () => format!(r#""scalar","result":[{now},"0.001"]"#),
            };
            let body = format!(r#"{{"status":"success","data":{{"resultType":{found}}}}}"#);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close", body.len());
            let _ = write!(stream, "{head}\r\n\r\n{body}");
        }
    });
    url
}

/// A whole request, head and body.
fn asked(stream: &mut TcpStream) -> String {
    let (mut seen, mut piece) = (Vec::new(), [0; 1024]);
    loop {
        let text = String::from_utf8_lossy(&seen).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let long = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= long.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut piece) {
            Ok(n) if n > 0 => seen.extend_from_slice(&piece[..n]),
            _ => return text,
        }
    }
}

/// The team with a signal that is well and counts by version; 2.0 may be on its way beside 1.0.
fn measured(url: &str, candidate: &str) -> Sandbox {
    let s = with(&deploy("2.0"));
    let row = format!(r#"{{"service":"web","environment":"prod","version":"1.0","state":"canary"{candidate}}}"#);
    script(&s, "status", &format!("#!/bin/sh\necho '{{\"deployments\":[{row}]}}'\n"));
    let file = s.workspace().join("holdpoint.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(file, format!("{text}\n[backends.prom]\nkind = \"prometheus\"\nurl = \"{url}\"\nevery = \"1s\"\n"))
        .unwrap();
    let signal = r#"
[signals.failed]
service = "web"
environments = ["prod"]
source = "prom"
unit = "ratio"
bad = "above"
fail = 0.5
every = "1s"
query = { kind = "prometheus", expr = "share", versions = { bad = "faulty", all = "served" } }
"#;
    s.write("signals.toml", signal);
    s
}

#[test]
fn a_version_that_is_worse_is_no_success_and_nothing_to_compare_is() {
    let beside = r#","candidate":"2.0","weight":5"#;
    let told = measured(&prometheus(1, 90), beside).holdpoint(&["health"]).exits(1).stdout;
    assert!(told.contains("failed@prod WORSE: 2.0 90 of 1000"), "{told}");
    let told = measured(&prometheus(1, 1), beside).holdpoint(&["health"]).exits(0).stdout;
    assert!(told.contains("failed@prod no worse: 2.0 1 of 1000"), "{told}");
    let told = measured(&prometheus(1, 7), beside).holdpoint(&["health"]).exits(0).stdout;
    assert!(told.contains("failed@prod inconclusive: 2.0 7 of 1000"), "{told}");
    let told = measured(&prometheus(1, 90), "").holdpoint(&["health"]).exits(0).stdout;
    assert!(told.contains("only 1.0 serves"), "{told}");
}
