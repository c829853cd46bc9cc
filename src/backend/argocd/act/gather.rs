//! Everything that an operation is decided on, read in one go.
//! It is read anew for every call: nothing of an earlier look is trusted.

use super::super::super::Fault;
use super::super::super::http::Client;
use super::super::super::http::reach::Reach;
use super::super::Declared;
use super::super::anew::{self, Anew};
use super::super::json::text;
use super::super::past::{Entry, past};
use super::super::place::Place;
use super::super::plan::{Plan, Read, plan};
use super::super::windows::Windows;
use super::super::{api, app};
use crate::domain::Timestamp;
use crate::domain::journal_id::Key;
use crate::domain::observed::Placed;
use crate::domain::operation::{Operation, Verb};
use chrono::Utc;
use serde_json::Value;
use std::time::Duration;

/// An application as it is, and what decides of it.
pub struct Application {
    /// The way in.
    pub reach: Reach,
    /// Which it is.
    pub place: Place,
    /// What it is.
    pub app: Value,
    /// Its past, newest first.
    pub past: Vec<Entry>,
    /// Its windows.
    pub windows: Windows,
    /// How it came to be compared as it is.
    pub anew: Anew,
    read: Timestamp,
    asks: Asks,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Nobody: it is a look that comes by itself, which spares the host as a watch does.
    Nobody,
    /// A person, who is always answered.
    Person,
    /// The same, who wants a deploy compared anew, and waits for that so long.
    Anew(Duration),
}

impl Asks {
    fn is_person(self) -> bool {
        self != Self::Nobody
    }
}

impl Application {
    /// Its project.
    pub fn project(&self) -> &str {
        app::project(&self.app)
    }

    /// What an operation means for it.
    ///
    /// # Errors
    /// Why there can be no plan.
    pub fn plan(&self, operation: &Operation, key: Option<&Key>) -> Result<Plan, String> {
        let Self { place, app, past, windows, read, .. } = self;
        plan(operation, key, &Read { place, app, past, windows, now: *read })
    }

    /// A client for whatever else is read of it.
    pub fn client(&self) -> Result<Client, Fault> {
        client(&self.reach, self.asks.is_person())
    }

    /// The application as it is now.
    pub async fn again(&self) -> Result<Value, Fault> {
        api::application(&self.reach.acting()?, &self.place, Some(self.project())).await
    }
}

fn client(reach: &Reach, person: bool) -> Result<Client, Fault> {
    if person { reach.acting() } else { reach.watching() }
}

/// Which application is somewhere, the way in for a `person` or for a look that nobody asked for, and the application as it is.
pub async fn application<'a>(
    declared: &'a Declared,
    at: &Placed,
    person: bool,
) -> Result<(&'a Place, Client, Value), Fault> {
    let place = declared.places.get(at).ok_or_else(|| {
        let (name, (service, environment)) = (&declared.name, at);
        refused(format!(
            "{name} does not know which application {service} is in {environment}; write it under deployed_by"
        ))
    })?;
    let client = client(&declared.reach, person)?;
    let app = api::application(&client, place, declared.spec.project.as_deref()).await?;
    match text(&app, "/metadata/name") == place.name {
        true => Ok((place, client, app)),
        false => Err(Fault::Lost { why: format!("what was answered is not {}", place.words()), output: None }),
    }
}

fn refused(why: String) -> Fault {
    Fault::Refused { why, output: None }
}

/// Reads what an operation is about.
pub async fn gather(declared: &Declared, operation: &Operation, asks: Asks) -> Result<Application, Fault> {
    let (service, environment) =
        operation.target().ok_or_else(|| refused("it names no service and environment".to_owned()))?;
    let at = (service.clone(), environment.clone());
    let (place, client, app) = application(declared, &at, asks.is_person()).await?;
    let (app, anew) = match (asks, operation.verb) {
        (Asks::Anew(limit), Verb::Deploy) => anew::compare(&client, place, app, limit).await,
        _ => (app, Anew::Unasked),
    };
    // Evidence needs none, and is not to lack for them.
    let windows = match operation.verb {
        Verb::Snapshot => Value::Null,
        _ => api::part(&client, place, app::project(&app), "syncwindows").await?,
    };
    let windows = Windows::read(&windows);
    let past = past(&app, place.image.as_deref());
    Ok(Application {
        reach: declared.reach.clone(),
        place: place.clone(),
        app,
        past,
        windows,
        anew,
        read: Utc::now(),
        asks,
    })
}
