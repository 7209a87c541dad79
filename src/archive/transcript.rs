//! A session's transcript on its way into its row and out again: compressed and sealed.

use crate::{
    archive::{ArchiveError, LEVEL},
    crypt::{Keyring, Place},
    domain::{id::JobId, transcript::Transcript},
    store::entries::SealedTranscript,
};

/// The largest that is taken out again: what a session may keep, with room for how it is written down.
const LARGEST: usize = 128 * 1024 * 1024;

fn place(job: &str) -> Place<'_> {
    Place { table: "transcripts", column: "sealed", row: job }
}

/// Compresses and seals a transcript.
pub fn pack(
    keyring: &Keyring,
    job: JobId,
    transcript: &Transcript,
) -> Result<SealedTranscript, ArchiveError> {
    let row = job.to_string();
    let failed = |e: String| ArchiveError::Compression(format!("transcript of job {row}"), e);
    let text = serde_json::to_vec(transcript).map_err(|e| failed(e.to_string()))?;
    let squeezed = zstd::bulk::compress(&text, LEVEL).map_err(|e| failed(e.to_string()))?;
    Ok(SealedTranscript {
        sealed: keyring.seal(place(&row), &squeezed)?,
        bytes: i64::try_from(transcript.bytes()).unwrap_or(i64::MAX),
        was_truncated: transcript.was_truncated,
    })
}

/// Opens what [`pack`] made for the same job.
pub fn open(keyring: &Keyring, job: JobId, sealed: &[u8]) -> Result<Transcript, ArchiveError> {
    let row = job.to_string();
    let failed = |e: String| ArchiveError::Compression(format!("transcript of job {row}"), e);
    let squeezed = keyring.unseal(place(&row), sealed)?;
    let room = zstd::bulk::Decompressor::upper_bound(&squeezed).unwrap_or(LARGEST).min(LARGEST);
    let text = zstd::bulk::decompress(&squeezed, room).map_err(|e| failed(e.to_string()))?;
    serde_json::from_slice(&text).map_err(|e| failed(e.to_string()))
}
