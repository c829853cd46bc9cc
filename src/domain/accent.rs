//! The colour that sets an environment apart on screens.
//!
//! A word only: what it looks like is for whoever draws it, and where there are
//! no colours it looks like nothing. No state is told by it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The names of a terminal's own sixteen colours.
pub const COLOURS: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

/// The roles of a theme that an accent can borrow the colour of.
pub const ROLES: [&str; 8] = ["accent", "key", "ok", "held", "warn", "fail", "production", "rehearsal"];

/// A colour as `#rrggbb`, one of the sixteen, or that of a role of the theme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Accent(String);

impl Accent {
    /// The colour as it is written.
    pub fn word(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Accent {
    type Error = String;

    /// The error says what can be written.
    fn try_from(text: String) -> Result<Self, String> {
        let hex =
            text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        if hex || COLOURS.contains(&text.as_str()) || ROLES.contains(&text.as_str()) {
            return Ok(Self(text));
        }
        let (colours, roles) = (COLOURS.join(", "), ROLES.join(", "));
        Err(format!("write #rrggbb, a role of the theme ({roles}) or one of {colours}"))
    }
}

impl From<Accent> for String {
    fn from(accent: Accent) -> Self {
        accent.0
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
