//! A mail server on loopback that speaks SMTP (RFC 5321) as far as a sender needs, and keeps what it takes; one of its
//! kinds takes mails only over TLS (RFC 3207), from an account (RFC 4954).

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// A mail as it came.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The address of `MAIL FROM`.
    pub from: String,
    /// The address of `RCPT TO`.
    pub to: String,
    /// Head and body.
    pub text: String,
    /// The account that proved itself, over an encrypted connection.
    pub account: Option<String>,
}

/// What a server with TLS has.
#[derive(Clone)]
struct Secure {
    acceptor: TlsAcceptor,
    /// Name and password, as they travel.
    account: String,
}

/// The server; it goes with the test.
#[derive(Clone)]
pub struct Smtp {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its certificate, made by itself, in PEM; empty without TLS.
    pub certificate: String,
    taken: Arc<Mutex<Vec<Taken>>>,
    heard: Arc<Mutex<Vec<String>>>,
    refuses: Arc<AtomicBool>,
    secure: Option<Secure>,
}

impl Smtp {
    /// Starts one that takes mails from everybody, without encryption.
    pub async fn start() -> Self {
        Self::with(String::new(), None).await
    }

    /// Starts one that takes mails over TLS only, from this account with this password.
    pub async fn secure((name, password): (&str, &str)) -> Self {
        let (acceptor, certificate) = super::tls::acceptor();
        let account = STANDARD.encode(format!("\0{name}\0{password}"));
        Self::with(certificate, Some(Secure { acceptor, account })).await
    }

    async fn with(certificate: String, secure: Option<Secure>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            certificate,
            taken: Arc::default(),
            heard: Arc::default(),
            refuses: Arc::default(),
            secure,
        };
        let own = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(own.clone().serve(stream));
            }
        });
        server
    }

    /// What came so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    /// The lines that came without encryption, so that a test can see what did not.
    pub fn heard_in_clear(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Refuses every recipient from now on, or no more.
    pub fn refuse(&self, is: bool) {
        self.refuses.store(is, Ordering::SeqCst);
    }

    async fn serve(self, stream: TcpStream) {
        let mut plain = BufReader::new(stream);
        plain.write_all(b"220 localhost ESMTP\r\n").await.unwrap();
        let wants_encryption = self.converse(&mut plain, false).await;
        // Whoever does not trust the certificate leaves here.
        if let (true, Some(secure)) = (wants_encryption, &self.secure)
            && let Ok(stream) = secure.acceptor.accept(plain.into_inner()).await
        {
            self.converse(&mut BufReader::new(stream), true).await;
        }
    }

    /// Talks until the end, or until the sender wants encryption.
    async fn converse<S>(&self, stream: &mut BufReader<S>, is_encrypted: bool) -> bool
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut from, mut to, mut account) = (String::new(), String::new(), None);
        while let Some(line) = next_line(stream).await {
            if !is_encrypted {
                self.heard.lock().unwrap().push(line.clone());
            }
            let word = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            let reply = match (word.as_str(), &self.secure) {
                ("EHLO" | "HELO", Some(_)) if !is_encrypted => "250-localhost\r\n250 STARTTLS\r\n",
                ("EHLO" | "HELO", Some(_)) => "250-localhost\r\n250 AUTH PLAIN\r\n",
                ("EHLO" | "HELO", None) => "250-localhost\r\n250 8BITMIME\r\n",
                ("STARTTLS", Some(_)) => {
                    stream.write_all(b"220 go on\r\n").await.ok();
                    return true;
                }
                ("AUTH", Some(secure)) if line.split(' ').nth(2) == Some(&secure.account) => {
                    account = STANDARD
                        .decode(&secure.account)
                        .ok()
                        .and_then(|told| String::from_utf8(told).ok()?.split('\0').nth(1).map(str::to_owned));
                    "235 welcome\r\n"
                }
                ("AUTH", _) => "535 5.7.8 authentication credentials invalid\r\n",
                ("MAIL", Some(_)) if account.is_none() => "530 5.7.0 authentication required\r\n",
                ("MAIL", _) => {
                    from = between(&line);
                    "250 ok\r\n"
                }
                ("RCPT", _) if self.refuses.load(Ordering::SeqCst) => "450 try again later\r\n",
                ("RCPT", _) => {
                    to = between(&line);
                    "250 ok\r\n"
                }
                ("DATA", _) => {
                    stream.write_all(b"354 go on\r\n").await.unwrap();
                    let text = data(stream).await;
                    let taken = Taken { from: from.clone(), to: to.clone(), text, account: account.clone() };
                    self.taken.lock().unwrap().push(taken);
                    "250 taken\r\n"
                }
                ("QUIT", _) => {
                    stream.write_all(b"221 bye\r\n").await.ok();
                    return false;
                }
                _ => "250 ok\r\n",
            };
            if stream.write_all(reply.as_bytes()).await.is_err() || stream.flush().await.is_err() {
                return false;
            }
        }
        false
    }
}

async fn next_line<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn data<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> String {
    let mut text = String::new();
    while let Some(line) = next_line(stream).await.filter(|line| line != ".") {
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push('\n');
    }
    text
}

fn between(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
