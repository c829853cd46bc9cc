//! Themes: readable, and no state lost in any of them.

use holdpoint::tui::glyphs::{ASCII_LEVELS, EIGHTHS, Glyph, Glyphs, LEVELS, Lines, MARKS, TABLE};
use holdpoint::tui::theme::color::{contrast, parse, rgb};
use holdpoint::tui::theme::{BUILT_IN, Depth, Role, Theme};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

const DEPTHS: [Depth; 4] = [Depth::None, Depth::Sixteen, Depth::Indexed, Depth::True];

fn theme(name: &str, depth: Depth) -> Theme {
    Theme::built_in(name, depth, Glyphs::Unicode).unwrap()
}

#[test]
fn dark_and_light_are_readable_in_every_role() {
    for name in ["dark", "light", "high-contrast", "okabe-ito"] {
        for depth in [Depth::True, Depth::Indexed] {
            let theme = theme(name, depth);
            for role in Role::ALL {
                let (fg, bg, _) = theme.seen(role);
                let ratio = contrast(rgb(fg).unwrap(), rgb(bg).unwrap());
                assert!(ratio >= 4.5, "{name} {depth:?} {}: {ratio:.2}", role.name());
            }
            // What lies on the selected row must be readable there too.
            let (_, selected, _) = theme.seen(Role::Selected);
            for role in Role::STATES {
                let ratio = contrast(rgb(theme.seen(role).0).unwrap(), rgb(selected).unwrap());
                assert!(ratio >= 3.0, "{name} {depth:?} {} selected: {ratio:.2}", role.name());
            }
        }
    }
}

#[test]
fn no_two_states_look_alike() {
    for (name, _) in BUILT_IN {
        for depth in DEPTHS {
            // Without colours the theme is always mono; with sixteen those that mix their own are not used.
            match (depth, *name) {
                (Depth::None, "terminal")
                | (Depth::None | Depth::Sixteen, "dark" | "light" | "high-contrast" | "okabe-ito") => continue,
                _ => {}
            }
            let theme = theme(name, depth);
            for (n, one) in Role::STATES.iter().enumerate() {
                for other in &Role::STATES[n + 1..] {
                    assert_ne!(theme.seen(*one), theme.seen(*other), "{name} {depth:?}: {one:?} and {other:?}");
                }
            }
        }
    }
}

#[test]
fn mono_has_no_colour_and_production_stands_out() {
    let theme = theme("mono", Depth::None);
    for role in Role::ALL {
        let (fg, bg, _) = theme.seen(role);
        assert_eq!((fg, bg), (Color::Reset, Color::Reset), "{role:?}");
    }
    for role in [Role::Production, Role::Alarm, Role::Fail, Role::Selected] {
        assert!(theme.seen(role).2.contains(Modifier::REVERSED), "{role:?}");
    }
}

#[test]
fn the_depth_comes_from_the_environment() {
    let depth = |vars: &[(&str, &str)]| {
        Depth::detect(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    };
    assert_eq!(depth(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]), Depth::True);
    assert_eq!(depth(&[("TERM", "screen-256color")]), Depth::Indexed);
    assert_eq!(depth(&[("TERM", "linux")]), Depth::Sixteen);
    assert_eq!(depth(&[("TERM", "dumb")]), Depth::None);
    assert_eq!(depth(&[]), Depth::None);
    assert_eq!(depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), Depth::None);
    assert_eq!(depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Depth::Indexed);
}

#[test]
fn no_colour_means_mono_and_a_wrong_name_the_default() {
    let choose = |asked, vars: &'static [(&str, &str)]| {
        Theme::choose(asked, |name| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())).name
    };
    assert_eq!(choose(Some("dark"), &[("TERM", "xterm"), ("NO_COLOR", "1")]), "mono");
    assert_eq!(choose(Some("dark"), &[("TERM", "xterm-256color")]), "dark");
    assert_eq!(choose(Some("drak"), &[("TERM", "xterm-256color")]), "terminal");
    assert_eq!(choose(Some("dark"), &[("TERM", "xterm")]), "terminal");
    assert_eq!(choose(Some("okabe-ito"), &[("TERM", "xterm"), ("COLORTERM", "truecolor")]), "okabe-ito");
    assert_eq!(choose(Some("mono"), &[("TERM", "xterm")]), "mono");
    assert_eq!(choose(None, &[("TERM", "xterm")]), "terminal");
}

