//! Real servers, started for a test and ended with it.

use crate::server::Server;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A server that runs as long as this is kept.
pub struct Program {
    child: Child,
    pub dir: TempDir,
    pub url: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where a program is; none, with words, where it is not installed. In CI it must be.
pub fn installed(program: &str) -> Option<PathBuf> {
    let found = found(program);
    if found.is_none() {
        let ci = std::env::var_os("CI").is_some();
        assert!(!ci, "{program} is not installed; `.ci/run` installs it");
        crate::skip::skipped(&format!("{program} is not installed"));
    }
    found
}

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

pub fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn start(program: &Path, dir: TempDir, port: u16, arguments: &[String], ready: &str) -> Program {
    let child = Command::new(program)
        .args(arguments)
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(dir.path().join("log")).unwrap())
        .spawn()
        .unwrap();
    let mut program = Program { child, dir, url: format!("http://127.0.0.1:{port}") };
    let began = Instant::now();
    while get(&program.url, ready).is_none() {
        let ended = program.child.try_wait().unwrap().is_some();
        let log = || std::fs::read_to_string(program.dir.path().join("log")).unwrap_or_default();
        assert!(!ended && began.elapsed() < Duration::from_secs(60), "{}", log());
        std::thread::sleep(Duration::from_millis(50));
    }
    program
}

/// The body of a 200.
pub fn get(url: &str, path: &str) -> Option<String> {
    ask(url, &format!("GET {path} HTTP/1.0\r\n\r\n"))
}

pub fn post(url: &str, path: &str, json: &str) -> Option<String> {
    let head = format!("POST {path} HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: {}", json.len());
    ask(url, &format!("{head}\r\n\r\n{json}"))
}

fn ask(url: &str, request: &str) -> Option<String> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.0 200").then(|| body.to_owned())
}

const RULES: &str = r#"
groups:
- name: g
  interval: 250ms
  rules:
  - alert: TooManyFailures
    expr: failing > 0
    labels: { service: payments, env: eu-west, severity: critical }
    annotations: { summary: "{{ $value }} of them" }
  - alert: SoonTooMany
    expr: failing > 0
    for: 1h
    labels: { service: fx, env: eu-west }
  - alert: NeverFires
    expr: version * on() version
    labels: { service: payments }
"#;

/// A Prometheus that scrapes the exporter four times a second.
pub fn prometheus(exporter: &Server) -> Option<Program> {
    let program = installed("prometheus")?;
    let (dir, port) = (TempDir::new().unwrap(), free());
    let config = format!(
        "global: {{ scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms }}\nrule_files: [rules.yml]\nscrape_configs:\n- job_name: demo\n  static_configs: [ {{ targets: [\"{}\"] }} ]\n",
        exporter.address
    );
    std::fs::write(dir.path().join("prometheus.yml"), config).unwrap();
    std::fs::write(dir.path().join("rules.yml"), RULES).unwrap();
    let arguments = [
        "--config.file=prometheus.yml".to_owned(),
        "--storage.tsdb.path=data".to_owned(),
        "--query.lookback-delta=2s".to_owned(),
        format!("--web.listen-address=127.0.0.1:{port}"),
    ];
    Some(start(&program, dir, port, &arguments, "/-/ready"))
}

/// A Prometheus that scrapes nothing and remembers this, as OpenMetrics.
pub fn recorded(series: &str) -> Option<Program> {
    let (program, tool) = (installed("prometheus")?, installed("promtool")?);
    let (dir, port) = (TempDir::new().unwrap(), free());
    std::fs::write(dir.path().join("series"), series).unwrap();
    std::fs::write(dir.path().join("prometheus.yml"), "global: {}\n").unwrap();
    let mut create = Command::new(tool);
    create.args(["tsdb", "create-blocks-from", "openmetrics", "series", "data"]).current_dir(dir.path());
    let created = create.output().unwrap();
    assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
    let arguments = [
        "--config.file=prometheus.yml".to_owned(),
        "--storage.tsdb.path=data".to_owned(),
        format!("--web.listen-address=127.0.0.1:{port}"),
    ];
    Some(start(&program, dir, port, &arguments, "/-/ready"))
}

/// Alertmanagers that may be tried: Debian's, which must be there in CI, and a newer one where it was built, as
/// `.ci/full` does.
pub fn alertmanagers() -> Vec<PathBuf> {
    let newer = found("alertmanager");
    if newer.is_none() {
        crate::wanted::skipped("alertmanager");
    }
    installed("prometheus-alertmanager").into_iter().chain(newer).collect()
}

/// One of them; one that gossips on `own` and joins `other` where these are given.
pub fn alertmanager(program: &Path, gossip: Option<(u16, u16)>) -> Program {
    let (dir, port) = (TempDir::new().unwrap(), free());
    let config = "route: { receiver: nobody, group_wait: 0s }\nreceivers: [ { name: nobody } ]\n";
    std::fs::write(dir.path().join("alertmanager.yml"), config).unwrap();
    let mut arguments = vec![
        "--config.file=alertmanager.yml".to_owned(),
        "--storage.path=data".to_owned(),
        format!("--web.listen-address=127.0.0.1:{port}"),
    ];
    match gossip {
        None => arguments.push("--cluster.listen-address=".to_owned()),
        Some((own, other)) => arguments.extend([
            format!("--cluster.listen-address=127.0.0.1:{own}"),
            format!("--cluster.advertise-address=127.0.0.1:{own}"),
            format!("--cluster.peer=127.0.0.1:{other}"),
            "--cluster.settle-timeout=1s".to_owned(),
            "--cluster.gossip-interval=50ms".to_owned(),
            "--cluster.pushpull-interval=500ms".to_owned(),
        ]),
    }
    start(program, dir, port, &arguments, "/-/ready")
}
