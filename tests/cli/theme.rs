//! `holdpoint theme`, and a theme's file that changes under the running screens.

use crate::ground::{deploy, with};
use crate::support::sandbox::Sandbox;
use std::fs;
use std::path::PathBuf;

fn themes(sandbox: &Sandbox) -> PathBuf {
    let dir = sandbox.root().join("config/holdpoint/themes");
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn scheme(red: &str) -> String {
    let greys = ["2b303b", "343d46", "4f5b66", "65737e", "a7adba", "c0c5ce", "dfe1e8", "eff1f5"];
    let colours = [red, "d08770", "ebcb8b", "a3be8c", "96b5b4", "8fa1b3", "b48ead", "ab7967"];
    let lines = greys.iter().chain(&colours).enumerate().map(|(n, c)| format!("base{n:02X}: \"{c}\"\n"));
    "scheme: \"Ocean\"\n".to_owned() + &lines.collect::<String>()
}

#[test]
fn what_ships_is_sound() {
    let s = Sandbox::new();
    let checked = s.holdpoint(&["theme", "check"]).exits(0);
    for name in ["terminal", "dark", "light", "high-contrast", "okabe-ito", "mono"] {
        assert!(checked.stdout.contains(&format!("{name}: ok\n")), "{}", checked.stdout);
        s.holdpoint(&["theme", "check", name]).exits(0);
    }
    s.holdpoint(&["theme", "check", "no-such-theme"]).exits(2);
}

#[test]
fn a_scheme_becomes_a_theme_that_is_kept() {
    let s = Sandbox::new();
    let file = s.write("ocean.yaml", scheme("bf616a"));
    let file = file.to_str().unwrap();
    let looked = s.holdpoint(&["theme", "check", file]).exits(1);
    assert!(looked.stdout.contains("changed  fail: #bf616a has a contrast of 3.2, 4.5 is needed"), "{}", looked.stdout);
    let imported = s.holdpoint(&["theme", "import", file]).exits(0);
    assert!(imported.stdout.ends_with("holdpoint/themes/ocean.toml\n") && imported.stderr.contains("fail: #bf616a"));
    s.holdpoint(&["theme", "import", file]).exits(1);
    s.holdpoint(&["theme", "import", file, "--replace"]).exits(0);
    s.holdpoint(&["theme", "import", file, "--name", "../sea"]).exits(2);
    s.holdpoint(&["theme", "import", file, "--name", "sea"]).exits(0);
    s.holdpoint(&["theme", "check", "ocean"]).exits(0);
    let settings = s.root().join("config/holdpoint/config.toml");
    fs::write(&settings, "# mine\nother = 1\n[table]\ntheme = \"not this\"\n").unwrap();
    s.holdpoint(&["theme", "use", "ocean"]).exits(0);
    s.holdpoint(&["theme", "use", "sea"]).exits(0);
    let kept = fs::read_to_string(&settings).unwrap();
    assert_eq!(kept, "theme = \"sea\"\n# mine\nother = 1\n[table]\ntheme = \"not this\"\n");
    s.holdpoint(&["theme", "use", "nothing"]).exits(2);
    let listed = s.holdpoint(&["theme", "list"]).exits(0);
    assert!(listed.stdout.lines().any(|line| line.starts_with("*  sea")), "{}", listed.stdout);
    let shown = s.holdpoint(&["theme", "show", "ocean"]).exits(0);
    assert!(shown.stdout.contains("text = { fg = \"#c0c5ce\", bg = \"#2b303b\" }"));
}

#[test]
fn mistakes_have_their_place() {
    let s = Sandbox::new();
    s.write("bad.yaml", scheme("bf616x"));
    let bad = s.holdpoint(&["theme", "check", "bad.yaml"]).exits(2);
    assert!(bad.stderr.starts_with("bad.yaml:10:10: no colour"), "{}", bad.stderr);
    s.holdpoint(&["theme", "import", "bad.yaml"]).exits(2);
    fs::write(themes(&s).join("mine.toml"), "[roles]\ntext = { fg = \"grue\" }\n").unwrap();
    let json = s.holdpoint(&["theme", "check", "--json"]).exits(2);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let mistake = &json["mistakes"][0];
    assert_eq!((mistake["line"].as_u64(), mistake["column"].as_u64()), (Some(2), Some(15)), "{json}");
}

#[test]
fn a_changed_theme_is_taken_up_and_a_broken_one_is_not() {
    let s = with(&deploy("2.0"));
    let file = themes(&s).join("mine.toml");
    let text = |ground: &str| include_str!("../../themes/dark.toml").replace("#11151a", ground);
    fs::write(&file, text("#000000")).unwrap();
    let launch = s.terminal(&["--as", "ana"]).env("HOLDPOINT_THEME", "mine").env("COLORTERM", "truecolor");
    let mut pty = launch.start();
    let ground = |pty: &crate::support::pty::Pty| pty.look(|screen| screen.cell(20, 70).map(|cell| cell.bgcolor()));
    let waited = |pty: &crate::support::pty::Pty, rgb: (u8, u8, u8)| {
        let wanted = Some(vt100::Color::Rgb(rgb.0, rgb.1, rgb.2));
        crate::support::wait_until("the ground", crate::support::pty::PATIENCE, || ground(pty) == wanted);
    };
    pty.wait_for("READ-ONLY");
    waited(&pty, (0, 0, 0));
    fs::write(&file, text("#0a0a20")).unwrap();
    waited(&pty, (10, 10, 32));
    fs::write(&file, text("#0a0a20").replace("\"#f2c55c\", bold", "\"#f2c55\", bold")).unwrap();
    pty.wait_for("mine.toml:16:15");
    assert_eq!(ground(&pty), Some(vt100::Color::Rgb(10, 10, 32)));
    // It stays said until it is put away.
    pty.keys("31");
    pty.wait_for("mine.toml:16:15");
    pty.keys("<Backspace>");
    pty.wait_gone("mine.toml:16:15");
    fs::write(&file, text("#101010")).unwrap();
    waited(&pty, (16, 16, 16));
    // The list wears each at once, and Esc brings the old one back.
    pty.keys(":theme<Enter>");
    pty.wait_for("high-contrast");
    pty.keys("g<Down><Down>");
    waited(&pty, (0xfb, 0xfa, 0xf7));
    pty.keys("<Esc>");
    waited(&pty, (16, 16, 16));
    pty.keys(":quit<Enter>");
    assert_eq!(pty.wait_exit(crate::support::pty::PATIENCE).code, 0);
}

#[test]
fn flags_stand_over_the_environment() {
    let s = with(&deploy("2.0"));
    let launch = s.terminal(&["--as", "ana", "--color", "none", "--ascii"]).env("HOLDPOINT_THEME", "dark");
    let mut pty = launch.start();
    pty.wait_for("READ-ONLY");
    let sent = String::from_utf8(pty.emitted()).unwrap();
    assert!(sent.is_ascii() && !sent.contains("38;") && !sent.contains("48;"), "{sent:?}");
    pty.keys("q");
    assert_eq!(pty.wait_exit(crate::support::pty::PATIENCE).code, 0);
}
