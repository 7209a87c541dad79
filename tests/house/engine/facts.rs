//! What a device tells of itself: kept, shown, and told when it is another; never part of the comparison.

use netraven::{
    domain::{access::Role, entry::Level, job::Outcome},
    platform::Platforms,
    simulate::{Capture, Device, Identity},
};

use super::playing::again;
use crate::support::{fleet::patient, house::House, sql};

const SESSION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cisco_ios/access-switch.session");

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_kept_with_their_history_and_are_no_part_of_the_configuration() {
    let house = House::new().await;
    let viewer = house.signed_in(Role::Viewer).await;
    let platform = Platforms::shipped().unwrap().get("cisco_ios").unwrap();
    let capture = Capture::load(SESSION.as_ref()).unwrap().asked_with(&platform.config_commands());
    let mut device = Device::playing(capture.clone(), "access");
    device.identity = Some(Identity::ed25519().unwrap());
    let (ids, mut fleet) = house.fleet([device.clone()]).await;
    let page = format!("/devices/{}", ids[0]);
    assert!(!viewer.page(&page).await.contains("What it says of itself"));
    house.back_up_with(&ids, patient()).await;
    let shown = viewer.page(&page).await;
    for words in ["What it says of itself", "FOC0000AAAA", "WS-C2960X-24TS-L", "Serial number"] {
        assert!(shown.contains(words), "{words} is not in {shown}");
    }
    assert!(!shown.contains("Since then"), "nothing became another yet: {shown}");
    // The same once more: nothing became another.
    house.back_up_with(&ids, patient()).await;
    let changes = "SELECT count(*) FROM fact_changes";
    let first = sql::number(&house.core, changes).await;
    assert!(first >= 3, "{first}");
    // Another box in its place, with the same configuration.
    let mut other = capture;
    other.replace("FOC0000AAAA", "FOC0000BBBB");
    device.capture = Some(other.into());
    again(&mut fleet, device).await;
    let job = house.back_up_with(&ids, patient()).await.remove(0);
    assert_eq!(job.outcome, Some(Outcome::Unchanged), "{job:#?}");
    let log = house.log(job.id).await;
    let told =
        log.iter().find(|line| line.text.contains("The serial was FOC0000AAAA and is FOC0000BBBB now."));
    assert_eq!(told.map(|line| line.level), Some(Level::Warning), "{log:#?}");
    assert_eq!(sql::number(&house.core, changes).await, first + 1);
    let shown = viewer.page(&page).await;
    assert!(shown.contains("FOC0000AAAA") && shown.contains("FOC0000BBBB"), "{shown}");
    // They go with the device.
    sql::run(&house.core, &format!("DELETE FROM devices WHERE id = {}", ids[0])).await;
    assert_eq!(
        sql::number(&house.core, changes).await
            + sql::number(&house.core, "SELECT count(*) FROM facts").await,
        0
    );
    house.close().await;
}
