//! What `doctor` says of an Argo CD: its version, who the token is, what it may do, whether
//! windows are closed, and where auto-sync was left off.
//!
//! It reads only, and judges nothing that a release day does not need.

use super::super::http::Client;
use super::act::denied;
use super::json::{line, list, text};
use super::place::Place;
use super::windows::Windows;
use super::{Declared, api, app};
use crate::domain::report::Remark;
use serde_json::Value;
use std::collections::BTreeSet;

/// What every verb needs together.
const ACTIONS: [&str; 3] = ["get", "sync", "update"];

/// Looks at everything that a release day needs; reads only.
pub async fn examine(declared: &Declared) -> Vec<Remark> {
    let client = match declared.reach.acting() {
        Ok(client) => client,
        Err(fault) => return vec![Remark::wrong(fault.to_string())],
    };
    let mut all = vec![version(declared, &client).await];
    let who = who(&client).await;
    let known = who.ok;
    all.push(who);
    if known {
        let places: BTreeSet<&Place> = declared.places.values().collect();
        let mut may = 0;
        for place in places {
            match api::application(&client, place, declared.spec.project.as_deref()).await {
                Ok(found) => all.extend(of_application(&client, place, &found, &mut may).await),
                Err(fault) => all.push(Remark::wrong(fault.to_string())),
            }
        }
        if may > 0 {
            all.push(Remark::well(format!("the token may do all that holdpoint does with {may} applications")));
        }
    }
    all.extend(declared.reach.remarks().await);
    all
}

async fn version(declared: &Declared, client: &Client) -> Remark {
    match api::named(client, "/api/version").await {
        Ok(said) => Remark::well(format!("Argo CD {} at {}", line(text(&said, "/Version")), declared.reach.origin())),
        Err(fault) => Remark::wrong(fault.to_string()),
    }
}

async fn who(client: &Client) -> Remark {
    match api::named(client, "/api/v1/session/userinfo").await {
        Ok(said) if said.get("loggedIn") == Some(&Value::Bool(true)) => {
            let groups: Vec<_> = list(&said, "/groups").iter().filter_map(Value::as_str).collect();
            let of = if groups.is_empty() { String::new() } else { format!(", groups {}", groups.join(", ")) };
            Remark::well(line(&format!("you are {} by {}{of}", text(&said, "/username"), text(&said, "/iss"))))
        }
        Ok(_) => Remark::wrong("it does not know who you are: the token is missing or not accepted"),
        Err(fault) => Remark::wrong(format!("who you are there is not known: {fault}")),
    }
}

async fn of_application(client: &Client, place: &Place, found: &Value, may: &mut usize) -> Vec<Remark> {
    let mut all = Vec::new();
    match denied(client, &place.subject(found), &ACTIONS).await {
        Ok(denied) if denied.is_empty() => *may += 1,
        Ok(denied) => all.extend(denied.into_iter().map(Remark::wrong)),
        Err(fault) => all.push(Remark::wrong(format!("what the token may do is not known: {fault}"))),
    }
    let words = place.words();
    match api::part(client, place, app::project(found), "syncwindows").await {
        Ok(said) => {
            let windows = Windows::read(&said);
            match windows.closed() {
                // Usual, and good to know before the day begins.
                Some(closed) => all.push(Remark::well(format!("{words}: {closed}"))),
                None if windows.all.is_empty() => {}
                None => all.push(Remark::well(format!("{words}: open now ({})", windows.all.join("; ")))),
            }
        }
        Err(fault) => all.push(Remark::wrong(format!("{words}: its sync windows are not known: {fault}"))),
    }
    all.extend(app::banner(place, found).map(|banner| Remark::wrong(format!("{words}: {banner}"))));
    all
}
