//! Ways into a cluster that kubeconfigs know: its own authority, certificates, another name, a proxy.

use super::ground::{back, backend, rolled, soon};
use crate::cluster::Cluster;
use crate::tls::Authority;
use crate::undisturbed as tokio;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdpoint::backend::Backend;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Speaks TLS before a cluster, a request a connection.
fn front(cluster: &Cluster, authority: &Authority, wants: bool) -> SocketAddr {
    let behind = cluster.address;
    authority.front(wants, move |stream| relay(stream, behind))
}

fn relay(stream: &mut (impl Read + Write), behind: SocketAddr) -> std::io::Result<()> {
    let (mut seen, mut piece) = (Vec::new(), [0; 1]);
    while !seen.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut piece)?;
        seen.extend_from_slice(&piece);
    }
    let head = String::from_utf8_lossy(&seen).to_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    let mut cluster = TcpStream::connect(behind)?;
    cluster.write_all(&[seen, body].concat())?;
    cluster.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    cluster.read_to_end(&mut answer)?;
    let head = String::from_utf8_lossy(&answer).replacen("\r\n", "\r\nconnection: close\r\n", 1);
    stream.write_all(head.as_bytes())?;
    stream.flush()
}

/// A proxy that only tunnels, and how often it was asked to.
fn tunnel() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut near in listener.incoming().flatten() {
            let count = Arc::clone(&count);
            std::thread::spawn(move || {
                let (mut seen, mut piece) = (Vec::new(), [0; 1]);
                while !seen.ends_with(b"\r\n\r\n") {
                    near.read_exact(&mut piece)?;
                    seen.extend_from_slice(&piece);
                }
                let head = String::from_utf8_lossy(&seen).into_owned();
                let Some(to) = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()) else {
                    return near.write_all(b"HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n");
                };
                assert!(!head.to_lowercase().contains("\r\nauthorization"), "{head}");
                count.fetch_add(1, Ordering::SeqCst);
                let mut far = TcpStream::connect(to)?;
                near.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
                let (mut back, mut forth) = (far.try_clone()?, near.try_clone()?);
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut back, &mut forth);
                    forth.shutdown(Shutdown::Both)
                });
                let _ = std::io::copy(&mut near, &mut far);
                far.shutdown(Shutdown::Both)
            });
        }
    });
    (address, asked)
}

/// Leads to this server, with these further fields of the cluster and this user.
fn lead(cluster: &Cluster, server: &str, fields: &[(&str, String)], user: &str) {
    let fields: String = fields.iter().map(|(name, value)| format!("\n    {name}: {value}")).collect();
    let text = format!(
        "current-context: fake\nclusters:\n- name: fake\n  cluster:\n    server: {server}{fields}\n\
         users:\n- name: ana\n  user:\n    {user}\n\
         contexts:\n- name: fake\n  context: {{ cluster: fake, user: ana, namespace: payments }}\n"
    );
    std::fs::write(cluster.kubeconfig(), text).unwrap();
}

fn data(authority: &Authority, name: &str) -> String {
    STANDARD.encode(std::fs::read(authority.file(name)).unwrap())
}

async fn introduced(cluster: &Cluster) -> String {
    let remarks = soon(backend(cluster).introduce()).await;
    remarks.iter().map(|remark| format!("{} {}\n", if remark.ok { "ok" } else { "no" }, remark.text)).collect()
}

