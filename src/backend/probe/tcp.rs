//! Connecting to `host:port`: 1 when it accepts, 0 when it does not.
//!
//! Only what the other side can be blamed for is 0. A name that cannot be
//! looked up, or a network that is not there, is our trouble and no reading.

use std::io::{Error, ErrorKind};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Connects and hangs up.
pub async fn connect(address: &str, limit: Duration) -> Result<f64, String> {
    match timeout(limit, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(1.0),
        Ok(Err(error)) if is_down(&error) => Ok(0.0),
        Ok(Err(error)) => Err(format!("cannot connect to {address}: {error}")),
        Err(_) => Ok(0.0),
    }
}

/// Whether an error of the network says that the other side does not answer.
pub fn is_down(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::TimedOut
    )
}
