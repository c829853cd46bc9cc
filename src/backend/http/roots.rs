//! The certificates that the system trusts, read once for every client of the process.
//!
//! They are more than a hundred, and a client is made for each operation. What the system comes to trust while
//! holdpoint runs counts from its next start; a `ca` that is declared is read anew with each client.

use reqwest::Certificate;
use rustls::RootCertStore;
use std::sync::OnceLock;

static READ: OnceLock<Vec<Certificate>> = OnceLock::new();

/// All of them, as far as they can be used; none where the system has none: nobody is trusted then. What could not
/// be read whole is read again for the next client.
pub fn system() -> Vec<Certificate> {
    if let Some(all) = READ.get() {
        return all.clone();
    }
    let mut store = RootCertStore::empty();
    let read = rustls_native_certs::load_native_certs();
    // One that cannot be used would keep a client from being made.
    let usable = read.certs.into_iter().filter(|one| store.add(one.clone()).is_ok());
    let all: Vec<_> = usable.filter_map(|one| Certificate::from_der(&one).ok()).collect();
    if all.is_empty() || !read.errors.is_empty() {
        return all;
    }
    READ.get_or_init(|| all).clone()
}
