//! The one way adapters speak HTTP: rustls with ring, no redirects, limits on
//! everything, reads tried again within a budget, mutations sent once.
//!
//! It knows no system and no meaning of an answer. What it says of a failure
//! holds no query, no header and no token. A client keeps connections that belong
//! to the runtime which opened them: a watch and each operation open their own,
//! and share what is known of the host through [`Host`].

pub mod answer;
pub mod backoff;
pub mod breaker;
pub mod budget;
pub mod cache;
pub mod certificate;
mod client;
pub mod host;
mod lines;
pub mod open;
pub mod reach;
pub mod recovery;
pub mod request;
pub mod retry_after;
pub mod roots;
mod said;
pub mod standing;
pub mod tries;

pub use answer::Answer;
pub use client::Client;
pub use host::Host;
pub use lines::Lines;
pub use request::{Body, Request};
pub use said::{Reached, reached, why};
