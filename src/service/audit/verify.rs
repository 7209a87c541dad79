//! Whether the trail is as it was written: no line changed, removed, moved, cut off or written anew.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::chain::{self, Anchor};
use crate::{
    crypt::{chain::mac, sealed::Key, token},
    domain::access::{Grant, ViewAudit},
    service::{Core, Fault},
    store::{self, Conn, audit::chain::Link},
};

/// Lines that are read at once.
const BATCH: i64 = 500;

/// What is wrong at a place of the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// A line, its number or its seal is not what was written.
    #[error("line {0} was changed, moved or replaced")]
    Changed(i64),
    /// A line is not there.
    #[error("line {0} is missing")]
    Missing(i64),
    /// A line stands where it was not written.
    #[error("line {0} was moved to another place")]
    Moved(i64),
    /// Lines at the end are not there.
    #[error("the trail ends before line {0}: what came after was cut off")]
    Cut(i64),
    /// The trail was written anew: it does not say what an anchor outside of the database remembers.
    #[error("line {0} is not the one that was written down outside of the database on {1}")]
    Rewritten(i64, DateTime<Utc>),
    /// Lines without a number came after the chain began.
    #[error("{1} without a number beside the chain, which begins with line {0}")]
    Beside(i64, String),
}

impl Break {
    /// The first number that is bad.
    pub fn seq(&self) -> i64 {
        match self {
            Self::Changed(seq)
            | Self::Missing(seq)
            | Self::Moved(seq)
            | Self::Cut(seq)
            | Self::Rewritten(seq, _)
            | Self::Beside(seq, _) => *seq,
        }
    }
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Lines of the chain that were looked at and are as they were written.
    pub lines: i64,
    /// Of these, lines without a seal, because NetRaven was sealed when they were written.
    pub unsealed: i64,
    /// Lines from before there was a chain: nothing can be said about them.
    pub before: i64,
    /// Ends of the chain that were written down outside of the database and still hold.
    pub anchors: usize,
    /// Lines of that file that cannot be read.
    pub unreadable_anchors: usize,
    /// What is wrong first, if anything.
    pub first_bad: Option<Break>,
}

impl Verdict {
    /// Whether the trail is as it was written.
    pub fn is_well(&self) -> bool {
        self.first_bad.is_none()
    }
}

/// Reads the whole trail and checks every link, against the ends that were written down outside of the database too.
pub async fn verify(core: &Core, _by: &Grant<ViewAudit>) -> Result<Verdict, Fault> {
    if let Some(why) = core.keyring.why_sealed() {
        return Err(Fault::Sealed(why.to_owned()));
    }
    // In this order: what is written while the chain is walked comes after what it must hold.
    let (anchors, unreadable_anchors) = chain::anchors(core).await?;
    let mut conn = core.db.read().await?;
    let head = store::audit::chain::head(&mut conn).await?;
    let key = chain::key(core, &head)?;
    let now = Anchor { at: core.now(), seq: head.seq, mac: head.mac };
    let mut walk = Walk { key, ends: ends(&anchors, &now), ..Walk::default() };
    while walk.verdict.is_well() {
        let links = store::audit::chain::links(&mut conn, walk.seq, BATCH).await?;
        if links.is_empty() {
            break;
        }
        for link in &links {
            if walk.verdict.is_well() {
                walk.step(link);
            }
        }
    }
    let after = store::audit::chain::head(&mut conn).await?;
    walk.end(after.seq, anchors.len());
    walk.verdict.unreadable_anchors = unreadable_anchors;
    beside(&mut conn, &mut walk).await?;
    Ok(walk.verdict)
}

/// What the chain must say at which number: each place with the seals and when they were written down.
fn ends(anchors: &[Anchor], head: &Anchor) -> BTreeMap<i64, Vec<Anchor>> {
    let mut ends: BTreeMap<i64, Vec<Anchor>> = BTreeMap::new();
    for anchor in anchors.iter().chain([head]).filter(|anchor| anchor.seq > 0) {
        ends.entry(anchor.seq).or_default().push(anchor.clone());
    }
    ends
}

#[derive(Default)]
struct Walk {
    key: Option<Key>,
    ends: BTreeMap<i64, Vec<Anchor>>,
    seq: i64,
    id: i64,
    first_id: i64,
    mac: String,
    verdict: Verdict,
}

impl Walk {
    fn step(&mut self, link: &Link) {
        let expected = self.seq + 1;
        if let Some(what) = self.bad(link, expected) {
            self.verdict.first_bad = Some(what);
            return;
        }
        if link.mac.is_empty() {
            self.verdict.unsealed += 1;
        } else {
            self.mac.clone_from(&link.mac);
        }
        if self.first_id == 0 {
            self.first_id = link.id;
        }
        self.seq = expected;
        self.id = link.id;
        let ends = self.ends.remove(&expected).unwrap_or_default();
        match ends.into_iter().find(|end| end.mac != self.mac) {
            Some(end) => self.verdict.first_bad = Some(Break::Rewritten(expected, end.at)),
            None => self.verdict.lines += 1,
        }
    }

    fn bad(&self, link: &Link, expected: i64) -> Option<Break> {
        if link.seq != expected {
            return Some(Break::Missing(expected));
        }
        let is_right = link.mac.is_empty()
            || self.key.as_ref().is_some_and(|key| {
                token::is_equal(&mac(key, &self.mac, link.seq, &link.canonical), &link.mac)
            });
        if !is_right {
            return Some(Break::Changed(expected));
        }
        (link.id <= self.id).then_some(Break::Moved(expected))
    }

    fn end(&mut self, head: i64, anchors: usize) {
        if !self.verdict.is_well() {
            return;
        }
        let is_cut = !self.ends.is_empty() || head < self.seq;
        if is_cut {
            self.verdict.first_bad = Some(Break::Cut(self.seq.min(head) + 1));
        } else {
            self.verdict.anchors = anchors;
        }
    }
}

async fn beside(conn: &mut Conn, walk: &mut Walk) -> Result<(), Fault> {
    let first = if walk.first_id == 0 { i64::MAX } else { walk.first_id };
    let (before, since) = store::audit::chain::without_number(conn, first).await?;
    walk.verdict.before = before;
    if since > 0 && walk.verdict.is_well() {
        let told = if since == 1 { "1 line".to_owned() } else { format!("{since} lines") };
        walk.verdict.first_bad = Some(Break::Beside(1, told));
    }
    Ok(())
}
