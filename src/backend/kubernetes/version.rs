//! Which version a pod template holds: the tag of an image, or a label.
//!
//! Pure. What it gives is as the template has it; whoever shows it makes it harmless.

use super::object::{list, name, text};
use serde_json::Value;

/// Where the version stands in a pod template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Where {
    /// The container; the first when absent.
    pub container: Option<String>,
    /// The label that holds it, where it is not the image's tag.
    pub label: Option<String>,
}

impl Where {
    /// The version of a pod template, as it is written there; empty when there is none.
    pub fn version(&self, template: &Value) -> String {
        match &self.label {
            Some(key) => {
                let labels = template.pointer("/metadata/labels");
                labels.and_then(|labels| labels.get(key)).and_then(Value::as_str).unwrap_or_default().to_owned()
            }
            None => tag(text(self.container(template).map_or(&Value::Null, |(_, c)| c), "/image")),
        }
    }

    /// The container and its place among the others.
    pub fn container<'a>(&self, template: &'a Value) -> Option<(usize, &'a Value)> {
        let mut all = list(template, "/spec/containers").iter().enumerate();
        match &self.container {
            Some(wanted) => all.find(|(_, c)| c.get("name").and_then(Value::as_str) == Some(wanted)),
            None => all.next(),
        }
    }
}

/// The tag of an image: `latest` when it has none, the digest's first digits when that is all.
pub fn tag(image: &str) -> String {
    let (named, digest) = image.split_once('@').map_or((image, None), |(named, digest)| (named, Some(digest)));
    let last = named.rsplit('/').next().unwrap_or(named);
    match (last.split_once(':'), digest) {
        (Some((_, tag)), _) => tag.to_owned(),
        (None, Some(digest)) => digest.chars().take(19).collect(),
        (None, None) if last.is_empty() => String::new(),
        (None, None) => "latest".to_owned(),
    }
}

/// The same image with another tag.
pub fn retagged(image: &str, tag: &str) -> String {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    let from = named.rfind('/').map_or(0, |slash| slash + 1);
    let end = named.get(from..).and_then(|last| last.find(':')).map_or(named.len(), |colon| from + colon);
    format!("{}:{tag}", named.get(..end).unwrap_or(named))
}

/// Whether a text can be the tag of an image.
pub fn is_tag(text: &str) -> bool {
    let first = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    first && text.len() <= 128 && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// The name of an object in words that cannot act on a terminal.
pub fn shown(object: &Value) -> String {
    super::answer::line(name(object))
}
