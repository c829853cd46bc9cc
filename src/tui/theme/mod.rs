//! Themes: what each role of text looks like, and nothing about where it stands.
//!
//! A theme is a TOML file that gives every role a style, or a base16 or base24
//! scheme. It is read once, made readable and reduced to the colours the
//! terminal has. Widgets know roles only, so a theme can never make one state
//! look like another by accident of a widget.

pub mod collection;
pub mod color;
pub mod file;
pub mod repair;
pub mod role;
pub mod scheme;
pub mod sight;
pub mod user;
pub mod watch;

pub use collection::{Read, Themes};
pub use color::Depth;
pub use role::Role;

use super::glyphs::Glyphs;
use crate::config::{Problem, Source};
use crate::domain::accent::Accent;
use ratatui::style::{Color, Modifier, Style};

/// Red, green and blue, 0 to 255 each.
pub type Rgb = (u8, u8, u8);
/// A style for every role, in the order of [`Role::ALL`].
pub type Styles = [Style; Role::ALL.len()];

/// The themes that ship inside, by name.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("terminal", include_str!("../../../themes/terminal.toml")),
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("okabe-ito", include_str!("../../../themes/okabe-ito.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
];

/// Says why a theme cannot be used, and where its mistake is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTheme {
    /// Which theme.
    pub name: String,
    /// The mistake with its file, line and column.
    pub problem: Box<Problem>,
}

impl std::error::Error for BadTheme {}

impl std::fmt::Display for BadTheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Problem { file, line, column, what, help, .. } = &*self.problem;
        // The file's own name first: a line of the screen has room for little more.
        let file = file.rsplit('/').next().unwrap_or(file);
        match line {
            0 => write!(f, "theme {}: {what}", self.name)?,
            _ => write!(f, "theme {file}:{line}:{column}: {what}")?,
        }
        help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

/// Foreground, background and attributes of a role as they end up on the screen.
pub fn seen(styles: &Styles, role: Role) -> (Color, Color, Modifier) {
    let of = |role: Role| styles.get(role as usize).copied().unwrap_or_default();
    let style = of(Role::Text).patch(of(role));
    (style.fg.unwrap_or(Color::Reset), style.bg.unwrap_or(Color::Reset), style.add_modifier)
}

/// Styles by role, ready for the terminal at hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    /// The signs that go with it.
    pub glyphs: Glyphs,
    depth: Depth,
    styles: Styles,
}

impl Theme {
    /// Reads a theme, makes it readable and reduces it to a depth.
    ///
    /// # Errors
    /// When it is no TOML, a role is missing or unknown, or a colour is none.
    pub fn parse(name: &str, text: &str, depth: Depth, glyphs: Glyphs) -> Result<Self, BadTheme> {
        let source = Source::new(&format!("{name}.toml"), text.to_owned());
        let read = collection::read(name, &source)?;
        Ok(Self::reduced(name, &read.styles, depth, glyphs))
    }

    /// One of the built-in themes.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn built_in(name: &str, depth: Depth, glyphs: Glyphs) -> Result<Self, BadTheme> {
        let read = collection::built_in(name)?;
        Ok(Self::reduced(name, &read.styles, depth, glyphs))
    }

    /// The theme as a terminal of this depth can show it: *mono* where there are
    /// no colours, and *terminal* where there are sixteen and the theme mixes its
    /// own, because two states could become one of them.
    pub fn fitted(name: &str, styles: &Styles, depth: Depth, glyphs: Glyphs) -> Self {
        let mixes = styles.iter().flat_map(|s| [s.fg, s.bg]).flatten().any(|c| color::measured(c).is_some());
        let instead = match depth {
            Depth::None => Some("mono"),
            Depth::Sixteen if mixes => Some("terminal"),
            _ => None,
        };
        instead
            .and_then(|instead| Self::built_in(instead, depth, glyphs).ok())
            .unwrap_or_else(|| Self::reduced(name, styles, depth, glyphs))
    }

    /// The theme for an environment: the built-in one asked for, else *terminal*,
    /// as the terminal can show it.
    pub fn choose(asked: Option<&str>, env: impl Fn(&str) -> Option<String>) -> Self {
        let (depth, glyphs) = (Depth::detect(&env), Glyphs::for_locale(&env));
        let asked = asked.unwrap_or(collection::DEFAULT);
        match collection::built_in(asked).or_else(|_| collection::built_in(collection::DEFAULT)) {
            Ok(read) => Self::fitted(&read.name, &read.styles, depth, glyphs),
            Err(_) => Self::plain(glyphs),
        }
    }

    /// A theme without any styles, for when nothing else can be had.
    pub fn plain(glyphs: Glyphs) -> Self {
        Self { name: "plain".into(), glyphs, depth: Depth::None, styles: [Style::new(); Role::ALL.len()] }
    }

    fn reduced(name: &str, styles: &Styles, depth: Depth, glyphs: Glyphs) -> Self {
        let mut reduced = *styles;
        for style in &mut reduced {
            *style = color::reduce(*style, depth);
        }
        if depth == Depth::Indexed {
            for role in Role::ALL {
                let wanted = color::measured(seen(styles, role).0);
                let ground = color::measured(seen(&reduced, role).1);
                let own = styles.get(role as usize).and_then(|style| style.fg);
                if let (Some(_), Some(wanted), Some(ground), Some(style)) =
                    (own, wanted, ground, reduced.get_mut(role as usize))
                {
                    style.fg = Some(color::readable_indexed(wanted, ground, repair::needed(role)));
                }
            }
            repair::apart(&mut reduced);
        }
        Self { name: name.to_owned(), glyphs, depth, styles: reduced }
    }

    /// The same theme with the colour of an environment for one role: its frames
    /// and its name. Attributes stay, and so does everything without colours.
    #[must_use]
    pub fn accented(&self, role: Role, accent: &Accent) -> Self {
        let mut theme = self.clone();
        let wanted = match Role::ALL.into_iter().find(|role| role.name() == accent.word()) {
            Some(role) => self.style(role).fg,
            None => color::parse(accent.word()).ok(),
        };
        let mut styles = self.styles;
        if let (Some(wanted), Some(style)) = (wanted, styles.get_mut(role as usize)) {
            style.fg = Some(wanted);
            style.bg = None;
            // Readable on this theme's ground, as every colour of a file is.
            let (styles, _) = repair::repaired(&styles);
            if let (Some(style), Some(new)) = (theme.styles.get_mut(role as usize), styles.get(role as usize)) {
                *style = color::reduce(*new, self.depth);
            }
        }
        theme
    }

    /// How many colours it is reduced to.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// The style of a role. Only [`Role::Text`] fills the background; the others lie on it.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// The style of a role for what is drawn with blocks: never reversed, because a reversed full
    /// cell is an empty one.
    pub fn ink(&self, role: Role) -> Style {
        let style = self.style(role);
        Style { add_modifier: style.add_modifier - Modifier::REVERSED - Modifier::UNDERLINED, ..style }
    }

    /// Foreground, background and attributes of a role as they end up on the screen.
    pub fn seen(&self, role: Role) -> (Color, Color, Modifier) {
        seen(&self.styles, role)
    }
}
