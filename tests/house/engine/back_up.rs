//! The main job: a configuration taken, kept, compared.

use netraven::{
    domain::{
        access::{ReadRaw, ViewDevices},
        job::{JobState, Outcome},
        page::PageRequest,
    },
    service::backups,
    simulate::{Device, Platform},
};

use crate::support::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn every_platform_is_backed_up_and_unchanged_the_second_time() {
    let house = House::new().await;
    let (mut ids, mut fleet) = (Vec::new(), Vec::new());
    for platform in Platform::ALL {
        let (id, running) = house.device(Device::new(*platform, &format!("dev-{}", platform.as_str()))).await;
        ids.push(id);
        fleet.push(running);
    }
    for job in house.back_up(&ids).await {
        assert_eq!((job.state, job.outcome), (JobState::Succeeded, Some(Outcome::Stored)), "{job:#?}");
    }
    for job in house.back_up(&ids).await {
        assert_eq!((job.state, job.outcome), (JobState::Succeeded, Some(Outcome::Unchanged)), "{job:#?}");
    }
    let by = house.grant::<ViewDevices>();
    for id in ids {
        let page = backups::list(&house.core, &by, id, PageRequest::first(10)).await.unwrap();
        assert_eq!((page.total, page.rows[0].seen), (1, 2));
        let raw = backups::download(&house.core, &house.grant::<ReadRaw>(), &page.rows[0]).await.unwrap();
        assert_eq!(netraven::crypt::token::sha256(&raw), page.rows[0].sha256);
    }
    house.close().await;
}
