//! A reference to a secret as it is written.
//!
//! Shape only: a table with exactly one key; a text in its place is told what to write.

use super::super::spot::Spot;
use super::super::words;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;

/// The form of the table, so that a literal secret gets the help it needs.
pub const FORM: &str = "secret";

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
