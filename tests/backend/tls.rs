//! TLS with a private CA and client certificates.

use crate::support::launcher;
use crate::undisturbed as tokio;
use futures_util::StreamExt;
use holdpoint::backend::alertmanager::AlertmanagerBackend;
use holdpoint::backend::http::reach::Reach;
use holdpoint::backend::http::standing::Standing;
use holdpoint::backend::http::{Client, Host, Request};
use holdpoint::backend::prometheus::PrometheusBackend;
use holdpoint::backend::{Backend, Certainty, Fault, Topic};
use holdpoint::domain::alert::AlertLabels;
use holdpoint::domain::backend::{AlertmanagerSpec, PrometheusSpec};
use holdpoint::domain::endpoint::Endpoint;
use holdpoint::domain::span::Span;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A connection to a client that speaks TLS.
pub type Spoken<'a> = rustls::Stream<'a, rustls::ServerConnection, TcpStream>;

/// A CA with a certificate for a server and one for a client, as files.
pub struct Authority {
    dir: tempfile::TempDir,
}

impl Authority {
    pub fn new() -> Self {
        let dir = tempfile::TempDir::new().unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let ca = params.self_signed(&key).unwrap();
        std::fs::write(dir.path().join("ca.pem"), ca.pem()).unwrap();
        let issuer = Issuer::from_params(&params, &key);
        for name in ["server", "client"] {
            let key = KeyPair::generate().unwrap();
            let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
            let certificate = params.signed_by(&key, &issuer).unwrap();
            std::fs::write(dir.path().join(format!("{name}.pem")), certificate.pem()).unwrap();
            let file = dir.path().join(format!("{name}.key"));
            std::fs::write(&file, key.serialize_pem()).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        Self { dir }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// How a server speaks TLS, and wants a client certificate if told.
    fn speaks(&self, wants: bool) -> Arc<rustls::ServerConfig> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let certificate = |file: &Path| CertificateDer::from_pem_file(file).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.file("server.key")).unwrap();
        let builder = rustls::ServerConfig::builder();
        let builder = if wants {
            let mut roots = RootCertStore::empty();
            roots.add(certificate(&self.file("ca.pem"))).unwrap();
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        Arc::new(builder.with_single_cert(vec![certificate(&self.file("server.pem"))], key).unwrap())
    }

    /// A server that speaks TLS, wants a client certificate if told, and has each connection answered.
    pub fn front(
        &self,
        wants: bool,
        answer: impl Fn(&mut Spoken<'_>) -> std::io::Result<()> + Copy + Send + 'static,
    ) -> SocketAddr {
        let config = self.speaks(wants);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for mut tcp in listener.incoming().flatten() {
                let config = config.clone();
                std::thread::spawn(move || {
                    let mut tls = rustls::ServerConnection::new(config).unwrap();
                    let _ = answer(&mut rustls::Stream::new(&mut tls, &mut tcp));
                    tls.send_close_notify();
                    let _ = tls.complete_io(&mut tcp);
                });
            }
        });
        address
    }

    /// One that says the same to everyone.
    fn serves(&self, wants: bool) -> SocketAddr {
        self.front(wants, |stream| {
            let (mut seen, mut piece) = (Vec::new(), [0; 1]);
            while !seen.ends_with(b"\r\n\r\n") {
                stream.read_exact(&mut piece)?;
                seen.extend_from_slice(&piece);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]")
        })
    }
}

async fn ask(address: SocketAddr, ca: Option<PathBuf>, identity: Option<(PathBuf, PathBuf)>) -> Result<u16, Fault> {
    let url = format!("https://localhost:{}", address.port());
    let endpoint = Arc::new(Endpoint { url, ca, identity, ..Endpoint::default() });
    let client = Client::acting(&endpoint, None, &Host::default())?;
    client.send(&Request::get("/")).await.map(|answer| answer.status)
}

