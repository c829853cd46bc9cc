//! base16 and base24 schemes as people find them, and as nobody should write them.

use holdpoint::config::Source;
use holdpoint::tui::theme::scheme::Scheme;
use holdpoint::tui::theme::{Role, collection, seen};
use proptest::prelude::*;
use ratatui::style::Color;

const COLOURS: [&str; 24] = [
    "2b303b", "343d46", "4f5b66", "65737e", "a7adba", "c0c5ce", "dfe1e8", "eff1f5", "bf616a", "d08770", "ebcb8b",
    "a3be8c", "96b5b4", "8fa1b3", "b48ead", "ab7967", "20242c", "15181d", "ff8a92", "ffdf9a", "b8d6a0", "a8cccb",
    "a5bad0", "d0a8c8",
];

fn flat(count: usize) -> String {
    let lines = COLOURS[..count].iter().enumerate().map(|(n, c)| format!("base{n:02X}: \"{c}\"\n"));
    "scheme: \"Ocean\"\nauthor: 'Someone (https://example.org)' # theirs\n".to_owned() + &lines.collect::<String>()
}

fn nested(count: usize) -> String {
    let lines = COLOURS[..count].iter().enumerate().map(|(n, c)| format!("  base{n:02x}: \"#{c}\" # a colour\n"));
    let head = "---\nsystem: \"base24\"\nname: Ocean\nslug: ocean\n\nvariant: \"dark\"\npalette:\n";
    head.to_owned() + &lines.collect::<String>()
}

fn read(text: &str) -> Result<Scheme, String> {
    let source = Source::new("ocean.yaml", text.to_owned());
    Scheme::read(&source).map_err(|p| format!("{}:{}:{}: {}", p.file, p.line, p.column, p.what))
}

#[test]
fn both_forms_say_the_same() {
    let (old, new) = (read(&flat(16)).unwrap(), read(&nested(16)).unwrap());
    assert_eq!(old, new);
    assert_eq!(old.title, "Ocean");
    let styles = old.styles();
    assert_eq!(
        seen(&styles, Role::Text),
        (Color::Rgb(0xc0, 0xc5, 0xce), Color::Rgb(0x2b, 0x30, 0x3b), Default::default())
    );
    assert_eq!(seen(&styles, Role::Fail).0, Color::Rgb(0xbf, 0x61, 0x6a));
    assert_eq!(read(&flat(16).replace('\n', "\r\n")).unwrap(), old);
    assert_eq!(read(&flat(16).replace('"', "")).unwrap(), old);
}

#[test]
fn the_bright_colours_of_base24_are_for_what_needs_a_person() {
    for text in [flat(24), nested(24)] {
        let styles = read(&text).unwrap().styles();
        assert_eq!(seen(&styles, Role::Fail).0, Color::Rgb(0xff, 0x8a, 0x92));
        assert_eq!(seen(&styles, Role::Warn).0, Color::Rgb(0xff, 0xdf, 0x9a));
        assert_eq!(seen(&styles, Role::Ok).0, Color::Rgb(0xa3, 0xbe, 0x8c));
    }
}

#[test]
fn every_mistake_has_its_place() {
    let wrong = |from: &str, to: &str| {
        let text = flat(16);
        assert!(text.contains(from));
        read(&text.replacen(from, to, 1)).unwrap_err()
    };
    assert_eq!(wrong("2b303b", "2b303x"), "ocean.yaml:3:10: no colour");
    assert_eq!(wrong("\"2b303b\"", "+b303b"), "ocean.yaml:3:9: no colour");
    assert_eq!(wrong("\"2b303b\"", "\"2b303b"), "ocean.yaml:3:9: this quote does not end");
    assert_eq!(wrong("base01", "base00"), "ocean.yaml:4:1: this colour is given twice");
    assert_eq!(wrong("base01: ", "base01 "), "ocean.yaml:4:1: this line has no key");
    assert_eq!(wrong("base01: ", "base01:"), "ocean.yaml:4:8: there is no space before this value");
    assert_eq!(wrong("base01", "  base01"), "ocean.yaml:4:3: this is indented under nothing");
    assert_eq!(wrong("base01", "\tbase01"), "ocean.yaml:4:1: a tab indents this line");
    assert_eq!(wrong("\"343d46\"", "*anchor"), "ocean.yaml:4:9: more of YAML than a scheme needs");
    assert_eq!(wrong("\"343d46\"", "\"343d46\" x"), "ocean.yaml:4:9: more than one quoted text");
    assert_eq!(wrong("base0F: \"ab7967\"\n", ""), "ocean.yaml:18:1: base0F is missing");
    let other = nested(16).replace("  base0f", "  base18");
    assert_eq!(read(&other).unwrap_err(), "ocean.yaml:23:3: no colour of base16 or base24");
    assert!(read("").unwrap_err().contains("base00 is missing"));
}

#[test]
fn a_scheme_in_the_directory_is_a_theme_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("ocean.yaml"), flat(16)).unwrap();
    std::fs::write(dir.path().join("broken.yml"), "base00: 1\n").unwrap();
    std::fs::write(dir.path().join("dark.toml"), include_str!("../../themes/light.toml")).unwrap();
    std::fs::write(dir.path().join("notes.txt"), "no theme").unwrap();
    let themes = collection::Themes::read(Some(dir.path()), None);
    let names: Vec<_> = themes.0.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["terminal", "light", "high-contrast", "okabe-ito", "mono", "broken", "dark", "ocean"]);
    let ocean = themes.get("ocean").unwrap().read.as_ref().unwrap();
    // Its red is too faint on its ground, and is mended at load.
    assert!(ocean.repairs.iter().any(|r| r.to_string().starts_with("fail: #bf616a")), "{:?}", ocean.repairs);
    let broken = themes.get("broken").unwrap().read.as_ref().unwrap_err().to_string();
    assert!(broken.contains("broken.yml:1:9: no colour"), "{broken}");
    // One's own stands for the built-in of its name.
    let own = themes.get("dark").unwrap().read.as_ref().unwrap();
    assert_eq!(own.styles, collection::built_in("light").unwrap().styles);
    assert_eq!(collection::find("dark", Some(dir.path())).unwrap().styles, own.styles);
}

proptest! {
    #[test]
    fn no_text_panics(text in "([ \t]?(base0[0-9A-G]|palette|name|é)?[:]?[ ]?[\"'#*|]?[0-9a-f]{0,6}[\"']?\r?\n?){0,40}") {
        let _ = read(&text);
    }
}
