//! Reading JSON without what nobody asks for: most of a pod is passed over, not stored and dropped.
//!
//! Pure. It knows which fields of watched objects rows are made of; what is read for
//! people or for a change is read whole, in `ask`.

use super::place::Kind;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Which fields of an object are read; of a list, those of each element.
#[derive(Debug)]
pub enum Shape {
    /// Every one.
    All,
    /// None: the field is passed over.
    Nothing,
    /// These alone.
    Only(&'static [(&'static str, Shape)]),
    /// Every one but what these say.
    Except(&'static [(&'static str, Shape)]),
}

use Shape::{All, Except, Nothing, Only};

/// What a pod's reason and owner are read from. A failure comes in its place, with fields of its own.
const POD: Shape = Only(&[
    (
        "metadata",
        Only(&[
            ("name", All),
            ("uid", All),
            ("resourceVersion", All),
            ("creationTimestamp", All),
            ("deletionTimestamp", All),
            ("ownerReferences", All),
        ]),
    ),
    (
        "status",
        Only(&[
            ("phase", All),
            ("reason", All),
            ("message", All),
            ("startTime", All),
            ("conditions", All),
            ("initContainerStatuses", CONTAINERS),
            ("containerStatuses", CONTAINERS),
        ]),
    ),
    ("code", All),
    ("reason", All),
    ("message", All),
    ("details", All),
]);
const CONTAINERS: Shape =
    Only(&[("name", All), ("ready", All), ("restartCount", All), ("state", All), ("lastState", All)]);
/// What news is made of.
const EVENT: Shape = Only(&[
    ("type", All),
    ("involvedObject", Only(&[("kind", All), ("name", All), ("uid", All)])),
    ("reason", All),
    ("message", All),
    ("count", All),
    ("series", All),
    ("firstTimestamp", All),
    ("lastTimestamp", All),
    ("eventTime", All),
    ("metadata", Only(&[("creationTimestamp", All)])),
]);
/// Anything else: without who wrote which field, and without the same manifest again as one text.
const OTHER: Shape = Except(&[("metadata", Except(&[("managedFields", Nothing), NOTES]))]);
/// A workload: of who wrote which field only who wrote its pod template and its cause, and when.
const WORKLOAD: Shape = Except(&[("metadata", Except(&[("managedFields", WRITERS), NOTES]))]);
const NOTES: (&str, Shape) = ("annotations", Except(&[("kubectl.kubernetes.io/last-applied-configuration", Nothing)]));
const WRITERS: Shape = Only(&[
    ("manager", All),
    ("time", All),
    ("subresource", All),
    ("fieldsV1", Only(&[("f:spec", Only(&[("f:template", TEMPLATE)])), ("f:metadata", CAUSED)])),
]);
const CAUSED: Shape = Only(&[("f:annotations", Only(&[("f:kubernetes.io/change-cause", All)]))]);
const TEMPLATE: Shape = Only(&[
    ("f:metadata", Only(&[("f:annotations", All), ("f:labels", All)])),
    ("f:spec", Only(&[("f:containers", All)])),
]);

/// That it is there, by its name, and nothing else of it.
pub const NAME: Shape = Only(&[("metadata", Only(&[("name", All)]))]);

/// What is read of a page of a list of a watched resource.
pub fn page(resource: &str) -> &'static Shape {
    match resource {
        "pods" => &Except(&[("items", POD)]),
        "events" => &Except(&[("items", EVENT)]),
        resource if is_workload(resource) => &Except(&[("items", WORKLOAD)]),
        _ => &Except(&[("items", OTHER)]),
    }
}

/// What is read of what its watch says.
pub fn event(resource: &str) -> &'static Shape {
    match resource {
        "pods" => &Except(&[("object", POD)]),
        resource if is_workload(resource) => &Except(&[("object", WORKLOAD)]),
        _ => &Except(&[("object", OTHER)]),
    }
}

fn is_workload(resource: &str) -> bool {
    Kind::ALL.iter().any(|kind| kind.resource() == resource)
}

/// Reads one whole JSON text.
///
/// # Errors
/// When it is none, or something follows it.
pub fn read(bytes: &[u8], shape: &Shape) -> serde_json::Result<Value> {
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let value = shape.deserialize(&mut text)?;
    text.end().map(|()| value)
}

impl Shape {
    /// What is read of a field; none when it is passed over.
    fn of(&self, key: &str) -> Option<&Shape> {
        let found = |all: &'static [(&'static str, Shape)]| all.iter().find(|(name, _)| *name == key).map(|(_, of)| of);
        match self {
            All => Some(self),
            Nothing => None,
            Only(all) => found(all),
            Except(all) => Some(found(all).unwrap_or(&All)).filter(|of| !matches!(of, Nothing)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for &Shape {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Shape {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Value, E> {
        Ok(Value::Bool(is))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(value) = all.next_element_seed(self)? {
            out.push(value);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(key) = all.next_key_seed(Key(self))? {
            match key {
                Some((key, shape)) => drop(out.insert(key, all.next_value_seed(shape)?)),
                None => drop(all.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Value::Object(out))
    }
}

/// The name of a field, with what is read of it; none when it is passed over.
struct Key<'s>(&'s Shape);

impl<'de, 's> DeserializeSeed<'de> for Key<'s> {
    type Value = Option<(String, &'s Shape)>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'s> Visitor<'_> for Key<'s> {
    type Value = Option<(String, &'s Shape)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.of(key).map(|shape| (key.to_owned(), shape)))
    }
}
