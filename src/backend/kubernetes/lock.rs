//! The lock of a change: a `test` of what it was decided on, so that of two people one is refused.
//!
//! Pure. The same object and the same spec, by uid and generation: what controllers write every moment
//! (the status, a deployment's revision number) moves neither, so that what fails all the time can still
//! be led back. The API server answers a test that fails with 422; what is null is not there.

use serde_json::{Value, json};

/// That it is the same object, and that nobody has changed its spec.
pub fn same(object: &Value) -> Vec<Value> {
    ["/metadata/uid", "/metadata/generation"].map(|at| test(object, at)).to_vec()
}

/// That a field is as it was read; one that was not there must be missing still.
pub fn test(object: &Value, pointer: &str) -> Value {
    json!({ "op": "test", "path": pointer, "value": object.pointer(pointer) })
}

/// The steps that write an annotation into the map that this pointer leads to; others that stand there stay.
pub fn noting(object: &Value, pointer: &str, key: &str, value: &str) -> Vec<Value> {
    match object.pointer(pointer) {
        Some(_) => vec![json!({ "op": "add", "path": format!("{pointer}/{}", escaped(key)), "value": value })],
        // The whole map is written, so that nothing may have come into it.
        None => vec![test(object, pointer), json!({ "op": "add", "path": pointer, "value": { key: value } })],
    }
}

/// A key as a part of a JSON pointer.
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
