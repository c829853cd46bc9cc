//! The file of a theme: one table, one line a role; read and written.
//!
//! A theme with a mistake is none, and says where: file, line and column.

use super::Styles;
use super::color;
use super::role::Role;
use crate::config::{Problem, Source};
use ratatui::style::{Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    roles: Spanned<BTreeMap<Spanned<String>, Look>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    fg: Option<Spanned<String>>,
    bg: Option<Spanned<String>>,
    #[serde(default)]
    bold: bool,
    #[serde(default)]
    dim: bool,
    #[serde(default)]
    italic: bool,
    #[serde(default)]
    underline: bool,
    #[serde(default)]
    reverse: bool,
}

/// The attributes by their word in a file.
const HELD: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
];

/// Reads the styles of all roles, in their order; the error says where and why not.
pub(super) fn read(source: &Source) -> Result<Styles, Box<Problem>> {
    let problem = |at: std::ops::Range<usize>, what: &str| Box::new(source.problem(at, what, None));
    let file: File =
        toml::from_str(&source.text).map_err(|error| problem(error.span().unwrap_or(0..0), error.message()))?;
    let at = file.roles.span();
    let roles = file.roles.into_inner();
    if let Some(unknown) = roles.keys().find(|name| Role::ALL.iter().all(|role| role.name() != name.get_ref())) {
        let names: Vec<_> = Role::ALL.iter().map(|role| role.name()).collect();
        let what = format!("there is no role `{}`; the roles are {}", unknown.get_ref(), names.join(", "));
        return Err(problem(unknown.span(), &what));
    }
    let mut styles = [Style::new(); Role::ALL.len()];
    for (style, role) in styles.iter_mut().zip(Role::ALL) {
        let look = roles.iter().find(|(name, _)| name.get_ref() == role.name()).map(|(_, look)| look);
        let look = look.ok_or_else(|| problem(at.clone(), &format!("role `{}` is missing", role.name())))?;
        *style = look.style().map_err(|(at, wrong)| problem(at, &format!("role `{}`: {wrong}", role.name())))?;
    }
    Ok(styles)
}

/// Writes styles as a file that [`read`] reads; `head` becomes its comment.
pub fn write(styles: &Styles, head: &str) -> String {
    let mut text: String = head.lines().map(|line| format!("# {}\n", line.trim_end())).collect();
    text.push_str("[roles]\n");
    for (style, role) in styles.iter().zip(Role::ALL) {
        let colours = [("fg", style.fg), ("bg", style.bg)];
        let colours = colours.iter().filter_map(|(key, c)| Some(format!("{key} = \"{}\"", color::name((*c)?))));
        let held = HELD.iter().filter(|(_, one)| style.add_modifier.contains(*one));
        let parts: Vec<_> = colours.chain(held.map(|(word, _)| format!("{word} = true"))).collect();
        let look = if parts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", parts.join(", ")) };
        text.push_str(&format!("{} = {look}\n", role.name()));
    }
    text
}

impl Look {
    fn style(&self) -> Result<Style, (std::ops::Range<usize>, String)> {
        let color = |text: &Option<Spanned<String>>| {
            let text = text.as_ref();
            text.map(|text| color::parse(text.get_ref()).map_err(|wrong| (text.span(), wrong))).transpose()
        };
        let on = [self.bold, self.dim, self.italic, self.underline, self.reverse];
        let held = HELD.iter().zip(on).filter(|(_, on)| *on);
        let modifier = held.fold(Modifier::empty(), |sum, ((_, one), _)| sum | *one);
        Ok(Style { fg: color(&self.fg)?, bg: color(&self.bg)?, ..Style::new().add_modifier(modifier) })
    }
}
