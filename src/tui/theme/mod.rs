//! Themes: what each role of text looks like, and nothing about where it stands.
//!
//! A theme is a TOML file that gives every role a style. It is read once and
//! reduced to the colours the terminal has. Widgets know roles only, so a
//! theme can never make one state look like another by accident of a widget.

pub mod color;
mod file;
pub mod role;

pub use color::Depth;
pub use role::Role;

use super::glyphs::Glyphs;
use ratatui::style::{Color, Modifier, Style};

/// The themes that ship inside, by name.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("terminal", include_str!("../../../themes/terminal.toml")),
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
];

/// Says why a theme cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot use theme {name}: {why}")]
pub struct BadTheme {
    /// Which theme.
    pub name: String,
    /// Why not, and what to write instead.
    pub why: String,
}

/// Styles by role, ready for the terminal at hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    /// The signs that go with it.
    pub glyphs: Glyphs,
    styles: [Style; Role::ALL.len()],
}

impl Theme {
    /// Reads a theme and reduces it to a depth.
    ///
    /// # Errors
    /// When it is no TOML, a role is missing or unknown, or a colour is none.
    pub fn parse(name: &str, text: &str, depth: Depth, glyphs: Glyphs) -> Result<Self, BadTheme> {
        let bad = |why: String| BadTheme { name: name.to_owned(), why };
        let mut styles = file::styles(text).map_err(bad)?;
        for style in &mut styles {
            *style = color::reduce(*style, depth);
        }
        Ok(Self { name: name.to_owned(), glyphs, styles })
    }

    /// One of the built-in themes.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn built_in(name: &str, depth: Depth, glyphs: Glyphs) -> Result<Self, BadTheme> {
        let Some((name, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) else {
            let known: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
            let why = format!("there is none of that name; there are {}", known.join(", "));
            return Err(BadTheme { name: name.to_owned(), why });
        };
        Self::parse(name, text, depth, glyphs)
    }

    /// The theme for an environment: the one asked for, or *mono* where there
    /// are no colours, and *terminal* where there are too few for it (two states
    /// could become one of sixteen) or it cannot be had.
    pub fn choose(asked: Option<&str>, env: impl Fn(&str) -> Option<String>) -> Self {
        let (depth, glyphs) = (Depth::detect(&env), Glyphs::for_locale(&env));
        let name = match (depth, asked) {
            (Depth::None, _) => "mono",
            (Depth::Sixteen, Some("mono")) => "mono",
            (Depth::Sixteen, _) | (_, None) => "terminal",
            (_, Some(asked)) => asked,
        };
        Self::built_in(name, depth, glyphs)
            .or_else(|_| Self::built_in("terminal", depth, glyphs))
            .unwrap_or_else(|_| Self::plain(glyphs))
    }

    /// A theme without any styles, for when nothing else can be had.
    pub fn plain(glyphs: Glyphs) -> Self {
        Self { name: "plain".into(), glyphs, styles: [Style::new(); Role::ALL.len()] }
    }

    /// The style of a role. Only [`Role::Text`] fills the background; the others lie on it.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// Foreground, background and attributes of a role as they end up on the screen.
    pub fn seen(&self, role: Role) -> (Color, Color, Modifier) {
        let style = self.style(Role::Text).patch(self.style(role));
        (style.fg.unwrap_or(Color::Reset), style.bg.unwrap_or(Color::Reset), style.add_modifier)
    }
}
