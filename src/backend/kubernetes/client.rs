//! The way into a cluster: kubeconfig, context, credentials.
//!
//! The client never repeats anything by itself; reads are repeated in `ask`, changes
//! never. Programs that bring credentials get no terminal and a time limit (`badge`). A client
//! belongs to the runtime that made it: whoever calls makes a new one, and all share what is
//! known of the host.

use super::super::http::Host;
use super::Declared;
use super::answer::{Unanswered, line};
use super::badge::Whose;
use super::credentials::Credentials;
use super::kubeconfig::site::Site;
use super::kubeconfig::user::User;
use super::kubeconfig::{Chosen, Found, Kubeconfig, pod};
use super::open::{FEW, Opened, WATCHES, open};
use super::pin::{Authority, Pin};
use crate::domain::backend::KubernetesSpec;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A cluster that can be asked.
#[derive(Clone)]
pub struct Cluster {
    pub(super) opened: Arc<Opened>,
    pub(super) way: Arc<Way>,
    /// The namespace of whatever does not say.
    pub namespace: String,
    /// Where it is, for words to people.
    pub at: Pin,
}

/// A way in as it was found: another client can be made of it in another runtime, and nothing is read anew.
pub struct Way {
    pub(super) site: Site,
    /// A certificate and its key, as PEM.
    pub(super) pair: Option<(Vec<u8>, Zeroizing<Vec<u8>>)>,
    /// Whether a program brought that, which brings another when it ends.
    pub(super) brings: bool,
    instead: Vec<(String, String)>,
    pub(super) credentials: Credentials,
    /// What is known of its API, whoever asks it.
    pub(super) host: Host,
    /// Whether a person waits for what is asked.
    pub(super) person: bool,
    namespace: String,
    at: Pin,
}

impl Cluster {
    /// Reads the kubeconfig and makes a client, for what a person asks. Nothing is asked of the API yet;
    /// a program that brings credentials may run. Another cluster than the first time is none.
    pub async fn reach(declared: &Declared) -> Result<Self, Unanswered> {
        Self::reached(declared, Whose::Person).await
    }

    /// The same for a watch, which stands in line where many want credentials.
    pub async fn reach_to_watch(declared: &Declared) -> Result<Self, Unanswered> {
        Self::reached(declared, Whose::Watch).await
    }

    async fn reached(declared: &Declared, whose: Whose) -> Result<Self, Unanswered> {
        let spec = &declared.spec;
        let Chosen { context, namespace, site, user, own } =
            chosen(spec).map_err(|why| not_sent(unread(spec, &why)))?;
        let namespace = spec.namespace.clone().unwrap_or(namespace);
        let (server, ca) = (site.server.to_string(), Authority::of(site.ca.as_deref().filter(|_| !own)));
        let at = Pin { context, server, ca, namespace: namespace.clone() };
        declared.pinned.hold(&at).map_err(not_sent)?;
        let User { bears, pair, instead } = user;
        let credentials = Credentials::of(bears, &declared.credentials, whose);
        // One that stands in the kubeconfig goes before what a program brings.
        let brought = credentials.pair().await?.filter(|_| pair.is_none());
        let (brings, pair) = (brought.is_some(), pair.or(brought));
        let (host, person) = (declared.host.clone(), whose == Whose::Person);
        Arc::new(Way { site, pair, brings, instead, credentials, host, person, namespace, at }).client()
    }

    /// The way in that it came by, with the credentials as they are and none that are asked for anew.
    pub fn way(&self) -> Arc<Way> {
        let Way { site, pair, brings, instead, credentials, host, person, namespace, at } = &*self.way;
        Arc::new(Way {
            site: site.clone(),
            pair: pair.clone(),
            brings: *brings,
            instead: instead.clone(),
            credentials: credentials.as_they_are(),
            host: host.clone(),
            person: *person,
            namespace: namespace.clone(),
            at: at.clone(),
        })
    }
}

impl Way {
    /// Another client, of the runtime that this is called in.
    pub fn again(self: &Arc<Self>) -> Result<Cluster, Unanswered> {
        Arc::clone(self).client()
    }

    fn client(self: Arc<Self>) -> Result<Cluster, Unanswered> {
        let opened = Arc::new(self.open(if self.person { FEW } else { WATCHES })?);
        Ok(Cluster { opened, namespace: self.namespace.clone(), at: self.at.clone(), way: self })
    }

    /// Connections of its own, of which so many stay open between requests.
    pub(super) fn open(&self, kept: usize) -> Result<Opened, Unanswered> {
        let opened = open(&self.site, self.pair.as_ref(), &self.instead, kept);
        opened.map_err(|why| not_sent(format!("there is no way into the cluster: {}", line(&why))))
    }
}

fn not_sent(why: String) -> Unanswered {
    Unanswered::NotSent(why)
}

/// What the context says that is declared, or the current one; of a pod that has no kubeconfig, its own account.
fn chosen(spec: &KubernetesSpec) -> Result<Chosen, String> {
    let context = spec.context.as_deref();
    match &spec.kubeconfig {
        Some(path) => Kubeconfig::of(std::slice::from_ref(path))?.choose(context),
        None => match Kubeconfig::of_environment()? {
            Found::Read(read) => read.choose(context),
            // Only where there is none: a pod's own cluster may be another than the one that was meant.
            Found::None(files) => {
                let none = || format!("there is none; looked for {files}");
                pod::account().filter(|_| context.is_none()).ok_or_else(none)
            }
        },
    }
}

/// Why there is no configuration. What stands in the file is never repeated: it holds secrets.
fn unread(spec: &KubernetesSpec, why: &str) -> String {
    let file = spec.kubeconfig.as_ref().map_or("the kubeconfig".to_owned(), |path| path.display().to_string());
    format!("{} cannot be used: {}", line(&file), line(why))
}
