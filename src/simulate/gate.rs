//! The socket of one connection, with a switch that closes it from the device's side.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::seen::Counters;

/// Closes a [`Gate`] and tells how much went through it.
#[derive(Clone)]
pub(super) struct Switch {
    closed: CancellationToken,
    written: Arc<AtomicU64>,
}

impl Switch {
    /// A switch that is also thrown when `parent` is.
    pub(super) fn under(parent: &CancellationToken) -> Self {
        Self { closed: parent.child_token(), written: Arc::default() }
    }

    /// Drops the connection now, as a pulled cable with a polite TCP stack.
    pub(super) fn close(&self) {
        self.closed.cancel();
    }

    /// Waits until the connection is to be dropped.
    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Bytes given to the operating system so far, as they go over the wire.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }
}

/// A TCP stream under a [`Switch`]; counts as an open connection while it lives.
pub(super) struct Gate {
    stream: TcpStream,
    switch: Switch,
    closing: Pin<Box<WaitForCancellationFutureOwned>>,
    counters: Arc<Counters>,
}

impl Gate {
    pub(super) fn new(stream: TcpStream, switch: &Switch, counters: Arc<Counters>) -> Self {
        counters.opened();
        let closing = Box::pin(switch.closed.clone().cancelled_owned());
        Self { stream, switch: switch.clone(), closing, counters }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.counters.closed();
    }
}

impl AsyncRead for Gate {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.closing.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Gate {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.switch.closed.is_cancelled() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let wrote = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.switch.written.fetch_add(u64::try_from(wrote).unwrap_or(0), Relaxed);
        Poll::Ready(Ok(wrote))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
