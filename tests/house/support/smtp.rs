//! A mail server on loopback that speaks SMTP (RFC 5321) as far as a sender needs, and keeps what it takes.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail as it came.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The address of `MAIL FROM`.
    pub from: String,
    /// The address of `RCPT TO`.
    pub to: String,
    /// Head and body.
    pub text: String,
}

/// The server; it goes with the test.
#[derive(Clone)]
pub struct Smtp {
    /// Where it listens.
    pub address: SocketAddr,
    taken: Arc<Mutex<Vec<Taken>>>,
    refuses: Arc<AtomicBool>,
}

impl Smtp {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server =
            Self { address: listener.local_addr().unwrap(), taken: Arc::default(), refuses: Arc::default() };
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

    /// Refuses every recipient from now on, or no more.
    pub fn refuse(&self, is: bool) {
        self.refuses.store(is, Ordering::SeqCst);
    }

    async fn serve(self, stream: TcpStream) {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let (mut from, mut to) = (String::new(), String::new());
        write.write_all(b"220 localhost ESMTP\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            let word = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            let reply = match word.as_str() {
                "EHLO" | "HELO" => "250-localhost\r\n250 8BITMIME\r\n",
                "MAIL" => {
                    from = between(&line);
                    "250 ok\r\n"
                }
                "RCPT" if self.refuses.load(Ordering::SeqCst) => "450 try again later\r\n",
                "RCPT" => {
                    to = between(&line);
                    "250 ok\r\n"
                }
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await.unwrap();
                    let mut text = String::new();
                    while let Ok(Some(line)) = lines.next_line().await {
                        if line == "." {
                            break;
                        }
                        text.push_str(line.strip_prefix('.').unwrap_or(&line));
                        text.push('\n');
                    }
                    let taken = Taken { from: from.clone(), to: to.clone(), text };
                    self.taken.lock().unwrap().push(taken);
                    "250 taken\r\n"
                }
                "QUIT" => {
                    write.write_all(b"221 bye\r\n").await.ok();
                    return;
                }
                _ => "250 ok\r\n",
            };
            if write.write_all(reply.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

fn between(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
