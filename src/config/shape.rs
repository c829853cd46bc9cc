//! Walks a parsed file along its schema and notes every departure from it.
//!
//! It knows JSON Schema's few words that our schemas use and nothing of what a
//! file means; that is `read`. All mistakes are noted, not only the first.

use super::findings::Findings;
use super::nearest;
use super::raw::secret;
use super::source::Source;
use super::words;
use serde_json::{Map, Value};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A schema against which a file is held.
pub struct Shape<'a> {
    /// The whole schema, for its definitions.
    pub root: &'a Value,
    /// The file.
    pub file: &'a Source,
    /// The workspace's zone, for corrections.
    pub here: &'a str,
}

type Keys = Map<String, Value>;

/// What to write in place of a secret.
const SECRET: &str = "say where it is kept: { file = \"…\" } of mode 0600, { command = [\"…\"] } or { env = \"NAME\" }";

impl Shape<'_> {
    /// Notes every mistake in the shape of a file.
    pub fn check(&self, found: &mut Findings, table: &DeTable<'_>) {
        self.table(found, self.root, table, &(0..0));
    }

    /// The schema that a reference stands for.
    fn followed<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let definition = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
        definition.and_then(|path| self.root.pointer(path)).unwrap_or(schema)
    }

    fn value(&self, found: &mut Findings, schema: &Value, value: &Spanned<DeValue<'_>>) {
        let (schema, at) = (self.followed(schema), value.span());
        if !self.type_is_right(found, schema, value) {
            return;
        }
        match value.get_ref() {
            DeValue::String(text) => self.text(found, schema, text, &at),
            DeValue::Array(list) => self.list(found, schema, list, &at),
            DeValue::Table(table) => self.table(found, schema, table, &at),
            DeValue::Boolean(yes) if schema.get("const").is_some_and(|only| only != *yes) => {
                let help = || Some("leave the key out instead".to_owned());
                found.mistake(self.file, &at, "only `true` is possible here", help);
            }
            DeValue::Boolean(_) | DeValue::Datetime(_) => {}
            DeValue::Integer(n) => {
                let number = i128::from_str_radix(n.as_str(), n.radix()).ok().filter(|n| i64::try_from(*n).is_ok());
                self.number(found, schema, number.map(|n| n as f64), &at);
            }
            DeValue::Float(n) => self.number(found, schema, n.as_str().parse().ok(), &at),
        }
    }

    fn type_is_right(&self, found: &mut Findings, schema: &Value, value: &Spanned<DeValue<'_>>) -> bool {
        let is = type_of(value.get_ref());
        let fits = |word: &Value| word == is || (word == "number" && is == "integer");
        let wanted = match schema.get("type") {
            None => return true,
            Some(Value::Array(words)) if words.iter().any(fits) => return true,
            Some(Value::Array(words)) => words.iter().map(called).collect::<Vec<_>>().join(" or "),
            Some(word) if fits(word) => return true,
            Some(word) => called(word).to_owned(),
        };
        let what = format!("expected {wanted}, found {}", called(&Value::from(is)));
        let written = self.file.text.get(value.span()).unwrap_or("").lines().next().unwrap_or("").to_owned();
        // A secret written out must not be printed again: the place is told, not the text.
        if schema.get(words::FORM).and_then(Value::as_str) == Some(secret::FORM) {
            let file = self.file.blotted(value.span());
            found.mistake(&file, &value.span(), "a secret is never written in a file", || Some(SECRET.to_owned()));
            return false;
        }
        found.mistake(self.file, &value.span(), what, || match (wanted.as_str(), is) {
            ("text", "integer" | "number" | "boolean" | "datetime") => {
                Some(format!("write it in quotes: \"{written}\""))
            }
            ("a whole number" | "a number" | "true or false", "string") => {
                let bare = written.trim_matches(['"', '\'']);
                let fits = match wanted.as_str() {
                    "true or false" => matches!(bare, "true" | "false"),
                    _ => bare.parse::<f64>().is_ok(),
                };
                fits.then(|| format!("write it without quotes: {bare}"))
            }
            ("a list", "string") => Some(format!("write it in brackets: [{written}]")),
            _ => None,
        });
        false
    }

    fn text(&self, found: &mut Findings, schema: &Value, text: &str, at: &Range<usize>) {
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            let words = || words.iter().filter_map(Value::as_str);
            if !words().any(|word| word == text) {
                let what = format!("{text:?} is none of the words that are possible here");
                found.mistake(self.file, at, what, || nearest::help(text, "possible are", words()));
            }
        }
        let form = schema.get(words::FORM).and_then(Value::as_str);
        if let Some(Err(wrong)) = form.map(|form| words::check(form, text, self.here)) {
            found.mistake(self.file, at, wrong.what, || wrong.help);
        }
    }

    fn number(&self, found: &mut Findings, schema: &Value, number: Option<f64>, at: &Range<usize>) {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let (low, high) = (bound("minimum"), bound("maximum"));
        let outside = |n: f64| !n.is_finite() || low.is_some_and(|low| n < low) || high.is_some_and(|high| n > high);
        if number.is_none_or(outside) {
            let range = match (low, high) {
                (Some(low), Some(high)) => format!("a number from {low} to {high}"),
                (Some(low), None) => format!("a number from {low} on"),
                (None, Some(high)) => format!("a number up to {high}"),
                (None, None) => "a finite number".to_owned(),
            };
            found.mistake(self.file, at, format!("expected {range}"), || None);
        }
    }

    fn list(&self, found: &mut Findings, schema: &Value, list: &[Spanned<DeValue<'_>>], at: &Range<usize>) {
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        if bound("minItems").is_some_and(|least| list.len() < least) {
            found.mistake(self.file, at, "the list must not be empty", || None);
        }
        if let Some(most) = bound("maxItems").filter(|most| list.len() > *most) {
            let what = format!("{} entries; at most {most} are possible", list.len());
            return found.mistake(self.file, at, what, || Some("split the file".to_owned()));
        }
        if let Some(items) = schema.get("items") {
            list.iter().for_each(|item| self.value(found, items, item));
        }
    }

    fn table(&self, found: &mut Findings, schema: &Value, table: &DeTable<'_>, at: &Range<usize>) {
        let none = Keys::new();
        let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let rule = self.rule_in_force(schema, table);
        let refused = |key: &str| rule.is_some_and(|r| r.refuses(key));
        for (key, value) in table {
            let name: &str = key.get_ref();
            match (known.get(name), schema.get("additionalProperties")) {
                (Some(_), _) if refused(name) => self.foreign(found, rule, name, &key.span()),
                (Some(schema), _) => {
                    self.value(found, schema, value);
                    if let Some(narrower) = rule.and_then(|r| r.then.pointer("/properties")?.get(name)) {
                        self.value(found, narrower, value);
                    }
                }
                (None, Some(any @ Value::Object(_))) => {
                    if let Some(names) = schema.get("propertyNames") {
                        self.text(found, self.followed(names), name, &key.span());
                    }
                    self.value(found, any, value);
                }
                (None, Some(Value::Bool(false))) => {
                    let names = || known.keys().map(String::as_str).filter(|key| !refused(key));
                    let help = || nearest::help(name, "the keys here are", names());
                    found.mistake(self.file, &key.span(), format!("there is no key {name:?} here"), help);
                }
                (None, _) => {}
            }
        }
        self.missing(found, schema, rule, table, at);
        self.counted(found, schema, known, table, at);
    }

    /// The rule of the word that the table's tag has.
    fn rule_in_force<'s>(&self, schema: &'s Value, table: &DeTable<'_>) -> Option<Rule<'s>> {
        let rules = schema.get("allOf")?.as_array()?;
        rules.iter().find_map(|rule| {
            let (tag, word) = rule.pointer("/if/properties")?.as_object()?.iter().next()?;
            let word = word.get("const")?.as_str()?;
            let is = table.get(tag.as_str())?.get_ref().as_str()?;
            (is == word).then_some(Rule { tag, word, then: rule.get("then")? })
        })
    }

    fn foreign(&self, found: &mut Findings, rule: Option<Rule<'_>>, name: &str, at: &Range<usize>) {
        let Some(rule) = rule else { return };
        let what = format!("{name:?} does not belong where {} = {:?}", rule.tag, rule.word);
        found.mistake(self.file, at, what, || Some(format!("remove it, or choose another {}", rule.tag)));
    }

    fn missing(
        &self,
        found: &mut Findings,
        schema: &Value,
        rule: Option<Rule<'_>>,
        table: &DeTable<'_>,
        at: &Range<usize>,
    ) {
        let listed = |value: Option<&Value>| -> Vec<String> {
            let keys = value.and_then(Value::as_array).into_iter().flatten();
            keys.filter_map(Value::as_str).filter(|key| !table.contains_key(*key)).map(str::to_owned).collect()
        };
        for key in listed(schema.get("required")) {
            found.mistake(self.file, at, format!("the key {key:?} is missing"), || None);
        }
        for key in listed(rule.and_then(|rule| rule.then.get("required"))) {
            let why = rule.map_or(String::new(), |rule| format!("; {} = {:?} needs it", rule.tag, rule.word));
            found.mistake(self.file, at, format!("the key {key:?} is missing{why}"), || None);
        }
    }

    fn counted(&self, found: &mut Findings, schema: &Value, known: &Keys, table: &DeTable<'_>, at: &Range<usize>) {
        let one = schema.get("maxProperties").and_then(Value::as_u64) == Some(1);
        if one && table.keys().filter(|key| known.contains_key(key.get_ref().as_ref())).count() != 1 {
            let keys = known.keys().cloned().collect::<Vec<_>>().join(", ");
            let form = schema.get(words::FORM).and_then(Value::as_str);
            let secret = matches!(form, Some(secret::FORM | secret::WRITTEN));
            let help = if secret { SECRET } else { "several conditions are written { all = [ { … }, { … } ] }" };
            found.mistake(self.file, at, format!("expected exactly one of {keys}"), || Some(help.to_owned()));
        }
    }
}

/// What one word of a tag asks for.
#[derive(Clone, Copy)]
struct Rule<'s> {
    tag: &'s str,
    word: &'s str,
    then: &'s Value,
}

impl Rule<'_> {
    fn refuses(&self, key: &str) -> bool {
        self.then.pointer("/properties").and_then(|keys| keys.get(key)) == Some(&Value::Bool(false))
    }
}

fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "datetime",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "object",
    }
}

/// A type as people call it.
fn called(word: &Value) -> &'static str {
    match word.as_str().unwrap_or("") {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "datetime" => "a date without quotes",
        "object" => "a table",
        _ => "something else",
    }
}
