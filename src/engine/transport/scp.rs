//! The sending side of `scp`, as every server with a shell has it: `scp -f FILE` on a channel of its own.

use super::{
    Limits, Pace, Session,
    file::{Reading, Told, denied, no_such, refused},
    pipe::Pipe,
};
use crate::domain::failure::{Failure, Stage};

/// The longest line of the protocol that is read.
const LONGEST: usize = 1024;

/// What is read at once, in bytes.
const AT_ONCE: usize = 64 * 1024;

/// Reads the file once.
pub(super) async fn read(
    session: &Session,
    path: &str,
    pace: Pace<'_>,
    limits: &mut Limits,
) -> Result<Reading, Failure> {
    let (mut pipe, size) = begin(session, path, pace).await?;
    acknowledge(&mut pipe).await?;
    let mut bytes = Vec::new();
    let left = |bytes: &Vec<u8>| usize::try_from(size).unwrap_or(usize::MAX).saturating_sub(bytes.len());
    while left(&bytes) > 0 {
        let piece = pipe.some(left(&bytes).min(AT_ONCE)).await?;
        if piece.is_empty() {
            return Err(pipe.cut(&format!("after {} of {size} bytes", bytes.len())));
        }
        limits.take(Stage::Command, &piece)?;
        bytes.extend_from_slice(&piece);
    }
    match pipe.exactly(1).await?.as_deref() {
        Some([0]) => {}
        Some(_) => {
            let said = line(&mut pipe).await?;
            return Err(refused(path, &said));
        }
        None => return Err(pipe.cut(&format!("after {size} bytes, without a word that these were all"))),
    }
    acknowledge(&mut pipe).await?;
    match pipe.status().await? {
        Some(0) => {}
        Some(status) => return Err(refused(path, &format!("scp ended with exit status {status}"))),
        None => return Err(pipe.cut(&format!("after {size} bytes, without an exit status"))),
    }
    // What it would send now.
    let (pipe, now) = begin(session, path, pace).await?;
    pipe.close().await;
    let told = |size| Told { size, changed_at: None };
    Ok(Reading { bytes, before: told(size), after: told(now) })
}

/// Starts a transfer as far as the size of the file.
async fn begin<'s>(session: &'s Session, path: &str, pace: Pace<'_>) -> Result<(Pipe<'s>, u64), Failure> {
    let mut pipe = Pipe::open(session, pace).await?;
    pipe.exec(&format!("scp -f {path}")).await?;
    acknowledge(&mut pipe).await?;
    let first = line(&mut pipe).await?;
    if let Some(said) = first.strip_prefix(['\u{1}', '\u{2}']) {
        return Err(if said.contains("No such file") {
            no_such(path)
        } else if said.to_lowercase().contains("permission denied") {
            denied(path)
        } else {
            refused(path, said)
        });
    }
    // `C0644 1234 name`
    let size = first.strip_prefix('C').and_then(|rest| rest.split(' ').nth(1)).and_then(|it| it.parse().ok());
    if let Some(size) = size {
        return Ok((pipe, size));
    }
    pipe.status().await?;
    let said = pipe.complaint().unwrap_or(first);
    Err(refused(path, &format!("no scp answers: {said}")))
}

async fn acknowledge(pipe: &mut Pipe<'_>) -> Result<(), Failure> {
    pipe.send(vec![0]).await
}

/// The next line, without its end; as much as there is where it has none.
async fn line(pipe: &mut Pipe<'_>) -> Result<String, Failure> {
    let mut line = Vec::new();
    while line.len() < LONGEST {
        match pipe.exactly(1).await?.as_deref() {
            Some([b'\n']) | None => break,
            Some(byte) => line.extend_from_slice(byte),
        }
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}
