//! SARIF 2.1.0: findings of analysers, by level.
//!
//! A run that failed, or whose results are kept elsewhere, says nothing. What is accepted as it is, what is not of
//! kind `fail`, and what a baseline had and this run has not is no finding.

use super::{ANEW, Said, foreign, instant, json, none_such, nothing, oldest};
use crate::domain::Timestamp;
use crate::domain::result_file::{Figure, Format};
use serde::Deserialize;

#[derive(Deserialize)]
struct Log {
    version: String,
    runs: Option<Vec<Run>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    #[serde(default)]
    invocations: Vec<Invocation>,
    results: Option<Vec<Finding>>,
    external_property_file_references: Option<Elsewhere>,
}

#[derive(Deserialize)]
struct Elsewhere {
    #[serde(default)]
    results: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Tool {
    driver: Component,
    #[serde(default)]
    extensions: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    default_configuration: Option<Configuration>,
}

#[derive(Deserialize)]
struct Configuration {
    level: Option<Level>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    end_time_utc: Option<String>,
    #[serde(default)]
    rule_configuration_overrides: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    kind: Option<String>,
    level: Option<Level>,
    rule_id: Option<String>,
    rule_index: Option<i64>,
    rule: Option<Reference>,
    #[serde(default)]
    suppressions: Vec<Suppression>,
    baseline_state: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    id: Option<String>,
    index: Option<i64>,
    tool_component: Option<Place>,
}

#[derive(Deserialize)]
struct Place {
    index: Option<i64>,
}

#[derive(Deserialize)]
struct Suppression {
    status: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    None,
    Note,
    Warning,
    Error,
}

/// Takes a figure of a file.
pub fn read(text: &str, figure: Figure) -> Result<Said, String> {
    let wanted = match figure {
        Figure::Errors => Some(Level::Error),
        Figure::Warnings => Some(Level::Warning),
        Figure::Notes => Some(Level::Note),
        Figure::Results => None,
        _ => return Err(none_such(Format::Sarif, figure)),
    };
    let log: Log = json::read(text, Format::Sarif)?;
    if log.version != "2.1.0" {
        return Err(foreign(Format::Sarif, &format!("its version is {:?}, not 2.1.0", log.version)));
    }
    let runs = log.runs.filter(|runs| !runs.is_empty()).ok_or_else(|| nothing("run of an analyser"))?;
    let (mut value, mut events, mut written) = (0, 0, None);
    for run in &runs {
        written = oldest(written, run.ended()?);
        for finding in run.findings()?.iter().filter(|finding| finding.stands()) {
            events += 1;
            let level = run.level(finding)?;
            value += u64::from(wanted.is_none_or(|wanted| wanted == level));
        }
    }
    Ok(Said::count(value, events, written))
}

impl Run {
    /// When it ended, where it says so.
    fn ended(&self) -> Result<Option<Timestamp>, String> {
        let mut ended = None;
        for invocation in &self.invocations {
            if !invocation.execution_successful {
                return Err("the analyser says that it failed; look at its output and run it again".to_owned());
            }
            if let Some(at) = &invocation.end_time_utc {
                ended = oldest(ended, instant(at)?);
            }
        }
        Ok(ended)
    }

    fn findings(&self) -> Result<&[Finding], String> {
        if self.external_property_file_references.as_ref().is_some_and(|elsewhere| !elsewhere.results.is_empty()) {
            return Err(
                "its results are in another file, which is not read; have them written into this one".to_owned()
            );
        }
        // Without the list nothing was looked at; an empty one says that nothing was found.
        self.results.as_deref().ok_or_else(|| nothing("list of results in one of its runs"))
    }

    /// The level of a finding: its own, that of its rule, or `warning`.
    fn level(&self, finding: &Finding) -> Result<Level, String> {
        if let Some(level) = finding.level {
            return Ok(level);
        }
        if self.invocations.iter().any(|invocation| !invocation.rule_configuration_overrides.is_empty()) {
            return Err("it changes levels by ruleConfigurationOverrides, which are not read; \
                        have each result written with its level"
                .to_owned());
        }
        let of_rule = |rule: &Rule| rule.default_configuration.as_ref().and_then(|default| default.level);
        Ok(self.rule(finding)?.and_then(of_rule).unwrap_or(Level::Warning))
    }

    /// The rule of a finding, by its place or by its id.
    fn rule(&self, finding: &Finding) -> Result<Option<&Rule>, String> {
        let reference = finding.rule.as_ref();
        let component = reference.and_then(|rule| rule.tool_component.as_ref()).and_then(|place| place.index);
        let index = finding.rule_index.or(reference.and_then(|rule| rule.index)).filter(|index| *index >= 0);
        let missing = || format!("a result names a rule that is not there; {ANEW}");
        if let Some(index) = index {
            let component = match component.filter(|at| *at >= 0) {
                Some(at) => usize::try_from(at).ok().and_then(|at| self.tool.extensions.get(at)),
                None => Some(&self.tool.driver),
            };
            let rule = component.and_then(|of| usize::try_from(index).ok().and_then(|index| of.rules.get(index)));
            return rule.map(Some).ok_or_else(missing);
        }
        let id = finding.rule_id.as_deref().or(reference.and_then(|rule| rule.id.as_deref()));
        let Some(id) = id else { return Ok(None) };
        let mut rules = self.tool.extensions.iter().chain([&self.tool.driver]).flat_map(|of| &of.rules);
        // `CA1000/1` is a part of the rule `CA1000`.
        let parent = id.rsplit_once('/').map(|(parent, _)| parent);
        let named = |name: &str| rules.clone().find(|rule| rule.id == name);
        Ok(named(id).or_else(|| parent.and_then(|parent| rules.find(|rule| rule.id == parent))))
    }
}

impl Finding {
    /// Whether it is one: failed, there now, and not accepted.
    fn stands(&self) -> bool {
        let accepted = |one: &Suppression| one.status.as_deref().is_none_or(|status| status == "accepted");
        let suppressed = !self.suppressions.is_empty() && self.suppressions.iter().all(accepted);
        let failed = self.kind.as_deref().is_none_or(|kind| kind == "fail");
        failed && !suppressed && self.baseline_state.as_deref() != Some("absent")
    }
}
