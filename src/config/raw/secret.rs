//! A reference to a secret as it is written.
//!
//! Shape only: a table with exactly one key; a text in its place is told what to write.

use super::super::spot::Spot;
use super::super::words;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::json;
use std::borrow::Cow;
use std::fmt;

/// The form of the table, so that a literal secret gets the help it needs.
pub const FORM: &str = "secret";
/// The same where a text may stand in its place.
pub const WRITTEN: &str = "secret-or-text";

/// Where a secret is kept: exactly one of these, never the secret itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = one_of_three)]
pub struct Secret {
    /// A helper program and its arguments; the first line it prints is the secret.
    #[schemars(length(min = 1))]
    pub command: Option<Vec<Spot<String>>>,
    /// A file of mode 0600 or 0400; a relative one lies in the workspace.
    pub file: Option<Spot<String>>,
    /// A variable of the environment that holdpoint is started in.
    pub env: Option<Spot<String>>,
}

fn one_of_three(schema: &mut Schema) {
    schema.insert("minProperties".to_owned(), 1.into());
    schema.insert("maxProperties".to_owned(), 1.into());
    schema.insert(words::FORM.to_owned(), FORM.into());
}

/// What may stand in a file as it is, and may be a secret that is kept elsewhere.
#[derive(Debug)]
pub enum Written {
    /// As it is.
    Plain(String),
    /// Where it is kept.
    Kept(Secret),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Either)
    }
}

struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or a table with one of command, file and env")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Written, E> {
        Ok(Written::Plain(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Written, A::Error> {
        Secret::deserialize(MapAccessDeserializer::new(map)).map(Written::Kept)
    }
}

impl JsonSchema for Written {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Written".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Secret::json_schema(generator);
        schema.insert("type".to_owned(), json!(["string", "object"]));
        schema.insert(words::FORM.to_owned(), WRITTEN.into());
        schema
    }
}
