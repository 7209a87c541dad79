//! A backup that is asked for ahead of its time.

use std::time::Duration;

use netraven::{
    domain::{
        job::{JobFilter, JobState, Outcome},
        schedule::{NewSchedule, Recurrence},
    },
    service::schedules,
};

use super::{all_jobs, open_house, over, well};
use crate::support::{house::House, process::until, stock};

async fn looked_at(house: &House) {
    // The planner looks once a second; a schedule that is due at once tells that it has looked.
    let probe = NewSchedule::new("probe", Recurrence::Immediate);
    let id = schedules::create(&house.core, &stock::grant(), &probe).await.unwrap();
    let fired = async || {
        let found = schedules::find(&house.core, &stock::grant(), id).await.unwrap().unwrap();
        (!found.is_enabled).then_some(())
    };
    until(20, fired, || "the planner does not look".to_owned()).await;
    schedules::delete(&house.core, &stock::grant(), id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_backup_waits_for_its_time_and_is_then_taken_once() {
    let house = open_house().await;
    let once = Recurrence::once("2026-03-01", "14:00", "UTC").unwrap();
    schedules::create(&house.core, &stock::grant(), &NewSchedule::new("At two", once)).await.unwrap();
    looked_at(&house).await;
    let (ids, fleet) = house.fleet(well(3)).await;
    assert!(all_jobs(&house, &JobFilter::default()).await.is_empty(), "it is noon");

    house.clock.advance(Duration::from_hours(2));
    for job in over(&house, 3).await {
        let told = (job.state, job.outcome, job.started_by.as_str());
        assert_eq!(told, (JobState::Succeeded, Some(Outcome::Stored), "At two"), "{job:#?}");
    }
    for id in &ids {
        assert_eq!(house.versions(*id).await.len(), 1);
    }
    // Its time does not come again.
    looked_at(&house).await;
    let again = over(&house, 6).await;
    assert!(again.iter().skip(3).all(|job| job.started_by == "probe"), "{again:#?}");
    assert!(fleet.iter().all(|running| running.seen().sessions == 2));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_is_switched_off_or_deleted_takes_nothing() {
    let house = open_house().await;
    let (_, fleet) = house.fleet(well(2)).await;
    let hourly = Recurrence::every("60").unwrap();
    let off = NewSchedule { is_enabled: false, ..NewSchedule::new("Off", hourly.clone()) };
    schedules::create(&house.core, &stock::grant(), &off).await.unwrap();
    let gone = schedules::create(&house.core, &stock::grant(), &NewSchedule::new("Gone", hourly)).await;
    schedules::delete(&house.core, &stock::grant(), gone.unwrap()).await.unwrap();
    house.clock.advance(Duration::from_mins(59));
    looked_at(&house).await;
    let jobs = over(&house, 2).await;
    assert!(jobs.iter().all(|job| job.started_by == "probe"), "{jobs:#?}");
    assert!(fleet.iter().all(|running| running.seen().sessions == 1));
    house.close().await;
}
