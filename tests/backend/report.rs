//! Result files: the numbers of real-looking ones, hostile ones, and how they are read from disk.

mod figures;
mod files;
mod hostile;
mod unknown;

use holdpoint::domain::result_file::Format;

/// Every sample with its format.
const SAMPLES: [(&str, Format); 13] = [
    ("junit.xml", Format::Junit),
    ("junit-bare.xml", Format::Junit),
    ("sarif.json", Format::Sarif),
    ("cyclonedx.json", Format::Cyclonedx),
    ("spdx.json", Format::Spdx),
    ("lcov.info", Format::Lcov),
    ("cobertura.xml", Format::Cobertura),
    ("cobertura-rates.xml", Format::Cobertura),
    ("k6-export.json", Format::K6),
    ("k6-handle.json", Format::K6),
    ("jmeter-statistics.json", Format::Jmeter),
    ("jmeter.csv", Format::Jmeter),
    ("in-toto-envelope.json", Format::InToto),
];

fn sample(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backend/report/samples").join(name);
    std::fs::read(path).unwrap()
}
