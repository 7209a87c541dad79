//! Host keys: pinned once, a changed one refused until a person accepts it (S-56, S-57, S-59).

use netraven::{
    domain::{
        host_key::{HostKey, HostKeyVerdict, Pin},
        id::DeviceId,
    },
    service::{devices, host_keys},
};

use crate::support::{house::House, sql, stock};

fn key(algorithm: &str, number: u8) -> HostKey {
    HostKey {
        algorithm: algorithm.to_owned(),
        fingerprint: format!("SHA256:{algorithm}{number}"),
        public_key: format!("{algorithm} AAAA{number}"),
    }
}

async fn pin(house: &House, device: DeviceId) -> Option<Pin> {
    devices::find(&house.core, &stock::grant(), device).await.unwrap().unwrap().pins.pop()
}

async fn shown(house: &House, device: DeviceId, place: &str, key: HostKey) -> HostKeyVerdict {
    let pinned = pin(house, device).await;
    host_keys::judge(&house.core, device, ((place.to_owned(), 22), key), pinned.as_ref()).await.unwrap()
}

#[tokio::test]
async fn the_first_key_is_pinned_and_another_one_or_another_type_is_refused() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let (own, other) = (key("ssh-ed25519", 1), key("ssh-ed25519", 2));
    assert_eq!(shown(&house, device, "h", own.clone()).await, HostKeyVerdict::Pinned);
    assert_eq!(shown(&house, device, "h", own.clone()).await, HostKeyVerdict::Known);
    for foreign in [other.clone(), key("rsa-sha2-512", 1)] {
        let verdict = shown(&house, device, "h", foreign.clone()).await;
        assert_eq!(verdict, HostKeyVerdict::Changed { pinned: own.clone() });
        let kept = pin(&house, device).await.unwrap();
        assert_eq!((kept.key, kept.refused.unwrap().0), (own.clone(), foreign));
    }
    let events = sql::texts(
        &house.core,
        "SELECT event AS value FROM audit_events WHERE event LIKE 'host%' ORDER BY id",
    )
    .await;
    assert_eq!(events, ["host_key_pinned", "host_key_refused", "host_key_refused"]);
}

#[tokio::test]
async fn only_the_fingerprint_that_a_person_saw_is_accepted() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let (own, other, third) = (key("ssh-ed25519", 1), key("ssh-ed25519", 2), key("ssh-ed25519", 3));
    shown(&house, device, "h", own).await;
    let accept = async |key: &HostKey| {
        host_keys::accept(&house.core, &stock::grant(), device, &key.fingerprint).await.unwrap()
    };
    assert!(!accept(&other).await, "nothing was refused yet");
    shown(&house, device, "h", other.clone()).await;
    shown(&house, device, "h", third.clone()).await;
    assert!(!accept(&other).await, "an old page's key was accepted");
    assert!(accept(&third).await);
    assert_eq!(shown(&house, device, "h", third.clone()).await, HostKeyVerdict::Known);
    let kept = pin(&house, device).await.unwrap();
    assert_eq!((kept.key, kept.pinned_by.as_str(), kept.refused), (third, "console", None));
}

// A pin counts for its place: a device that moved is met for the first time again.
#[tokio::test]
async fn a_device_that_moved_is_met_for_the_first_time() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    shown(&house, device, "old", key("ssh-ed25519", 1)).await;
    assert_eq!(shown(&house, device, "new", key("ssh-ed25519", 2)).await, HostKeyVerdict::Pinned);
    assert_eq!(pin(&house, device).await.unwrap().place.0, "new");
}
