//! XML, element by element: whole, one root, no entities but the five that every document has.
//!
//! Nothing is fetched and nothing expanded; a document that declares entities of its own is
//! refused, since what it holds cannot be told without them.

use super::{ANEW, foreign};
use crate::domain::result_file::Format;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// The deepest that elements may be nested.
const DEEPEST: usize = 200;
/// The most attributes that one element may have.
const MOST: usize = 200;
/// The entities that every document has.
const KNOWN: [&str; 5] = ["lt", "gt", "amp", "quot", "apos"];

/// What is met, with the names of the elements it is in, its own last.
pub enum Met<'a> {
    /// An element begins.
    Opens(&'a [String], &'a Tag<'a>),
    /// An element ends.
    Closes(&'a [String]),
}

/// The beginning of an element.
pub struct Tag<'a>(BytesStart<'a>);

/// Goes through a document whose root has one of these names.
pub fn walk(
    text: &str,
    format: Format,
    roots: &[&str],
    mut seen: impl FnMut(Met<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut path, mut roots_seen) = (Vec::<String>::new(), 0);
    loop {
        let event = reader.read_event().map_err(|e| format!("it is no whole XML ({e}); {ANEW}"))?;
        match event {
            Event::Start(start) => {
                let name = start.name().0.to_owned();
                if path.is_empty() {
                    roots_seen += 1;
                    if roots_seen > 1 {
                        return Err(format!("it holds several documents; {ANEW}"));
                    }
                    if !roots.contains(&name.as_str()) {
                        return Err(foreign(
                            format,
                            &format!("it begins with <{name}>, not with <{}>", roots.join("> or <")),
                        ));
                    }
                }
                path.push(name);
                if path.len() > DEEPEST {
                    return Err(foreign(format, &format!("its elements are nested deeper than {DEEPEST}")));
                }
                seen(Met::Opens(&path, &Tag(start)))?;
            }
            Event::End(_) => {
                seen(Met::Closes(&path))?;
                path.pop();
            }
            Event::Text(text) if path.is_empty() && !text.trim().is_empty() => {
                return Err(foreign(format, "it holds text beside its root"));
            }
            Event::CData(_) if path.is_empty() => return Err(foreign(format, "it holds text beside its root")),
            Event::GeneralRef(name) if !(name.is_char_ref() || KNOWN.contains(&&*name)) || path.is_empty() => {
                return Err(format!("it rests on the entity &{};, which is not looked up; {ANEW}", &*name));
            }
            Event::DocType(declared) if declared.contains('[') => {
                return Err(foreign(format, "it declares entities of its own"));
            }
            Event::Eof if path.is_empty() && roots_seen == 1 => return Ok(()),
            Event::Eof if roots_seen == 0 => return Err(foreign(format, "it holds no XML element")),
            Event::Eof => return Err(format!("it ends within <{}>; {ANEW}", path.join("> <"))),
            _ => {}
        }
    }
}

impl Tag<'_> {
    /// An attribute; `None` where it is missing.
    pub fn text(&self, name: &str) -> Result<Option<String>, String> {
        let mut found = None;
        for (nth, attribute) in self.0.attributes().with_checks(false).enumerate() {
            let attribute = attribute.map_err(|e| format!("an attribute cannot be read ({e}); {ANEW}"))?;
            if nth >= MOST {
                return Err(format!("an element has more than {MOST} attributes; {ANEW}"));
            }
            if attribute.key.0 == name && found.replace(attribute.value.trim().to_owned()).is_some() {
                return Err(format!("it says {name} twice; {ANEW}"));
            }
        }
        Ok(found)
    }

    /// An attribute that is a whole number.
    pub fn count(&self, name: &str) -> Result<Option<u64>, String> {
        self.text(name)?.map(|text| text.parse().map_err(|_| wrong(name, &text))).transpose()
    }

    /// An attribute that is a share.
    pub fn share(&self, name: &str) -> Result<Option<f64>, String> {
        let share = |text: String| {
            let number = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
            number.ok_or_else(|| wrong(name, &text))
        };
        self.text(name)?.map(share).transpose()
    }
}

fn wrong(name: &str, text: &str) -> String {
    let text: String = text.chars().take(40).collect();
    format!("its {name} {text:?} is no such number; {ANEW}")
}
