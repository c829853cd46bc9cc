//! Answers that come in pages: by `Link` or by number, so many and no more.
//! A list that was cut says so: what is missing from it is unknown.

use super::super::Fault;
use super::answer::Answer;
use super::client::Client;
use super::link;
use super::request::Request;
use super::said::lost;

/// The most pages that are read of one list.
const MOST: usize = 50;

/// The pages of a list.
#[derive(Debug)]
pub struct Pages {
    /// The pages in order.
    pub pages: Vec<Answer>,
    /// Whether there were more than are read: what is missing is unknown, not absent.
    pub cut: bool,
}

/// Reads a list whose pages name the next one in `Link`; one that leads to another host is a fault.
///
/// # Errors
/// As [`Client::read`]; of a list that cannot be read whole nothing is given.
pub async fn by_link(client: &Client, request: Request) -> Result<Pages, Fault> {
    let mut pages = Vec::new();
    let mut request = request;
    loop {
        let answer = client.read(&request).await?;
        let next = answer.header("link").and_then(link::next).map(|next| below(client, next)).transpose()?;
        pages.push(answer);
        let Some(next) = next else { return Ok(Pages { pages, cut: false }) };
        if pages.len() >= MOST {
            return Ok(Pages { pages, cut: true });
        }
        request = Request { path: next, query: Vec::new(), ..request };
    }
}

/// Reads a list by the number of its page, from 1, until `full` says that a page was not.
///
/// # Errors
/// As [`Client::read`].
pub async fn by_number(
    client: &Client,
    request: &Request,
    parameter: &str,
    full: impl Fn(&Answer) -> bool,
) -> Result<Pages, Fault> {
    let mut pages = Vec::new();
    while pages.len() < MOST {
        let answer = client.read(&request.clone().with(parameter, (pages.len() + 1).to_string())).await?;
        let last = !full(&answer);
        pages.push(answer);
        if last {
            return Ok(Pages { pages, cut: false });
        }
    }
    Ok(Pages { pages, cut: true })
}

/// The path of a link below the client's address: a token is not sent anywhere else.
fn below(client: &Client, next: &str) -> Result<String, Fault> {
    let path = if next.starts_with('/') { Some(next) } else { None };
    let within = || next.strip_prefix(client.origin()).filter(|rest| rest.starts_with('/'));
    let prefix = client.prefix();
    let path = path.or_else(within).and_then(|path| path.strip_prefix(prefix));
    path.map(str::to_owned).ok_or_else(|| lost(format!("the next page of {} lies elsewhere", client.origin())))
}
