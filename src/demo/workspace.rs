//! The workspace that belongs to an estate: the files a team would have written,
//! with this estate's port, program and times filled in.

use super::clock;
use super::failure::Failure;
use super::layout::Layout;
use super::live::Ports;
use crate::domain::span::Span;
use std::fs;
use std::path::Path;

/// The runbook of the tour, and the one of the incident.
const RUNBOOK: (&str, &str) = ("runbooks/train.toml", include_str!("workspace/runbook.toml"));
const INCIDENT_RUNBOOK: (&str, &str) = ("runbooks/train.toml", include_str!("workspace/incident.toml"));

/// The other files, and where they go.
const FILES: [(&str, &str); 3] = [
    ("services.toml", include_str!("workspace/services.toml")),
    ("calendar/train.toml", include_str!("workspace/calendar.toml")),
    (".gitignore", include_str!("workspace/gitignore")),
];

/// What there is besides where a Prometheus measures, and an Alertmanager tells.
const WORKSPACE: &str = include_str!("workspace/holdpoint.toml");
const PROMETHEUS: &str = include_str!("workspace/prometheus.toml");
const ALERTMANAGER: &str = include_str!("workspace/alertmanager.toml");

/// What is measured, and the two ways in which it is.
const SIGNALS: &str = include_str!("workspace/signals.toml");
const SCRAPED: &str = include_str!("workspace/scraped.toml");
const ASKED: &str = include_str!("workspace/asked.toml");

/// What a quarter of the traffic has to show; versions are told apart where a Prometheus counts them.
const WELL: &str = r#"{ soak = { signals = ["failed-requests", "latency-p99", "sales"], for = "@SOAK@" } }"#;
const NO_WORSE: &str = r#"{ all = [ { soak = { signals = ["failed-requests", "latency-p99", "sales"], for = "@SOAK@" } }, { versions = ["failed-requests"] } ] }"#;

/// Lengths of time that differ between the tour and the quick tour.
struct Pace {
    soak: &'static str,
    guard: &'static str,
    sales_guard: &'static str,
    ledger_soak: &'static str,
    countdown: &'static str,
    warm_caches: &'static str,
    opens_in: Span,
}

const TOUR: Pace = Pace {
    soak: "20s",
    guard: "10s",
    sales_guard: "25s",
    ledger_soak: "8s",
    countdown: "60s",
    warm_caches: "40s",
    opens_in: Span::secs(60),
};
const QUICK: Pace = Pace {
    soak: "8s",
    guard: "5s",
    sales_guard: "12s",
    ledger_soak: "4s",
    countdown: "12s",
    warm_caches: "10s",
    opens_in: Span::secs(12),
};

/// What has happened before anyone looks is to happen quickly.
const INCIDENT: Pace = Pace {
    soak: "60s",
    guard: "4s",
    sales_guard: "12s",
    ledger_soak: "1s",
    countdown: "30s",
    warm_caches: "1s",
    opens_in: Span::ZERO,
};

/// Which day the workspace is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// The tour, at a pace to look at.
    Tour,
    /// The tour with short soaks.
    Quick,
    /// A short train that fails, for whoever is paged.
    Incident,
}

/// Writes the workspace of an estate; `program` is what its scripts run.
pub fn write(layout: &Layout, program: &Path, ports: &Ports, day: Day) -> Result<(), Failure> {
    let (pace, runbook) = match day {
        Day::Tour => (TOUR, RUNBOOK),
        Day::Quick => (QUICK, RUNBOOK),
        Day::Incident => (INCIDENT, INCIDENT_RUNBOOK),
    };
    let now = clock::now();
    let at = |span: Span| (now + span.delta()).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let filled = [
        ("@WELL_AND_NO_WORSE@", if ports.prometheus.is_some() { NO_WORSE } else { WELL }.to_owned()),
        ("@ID@", id()?),
        ("@LOGIN@", quoted(&login())),
        ("@PROGRAM@", quoted(&program.display().to_string())),
        ("@DIR@", quoted(&layout.dir().display().to_string())),
        ("@STATE@", quoted(&layout.dir().join("state").display().to_string())),
        ("@FRONT@", ports.front.to_string()),
        ("@MEASURES@", if ports.prometheus.is_some() { "prometheus" } else { "metrics" }.to_owned()),
        ("@PROMETHEUS@", ports.prometheus.unwrap_or_default().to_string()),
        ("@ALERTMANAGER@", ports.alertmanager.unwrap_or_default().to_string()),
        // Each alert is told once, by whoever knows of silences.
        ("@ITS_ALERTS@", ports.alertmanager.is_none().to_string()),
        ("@SOAK@", pace.soak.to_owned()),
        ("@GUARD@", pace.guard.to_owned()),
        ("@SALES_GUARD@", pace.sales_guard.to_owned()),
        ("@LEDGER_SOAK@", pace.ledger_soak.to_owned()),
        ("@COUNTDOWN@", pace.countdown.to_owned()),
        ("@WARM_CACHES@", pace.warm_caches.to_owned()),
        ("@OPENS@", at(pace.opens_in)),
        ("@SHUTS@", at(Span::mins(4 * 60))),
        ("@LANDS@", at(Span::mins(60))),
        ("@FREEZE_FROM@", at(Span::mins(16 * 60))),
        ("@FREEZE_UNTIL@", at(Span::mins(64 * 60))),
    ];
    let workspace =
        ports.prometheus.map_or("", |_| PROMETHEUS).to_owned() + ports.alertmanager.map_or("", |_| ALERTMANAGER);
    let workspace = WORKSPACE.to_owned() + &workspace;
    let signals = SIGNALS.to_owned() + ports.prometheus.map_or(SCRAPED, |_| ASKED);
    let made = [("holdpoint.toml", workspace.as_str()), ("signals.toml", signals.as_str())];
    for (name, template) in FILES.into_iter().chain([runbook]).chain(made) {
        let text = filled.iter().fold(template.to_owned(), |text, (mark, value)| text.replace(mark, value));
        let path = layout.dir().join(name);
        let attempt = format!("cannot write {}", path.display());
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(Failure::io(&attempt))?;
        fs::write(&path, text).map_err(Failure::io(&attempt))?;
    }
    Ok(())
}

/// A text as TOML writes it; JSON's way is the same.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A new identity: each estate has a journal of its own.
fn id() -> Result<String, Failure> {
    let number = getrandom::u64().map_err(|e| Failure::broken(format!("cannot draw an identity: {e}")))?;
    Ok(format!("{number:016x}"))
}

/// The login name of whoever brings the estate up, who becomes its release manager.
fn login() -> String {
    let uid = rustix::process::getuid().as_raw();
    let all = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let known = all.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(uid)).then(|| name.to_owned())
    });
    known.unwrap_or_else(|| uid.to_string())
}
