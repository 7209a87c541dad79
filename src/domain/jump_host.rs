//! Jump hosts: SSH servers through which devices are reached.

use chrono::{DateTime, Utc};

use super::{
    device::{Address, DeviceName, Port},
    host_key::Pin,
    id::{CredentialId, JumpHostId},
};

/// So many are on one way at most: each costs a handshake.
pub const LONGEST_WAY: usize = 4;

/// A jump host to be added; also the full new state of one that is edited.
#[derive(Debug)]
pub struct NewJumpHost {
    /// Unique without regard to case.
    pub name: DeviceName,
    /// Where it is.
    pub address: Address,
    /// Where it listens.
    pub port: Port,
    /// The shared credential that it is shown.
    pub credential: CredentialId,
    /// Through which other it is reached itself.
    pub via: Option<JumpHostId>,
}

/// A jump host.
#[derive(Debug, Clone)]
pub struct JumpHost {
    /// The row.
    pub id: JumpHostId,
    /// Unique without regard to case.
    pub name: String,
    /// IP address or host name.
    pub address: String,
    /// TCP port.
    pub port: u16,
    /// The shared credential that it is shown.
    pub credential: CredentialId,
    /// Through which other it is reached itself.
    pub via: Option<JumpHostId>,
    /// Its pinned host key; of another place when it was moved since.
    pub pin: Option<Pin>,
    /// The revision of its credential's secrets that it has refused, and when: no job shows it these again.
    pub refused: Option<(i32, DateTime<Utc>)>,
    /// Counts edits.
    pub version: i32,
}

/// The way to whatever is behind the jump host `last`, the one that is reached first at first; `None` where it is longer than
/// [`LONGEST_WAY`] or comes back to itself.
pub fn way(all: &[JumpHost], last: JumpHostId) -> Option<Vec<&JumpHost>> {
    let (mut way, mut next) = (Vec::new(), Some(last));
    while let Some(id) = next {
        let host = all.iter().find(|host| host.id == id)?;
        if way.len() == LONGEST_WAY {
            return None;
        }
        way.push(host);
        next = host.via;
    }
    way.reverse();
    Some(way)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(id: i64, via: Option<i64>) -> JumpHost {
        JumpHost {
            id: JumpHostId(id),
            name: format!("jump-{id}"),
            address: "192.0.2.1".to_owned(),
            port: 22,
            credential: CredentialId(1),
            via: via.map(JumpHostId),
            pin: None,
            refused: None,
            version: 1,
        }
    }

    #[test]
    fn a_way_begins_with_the_one_that_is_reached_first_and_never_goes_round() {
        let all = [host(1, None), host(2, Some(1)), host(3, Some(2)), host(4, Some(3)), host(5, Some(4))];
        let told =
            |last| way(&all, JumpHostId(last)).map(|way| way.iter().map(|it| it.id.0).collect::<Vec<_>>());
        assert_eq!(told(1), Some(vec![1]));
        assert_eq!(told(3), Some(vec![1, 2, 3]));
        assert_eq!((told(4).map(|way| way.len()), told(5), told(9)), (Some(4), None, None));
        let round = [host(1, Some(2)), host(2, Some(1))];
        assert!(way(&round, JumpHostId(1)).is_none());
    }
}
