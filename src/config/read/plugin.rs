//! A plugin as it is declared: its program and what it is granted.
//!
//! What is not granted by name is not granted. Whether the program is trusted is looked at
//! when it is started, not here.

use super::Reading;
use super::script::{positive, program};
use super::workspace::VERB_LIMIT;
use crate::config::nearest;
use crate::config::raw::workspace as raw;
use crate::config::spot::Spot;
use crate::domain::backend::{Granted, PluginSpec};
use crate::domain::operation::Verb;

const WATCH: [&str; 4] = ["watch:deployments", "watch:signals", "watch:alerts", "watch:windows"];
const PROBE: &str = "probe";
/// The least memory that a plugin may be given.
const LEAST: u64 = 64 << 20;

/// Reads the keys of a plugin.
pub fn plugin(r: &mut Reading<'_>, raw: &raw::Backend) -> PluginSpec {
    let argv = raw.argv.as_deref().unwrap_or_default();
    program(r, argv);
    if let Some(program) = argv.first().filter(|program| !program.contains('/')) {
        let help = "only a file that can be pinned may be one; write its path";
        r.mistake(&program.at, format!("{:?} is no path", program.value), help);
    }
    let granted = |what: &str| raw.grant.iter().any(|grant| grant.value == what);
    let mut spec = PluginSpec {
        argv: argv.iter().map(|word| word.value.clone()).collect(),
        config: serde_json::Value::Object(raw.config.clone()).to_string(),
        deployments: granted("watch:deployments"),
        signals: granted("watch:signals"),
        alerts: granted("watch:alerts"),
        windows: granted("watch:windows"),
        probes: granted(PROBE),
        pass_env: raw.pass_env.clone(),
        memory: raw.memory.as_ref().and_then(|memory| bytes(r, memory)),
        ..PluginSpec::default()
    };
    for grant in &raw.grant {
        match grant.strip_prefix("act:").map(|word| Verb::ALL.into_iter().find(|verb| verb.word() == word)) {
            Some(Some(verb)) => {
                spec.verbs.insert(verb, Granted { limit: VERB_LIMIT, idempotent: false });
            }
            None if WATCH.contains(&grant.as_str()) || grant.value == PROBE => {}
            _ => unknown(r, grant),
        }
    }
    for (verb, limit) in &raw.limits.0 {
        let length = positive(r, limit);
        match spec.verbs.get_mut(&verb.value) {
            Some(granted) => granted.limit = length,
            None => not_granted(r, verb),
        }
    }
    for verb in &raw.idempotent {
        match spec.verbs.get_mut(&verb.value) {
            Some(granted) => granted.idempotent = true,
            None => not_granted(r, verb),
        }
    }
    for (name, secret) in &raw.secrets.0 {
        if let Some(reference) = super::secret::secret(r, secret) {
            spec.secrets.insert(name.value.0.clone(), reference);
        }
    }
    spec
}

/// A size such as `512MiB` or `4GiB`; with less than the least no program could be started.
fn bytes(r: &mut Reading<'_>, memory: &Spot<String>) -> Option<u64> {
    let text = memory.value.trim();
    let unit = |unit, shift| Some((text.strip_suffix(unit)?.trim_end().parse::<u64>().ok()?, shift));
    let read = unit("MiB", 20).or_else(|| unit("GiB", 30)).and_then(|(n, shift)| n.checked_mul(1 << shift));
    let bytes = read.filter(|bytes| *bytes >= LEAST);
    if bytes.is_none() {
        let help = "write a whole number of MiB or GiB, such as 4GiB, and no less than 64MiB";
        r.mistake(&memory.at, format!("{:?} is no size that a plugin could have", memory.value), help);
    }
    bytes
}

fn unknown(r: &mut Reading<'_>, grant: &Spot<String>) {
    let acts = Verb::ALL.map(|verb| format!("act:{verb}"));
    let all = WATCH.into_iter().chain([PROBE]).chain(acts.iter().map(String::as_str));
    let help = nearest::help(&grant.value, "possible are", all).unwrap_or_default();
    r.mistake(&grant.at, format!("{:?} cannot be granted", grant.value), help);
}

fn not_granted(r: &mut Reading<'_>, verb: &Spot<Verb>) {
    r.mistake(&verb.at, format!("the plugin is not granted act:{}", verb.value), "add it to `grant`");
}
