//! One SSH connection: who gets in, and which channel becomes what.

use std::{collections::HashMap, sync::Arc, time::Duration};

use russh::{
    Channel, ChannelId, Pty,
    keys::PublicKey,
    server::{Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey},
};

use super::{
    device::AuthMethod,
    exec,
    fault::Fault,
    gate::Switch,
    keyboard::Keyboard,
    output::Wire,
    seen::count,
    shell::{self, PASSWORD_BANNER},
    state::State,
};
use crate::domain::failure::Stage;

/// How long a device that is silent while somebody logs in stays so.
const SILENCE: Duration = Duration::from_mins(15);

/// The device's side of one connection.
pub(super) struct Connection {
    state: Arc<State>,
    switch: Switch,
    channels: HashMap<ChannelId, Opened>,
}

/// A channel that is open and does nothing yet.
struct Opened {
    channel: Channel<Msg>,
    terminal: bool,
}

impl Connection {
    pub(super) fn new(state: Arc<State>, switch: Switch) -> Self {
        Self { state, switch, channels: HashMap::new() }
    }

    async fn silence(&self) {
        if self.state.faults().stalls_at(Stage::Auth) {
            tokio::select! {
                () = tokio::time::sleep(SILENCE) => {}
                () = self.switch.closed() => {}
            }
        }
    }

    fn decide(&self, user: &str, method: AuthMethod, right: bool) -> Auth {
        let device = &self.state.device;
        let right = right && device.auth.contains(&method);
        let name = user.split('+').next().unwrap_or_default();
        let known = user == device.username || name == device.username;
        if right && known && !self.state.faults().has(&Fault::WrongPassword) {
            Auth::Accept
        } else {
            Auth::reject()
        }
    }

    /// Whether the channel becomes something; the client waits for the answer forever if the shell stalls.
    fn take(&mut self, id: ChannelId, session: &mut Session) -> Result<Option<Opened>, russh::Error> {
        if self.state.faults().stalls_at(Stage::Shell) {
            return Ok(None);
        }
        let opened = self.channels.remove(&id);
        if opened.is_some() { session.channel_success(id) } else { session.channel_failure(id) }?;
        Ok(opened)
    }
}

impl Handler for Connection {
    type Error = russh::Error;

    async fn authentication_banner(&mut self) -> Result<Option<String>, Self::Error> {
        let asked = self.state.faults().has(&Fault::BannerPassword);
        Ok(asked.then(|| PASSWORD_BANNER.replace('\n', "\r\n")))
    }

    async fn auth_none(&mut self, _user: &str) -> Result<Auth, Self::Error> {
        self.silence().await;
        Ok(Auth::reject())
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        count(&self.state.counters.passwords);
        self.silence().await;
        Ok(self.decide(user, AuthMethod::Password, password == self.state.device.password.expose()))
    }

    async fn auth_publickey_offered(
        &mut self,
        user: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, Self::Error> {
        count(&self.state.counters.public_keys);
        self.silence().await;
        let known = self.state.device.authorized_key.as_ref().map(PublicKey::key_data);
        Ok(self.decide(user, AuthMethod::PublicKey, known == Some(offer.public_key.key_data())))
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let known = self.state.device.authorized_key.as_ref().map(PublicKey::key_data);
        Ok(self.decide(user, AuthMethod::PublicKey, known == Some(key.public_key.key_data())))
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Some(mut answers) = response else {
            self.silence().await;
            return Ok(Auth::Partial {
                name: "".into(),
                instructions: "".into(),
                prompts: vec![("Password: ".into(), false)].into(),
            });
        };
        count(&self.state.counters.keyboard_interactive);
        let expected = self.state.device.password.expose().as_bytes();
        let right = answers.next().is_some_and(|answer| *answer == *expected);
        Ok(self.decide(user, AuthMethod::KeyboardInteractive, right))
    }

    async fn auth_succeeded(&mut self, _session: &mut Session) -> Result<(), Self::Error> {
        count(&self.state.counters.sessions);
        Ok(())
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.channels.insert(channel.id(), Opened { channel, terminal: false });
        reply.accept().await;
        Ok(())
    }

    async fn pty_request(
        &mut self,
        id: ChannelId,
        _term: &str,
        _columns: u32,
        _rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if let Some(opened) = self.channels.get_mut(&id) {
            opened.terminal = true;
        }
        session.channel_success(id)
    }

    async fn shell_request(&mut self, id: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        if let Some(Opened { channel, terminal }) = self.take(id, session)? {
            let wire = Wire::new(Arc::clone(&self.state), self.switch.clone(), terminal, channel);
            tokio::spawn(shell::run(wire, Keyboard::default()));
        }
        Ok(())
    }

    async fn exec_request(
        &mut self,
        id: ChannelId,
        command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if let Some(Opened { channel, terminal }) = self.take(id, session)? {
            let command = String::from_utf8_lossy(command).into_owned();
            let wire = Wire::new(Arc::clone(&self.state), self.switch.clone(), terminal, channel);
            tokio::spawn(async move { exec::run(wire, &command).await });
        }
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(id)
    }

    async fn channel_close(&mut self, id: ChannelId, _session: &mut Session) -> Result<(), Self::Error> {
        self.channels.remove(&id);
        Ok(())
    }
}
