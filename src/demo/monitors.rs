//! Prometheus and Alertmanager as two more processes of the estate, where they are
//! installed: found on this machine, given files, directories and ports of their own.
//!
//! They are other people's programs and are only started. What they measure is what
//! the routers count; nothing here counts or judges.

use super::failure::Failure;
use super::layout::Layout;
use super::live::Ports;
use super::place::Place;
use std::fs;
use std::path::{Path, PathBuf};

const PROMETHEUS: &str = include_str!("monitors/prometheus.yml");
const RULES: &str = include_str!("monitors/rules.yml");
const ALERTMANAGER: &str = include_str!("monitors/alertmanager.yml");

/// The names under which each of them is installed.
const NAMES: [&[&str]; 2] = [&["prometheus"], &["prometheus-alertmanager", "alertmanager"]];

/// The programs that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitors {
    /// Prometheus.
    pub prometheus: PathBuf,
    /// Alertmanager, where it is installed too.
    pub alertmanager: Option<PathBuf>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Monitor {
    /// Prometheus.
    Prometheus,
    /// Alertmanager.
    Alertmanager,
}

impl Monitors {
    /// Finds them as a shell would.
    ///
    /// # Errors
    /// What to install, when there is no Prometheus; without an Alertmanager there are alerts all the same.
    pub fn installed() -> Result<Self, Failure> {
        let [prometheus, alertmanager] = NAMES.map(|names| names.iter().find_map(|name| found(name)));
        let prometheus = prometheus.ok_or_else(|| {
            Failure::refused(
                "no program `prometheus` is on the PATH, and --prometheus needs one: install it (Debian, Ubuntu: \
                 `sudo apt-get install prometheus prometheus-alertmanager`), or start the demo without --prometheus",
            )
        })?;
        Ok(Self { prometheus, alertmanager })
    }
}

fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let runs = |file: &PathBuf| rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok() && file.is_file();
    std::env::split_paths(&path).map(|dir| dir.join(name)).filter(|file| file.is_absolute()).find(runs)
}

impl Monitor {
    /// Its name, also of its directory and its log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus",
            Self::Alertmanager => "alertmanager",
        }
    }

    /// The argument that names its configuration, by which a process of the estate is known.
    pub fn belongs(self, layout: &Layout) -> String {
        let name = self.name();
        format!("--config.file={}", layout.monitor(name).join(format!("{name}.yml")).display())
    }

    /// Its arguments; it serves on the port.
    pub fn arguments(self, layout: &Layout, port: u16) -> Vec<String> {
        let data = layout.monitor(self.name()).join("data");
        let (kept, own) = match self {
            Self::Prometheus => ("--storage.tsdb.path", "--storage.tsdb.retention.time=1d"),
            Self::Alertmanager => ("--storage.path", "--cluster.listen-address="),
        };
        let listens = format!("--web.listen-address=127.0.0.1:{port}");
        vec![self.belongs(layout), format!("{kept}={}", data.display()), listens, own.to_owned()]
    }

    /// Writes its files.
    pub fn write(self, layout: &Layout, ports: &Ports) -> Result<(), Failure> {
        let dir = layout.monitor(self.name());
        let attempt = format!("cannot write the files of {}", self.name());
        fs::create_dir_all(&dir).map_err(Failure::io(&attempt))?;
        let write = |name: &str, text: &str| fs::write(dir.join(name), text).map_err(Failure::io(&attempt));
        match self {
            Self::Prometheus => {
                write("rules.yml", RULES)?;
                write(
                    "prometheus.yml",
                    &PROMETHEUS.replace("@ALERTING@", &alerting(ports)).replace("@TARGETS@", &targets(ports)),
                )
            }
            Self::Alertmanager => write("alertmanager.yml", ALERTMANAGER),
        }
    }
}

fn alerting(ports: &Ports) -> String {
    let one = |port| {
        format!("alerting: {{ alertmanagers: [ {{ static_configs: [ {{ targets: ['127.0.0.1:{port}'] }} ] }} ] }}")
    };
    ports.alertmanager.map(one).unwrap_or_default()
}

/// Each router's page under the front door, with the names that holdpoint knows it by.
fn targets(ports: &Ports) -> String {
    let one = |Place { service, region }: Place| {
        let labels =
            format!("service: {service}, environment: {region}, __metrics_path__: /{service}/{region}/metrics");
        format!("  - {{ targets: ['127.0.0.1:{}'], labels: {{ {labels} }} }}", ports.front)
    };
    Place::all().into_iter().map(one).collect::<Vec<_>>().join("\n")
}

/// Becomes another program, which keeps whose life its own is bound to.
pub fn become_program(words: &[String]) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    let (program, arguments) = words.split_first().ok_or_else(|| Failure::refused("which program?"))?;
    let error = std::process::Command::new(program).args(arguments).exec();
    Err(Failure::refused(format!("cannot start {}: {error}", Path::new(program).display())))
}
