//! What is cut off, forged, huge or of another format gives no number, and never a panic.

use super::{SAMPLES, sample};
use holdpoint::backend::probe::report::{Said, read};
use holdpoint::domain::result_file::{Figure, Format};

fn taken(format: Format, figure: Figure, bytes: impl AsRef<[u8]>) -> Result<f64, String> {
    read(format, figure, bytes.as_ref()).map(|said| said.value)
}

#[test]
fn a_file_that_was_cut_off_gives_no_number() {
    for (name, format) in SAMPLES {
        let whole = sample(name);
        for figure in format.figures() {
            let all = read(format, *figure, &whole).unwrap();
            let mut short = 0;
            for cut in 0..whole.len() {
                let Ok(said) = read(format, *figure, &whole[..cut]) else { continue };
                if whole[cut..].iter().all(u8::is_ascii_whitespace) && said == all {
                    continue;
                }
                // Of what is a list of lines nothing says how many there should be: it rests on fewer, for `min_events`.
                assert!(matches!(name, "lcov.info" | "jmeter.csv"), "{name} {figure:?} cut at {cut}: {said:?}");
                assert!(
                    said.events < all.events && whole[..cut].trim_ascii_end().len() < cut.max(1) + 1,
                    "{name} {cut}"
                );
                assert!(ends_a_line(&whole, cut), "{name} {figure:?} cut within a line at {cut}");
                short += 1;
            }
            let lines = whole.iter().filter(|byte| **byte == b'\n').count();
            assert!(short <= lines + 1, "{name}");
        }
    }
}

/// Whether nothing of a line is lost that is not lost whole, but for its end.
fn ends_a_line(whole: &[u8], cut: usize) -> bool {
    cut == 0 || whole[cut - 1] == b'\n' || whole[cut] == b'\n'
}

#[test]
fn no_byte_in_the_wrong_place_makes_it_panic() {
    for (name, format) in SAMPLES {
        let whole = sample(name);
        for at in 0..whole.len() {
            for byte in [b'<', b'"', b'{', b'9', b',', b'\n', 0, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                for figure in format.figures() {
                    if let Ok(Said { value, .. }) = read(format, *figure, &bytes) {
                        assert!(value.is_finite() && value >= 0.0, "{name} {at} {byte}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_file_of_another_format_is_none_of_this() {
    for (name, real) in SAMPLES {
        for format in Format::ALL.into_iter().filter(|format| *format != real) {
            for figure in format.figures() {
                let why = read(format, *figure, &sample(name)).unwrap_err();
                assert!(why.contains("; "), "what is to be done? {why}");
            }
        }
    }
}

#[test]
fn what_is_no_text_or_in_another_encoding_is_refused() {
    let utf16: Vec<u8> =
        "\u{feff}<testsuite><testcase/></testsuite>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><testsuite><testcase name=\"caf\xe9\"/></testsuite>";
    for bytes in [b"".as_slice(), b" \n", b"\0\0\0", &utf16, latin, b"PK\x03\x04"] {
        for format in Format::ALL {
            assert!(taken(format, format.figures()[0], bytes).is_err(), "{format:?} {bytes:?}");
        }
    }
    let marked = [b"\xef\xbb\xbf".as_slice(), &sample("junit.xml")].concat();
    assert_eq!(taken(Format::Junit, Figure::Failed, marked), Ok(2.0));
}

#[test]
fn nesting_without_end_is_refused_and_not_followed() {
    let deep = "<testsuite>".repeat(300_000);
    assert!(taken(Format::Junit, Figure::Tests, &deep).unwrap_err().contains("nested deeper"));
    let closed = format!("{}<testcase/>{}", "<testsuite>".repeat(5_000), "</testsuite>".repeat(5_000));
    assert!(taken(Format::Junit, Figure::Tests, closed).is_err());
    for open in ["{\"metrics\":", "{\"runs\":["] {
        assert!(taken(Format::K6, Figure::Requests, open.repeat(200_000)).is_err());
    }
    let parts = format!("{}{}", "{\"name\":\"a\",\"components\":[".repeat(4_000), "]}".repeat(4_000));
    let bom = format!("{{\"bomFormat\":\"CycloneDX\",\"components\":[{parts}]}}");
    assert!(taken(Format::Cyclonedx, Figure::Components, bom).is_err());
}

#[test]
fn entities_are_neither_fetched_nor_expanded() {
    let case = "<testcase name=\"a\"/>";
    let declared = format!(
        "<!DOCTYPE testsuite [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><testsuite>{case}&b;</testsuite>"
    );
    assert!(taken(Format::Junit, Figure::Tests, declared).unwrap_err().contains("entities"));
    let unknown = format!("<testsuite>{case}&failures;</testsuite>");
    assert!(taken(Format::Junit, Figure::Tests, unknown).unwrap_err().contains("&failures;"));
    let usual = format!("<testsuite>{case}<system-out>&lt;&#65;&#x42;&amp;</system-out></testsuite>");
    assert_eq!(taken(Format::Junit, Figure::Tests, usual), Ok(1.0));
    // What it would be fetched from answers nobody.
    let external = format!("<!DOCTYPE testsuite SYSTEM \"http://127.0.0.1:9/x.dtd\"><testsuite>{case}</testsuite>");
    assert_eq!(taken(Format::Junit, Figure::Tests, external), Ok(1.0));
}

#[test]
fn a_huge_attribute_is_passed_over() {
    let long = "x".repeat(8 * 1024 * 1024);
    let text = format!("<testsuite><testcase name=\"{long}\"><failure message=\"{long}\"/></testcase></testsuite>");
    assert_eq!(taken(Format::Junit, Figure::Failed, text), Ok(1.0));
    let many: String = (0..100_000).map(|n| format!(" a{n}=\"\"")).collect();
    assert!(taken(Format::Junit, Figure::Tests, format!("<testsuite{many}><testcase/></testsuite>")).is_err());
    let number = format!("<testsuite tests=\"{}\"><testcase/></testsuite>", "9".repeat(400_000));
    assert!(taken(Format::Junit, Figure::Tests, number).unwrap_err().len() < 400);
}

#[test]
fn documents_that_are_not_one_are_refused() {
    let one = "<testsuite><testcase/></testsuite>";
    for text in
        [format!("{one}{one}"), format!("{one}<"), format!("{one} and"), format!("and {one}"), format!("{one}&amp;")]
    {
        assert!(taken(Format::Junit, Figure::Tests, &text).is_err(), "{text}");
    }
    for text in ["<testsuite><testcase></testsuite></testcase>", "<testsuite><testcase/>", "<testsuite tests=1/>"] {
        assert!(taken(Format::Junit, Figure::Tests, text).is_err(), "{text}");
    }
    let k6 = String::from_utf8(sample("k6-export.json")).unwrap();
    assert!(taken(Format::K6, Figure::Requests, k6.clone() + &k6).is_err());
    assert!(taken(Format::K6, Figure::Requests, format!("[{k6}]")).is_err());
}
