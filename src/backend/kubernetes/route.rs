//! What shares out the traffic of a service: a route of the Gateway API, or a virtual service of Istio.
//!
//! What is written there is one thing, and what a gateway has taken of it another: only what it says that it has
//! taken is live (`stand`). Weights are read in one place (`shares`).

pub mod act;
pub mod plan;
pub mod row;
pub mod shares;
pub mod stand;
mod writers;

/// A kind of object that shares traffic out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteKind {
    /// The Gateway API's, for HTTP.
    Http,
    /// The Gateway API's, for gRPC.
    Grpc,
    /// Istio's.
    Virtual,
}

/// What shares out the traffic of a service; it lies where the service lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// What it is.
    pub kind: RouteKind,
    /// Its name.
    pub name: String,
    /// Which of its backends is given traffic by hand; none is where that is not declared.
    pub canary: Option<String>,
}

impl RouteKind {
    /// Every kind.
    pub const ALL: [RouteKind; 3] = [RouteKind::Http, RouteKind::Grpc, RouteKind::Virtual];

    /// The kind as files and people write it.
    pub const fn word(self) -> &'static str {
        match self {
            RouteKind::Http => "httproute",
            RouteKind::Grpc => "grpcroute",
            RouteKind::Virtual => "virtualservice",
        }
    }

    /// The kind as paths of the API write it.
    pub const fn resource(self) -> &'static str {
        match self {
            RouteKind::Http => "httproutes",
            RouteKind::Grpc => "grpcroutes",
            RouteKind::Virtual => "virtualservices",
        }
    }
}

impl Route {
    /// Reads the part of a scope behind its `>`: `kind/name`, and `=canary` where one is declared.
    pub fn read(text: &str) -> Option<Self> {
        let (at, canary) = match text.split_once('=') {
            Some((at, canary)) => (at, Some(canary.to_owned())),
            None => (text, None),
        };
        let (kind, name) = at.split_once('/')?;
        let kind = RouteKind::ALL.into_iter().find(|known| known.word() == kind)?;
        Some(Self { kind, name: name.to_owned(), canary })
    }

    /// As people write it: `httproute web`.
    pub fn words(&self) -> String {
        format!("{} {}", self.kind.word(), self.name)
    }
}
