//! Our side of the SSH library's callbacks: the host key, and how a connection ended.

use std::sync::{Arc, Mutex, PoisonError};

use russh::{
    Disconnect, Names,
    client::{DisconnectReason, Handler, Session},
    keys::{HashAlg, PublicKey, PublicKeyOrCertificate},
};
use tokio::sync::watch;

use super::{HostKeys, Place, verdict::verdict};
use crate::domain::{
    failure::{Failure, FailureClass, Stage},
    host_key::HostKey,
};

/// How a connection ended.
#[derive(Debug, Clone)]
pub struct Ending {
    /// For a person.
    pub told: String,
    /// Whether the device said that it takes no more of our proofs (RFC 4253, 11.1).
    pub is_refusal: bool,
}

/// What the callbacks leave behind for whoever holds the session.
#[derive(Debug, Default)]
pub struct Traces {
    refused: Mutex<Option<Failure>>,
    ended: Mutex<Option<Ending>>,
    said: Mutex<Vec<String>>,
    identification: Mutex<String>,
}

impl Traces {
    /// Why the host key was refused, if it was.
    pub fn refused(&self) -> Option<Failure> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// How the connection ended, if it has.
    pub fn ended(&self) -> Option<Ending> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What there is to log since the last call.
    pub fn said(&self) -> Vec<String> {
        std::mem::take(&mut *self.said.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the server calls itself; empty before the keys are agreed.
    pub fn identification(&self) -> String {
        self.identification.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn say(&self, text: String) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }
}

/// The callbacks of one connection.
pub struct Client {
    /// Decides about the host key.
    pub host_keys: Arc<dyn HostKeys>,
    /// Where the key is shown.
    pub place: Place,
    /// How far the handshake is.
    pub stage: watch::Sender<Stage>,
    /// For the session's holder.
    pub traces: Arc<Traces>,
}

impl Client {
    async fn verdict(&self, key: &PublicKey) -> Result<(), Failure> {
        let Ok(public_key) = key.to_openssh() else {
            let text = "the host key cannot be written down";
            return Err(Failure::new(FailureClass::Internal, Stage::HostKey, text));
        };
        let shown = HostKey {
            algorithm: key.algorithm().to_string(),
            fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
            public_key,
        };
        let words = verdict(self.host_keys.as_ref(), &self.place, ("host key", shown)).await?;
        self.traces.say(words);
        Ok(())
    }
}

impl Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let key = match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.clone(),
            PublicKeyOrCertificate::Certificate(certificate) => {
                PublicKey::new(certificate.public_key().clone(), "")
            }
        };
        let in_handshake = *self.stage.borrow() == Stage::KeyExchange;
        if in_handshake {
            self.stage.send_replace(Stage::HostKey);
        }
        match self.verdict(&key).await {
            Ok(()) => {
                if in_handshake {
                    // What is left of the key exchange is the device's answer to ours.
                    self.stage.send_replace(Stage::KeyExchange);
                }
                Ok(true)
            }
            Err(failure) => {
                *self.traces.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                Ok(false)
            }
        }
    }

    async fn kex_done(
        &mut self,
        _: Option<&[u8]>,
        _: &Names,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let own = String::from_utf8_lossy(session.remote_sshid()).into_owned();
        *self.traces.identification.lock().unwrap_or_else(PoisonError::into_inner) = own;
        Ok(())
    }

    async fn auth_banner(&mut self, banner: &str, _: &mut Session) -> Result<(), Self::Error> {
        // Read by nobody but people: a banner that asks for a password gets nothing.
        self.traces.say(format!("the device greets: {}", banner.trim()));
        Ok(())
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Self::Error>) -> Result<(), Self::Error> {
        let mut is_refusal = false;
        let told = match reason {
            DisconnectReason::ReceivedDisconnect(info) => {
                is_refusal = matches!(info.reason_code, Disconnect::NoMoreAuthMethodsAvailable);
                format!("the device said goodbye: {}", info.message)
            }
            DisconnectReason::Error(russh::Error::KeepaliveTimeout) => {
                "the device gives no sign of life any more".to_owned()
            }
            DisconnectReason::Error(error) => error.to_string(),
        };
        *self.traces.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(Ending { told, is_refusal });
        Ok(())
    }
}
