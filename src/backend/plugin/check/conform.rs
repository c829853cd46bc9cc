//! Whether messages fit the schema of the protocol, as docs/plugin-schema.json has it.
//!
//! It knows the words of JSON Schema that our schema uses, and no others.

use super::transcript::{End, Told};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a test keeps as the shapes are.
const HELD: &str = include_str!("../../../../docs/plugin-schema.json");
/// The most that is told of one trial.
const MOST: usize = 20;

/// The schema, ready to be asked.
pub struct Conform(Value);

impl Conform {
    /// Of the protocol as it is.
    pub fn new() -> Self {
        Self(serde_json::from_str(HELD).unwrap_or_default())
    }

    /// What the plugin said in a trial that does not fit, in words.
    pub fn trial(&self, told: &Told) -> Vec<String> {
        let (mut asked, mut topics, mut found) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for line in &told.lines {
            for message in line.messages() {
                let method = message.get("method").and_then(Value::as_str);
                let id = message.get("id").map(|id| (line.process, id.to_string()));
                match (line.from, method, id) {
                    (End::Host, Some(method), Some(id)) => {
                        if let Some((watch, topic)) = watch(&message, "watch").zip(watch(&message, "topic")) {
                            topics.insert((line.process, watch), topic);
                        }
                        asked.insert(id, method.to_owned());
                    }
                    (End::Host, ..) => {}
                    (End::Plugin, None, id) => {
                        self.answered(id.and_then(|id| asked.get(&id)).map(String::as_str), &message, &mut found);
                    }
                    (End::Plugin, Some(method), _) => {
                        let topic = watch(&message, "watch").and_then(|watch| topics.get(&(line.process, watch)));
                        self.told(method, topic.map(String::as_str).unwrap_or_default(), &message, &mut found);
                    }
                }
            }
            if found.len() >= MOST {
                break;
            }
        }
        found.dedup();
        found
    }

    /// A message that the plugin said by itself.
    fn told(&self, method: &str, topic: &str, message: &Value, found: &mut Vec<String>) {
        self.version(method, message, found);
        let known = self.at(&["methods", method]).filter(|known| known["by"] == "plugin");
        let Some(known) = known else {
            return found.push(format!("{method}: no method of a plugin"));
        };
        let params = message.get("params").unwrap_or(&Value::Null);
        self.fits(&known["params"], params, method, found);
        let item = params.get("item").filter(|item| !item.is_null());
        if let (true, Some(item)) = (method == "watch/event", item) {
            let op = params.get("op").and_then(Value::as_str).unwrap_or_default();
            self.item(topic, op, item, found);
        }
    }

    /// The item of an event, as its topic has it.
    fn item(&self, topic: &str, op: &str, item: &Value, found: &mut Vec<String>) {
        let kind = match (topic, op) {
            ("alerts", "upsert") => "alert",
            ("windows", "begin") => "windows",
            ("windows", "upsert") => "window",
            ("windows", "no-reading") => "place",
            ("deployments", "upsert" | "delete") => "deployment",
            ("signals", "reading" | "no-reading") => "number",
            _ => return,
        };
        if let Some(schema) = self.at(&["items", kind]) {
            self.fits(schema, item, &format!("watch/event {op}: item"), found);
        }
    }

    /// An answer to what was asked, if that is known.
    fn answered(&self, asked: Option<&str>, message: &Value, found: &mut Vec<String>) {
        let what = asked.unwrap_or("an answer");
        self.version(what, message, found);
        match (message.get("result"), message.get("error")) {
            (None, Some(error)) => {
                if let Some(schema) = self.at(&["error"]) {
                    self.fits(schema, error, &format!("{what}: error"), found);
                }
            }
            (Some(result), None) => {
                let schema = asked.and_then(|asked| self.at(&["methods", asked, "result"]));
                if let Some(schema) = schema {
                    self.fits(schema, result, &format!("{what}: result"), found);
                }
            }
            _ => found.push(format!("{what}: neither a result nor an error alone")),
        }
    }

    fn version(&self, what: &str, message: &Value, found: &mut Vec<String>) {
        if message.get("jsonrpc") != Some(&Value::from("2.0")) {
            found.push(format!("{what}: jsonrpc is not \"2.0\""));
        }
    }

    fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.0, |value, key| value.get(key))
    }

    fn fits(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/")) {
            return match self.at(&["$defs", name]) {
                Some(schema) => self.fits(schema, value, at, found),
                None => found.push(format!("{at}: the schema has no {name}")),
            };
        }
        for word in ["anyOf", "oneOf"] {
            if let Some(ways) = schema[word].as_array() {
                let fits = |way| {
                    let mut wrong = Vec::new();
                    self.fits(way, value, at, &mut wrong);
                    wrong.is_empty()
                };
                if !ways.iter().any(fits) {
                    found.push(format!("{at}: {} is none of those that there are", short(value)));
                }
            }
        }
        if schema.get("const").is_some_and(|one| one != value) {
            found.push(format!("{at}: {} is not {}", short(value), schema["const"]));
        }
        if !is_a(&schema["type"], value) {
            return found.push(format!("{at}: {} is no {}", short(value), short(&schema["type"])));
        }
        let (number, least, most) = (value.as_f64(), schema["minimum"].as_f64(), schema["maximum"].as_f64());
        if number.is_some_and(|n| least.is_some_and(|least| n < least) || most.is_some_and(|most| n > most)) {
            found.push(format!("{at}: {value} is out of range"));
        }
        self.within(schema, value, at, found);
    }

    fn within(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Array(all) if schema.get("items").is_some() => {
                all.iter().for_each(|one| self.fits(&schema["items"], one, &format!("{at}[]"), found));
            }
            Value::Object(all) => {
                let wanted = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let missing = wanted.filter(|key| !all.contains_key(*key));
                found.extend(missing.map(|key| format!("{at}: {key} is missing")));
                for (key, one) in all {
                    let known = schema["properties"].get(key).or_else(|| schema.get("additionalProperties"));
                    if let Some(known) = known {
                        self.fits(known, one, &format!("{at}.{}", short(&Value::from(key.as_str()))), found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// What a message says of a watch.
fn watch(message: &Value, key: &str) -> Option<String> {
    message.get("params").and_then(|params| params.get(key)).and_then(Value::as_str).map(str::to_owned)
}

fn is_a(wanted: &Value, value: &Value) -> bool {
    match wanted {
        Value::Array(any) => any.iter().any(|wanted| is_a(wanted, value)),
        Value::String(word) => match word.as_str() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            "number" => value.is_number(),
            "integer" => value.is_i64() || value.is_u64(),
            _ => true,
        },
        _ => true,
    }
}

fn short(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    crate::domain::text::shortened(&crate::domain::text::visible(&text), 60)
}
