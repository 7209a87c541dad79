//! Cut anywhere, a configuration never becomes a backup.

use netraven::{
    domain::job::Outcome,
    simulate::{Device, Fault, Platform},
};

use crate::support::{fleet::patient, house::House};

/// Devices of one platform, each cut at another of `count` offsets over its whole configuration.
///
/// The last offset is a few bytes before the end; a cut there has all lines but not the whole of the last.
fn cut(platform: Platform, count: usize, fault: fn(usize) -> Fault) -> Vec<Device> {
    let whole = Device::new(platform, "whole").configuration.len();
    let offset = |n: usize| 1 + n * (whole - 8) / (count - 1);
    (0..count)
        .map(|n| {
            let name = format!("{}-{n}", platform.as_str());
            let mut device = Device::new(platform, &name).with_faults(fault(offset(n)));
            if n % 2 == 1 {
                // Lines that look like the prompt, all through the text.
                let lines = device.configuration.lines();
                let marked = match platform {
                    Platform::CiscoIos | Platform::AristaEos | Platform::Frr => {
                        lines.map(|line| format!("{line}\n! {name}#\n{name}#\n")).collect::<String>()
                    }
                    Platform::JuniperJunos
                    | Platform::MikrotikRouteros
                    | Platform::Linux
                    | Platform::PaloaltoPanosApi => lines.map(|line| format!("{line}\n")).collect(),
                };
                device.configuration = marked.into();
            }
            device
        })
        .collect()
}

/// Backs all of them up and gives those that were believed.
async fn believed(devices: Vec<Device>) -> Vec<String> {
    let house = House::new().await;
    let (ids, _fleet) = house.fleet(devices).await;
    let mut wrong = Vec::new();
    for job in house.back_up_with(&ids, patient()).await {
        if job.outcome != Some(Outcome::Error) || job.class.is_none() || job.stage.is_none() {
            wrong.push(format!("{}: {:?} {:?}", job.device_name, job.outcome, job.message));
        }
        if !house.versions(job.device.unwrap()).await.is_empty() {
            wrong.push(format!("{}: became a version", job.device_name));
        }
    }
    house.close().await;
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn ios_cut_at_200_offsets_is_never_promoted() {
    let devices = cut(Platform::CiscoIos, 200, Fault::Cut);
    assert_eq!(believed(devices).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_platforms_cut_at_20_offsets_are_never_promoted() {
    let others = [
        Platform::AristaEos,
        Platform::JuniperJunos,
        Platform::MikrotikRouteros,
        Platform::Frr,
        Platform::Linux,
    ];
    let devices = others.into_iter().flat_map(|platform| cut(platform, 20, Fault::Cut)).collect();
    assert_eq!(believed(devices).await, Vec::<String>::new());
}

/// The device itself stops and shows its prompt, or says that all is well: only the text can tell.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_stops_early_by_itself_is_not_believed_where_the_text_has_an_end_mark() {
    let marked = [Platform::CiscoIos, Platform::AristaEos, Platform::Frr, Platform::Linux];
    let devices = marked.into_iter().flat_map(|platform| cut(platform, 20, Fault::CutClean)).collect();
    assert_eq!(believed(devices).await, Vec::<String>::new());
}
