//! Who a plugin says it is in its welcome: its name and version, and whom it acts as.
//!
//! What it says is foreign text: made harmless, and cut. What cannot be read of it ends nothing, since
//! nothing rests on it, and is said to be unread; what is not told is never made up.

use super::message::Welcome;
use super::watch::shown;
use crate::domain::Timestamp;
use crate::domain::introduced::{Identity, Introduced};
use crate::domain::text::{shortened, visible};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest name or version that is shown, in characters.
const NAME: usize = 60;
/// The longest word on whom it acts as, in characters.
const WHO: usize = 120;

/// Whom a plugin acts as in the system behind it: a name alone, or with the end of the credential.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum IdentityRow {
    /// Who.
    Name(String),
    /// Who, and until when.
    Lasting {
        /// Who.
        who: String,
        /// When the credential ends, RFC 3339; not told when absent.
        #[serde(default)]
        #[schemars(with = "Option<String>")]
        until: Option<Timestamp>,
    },
}

/// Who answered.
pub fn of(welcome: &Welcome) -> Introduced {
    let text = |text: &str, most| shortened(&visible(text.get(..2000).unwrap_or(text)), most);
    Introduced {
        name: text(&welcome.plugin.name, NAME),
        version: text(&welcome.plugin.version, NAME),
        identity: identity(&welcome.identity, |who| text(who, WHO)),
    }
}

fn identity(said: &Value, text: impl Fn(&str) -> String) -> Identity {
    if said.is_null() {
        return Identity::Untold;
    }
    let (who, until) = match IdentityRow::deserialize(said) {
        Ok(IdentityRow::Name(who)) => (who, None),
        Ok(IdentityRow::Lasting { who, until }) => (who, until),
        Err(_) => {
            let said = shown(&said.to_string());
            return Identity::Unread(format!("it is no text, and no `who` with an `until`: {said}"));
        }
    };
    match who.trim() {
        "" => Identity::Untold,
        who => Identity::Told { who: text(who), until },
    }
}
