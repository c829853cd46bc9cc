//! What is looked at in every theme, and mended: contrast, and colours that
//! people see differently.

use holdpoint::config::Source;
use holdpoint::tui::glyphs::Glyphs;
use holdpoint::tui::theme::color::{contrast, measured};
use holdpoint::tui::theme::repair::{Repair, needed, repaired};
use holdpoint::tui::theme::sight::{self, APART, Sight, close, distance};
use holdpoint::tui::theme::{BUILT_IN, Depth, Role, Theme, collection, file, seen};
use proptest::prelude::*;
use ratatui::style::{Color, Modifier, Style};

fn read(text: &str) -> collection::Read {
    collection::read("mine", &Source::new("mine.toml", text.to_owned())).unwrap()
}

fn dark(from: &str, to: &str) -> collection::Read {
    let text = BUILT_IN.iter().find(|(name, _)| *name == "dark").unwrap().1;
    assert!(text.contains(from));
    read(&text.replace(from, to))
}

#[test]
fn what_ships_passes_its_own_check() {
    assert_eq!(BUILT_IN.len(), 6);
    for (name, _) in BUILT_IN {
        let styles = collection::built_in(name).unwrap().styles;
        assert_eq!(repaired(&styles), (styles, Vec::new()), "{name}");
        assert_eq!(close(&styles), Vec::new(), "{name}");
    }
}

#[test]
fn high_contrast_is_seven_to_one() {
    let styles = collection::built_in("high-contrast").unwrap().styles;
    for role in Role::ALL {
        let (fg, bg, _) = seen(&styles, role);
        let ratio = contrast(measured(fg).unwrap(), measured(bg).unwrap());
        assert!(ratio >= 7.0, "{role:?}: {ratio:.2}");
    }
}

#[test]
fn what_cannot_be_read_is_mended_and_told() {
    let mended = dark("fail = { fg = \"#ff7b72\"", "fail = { fg = \"#40201e\"");
    let (fg, bg, _) = seen(&mended.styles, Role::Fail);
    assert!(contrast(measured(fg).unwrap(), measured(bg).unwrap()) >= 4.5);
    let [Repair::Text(Role::Fail, from, to, [before, need, now]), ..] = mended.repairs.as_slice() else {
        panic!("{:?}", mended.repairs)
    };
    assert_eq!((*from, *to), (Color::Rgb(0x40, 0x20, 0x1e), fg));
    assert!(*before < 1.5 && *need == 4.5 && *now >= 4.5);
    let told = mended.repairs[0].to_string();
    assert!(told.starts_with("fail: #40201e has a contrast of 1."), "{told}");
    // Moved no further than it must be, and still red.
    assert!(*now < 5.0, "{now}");
    let Color::Rgb(r, g, b) = fg else { panic!("{fg:?}") };
    assert!(r > g.saturating_add(80) && r > b.saturating_add(80), "{fg:?}");
}

#[test]
fn dim_text_may_be_fainter() {
    assert!(dark("dim = { fg = \"#8b96a3\"", "dim = { fg = \"#68717b\"").repairs.is_empty());
    assert_eq!(dark("dim = { fg = \"#8b96a3\"", "dim = { fg = \"#303438\"").repairs.len(), 1);
}

#[test]
fn states_are_read_on_the_selected_row_too() {
    let mended = dark("bg = \"#2b4058\"", "bg = \"#8a9098\"");
    assert!(mended.repairs.iter().any(|r| matches!(r, Repair::Ground(..))), "{:?}", mended.repairs);
    let ground = measured(seen(&mended.styles, Role::Selected).1).unwrap();
    for state in Role::STATES {
        let ratio = contrast(measured(seen(&mended.styles, state).0).unwrap(), ground);
        assert!(ratio >= 3.0, "{state:?} {ratio:.2}");
    }
}

#[test]
fn a_state_that_looks_like_another_gets_attributes() {
    let mended = dark("late = { fg = \"#cda869\" }", "late = { fg = \"#9cc4ff\" }");
    assert_eq!(mended.repairs, [Repair::Apart(Role::Late, Role::Running)]);
    assert_ne!(seen(&mended.styles, Role::Late), seen(&mended.styles, Role::Running));
}

#[test]
fn the_terminals_own_colours_are_left_alone() {
    let text = BUILT_IN.iter().find(|(name, _)| *name == "terminal").unwrap().1;
    assert!(
        read(&text.replace("fg = \"yellow\"", "fg = \"black\"")).repairs.iter().all(|r| matches!(r, Repair::Apart(..)))
    );
}

