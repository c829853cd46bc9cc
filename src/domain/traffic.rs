//! Where a route sends traffic: shares by weight, in percent of their sum.
//!
//! Values only. What a route says and what its gateways have taken are two things, and `live` tells which is meant.

use serde::{Deserialize, Serialize};

/// Where one rule of a route sends traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// The route, such as `httproute web`.
    pub route: String,
    /// Which rule of it; empty where it has one alone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// To whom, and how much of it.
    pub shares: Vec<Share>,
    /// Whether its gateways say that they have taken it as it is; none where nothing tells.
    pub live: Option<bool>,
}

/// A share of traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Who has it.
    pub to: String,
    /// Its weight: of the sum of all in its rule it is the share.
    pub weight: u64,
}

impl Traffic {
    /// In one line: `httproute web, rule 2: web-stable 90 % · web-canary 10 %`.
    pub fn line(&self) -> String {
        let rule = if self.rule.is_empty() { String::new() } else { format!(", {}", self.rule) };
        let live = match self.live {
            Some(true) => "",
            Some(false) => " (not live)",
            None => " (as written)",
        };
        format!("{}{rule}{live}: {}", self.route, words(&self.shares))
    }
}

/// Shares in words: `web-stable 90 % · web-canary 10 %`.
pub fn words(shares: &[Share]) -> String {
    if shares.is_empty() {
        return "no backends are shown".to_owned();
    }
    let sum: u128 = shares.iter().map(|share| u128::from(share.weight)).sum();
    let all: Vec<_> = shares.iter().map(|share| format!("{} {}", share.to, percent(share.weight, sum))).collect();
    all.join(" · ")
}

/// A weight in percent of a sum, to a tenth; what is neither nothing nor all of it is not written so.
fn percent(weight: u64, sum: u128) -> String {
    let weight = u128::from(weight);
    let Some(tenths) = weight.saturating_mul(2_000).saturating_add(sum).checked_div(sum.saturating_mul(2)) else {
        return "0 %".to_owned();
    };
    match (tenths, weight) {
        (0, 1..) => "<0.1 %".to_owned(),
        (1_000, _) if weight < sum => ">99.9 %".to_owned(),
        _ if tenths % 10 == 0 => format!("{} %", tenths / 10),
        _ => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}
