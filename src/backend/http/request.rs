//! What is asked: a value, without the address and the token of the host.
//! Nothing secret is in it.

use reqwest::Method;
use std::time::Duration;

/// How long a request may take when nothing says otherwise.
const LIMIT: Duration = Duration::from_secs(10);
/// How large an answer may be when nothing says otherwise, in bytes after decompression.
const LARGEST: usize = 8 * 1024 * 1024;

/// One request to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// The path below the endpoint's address, beginning with a slash.
    pub path: String,
    /// The query, unencoded.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// How long one try may take in all.
    pub limit: Duration,
    /// How many bytes of an answer are taken; of a stream, how many a line may have.
    pub largest: usize,
    /// What it is to be answered in.
    pub accept: &'static str,
    /// Whether it is only nice to have: then it is tried once, and a failure of it says nothing of the host.
    pub aside: bool,
    /// Whether what the host says of a no is kept to itself: it may quote an address that is a secret.
    pub quiet: bool,
    /// Whether it may have been done in part when the host says no, as where it runs a script.
    pub piecemeal: bool,
}

/// What a request carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    #[default]
    None,
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
    /// `application/json`.
    Json(serde_json::Value),
}

impl Request {
    /// A `GET`.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, Body::None)
    }

    /// A `POST` of a form: a read where a system takes its questions so, or a mutation.
    pub fn form(path: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::new(Method::POST, path, Body::Form(fields))
    }

    /// A `POST` of JSON.
    pub fn json(path: impl Into<String>, value: serde_json::Value) -> Self {
        Self::new(Method::POST, path, Body::Json(value))
    }

    /// Any request.
    pub fn new(method: Method, path: impl Into<String>, body: Body) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            body,
            limit: LIMIT,
            largest: LARGEST,
            accept: "application/json",
            aside: false,
            quiet: false,
            piecemeal: false,
        }
    }

    /// With one more pair in its query.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }
}
