//! The cluster that a backend was first led to: nothing is asked of another one.
//!
//! The kubeconfig is read anew for every call, so that fresh credentials are found; where it
//! leads may have changed meanwhile, and what the screens show would be of another cluster.

use super::Declared;
use super::answer::line;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

/// Where a kubeconfig leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The context's name.
    pub context: String,
    /// Where the API is.
    pub server: String,
    /// Who vouches for it: a digest of the certificates that the kubeconfig holds; empty where it holds none.
    /// Behind two tunnels two clusters have one address.
    pub ca: String,
    /// The namespace of whatever does not say.
    pub namespace: String,
}

/// The digest of the certificates of a PEM text, as short as people compare it.
pub fn ca(pem: Option<&[u8]>) -> String {
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem.unwrap_or_default()).filter_map(Result::ok).collect();
    if all.is_empty() {
        return String::new();
    }
    let mut digest = Sha256::new();
    all.iter().for_each(|one| digest.update(one));
    digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl Pin {
    /// The same in words: `context prod-eu (https://…, namespace payments)`.
    pub fn words(&self) -> String {
        let ca = if self.ca.is_empty() { String::new() } else { format!(", CA {}", self.ca) };
        line(&format!("context {} ({}, namespace {}{ca})", self.context, self.server, self.namespace))
    }

    /// Keeps it as the cluster of this backend, or compares it with the one that is kept.
    ///
    /// # Errors
    /// That it is another one; both are named.
    pub fn hold(&self, declared: &Declared) -> Result<(), String> {
        let first = declared.pinned.get_or_init(|| self.clone());
        if first == self {
            return Ok(());
        }
        Err(format!(
            "the kubeconfig leads to {} now, and what is shown is of {}; switch back and declare the context, or start again",
            self.words(),
            first.words()
        ))
    }
}
