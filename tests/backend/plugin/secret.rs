//! Secrets over the wire: those declared here and named there, and no other.

use super::ground::{Ground, soon};
use crate::support::{deploy, until};
use crate::undisturbed as tokio;
use holdpoint::backend::Backend;
use holdpoint::domain::secret::SecretRef;
use std::os::unix::fs::PermissionsExt;

#[tokio::test]
async fn only_what_both_sides_name_is_told() {
    let mut ground = Ground::new(
        "
def on(method, id, params):
    if method == 'initialized':
        for i, name in enumerate(['token', 'other', 'none']): say(id='s%d' % i, method='secret/get', params={'name': name})
    if str(id).startswith('s') and method is None:
        m = json.loads(line); trace(id + ' ' + str(m.get('result', {}).get('value')) + ' ' + str(m.get('error', {}).get('code')))
    return method is None",
    );
    let file = ground.place.file("token");
    std::fs::write(&file, "hunter2\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    for name in ["token", "other"] {
        ground.spec.secrets.insert(name.to_owned(), SecretRef::File(file.clone()));
    }
    let backend = ground.backend();
    let _ = soon(backend.preview(&deploy())).await;
    until("all are answered", || ground.trace().lines().count() >= 4).await;
    let noted = ground.trace();
    let mut told: Vec<_> = noted.lines().skip(1).collect();
    told.sort();
    assert_eq!(told, ["s0 hunter2 None", "s1 None -32003", "s2 None -32003"]);
}
