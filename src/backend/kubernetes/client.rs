//! The way into a cluster: kubeconfig, context, credentials.
//!
//! The client never repeats anything by itself; reads are repeated in `ask`, changes
//! never. Programs that bring credentials get no terminal and a time limit (`badge`). A client
//! belongs to the runtime that made it: whoever calls makes a new one.

use super::Declared;
use super::answer::{Unanswered, chain};
use super::badge::{Badge, LIMIT, Whose};
use super::pin::{self, Pin};
use crate::domain::backend::KubernetesSpec;
use kube::config::{AuthInfo, ExecInteractiveMode, KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use std::sync::Arc;
use std::time::Duration;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// A cluster that can be asked.
#[derive(Clone)]
pub struct Cluster {
    pub(super) client: Client,
    pub(super) way: Arc<Way>,
    /// The namespace of whatever does not say.
    pub namespace: String,
    /// Where it is, for words to people.
    pub at: Pin,
}

/// A way in as it was found: another client can be made of it in another runtime, and nothing is read anew.
pub struct Way {
    config: Config,
    /// What the program brought that brings credentials, where there is one.
    pub(super) badge: Option<Badge>,
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
        let (context, mut config) = config(spec).await?;
        let namespace = spec.namespace.clone().unwrap_or_else(|| config.default_namespace.clone());
        let (server, ca) = (config.cluster_url.to_string(), pin::ca(config.root_cert.as_deref()));
        let at = Pin { context, server, ca, namespace: namespace.clone() };
        at.hold(declared).map_err(not_sent)?;
        let program = config.auth_info.exec.take().filter(|_| !plain(&config.auth_info));
        let badge = program.map(|program| Badge::new(program, Arc::clone(&declared.credentials), whose));
        if let Some(badge) = &badge {
            badge.get().await?.identify(&mut config.auth_info);
        }
        Arc::new(Way { config, badge, namespace, at }).client()
    }

    /// The way in that it came by, with the credentials as they are and none that are asked for anew.
    pub fn way(&self) -> Arc<Way> {
        let Way { config, badge, namespace, at } = &*self.way;
        let badge = badge.as_ref().map(Badge::as_it_is);
        Arc::new(Way { config: config.clone(), badge, namespace: namespace.clone(), at: at.clone() })
    }
}

impl Way {
    /// Another client, of the runtime that this is called in.
    pub fn again(self: &Arc<Self>) -> Result<Cluster, Unanswered> {
        Arc::clone(self).client()
    }

    fn client(self: Arc<Self>) -> Result<Cluster, Unanswered> {
        let built = Client::try_from(self.config.clone());
        let client = built.map_err(|error| not_sent(format!("there is no way into the cluster: {}", chain(&error))))?;
        Ok(Cluster { client, namespace: self.namespace.clone(), at: self.at.clone(), way: self })
    }
}

/// Whether the kubeconfig holds credentials itself, which go before those of a program.
fn plain(user: &AuthInfo) -> bool {
    let named = user.username.is_some() && user.password.is_some();
    named || user.token.is_some() || user.token_file.is_some() || user.auth_provider.is_some()
}

fn not_sent(why: String) -> Unanswered {
    Unanswered::NotSent(why)
}

/// The context's name, and what it leads to.
async fn config(spec: &KubernetesSpec) -> Result<(String, Config), Unanswered> {
    let options = KubeConfigOptions { context: spec.context.clone(), ..KubeConfigOptions::default() };
    let read = match &spec.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => match Kubeconfig::read() {
            Err(error) if spec.context.is_none() => match Config::incluster() {
                Ok(config) => return Ok(("of this pod".to_owned(), limited(config))),
                Err(_) => Err(error),
            },
            read => read,
        },
    };
    let mut kubeconfig = read.map_err(|error| not_sent(unread(spec, &error)))?;
    for user in &mut kubeconfig.auth_infos {
        if let Some(exec) = user.auth_info.as_mut().and_then(|info| info.exec.as_mut()) {
            // Or it would write over the screens, or wait for a key for ever; without a session of
            // its own it would find the terminal again as /dev/tty.
            exec.interactive_mode = Some(ExecInteractiveMode::Never);
            if let Some(program) = exec.command.replace("setsid".to_owned()) {
                let seconds = LIMIT.as_secs().to_string();
                let limit = ["timeout".to_owned(), "-k".to_owned(), "2".to_owned(), seconds, program];
                let args = exec.args.take().unwrap_or_default();
                exec.args = Some(limit.into_iter().chain(args).collect());
            }
        }
    }
    let context = options.context.clone().or_else(|| kubeconfig.current_context.clone()).unwrap_or_default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
    config.map(|config| (context, limited(config))).map_err(|error| not_sent(unread(spec, &error)))
}

fn limited(mut config: Config) -> Config {
    // It would repeat changes too: fifteen times, on 429, 503 and 504.
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT);
    config.write_timeout = Some(CONNECT);
    config
}

/// Why there is no configuration. What stands in the file is never repeated: it holds secrets.
fn unread(spec: &KubernetesSpec, error: &KubeconfigError) -> String {
    let file = spec.kubeconfig.as_ref().map_or("the kubeconfig".to_owned(), |path| path.display().to_string());
    let why = match error {
        KubeconfigError::ReadConfig(error, path) => format!("{}: {error}", path.display()),
        KubeconfigError::LoadContext(name) => format!("it has no context {name:?}"),
        KubeconfigError::LoadClusterOfContext(name) => format!("it has no cluster {name:?}"),
        KubeconfigError::CurrentContextNotSet => "it has no current context; declare one".to_owned(),
        KubeconfigError::FindPath => "no home directory; declare kubeconfig".to_owned(),
        _ => "it is not as a kubeconfig has to be; try `kubectl config view`".to_owned(),
    };
    format!("{} cannot be used: {}", super::answer::line(&file), super::answer::line(&why))
}