#[test]
fn broken_themes_say_what_is_wrong() {
    let whole = BUILT_IN[0].1;
    let why = |text: &str| Theme::parse("mine", text, Depth::True, Glyphs::Unicode).unwrap_err().to_string();
    assert!(why(&whole.replace("late = ", "latte = ")).contains("there is no role `latte`"));
    assert!(why(&whole.replace("late = { fg = \"yellow\" }", "")).contains("role `late` is missing"));
    assert!(why(&whole.replace("\"yellow\" }", "\"yelow\" }")).contains("`yelow` is no colour"));
    assert!(why("[roles").starts_with("theme mine.toml:1:7: "));
    assert!(why(&whole.replace("\"yellow\" }", "\"yelow\" }")).contains("mine.toml:20:15: "));
    assert!(why(&whole.replace("late = ", "latte = ")).contains("mine.toml:20:1: "));
    assert!(parse("#12345g").is_err() && parse("#fff").is_err());
    assert_eq!(parse("#0a0B0c"), Ok(Color::Rgb(10, 11, 12)));
}

#[test]
fn fewer_colours_give_the_nearest() {
    let dark = theme("dark", Depth::Sixteen);
    assert!(matches!(dark.seen(Role::Alarm).1, Color::Red));
    assert!(matches!(theme("dark", Depth::Indexed).seen(Role::Fail).0, Color::Indexed(16..)));
}

#[test]
fn every_sign_is_one_cell_and_has_a_twin() {
    for (glyph, unicode, ascii) in TABLE {
        assert_eq!((unicode.width(), ascii.len()), (1, 1), "{glyph:?}");
        assert!(ascii.is_ascii());
    }
    for level in 0..9 {
        assert_eq!(Glyphs::Unicode.level(level).width(), 1);
        assert!(Glyphs::Ascii.level(level).is_ascii());
    }
    for (unicode, ascii) in LEVELS.iter().zip(ASCII_LEVELS) {
        assert_eq!((unicode.width(), ascii.len()), (1, 1), "{unicode}");
    }
    for eighths in 0..=9 {
        assert!(Glyphs::Ascii.eighth(eighths).is_none_or(|sign| sign.is_ascii() && sign.len() == 1));
    }
    assert!(EIGHTHS.iter().all(|sign| sign.width() == 1));
    for (mark, ascii) in MARKS {
        assert_eq!((mark.to_string().width(), ascii.len()), (1, 1), "{mark}");
        assert_eq!(Glyphs::Ascii.text(&mark.to_string()), ascii);
    }
    for lines in [Lines::Thin, Lines::Heavy, Lines::Dashed] {
        for (glyphs, ascii) in [(Glyphs::Unicode, false), (Glyphs::Ascii, true)] {
            let border = glyphs.border(lines);
            for sign in border.corners.into_iter().chain([border.horizontal, border.vertical]) {
                assert_eq!((sign.width(), sign.is_ascii()), (1, ascii), "{lines:?} {sign}");
            }
        }
    }
    assert_eq!(Glyphs::Ascii.of(Glyph::Arrow), ">");
    assert_eq!(Glyphs::Ascii.text("a → b · 日"), "a > b - \\u{65e5}");
}

#[test]
fn the_signs_follow_the_locale() {
    let glyphs = |vars: &[(&str, &str)]| {
        Glyphs::for_locale(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    };
    assert_eq!(glyphs(&[("LANG", "en_GB.UTF-8")]), Glyphs::Unicode);
    assert_eq!(glyphs(&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")]), Glyphs::Ascii);
    assert_eq!(glyphs(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]), Glyphs::Unicode);
    assert_eq!(glyphs(&[]), Glyphs::Ascii);
}
