//! How many pods keep the gates of one load tester: each keeps them in its own memory.
//!
//! With more than one, what is opened in this pod is asked for in that one, and what is seen closed
//! may be open elsewhere; so nothing is opened there.

use super::super::ask::encoded;
use super::super::client::Cluster;
use super::super::object::{list, text};
use super::gate::Door;
use super::lever::Lever;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is known of the pods behind a lever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keepers {
    /// One each, or nothing that has pods.
    One,
    /// Several; why nothing is opened there, and what to do.
    Several(String),
    /// It could not be looked at, and why.
    Unseen(String),
}

/// Looks how many pods keep these gates.
pub async fn keepers(cluster: &Cluster, lever: &Lever) -> Keepers {
    let Lever::Doors(doors, _) = lever else { return Keepers::One };
    let mut unseen = None;
    for door in doors {
        let path = format!("/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices", encoded(&door.namespace));
        let query = format!("labelSelector={}", encoded(&format!("kubernetes.io/service-name={}", door.service)));
        match cluster.list(&path, &query).await.map(|slices| pods(&slices.items)) {
            Ok(n) if n > 1 => return Keepers::Several(several(door, n)),
            Ok(_) => {}
            Err(error) => unseen = Some(error.words()),
        }
    }
    unseen.map_or(Keepers::One, |why| Keepers::Unseen(format!("how many pods keep its gates is not known: {why}")))
}

fn several(door: &Door, pods: usize) -> String {
    let Door { service, namespace, .. } = door;
    let service = super::super::answer::line(&format!("{namespace}/{service}"));
    format!(
        "{pods} pods of {service} keep gates, each its own, so that an opened one may be asked for in another; scale it to one"
    )
}

/// The pods that answer, each once though it has addresses of two families.
fn pods(slices: &[Value]) -> usize {
    let ready = |endpoint: &&Value| endpoint.pointer("/conditions/ready") != Some(&Value::Bool(false));
    let all = slices.iter().flat_map(|slice| list(slice, "/endpoints").iter()).filter(ready);
    let name = |endpoint: &Value| match text(endpoint, "/targetRef/uid") {
        "" => endpoint.get("addresses").unwrap_or(&Value::Null).to_string(),
        uid => uid.to_owned(),
    };
    all.map(name).collect::<BTreeSet<String>>().len()
}