#[tokio::test]
async fn only_its_own_authority_is_believed_unless_nobody_is_asked() {
    let (cluster, ours, theirs) = (rolled().await, Authority::new(), Authority::new());
    let server = format!("https://localhost:{}", front(&cluster, &ours, false).port());
    let ca = |authority: &Authority| ("certificate-authority-data", data(authority, "ca.pem"));
    lead(&cluster, &server, &[ca(&ours)], "token: t");
    let said = introduced(&cluster).await;
    assert!(said.contains("you are ana") && !said.contains("no "), "{said}");
    soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    std::fs::copy(ours.file("ca.pem"), cluster.dir().join("own.pem")).unwrap();
    lead(&cluster, &server, &[("certificate-authority", "own.pem".to_owned())], "token: t");
    soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    let before = cluster.state().asked.len();
    for fields in [vec![ca(&theirs)], vec![]] {
        lead(&cluster, &server, &fields, "token: t");
        let fault = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap_err();
        assert!(fault.to_string().contains("certificate"), "{fault}");
        assert!(matches!(fault, holdpoint::backend::Fault::Unreachable(_)), "{fault:?}");
    }
    assert_eq!(cluster.state().asked.len(), before);
    lead(&cluster, &server, &[("insecure-skip-tls-verify", "true".to_owned())], "token: t");
    let said = introduced(&cluster).await;
    assert!(said.contains("you are ana") && said.contains("no whoever answers there is taken for"), "{said}");
}

#[tokio::test]
async fn a_cluster_may_want_our_certificate_and_doctor_says_until_when() {
    let (cluster, ours) = (rolled().await, Authority::new());
    let server = format!("https://localhost:{}", front(&cluster, &ours, true).port());
    let ca = [("certificate-authority-data", data(&ours, "ca.pem"))];
    let pair = [data(&ours, "client.pem"), data(&ours, "client.key")];
    lead(&cluster, &server, &ca, &format!("client-certificate-data: {}\n    client-key-data: {}", pair[0], pair[1]));
    let said = introduced(&cluster).await;
    assert!(said.contains("you are ana") && said.contains("ok certificate of "), "{said}");
    let pem = std::fs::read_to_string(ours.file("client.pem")).unwrap();
    let ends = holdpoint::backend::http::certificate::first(&pem).unwrap().ends;
    assert!(said.contains(&format!("until {}", ends.format("%F %H:%M:%SZ"))), "{said}");
    let files =
        format!("client-certificate: {:?}\n    client-key: {:?}", ours.file("client.pem"), ours.file("client.key"));
    lead(&cluster, &server, &ca, &files);
    soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    // One that a program brings.
    let text = |name: &str| std::fs::read_to_string(ours.file(name)).unwrap();
    let status =
        serde_json::json!({ "clientCertificateData": text("client.pem"), "clientKeyData": text("client.key") });
    let said = serde_json::json!({ "kind": "ExecCredential", "status": status }).to_string();
    std::fs::write(cluster.dir().join("brings"), said).unwrap();
    let path = cluster.dir().join("brings");
    lead(&cluster, &server, &ca, &format!("exec: {{ apiVersion: v1, command: cat, args: [{path:?}] }}"));
    soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    // One that stands there goes before it.
    let theirs = Authority::new();
    let text = |name: &str| std::fs::read_to_string(theirs.file(name)).unwrap();
    let status =
        serde_json::json!({ "clientCertificateData": text("client.pem"), "clientKeyData": text("client.key") });
    let said = serde_json::json!({ "kind": "ExecCredential", "status": status }).to_string();
    std::fs::write(cluster.dir().join("brings"), said).unwrap();
    lead(&cluster, &server, &ca, &format!("{files}\n    exec: {{ apiVersion: v1, command: cat, args: [{path:?}] }}"));
    soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    let before = cluster.state().asked.len();
    lead(&cluster, &server, &ca, "token: t");
    soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap_err();
    lead(&cluster, &server, &ca, &format!("client-certificate-data: {}", pair[0]));
    let fault = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap_err();
    assert!(fault.to_string().contains("without its client-key"), "{fault}");
    assert_eq!(cluster.state().asked.len(), before);
}

#[tokio::test]
async fn a_certificate_may_bear_another_name_than_the_address() {
    let (cluster, ours) = (rolled().await, Authority::new());
    let server = format!("https://127.0.0.1:{}", front(&cluster, &ours, false).port());
    let ca = ("certificate-authority-data", data(&ours, "ca.pem"));
    lead(&cluster, &server, std::slice::from_ref(&ca), "token: t");
    let fault = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap_err();
    assert!(fault.to_string().contains("certificate"), "{fault}");
    lead(&cluster, &server, &[ca, ("tls-server-name", "localhost".to_owned())], "token: t");
    let preview = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    assert!(preview.effects.last().unwrap().contains("https://127.0.0.1:"), "{preview:?}");
}

