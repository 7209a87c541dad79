//! The conversation over HTTPS: sign in, ask for one thing after the other, sign out.

use std::{sync::Arc, time::Instant};

use super::{Setting, exec::kept, last_lines};
use crate::{
    domain::{
        entry::Level,
        failure::{Failure, FailureClass, Stage},
        secret::Secret,
    },
    engine::transport::{Head, HostKeys, HttpsSession},
    platform::{Capture, Given, InfoOutput, Request, Requests, visible},
};

/// Stands in texts where the token was.
const COVER: &str = "●●●";

/// Signs in, asks for the information, then for the configuration, and signs out whatever came of it.
pub async fn converse(setting: Setting<'_>, host_keys: Arc<dyn HostKeys>) -> Result<Capture, Failure> {
    let mut talk = Talk::open(setting, host_keys).await?;
    let capture = talk.capture().await;
    talk.sign_out().await;
    capture
}

/// Signs in and out. Where nothing but the requests themselves proves who we are, the configuration is asked for.
pub async fn try_login(setting: Setting<'_>, host_keys: Arc<dyn HostKeys>) -> Result<(), Failure> {
    let mut talk = Talk::open(setting, host_keys).await?;
    let tried =
        if talk.rules.sign_in.is_empty() { talk.capture().await.map(drop) } else { talk.sign_in().await };
    talk.sign_out().await;
    tried
}

/// One conversation.
struct Talk<'a> {
    setting: Setting<'a>,
    rules: &'a Requests,
    session: HttpsSession<'a>,
    /// What the device gave us to be known by; empty before that.
    token: Secret,
}

impl<'a> Talk<'a> {
    async fn open(setting: Setting<'a>, host_keys: Arc<dyn HostKeys>) -> Result<Self, Failure> {
        let Some(rules) = setting.platform.requests() else {
            let text =
                format!("the platform {} does not say what to ask over HTTPS", setting.platform.title());
            return Err(Failure::new(FailureClass::Internal, Stage::Connect, text));
        };
        let session = HttpsSession::open(setting.target, setting.pace, host_keys, setting.log).await?;
        Ok(Self { setting, rules, session, token: Secret::new("") })
    }

    fn is_let_in(&self) -> bool {
        self.setting.target.let_in.is_cancelled()
    }

    async fn sign_in(&mut self) -> Result<(), Failure> {
        let (start, rules) = (Instant::now(), self.rules);
        for request in &rules.sign_in {
            let answer = self.ask(request, Stage::Auth).await?;
            let text = String::from_utf8_lossy(&answer);
            if let Some(no) = self.setting.platform.login().refusal(&text) {
                let no = visible(&no.chars().take(200).collect::<String>());
                let message = format!("{} was refused: the device said `{no}`", self.setting.target.username);
                return Err(Failure::new(FailureClass::AuthFailed, Stage::Auth, message));
            }
            let Some(pattern) = &request.token else { continue };
            let Some(token) = pattern.captures(&text).and_then(|found| found.get(1)) else {
                let message = format!("no token is in the answer to `{}`", request.name);
                return Err(Failure::new(FailureClass::ErrorOutput, Stage::Auth, message));
            };
            self.token = Secret::new(token.as_str());
        }
        if !rules.sign_in.is_empty() {
            self.setting.target.let_in.cancel();
            let text = format!("let in by password in {} ms", start.elapsed().as_millis());
            self.setting.log.say(Level::Info, Stage::Auth, &text);
        }
        Ok(())
    }

    async fn capture(&mut self) -> Result<Capture, Failure> {
        self.sign_in().await?;
        let platform = self.setting.platform;
        let mut info = Vec::new();
        for command in &platform.commands().info {
            match self.information(command).await {
                Ok(text) => info.push(InfoOutput { command: command.clone(), text }),
                Err(failure) if is_about_the_request(&failure) => {
                    self.setting.log.say(Level::Warning, Stage::Command, &failure.message);
                }
                Err(failure) => return Err(failure),
            }
        }
        super::decided(platform, &info)?;
        let answer = self.named(platform.config_command(&info)).await?;
        Ok(Capture {
            raw: kept(answer, self.setting),
            info,
            exit_status: Some(0),
            reached_prompt: false,
            contexts: Vec::new(),
        })
    }

    async fn information(&mut self, command: &str) -> Result<String, Failure> {
        let answer = self.named(command).await?;
        let text = String::from_utf8_lossy(&kept(answer, self.setting)).into_owned();
        match self.setting.platform.complaint(&text) {
            Some(complaint) => {
                let message = format!("`{command}` is refused: {}", visible(&self.covered(complaint)));
                Err(Failure::new(FailureClass::ErrorOutput, Stage::Command, message))
            }
            None => Ok(text),
        }
    }

