//! What an action is asked of: which resource of the application, which of the actions that Argo CD
//! offers for it, with which parameters.
//!
//! Pure. What an action does is a script of that Argo CD, which nobody here knows.

use super::json::{line, list, object, text};
use crate::domain::backend::ArgoCdSpec;
use crate::domain::operation::{Operation, Verb};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a parameter's argument begins with.
const PARAMETER: &str = "parameter-";
/// The first version of Argo CD that takes parameters, and whose older way was broken for a while.
const SECOND: (u64, u64) = (3, 1);

/// An action as a step asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Its name.
    pub action: &'a str,
    /// The resource's kind.
    pub kind: &'a str,
    /// The resource's name.
    pub name: &'a str,
    namespace: Option<&'a str>,
    group: Option<&'a str>,
    /// Its parameters by name.
    pub parameters: BTreeMap<&'a str, &'a str>,
}

/// A resource of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its group; empty for the core.
    pub group: String,
    /// Its version.
    pub version: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace; empty where it has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What tells it from another of its name.
    pub uid: String,
    /// Its version as it was seen.
    pub seen: String,
}

impl<'a> Wanted<'a> {
    /// Reads what a step asks for.
    ///
    /// # Errors
    /// What is missing, or not known.
    pub fn read(operation: &'a Operation) -> Result<Self, String> {
        let known = ArgoCdSpec::arguments(Verb::Action);
        let unknown = |given: &&String| !known.iter().any(|(name, takes)| takes.means(name, given));
        if let Some(other) = operation.args.keys().find(unknown) {
            let known = known.iter().map(|(name, takes)| takes.called(name)).collect::<Vec<_>>().join(", ");
            return Err(format!("action takes no argument {}; it takes {known}", line(other)));
        }
        let given = |name: &str| operation.args.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        // Empty is said too: the core's group, and what lies in no namespace.
        let exact = |name: &str| operation.args.get(name).map(|text| text.trim());
        let must =
            |name: &str| given(name).ok_or_else(|| format!("no {name} is given; add args = {{ {name} = \"…\" }}"));
        let parameter = |(name, value): (&'a String, &'a String)| Some((name.strip_prefix(PARAMETER)?, value.as_str()));
        Ok(Self {
            action: must("action")?,
            kind: must("kind")?,
            name: must("name")?,
            namespace: exact("namespace"),
            group: exact("group"),
            parameters: operation.args.iter().filter_map(parameter).collect(),
        })
    }

    /// The resource among those of the application.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub fn resource(&self, tree: &Value) -> Result<Resource, String> {
        let meant = |node: &&Value| {
            text(node, "/kind") == self.kind
                && text(node, "/name") == self.name
                && self.namespace.is_none_or(|wanted| text(node, "/namespace") == wanted)
                && self.group.is_none_or(|wanted| text(node, "/group") == wanted)
        };
        let mut all = list(tree, "/nodes").iter().filter(meant);
        let what = line(&format!("{} {}", self.kind, self.name));
        match (all.next(), all.next()) {
            (None, _) => Err(format!("it has no {what}")),
            (Some(_), Some(_)) => Err(format!("it has more than one {what}; name namespace and group too")),
            (Some(node), None) => {
                let of = |key: &str| text(node, key).to_owned();
                Ok(Resource {
                    group: of("/group"),
                    version: of("/version"),
                    kind: of("/kind"),
                    namespace: of("/namespace"),
                    name: of("/name"),
                    uid: of("/uid"),
                    seen: of("/resourceVersion"),
                })
            }
        }
    }

    /// Whether it may be run as it is asked for.
    ///
    /// # Errors
    /// It is not offered, is disabled now, or takes other parameters.
    pub fn offered(&self, offers: &Value, of: &Resource) -> Result<(), String> {
        let all = list(offers, "/actions");
        let Some(offer) = all.iter().find(|offer| text(offer, "/name") == self.action) else {
            let names: Vec<_> = all.iter().map(|offer| line(text(offer, "/name"))).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(format!(
                "Argo CD offers no action {} for {}; it offers {names}",
                line(self.action),
                of.words()
            ));
        };
        if offer.get("disabled") == Some(&Value::Bool(true)) {
            return Err(format!("Argo CD has {} of {} disabled as it is now", line(self.action), of.words()));
        }
        let takes: Vec<_> = list(offer, "/params").iter().map(|one| text(one, "/name")).collect();
        if let Some(other) = self.parameters.keys().find(|name| !takes.contains(name)) {
            return Err(format!("{} takes no parameter {}", line(self.action), line(other)));
        }
        match takes.iter().find(|name| !self.parameters.contains_key(*name)) {
            Some(missing) => {
                let (action, missing) = (line(self.action), line(missing));
                Err(format!("{action} needs a parameter; add args = {{ {PARAMETER}{missing} = \"…\" }}"))
            }
            None => Ok(()),
        }
    }

    /// What is sent to a server that takes parameters, without who and where.
    pub fn body(&self, of: &Resource) -> Value {
        let parameters: Vec<_> =
            self.parameters.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        json!({
            "namespace": of.namespace, "resourceName": of.name, "version": of.version, "group": of.group,
            "kind": of.kind, "action": self.action, "resourceActionParameters": parameters,
        })
    }

    /// In words, with its parameters.
    pub fn words(&self, of: &Resource) -> String {
        let with: Vec<_> = self.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let with = if with.is_empty() { String::new() } else { format!(" with {}", line(&with.join(", "))) };
        format!("{} of {}{with}", line(self.action), of.words())
    }

    /// The permission that it needs, as policies write it.
    pub fn permission(&self, of: &Resource) -> String {
        line(&format!("applications, action/{}/{}/{}", of.group, of.kind, self.action))
    }
}

impl Resource {
    /// As people write it.
    pub fn words(&self) -> String {
        object(&self.kind, &self.namespace, &self.name)
    }

    /// What it is asked for by.
    pub fn query(&self) -> [(&'static str, &str); 5] {
        [
            ("namespace", self.namespace.as_str()),
            ("resourceName", self.name.as_str()),
            ("version", self.version.as_str()),
            ("group", self.group.as_str()),
            ("kind", self.kind.as_str()),
        ]
    }

    /// The same one in a newer look at the application.
    pub fn again<'a>(&self, tree: &'a Value) -> Option<&'a Value> {
        list(tree, "/nodes").iter().find(|node| text(node, "/uid") == self.uid)
    }
}

/// Whether a server of this version is sent actions in the newer way; one that does not say is.
pub fn newer(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split(['.', '+', '-']).map(str::parse::<u64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= SECOND,
        _ => true,
    }
}
