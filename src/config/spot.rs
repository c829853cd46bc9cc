//! A value with its place in the file, so that a rule can point at it later.
//!
//! It knows nothing of what the value means.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{Deref, Range};

/// A value and the bytes it was written in.
#[derive(Clone, Debug, Default)]
pub struct Spot<T> {
    /// The bytes of the file.
    pub at: Range<usize>,
    /// What they say.
    pub value: T,
}

impl<T> Deref for Spot<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spot<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let spanned = toml::Spanned::<T>::deserialize(d)?;
        Ok(Self { at: spanned.span(), value: spanned.into_inner() })
    }
}

impl<T: JsonSchema> JsonSchema for Spot<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A table whose keys are names, each with its place; in order of name.
#[derive(Clone, Debug)]
pub struct Named<K, T>(pub Vec<(Spot<K>, T)>);

impl<K, T> Default for Named<K, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, K: Deserialize<'de> + Ord, T: Deserialize<'de>> Deserialize<'de> for Named<K, T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let table = BTreeMap::<toml::Spanned<K>, T>::deserialize(d)?;
        let entry = |(key, value): (toml::Spanned<K>, T)| (Spot { at: key.span(), value: key.into_inner() }, value);
        Ok(Self(table.into_iter().map(entry).collect()))
    }
}

impl<K: JsonSchema, T: JsonSchema> JsonSchema for Named<K, T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("{}By{}", T::schema_name(), K::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (names, values) = (generator.subschema_for::<K>(), generator.subschema_for::<T>());
        json_schema!({ "type": "object", "propertyNames": names, "additionalProperties": values })
    }
}
