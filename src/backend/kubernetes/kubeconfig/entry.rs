//! One entry of a kubeconfig: its fields by name, and where its relative paths begin.
//!
//! A field that is missing, null or empty says nothing; one of another kind than it has to be is an error.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The largest certificate or key that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// One entry.
#[derive(Clone)]
pub struct Entry {
    said: Value,
    directory: PathBuf,
}

/// That something is not as it has to be.
pub fn malformed(what: &str) -> String {
    format!("{what} is not as a kubeconfig has to be; try `kubectl config view`")
}

impl Entry {
    /// Of a value that stands in a file of this directory.
    pub fn new(said: Value, directory: &Path) -> Self {
        Self { said, directory: directory.to_owned() }
    }

    /// A field as it stands.
    pub fn raw(&self, name: &str) -> Option<&Value> {
        self.said.get(name).filter(|value| !value.is_null())
    }

    /// A text; a number counts as it is written, and so do true and false.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(&self, name: &str) -> Result<Option<String>, String> {
        match self.raw(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(is)) => Ok(Some(is.to_string())),
            Some(_) => Err(malformed(name)),
        }
    }

    /// Whether it is said to be so.
    ///
    /// # Errors
    /// When it is neither yes nor no.
    pub fn truth(&self, name: &str) -> Result<bool, String> {
        match self.raw(name) {
            None => Ok(false),
            Some(Value::Bool(is)) => Ok(*is),
            Some(_) => Err(malformed(name)),
        }
    }

    /// An entry within it.
    ///
    /// # Errors
    /// When it is something else.
    pub fn within(&self, name: &str) -> Result<Option<Self>, String> {
        match self.raw(name) {
            None => Ok(None),
            Some(said @ Value::Object(_)) => Ok(Some(Self::new(said.clone(), &self.directory))),
            Some(_) => Err(malformed(name)),
        }
    }

    /// The entries of a list.
    ///
    /// # Errors
    /// When it is no list of such.
    pub fn list(&self, name: &str) -> Result<Vec<Self>, String> {
        let Value::Object(said) = &self.said else { return Err(malformed("the file")) };
        match said.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(all)) if all.iter().all(Value::is_object) => {
                Ok(all.iter().map(|one| Self::new(one.clone(), &self.directory)).collect())
            }
            Some(_) => Err(malformed(name)),
        }
    }

    /// The texts of a list.
    ///
    /// # Errors
    /// When it is no list of texts.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        match self.raw(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(all)) => {
                let one = |value: &Value| match value {
                    Value::String(text) => Ok(text.clone()),
                    Value::Number(number) => Ok(number.to_string()),
                    Value::Bool(is) => Ok(is.to_string()),
                    _ => Err(malformed(name)),
                };
                all.iter().map(one).collect()
            }
            Some(_) => Err(malformed(name)),
        }
    }

    /// The path of a file.
    ///
    /// # Errors
    /// When it is no text.
    pub fn path(&self, name: &str) -> Result<Option<PathBuf>, String> {
        Ok(self.text(name)?.map(|path| self.directory.join(path)))
    }

    /// What stands in `name-data`, or in the file that `name` names.
    ///
    /// # Errors
    /// When it is no base64, or which file cannot be read.
    pub fn data(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        if let Some(text) = self.text(&format!("{name}-data"))? {
            let text: String = text.split_whitespace().collect();
            return STANDARD.decode(text).map(Some).map_err(|_| format!("its {name}-data is no base64"));
        }
        let Some(path) = self.path(name)? else { return Ok(None) };
        read(&path).map(Some).map_err(|why| format!("its {name} {}: {why}", path.display()))
    }
}

/// A certificate or a key out of a file.
///
/// # Errors
/// Why it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    match length > LARGEST {
        true => Err("it is larger than 1 MiB".to_owned()),
        false => std::fs::read(path).map_err(|error| error.to_string()),
    }
}
