//! Facts as a scenario writes them down, and as it tells of those that came instead.

/// `kind key=value key~part`: a fact of the kind in which such keys are somewhere.
pub fn fits(fact: &serde_json::Value, wanted: &str) -> bool {
    let mut parts = wanted.split(' ');
    let kind = parts.next().unwrap_or_default();
    let Some(body) = fact.get(kind) else { return false };
    let rest: Vec<_> = parts.collect();
    rest.iter().all(|part| match (part.split_once('='), part.split_once('~')) {
        (Some((key, value)), _) => anywhere(body, key, &|found| found == value),
        (_, Some((key, value))) => anywhere(body, key, &|found| found.contains(&value.replace('_', " "))),
        _ => panic!("{part:?} is neither key=value nor key~part"),
    })
}

fn anywhere(value: &serde_json::Value, key: &str, fits: &dyn Fn(&str) -> bool) -> bool {
    match value {
        serde_json::Value::Object(map) => map.iter().any(|(k, v)| {
            let text = v.as_str().map_or_else(|| v.to_string(), str::to_owned);
            (k == key && fits(&text)) || anywhere(v, key, fits)
        }),
        serde_json::Value::Array(all) => all.iter().any(|v| anywhere(v, key, fits)),
        _ => false,
    }
}

/// What happened, a line each, short.
pub fn listed(facts: &[serde_json::Value]) -> String {
    let short = facts.iter().map(|f| f.to_string().chars().take(220).collect::<String>());
    short.collect::<Vec<_>>().join("\n  ")
}
