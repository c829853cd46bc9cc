//! What deploys a service somewhere, as it is written: a backend's name alone, or a table
//! that says where in the backend the service lies.

use super::super::spot::Spot;
use crate::domain::name::BackendName;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::json;
use std::borrow::Cow;
use std::fmt;

/// A backend, and where in it.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct DeployedBy {
    /// The backend; its place is empty when it stands alone.
    pub backend: Spot<BackendName>,
    /// Where it lies there, such as `payments/deployment/api`.
    pub at: Option<Spot<String>>,
    /// Which container of it holds the version; the first when absent.
    pub container: Option<Spot<String>>,
    /// Which image's tag is its version there, where it is not the revision.
    pub image: Option<Spot<String>>,
    /// What shares out its traffic, such as `httproute/web`.
    pub route: Option<Spot<String>>,
    /// Which backend of that route is given traffic by hand.
    pub canary: Option<Spot<String>>,
}

impl Spot<DeployedBy> {
    /// The backend's name, where it is written.
    pub fn named(&self) -> Spot<BackendName> {
        let at = if self.backend.at.is_empty() { self.at.clone() } else { self.backend.at.clone() };
        Spot { at, value: self.backend.value.clone() }
    }
}

impl<'de> Deserialize<'de> for DeployedBy {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Either)
    }
}

struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = DeployedBy;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a backend, or a table with backend, at, container, image, route and canary")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<DeployedBy, E> {
        let backend = Spot { at: 0..0, value: BackendName::from(name) };
        Ok(DeployedBy { backend, at: None, container: None, image: None, route: None, canary: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DeployedBy, A::Error> {
        DeployedBy::deserialize(MapAccessDeserializer::new(map))
    }
}

impl JsonSchema for DeployedBy {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "DeployedBy".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = generator.subschema_for::<BackendName>();
        schema.insert("type".to_owned(), json!(["string", "object"]));
        schema.insert("description".to_owned(), json!("a backend, or a backend and where in it the service lies"));
        let place = json!({ "type": "string", "description": "Where it lies there: `payments/deployment/api`, or an application of Argo CD; of a script or a plugin, what it is to a cluster: `helm-release/shop/api`." });
        let container =
            json!({ "type": "string", "description": "Which container holds the version; the first when absent." });
        let image = json!({ "type": "string", "description": "Argo CD: which image's tag is the version; the revision when absent." });
        let backend = generator.subschema_for::<BackendName>();
        let route = json!({ "type": "string", "description": "Clusters: what shares out its traffic: `httproute/web`, `grpcroute/web` or `virtualservice/web`." });
        let canary = json!({ "type": "string", "description": "Which backend of the route is given traffic by hand, with the verb `shift`; nobody shifts it when absent." });
        let properties = json!({
            "backend": backend, "at": place, "container": container, "image": image, "route": route, "canary": canary,
        });
        schema.insert("properties".to_owned(), properties);
        schema.insert("required".to_owned(), json!(["backend"]));
        schema.insert("additionalProperties".to_owned(), json!(false));
        schema
    }
}
