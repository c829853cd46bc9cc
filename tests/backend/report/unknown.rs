//! Files that are whole and say nothing: nothing was looked at, or not all of it is there.

use super::sample;
use holdpoint::backend::probe::report::read;
use holdpoint::domain::result_file::{Figure, Format};

fn taken(format: Format, figure: Figure, text: &str) -> Result<f64, String> {
    read(format, figure, text.as_bytes()).map(|said| said.value)
}

/// A sample with one text of it replaced.
fn with(name: &str, from: &str, to: &str) -> String {
    let text = String::from_utf8(sample(name)).unwrap();
    assert!(text.contains(from), "{from} is not in {name}");
    text.replacen(from, to, 1)
}

#[test]
fn no_test_that_ran_is_neither_well_nor_bad() {
    let none = "<testsuites><testsuite name=\"a\"/></testsuites>";
    let skipped = "<testsuite><testcase><skipped/></testcase></testsuite>";
    for text in [none, skipped] {
        for figure in [Figure::Failed, Figure::PassedRatio] {
            assert!(taken(Format::Junit, figure, text).unwrap_err().contains("nothing is known"));
        }
    }
    assert_eq!(taken(Format::Junit, Figure::Tests, none), Ok(0.0));
    assert_eq!(taken(Format::Junit, Figure::Skipped, skipped), Ok(1.0));
}

#[test]
fn totals_that_say_more_than_the_tests_show() {
    let of = |suite: &str, cases: &str| format!("<testsuite {suite}>{cases}</testsuite>");
    let well = "<testcase/><testcase/>";
    assert_eq!(taken(Format::Junit, Figure::Failed, &of("tests=\"2\"", well)), Ok(0.0));
    for suite in ["tests=\"3\"", "failures=\"1\"", "errors=\"1\"", "failures=\"many\""] {
        assert!(taken(Format::Junit, Figure::Failed, &of(suite, well)).is_err(), "{suite}");
    }
    let nested = format!("<testsuites failures=\"1\">{}</testsuites>", of("", well));
    assert!(taken(Format::Junit, Figure::Failed, &nested).is_err());
}

#[test]
fn tests_that_fail_in_other_ways() {
    let of = |inner: &str| taken(Format::Junit, Figure::Failed, &format!("<testsuite><testcase/>{inner}</testsuite>"));
    assert_eq!(of("<testcase status=\"failed\"/>"), Ok(1.0));
    let told = "<testsuite failures=\"1\"><testcase status=\"failed\"/></testsuite>";
    assert_eq!(taken(Format::Junit, Figure::Failed, told), Ok(1.0));
    assert_eq!(of("<error message=\"broke before any test\"/>"), Ok(1.0));
    assert_eq!(of("<testcase><skipped/><failure/><failure/></testcase>"), Ok(1.0), "one test, whatever it says beside");
    assert_eq!(of("<testcase><flakyFailure/></testcase>"), Ok(0.0), "it passed in the end");
    assert!(of("<testcase><testcase><failure/></testcase></testcase>").is_err());
}

#[test]
fn analysers_that_did_not_look() {
    let errors = |text: &str| taken(Format::Sarif, Figure::Errors, text);
    let failed = with("sarif.json", "\"executionSuccessful\": true", "\"executionSuccessful\": false");
    assert!(errors(&failed).unwrap_err().contains("failed"));
    assert!(errors("{\"version\":\"2.1.0\",\"runs\":[]}").is_err());
    let run = "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"a\"}}REST}]}";
    assert_eq!(errors(&run.replace("REST", ",\"results\":[]")), Ok(0.0));
    assert!(errors(&run.replace("REST", "")).is_err(), "without the list nobody looked");
    assert!(errors(&run.replace("REST", ",\"results\":null")).is_err());
    let elsewhere = ",\"results\":[],\"externalPropertyFileReferences\":{\"results\":[{}]}";
    assert!(errors(&run.replace("REST", elsewhere)).is_err());
    assert!(errors(&with("sarif.json", "2.1.0", "2.0.0")).unwrap_err().contains("2.0.0"));
    assert!(errors(&with("sarif.json", "\"ruleIndex\": 0", "\"ruleIndex\": 7")).is_err());
    let overridden = "\"executionSuccessful\": true, \"ruleConfigurationOverrides\": [{}]";
    assert!(errors(&with("sarif.json", "\"executionSuccessful\": true", overridden)).is_err());
    assert!(errors(&with("sarif.json", "\"level\": \"error\" } }", "\"level\": \"grave\" } }")).is_err());
}

