//! An open transaction.

use std::ops::{Deref, DerefMut};

use diesel::connection::AnsiTransactionManager;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, TransactionManager, pooled_connection::deadpool::Object,
};
use tokio::sync::oneshot;

use super::{Conn, SqliteConn};
use crate::store::StoreError;

/// An open transaction. Dropped without [`Tx::commit`], it closes its connection, which rolls back.
pub struct Tx {
    pub(super) conn: Option<Conn>,
    /// Where the connection goes back to, with whether it was committed, if the transaction is a part of a larger one.
    home: Option<oneshot::Sender<(Conn, bool)>>,
}

impl Tx {
    pub(super) fn of(conn: Conn) -> Self {
        Self { conn: Some(conn), home: None }
    }

    /// A part of the transaction that is open on `conn`; gives that back, with whether the part was committed.
    pub(super) fn within(conn: Conn) -> (Self, oneshot::Receiver<(Conn, bool)>) {
        let (home, back) = oneshot::channel();
        (Self { conn: Some(conn), home: Some(home) }, back)
    }

    pub(super) async fn begin(conn: Conn) -> Result<Self, StoreError> {
        // The guard exists before BEGIN is sent, so that a caller who gives up cannot leave a transaction open.
        let mut tx = Self::of(conn);
        match &mut *tx {
            // The second argument of BEGIN matters to other processes: the command line beside the server.
            Conn::Sqlite(c) => {
                c.spawn_blocking(|c| AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"))
                    .await?;
            }
            Conn::Postgres(c) => {
                <AsyncPgConnection as AsyncConnection>::TransactionManager::begin_transaction(&mut ***c)
                    .await?;
            }
        }
        Ok(tx)
    }

    /// Makes everything done in it true at once; what is a part of a larger one, with that.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if let Some(home) = self.home.take() {
            if let Some(conn) = self.conn.take() {
                give(home, conn, true);
            }
            return Ok(());
        }
        match &mut *self {
            Conn::Sqlite(c) => {
                <SqliteConn as AsyncConnection>::TransactionManager::commit_transaction(&mut ***c).await?;
            }
            Conn::Postgres(c) => {
                <AsyncPgConnection as AsyncConnection>::TransactionManager::commit_transaction(&mut ***c)
                    .await?;
            }
        }
        drop(self.conn.take());
        Ok(())
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        match (self.home.take(), conn) {
            (Some(home), conn) => give(home, conn, false),
            (None, Conn::Sqlite(c)) => drop(Object::take(*c)),
            (None, Conn::Postgres(c)) => drop(Object::take(*c)),
        }
    }
}

/// Gives a connection back; where nobody takes it any more it is dropped.
fn give(home: oneshot::Sender<(Conn, bool)>, conn: Conn, is_committed: bool) {
    drop(home.send((conn, is_committed)));
}

impl Deref for Tx {
    type Target = Conn;

    #[expect(clippy::expect_used, reason = "only commit and drop take it, and both consume the guard")]
    fn deref(&self) -> &Conn {
        self.conn.as_ref().expect("present until commit")
    }
}

impl DerefMut for Tx {
    #[expect(clippy::expect_used, reason = "only commit and drop take it, and both consume the guard")]
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn.as_mut().expect("present until commit")
    }
}
