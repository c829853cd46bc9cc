//! The two plugins that ship as examples, as backends of the workspace that the contract is held in.

use crate::support::Place;
use holdpoint::backend::plugin::trust;
use holdpoint::domain::backend::{Granted, PluginSpec};
use holdpoint::domain::operation::Verb;
use holdpoint::domain::span::Span;
use serde_json::json;
use std::path::Path;

/// A systemctl of one unit. While there is `hang`, it comes up once there is something in `applied`, and then it has
/// done so a second after it was restarted. A restart leaves a trace.
const SYSTEMCTL: &str = r#"#!/bin/sh
cd STATE || exit 1
since=$(cat since) state=active
[ ! -e hang ] || { [ -s applied ] && since=$((since + 1)) || state=activating; }
case $1 in
show) printf 'ActiveState=%s\nNRestarts=0\nResult=success\nLoadState=loaded\nActiveEnterTimestamp=@%s\n' "$state" "$since" ;;
restart) date +%s > since; echo started >> trace; echo $$ > deploy.pid ;;
esac
"#;

/// An example as it ships, trusted in this place.
fn trusted(place: &Place, name: &str, config: &serde_json::Value) -> PluginSpec {
    let program = format!("plugins/{name}");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(&program);
    place.script(&program, &std::fs::read_to_string(shipped).unwrap());
    trust::trust(&place.root(), &program).unwrap();
    PluginSpec { argv: vec![program], config: config.to_string(), deployments: true, ..PluginSpec::default() }
}

/// `checks.sh` over one version, with the load as a signal.
pub fn checks(place: &Place) -> PluginSpec {
    let dir = place.file("versions");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("payments@eu-west"), "4.1.9\n").unwrap();
    PluginSpec { signals: true, ..trusted(place, "checks.sh", &json!({ "dir": dir })) }
}

/// `systemd.py` over `payments`, where 4.1.9 is current and 4.2.0 lies beside it.
pub fn units(place: &Place) -> PluginSpec {
    let (home, root) = (place.file("srv"), place.root());
    for version in ["4.1.9", "4.2.0"] {
        std::fs::create_dir_all(home.join("releases").join(version)).unwrap();
    }
    std::os::unix::fs::symlink("releases/4.1.9", home.join("current")).unwrap();
    std::fs::write(place.file("since"), "1000\n").unwrap();
    place.script("systemctl", &SYSTEMCTL.replace("STATE", &root.display().to_string()));
    let unit = json!({ "service": "payments", "environment": "eu-west", "unit": "payments.service", "home": home });
    let config = json!({ "settle": 0.2, "systemctl": [place.file("systemctl")], "units": [unit] });
    let granted = |verb| (verb, Granted { limit: Span::secs(20), idempotent: false });
    let verbs = [Verb::Deploy, Verb::RollBack, Verb::Restart, Verb::Snapshot].map(granted).into();
    PluginSpec { probes: true, verbs, ..trusted(place, "systemd.py", &config) }
}
