//! Truecolor, 256, sixteen and none: what each sends to the terminal, and that
//! nothing is lost on the way down.

use crate::actions::Desk;
use holdpoint::tui::glyphs::Glyphs;
use holdpoint::tui::pane::themes::STATES;
use holdpoint::tui::terminal::painter::Painter;
use holdpoint::tui::theme::{BUILT_IN, Depth, Role, Theme, collection};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

const ROLES: [Role; 14] = [
    Role::Text,
    Role::Dim,
    Role::Selected,
    Role::Ok,
    Role::Running,
    Role::Held,
    Role::Warn,
    Role::Fail,
    Role::Unknown,
    Role::Late,
    Role::Skipped,
    Role::Production,
    Role::Armed,
    Role::Alarm,
];

fn fitted(name: &str, depth: Depth, glyphs: Glyphs) -> Theme {
    Theme::fitted(name, &collection::built_in(name).unwrap().styles, depth, glyphs)
}

/// The bytes that paint one cell of this style on a blank screen.
fn bytes(theme: &Theme, role: Role) -> String {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
    buffer.set_style(buffer.area, theme.style(Role::Text));
    buffer.set_string(0, 0, "x", theme.style(role));
    let mut painter = Painter::default();
    let sent = String::from_utf8(painter.paint(buffer, None).0.to_vec()).unwrap();
    let sent = sent.strip_prefix("\u{1b}[0m\u{1b}[2J\u{1b}[1;1H").unwrap_or(&sent);
    sent.strip_suffix("\u{1b}[0m").unwrap_or(sent).replace('\u{1b}', "ESC")
}

#[test]
fn what_each_depth_sends() {
    let mut text = String::new();
    for depth in [Depth::True, Depth::Indexed, Depth::Sixteen, Depth::None] {
        for (name, _) in BUILT_IN {
            let theme = fitted(name, depth, Glyphs::Unicode);
            text.push_str(&format!("{} colours, {name} shown as {}\n", depth.word(), theme.name));
            if theme.name != *name {
                continue;
            }
            for role in ROLES {
                text.push_str(&format!("  {:<10} {}\n", role.name(), bytes(&theme, role)));
            }
        }
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("theme_depths", text);
    });
}

/// The parameters of every SGR sequence.
fn sgr(sent: &str) -> Vec<String> {
    let parts = sent.split("\u{1b}[").skip(1);
    let ended = parts.filter_map(|part| {
        let end = part.find(|c: char| !(c.is_ascii_digit() || c == ';' || c == '?'))?;
        part[end..].starts_with('m').then(|| part[..end].to_owned())
    });
    ended.collect()
}

/// The most colours that a sequence asks for.
fn asked(parameters: &str) -> Depth {
    let numbers: Vec<u16> = parameters.split(';').filter_map(|n| n.parse().ok()).collect();
    let mut rest = numbers.as_slice();
    let mut most = Depth::None;
    while let [first, ..] = rest {
        let (depth, used) = match rest {
            [38 | 48, 2, ..] => (Depth::True, 5),
            [38 | 48, 5, 0..=15, ..] => (Depth::Sixteen, 3),
            [38 | 48, 5, ..] => (Depth::Indexed, 3),
            _ if matches!(first, 30..=37 | 40..=47 | 90..=97 | 100..=107) => (Depth::Sixteen, 1),
            _ => (Depth::None, 1),
        };
        most = most.max(depth);
        rest = rest.get(used..).unwrap_or_default();
    }
    most
}

#[test]
fn every_terminal_gets_what_it_can_show() {
    let terms = ["", "dumb", "vt100", "linux", "xterm", "screen", "screen-256color", "xterm-256color", "xterm-direct"];
    let locales = [("", false), ("C", false), ("en_GB.ISO-8859-1", false), ("C.UTF-8", true), ("ja_JP.utf8", true)];
    let mut desk = Desk::running();
    desk.press(&["2"]);
    for term in terms {
        for (colorterm, no_color) in [("", ""), ("truecolor", ""), ("truecolor", "1"), ("", "1")] {
            for (locale, unicode) in locales {
                for name in ["terminal", "dark", "okabe-ito"] {
                    let env = |variable: &str| {
                        let value = match variable {
                            "TERM" => term,
                            "COLORTERM" => colorterm,
                            "NO_COLOR" => no_color,
                            "LANG" => locale,
                            _ => "",
                        };
                        (!value.is_empty()).then(|| value.to_owned())
                    };
                    let depth = Depth::detect(env);
                    desk.wear(Theme::choose(Some(name), env));
                    let mut painter = Painter::default();
                    let sent = String::from_utf8(painter.paint(desk.picture(100, 30), None).0.to_vec()).unwrap();
                    let what = format!("{name} on TERM={term} COLORTERM={colorterm} NO_COLOR={no_color} LANG={locale}");
                    assert_eq!(sent.is_ascii(), !unicode, "{what}");
                    let most = sgr(&sent).iter().map(|p| asked(p)).max().unwrap_or(Depth::None);
                    assert!(most <= depth, "{what}: sent {most:?}");
                    if no_color == "1" || matches!(term, "" | "dumb" | "vt100") {
                        assert_eq!(most, Depth::None, "{what}");
                    }
                }
            }
        }
    }
}

#[test]
fn without_colours_every_state_has_its_word_sign_and_look() {
    for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
        let theme = fitted("okabe-ito", Depth::None, glyphs);
        assert_eq!(theme.name, "mono");
        let known: Vec<(String, &str, Style)> = STATES
            .iter()
            .map(|(role, glyph, word)| (glyphs.of(*glyph).to_owned(), *word, theme.style(*role)))
            .collect();
        assert!(STATES.iter().map(|(role, ..)| *role).eq(Role::STATES));
        for (n, one) in known.iter().enumerate() {
            for other in &known[n + 1..] {
                assert_ne!(one.1, other.1, "words");
                assert_ne!(one.0, other.0, "signs of {} and {} in {glyphs:?}", one.1, other.1);
                assert_ne!(one.2, other.2, "looks of {} and {}", one.1, other.1);
            }
        }
    }
}

#[test]
fn what_256_colours_show_is_readable_too() {
    use holdpoint::tui::theme::color::{contrast, measured};
    use holdpoint::tui::theme::repair::needed;
    for (name, _) in BUILT_IN {
        let theme = fitted(name, Depth::Indexed, Glyphs::Unicode);
        for role in Role::ALL {
            let (fg, bg, _) = theme.seen(role);
            let (Some(fg), Some(bg)) = (measured(fg), measured(bg)) else { continue };
            assert!(contrast(fg, bg) >= needed(role), "{name} {role:?} {:.2}", contrast(fg, bg));
        }
    }
}
