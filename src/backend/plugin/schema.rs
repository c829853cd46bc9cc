//! The JSON Schema of everything that is said over the wire, made from the shapes themselves.
//!
//! The file docs/plugin-schema.json is this, and a test keeps it so.

use super::message::{
    Cancel, Failure, Finding, Initialize, PerformAsk, ProbeAsk, Progress, Receipt, SecretAsk, WatchAck, WatchEvent,
    WatchStart, WatchStop, Welcome,
};
use super::meta::{KEY, Meta};
use super::preview::{PreviewAnswer, PreviewAsk};
use super::rows::{AlertRow, Number, PlaceRow, Row, WindowRow, WindowsHead};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The schema: for each method who says it, its `params`, and the `result` where it is a request; `_meta` is in the
/// `params` of every request of the host.
pub fn schema() -> Value {
    let mut g = SchemaGenerator::default();
    let nothing = json!({ "type": "object" });
    let secret = json!({ "type": "object", "properties": { "value": { "type": "string" } }, "required": ["value"] });
    let methods = [
        ("initialize", "host", of::<Initialize>(&mut g), Some(of::<Welcome>(&mut g))),
        ("initialized", "host", nothing.clone(), None),
        ("ping", "host", nothing.clone(), Some(nothing.clone())),
        ("shutdown", "host", nothing.clone(), Some(nothing.clone())),
        ("watch/start", "host", of::<WatchStart>(&mut g), Some(nothing)),
        ("watch/ack", "host", of::<WatchAck>(&mut g), None),
        ("watch/stop", "host", of::<WatchStop>(&mut g), None),
        ("watch/event", "plugin", of::<WatchEvent>(&mut g), None),
        ("preview", "host", of::<PreviewAsk>(&mut g), Some(of::<PreviewAnswer>(&mut g))),
        ("perform", "host", of::<PerformAsk>(&mut g), Some(of::<Receipt>(&mut g))),
        ("probe", "host", of::<ProbeAsk>(&mut g), Some(of::<Finding>(&mut g))),
        ("secret/get", "plugin", of::<SecretAsk>(&mut g), Some(secret)),
        ("$/cancel", "host", of::<Cancel>(&mut g), None),
        ("$/progress", "plugin", of::<Progress>(&mut g), None),
    ];
    let methods = methods.into_iter().map(|(method, by, params, result)| {
        let mut said = json!({ "by": by, "params": params });
        if let (Some(result), Value::Object(said)) = (result, &mut said) {
            said.insert("result".to_owned(), result);
        }
        (method.to_owned(), said)
    });
    let methods: Map<String, Value> = methods.collect();
    let items = json!({
        "deployment": of::<Row>(&mut g),
        "number": of::<Number>(&mut g),
        "alert": of::<AlertRow>(&mut g),
        "window": of::<WindowRow>(&mut g),
        "windows": of::<WindowsHead>(&mut g),
        "place": of::<PlaceRow>(&mut g),
    });
    let (error, meta) = (of::<Failure>(&mut g), of::<Meta>(&mut g));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "holdpoint plugin protocol, version 1",
        "methods": methods,
        "error": error,
        KEY: meta,
        "items": items,
        "$defs": g.take_definitions(true),
    })
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}
