//! Derived signals: good ones value by value, and what makes no sense with its place.

use super::Dir;
use holdpoint::domain::alert::Severity;
use holdpoint::domain::signal::{Query, Rollout, Unit};
use holdpoint::domain::span::Span;

const BACKENDS: &str = r#"
[backends.prom]
kind = "prometheus"
url = "http://127.0.0.1:9090"
every = "15s"
[backends.loud]
kind = "alertmanager"
url = "http://127.0.0.1:9093"
every = "20s"
[backends.argo]
kind = "argocd"
url = "http://127.0.0.1:8080"
"#;

/// The good workspace with more backends, and the first lines of its signals.
fn with(signals: &str) -> Dir {
    let dir = Dir::good();
    let text = dir
        .text("holdpoint.toml")
        .replace("[environments.lab]", "[environments.us]\ntier = \"staging\"\n[environments.lab]");
    dir.put("holdpoint.toml", text + BACKENDS);
    let services = dir.text("services.toml");
    dir.put("services.toml", services + "[services.web]\ndeployed_by = { us = \"argo\" }\n");
    let rest = dir.text("signals.toml");
    dir.put("signals.toml", format!("{signals}\n{rest}{SHARE}"));
    dir
}

const SHARE: &str = r#"
[signals.failed-share]
service = "payments"
environments = ["eu-west"]
source = "prom"
unit = "ratio"
bad = "above"
query = { kind = "prometheus", expr = "x" }
[signals.by-version]
service = "payments"
environments = ["eu-west"]
source = "prom"
unit = "ratio"
bad = "above"
query = { kind = "prometheus", expr = "x", versions = { bad = "x", all = "y" } }
[slos.shares]
signal = "failed-share"
objective = 0.99
"#;

/// A signal of payments.
fn signal(places: &str, source: &str, unit: &str, bad: &str, query: &str) -> String {
    format!(
        "[signals.one]\nservice = \"payments\"\nenvironments = [{places}]\nsource = \"{source}\"\nunit = \"{unit}\"\nbad = \"{bad}\"\nfail = 0.5\nquery = {{ {query} }}\n"
    )
}

#[test]
fn good_ones_are_read() {
    let both = "\"eu-west\", \"lab\"";
    let read = |text: String| {
        let loaded = with(&text).load().unwrap_or_else(|problems| panic!("{text}\n{problems}"));
        assert_eq!(loaded.warnings, [], "{text}");
        let signal = loaded.workspace.signals["one"].clone();
        assert!(signal.query.derived());
        (signal.query, signal.unit, signal.every)
    };
    for (of, unit, bad, rollout) in
        [("ready", "ratio", "below", Rollout::Ready), ("trouble", "count", "above", Rollout::Trouble)]
    {
        let found = read(signal(both, "routers", unit, bad, &format!("kind = \"rollout\", of = \"{of}\"")));
        assert_eq!((found.0, found.2), (Query::Rollout { of: rollout }, Span::secs(2)));
    }
    let found = read(signal(both, "loud", "count", "above", "kind = \"alerts\", watchdog = \"Watchdog\""));
    let watchdog = Some("Watchdog".to_owned());
    assert_eq!((found.0, found.2), (Query::Alerts { severity: None, watchdog }, Span::secs(20)));
    let query = "kind = \"alerts\", severity = \"warning\", watchdog = \"Watchdog\"";
    let (found, ..) = read(signal(both, "loud", "count", "above", query));
    let watchdog = Some("Watchdog".to_owned());
    assert_eq!(found, Query::Alerts { severity: Some(Severity::Warning), watchdog });
    let query = "kind = \"burn\", slo = \"payments-accepted\", window = \"6h\"";
    let (found, unit, every) = read(signal(both, "metrics", "times", "above", query));
    let (slo, of) = ("payments-accepted".into(), "failed-requests".into());
    assert_eq!(found, Query::Burn { slo, signal: of, objective: 0.999, window: "6h".parse().unwrap() });
    assert_eq!((unit, every), (Unit::Times, Span::secs(2)), "as often as what it rests on");
    let query = "kind = \"remaining\", slo = \"shares\"";
    let (found, unit, _) = read(signal("\"eu-west\"", "prom", "ratio", "below", query));
    let Query::Remaining { slo, period, .. } = found else { panic!("{found:?}") };
    assert_eq!((slo.as_str(), period, unit), ("shares", Span::secs(30 * 86_400), Unit::Ratio));
    let query = "kind = \"reporting\", signal = \"by-version\", within = \"3m\"";
    let (found, unit, every) = read(signal("\"eu-west\"", "prom", "count", "below", query));
    let within = Span::mins(3);
    assert_eq!(found, Query::Reporting { signal: "by-version".into(), within });
    assert_eq!((unit, every), (Unit::Count, Span::secs(15)));
    let usual = read(signal("\"eu-west\"", "prom", "count", "below", &query.replace(", within = \"3m\"", ""))).0;
    assert_eq!(usual, Query::Reporting { signal: "by-version".into(), within: Span::mins(5) });
    let query = "kind = \"burn\", slo = \"shares\", window = \"3d\"";
    read(signal("\"eu-west\"", "prom", "times", "above", query));
}

#[test]
fn alerts_that_decide_without_a_watchdog_are_warned_of() {
    let text = signal("\"eu-west\"", "loud", "count", "above", "kind = \"alerts\"");
    let warnings = with(&text).load().unwrap().warnings;
    let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
    let said = warning.to_string();
    assert!(said.contains("signals.toml:7:") && said.contains("alerts that do not arrive look like none"), "{said}");
    // What decides nothing may be quiet.
    let shown = with(&text.replace("fail = 0.5\n", "")).load().unwrap();
    assert_eq!(shown.warnings, []);
}

