//! The four ways to patch: JSON patch, merge patch, and as much of the strategic merge
//! patch and of applying as rollouts need.

use serde_json::Value;

/// Why a patch was not taken.
pub enum Unpatched {
    /// 422.
    Invalid(String),
    /// 415.
    Unsupported,
}

pub fn apply(kind: &str, object: &Value, body: &str) -> Result<Value, Unpatched> {
    let patch: Value = serde_json::from_str(body).map_err(|e| Unpatched::Invalid(e.to_string()))?;
    let mut object = object.clone();
    match kind.split(';').next().unwrap_or_default() {
        "application/json-patch+json" => steps(&mut object, &patch).map_err(Unpatched::Invalid)?,
        "application/merge-patch+json" => merge(&mut object, &patch),
        "application/strategic-merge-patch+json" => strategic(&mut object, &patch, ""),
        // Whoever applies names all that it declares, and takes nothing else away.
        "application/apply-patch+yaml" if patch["kind"] == object["kind"] => strategic(&mut object, &patch, ""),
        "application/apply-patch+yaml" => return Err(Unpatched::Invalid("invalid object type".to_owned())),
        _ => return Err(Unpatched::Unsupported),
    }
    Ok(object)
}

fn steps(object: &mut Value, patch: &Value) -> Result<(), String> {
    for step in patch.as_array().ok_or("a JSON patch is a list")? {
        let path = step["path"].as_str().ok_or("a step without a path")?;
        let (parent, last) = path.rsplit_once('/').ok_or("a path begins with /")?;
        let last = last.replace("~1", "/").replace("~0", "~");
        match step["op"].as_str() {
            Some("test") if object.pointer(path) == Some(&step["value"]) => {}
            Some("test") => return Err(format!("testing path {path} failed")),
            Some(op @ ("replace" | "add")) => {
                if op == "replace" && object.pointer(path).is_none() {
                    return Err(format!("replace operation does not apply: doc is missing key: {path}"));
                }
                match object.pointer_mut(parent) {
                    Some(Value::Object(map)) => drop(map.insert(last, step["value"].clone())),
                    Some(Value::Array(list)) => match last.parse::<usize>() {
                        Ok(n) if n < list.len() => list[n] = step["value"].clone(),
                        _ => list.push(step["value"].clone()),
                    },
                    _ => return Err(format!("{op} operation does not apply: no {parent}")),
                }
            }
            Some("remove") => {
                let map = object.pointer_mut(parent).and_then(Value::as_object_mut);
                map.and_then(|map| map.remove(&last)).ok_or(format!("remove operation does not apply: {path}"))?;
            }
            other => return Err(format!("unexpected kind: {other:?}")),
        }
    }
    Ok(())
}

fn merge(object: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *object = patch.clone();
        return;
    };
    if !object.is_object() {
        *object = Value::Object(Default::default());
    }
    for (key, value) in patch {
        match value {
            Value::Null => drop(object.as_object_mut().unwrap().remove(key)),
            _ => merge(&mut object[key], value),
        }
    }
}

fn strategic(object: &mut Value, patch: &Value, at: &str) {
    match patch {
        Value::Object(map) if map.get("$patch").is_some_and(|how| how == "replace") => {
            let mut whole = map.clone();
            whole.remove("$patch");
            *object = Value::Object(whole);
            typed(object);
        }
        Value::Object(map) => {
            if !object.is_object() {
                *object = Value::Object(Default::default());
            }
            for (key, value) in map.iter().filter(|(key, _)| !key.starts_with('$')) {
                match value {
                    Value::Null => drop(object.as_object_mut().unwrap().remove(key)),
                    _ => strategic(&mut object[key], value, key),
                }
            }
        }
        Value::Array(items)
            if matches!(at, "containers" | "initContainers" | "env" | "volumes") && object.is_array() =>
        {
            for item in items {
                let list = object.as_array_mut().unwrap();
                match list.iter_mut().find(|old| old["name"] == item["name"]) {
                    Some(old) => strategic(old, item, ""),
                    None => list.push(item.clone()),
                }
            }
        }
        _ => *object = patch.clone(),
    }
}

/// What is null is not there, once an object is read into its type.
fn typed(value: &mut Value) {
    if let Value::Object(map) = value {
        map.retain(|_, inner| !inner.is_null());
        map.values_mut().for_each(typed);
    }
}
