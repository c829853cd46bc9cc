//! Where the program is measured: workspaces made for the purpose.

use crate::HOLDPOINT;
use crate::screen::Screen;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

/// A directory with a workspace and a home of its own, and what to start there.
pub struct Place {
    root: tempfile::TempDir,
    words: Vec<&'static str>,
}

const CELLS: usize = 10;
/// The fleet changes over this many turns of a second.
const TURNS: usize = 40;

impl Place {
    fn empty(words: &[&'static str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        for name in ["work/runbooks", "home", "state", "config"] {
            fs::create_dir_all(root.path().join(name)).unwrap();
        }
        Self { root, words: words.to_vec() }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root.path().join("work").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// So many services in ten environments; every second so many of their
    /// deployments have another version.
    pub fn fleet(services: usize, changes: usize) -> Self {
        let place = Self::empty(&[]);
        let cells: Vec<String> = (0..CELLS).map(|n| format!("cell-{n:02}")).collect();
        let mut text = String::from(HEAD);
        // A backend for each environment: no answer may be longer than 1 MiB.
        for c in &cells {
            write!(text, "[backends.{c}]\nkind = \"command\"\nevery = \"1s\"\n").unwrap();
            write!(text, "[backends.{c}.status]\nargv = [\"scripts/status\", \"{c}\"]\nlimit = \"5s\"\n").unwrap();
            write!(text, "[backends.{c}.verbs.deploy]\nargv = [\"scripts/deploy\", \"{{version}}\"]\n").unwrap();
            text.push_str("limit = \"5s\"\n");
        }
        cells
            .iter()
            .for_each(|c| write!(text, "[environments.{c}]\ntier = \"staging\"\nconfirm = \"none\"\n").unwrap());
        place.write("holdpoint.toml", &text);
        let by: Vec<String> = cells.iter().map(|c| format!("{c} = \"{c}\"")).collect();
        let service =
            |n| format!("[services.svc-{n:03}]\nowner = \"manager\"\ndeployed_by = {{ {} }}\n", by.join(", "));
        place.write("services.toml", &(0..services).map(service).collect::<String>());
        for (turn, cell) in (0..TURNS).flat_map(|turn| (0..CELLS).map(move |cell| (turn, cell))) {
            let text = status(services, changes, turn, (cell, &cells[cell]));
            place.write(&format!("scripts/{}-{turn}.json", cells[cell]), &text);
        }
        let script = format!("#!/bin/sh\nexec cat \"scripts/$1-$(($(date +%s) % {TURNS})).json\"\n");
        let script = place.write("scripts/status", &script);
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
        place
    }

    /// So many clusters, each an environment of the same services; a kubeconfig leads to them at these ports.
    pub fn clusters(ports: &[u16], services: usize) -> Self {
        let place = Self::empty(&[]);
        let (mut text, mut config) = (String::from(HEAD), [String::new(), String::new()]);
        for (n, port) in ports.iter().enumerate() {
            write!(text, "[backends.k{n:03}]\nkind = \"kubernetes\"\nkubeconfig = \"kubeconfig\"\n").unwrap();
            writeln!(text, "context = \"k{n:03}\"").unwrap();
            write!(text, "[environments.cell-{n:03}]\ntier = \"staging\"\nconfirm = \"none\"\n").unwrap();
            write!(config[0], "- name: k{n:03}\n  cluster:\n    server: http://127.0.0.1:{port}\n").unwrap();
            write!(config[1], "- name: k{n:03}\n  context:\n    cluster: k{n:03}\n    user: ana\n").unwrap();
            config[1].push_str("    namespace: payments\n");
        }
        place.write("holdpoint.toml", &text);
        let [clusters, contexts] = config;
        let users = "users:\n- name: ana\n  user:\n    token: not-a-secret\n";
        let head = "apiVersion: v1\nkind: Config\ncurrent-context: k000\n";
        place.write("kubeconfig", &format!("{head}clusters:\n{clusters}{users}contexts:\n{contexts}"));
        let by: Vec<String> = (0..ports.len()).map(|n| format!("cell-{n:03} = \"k{n:03}\"")).collect();
        let service =
            |n| format!("[services.svc-{n:03}]\nowner = \"manager\"\ndeployed_by = {{ {} }}\n", by.join(", "));
        place.write("services.toml", &(0..services).map(service).collect::<String>());
        place
    }

    /// A workspace that watches nothing.
    pub fn quiet() -> Self {
        let place = Self::empty(&[]);
        place.write("holdpoint.toml", &format!("{HEAD}[environments.here]\ntier = \"staging\"\nconfirm = \"none\"\n"));
        place
    }

    /// The demo, in no workspace.
    pub fn demo() -> Self {
        Self::empty(&["demo", "--fast"])
    }

    /// A quiet workspace whose journal has so many lines, in segments as the
    /// program makes them.
    pub fn long(lines: u64) -> Self {
        let place = Self::quiet();
        crate::grow::grow(&place.state(), ID, lines);
        place
    }

    fn state(&self) -> PathBuf {
        self.root.path().join("state/holdpoint").join(ID)
    }

    /// Another program at the first of its clusters, found by its name.
    pub fn other(&self, program: &str, words: &[&str], size: (u16, u16)) -> Screen {
        let mut environment = self.environment();
        let config = self.root.path().join("work/kubeconfig").display().to_string();
        environment.push(("KUBECONFIG".to_owned(), config));
        Screen::start(program, words, &environment, size)
    }

    fn environment(&self) -> Vec<(String, String)> {
        let at = |name: &str| self.root.path().join(name).display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let rest = [("TERM", "xterm-256color".to_owned()), ("LANG", "C.UTF-8".to_owned()), ("PATH", path)];
        let homes = [("HOME", at("home")), ("XDG_STATE_HOME", at("state")), ("XDG_CONFIG_HOME", at("config"))];
        rest.into_iter().chain(homes).map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The program as a verb of this place.
    pub fn command(&self) -> Command {
        let mut command = Command::new(HOLDPOINT);
        command.env_clear().envs(self.environment()).current_dir(self.root.path().join("work"));
        command.args(["--as", "ana"]);
        command
    }

    /// Its screens.
    pub fn start(&self, size: (u16, u16)) -> Screen {
        let work = self.root.path().join("work").display().to_string();
        let mut words = self.words.clone();
        if words.is_empty() {
            words.extend(["-C", &work, "--as", "ana"]);
        }
        Screen::start(HOLDPOINT, &words, &self.environment(), size)
    }
}

const ID: &str = "00000000feedbeef";
const HEAD: &str = "[workspace]\nid = \"00000000feedbeef\"\nname = \"measured\"\nzone = \"UTC\"\n\
purpose = \"rehearsal\"\n[people.ana]\nlogins = [\"ana\"]\n\
[roles.manager]\npeople = [\"ana\"]\nproof = \"claimed\"\nrollback = true\n";

/// What stands in an environment in a turn: each turn bumps the patch of the next half of `changes`
/// deployments and takes back that of the half before, so that `changes` differ.
fn status(services: usize, changes: usize, turn: usize, (cell, name): (usize, &str)) -> String {
    let all = services * CELLS;
    let moved = |n: usize| {
        let from = turn * changes / 2 % all;
        (n + all - from) % all < changes / 2
    };
    let one = |service: usize| {
        let n = service * CELLS + cell;
        let patch = if moved(n) { turn + 1 } else { 0 };
        format!(
            r#"{{"service":"svc-{service:03}","environment":"{name}","version":"4.{}.{patch}","state":"stable","ready":2,"wanted":2}}"#,
            n % 7,
        )
    };
    format!("{{\"deployments\":[{}]}}\n", (0..services).map(one).collect::<Vec<_>>().join(","))
}
