//! An SSH server that misbehaves on request.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use russh::{
    Channel, ChannelId, MethodKind, MethodSet,
    keys::{PrivateKey, ssh_key::private::Ed25519Keypair},
    server::{self, Auth, Msg, Response, Session},
};
use tokio::{net::TcpListener, time::sleep};

/// What the server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Good,
    QuestionsOnly,
    StallAuth,
    StallShell,
    StallCommand,
    NoStatus,
    DropsInTheMiddle,
    RefusesExec,
}

#[derive(Clone)]
pub struct Device {
    manner: Manner,
    tries: Arc<AtomicUsize>,
}

impl Device {
    fn judged(&self, password: &str) -> Auth {
        self.tries.fetch_add(1, Ordering::SeqCst);
        if password == "right" { Auth::Accept } else { Auth::reject() }
    }
}

pub const EXPORT: &str =
    "# 2024-10-25 06:08:35 by RouterOS 7.10.1\r\n#\r\n/ip address\r\nadd address=10.0.0.1/24\r\n";

impl server::Handler for Device {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, Self::Error> {
        if self.manner == Manner::StallAuth {
            sleep(Duration::from_secs(5)).await;
        }
        Ok(self.judged(password))
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Some(mut response) = response else {
            let prompts = vec![("Password: ".into(), false)].into();
            return Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts });
        };
        let answer = response.next().unwrap_or_default();
        Ok(self.judged(&String::from_utf8_lossy(&answer)))
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: server::ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        if self.manner == Manner::StallShell {
            return Ok(());
        }
        session.channel_success(channel)?;
        session.data(channel, "\r\nr1#")
    }

    async fn data(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let typed = String::from_utf8_lossy(data).trim_end().to_owned();
        let answer = match typed.as_str() {
            "show running-config" if self.manner == Manner::StallCommand => "version 17.9\r\nhos".to_owned(),
            "show running-config" => format!("version 17.9\r\n{}end\r\n\r\nr1#", "! line\r\n".repeat(20_000)),
            "exit" => return session.close(channel),
            _ => "r1#".to_owned(),
        };
        session.data(channel, format!("{typed}\r\n{answer}"))
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.manner == Manner::RefusesExec {
            return session.channel_failure(channel);
        }
        session.channel_success(channel)?;
        if !command.starts_with(b"/export") {
            session.data(channel, "     version: 7.10.1 (stable)\r\n")?;
        } else if self.manner == Manner::DropsInTheMiddle {
            return Err(russh::Error::Disconnect);
        } else {
            session.data(channel, EXPORT)?;
        }
        if self.manner != Manner::NoStatus {
            session.exit_status_request(channel, 0)?;
        }
        session.eof(channel)?;
        session.close(channel)
    }
}

/// Listens and serves every connection in this manner.
pub async fn device(manner: Manner) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let device = Device { manner, tries: Arc::default() };
    let tries = device.tries.clone();
    let methods = if manner == Manner::QuestionsOnly {
        MethodSet::from(&[MethodKind::KeyboardInteractive][..])
    } else {
        MethodSet::from(&[MethodKind::Password, MethodKind::KeyboardInteractive][..])
    };
    let config = Arc::new(server::Config {
        keys: vec![PrivateKey::from(Ed25519Keypair::from_seed(&[3; 32]))],
        methods,
        auth_rejection_time: Duration::from_millis(1),
        auth_rejection_time_initial: Some(Duration::ZERO),
        ..server::Config::default()
    });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(session) = server::run_stream(config.clone(), stream, device.clone()).await {
                tokio::spawn(session);
            }
        }
    });
    (port, tries)
}
