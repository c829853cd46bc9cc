//! The file of a theme: one table, one line a role.
//!
//! A theme with a mistake is none, and says where.

use super::color;
use super::role::Role;
use ratatui::style::{Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    roles: BTreeMap<String, Look>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    fg: Option<String>,
    bg: Option<String>,
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

/// Reads the styles of all roles, in their order; the error says why not.
pub(super) fn styles(text: &str) -> Result<[Style; Role::ALL.len()], String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    if let Some(unknown) = file.roles.keys().find(|name| Role::ALL.iter().all(|role| role.name() != *name)) {
        let names: Vec<_> = Role::ALL.iter().map(|role| role.name()).collect();
        return Err(format!("there is no role `{unknown}`; the roles are {}", names.join(", ")));
    }
    let mut styles = [Style::new(); Role::ALL.len()];
    for (style, role) in styles.iter_mut().zip(Role::ALL) {
        let look = file.roles.get(role.name()).ok_or_else(|| format!("role `{}` is missing", role.name()))?;
        *style = look.style().map_err(|wrong| format!("role `{}`: {wrong}", role.name()))?;
    }
    Ok(styles)
}

impl Look {
    fn style(&self) -> Result<Style, String> {
        let color = |text: &Option<String>| text.as_deref().map(color::parse).transpose();
        let held = [
            (self.bold, Modifier::BOLD),
            (self.dim, Modifier::DIM),
            (self.italic, Modifier::ITALIC),
            (self.underline, Modifier::UNDERLINED),
            (self.reverse, Modifier::REVERSED),
        ];
        let modifier = held.iter().filter(|(on, _)| *on).fold(Modifier::empty(), |sum, (_, one)| sum | *one);
        Ok(Style { fg: color(&self.fg)?, bg: color(&self.bg)?, ..Style::new().add_modifier(modifier) })
    }
}
