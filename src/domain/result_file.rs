//! Files that a pipeline leaves behind, and the numbers that can be taken of them.
//!
//! A signal takes one figure of one file; which figures there are is a matter of the format,
//! and each has its unit.

use super::signal::Unit;
use serde::{Deserialize, Serialize};

/// A format of result files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// JUnit XML: tests.
    Junit,
    /// SARIF 2.1.0: findings of analysers.
    Sarif,
    /// CycloneDX JSON: a bill of materials, and what is known to be wrong with it.
    Cyclonedx,
    /// SPDX 2.3 JSON: a bill of materials.
    Spdx,
    /// The tracefile of lcov: coverage.
    Lcov,
    /// Cobertura XML: coverage.
    Cobertura,
    /// The summary of k6: load.
    K6,
    /// The statistics or the CSV results of JMeter: load.
    Jmeter,
    /// An in-toto statement of SLSA provenance, bare or in an envelope; nobody's signature is verified.
    InToto,
}

/// A number that can be taken of a result file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// How many tests there are.
    Tests,
    /// How many of them failed or broke.
    Failed,
    /// How many were not run.
    Skipped,
    /// The share of the tests that ran which passed.
    PassedRatio,
    /// How many findings are errors.
    Errors,
    /// How many findings are warnings.
    Warnings,
    /// How many findings are notes.
    Notes,
    /// How many findings there are, of any level.
    Results,
    /// How many components a bill of materials lists.
    Components,
    /// How many packages it lists.
    Packages,
    /// How many of them name no licence.
    Unlicensed,
    /// How many vulnerabilities stand.
    Vulnerabilities,
    /// How many of those are critical.
    Critical,
    /// How many of those are high, and no more.
    High,
    /// The share of lines that ran.
    LineRatio,
    /// The share of branches that were taken.
    BranchRatio,
    /// The share of functions that were called.
    FunctionRatio,
    /// The time below which 95 of 100 requests stayed.
    P95Seconds,
    /// The share of requests that failed.
    FailedRatio,
    /// How many requests were made.
    Requests,
    /// How many thresholds were crossed.
    ThresholdsFailed,
    /// How many artefacts a statement is about.
    Subjects,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 9] = [
        Format::Junit,
        Format::Sarif,
        Format::Cyclonedx,
        Format::Spdx,
        Format::Lcov,
        Format::Cobertura,
        Format::K6,
        Format::Jmeter,
        Format::InToto,
    ];

    /// The word of the files.
    pub const fn word(self) -> &'static str {
        match self {
            Format::Junit => "junit",
            Format::Sarif => "sarif",
            Format::Cyclonedx => "cyclonedx",
            Format::Spdx => "spdx",
            Format::Lcov => "lcov",
            Format::Cobertura => "cobertura",
            Format::K6 => "k6",
            Format::Jmeter => "jmeter",
            Format::InToto => "in-toto",
        }
    }

    /// What can be taken of a file of this format.
    pub const fn figures(self) -> &'static [Figure] {
        use Figure::*;
        match self {
            Format::Junit => &[Tests, Failed, Skipped, PassedRatio],
            Format::Sarif => &[Errors, Warnings, Notes, Results],
            Format::Cyclonedx => &[Components, Unlicensed, Vulnerabilities, Critical, High],
            Format::Spdx => &[Packages, Unlicensed],
            Format::Lcov => &[LineRatio, BranchRatio, FunctionRatio],
            Format::Cobertura => &[LineRatio, BranchRatio],
            Format::K6 => &[P95Seconds, FailedRatio, Requests, ThresholdsFailed],
            Format::Jmeter => &[P95Seconds, FailedRatio, Requests],
            Format::InToto => &[Subjects],
        }
    }
}

impl Figure {
    /// The word of the files.
    pub const fn word(self) -> &'static str {
        match self {
            Figure::Tests => "tests",
            Figure::Failed => "failed",
            Figure::Skipped => "skipped",
            Figure::PassedRatio => "passed-ratio",
            Figure::Errors => "errors",
            Figure::Warnings => "warnings",
            Figure::Notes => "notes",
            Figure::Results => "results",
            Figure::Components => "components",
            Figure::Packages => "packages",
            Figure::Unlicensed => "unlicensed",
            Figure::Vulnerabilities => "vulnerabilities",
            Figure::Critical => "critical",
            Figure::High => "high",
            Figure::LineRatio => "line-ratio",
            Figure::BranchRatio => "branch-ratio",
            Figure::FunctionRatio => "function-ratio",
            Figure::P95Seconds => "p95-seconds",
            Figure::FailedRatio => "failed-ratio",
            Figure::Requests => "requests",
            Figure::ThresholdsFailed => "thresholds-failed",
            Figure::Subjects => "subjects",
        }
    }

    /// What it counts.
    pub const fn unit(self) -> Unit {
        match self {
            Figure::PassedRatio
            | Figure::LineRatio
            | Figure::BranchRatio
            | Figure::FunctionRatio
            | Figure::FailedRatio => Unit::Ratio,
            Figure::P95Seconds => Unit::Seconds,
            _ => Unit::Count,
        }
    }
}
