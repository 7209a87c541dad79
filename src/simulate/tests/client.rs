//! A plain SSH client: sends what it is told to and keeps what comes back.

use std::{sync::Arc, time::Duration};

use russh::{
    Channel, ChannelMsg, Disconnect,
    client::{self, AuthResult, Handle, KeyboardInteractiveAuthResponse, Msg},
    keys::{HashAlg, PublicKeyOrCertificate},
};
use tokio::time::timeout;

use crate::simulate::{Device, Running, start};

pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Long enough to be sure that nothing comes.
pub(super) const SILENCE: Duration = Duration::from_millis(300);

/// Keeps the host key and the banner.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<std::sync::Mutex<(String, String, String)>>);

impl client::Handler for Notes {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let key = key.public_key();
        let mut notes = self.0.lock().unwrap();
        notes.0 = key.fingerprint(HashAlg::Sha256).to_string();
        notes.2 = key.algorithm().to_string();
        Ok(true)
    }

    async fn auth_banner(&mut self, banner: &str, _session: &mut client::Session) -> Result<(), Self::Error> {
        self.0.lock().unwrap().1.push_str(banner);
        Ok(())
    }
}

pub(super) struct Client {
    pub(super) handle: Handle<Notes>,
    notes: Notes,
}

pub(super) async fn up(device: Device) -> Running {
    start(device, "127.0.0.1:0".parse().unwrap()).await.unwrap()
}

impl Client {
    pub(super) async fn connect(running: &Running) -> Result<Self, russh::Error> {
        let notes = Notes::default();
        let handle = client::connect(Arc::default(), running.address(), notes.clone()).await?;
        Ok(Self { handle, notes })
    }

    pub(super) async fn password(&mut self, password: &str) -> Result<AuthResult, russh::Error> {
        self.handle.authenticate_password("netraven", password).await
    }

    pub(super) async fn keyboard(&mut self, password: &str) -> KeyboardInteractiveAuthResponse {
        let first = self.handle.authenticate_keyboard_interactive_start("netraven", None).await.unwrap();
        let KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } = first else {
            return first;
        };
        assert_eq!(prompts[0].prompt, "Password: ");
        let answer = vec![password.to_owned()];
        self.handle.authenticate_keyboard_interactive_respond(answer).await.unwrap()
    }

    /// Connected and let in.
    pub(super) async fn inside(running: &Running) -> Self {
        let mut client = Self::connect(running).await.unwrap();
        if running.device().platform == crate::simulate::Platform::AristaEos {
            assert!(matches!(client.keyboard("simulated").await, KeyboardInteractiveAuthResponse::Success));
        } else {
            assert!(client.password("simulated").await.unwrap().success());
        }
        client
    }

    pub(super) fn fingerprint(&self) -> String {
        self.notes.0.lock().unwrap().0.clone()
    }

    pub(super) fn key_type(&self) -> String {
        self.notes.0.lock().unwrap().2.clone()
    }

    pub(super) fn banner(&self) -> String {
        self.notes.0.lock().unwrap().1.clone()
    }

    pub(super) async fn shell(&self) -> Terminal {
        let channel = self.handle.channel_open_session().await.unwrap();
        channel.request_pty(true, "vt100", 511, 1000, 0, 0, &[]).await.unwrap();
        channel.request_shell(true).await.unwrap();
        Terminal { channel, screen: String::new() }
    }

    /// Output and exit status of one command.
    pub(super) async fn exec(&self, command: &str) -> (String, Option<u32>) {
        let mut channel = self.handle.channel_open_session().await.unwrap();
        channel.exec(true, command).await.unwrap();
        let (mut output, mut status) = (Vec::new(), None);
        while let Ok(Some(message)) = timeout(SILENCE.max(Duration::from_secs(2)), channel.wait()).await {
            if let ChannelMsg::Data { data } = &message {
                output.extend_from_slice(data);
            } else if let ChannelMsg::ExitStatus { exit_status } = message {
                status = Some(exit_status);
            } else if matches!(message, ChannelMsg::Close) {
                break;
            }
        }
        (String::from_utf8_lossy(&output).into_owned(), status)
    }

    pub(super) async fn leave(self) {
        let _ = self.handle.disconnect(Disconnect::ByApplication, "", "").await;
    }
}

pub(super) struct Terminal {
    pub(super) channel: Channel<Msg>,
    /// What came since the last [`Terminal::until`].
    pub(super) screen: String,
}

/// How reading ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Found,
    Silent,
    Closed,
}

impl Terminal {
    pub(super) async fn send(&self, text: &str) {
        self.channel.data_bytes(text.as_bytes().to_vec()).await.unwrap();
    }

    /// Reads until the screen ends with `mark`; what was read comes back.
    pub(super) async fn until(&mut self, mark: &str) -> String {
        let end = self.read(mark, PATIENCE).await;
        assert_eq!(end, End::Found, "waited for {mark:?}, got {:?}", self.screen);
        std::mem::take(&mut self.screen)
    }

    /// Reads until the screen is `expected`, line ends aside.
    pub(super) async fn equals(&mut self, expected: &str) -> bool {
        while self.screen.replace("\r\n", "\n") != expected {
            match timeout(Duration::from_secs(2), self.channel.wait()).await {
                Ok(Some(ChannelMsg::Data { data })) => self.screen.push_str(&String::from_utf8_lossy(&data)),
                Ok(Some(ChannelMsg::Close) | None) | Err(_) => return false,
                Ok(Some(_)) => {}
            }
        }
        true
    }

    pub(super) async fn read(&mut self, mark: &str, patience: Duration) -> End {
        while !self.screen.ends_with(mark) || mark.is_empty() {
            match timeout(patience, self.channel.wait()).await {
                Err(_) => return End::Silent,
                Ok(None | Some(ChannelMsg::Close)) => return End::Closed,
                Ok(Some(ChannelMsg::Data { data })) => self.screen.push_str(&String::from_utf8_lossy(&data)),
                Ok(Some(_)) => {}
            }
        }
        End::Found
    }

    /// Sends `command` and reads up to `mark`.
    pub(super) async fn ask(&mut self, command: &str, mark: &str) -> String {
        self.send(&format!("{command}\n")).await;
        self.until(mark).await
    }
}
