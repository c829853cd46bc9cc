//! JSON of a declared shape: whole, one document, an object.
//!
//! Depth is bounded by the parser; keys that a format has and nobody needs are passed over.

use super::{ANEW, foreign};
use crate::domain::result_file::Format;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// Reads a document.
pub fn read<T: DeserializeOwned>(text: &str, format: Format) -> Result<T, String> {
    if !text.trim_start().starts_with('{') {
        return Err(foreign(format, "it is no JSON object"));
    }
    serde_json::from_str(text).map_err(|e| match e.classify() {
        Category::Eof => format!("it ends in the middle ({e}); {ANEW}"),
        Category::Data => foreign(format, &e.to_string()),
        Category::Syntax | Category::Io => format!("it is no JSON ({e}); {ANEW}"),
    })
}
