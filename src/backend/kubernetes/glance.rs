//! A glance at what a watch says of a pod: most of it is said of pods that are well, and of those nothing is kept.
//!
//! Pure; reads without storing. Whatever is not plainly well, or not plainly written, is not told
//! here and is read as everything else is: of a pod as the API has it this says nothing that `ill` does not.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A pod that is there and entirely well: `ill` has nothing to say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Well {
    /// Its name.
    pub name: String,
    /// Its resource version.
    pub version: String,
    /// The kind and name of what controls it.
    pub owner: Option<(String, String)>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    object: Pod<'a>,
}

#[derive(Deserialize)]
struct Pod<'a> {
    #[serde(borrow)]
    metadata: Meta<'a>,
    #[serde(borrow)]
    status: Status<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta<'a> {
    name: &'a str,
    resource_version: &'a str,
    deletion_timestamp: Option<IgnoredAny>,
    #[serde(borrow, default)]
    owner_references: Vec<Owner<'a>>,
}

#[derive(Deserialize)]
struct Owner<'a> {
    kind: &'a str,
    name: &'a str,
    #[serde(default)]
    controller: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    conditions: Vec<Condition<'a>>,
    #[serde(default)]
    init_container_statuses: Vec<Container>,
    #[serde(default)]
    container_statuses: Vec<Container>,
}

#[derive(Deserialize)]
struct Condition<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    status: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    #[serde(default)]
    restart_count: u64,
}

/// The pod of which a line of a watch says that it is there, where it plainly is well.
pub fn of(line: &[u8]) -> Option<Well> {
    let Said { kind, object: Pod { metadata, status } } = serde_json::from_slice(line).ok()?;
    let ready = status.conditions.iter().find(|condition| condition.kind == "Ready")?;
    let mut containers = status.init_container_statuses.iter().chain(&status.container_statuses);
    let well = matches!(kind, "ADDED" | "MODIFIED")
        && metadata.deletion_timestamp.is_none()
        && !metadata.resource_version.is_empty()
        && ready.status == "True"
        && containers.all(|container| container.restart_count == 0);
    let owner = metadata.owner_references.iter().find(|owner| owner.controller);
    well.then(|| Well {
        name: metadata.name.to_owned(),
        version: metadata.resource_version.to_owned(),
        owner: owner.map(|owner| (owner.kind.to_owned(), owner.name.to_owned())),
    })
}
