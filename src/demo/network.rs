//! Ports of the estate: opened by the supervisor, free ones, and handed to the
//! processes that serve behind them. The supervisor keeps those of routers, so
//! that a router that ends and comes back has the same one.

use super::failure::Failure;
use super::live::Ports;
use super::place::Place;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};

/// The listeners that stay for the estate's life.
#[derive(Debug)]
pub struct Network {
    /// The front door's.
    pub front: TcpListener,
    /// The routers'.
    pub routers: BTreeMap<Place, TcpListener>,
}

impl Network {
    /// Opens all of them.
    pub fn open() -> Result<Self, Failure> {
        let routers = Place::all().into_iter().map(|place| Ok((place, listener()?)));
        Ok(Self { front: listener()?, routers: routers.collect::<Result<_, Failure>>()? })
    }

    /// Their ports.
    pub fn ports(&self) -> Result<Ports, Failure> {
        let routers = self.routers.iter().map(|(place, listener)| Ok((place.clone(), port(listener)?)));
        Ok(Ports { front: port(&self.front)?, routers: routers.collect::<Result<_, Failure>>()? })
    }
}

/// A listener on a free port of loopback.
pub fn listener() -> Result<TcpListener, Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Failure::io("cannot listen on loopback"))
}

/// The port of a listener.
pub fn port(listener: &TcpListener) -> Result<u16, Failure> {
    Ok(listener.local_addr().map_err(Failure::io("cannot tell a listener's port"))?.port())
}
