//! Objects with versions, and the log of what became of them.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Which object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    pub resource: String,
    pub namespace: String,
    pub name: String,
}

impl Id {
    pub fn new(resource: &str, namespace: &str, name: &str) -> Self {
        Self { resource: resource.into(), namespace: namespace.into(), name: name.into() }
    }
}

/// One change.
#[derive(Clone, Debug)]
pub struct Change {
    pub version: u64,
    pub id: Id,
    pub what: &'static str,
    pub object: Value,
}

#[derive(Clone, Default)]
pub struct Store {
    pub version: u64,
    pub objects: BTreeMap<Id, Value>,
    pub log: Vec<Change>,
    /// Changes up to this one are forgotten.
    pub compacted: u64,
    made: u64,
}

impl Store {
    /// Stores an object: what is the same changes nothing; a new spec is a new generation.
    pub fn put(&mut self, resource: &str, mut object: Value) -> Value {
        let meta = |key: &str| object["metadata"][key].as_str().unwrap_or_default().to_owned();
        let id = Id::new(resource, &meta("namespace"), &meta("name"));
        let old = self.objects.get(&id).cloned();
        if let Some(old) = &old {
            for key in ["uid", "creationTimestamp", "resourceVersion", "generation"] {
                object["metadata"][key] = old["metadata"][key].clone();
            }
            if *old == object {
                return object;
            }
            if old["spec"] != object["spec"] {
                object["metadata"]["generation"] = json!(old["metadata"]["generation"].as_u64().unwrap_or(0) + 1);
            }
        } else {
            self.made += 1;
            object["metadata"]["uid"] = json!(format!("00000000-0000-4000-8000-{:012}", self.made));
            // A pod that is made anew says itself when that was.
            if !object["metadata"]["creationTimestamp"].is_string() {
                object["metadata"]["creationTimestamp"] = json!(format!(
                    "2020-11-20T{:02}:{:02}:{:02}Z",
                    self.made / 3600 % 24,
                    self.made / 60 % 60,
                    self.made % 60
                ));
            }
            object["metadata"]["generation"] = json!(1);
        }
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.note(id.clone(), if old.is_some() { "MODIFIED" } else { "ADDED" }, object.clone());
        self.objects.insert(id, object.clone());
        object
    }

    pub fn remove(&mut self, id: &Id) -> Option<Value> {
        let mut object = self.objects.remove(id)?;
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.note(id.clone(), "DELETED", object.clone());
        Some(object)
    }

    fn note(&mut self, id: Id, what: &'static str, object: Value) {
        self.log.push(Change { version: self.version, id, what, object });
    }

    /// Objects of a resource that a controller owns.
    pub fn owned(&self, resource: &str, owner: &Value) -> Vec<Value> {
        let of = |object: &&Value| object["metadata"]["ownerReferences"][0]["uid"] == owner["metadata"]["uid"];
        self.all(resource, owner["metadata"]["namespace"].as_str()).filter(of).cloned().collect()
    }

    pub fn all(&self, resource: &str, namespace: Option<&str>) -> impl Iterator<Item = &Value> {
        let here =
            move |id: &&Id| id.resource == resource && namespace.is_none_or(|n| n.is_empty() || n == id.namespace);
        let all: Vec<&Value> = self.objects.iter().filter(|(id, _)| here(id)).map(|(_, object)| object).collect();
        all.into_iter()
    }
}

/// Whether an object is meant by `labelSelector` and `fieldSelector`.
pub fn selected(object: &Value, labels: &str, fields: &str) -> bool {
    let label = |key: &str| object["metadata"]["labels"][key].as_str();
    let terms = |text: &str| -> Vec<String> {
        // A comma within brackets does not end a term.
        let mut depth = 0;
        text.split(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            c == ',' && depth == 0
        })
        .filter(|term| !term.is_empty())
        .map(str::to_owned)
        .collect()
    };
    let pair = |term: &str| term.split_once('=').map(|(k, v)| (k.to_owned(), v.trim_start_matches('=').to_owned()));
    let by_label = terms(labels).iter().all(|term| match term.split_once(" in ") {
        Some((key, set)) => set.trim_matches(['(', ')']).split(',').any(|v| label(key.trim()) == Some(v.trim())),
        None => pair(term).is_some_and(|(key, value)| label(&key) == Some(&value)),
    });
    let by_field = terms(fields).iter().all(|term| {
        pair(term).is_some_and(|(key, value)| {
            let found = object.pointer(&format!("/{}", key.replace('.', "/")));
            found.and_then(Value::as_str).unwrap_or_default() == value
        })
    });
    by_label && by_field
}
