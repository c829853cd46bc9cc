//! Which application a service is: `namespace/name#image`.
//! Only this file knows how an application is addressed.

use super::app;
use super::json::text;
use serde_json::Value;

/// An application.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its namespace, where it is not Argo CD's own.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// The image whose tag is the version; the revision is when absent.
    pub image: Option<String>,
}

impl Place {
    /// Reads a scope; none when it names no application.
    pub fn read(scope: &str) -> Option<Self> {
        let (at, image) = match scope.split_once('#') {
            Some((at, image)) => (at, Some(image.to_owned())),
            None => (scope, None),
        };
        let (namespace, name) = match at.split_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, at),
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let named = |name: &str| name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain);
        (named(name) && namespace.is_none_or(named)).then(|| Self {
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            image,
        })
    }

    /// Its path in the API.
    pub fn path(&self) -> String {
        format!("/api/v1/applications/{}", self.name)
    }

    /// As people write it.
    pub fn words(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("application {namespace}/{}", self.name),
            None => format!("application {}", self.name),
        }
    }

    /// Whether an object is this application.
    pub fn is(&self, object: &Value) -> bool {
        let (namespace, home) = (text(object, "/metadata/namespace"), app::home(object));
        let here = match &self.namespace {
            Some(wanted) => namespace == wanted,
            None => home.is_empty() || namespace == home,
        };
        here && text(object, "/metadata/name") == self.name
    }

    /// Its name as permissions write it: `project/name`, or with its namespace between where
    /// that is not Argo CD's own.
    pub fn subject(&self, object: &Value) -> String {
        let project = app::project(object);
        match &self.namespace {
            Some(namespace) if namespace != app::home(object) => format!("{project}/{namespace}/{}", self.name),
            _ => format!("{project}/{}", self.name),
        }
    }
}
