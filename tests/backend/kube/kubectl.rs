//! The real `kubectl`, where it can be had.

use crate::cluster::Cluster;
use std::process::Command;

/// Runs `kubectl` and gives what it printed, standard error too. None when there is no `kubectl`;
/// where `CI=true` that is a failure.
pub fn kubectl(cluster: &Cluster, words: &[&str]) -> Option<(bool, String)> {
    let program = Command::new("kubectl")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", cluster.dir())
        .env("KUBECONFIG", cluster.kubeconfig())
        .args(["--cache-dir", cluster.dir().join("cache").to_str().unwrap()])
        .args(words)
        .output();
    let Ok(output) = program else {
        assert!(std::env::var_os("CI").is_none(), "CI has no kubectl; install kubernetes-client");
        crate::skip::skipped("there is no kubectl here (Debian package kubernetes-client)");
        return None;
    };
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}
