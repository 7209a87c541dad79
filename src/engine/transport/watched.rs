//! A connection that tells when the device has identified itself and what it offers, and that can be cut.

use std::{
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::watch,
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::offer::{Offer, Reading};
use crate::domain::failure::Stage;

/// The longest run of lines before the identification string that is looked through.
const MOST_BEFORE_IDENTIFICATION: usize = 64 * 1024;

/// Wraps a stream: moves the stage from `banner` to `key_exchange` at the identification string, and ends
/// reading when the session is given up. The SSH library runs a connection in a task of its own that outlives
/// a given-up handshake; the cut is what ends it.
pub struct Watched<S> {
    inner: S,
    stage: watch::Sender<Stage>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    /// The line under way and all bytes so far, until the identification string is seen.
    before: Option<(Vec<u8>, usize)>,
    /// What came after the identification string, until the offer is read.
    first: Option<Vec<u8>>,
    offer: Arc<OnceLock<Offer>>,
}

impl<S> Watched<S> {
    /// Watches `inner`; what the device offers is put into `offer`.
    pub fn new(
        inner: S,
        stage: watch::Sender<Stage>,
        cut: CancellationToken,
        offer: Arc<OnceLock<Offer>>,
    ) -> Self {
        let cut = Box::pin(cut.cancelled_owned());
        Self { inner, stage, cut, before: Some((Vec::new(), 0)), first: None, offer }
    }

    fn look_at(&mut self, bytes: &[u8]) {
        if self.before.is_some() {
            self.look_for_identification(bytes);
        } else {
            self.look_for_offer(bytes);
        }
    }

    fn look_for_offer(&mut self, bytes: &[u8]) {
        let Some(first) = &mut self.first else { return };
        first.extend_from_slice(bytes);
        match Offer::read(first) {
            Reading::More => return,
            Reading::Not => {}
            Reading::Done(offer) => drop(self.offer.set(offer)),
        }
        self.first = None;
    }

    fn look_for_identification(&mut self, bytes: &[u8]) {
        let Some((line, seen)) = &mut self.before else { return };
        *seen += bytes.len();
        let too_much = *seen > MOST_BEFORE_IDENTIFICATION;
        for (at, &byte) in bytes.iter().enumerate() {
            if byte != b'\n' {
                line.push(byte);
            } else if line.starts_with(b"SSH-") {
                self.before = None;
                self.first = Some(Vec::new());
                self.stage.send_replace(Stage::KeyExchange);
                self.look_for_offer(bytes.get(at + 1..).unwrap_or_default());
                return;
            } else {
                line.clear();
            }
        }
        if too_much {
            self.before = None;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.cut.as_mut().poll(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let filled = buffer.filled().len();
        let result = Pin::new(&mut this.inner).poll_read(context, buffer);
        if (this.before.is_some() || this.first.is_some()) && result.is_ready() {
            this.look_at(buffer.filled().get(filled..).unwrap_or_default());
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn the_identification_string_moves_the_stage_and_a_cut_ends_reading() {
        let (mut device, ours) = tokio::io::duplex(100);
        let (stage, told) = watch::channel(Stage::Banner);
        let cut = CancellationToken::new();
        let mut watched = Watched::new(ours, stage, cut.clone(), Arc::default());
        let mut buffer = [0; 50];

        device.write_all(b"welcome\r\nSSH-2.0-x").await.unwrap();
        assert_eq!(watched.read(&mut buffer).await.unwrap(), 18);
        assert_eq!(*told.borrow(), Stage::Banner);
        device.write_all(b"y\r\n").await.unwrap();
        assert_eq!(watched.read(&mut buffer).await.unwrap(), 3);
        assert_eq!(*told.borrow(), Stage::KeyExchange);

        cut.cancel();
        assert_eq!(watched.read(&mut buffer).await.unwrap(), 0);
    }
}
