//! A condition: one expression of CEL over what is known of a case. The one file that runs the language.
//!
//! It is small by force: no longer than [`LONGEST`] bytes, no deeper than [`DEEPEST`], no list within a list, so that
//! it always ends soon. What is not known is absent, and asking for it is an error, which is never taken for *no*.

mod walk;

pub use walk::Seen;

use super::facts::Facts;
use super::memo::Memo;
use super::text::{shortened, visible};
use cel::parser::Parser;
use cel::{Context, Env, ExecutionError, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The longest text of a condition, in bytes.
pub const LONGEST: usize = 2_000;
/// How deeply parts may lie within each other.
pub const DEEPEST: usize = 40;
/// The stack that a text is read on: the reader calls itself.
const STACK: usize = 16 * 1024 * 1024;

/// A condition with what it reads as.
#[derive(Clone, Debug)]
pub struct Condition {
    text: String,
    read: Memo<Result<Arc<cel::IdedExpr>, Wrong>>,
}

/// Why a text is no condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where in the text, in bytes from its start, where that is known.
    pub at: Option<usize>,
    /// What is wrong.
    pub what: String,
}

impl Condition {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read(text: &str) -> Result<Self, Wrong> {
        let condition = Self::unread(text.to_owned());
        condition.expression().map(drop)?;
        Ok(condition)
    }

    fn unread(text: String) -> Self {
        Self { text, read: Memo::default() }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it asks for, and which values it names.
    pub fn seen(&self) -> Seen {
        self.expression().map(|read| walk::seen(&read)).unwrap_or_default()
    }

    /// Whether it holds by these facts.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn holds(&self, facts: &Asked<'_>) -> Result<bool, String> {
        match self.value(facts)? {
            Value::Bool(yes) => Ok(yes),
            _ => Err("it is neither true nor false".to_owned()),
        }
    }

    /// What it is by these facts, in words.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub fn words(&self, facts: &Asked<'_>) -> Result<String, String> {
        self.value(facts).map(|value| super::facts::words(&value))
    }

    fn value(&self, facts: &Asked<'_>) -> Result<Value, String> {
        let read = self.expression().map_err(|wrong| wrong.what)?;
        facts.0.resolve(&read).map_err(|error| told(&error))
    }

    fn expression(&self) -> Result<Arc<cel::IdedExpr>, Wrong> {
        self.read.get(|| read(&self.text)).clone()
    }
}

/// Facts made ready to be asked.
pub struct Asked<'a>(Context<'a, 'a>);

impl Facts {
    /// Makes them ready to be asked, which is done once for several conditions.
    pub fn ask(&self) -> Asked<'static> {
        static ENV: OnceLock<Arc<Env>> = OnceLock::new();
        let mut context = Context::with_env(ENV.get_or_init(|| Arc::new(Env::stdlib())).clone());
        for (name, value) in self.each() {
            context.add_variable_from_value(name.clone(), value.clone());
        }
        Asked(context)
    }
}

fn read(text: &str) -> Result<Arc<cel::IdedExpr>, Wrong> {
    let wrong = |what: String| Wrong { at: None, what };
    if text.trim().is_empty() {
        return Err(wrong("the condition is empty".to_owned()));
    }
    if text.len() > LONGEST {
        return Err(wrong(format!("the condition is {} bytes long, and {LONGEST} is the most", text.len())));
    }
    let owned = text.to_owned();
    let reader = std::thread::Builder::new().stack_size(STACK).spawn(move || parsed(&owned));
    let reader = reader.map_err(|e| wrong(format!("the condition could not be read: {e}")))?;
    reader.join().map_err(|_| wrong("the condition cannot be read".to_owned()))?
}

fn parsed(text: &str) -> Result<Arc<cel::IdedExpr>, Wrong> {
    let most = u16::try_from(DEEPEST).unwrap_or(u16::MAX);
    let read = Parser::new().max_recursion_depth(most).parse(text).map_err(|errors| of_first(text, &errors))?;
    walk::bounded(&read).map_err(|what| Wrong { at: None, what })?;
    Ok(Arc::new(read))
}

/// The first mistake of a text; the others mostly follow from it.
fn of_first(text: &str, errors: &cel::ParseErrors) -> Wrong {
    let Some(first) = errors.errors.first() else {
        return Wrong { at: None, what: "the condition cannot be read".to_owned() };
    };
    let line = usize::try_from(first.pos.0).unwrap_or(1).max(1);
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(before..).unwrap_or_default();
    let column = usize::try_from(first.pos.1).unwrap_or(1).max(1);
    let within = rest.char_indices().nth(column - 1).map_or(rest.trim_end().len(), |(at, _)| at);
    let said = first.msg.lines().next().unwrap_or_default();
    if said.contains("ecursion limit") {
        return Wrong { at: Some(before + within), what: walk::TOO_DEEP.to_owned() };
    }
    let said = said.split(" expecting ").next().unwrap_or_default().trim_start_matches("Syntax error: ");
    Wrong { at: Some(before + within), what: format!("no condition: {}", shortened(&visible(said), 120)) }
}

/// Why something cannot be told, without the values, which may be long.
fn told(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(name) | ExecutionError::UndeclaredReference(name) => {
            format!("{} is not known", visible(name))
        }
        ExecutionError::ValuesNotComparable(..) | ExecutionError::NoSuchOverload(_) => {
            "it compares what cannot be compared".to_owned()
        }
        other => shortened(&visible(&other.to_string()), 120),
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Condition {}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Condition {
    /// What a journal holds is read again when it is asked; what cannot be read then cannot be told.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::unread)
    }
}
