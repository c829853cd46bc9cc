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

const SERVICES: usize = 200;
const CELLS: usize = 10;

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

    /// 200 services in ten environments; every second a tenth of the 2,000 has
    /// another version.
    pub fn fleet() -> Self {
        let place = Self::empty(&[]);
        let cells: Vec<String> = (0..CELLS).map(|n| format!("cell-{n:02}")).collect();
        let mut text = String::from(HEAD);
        text.push_str("[backends.fleet]\nkind = \"command\"\nevery = \"1s\"\n");
        text.push_str("[backends.fleet.status]\nargv = [\"scripts/status\"]\nlimit = \"5s\"\n");
        text.push_str("[backends.fleet.verbs.deploy]\nargv = [\"scripts/deploy\", \"{version}\"]\nlimit = \"5s\"\n");
        cells
            .iter()
            .for_each(|c| write!(text, "[environments.{c}]\ntier = \"staging\"\nconfirm = \"none\"\n").unwrap());
        place.write("holdpoint.toml", &text);
        let by: Vec<String> = cells.iter().map(|c| format!("{c} = \"fleet\"")).collect();
        let service =
            |n| format!("[services.svc-{n:03}]\nowner = \"manager\"\ndeployed_by = {{ {} }}\n", by.join(", "));
        place.write("services.toml", &(0..SERVICES).map(service).collect::<String>());
        (0..10).for_each(|turn| drop(place.write(&format!("scripts/{turn}.json"), &status(turn, &cells))));
        let script = "#!/bin/sh\nexec cat \"scripts/$(($(date +%s) % 10)).json\"\n";
        let script = place.write("scripts/status", script);
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
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

fn status(turn: usize, cells: &[String]) -> String {
    let one = |service: usize, cell: usize| {
        let n = service * CELLS + cell;
        let patch = if n % 10 == turn { turn } else { 0 };
        format!(
            r#"{{"service":"svc-{service:03}","environment":"{}","version":"4.{}.{patch}","state":"stable","ready":2,"wanted":2}}"#,
            cells[cell],
            n % 7
        )
    };
    let all: Vec<String> = (0..SERVICES).flat_map(|s| (0..CELLS).map(move |c| one(s, c))).collect();
    format!("{{\"deployments\":[{}]}}\n", all.join(","))
}
