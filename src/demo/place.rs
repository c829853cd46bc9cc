//! A place of the estate: one service in one region, written `payments@eu-west`.
//!
//! The estate is small and fixed, so the names are here and nowhere else.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The services.
pub const SERVICES: [&str; 3] = ["payments", "ledger", "fx"];
/// The regions; holdpoint calls them environments.
pub const REGIONS: [&str; 2] = ["eu-west", "eu-north"];

/// One service in one region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Place {
    /// The service.
    pub service: String,
    /// The region.
    pub region: String,
}

impl Place {
    /// Every place there is.
    pub fn all() -> Vec<Place> {
        let of = |region: &str| SERVICES.map(|service| Self { service: service.to_owned(), region: region.to_owned() });
        REGIONS.iter().flat_map(|region| of(region)).collect()
    }

    /// The place of these names, if the estate has it.
    pub fn new(service: &str, region: &str) -> Result<Self, String> {
        let known = |all: &[&str], name: &str, what: &str| match all.contains(&name) {
            true => Ok(name.to_owned()),
            false => Err(format!("the estate has no {what} {name:?}; it has {}", all.join(", "))),
        };
        Ok(Self { service: known(&SERVICES, service, "service")?, region: known(&REGIONS, region, "region")? })
    }

    /// Another service in the same region.
    pub fn beside(&self, service: &str) -> Place {
        Self { service: service.to_owned(), region: self.region.clone() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.service, self.region)
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (service, region) = text.split_once('@').ok_or_else(|| format!("{text:?} is no SERVICE@REGION"))?;
        Self::new(service, region)
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}
