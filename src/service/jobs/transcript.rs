//! What was sent and received in a job's session, for those who may see secrets.

use crate::{
    archive,
    domain::{
        access::{Grant, ReadRaw, Scope},
        audit::{Act, AuditEvent, ObjectKind},
        id::JobId,
        job::Job,
        transcript::{Piece, Transcript, Way},
    },
    platform::{mask_generic, visible},
    service::{Core, Fault, audit},
    store,
};

async fn kept(core: &Core, scope: Scope, id: JobId) -> Result<Option<(Job, Transcript)>, Fault> {
    let mut conn = core.db.read().await?;
    let Some(job) = store::jobs::find(&mut conn, scope, id).await? else { return Ok(None) };
    let Some(sealed) = store::entries::transcript(&mut conn, scope, id).await? else { return Ok(None) };
    drop(conn);
    let core = core.clone();
    let work = move || archive::transcript::open(&core.keyring, id, &sealed);
    let transcript = tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)??;
    Ok(Some((job, transcript)))
}

/// The session with secrets covered and control characters visible; `None` when none is kept.
pub async fn masked(core: &Core, by: &Grant<ReadRaw>, id: JobId) -> Result<Option<(Job, Transcript)>, Fault> {
    let Some((job, transcript)) = kept(core, by.scope(), id).await? else { return Ok(None) };
    let platform = match job.device {
        Some(device) => store::devices::find(&mut core.db.read().await?, by.scope(), device).await?,
        None => None,
    };
    let platform = platform.and_then(|device| core.platforms.get(&device.platform));
    let core = core.clone();
    let work = move || {
        let cover = |piece: Piece| {
            // By the rules of the platform and by those for all: it may hold what no configuration does.
            let text = match (piece.way, &platform) {
                (Way::Received, Some(rules)) => {
                    mask_generic(&rules.masked(piece.text.as_bytes(), &core.mask), &core.mask)
                }
                (Way::Received, None) => mask_generic(&piece.text.replace("\r\n", "\n"), &core.mask),
                (Way::Sent | Way::Missing, _) => piece.text,
            };
            Piece { way: piece.way, text: visible(&text) }
        };
        let pieces = transcript.pieces.into_iter().map(cover).collect();
        Transcript { pieces, was_truncated: transcript.was_truncated }
    };
    let transcript = tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?;
    Ok(Some((job, transcript)))
}

/// The session as it was; written down before it is handed out (S-77).
pub async fn raw(core: &Core, by: &Grant<ReadRaw>, id: JobId) -> Result<Option<(Job, String)>, Fault> {
    let Some((job, transcript)) = kept(core, by.scope(), id).await? else { return Ok(None) };
    let detail = format!("session of job {id}");
    let act =
        Act::new(AuditEvent::TranscriptRead, &job.device_name).on(ObjectKind::Job, id.0).detail(&detail);
    let mut tx = core.db.begin().await?;
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(Some((job, transcript.as_text())))
}