#[test]
fn sight_is_simulated_as_published() {
    let (red, green, blue, yellow) = ((255, 0, 0), (0, 160, 0), (0, 0, 255), (255, 255, 0));
    // Red and green of one lightness: far apart for most, near for those without middle-wave cones.
    let (brown, olive) = ((150, 90, 40), (96, 112, 40));
    assert!(distance(brown, olive, Sight::Usual) > 2.0 * distance(brown, olive, Sight::Deutan));
    for sight in Sight::ALL {
        assert!(distance(red, red, sight) < 1e-9);
        assert!(distance(blue, yellow, sight) > 20.0, "{sight:?}");
        assert!((distance(red, green, sight) - distance(green, red, sight)).abs() < 1e-9);
    }
    // Black and white are one whole of lightness apart for everyone.
    for sight in Sight::ALL {
        assert!((distance((0, 0, 0), (255, 255, 255), sight) - 100.0).abs() < 0.5, "{sight:?}");
    }
}

#[test]
fn states_that_some_cannot_tell_apart_are_told() {
    let read = dark("ok = { fg = \"#9fc9a6\"", "ok = { fg = \"#e0a050\"");
    let found = close(&read.styles);
    assert!(found.iter().any(|c| (c.one, c.other, c.sight) == (Role::Ok, Role::Fail, Sight::Deutan)), "{found:?}");
    assert!(found.iter().all(|c| c.distance < APART && sight::COMPARED.contains(&c.one)));
}

#[test]
fn an_accent_is_readable_and_changes_one_role() {
    for (depth, coloured) in [(Depth::True, true), (Depth::Indexed, true), (Depth::Sixteen, true), (Depth::None, false)]
    {
        let name = if depth == Depth::None { "mono" } else { "dark" };
        let theme = Theme::built_in(name, depth, Glyphs::Unicode).unwrap();
        for word in ["#101010", "#ff8800", "magenta", "warn"] {
            let accented = theme.accented(Role::Production, &word.to_owned().try_into().unwrap());
            let (fg, bg, held) = accented.seen(Role::Production);
            assert_eq!(fg != theme.seen(Role::Production).0, coloured, "{depth:?} {word}");
            assert_eq!(held, theme.seen(Role::Production).2);
            if let (Depth::True, Some(fg), Some(bg)) = (depth, measured(fg), measured(bg)) {
                assert!(contrast(fg, bg) >= 4.5, "{word}");
            }
            for role in Role::ALL.into_iter().filter(|role| *role != Role::Production) {
                assert_eq!(accented.style(role), theme.style(role));
            }
        }
    }
}

#[test]
fn every_word_of_an_accent_is_a_colour_or_a_role() {
    use holdpoint::domain::accent::{Accent, COLOURS, ROLES};
    for word in COLOURS {
        assert!(holdpoint::tui::theme::color::parse(word).is_ok(), "{word}");
    }
    for word in ROLES {
        assert!(Role::ALL.iter().any(|role| role.name() == word), "{word}");
    }
    for word in ["", "default", "#fff", "#12345g", "orange", "no-role"] {
        assert!(Accent::try_from(word.to_owned()).is_err(), "{word}");
    }
}

proptest! {
    /// Whatever colours a theme has, it can be read after it is loaded.
    #[test]
    fn every_theme_can_be_read(colours in proptest::collection::vec(any::<(u8, u8, u8)>(), 44), grounds in any::<u32>()) {
        let mut styles = [Style::new(); Role::ALL.len()];
        for (n, style) in styles.iter_mut().enumerate() {
            let rgb = |(r, g, b): (u8, u8, u8)| Color::Rgb(r, g, b);
            style.fg = Some(rgb(colours[n]));
            style.bg = (n == 0 || grounds >> n & 1 == 1).then(|| rgb(colours[n + 22]));
        }
        let (mended, _) = repaired(&styles);
        for role in Role::ALL {
            let (fg, bg, _) = seen(&mended, role);
            prop_assert!(contrast(measured(fg).unwrap(), measured(bg).unwrap()) >= needed(role), "{role:?}");
        }
        for (n, one) in Role::STATES.iter().enumerate() {
            for other in &Role::STATES[n + 1..] {
                prop_assert_ne!(seen(&mended, *one), seen(&mended, *other));
            }
        }
        // What is written is read again, and needs nothing more.
        let again = read(&file::write(&mended, "of a test"));
        let plain = |styles: holdpoint::tui::theme::Styles| styles.map(|s| (s.fg, s.bg, s.add_modifier & Modifier::all()));
        prop_assert_eq!(plain(again.styles), plain(mended));
    }
}