    async fn named(&mut self, command: &str) -> Result<Vec<u8>, Failure> {
        let rules = self.rules;
        let Some(request) = rules.named(command) else {
            let text = format!("`{command}` is the name of no request");
            return Err(Failure::new(FailureClass::Internal, Stage::Command, text));
        };
        self.ask(request, Stage::Command).await
    }

    /// Takes back what signing in gave us, as far as the device listens.
    async fn sign_out(&mut self) {
        if !self.is_let_in() {
            return;
        }
        let rules = self.rules;
        for request in &rules.sign_out {
            if let Err(failure) = self.ask(request, Stage::Logout).await {
                let text = format!("not signed out: {}", failure.message);
                self.setting.log.say(Level::Warning, Stage::Logout, &text);
            }
        }
    }

    /// The body of a good answer.
    async fn ask(&mut self, request: &Request, stage: Stage) -> Result<Vec<u8>, Failure> {
        let Setting { target, log, .. } = self.setting;
        let password = target.password.as_ref().map(Secret::expose).filter(|it| !it.is_empty());
        if request.proves() && password.is_none() {
            let text = "the device is asked with a password, and there is none";
            return Err(Failure::new(FailureClass::NoCredential, Stage::Auth, text));
        }
        let password = password.unwrap_or_default();
        let sent = request.sent(&Given { username: &target.username, password, token: self.token.expose() });
        if let Some(tape) = log.tape() {
            tape.sent(request.told().as_bytes());
        }
        let (start, mut body) = (Instant::now(), Vec::new());
        let asked = self.session.ask((&request.name, &sent), stage, &mut body).await;
        self.record(request, asked.as_ref().ok(), &body);
        let shown = || self.shown(request, asked.as_ref().ok(), &body);
        let head = match &asked {
            Ok(head) => head,
            Err(failure) => return Err(failure.clone().with_screen(shown())),
        };
        let (status, bytes, millis) = (head.status, body.len(), start.elapsed().as_millis());
        log.say(Level::Info, stage, &format!("`{}`: {status}, {bytes} bytes in {millis} ms", request.name));
        if let Some((class, message)) = self.refused(request, head) {
            let stage = if class == FailureClass::AuthFailed { Stage::Auth } else { stage };
            return Err(Failure::new(class, stage, message).with_screen(shown()));
        }
        if request.proves() && self.rules.sign_in.is_empty() {
            target.let_in.cancel();
        }
        Ok(body)
    }

    /// Why an answer with this status is none.
    fn refused(&self, request: &Request, head: &Head) -> Option<(FailureClass, String)> {
        let (name, status) = (&request.name, head.status);
        if status.is_success() {
            return None;
        }
        let user = &self.setting.target.username;
        Some(match status.as_u16() {
            401 | 403 if !self.is_let_in() => {
                (FailureClass::AuthFailed, format!("{user} was refused: the answer to `{name}` is {status}"))
            }
            401 | 403 => {
                (FailureClass::PermissionDenied, format!("{user} may not ask for `{name}`: {status}"))
            }
            429 | 503 => (FailureClass::Refused, format!("the device is too busy for `{name}`: {status}")),
            _ => {
                let to = head.points_to.as_ref();
                let to =
                    to.map(|to| format!(", which points to {to}; it is not followed")).unwrap_or_default();
                (FailureClass::ErrorOutput, format!("the answer to `{name}` is {status}{to}"))
            }
        })
    }

    /// Whether the answer may hold a token that nobody knows yet.
    fn may_hold_a_token(request: &Request, head: Option<&Head>) -> bool {
        request.token.is_some() && head.is_none_or(|head| head.status.is_success())
    }

    fn record(&self, request: &Request, head: Option<&Head>, body: &[u8]) {
        let Some(tape) = self.setting.log.tape() else { return };
        let status = head.map(|head| format!("HTTP {}\n", head.status)).unwrap_or_default();
        tape.received(status.as_bytes());
        if Self::may_hold_a_token(request, head) {
            tape.received(format!("{} bytes, which may hold a token, are left out\n", body.len()).as_bytes());
        } else {
            tape.received(self.covered(&String::from_utf8_lossy(body)).as_bytes());
            tape.received(b"\n");
        }
    }

    /// The end of what came, for the failure's page.
    fn shown(&self, request: &Request, head: Option<&Head>, body: &[u8]) -> String {
        if Self::may_hold_a_token(request, head) { String::new() } else { self.covered(&last_lines(body)) }
    }

    fn covered(&self, text: &str) -> String {
        let token = self.token.expose();
        if token.is_empty() { text.to_owned() } else { text.replace(token, COVER) }
    }
}

/// A refused or hanging request says nothing about the next; a lost connection does.
fn is_about_the_request(failure: &Failure) -> bool {
    matches!(failure.class, FailureClass::ErrorOutput | FailureClass::PermissionDenied)
        || (failure.class == FailureClass::Timeout && failure.stage == Stage::Command)
}
