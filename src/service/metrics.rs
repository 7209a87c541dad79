//! What those who watch NetRaven count. What stands in the database is asked when somebody asks; what happened in
//! this process comes from its counters. Labels are words of our own: no device, no address, no person.

mod families;
mod process;

use super::{Core, Fault, nodes::Known, silence};
use crate::{
    crypt::token,
    domain::{access::Scope, secret::Secret, silence::Silence},
    store::{self, Load},
};

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// May rise and fall.
    Gauge,
    /// Only grows while the process runs.
    Counter,
    /// Counts by size.
    Histogram,
}

/// A number with what it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What follows the family's name: empty, or a histogram's `_bucket`, `_sum`, `_count`.
    pub suffix: &'static str,
    /// Names and values; values are words of ours or numbers.
    pub labels: Vec<(&'static str, String)>,
    /// The number.
    pub value: f64,
}

/// Numbers of one kind.
#[derive(Debug, Clone)]
pub struct Family {
    /// What it is called.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub help: &'static str,
    /// Of which kind.
    pub kind: Kind,
    /// The numbers.
    pub samples: Vec<Sample>,
}

/// What stands in the database when somebody asks.
struct Standing {
    queue: store::jobs::Queue,
    devices: Vec<(crate::domain::device::Standing, i64)>,
    silent: Vec<Silence>,
    nodes: Known,
    pool: Vec<(&'static str, Load)>,
    /// How long a connection had to be waited for just now, in seconds.
    waited: f64,
}

/// Everything there is to count. Asked by whoever may: see `web::ops`.
pub async fn gather(core: &Core) -> Result<Vec<Family>, Fault> {
    let pool = core.db.load();
    let began = std::time::Instant::now();
    let mut conn = core.db.read().await?;
    let waited = began.elapsed().as_secs_f64();
    let standing = Standing {
        queue: store::jobs::queue(&mut conn, core.now()).await?,
        devices: store::devices::standings(&mut conn, Scope::All).await?,
        silent: silence::look(core, &mut conn, Scope::All).await?,
        nodes: super::nodes::look(&mut conn).await?,
        pool,
        waited,
    };
    drop(conn);
    let mut families = families::all(core, &standing);
    families.extend(process::all().await);
    Ok(families)
}

/// Whether somebody who wants to watch has brought the right token.
pub fn is_token(brought: &str, wanted: &Secret) -> bool {
    token::is_equal(brought, wanted.expose())
}
