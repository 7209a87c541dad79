//! What was sent and received in a job's session.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::{access::ReadRaw, id::JobId, transcript::Way},
    service::{Core, jobs::transcript},
    web::{
        error::PageError,
        form::{Form, Nothing},
        href, reply,
        session::May,
        shell::Shell,
    },
};

/// Characters of the session on one page; the download has them all.
const SHOWN: usize = 1_000_000;

/// A stretch in one direction.
#[derive(Debug)]
pub struct Stretch {
    title: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "jobs/transcript.html")]
struct TranscriptPage {
    shell: Shell,
    device: String,
    back: String,
    raw: String,
    was_truncated: bool,
    is_cut: bool,
    stretches: Vec<Stretch>,
}

/// `GET /jobs/{id}/transcript`: secrets masked, control characters visible.
pub async fn page(
    core: Data<Core>,
    by: May<ReadRaw>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = JobId(*id);
    let (job, session) = transcript::masked(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    let (mut room, mut stretches) = (SHOWN, Vec::new());
    let total = session.pieces.len();
    for piece in session.pieces {
        if room == 0 {
            break;
        }
        let text: String = piece.text.chars().take(room).collect();
        room = if text.len() < piece.text.len() { 0 } else { room.saturating_sub(text.chars().count()) };
        let title = match piece.way {
            Way::Sent => "Sent",
            Way::Received => "Received",
            Way::Missing => "Left out",
        };
        stretches.push(Stretch { title, text });
    }
    reply::html(&TranscriptPage {
        shell,
        device: job.device_name,
        back: href::job(id),
        raw: href::job_transcript(id),
        was_truncated: session.was_truncated,
        is_cut: room == 0 || stretches.len() < total,
        stretches,
    })
}

/// `POST /jobs/{id}/transcript`: the session as it was, as a file; it is written down who took it.
pub async fn raw(
    core: Data<Core>,
    by: May<ReadRaw>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = JobId(*id);
    let (_, text) = transcript::raw(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    Ok(reply::download(&format!("netraven-job-{id}-session.txt"), text))
}
