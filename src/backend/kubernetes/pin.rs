//! The cluster that a backend was first led to: nothing is asked of another one.
//!
//! The kubeconfig is read anew for every call, so that fresh credentials are found; where it
//! leads may have changed meanwhile, and what the screens show would be of another cluster.

use super::answer::line;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};

/// Where a kubeconfig leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The context's name.
    pub context: String,
    /// Where the API is.
    pub server: String,
    /// Who vouches for it. Behind two tunnels two clusters have one address.
    pub ca: Authority,
    /// The namespace of whatever does not say.
    pub namespace: String,
}

/// Digests of the certificates that a kubeconfig holds, each and all of them together; none where it holds none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authority {
    each: Vec<Vec<u8>>,
    all: String,
}

/// The cluster of a backend, once there is one. Copies share it.
#[derive(Clone, Debug, Default)]
pub struct Pinned(Arc<Mutex<Option<Pin>>>);

impl Authority {
    /// Of the certificates of a PEM text.
    pub fn of(pem: Option<&[u8]>) -> Self {
        let found = CertificateDer::pem_slice_iter(pem.unwrap_or_default()).filter_map(Result::ok);
        let (mut whole, mut each) = (Sha256::new(), Vec::new());
        for one in found {
            whole.update(&one);
            each.push(Sha256::digest(&one).to_vec());
        }
        if each.is_empty() {
            return Self::default();
        }
        // As short as people compare it.
        Self { each, all: whole.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect() }
    }

    /// Whether it is the same, or another on its way to be renewed: the old certificate stands beside the new one then.
    fn leads_on_to(&self, other: &Self) -> bool {
        self == other || self.each.iter().any(|one| other.each.contains(one))
    }
}

impl Pin {
    /// The same in words: `context prod-eu (https://…, namespace payments)`.
    pub fn words(&self) -> String {
        let ca = if self.ca.all.is_empty() { String::new() } else { format!(", CA {}", self.ca.all) };
        line(&format!("context {} ({}, namespace {}{ca})", self.context, self.server, self.namespace))
    }

    fn leads_on_to(&self, other: &Self) -> bool {
        let place = |pin: &Self| (pin.context.clone(), pin.server.clone(), pin.namespace.clone());
        place(self) == place(other) && self.ca.leads_on_to(&other.ca)
    }
}

impl Pinned {
    /// The cluster, as it was reached last.
    pub fn get(&self) -> Option<Pin> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps it as the cluster of this backend, or compares it with the one that is kept.
    ///
    /// # Errors
    /// That it is another one; both are named.
    pub fn hold(&self, found: &Pin) -> Result<(), String> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = kept.as_ref().filter(|first| !first.leads_on_to(found)) {
            return Err(format!(
                "the kubeconfig leads to {} now, and what is shown is of {}; switch back and declare the context, or start again",
                found.words(),
                first.words()
            ));
        }
        *kept = Some(found.clone());
        Ok(())
    }
}