#[tokio::test]
async fn a_private_ca_is_the_only_one_that_is_believed() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let address = ours.serves(false);
    assert_eq!(ask(address, Some(ours.file("ca.pem")), None).await.unwrap(), 200);
    for ca in [Some(theirs.file("ca.pem")), None] {
        let fault = ask(address, ca, None).await.unwrap_err();
        assert!(matches!(fault, Fault::Unreachable(_)), "{fault:?}");
        assert!(fault.to_string().contains("certificate"), "{fault}");
    }
    for (name, text) in [("none.pem", None), ("empty.pem", Some("")), ("other.pem", Some("not a certificate"))] {
        if let Some(text) = text {
            std::fs::write(ours.file(name), text).unwrap();
        }
        let fault = ask(address, Some(ours.file(name)), None).await.unwrap_err();
        assert!(fault.to_string().contains("CA file") && fault.to_string().contains(name), "{fault}");
    }
}

#[tokio::test]
async fn a_server_may_want_our_certificate() {
    let ours = Authority::new();
    let (address, ca) = (ours.serves(true), || Some(ours.file("ca.pem")));
    let identity = || Some((ours.file("client.pem"), ours.file("client.key")));
    assert_eq!(ask(address, ca(), identity()).await.unwrap(), 200);
    // Without it the alert comes after the request has left, so that is not certain.
    let fault = ask(address, ca(), None).await.unwrap_err();
    assert!(matches!(fault, Fault::Lost { .. } | Fault::Unreachable(_)), "{fault:?}");
    let other = Authority::new();
    let theirs = Some((other.file("client.pem"), other.file("client.key")));
    ask(address, ca(), theirs).await.unwrap_err();
    let key = ours.file("client.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let fault = ask(address, ca(), identity()).await.unwrap_err();
    assert_eq!(fault.certainty(), Certainty::NotDone);
    assert!(fault.to_string().contains("chmod 600"), "{fault}");
}

/// Puts one file in place of another, as whoever renews it does.
fn renew(from: &Path, to: &Path) {
    let next = to.with_extension("next");
    std::fs::copy(from, &next).unwrap();
    std::fs::rename(&next, to).unwrap();
}

#[tokio::test]
async fn a_client_that_stands_is_opened_anew_with_the_certificates_of_by_then() {
    let (old, new) = (Authority::new(), Authority::new());
    let address = new.serves(true);
    let identity = Some((old.file("client.pem"), old.file("client.key")));
    let url = format!("https://localhost:{}", address.port());
    let endpoint = Endpoint { url, ca: Some(old.file("ca.pem")), identity, ..Endpoint::default() };
    let standing = Standing::new(Reach::new(endpoint, "/".into(), launcher()));
    standing.read(&Request::get("/x")).await.unwrap_err();
    for name in ["ca.pem", "client.pem", "client.key"] {
        renew(&new.file(name), &old.file(name));
    }
    let reading = async {
        while standing.read(&Request::get("/x")).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), reading).await.expect("the renewed ones are never read");
}

/// A watch of alerts where the CA file is the wrong one at first, until something is seen.
async fn heals(watched: impl FnOnce(Endpoint) -> Box<dyn Backend>) {
    let (old, new) = (Authority::new(), Authority::new());
    let url = format!("https://localhost:{}", new.serves(false).port());
    std::fs::write(old.file("ca.pem"), "").unwrap();
    let endpoint = Endpoint { url, ca: Some(old.file("ca.pem")), ..Endpoint::default() };
    let mut watch = watched(endpoint).watch(Topic::Alerts);
    assert!(watch.next().await.unwrap().is_err());
    renew(&new.file("ca.pem"), &old.file("ca.pem"));
    let healed = async {
        // What is answered may be anything: it is read.
        while !matches!(watch.next().await.expect("the watch goes on"), Ok(_) | Err(Fault::Lost { .. })) {}
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), healed).await.expect("it is never read again");
}

#[tokio::test]
async fn a_watch_of_alerts_goes_on_when_its_ca_file_could_not_be_read() {
    heals(|endpoint| {
        let spec = PrometheusSpec { endpoint, alerts: Some(AlertLabels::default()) };
        Box::new(PrometheusBackend::new("p".into(), Span::millis(200), spec, Vec::new(), "/".into(), launcher()))
    })
    .await;
    heals(|endpoint| {
        let spec = AlertmanagerSpec {
            endpoint,
            peers: Vec::new(),
            labels: AlertLabels::default(),
            longest: Span::mins(120),
            never: Vec::new(),
        };
        Box::new(AlertmanagerBackend::new("a".into(), Span::millis(200), spec, "/".into(), launcher()))
    })
    .await;
}
