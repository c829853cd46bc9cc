//! The four ways to patch: JSON patch, merge patch, and as much of the strategic merge
//! patch and of applying as rollouts need.

use serde_json::Value;

/// Why a patch was not taken.
pub enum Unpatched {
    /// 422, which does not say why.
    Invalid,
    /// 400.
    Malformed(String),
    /// 415.
    Unsupported,
}

pub fn apply(kind: &str, object: &Value, body: &str) -> Result<Value, Unpatched> {
    let patch: Value = serde_json::from_str(body).map_err(|e| Unpatched::Malformed(e.to_string()))?;
    let mut object = object.clone();
    match kind.split(';').next().unwrap_or_default() {
        "application/json-patch+json" => steps(&mut object, &patch).ok_or(Unpatched::Invalid)?,
        "application/merge-patch+json" => merge(&mut object, &patch),
        "application/strategic-merge-patch+json" => strategic(&mut object, &patch, ""),
        // Whoever applies names all that it declares, and takes nothing else away.
        "application/apply-patch+yaml" if patch["kind"] == object["kind"] => strategic(&mut object, &patch, ""),
        "application/apply-patch+yaml" => return Err(Unpatched::Malformed("invalid object type".to_owned())),
        _ => return Err(Unpatched::Unsupported),
    }
    Ok(object)
}

/// None when one of them does not apply.
fn steps(object: &mut Value, patch: &Value) -> Option<()> {
    for step in patch.as_array()? {
        let path = step["path"].as_str()?;
        let (parent, last) = path.rsplit_once('/')?;
        let last = last.replace("~1", "/").replace("~0", "~");
        match step["op"].as_str()? {
            "test" => {
                // What is missing is null, as long as there is a place for it.
                object.pointer(parent)?;
                let is = object.pointer(path).unwrap_or(&Value::Null);
                (is == &step["value"]).then_some(())?;
            }
            op @ ("replace" | "add") => {
                if op == "replace" {
                    object.pointer(path)?;
                }
                match object.pointer_mut(parent) {
                    Some(Value::Object(map)) => drop(map.insert(last, step["value"].clone())),
                    Some(Value::Array(list)) => match last.parse::<usize>() {
                        Ok(n) if n < list.len() => list[n] = step["value"].clone(),
                        _ => list.push(step["value"].clone()),
                    },
                    _ => return None,
                }
            }
            "remove" => drop(object.pointer_mut(parent)?.as_object_mut()?.remove(&last)?),
            _ => return None,
        }
    }
    Some(())
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
