//! Requests and answers held to Argo CD's published description (`swagger.json`).
//!
//! Stricter than the description where that is lax: what it does not name is a violation too.

use serde_json::{Map, Value};
use std::sync::OnceLock;

fn description() -> &'static Value {
    static READ: OnceLock<Value> = OnceLock::new();
    READ.get_or_init(|| serde_json::from_str(include_str!("swagger.json")).unwrap())
}

/// What is asked for, as the description names it.
pub struct Asked {
    operation: &'static Value,
    path: &'static str,
}

/// The operation of a request.
pub fn operation(method: &str, path: &str) -> Result<Asked, String> {
    let all = description()["paths"].as_object().unwrap();
    let fits = |pattern: &&String| {
        let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
        loop {
            match (pattern.next(), path.next()) {
                (None, None) => return true,
                // What is left over belongs to the last part: `{subresource=**}` in its source.
                (None, Some(_)) => return false,
                (Some("{subresource}"), Some(_)) => return true,
                (Some(wanted), Some(is)) if wanted == is || (wanted.starts_with('{') && !is.is_empty()) => {}
                _ => return false,
            }
        }
    };
    let named =
        all.keys().filter(fits).max_by_key(|pattern| pattern.split('/').filter(|p| !p.starts_with('{')).count());
    let path_named = named.ok_or_else(|| format!("no such path: {path}"))?;
    let operation = all[path_named].get(method.to_lowercase()).ok_or_else(|| format!("no {method} of {path}"))?;
    Ok(Asked { operation, path: path_named })
}

/// What is wrong with a request.
pub fn request(asked: &Asked, query: &[(String, String)], body: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let parameters = asked.operation["parameters"].as_array().cloned().unwrap_or_default();
    for (name, value) in query {
        match parameters.iter().find(|one| one["in"] == "query" && one["name"] == name.as_str()) {
            None => wrong.push(format!("{}: no parameter {name}", asked.path)),
            Some(one) if one["type"] == "boolean" && !matches!(value.as_str(), "true" | "false") => {
                wrong.push(format!("{}: {name}={value} is no boolean", asked.path));
            }
            Some(_) => {}
        }
    }
    let schema = parameters.iter().find(|one| one["in"] == "body").map(|one| &one["schema"]);
    match (schema, body.is_empty()) {
        (None, true) => {}
        (None, false) => wrong.push(format!("{}: it takes no body", asked.path)),
        (Some(schema), _) => match serde_json::from_str(body) {
            Ok(value) => compare(asked.path, schema, &value, &mut wrong),
            Err(error) => wrong.push(format!("{}: {error}", asked.path)),
        },
    }
    wrong
}

/// What is wrong with an answer of 200.
pub fn answer(asked: &Asked, value: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    compare(asked.path, &asked.operation["responses"]["200"]["schema"], value, &mut wrong);
    wrong
}

fn compare(at: &str, schema: &Value, value: &Value, wrong: &mut Vec<String>) {
    if let Some(named) = schema["$ref"].as_str() {
        let name = named.rsplit('/').next().unwrap();
        return compare(at, &description()["definitions"][name], value, wrong);
    }
    let kind = schema["type"].as_str().unwrap_or_default();
    let fits = match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        // Large numbers may be written as text.
        "integer" => value.is_i64() || value.is_u64() || value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    if !fits {
        wrong.push(format!("{at}: {value} is no {kind}"));
        return;
    }
    if schema["format"] == "date-time"
        && value.as_str().is_none_or(|text| chrono::DateTime::parse_from_rfc3339(text).is_err())
    {
        wrong.push(format!("{at}: {value} is no date-time"));
    }
    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
        compare(&format!("{at}/{n}"), &schema["items"], item, wrong);
    }
    let own = schema["properties"].as_object().into_iter().flatten();
    let inherited = schema["allOf"].as_array().into_iter().flatten().flat_map(|one| {
        let name = one["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        description()["definitions"][name]["properties"].as_object().into_iter().flatten()
    });
    let properties: Map<String, Value> =
        own.chain(inherited).map(|(key, schema)| (key.clone(), schema.clone())).collect();
    if properties.is_empty() && schema.get("additionalProperties").is_none() {
        return;
    }
    let none = Map::new();
    for (key, item) in value.as_object().unwrap_or(&none) {
        let known = properties.get(key).or(schema.get("additionalProperties"));
        match known {
            Some(schema) => compare(&format!("{at}/{key}"), schema, item, wrong),
            None => wrong.push(format!("{at}: it has no {key}")),
        }
    }
}
