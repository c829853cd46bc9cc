//! How many pods keep the gates of one load tester: each keeps them in its own memory.
//!
//! With more than one, what is opened in this pod is asked for in that one, and what is seen closed
//! may be open elsewhere; so nothing is opened there, nor where their number cannot be seen, and
//! nothing is called closed.

use super::super::answer::{Unanswered, line};
use super::super::ask::encoded;
use super::super::client::Cluster;
use super::super::object::{list, text};
use super::super::place::collection;
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
        let path = collection(&door.namespace, "endpointslices");
        let query = format!("labelSelector={}", encoded(&format!("kubernetes.io/service-name={}", door.service)));
        match cluster.list(&path, &query).await.map(|slices| pods(&slices.items)) {
            Ok(n) if n > 1 => return Keepers::Several(several(door, n)),
            Ok(_) => {}
            Err(error) => unseen = Some(blind(door, &error)),
        }
    }
    unseen.map_or(Keepers::One, Keepers::Unseen)
}

/// Closes what is open, where it is, and says what is known of it then; none where nothing was open.
/// `open` is what one look at it said, which is of one pod.
pub async fn shut(cluster: &Cluster, lever: &Lever, open: bool) -> Option<Result<(), String>> {
    match (keepers(cluster, lever).await, open) {
        (Keepers::One, true) => Some(lever.close(cluster).await),
        (Keepers::One | Keepers::Unseen(_), false) => None,
        (Keepers::Several(why), false) => Some(Err(format!("it looks closed, but {why}, and look again"))),
        (Keepers::Several(why) | Keepers::Unseen(why), true) => {
            let closed = lever.close(cluster).await;
            Some(closed.and_then(|()| Err(format!("it was closed where that was taken, but {why}, and look again"))))
        }
    }
}

fn blind(door: &Door, error: &Unanswered) -> String {
    let Door { service, namespace, .. } = door;
    let (said, namespace) = (error.words(), line(namespace));
    let next = match error {
        Unanswered::Api { code: 401 | 403, .. } => {
            format!("grant list of endpointslices (discovery.k8s.io) in {namespace}, as docs/backends/flagger.md shows")
        }
        _ => "look again, or see by hand that it is one".to_owned(),
    };
    format!("how many pods of {namespace}/{} keep its gates is not known: {said}; {next}", line(service))
}

fn several(door: &Door, pods: usize) -> String {
    let Door { service, namespace, .. } = door;
    let service = line(&format!("{namespace}/{service}"));
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
