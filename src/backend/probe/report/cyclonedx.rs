//! CycloneDX in JSON: components, nested ones too, and the vulnerabilities that stand.
//!
//! A list that is missing is not an empty one: nobody looked. A vulnerability that nobody rated may
//! be critical, so without a rating for each nothing is known of how many are.

use super::{Said, foreign, instant, json, none_such, nothing};
use crate::domain::result_file::{Figure, Format};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bom {
    bom_format: String,
    metadata: Option<Metadata>,
    components: Option<Vec<Component>>,
    vulnerabilities: Option<Vec<Vulnerability>>,
}

#[derive(Deserialize)]
struct Metadata {
    timestamp: Option<String>,
}

#[derive(Deserialize)]
struct Component {
    // Every component has one; a document of another kind has not.
    #[serde(rename = "name")]
    _name: serde::de::IgnoredAny,
    #[serde(default)]
    licenses: Vec<Choice>,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Choice {
    license: Option<Licence>,
    expression: Option<String>,
}

#[derive(Deserialize)]
struct Licence {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: Option<String>,
    #[serde(default)]
    ratings: Vec<Rating>,
    analysis: Option<Analysis>,
}

#[derive(Deserialize)]
struct Rating {
    severity: Option<Severity>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Unknown,
    None,
    Info,
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Deserialize)]
struct Analysis {
    state: Option<String>,
}

/// Takes a figure of a file.
pub fn read(text: &str, figure: Figure) -> Result<Said, String> {
    let bom: Bom = json::read(text, Format::Cyclonedx)?;
    if bom.bom_format != "CycloneDX" {
        return Err(foreign(Format::Cyclonedx, &format!("its bomFormat is {:?}", bom.bom_format)));
    }
    let written = bom.metadata.and_then(|of| of.timestamp).map(|at| instant(&at)).transpose()?.flatten();
    let parts = bom.components.as_deref().map(Count::of).ok_or_else(|| nothing("list of components"));
    let standing = || {
        let all = bom.vulnerabilities.as_ref().ok_or_else(|| nothing("list of vulnerabilities"))?;
        Ok::<_, String>(all.iter().filter(|one| one.stands()).collect::<Vec<_>>())
    };
    let rated = |wanted| {
        let (all, mut value) = (standing()?, 0);
        for one in &all {
            value += u64::from(one.worst()? == wanted);
        }
        Ok(Said::count(value, all.len() as u64, written))
    };
    match figure {
        Figure::Components => parts.map(|of| Said::count(of.all, of.all, written)),
        Figure::Unlicensed => match parts? {
            Count { all: 0, .. } => Err(nothing("component")),
            of => Ok(Said::count(of.unlicensed, of.all, written)),
        },
        Figure::Vulnerabilities => standing().map(|all| Said::count(all.len() as u64, all.len() as u64, written)),
        Figure::Critical => rated(Severity::Critical),
        Figure::High => rated(Severity::High),
        _ => Err(none_such(Format::Cyclonedx, figure)),
    }
}

#[derive(Default)]
struct Count {
    all: u64,
    unlicensed: u64,
}

impl Count {
    /// Counts components with all that they hold; how deep that goes is bounded where JSON is read.
    fn of(components: &[Component]) -> Self {
        let (mut count, mut open) = (Self::default(), components.iter().collect::<Vec<_>>());
        while let Some(component) = open.pop() {
            count.all += 1;
            count.unlicensed += u64::from(!component.licenses.iter().any(Choice::names));
            open.extend(&component.components);
        }
        count
    }
}

impl Choice {
    /// Whether it names a licence.
    fn names(&self) -> bool {
        let said = |text: &Option<String>| {
            text.as_deref().is_some_and(|text| !matches!(text.trim(), "" | "NOASSERTION" | "NONE"))
        };
        said(&self.expression) || self.license.as_ref().is_some_and(|one| said(&one.id) || said(&one.name))
    }
}

impl Vulnerability {
    /// Whether somebody has not yet said that it is none here.
    fn stands(&self) -> bool {
        let state = self.analysis.as_ref().and_then(|analysis| analysis.state.as_deref());
        !matches!(state, Some("not_affected" | "false_positive" | "resolved" | "resolved_with_pedigree"))
    }

    /// The worst that anybody rated it.
    fn worst(&self) -> Result<Severity, String> {
        let worst =
            self.ratings.iter().filter_map(|rating| rating.severity).max().filter(|worst| *worst != Severity::Unknown);
        worst.ok_or_else(|| {
            let id = self.id.as_deref().unwrap_or("a vulnerability");
            format!(
                "nobody has said how severe {id} is; have it rated, or say in its analysis that it does not affect you"
            )
        })
    }
}
