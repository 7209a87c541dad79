//! A log server on loopback that takes syslog messages as frames counted in bytes (RFC 6587, 3.4.1), over TLS (RFC 5425) or
//! without, and as datagrams (RFC 5426), and keeps them.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::{TcpListener, TcpStream, UdpSocket},
};
use tokio_rustls::TlsAcceptor;

/// The server; it goes with the test.
#[derive(Clone)]
pub struct LogServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its certificate, made by itself, in PEM; empty without TLS.
    pub certificate: String,
    taken: Arc<Mutex<Vec<String>>>,
    resets: Arc<AtomicBool>,
    acceptor: Option<TlsAcceptor>,
}

impl LogServer {
    /// Starts one that takes frames without encryption.
    pub async fn tcp() -> Self {
        Self::listen(None, String::new()).await
    }

    /// Starts one that takes frames over TLS only.
    pub async fn tls() -> Self {
        let (acceptor, certificate) = super::tls::acceptor();
        Self::listen(Some(acceptor), certificate).await
    }

    /// Starts one that takes datagrams.
    pub async fn udp() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = Self::new(socket.local_addr().unwrap(), None, String::new());
        let own = server.clone();
        tokio::spawn(async move {
            let mut datagram = vec![0; 70_000];
            while let Ok(length) = socket.recv(&mut datagram).await {
                own.keep(&datagram[..length]);
            }
        });
        server
    }

    fn new(address: SocketAddr, acceptor: Option<TlsAcceptor>, certificate: String) -> Self {
        Self { address, certificate, taken: Arc::default(), resets: Arc::default(), acceptor }
    }

    async fn listen(acceptor: Option<TlsAcceptor>, certificate: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self::new(listener.local_addr().unwrap(), acceptor, certificate);
        let own = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(own.clone().serve(stream));
            }
        });
        server
    }

    /// The messages that came so far.
    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }

    /// What the messages say, as JSON.
    pub fn told(&self) -> Vec<serde_json::Value> {
        let json = |message: &String| serde_json::from_str(&message[message.find('{').unwrap()..]).unwrap();
        self.taken().iter().map(json).collect()
    }

    /// Breaks every connection off at its first byte from now on, or no more.
    pub fn reset(&self, is: bool) {
        self.resets.store(is, Ordering::SeqCst);
    }

    fn keep(&self, message: &[u8]) {
        self.taken.lock().unwrap().push(String::from_utf8(message.to_vec()).unwrap());
    }

    async fn serve(self, mut stream: TcpStream) {
        if self.resets.load(Ordering::SeqCst) {
            stream.read_exact(&mut [0; 1]).await.ok();
            // Closed with a reset, because there is more to read (RFC 1122, 4.2.2.13).
            return;
        }
        match &self.acceptor {
            None => self.frames(stream).await,
            // Whoever does not trust the certificate leaves here.
            Some(acceptor) => {
                if let Ok(stream) = acceptor.accept(stream).await {
                    self.frames(stream).await;
                }
            }
        }
    }

    async fn frames(&self, mut stream: impl AsyncRead + Unpin) {
        loop {
            let mut length = String::new();
            while let Ok(byte) = stream.read_u8().await {
                match byte {
                    b' ' => break,
                    digit => length.push(char::from(digit)),
                }
            }
            let Ok(length) = length.parse::<usize>() else { return };
            let mut message = vec![0; length];
            if stream.read_exact(&mut message).await.is_err() {
                return;
            }
            self.keep(&message);
        }
    }
}
