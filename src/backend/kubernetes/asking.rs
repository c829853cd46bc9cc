//! Asks for the Warning events of what is not well: one list of a namespace at a time.
//!
//! It is only nice to have: it is asked once, when the API is well, and its failure is nobody's fault. What may
//! not be read is left alone; `doctor` says which permission is missing.

use super::answer::Unanswered;
use super::ask::encoded;
use super::client::Cluster;
use super::lean;
use super::news::News;
use super::object::text;
use super::place::collection;
use super::rounds::{Rounds, SHARE, Went};
use futures_util::future::{BoxFuture, FutureExt, pending};
use serde_json::Value;
use tokio::time::{Instant, sleep, sleep_until};

/// How many events a page holds.
const PAGE: u32 = 500;
/// How many pages are read of a namespace: what floods it is not read to its end.
const PAGES: usize = 4;

/// A namespace, and what was answered of it.
type Answer = (String, Result<Vec<News>, Unanswered>);

/// Who is asked, and the question that is under way.
#[derive(Default)]
pub struct Asking {
    /// Whose turn it is.
    pub rounds: Rounds,
    under_way: Option<BoxFuture<'static, Answer>>,
}

impl Asking {
    /// What is heard next, and in which namespace; never, where all are well. It may be dropped at any time, and
    /// goes on when it is called again.
    pub async fn next(&mut self, cluster: &Cluster) -> (String, Vec<News>) {
        loop {
            if let Some(under_way) = &mut self.under_way {
                let (namespace, answer) = under_way.await;
                self.under_way = None;
                match answer {
                    Ok(news) => return (namespace, news),
                    Err(error) => self.rounds.went(&namespace, &Went::of(&error)),
                }
                continue;
            }
            let Some((at, namespace)) = self.rounds.next().map(|(at, name)| (at, name.to_owned())) else {
                return pending().await;
            };
            sleep_until(at).await;
            self.rounds.asked(&namespace, Instant::now());
            let cluster = cluster.clone();
            let asked = async move {
                let news = warnings(&cluster, &namespace).await;
                (namespace, news)
            };
            self.under_way = Some(asked.boxed());
        }
    }
}

/// The warnings of a namespace, as far as it is read.
async fn warnings(cluster: &Cluster, namespace: &str) -> Result<Vec<News>, Unanswered> {
    let path = collection(namespace, "events");
    let fields = encoded(&format!("involvedObject.namespace={namespace},type=Warning"));
    let (mut all, mut token) = (Vec::new(), String::new());
    for page in 0..PAGES {
        if page > 0 {
            sleep(SHARE).await;
        }
        let asked = format!("{path}?limit={PAGE}&continue={token}&fieldSelector={fields}");
        let bytes = match cluster.read_aside(&asked).await {
            // What was read is news all the same.
            Err(error) if error.expired() && page > 0 => break,
            bytes => bytes?,
        };
        let said = lean::read(&bytes, lean::page("events"));
        let said = said.map_err(|error| Unanswered::Lost(format!("the answer to {path} is no JSON: {error}")))?;
        all.extend(said.get("items").and_then(Value::as_array).into_iter().flatten().filter_map(News::read));
        token = encoded(text(&said, "/metadata/continue"));
        if token.is_empty() {
            break;
        }
    }
    Ok(all)
}