#[tokio::test]
async fn a_declared_proxy_is_gone_through() {
    let (cluster, ours) = (rolled().await, Authority::new());
    let server = format!("https://localhost:{}", front(&cluster, &ours, false).port());
    let (proxy, tunnels) = tunnel();
    let ca = ("certificate-authority-data", data(&ours, "ca.pem"));
    lead(&cluster, &server, &[ca.clone(), ("proxy-url", format!("http://{proxy}"))], "token: t");
    soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    assert!(tunnels.load(Ordering::SeqCst) >= 1);
    let before = cluster.state().asked.len();
    for (proxy, why) in [("http://127.0.0.1:1", "tunnel"), ("socks5://ana:hunter2@127.0.0.1:1", "no http or https")] {
        lead(&cluster, &server, &[ca.clone(), ("proxy-url", proxy.to_owned())], "token: t");
        let fault = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap_err();
        assert!(matches!(fault, holdpoint::backend::Fault::Unreachable(_)), "{fault:?}");
        assert!(why == "tunnel" || fault.to_string().contains(why), "{fault}");
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
    }
    assert_eq!(cluster.state().asked.len(), before);
}

#[tokio::test]
async fn a_short_certificate_is_wrong_unless_a_program_brings_the_next_one() {
    let cluster = rolled().await;
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec![]).unwrap();
    params.not_after = (std::time::SystemTime::now() + std::time::Duration::from_secs(3600)).into();
    let (certificate, key) = (params.self_signed(&key).unwrap().pem(), key.serialize_pem());
    let server = format!("http://{}", cluster.address);
    let pair = [STANDARD.encode(&certificate), STANDARD.encode(&key)];
    lead(&cluster, &server, &[], &format!("client-certificate-data: {}\n    client-key-data: {}", pair[0], pair[1]));
    let said = introduced(&cluster).await;
    assert!(said.contains("no certificate of ") && said.contains("it ends soon"), "{said}");
    let status = serde_json::json!({ "clientCertificateData": certificate, "clientKeyData": key });
    let said = serde_json::json!({ "kind": "ExecCredential", "status": status }).to_string();
    let path = cluster.dir().join("brings");
    std::fs::write(&path, said).unwrap();
    lead(&cluster, &server, &[], &format!("exec: {{ apiVersion: v1, command: cat, args: [{path:?}] }}"));
    let said = introduced(&cluster).await;
    assert!(said.contains("ok certificate of ") && !said.contains("it ends soon"), "{said}");
}

#[tokio::test]
async fn a_server_may_lie_below_a_path_or_have_an_address_of_ipv6() {
    let cluster = rolled().await;
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    let below = crate::server::Server::new(move |_, request, stream| {
        kept.lock().unwrap().push(request.lines().next().unwrap_or_default().to_owned());
        crate::server::reply(stream, "404 Not Found", b"{}")
    });
    lead(&cluster, &below.url("/k8s/clusters/c-1/"), &[], "token: t");
    soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap_err();
    let lines = asked.lock().unwrap().clone();
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line.split(' ').nth(1).unwrap().starts_with("/k8s/clusters/c-1/api")), "{lines:?}");
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        return crate::skip::skipped("there is no IPv6 here");
    };
    let (server, behind) = (format!("http://{}", listener.local_addr().unwrap()), cluster.address);
    std::thread::spawn(move || {
        for mut near in listener.incoming().flatten() {
            std::thread::spawn(move || relay(&mut near, behind));
        }
    });
    lead(&cluster, &server, &[], "token: t");
    let preview = soon(backend(&cluster).preview(&back("4.1.9"))).await.unwrap();
    assert!(preview.effects.last().unwrap().contains("http://[::1]:"), "{preview:?}");
}
