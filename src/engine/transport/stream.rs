//! A connection to a device, straight or over jump hosts.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::Session;

/// Bytes in both directions.
trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

/// A connection, with the sessions that it leads through; these end with it.
pub struct Stream {
    inner: Box<dyn Duplex>,
    /// Never looked at: it is there to be dropped last.
    _way: Option<Arc<Vec<Session>>>,
}

impl Stream {
    /// A connection of our own.
    pub fn straight(stream: TcpStream) -> Self {
        Self { inner: Box::new(stream), _way: None }
    }

    /// A channel of a session with a jump host, which somebody else keeps.
    pub fn through(channel: impl AsyncRead + AsyncWrite + Send + Sync + Unpin + 'static) -> Self {
        Self { inner: Box::new(channel), _way: None }
    }

    /// The same, keeping the sessions of its way.
    pub fn keeping(self, way: Arc<Vec<Session>>) -> Self {
        Self { _way: Some(way), ..self }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
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
