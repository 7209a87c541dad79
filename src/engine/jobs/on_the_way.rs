//! The jump hosts on the way to a job's device.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::Desk;
use crate::{
    domain::{
        device::{Algorithms, Transport},
        failure::{Failure, FailureClass, Stage},
        host_key::{HostKey, HostKeyVerdict, Pin},
        id::JobId,
    },
    engine::{
        gates::Known,
        transport::{Deadlines, Hop, HopSide, HostKeys, Place, Target, Turn},
    },
    service::{Core, Fault, credentials, jump_hosts, queue::Assignment},
};

/// The jump hosts that a device is reached through.
pub fn hops(desk: &Desk<'_>, assignment: &Assignment) -> Vec<Hop> {
    let hop = |hop: &jump_hosts::Hop| Hop {
        name: hop.host.name.clone(),
        target: target(hop, desk.deadlines),
        side: Arc::new(Side {
            core: desk.core.clone(),
            job: assignment.job,
            device: assignment.device.name.clone(),
            known: desk.gates.hop(hop.host.id),
            hop: hop.clone(),
        }),
    };
    assignment.way.iter().map(hop).collect()
}

fn target(hop: &jump_hosts::Hop, deadlines: &Deadlines) -> Target {
    let secrets = &hop.secrets;
    Target {
        host: hop.host.address.clone(),
        port: hop.host.port,
        further: Vec::new(),
        way: Vec::new(),
        transport: Transport::Ssh,
        algorithms: Algorithms::Modern,
        username: secrets.username.clone(),
        password: secrets.password.clone(),
        enable: None,
        private_key: secrets.private_key.clone(),
        passphrase: secrets.passphrase.clone(),
        deadlines: deadlines.clone(),
        let_in: tokio_util::sync::CancellationToken::new(),
    }
}

/// What is decided about one jump host, and written down of it.
struct Side {
    core: Core,
    job: JobId,
    device: String,
    known: Known,
    hop: jump_hosts::Hop,
}

impl Side {
    /// The key that is pinned for it at this place.
    fn expected(&self, place: &Place) -> Option<&Pin> {
        self.hop.host.pin.as_ref().filter(|pin| pin.place == *place)
    }

    /// Something could not be written down, and nothing more is done.
    fn unwritten(&self, fault: &Fault) -> Failure {
        self.core.outage.notices(fault);
        tracing::error!(jump_host.id = %self.hop.host.id, error = %fault, "what happens to a jump host could not be written down");
        let text = "That its account is used could not be written down, and without that it is not used.";
        Failure::new(FailureClass::Internal, Stage::Auth, text)
    }
}

impl HostKeys for Side {
    fn judge<'a>(
        &'a self,
        place: &'a Place,
        shown: HostKey,
    ) -> BoxFuture<'a, Result<HostKeyVerdict, String>> {
        Box::pin(async move {
            if self.expected(place).is_some_and(|pin| pin.key == shown) {
                return Ok(HostKeyVerdict::Known);
            }
            let judged = jump_hosts::judge(&self.core, self.hop.host.id, (place.clone(), shown)).await;
            judged.map_err(|fault| {
                tracing::error!(jump_host.id = %self.hop.host.id, error = %fault, "host key could not be judged");
                self.core.outage.notices(&fault);
                "the host key could not be compared with the pinned one".to_owned()
            })
        })
    }

    fn pinned_algorithms(&self, place: &Place) -> Vec<String> {
        self.expected(place).map(|pin| pin.key.algorithm.clone()).into_iter().collect()
    }
}

impl HopSide for Side {
    fn turn(&self) -> BoxFuture<'_, Result<Turn, Failure>> {
        Box::pin(async move {
            let revision = self.hop.credential.revision;
            let known = self.known.clone().lock_owned().await;
            let unproven = (*known != Some(revision)).then_some((known, revision));
            let may = jump_hosts::may_sign_in(&self.core, &self.hop).await;
            may.map_err(|fault| self.unwritten(&fault))??;
            let used = credentials::used(&self.core, self.job, &self.hop.credential, &self.device).await;
            used.map_err(|fault| self.unwritten(&fault))?;
            Ok(Turn { unproven })
        })
    }

    fn refused(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(async move {
            let written = jump_hosts::turned_away(&self.core, &self.hop).await;
            written.map_err(|fault| self.unwritten(&fault))
        })
    }
}
