//! What is added to a cluster by definitions: their schemas, cut from the published ones, and what
//! the server does with them: it refuses what does not fit, and keeps status and spec apart.

use serde_json::Value;

/// The group, version and kind of an added resource, and its schema.
pub fn added(resource: &str) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match resource {
        "rollouts" => ("argoproj.io/v1alpha1", "Rollout", include_str!("crd/rollout.json")),
        "analysisruns" => ("argoproj.io/v1alpha1", "AnalysisRun", include_str!("crd/analysisrun.json")),
        "canaries" => ("flagger.app/v1beta1", "Canary", include_str!("crd/canary.json")),
        "httproutes" => ("gateway.networking.k8s.io/v1", "HTTPRoute", include_str!("crd/httproute.json")),
        "grpcroutes" => ("gateway.networking.k8s.io/v1", "GRPCRoute", include_str!("crd/grpcroute.json")),
        "virtualservices" => ("networking.istio.io/v1", "VirtualService", include_str!("crd/virtualservice.json")),
        _ => return None,
    })
}

/// What of an object does not fit its schema; nothing for what is not added.
pub fn misfits(resource: &str, object: &Value) -> Vec<String> {
    let Some((.., schema)) = added(resource) else { return Vec::new() };
    let mut found = Vec::new();
    fits(&serde_json::from_str(schema).unwrap(), object, "", &mut found);
    found
}

/// A change as it is kept: through `/status` the status alone, through the object all but the status.
pub fn kept(resource: &str, sub: &str, old: &Value, new: Value) -> Value {
    let status = |object: &Value| object.get("status").cloned();
    // Analysis runs have no part of their own for the status.
    if !matches!(resource, "rollouts" | "canaries" | "httproutes" | "grpcroutes" | "virtualservices") {
        return new;
    }
    let (mut whole, of) = if sub == "status" { (old.clone(), status(&new)) } else { (new, status(old)) };
    let map = whole.as_object_mut().unwrap();
    match of {
        Some(status) => drop(map.insert("status".to_owned(), status)),
        None => drop(map.remove("status")),
    }
    whole
}

fn fits(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let kind = schema["type"].as_str().unwrap_or_default();
    let right = match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => true,
    };
    if !(right || value.is_null() && schema["nullable"] == true) {
        return found.push(format!("{at}: Invalid value: {value}: must be of type {kind}"));
    }
    let number = |key: &str| schema[key].as_i64().zip(value.as_i64());
    if number("minimum").is_some_and(|(least, n)| n < least) || number("maximum").is_some_and(|(most, n)| n > most) {
        found.push(format!("{at}: Invalid value: {value}: must be within its bounds"));
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
        found.push(format!("{at}: Unsupported value: {value}"));
    }
    if schema["format"] == "date-time" && value.as_str().is_some_and(|text| text.len() < 20 || !text.contains('T')) {
        found.push(format!("{at}: Invalid value: {value}: no date-time"));
    }
    let has = |required: &Value| {
        let names = required.as_array().into_iter().flatten().filter_map(Value::as_str);
        names
            .filter(|name| value.get(name).is_none())
            .map(|name| format!("{at}.{name}: Required value"))
            .collect::<Vec<_>>()
    };
    found.extend(has(&schema["required"]));
    if let Some(either) = schema["oneOf"].as_array()
        && either.iter().filter(|one| has(&one["required"]).is_empty()).count() != 1
    {
        found.push(format!("{at}: must validate one and only one schema (oneOf)"));
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let below = format!("{at}.{key}");
        match (&schema["properties"][key], &schema["additionalProperties"]) {
            (Value::Object(_), _) => fits(&schema["properties"][key], inner, &below, found),
            (_, more @ Value::Object(_)) => fits(more, inner, &below, found),
            _ if schema["x-kubernetes-preserve-unknown-fields"] == true || at == ".metadata" => {}
            _ if schema.get("properties").is_some() => found.push(format!("{below}: unknown field")),
            _ => {}
        }
    }
    for (n, inner) in value.as_array().into_iter().flatten().enumerate() {
        if schema["items"].is_object() {
            fits(&schema["items"], inner, &format!("{at}[{n}]"), found);
        }
    }
}
