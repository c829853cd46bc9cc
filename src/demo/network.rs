//! Ports of the estate: opened by the supervisor, free ones, and handed to the
//! processes that serve behind them. The supervisor keeps those of routers, so
//! that a router that ends and comes back has the same one.

use super::failure::Failure;
use super::live::Ports;
use super::monitors::Monitors;
use super::place::Place;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use tokio::net::TcpSocket;

/// The listeners that stay for the estate's life.
#[derive(Debug)]
pub struct Network {
    /// The front door's.
    pub front: TcpListener,
    /// The routers'.
    pub routers: BTreeMap<Place, TcpListener>,
    /// Prometheus's, where there is one.
    pub prometheus: Option<Reserved>,
    /// Alertmanager's, where there is one.
    pub alertmanager: Option<Reserved>,
}

/// A port that nobody else is given: bound, and never listened on. A program that opens
/// its own listener and allows addresses to be used again, as these do, can serve on it.
#[derive(Debug)]
pub struct Reserved {
    /// The port.
    pub port: u16,
    _socket: TcpSocket,
}

impl Network {
    /// Opens all of them.
    pub fn open(monitors: Option<&Monitors>) -> Result<Self, Failure> {
        let routers = Place::all().into_iter().map(|place| Ok((place, listener()?)));
        let alertmanager = monitors.and_then(|monitors| monitors.alertmanager.as_ref());
        Ok(Self {
            front: listener()?,
            routers: routers.collect::<Result<_, Failure>>()?,
            prometheus: monitors.map(|_| Reserved::new()).transpose()?,
            alertmanager: alertmanager.map(|_| Reserved::new()).transpose()?,
        })
    }

    /// Their ports.
    pub fn ports(&self) -> Result<Ports, Failure> {
        let routers = self.routers.iter().map(|(place, listener)| Ok((place.clone(), port(listener)?)));
        Ok(Ports {
            front: port(&self.front)?,
            routers: routers.collect::<Result<_, Failure>>()?,
            prometheus: self.prometheus.as_ref().map(|reserved| reserved.port),
            alertmanager: self.alertmanager.as_ref().map(|reserved| reserved.port),
        })
    }
}

impl Reserved {
    fn new() -> Result<Self, Failure> {
        let attempt = "cannot reserve a port on loopback";
        let socket = TcpSocket::new_v4().map_err(Failure::io(attempt))?;
        socket.set_reuseaddr(true).map_err(Failure::io(attempt))?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(Failure::io(attempt))?;
        let port = socket.local_addr().map_err(Failure::io(attempt))?.port();
        Ok(Self { port, _socket: socket })
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
