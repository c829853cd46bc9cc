//! SPDX 2.3 in JSON: packages, and those that name no licence.
//!
//! `NONE` and `NOASSERTION` name none; one of the two licence fields is enough.

use super::{Said, foreign, instant, json, none_such, nothing};
use crate::domain::result_file::{Figure, Format};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    spdx_version: String,
    creation_info: Option<Creation>,
    packages: Option<Vec<Package>>,
}

#[derive(Deserialize)]
struct Creation {
    created: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    // Every package has one; a document of another kind has not.
    #[serde(rename = "name")]
    _name: serde::de::IgnoredAny,
    license_concluded: Option<String>,
    license_declared: Option<String>,
}

/// Takes a figure of a file.
pub fn read(text: &str, figure: Figure) -> Result<Said, String> {
    let document: Document = json::read(text, Format::Spdx)?;
    if !matches!(document.spdx_version.as_str(), "SPDX-2.3" | "SPDX-2.2") {
        return Err(foreign(Format::Spdx, &format!("its spdxVersion is {:?}, not SPDX-2.3", document.spdx_version)));
    }
    let written = document.creation_info.and_then(|of| of.created).map(|at| instant(&at)).transpose()?.flatten();
    let packages = document.packages.ok_or_else(|| nothing("list of packages"))?;
    let all = packages.len() as u64;
    match figure {
        Figure::Packages => Ok(Said::count(all, all, written)),
        Figure::Unlicensed if all == 0 => Err(nothing("package")),
        Figure::Unlicensed => {
            let unlicensed = packages.iter().filter(|one| !one.licensed()).count();
            Ok(Said::count(unlicensed as u64, all, written))
        }
        _ => Err(none_such(Format::Spdx, figure)),
    }
}

impl Package {
    fn licensed(&self) -> bool {
        let said = |text: &Option<String>| {
            text.as_deref().is_some_and(|text| !matches!(text.trim(), "" | "NONE" | "NOASSERTION"))
        };
        said(&self.license_concluded) || said(&self.license_declared)
    }
}