#[test]
fn one_mistake_is_not_told_as_two() {
    let burn = "kind = \"burn\", slo = \"shres\", window = \"1h\"";
    let problems = with(&signal("\"eu-west\"", "prom", "times", "above", burn)).problems().to_string();
    assert!(problems.contains("did you mean \"shares\"") && !problems.contains("cannot answer"), "{problems}");
}

#[test]
fn what_makes_no_sense_is_said_with_its_place() {
    let rollout = "kind = \"rollout\", of = \"ready\"";
    let alerts = "kind = \"alerts\"";
    let burn = "kind = \"burn\", slo = \"payments-accepted\", window = \"1h\"";
    let left = "kind = \"remaining\", slo = \"shares\"";
    let reports = "kind = \"reporting\", signal = \"by-version\"";
    let (eu, us) = ("\"eu-west\"", "\"eu-west\", \"us\"");
    for (text, pointed, said) in [
        (signal(eu, "metrics", "ratio", "below", rollout), "\"metrics\"", "\"metrics\" tells nothing of rollouts"),
        (signal(eu, "argo", "ratio", "below", rollout), "\"argo\"", "the Argo CD \"argo\" counts no instances"),
        (signal(us, "routers", "ratio", "below", rollout), "\"us\"", "routers does not deploy payments in us"),
        (signal(eu, "routers", "count", "below", rollout), "\"count\"", "write unit = \"ratio\""),
        (signal(eu, "routers", "ratio", "above", rollout), "\"above\"", "write bad = \"below\""),
        (signal(eu, "routers", "ratio", "below", "kind = \"rollout\""), "{ kind", "of"),
        (
            signal(eu, "routers", "ratio", "below", "kind = \"rollout\", of = \"steady\""),
            "\"steady\"",
            "did you mean \"ready\"",
        ),
        (signal(eu, "routers", "ratio", "below", "kind = \"rollout\", of = \"ready\", slo = \"x\""), "slo", "slo"),
        (signal(eu, "routers", "count", "above", alerts), "\"routers\"", "\"routers\" tells no alerts"),
        (signal(eu, "prom", "count", "above", alerts), "\"prom\"", "a `prometheus` with alerts = true"),
        (signal(eu, "loud", "count", "below", alerts), "\"below\"", "write bad = \"above\""),
        (signal(eu, "loud", "count", "above", "kind = \"alerts\", severity = \"page\""), "\"page\"", "critical"),
        (
            signal(eu, "metrics", "times", "above", &burn.replace("accepted", "acepted")),
            "\"payments-acepted\"",
            "payments-accepted",
        ),
        (signal(eu, "metrics", "times", "above", &burn.replace("1h", "2h")), "\"2h\"", "1h (with 5m), 6h (with 30m)"),
        (signal(eu, "metrics", "times", "above", &burn.replace("1h", "1d")), "\"1d\"", "does not remember days"),
        (signal(eu, "metrics", "ratio", "above", burn), "\"ratio\"", "write unit = \"times\""),
        (signal(eu, "prom", "ratio", "above", left), "\"above\"", "write bad = \"below\""),
        (
            signal(eu, "metrics", "ratio", "below", &left.replace("shares", "payments-accepted")),
            "\"payments-accepted\"",
            "its source does not remember the 30d of",
        ),
        (signal(eu, "prom", "times", "above", burn), "\"prom\"", "write source = \"metrics\""),
        (signal(us, "metrics", "times", "above", burn), "\"us\"", "is not measured in us"),
        (
            signal(eu, "metrics", "times", "above", burn).replace("\"payments\"", "\"ledger\""),
            "\"payments-accepted\"",
            "ledger has none; declare one in [slos]",
        ),
        (signal(eu, "prom", "count", "below", &reports.replace("by-", "bi-")), "\"bi-version\"", "by-version"),
        (signal(eu, "prom", "count", "above", reports), "\"above\"", "write bad = \"below\""),
        (signal(eu, "prom", "ratio", "below", reports), "\"ratio\"", "write unit = \"count\""),
        (signal(eu, "metrics", "count", "below", reports), "\"metrics\"", "write source = \"prom\""),
        (signal(us, "prom", "count", "below", reports), "\"us\"", "is not measured in us"),
        (
            signal(eu, "prom", "count", "below", &reports.replace("by-version", "failed-share")),
            "\"failed-share\"",
            "give its query `versions`",
        ),
        (
            signal(eu, "prom", "count", "below", reports).replace("\"payments\"", "\"ledger\""),
            "\"by-version\"",
            "is about payments, not about ledger",
        ),
        (signal(eu, "prom", "count", "below", reports).replace("0.5", "2.0"), "2.0", "write fail = 1"),
        (
            signal(eu, "metrics", "times", "above", burn).replace("fail", "every = \"1m\"\nfail"),
            "\"1m\"",
            "it comes with what it follows from",
        ),
        (
            signal(eu, "metrics", "times", "above", burn).replace("fail", "min_events = 77\nfail"),
            "77",
            "this query counts no events",
        ),
    ] {
        let problems = with(&text).problems().to_string();
        assert!(problems.contains(said), "{said}: {problems}\n{text}");
        let at = text.find(pointed).unwrap();
        let before = &text[..at];
        let (line, column) = (before.matches('\n').count() + 1, at - before.rfind('\n').unwrap());
        let place = format!("signals.toml:{line}:{column}: ");
        assert!(problems.contains(&place), "{place}: {problems}\n{text}");
    }
}
