//! A device on the network: its listener, and the handle by which it is watched and changed.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use russh::server::run_stream;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    connection::Connection,
    device::Device,
    dice::Dice,
    fault::{Fault, Faults},
    gate::{Gate, Switch},
    https,
    identity::Identity,
    seen::Seen,
    state::State,
    telnet,
};
use crate::domain::{device::Transport, failure::Stage};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// A device that is up. Dropping this stops it: connections are closed and nobody listens any more.
pub struct Running {
    state: Arc<State>,
    address: SocketAddr,
    _stop: DropGuard,
}

/// Puts `device` on the network. `listen` may have port 0 for any free one.
///
/// Must be called inside a Tokio runtime; the device lives on that runtime's tasks.
pub async fn start(device: Device, listen: SocketAddr) -> io::Result<Running> {
    let state = Arc::new(State::new(device)?);
    let (socket, address) = bind(listen).await?;
    let stop = CancellationToken::new();
    let port = Port { state: Arc::clone(&state), address, stop: stop.clone() };
    let stopped = stop.clone();
    let door = port.open(socket).await?;
    tokio::spawn(async move {
        tokio::select! {
            () = stopped.cancelled() => {}
            result = port.serve(door) => if let Err(error) = result {
                tracing::warn!(%address, %error, "simulated device stopped");
            },
        }
    });
    Ok(Running { state, address, _stop: stop.drop_guard() })
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The device as it was started.
    pub fn device(&self) -> &Device {
        &self.state.device
    }

    /// `SHA256:…` of the host key that the next connection is shown; empty if no key could be made.
    pub fn host_key_fingerprint(&self) -> String {
        self.state.identity().map(|identity| identity.fingerprint()).unwrap_or_default()
    }

    /// What happened so far.
    pub fn seen(&self) -> Seen {
        self.state.counters.seen()
    }

    /// Changes the configuration, from the next fetch on.
    pub fn set_config(&self, text: &str) {
        self.state.set_configuration(text);
    }

    /// The configuration without the lines that move at every fetch.
    pub fn config(&self) -> Arc<str> {
        self.state.configuration()
    }

    /// Gives the device another host key, from the next connection on.
    pub fn replace_host_key(&self, identity: Identity) {
        self.state.replace_identity(identity);
    }

    /// Changes what is wrong with the device, from the next connection or command on.
    pub fn set_faults(&self, faults: impl Into<Faults>) {
        self.state.set_faults(faults.into());
    }

    /// Repairs the device.
    pub fn clear_faults(&self) {
        self.state.set_faults(Faults::none());
    }
}

/// Takes the address without listening on it: connections are refused until somebody does.
async fn bind(listen: SocketAddr) -> io::Result<(TcpSocket, SocketAddr)> {
    let mut tries = 0;
    loop {
        let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        match socket.bind(listen) {
            Ok(()) => {
                let address = socket.local_addr()?;
                return Ok((socket, address));
            }
            Err(error) if tries >= 20 => return Err(error),
            Err(_) => tries += 1,
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// What a port does to those who knock.
enum Door {
    /// Nobody listens; the socket keeps the port ours.
    Refusing(#[expect(dead_code, reason = "holds the port")] TcpSocket),
    /// The queue is full, so the operating system answers nothing.
    Silent(
        #[expect(dead_code, reason = "holds the queue")] TcpListener,
        #[expect(dead_code, reason = "fills the queue")] Vec<TcpStream>,
    ),
    /// Everybody gets in.
    Open(TcpListener),
}

/// The listening side of one device.
struct Port {
    state: Arc<State>,
    address: SocketAddr,
    stop: CancellationToken,
}

impl Port {
    async fn open(&self, socket: TcpSocket) -> io::Result<Door> {
        let faults = self.state.faults();
        if faults.has(&Fault::Refuse) {
            return Ok(Door::Refusing(socket));
        }
        if !faults.stalls_at(Stage::Connect) {
            return Ok(Door::Open(socket.listen(BACKLOG)?));
        }
        let listener = socket.listen(1)?;
        let mut queue = Vec::new();
        while let Ok(Ok(stream)) = timeout(Duration::from_millis(50), TcpStream::connect(self.address)).await
        {
            queue.push(stream);
            if queue.len() > 16 {
                break;
            }
        }
        Ok(Door::Silent(listener, queue))
    }

    async fn serve(&self, mut door: Door) -> io::Result<()> {
        let mut changes = self.state.watch_faults();
        loop {
            match &door {
                Door::Refusing(_) | Door::Silent(..) => {
                    let _ = changes.changed().await;
                }
                Door::Open(listener) => tokio::select! {
                    _ = changes.changed() => {}
                    accepted = listener.accept() => {
                        match accepted {
                            Ok((stream, _)) => {
                                // russh sets this only on sockets that it opens itself.
                                let _ = stream.set_nodelay(true);
                                self.welcome(stream);
                            }
                            Err(error) => {
                                tracing::debug!(%error, "accept");
                                sleep(Duration::from_millis(20)).await;
                            }
                        }
                        continue;
                    }
                },
            }
            let faults = self.state.faults();
            let stays = matches!(
                (&door, faults.has(&Fault::Refuse), faults.stalls_at(Stage::Connect)),
                (Door::Refusing(_), true, _)
                    | (Door::Silent(..), false, true)
                    | (Door::Open(_), false, false)
            );
            if !stays {
                drop(door);
                door = self.open(bind(self.address).await?.0).await?;
            }
        }
    }

    /// Starts the talk on a new connection.
    fn welcome(&self, stream: TcpStream) {
        let switch = Switch::under(&self.stop);
        let gate = Gate::new(stream, &switch, Arc::clone(&self.state.counters));
        let state = Arc::clone(&self.state);
        tokio::spawn(async move {
            let faults = state.faults();
            if faults.has(&Fault::Flap) {
                flap(&switch);
            }
            let is_https = state.device.transport == Transport::Https;
            if faults.stalls_at(Stage::Banner) || (is_https && faults.stalls_at(Stage::KeyExchange)) {
                silence(gate, "").await;
            } else if state.device.transport == Transport::Telnet {
                let ended = telnet::talk(state, &switch, gate).await;
                tracing::trace!(?ended, "simulated session over");
            } else if is_https {
                let ended = https::talk(state, &switch, gate).await;
                tracing::trace!(?ended, "simulated session over");
            } else if faults.stalls_at(Stage::KeyExchange) {
                silence(gate, state.greeting()).await;
            } else {
                let peer = talk(state, &switch, gate).await;
                tracing::trace!(?peer, "simulated session over");
            }
            switch.close();
        });
    }
}

async fn talk(state: Arc<State>, switch: &Switch, gate: Gate) -> Result<(), russh::Error> {
    let settings = state.settings()?;
    let connection = Connection::new(state, switch.clone());
    run_stream(settings, gate, connection).await?.await
}

/// Says `greeting` and then nothing until the other side goes away.
async fn silence(mut gate: Gate, greeting: &str) {
    if !greeting.is_empty() && gate.write_all(format!("{greeting}\r\n").as_bytes()).await.is_err() {
        return;
    }
    let mut ignored = [0; 1024];
    while gate.read(&mut ignored).await.is_ok_and(|count| count > 0) {}
}

/// Drops every second connection within its first 300 milliseconds.
fn flap(switch: &Switch) {
    let mut dice = Dice::unpredictable();
    if dice.below(2) == 0 {
        let switch = switch.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(dice.below(300))).await;
            switch.close();
        });
    }
}
