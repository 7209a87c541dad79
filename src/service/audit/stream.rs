//! The trail on its way to a log server (S-78): each line at least once, in the chain's order, outside of every
//! transaction. How far it has come is a number in the database, moved on after the server has taken the lines.

use chrono::{DateTime, Utc};

use super::log_server::{self, LogServerError};
use crate::{
    domain::{
        access::{Grant, Scope, ViewAudit},
        setting::LogWay,
    },
    service::{Core, Fault},
    store::{self, Conn, StoreError},
};

/// Lines that are sent over one connection.
const AT_ONCE: i64 = 500;

/// Why new lines did not go out.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The log server did not take them.
    #[error(transparent)]
    Server(#[from] LogServerError),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SendError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Sends the lines that the log server has not yet; gives how many. None where there is no log server.
///
/// Two that send at the same time send some lines twice, which their numbers tell.
///
/// # Errors
/// The server did not take some, or the database is not there; what was not taken is sent by the next call.
pub async fn send_new(core: &Core) -> Result<usize, SendError> {
    let mut count = 0;
    loop {
        let settings = core.settings.now();
        if settings.log_way == LogWay::Off {
            return Ok(count);
        }
        let mut conn = core.db.read().await?;
        let sent = store::audit::stream::sent(&mut conn).await?;
        let lines = store::audit::stream::after(&mut conn, sent, AT_ONCE).await?;
        drop(conn);
        let Some(last) = lines.last().and_then(|line| line.seq) else { return Ok(count) };
        log_server::send(core, &settings, &lines).await?;
        store::audit::stream::note(&mut core.db.write().await?, last).await?;
        count += lines.len();
    }
}

/// How many lines wait for the log server; `None` where there is none, and for who does not read the whole trail.
pub async fn unsent(core: &Core, by: &Grant<ViewAudit>) -> Result<Option<i64>, Fault> {
    if core.settings.now().log_way == LogWay::Off || by.scope() != Scope::All {
        return Ok(None);
    }
    let waiting = waiting(core, &mut core.db.read().await?).await?;
    Ok(Some(waiting.map_or(0, |(count, _)| count)))
}

/// How many lines wait for the log server, and since when; `None` where none does or there is no log server.
pub(in crate::service) async fn waiting(
    core: &Core,
    conn: &mut Conn,
) -> Result<Option<(i64, DateTime<Utc>)>, StoreError> {
    if core.settings.now().log_way == LogWay::Off {
        return Ok(None);
    }
    let sent = store::audit::stream::sent(conn).await?;
    store::audit::stream::waiting(conn, sent).await
}
