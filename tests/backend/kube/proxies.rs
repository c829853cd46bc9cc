//! Which proxy of the environment a cluster is reached through, and which it is not.

use holdpoint::backend::kubernetes::proxy::of_variables;
use reqwest::Url;

fn found(server: &str, proxy: &str, except: &str) -> Option<String> {
    let variable = |name: &str| match name {
        "https_proxy" => Some(proxy.to_owned()),
        // An empty one hides nothing.
        "HTTPS_PROXY" | "NO_PROXY" => Some(String::new()),
        "no_proxy" => Some(except.to_owned()),
        _ => None,
    };
    of_variables(&Url::parse(server).unwrap(), variable).map(|(text, from)| format!("{from}={text}"))
}

#[test]
fn an_address_without_a_scheme_is_one_of_http() {
    for proxy in ["proxy.example:3128", "http://proxy.example:3128"] {
        let text = found("https://eu.example:6443", proxy, "").unwrap();
        assert_eq!(text, "https_proxy=http://proxy.example:3128");
    }
    assert_eq!(found("https://eu.example", "socks5://x", "").unwrap(), "https_proxy=socks5://x");
    for server in ["http://eu.example", "https://localhost:6443", "https://127.0.0.1", "https://[::1]:6443"] {
        assert_eq!(found(server, "proxy.example:3128", ""), None, "{server}");
    }
    assert_eq!(found("https://eu.example", " ", ""), None);
}

#[test]
fn what_no_proxy_names_is_reached_without_one() {
    let all = [
        ("https://10.1.2.3:6443", "*", true),
        ("https://eu.example:6443", "a.b, eu.example:6443", true),
        ("https://eu.example:6443", "eu.example:443", false),
        ("https://eu.example", "eu.example:443", true),
        ("https://k8s.eu.example", "eu.example", true),
        ("https://k8s.eu.example", ".EU.example", true),
        ("https://k8s.eu.example", "*.eu.example", true),
        ("https://eu.example", ".eu.example", false),
        ("https://neu.example", "eu.example", false),
        ("https://10.1.2.3", "10.1.0.0/16", true),
        ("https://10.2.2.3", "10.1.0.0/16", false),
        ("https://10.2.2.3", "0.0.0.0/0", true),
        ("https://10.1.2.3", "10.1.2.3/33", false),
        ("https://10.1.2.3:6443", "10.1.2.3", true),
        ("https://10.1.2.3:6443", "10.1.2.3:6443", true),
        ("https://10.1.2.3:6443", "10.1.2.3:1", false),
        ("https://[fd00::5]:6443", "fd00::/8", true),
        ("https://[fd00::5]:6443", "fd00:0::5", true),
        ("https://[fd00::5]:6443", "[fd00::5]:6443", true),
        ("https://[fd00::5]:6443", "fe80::/10", false),
        ("https://eu.example", "", false),
        ("https://eu.example", " , ", false),
    ];
    for (server, except, is) in all {
        assert_eq!(found(server, "proxy.example:3128", except).is_none(), is, "{server} {except}");
    }
}