#[test]
fn bills_without_the_list_that_is_asked_for() {
    let bare = "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\"}";
    for figure in Format::Cyclonedx.figures() {
        assert!(taken(Format::Cyclonedx, *figure, bare).is_err(), "{figure:?}");
    }
    let none = "{\"bomFormat\":\"CycloneDX\",\"components\":[],\"vulnerabilities\":[]}";
    assert_eq!(taken(Format::Cyclonedx, Figure::Critical, none), Ok(0.0));
    assert!(taken(Format::Cyclonedx, Figure::Unlicensed, none).is_err());
    let unrated = with("cyclonedx.json", "\"ratings\": [ { \"severity\": \"low\" } ]", "\"ratings\": []");
    assert!(taken(Format::Cyclonedx, Figure::Critical, &unrated).unwrap_err().contains("CVE-2026-0006"));
    assert_eq!(taken(Format::Cyclonedx, Figure::Vulnerabilities, &unrated), Ok(3.0));
    let spdx = "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[]}";
    assert!(taken(Format::Spdx, Figure::Unlicensed, spdx).is_err());
    assert!(taken(Format::Spdx, Figure::Packages, "{\"spdxVersion\":\"SPDX-2.3\"}").is_err());
    assert!(taken(Format::Spdx, Figure::Packages, &with("spdx.json", "SPDX-2.3", "SPDX-3.0")).is_err());
}

#[test]
fn coverage_of_nothing() {
    assert!(taken(Format::Lcov, Figure::LineRatio, "TN:\n").is_err());
    assert!(taken(Format::Lcov, Figure::BranchRatio, "SF:a\nDA:1,1\nend_of_record\n").is_err());
    let uncalled = "SF:a\nFN:1,b\nFN:2,c\nFNDA:3,b\nend_of_record\n";
    assert_eq!(taken(Format::Lcov, Figure::FunctionRatio, uncalled), Ok(0.5));
    assert!(taken(Format::Lcov, Figure::LineRatio, "SF:a\nLF:2\nLH:3\nend_of_record\n").is_err());
    assert!(taken(Format::Lcov, Figure::LineRatio, "SF:a\nDA:1,-1\nend_of_record\n").is_err());
    assert_eq!(taken(Format::Lcov, Figure::LineRatio, "SF:a\r\nLF:2\r\nLH:1\r\nend_of_record\r\n"), Ok(0.5));
    let of = |root: &str| taken(Format::Cobertura, Figure::LineRatio, &format!("<coverage {root}/>"));
    for root in ["", "line-rate=\"1\"", "line-rate=\"1\" lines-valid=\"0\" lines-covered=\"0\"", "line-rate=\"1.7\""] {
        assert!(of(root).is_err(), "{root}");
    }
    assert!(of("lines-valid=\"3\" lines-covered=\"4\"").is_err());
    assert_eq!(of("lines-valid=\"4\" lines-covered=\"3\" line-rate=\"1\""), Ok(0.75));
}

#[test]
fn load_of_nobody() {
    let none = "{\"metrics\":{\"http_reqs\":{\"count\":0},\"http_req_failed\":{\"value\":0,\"passes\":0,\"fails\":0},\
        \"http_req_duration\":{\"p(95)\":0}}}";
    for figure in [Figure::P95Seconds, Figure::FailedRatio, Figure::ThresholdsFailed] {
        assert!(taken(Format::K6, figure, none).unwrap_err().contains("nothing is known"), "{figure:?}");
    }
    assert_eq!(taken(Format::K6, Figure::Requests, none), Ok(0.0));
    let idle = with("k6-export.json", "\"fails\": 0, \"passes\": 400", "\"fails\": 0, \"passes\": 0");
    assert!(taken(Format::K6, Figure::ThresholdsFailed, &idle).unwrap_err().contains("checks"));
    assert!(
        taken(Format::K6, Figure::P95Seconds, &with("k6-handle.json", "\"p(95)\": 311.5", "\"p(99)\": 311.5")).is_err()
    );
    let total = "{\"Total\":{\"sampleCount\":0,\"errorCount\":0,\"pct2ResTime\":0}}";
    assert!(taken(Format::Jmeter, Figure::FailedRatio, total).is_err());
    assert!(taken(Format::Jmeter, Figure::P95Seconds, "elapsed,success\n").is_err());
    let cut = taken(Format::Jmeter, Figure::Requests, "elapsed,success\n1,true\n2,true");
    assert!(cut.unwrap_err().contains("last line is not ended"));
    for csv in [
        "elapsed,success\n1,perhaps\n",
        "elapsed,success\n-1,true\n",
        "elapsed,success\n1\n",
        "elapsed,success\n\"1,true\n",
    ] {
        assert!(taken(Format::Jmeter, Figure::Requests, csv).is_err(), "{csv}");
    }
}

#[test]
fn statements_of_something_else() {
    let subjects = |text: &str| taken(Format::InToto, Figure::Subjects, text);
    assert!(
        subjects(&with("in-toto-statement.json", "slsa.dev/provenance/v0.2", "slsa.dev/verification_summary/v1"))
            .is_err()
    );
    assert!(subjects(&with("in-toto-statement.json", "\"digest\"", "\"digests\"")).is_err());
    assert!(subjects(&with("in-toto-envelope.json", "vnd.in-toto+json", "json")).is_err());
    assert!(subjects(&with("in-toto-envelope.json", "\"payload\": \"", "\"payload\": \"*")).is_err());
    let unsigned = with("in-toto-envelope.json", "[{\"keyid\": \"ci\", \"sig\": \"MEUCIQDx\"}]", "[]");
    assert!(subjects(&unsigned).unwrap_err().contains("nobody signed"));
    let unreadable = with("in-toto-statement.json", "2026-11-20T10:09:00Z", "yesterday");
    assert!(subjects(&unreadable).unwrap_err().contains("yesterday"));
}
