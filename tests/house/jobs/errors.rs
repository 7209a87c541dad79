//! A batch in which nearly everything goes wrong: each failure is told for what it is and harms nobody else.

use netraven::{
    domain::{
        access::{Role, ViewDevices},
        failure::FailureClass as Class,
        job::{JobState, Outcome},
    },
    service::devices,
    simulate::{Device, Fault, Faults, Platform},
};

use super::{ask, over};
use crate::support::house::House;

const WRONG: &[(&str, Class)] = &[
    ("refuse", Class::Refused),
    ("stall=key_exchange", Class::Timeout),
    ("wrong-password", Class::AuthFailed),
    ("changed-key", Class::HostKeyChanged),
    ("cut=4000", Class::ConnectionLost),
    ("cut-clean=4000", Class::Truncated),
    ("error-text", Class::ErrorOutput),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_is_told_harms_nobody_and_is_over_when_its_cause_is() {
    let house = House::at_work().await;
    let person = house.signed_in(Role::Operator).await;
    let named = |fault: &str| format!("with-{}", fault.split('=').next().unwrap());
    let devices = WRONG.iter().map(|(fault, _)| Device::new(Platform::CiscoIos, &named(fault)));
    let (ids, fleet) = house.fleet(devices.chain([Device::new(Platform::CiscoIos, "well")])).await;
    ask(&person, &ids).await;
    assert!(over(&house, ids.len()).await.iter().all(|job| job.outcome == Some(Outcome::Stored)));

    for (running, (fault, _)) in fleet.iter().zip(WRONG) {
        running.set_faults([fault.parse::<Fault>().unwrap()].into_iter().collect::<Faults>());
    }
    ask(&person, &ids).await;
    let jobs = over(&house, ids.len() * 2).await.split_off(ids.len());
    for (fault, class) in WRONG {
        let job = jobs.iter().find(|job| job.device_name == named(fault)).unwrap();
        assert_eq!((job.state, job.class), (JobState::Failed, Some(*class)), "{job:#?}");
        // In words, with its stage, on the job's page; and the log ends with it.
        let message = job.message.clone().unwrap();
        assert!(message.len() > 10 && job.stage.is_some(), "{job:#?}");
        assert!(house.log(job.id).await.iter().any(|line| line.text.contains(&message)), "{message}");
        assert_eq!(person.get(&format!("/jobs/{}", job.id)).await.status(), 200);
    }
    let well = jobs.iter().find(|job| job.device_name == "well").unwrap();
    assert_eq!(well.outcome, Some(Outcome::Unchanged), "{well:#?}");
    for id in &ids {
        let device =
            devices::find(&house.core, &house.grant::<ViewDevices>(), *id).await.unwrap().unwrap().device;
        assert!(device.current_backup.is_some(), "the last good version stays: {device:#?}");
        assert_eq!(house.versions(*id).await.len(), 1);
    }

    fleet.iter().for_each(netraven::simulate::Running::clear_faults);
    ask(&person, &ids).await;
    for job in over(&house, ids.len() * 3).await.split_off(ids.len() * 2) {
        assert_eq!(job.outcome, Some(Outcome::Unchanged), "{job:#?}");
    }
    house.close().await;
}
