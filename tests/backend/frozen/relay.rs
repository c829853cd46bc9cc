//! A relay of TCP that can freeze: every connection stays open, new ones are taken, and nothing
//! comes through any more in either direction.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch::{Receiver, Sender, channel};

/// A running relay. Dropping it cuts everything.
pub struct Relay {
    pub address: SocketAddr,
    frozen: Sender<bool>,
}

impl Relay {
    pub async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (frozen, told) = channel(false);
        tokio::spawn(async move {
            let mut over = told.clone();
            loop {
                let taken = tokio::select! { taken = listener.accept() => taken, () = gone(&mut over) => return };
                let (Ok((near, _)), Ok(far)) = (taken, TcpStream::connect(to).await) else { continue };
                let ((from, back), (answer, on)) = (near.into_split(), far.into_split());
                tokio::spawn(pass(from, on, told.clone()));
                tokio::spawn(pass(answer, back, told.clone()));
            }
        });
        Self { address, frozen }
    }

    /// From now on nothing comes through.
    pub fn freeze(&self) {
        self.frozen.send_replace(true);
    }
}

/// Waits until the relay is dropped.
async fn gone(told: &mut Receiver<bool>) {
    while told.changed().await.is_ok() {}
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut told: Receiver<bool>) {
    let (mut piece, mut over) = (vec![0; 16 * 1024], told.clone());
    loop {
        let read = from.read(&mut piece);
        let read = tokio::select! { read = read => read.unwrap_or(0), () = gone(&mut over) => return };
        if *told.borrow() {
            // An end is no news either.
            return gone(&mut told).await;
        }
        if read == 0 || to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}
