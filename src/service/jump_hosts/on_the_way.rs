//! Jump hosts as jobs use them: the way, their host keys, and what they refuse.

use std::sync::Arc;

use super::{SaveJumpHostError, needs_all};
use crate::{
    domain::{
        access::{AcceptHostKeys, Actor, Grant},
        audit::{Act, AuditEvent, ObjectKind},
        credential::{Accepted, Unsealed},
        failure::{Failure, FailureClass, Stage},
        host_key::{HostKey, HostKeyVerdict, Pin},
        id::JumpHostId,
        jump_host::{self, JumpHost},
    },
    service::{Core, Fault, audit, secrets},
    store::{self, Conn},
};

/// A jump host on the way to a device, with what it is shown.
#[derive(Debug, Clone)]
pub struct Hop {
    /// The jump host.
    pub host: JumpHost,
    /// Its account.
    pub secrets: Arc<Unsealed>,
    /// The credential, as its uses are noted.
    pub credential: Accepted,
}

fn ended(text: String) -> Failure {
    Failure::new(FailureClass::JumpHost, Stage::Connect, text)
}

/// The way to whatever is behind the jump host `last`, or why there is none.
pub async fn way(
    core: &Core,
    conn: &mut Conn,
    last: Option<JumpHostId>,
) -> Result<Result<Vec<Hop>, Failure>, Fault> {
    let Some(last) = last else { return Ok(Ok(Vec::new())) };
    let all = store::jump_hosts::all(conn).await?;
    let Some(way) = jump_host::way(&all, last) else {
        return Ok(Err(ended("The way over jump hosts goes round in circles or is too long.".to_owned())));
    };
    let mut hops = Vec::new();
    for host in way {
        let Some(sealed) = store::credentials::find(conn, host.credential).await? else {
            return Ok(Err(ended(format!("The credential of the jump host {} is gone.", host.name))));
        };
        let secrets = match secrets::unseal(core, &sealed) {
            Ok(secrets) => secrets,
            Err(fault @ Fault::Sealed(_)) => return Err(fault),
            Err(fault) => {
                tracing::error!(credential.id = sealed.id, error = %fault, "credential does not open");
                let text = format!(
                    "The credential of the jump host {} does not open: it was changed outside NetRaven. Enter it again.",
                    host.name
                );
                return Ok(Err(ended(text)));
            }
        };
        let name = format!(
            "the shared credential {} for the jump host {}",
            sealed.name.unwrap_or_default(),
            host.name
        );
        let credential = Accepted {
            row: host.credential,
            credential: host.credential,
            name,
            tag: None,
            revision: sealed.revision,
            is_known: true,
        };
        hops.push(Hop { host: host.clone(), secrets: Arc::new(secrets), credential });
    }
    Ok(Ok(hops))
}

/// Whether a jump host may be shown these secrets: it has not refused them before, and nobody stopped the credential.
pub async fn may_sign_in(core: &Core, hop: &Hop) -> Result<Result<(), Failure>, Fault> {
    let mut conn = core.db.read().await?;
    let refused = store::jump_hosts::find(&mut conn, hop.host.id).await?.and_then(|host| host.refused);
    if let Some((revision, at)) = refused
        && revision == hop.credential.revision
    {
        let text = format!(
            "Not tried: the jump host {} refused its credential on {}. Correct the credential, or save the jump host to have it tried again.",
            hop.host.name,
            at.format("%-d %b %Y, %H:%M UTC")
        );
        return Ok(Err(ended(text)));
    }
    let stopped = store::credentials::find(&mut conn, hop.host.credential).await?;
    if stopped.is_some_and(|row| row.stopped_at.is_some()) {
        let text =
            format!("Not tried: {} is stopped. Correct it, or resume it on its page.", hop.credential.name);
        return Ok(Err(ended(text)));
    }
    Ok(Ok(()))
}

/// Writes down that a jump host has refused its credential, so that no job shows it these secrets again.
pub async fn turned_away(core: &Core, hop: &Hop) -> Result<(), Fault> {
    let mut tx = core.db.begin().await?;
    store::jump_hosts::turn_away(&mut tx, hop.host.id, hop.credential.revision, core.now()).await?;
    let act = Act::new(AuditEvent::JumpHostRefused, &hop.host.name).on(ObjectKind::JumpHost, hop.host.id.0);
    audit::append(core, &mut tx, &Actor::system(), act.detail(&hop.credential.name)).await?;
    Ok(tx.commit().await?)
}

/// Decides about a key that a jump host shows, before anything is proven to it; as for devices.
pub async fn judge(
    core: &Core,
    id: JumpHostId,
    (place, shown): ((String, u16), HostKey),
) -> Result<HostKeyVerdict, Fault> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let Some(host) = store::jump_hosts::find(&mut tx, id).await? else {
        return Err(anyhow::anyhow!("jump host {id} is not there").into());
    };
    let here = host.pin.filter(|pin| pin.place == place);
    let (event, detail, verdict) = match here {
        Some(pin) if pin.key == shown => return Ok(HostKeyVerdict::Known),
        Some(pin) => {
            store::jump_hosts::refuse_key(&mut tx, id, &shown, now).await?;
            let detail =
                format!("expected {}, got {} {}", pin.key.fingerprint, shown.algorithm, shown.fingerprint);
            (AuditEvent::HostKeyRefused, detail, HostKeyVerdict::Changed { pinned: pin.key })
        }
        None => {
            store::jump_hosts::pin(&mut tx, id, (&place, &shown), "first contact", now).await?;
            let detail = format!("{} {}", shown.algorithm, shown.fingerprint);
            (AuditEvent::HostKeyPinned, detail, HostKeyVerdict::Pinned)
        }
    };
    let act = Act::new(event, &host.name).on(ObjectKind::JumpHost, id.0).detail(&detail);
    audit::append(core, &mut tx, &Actor::system(), act).await?;
    tx.commit().await?;
    Ok(verdict)
}

/// Pins the key that was refused, because a person has compared the fingerprint with the jump host's; `false` when there is
/// no such key any more.
pub async fn accept(
    core: &Core,
    by: &Grant<AcceptHostKeys>,
    id: JumpHostId,
    fingerprint: &str,
) -> Result<bool, SaveJumpHostError> {
    needs_all(by)?;
    let mut tx = core.db.begin().await?;
    let Some(host) = store::jump_hosts::find(&mut tx, id).await? else {
        return Ok(false);
    };
    let Some(Pin { key, place, refused: Some((shown, _)), .. }) = host.pin else {
        return Ok(false);
    };
    if shown.fingerprint != fingerprint {
        return Ok(false);
    }
    store::jump_hosts::pin(&mut tx, id, (&place, &shown), &by.actor().name, core.now()).await?;
    let detail = format!("{} → {}", key.fingerprint, shown.fingerprint);
    let act = Act::new(AuditEvent::HostKeyAccepted, &host.name).on(ObjectKind::JumpHost, id.0);
    audit::append(core, &mut tx, by.actor(), act.detail(&detail)).await.map_err(Fault::from)?;
    tx.commit().await?;
    Ok(true)
}
