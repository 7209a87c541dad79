//! Devices that are divided into contexts, through real sockets: every text comes home under its name, or none does.

use netraven::{
    domain::{
        access::{ReadRaw, ViewDevices},
        context::Standing::{self, Added, Changed, First, Removed, Same},
        failure::{FailureClass, Stage},
        id::DeviceId,
        job::{Job, JobState, Outcome},
    },
    service::backups,
    simulate::{
        Capture, Device, Fault, Identity, Running,
        contexts::{Divided, asa, fortigate, vsx},
    },
};

use super::playing::again;
use crate::support::{fleet::patient, house::House};

const LINES: &str = "object network a\n host 192.0.2.1\n!\n";
const SETS: &str =
    "set interface eth1 state on\nset static-route default nexthop gateway address 198.51.100.1 on\n";
const SETTINGS: &str = "    set comments \"of its own\"\n    set vdom-type traffic\n";

/// One of each: its name, the line before each text where there is one, and what it holds.
fn one_of_each() -> [(&'static str, &'static str, Divided); 3] {
    [
        ("asa", "! context: ", asa("fw1", &[("admin", LINES), ("b-1", LINES), ("c2", LINES)])),
        ("vsx", "# context: ", vsx("gw1", &[("gw1", SETS), ("gw1_VS1", SETS), ("gw1_VS2", SETS)])),
        ("fortigate", "", fortigate("FGT1", &[("root", SETTINGS), ("dmz", SETTINGS), ("wan-1", SETTINGS)])),
    ]
}

fn device(name: &str, capture: Capture) -> Device {
    Device { identity: Some(Identity::ed25519().unwrap()), ..Device::playing(capture, name) }
}

async fn back_up(house: &House, id: DeviceId) -> Job {
    house.back_up_with(&[id], patient()).await.remove(0)
}

async fn stored(house: &House, id: DeviceId, wanted: Outcome) {
    let job = back_up(house, id).await;
    let log: Vec<String> = house.log(job.id).await.into_iter().map(|line| line.text).collect();
    assert_eq!((job.state, job.outcome), (JobState::Succeeded, Some(wanted)), "{job:#?}\n{log:#?}");
}

/// The contexts of the newest version, and how each stands beside the version before.
async fn standings(house: &House, id: DeviceId) -> Vec<(String, Standing)> {
    let newest = house.versions(id).await.remove(0);
    let listed = backups::contexts::list(&house.core, &house.grant(), &newest).await.unwrap();
    listed.into_iter().map(|it| (it.name, it.standing)).collect()
}

fn named(wanted: &[(&str, Standing)]) -> Vec<(String, Standing)> {
    wanted.iter().map(|(name, standing)| ((*name).to_owned(), *standing)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_text_comes_home_byte_for_byte_under_its_name_and_a_second_time_nothing_changed() {
    let house = House::new().await;
    for (name, heading, Divided { capture, texts }) in one_of_each() {
        let (ids, _fleet) = house.fleet([device(name, capture)]).await;
        stored(&house, ids[0], Outcome::Stored).await;
        let version = house.versions(ids[0]).await.remove(0);
        let is_first = |name: &str| heading.is_empty() || name == "system";
        let part = |(name, text): &(String, String)| {
            let line = if is_first(name) { String::new() } else { format!("{heading}{name}\n") };
            line + text
        };
        let whole: String = texts.iter().map(part).collect();
        assert_eq!(String::from_utf8(house.raw(&version).await).unwrap(), whole, "{name}");
        let by = house.grant::<ReadRaw>();
        for (context, text) in &texts {
            let own = backups::contexts::download(&house.core, &by, &version, context).await.unwrap();
            assert_eq!(
                own.map(|own| String::from_utf8(own).unwrap()).as_ref(),
                Some(text),
                "{name} {context}"
            );
        }
        assert_eq!(backups::contexts::download(&house.core, &by, &version, "none").await.unwrap(), None);
        let view = house.grant::<ViewDevices>();
        let listed = backups::contexts::list(&house.core, &view, &version).await.unwrap();
        let listed: Vec<_> = listed.into_iter().map(|it| (it.name, it.lines, it.standing)).collect();
        let wanted: Vec<_> =
            texts.iter().map(|(name, text)| (name.clone(), text.lines().count(), First)).collect();
        assert_eq!(listed, wanted, "{name}");
        stored(&house, ids[0], Outcome::Unchanged).await;
        assert_eq!(house.versions(ids[0]).await.len(), 1, "{name}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_as_that_of_its_context_and_what_comes_and_goes_is_told() {
    let house = House::new().await;
    let first = asa("fw1", &[("admin", LINES), ("b-1", LINES), ("c2", LINES)]);
    let mut device = device("fw1", first.capture);
    let (ids, mut fleet) = house.fleet([device.clone()]).await;
    stored(&house, ids[0], Outcome::Stored).await;

    let changed = LINES.replace("192.0.2.1", "192.0.2.77");
    let next = asa("fw1", &[("admin", LINES), ("b-1", &changed), ("c2", LINES)]);
    play(&mut fleet, &mut device, next.capture).await;
    stored(&house, ids[0], Outcome::Stored).await;
    let wanted = [("system", Same), ("admin", Same), ("b-1", Changed), ("c2", Same)];
    assert_eq!(standings(&house, ids[0]).await, named(&wanted));
    let versions = house.versions(ids[0]).await;
    let by = house.grant::<ViewDevices>();
    let diff = backups::compare(&house.core, &by, (&versions[1], &versions[0]), Some(3)).await.unwrap();
    let rows = diff.parts.iter().flat_map(|part| match part {
        netraven::domain::diff::Part::Rows(rows) => rows.clone(),
        netraven::domain::diff::Part::Gap(_) => Vec::new(),
    });
    let of: Vec<_> =
        rows.filter(|row| !row.is_equal()).map(|row| diff.context(&row).map(str::to_owned)).collect();
    assert_eq!(of, [Some("b-1".to_owned())]);
    let one = |version, name| backups::compare::Side::Context(version, name);
    let sides = (one(&versions[1], "b-1"), one(&versions[0], "b-1"));
    let patch = backups::compare::patch_any(&house.core, &by, sides).await.unwrap();
    assert!(patch.contains("context b-1\n@@ ") && patch.contains("\n+ host 192.0.2.77\n"), "{patch}");
    let sides = (one(&versions[1], "c2"), one(&versions[0], "c2"));
    assert_eq!(backups::compare::patch_any(&house.core, &by, sides).await.unwrap(), "");

    // One goes, another comes: the system's list tells it, too.
    let next = asa("fw1", &[("admin", LINES), ("b-1", &changed), ("d3", LINES)]);
    play(&mut fleet, &mut device, next.capture).await;
    stored(&house, ids[0], Outcome::Stored).await;
    let wanted = [("system", Changed), ("admin", Same), ("b-1", Same), ("d3", Added), ("c2", Removed)];
    assert_eq!(standings(&house, ids[0]).await, named(&wanted));
    house.close().await;
}

async fn play(fleet: &mut Vec<Running>, device: &mut Device, capture: Capture) {
    device.capture = Some(capture.into());
    again(fleet, device.clone()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_in_any_of_its_texts_nothing_is_promoted() {
    let house = House::new().await;
    let (mut devices, mut sessions) = (Vec::new(), 0);
    for (name, _, Divided { capture, texts }) in one_of_each() {
        let whole: usize = texts.iter().map(|(_, text)| text.len()).sum();
        // Gaia's texts have nothing at their end: where the device itself stops, only the shape of its last line tells.
        let faults: &[fn(usize) -> Fault] =
            if name == "asa" { &[Fault::Cut, Fault::CutClean] } else { &[Fault::Cut] };
        for fault in faults {
            for n in 0..30 {
                let cut = fault(1 + n * (whole - 8) / 29);
                devices
                    .push(Device::playing(capture.clone(), &format!("{name}-{sessions}")).with_faults(cut));
                sessions += 1;
            }
        }
    }
    let (ids, _fleet) = house.fleet(devices).await;
    for job in house.back_up_with(&ids, patient()).await {
        assert_eq!(job.state, JobState::Failed, "{job:#?}");
        assert!(house.versions(job.device.unwrap()).await.is_empty(), "{}: promoted", job.device_name);
    }
    house.close().await;
}

/// Backs up a device of which something is wrong; gives what the job says.
async fn told(house: &House, name: &str, capture: Capture) -> (FailureClass, Stage, String) {
    let (ids, _fleet) = house.fleet([device(name, capture)]).await;
    let job = back_up(house, ids[0]).await;
    assert_eq!(job.state, JobState::Failed, "{job:#?}");
    assert!(house.versions(ids[0]).await.is_empty());
    (job.class.unwrap(), job.stage.unwrap(), job.message.unwrap())
}

fn replaced(mut divided: Divided, from: &str, to: &str) -> Capture {
    divided.capture.replace(from, to);
    divided.capture
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_context_that_cannot_be_read_fails_the_job_and_is_named() {
    let house = House::new().await;
    let [(_, _, asa), (_, _, vsx), _] = one_of_each();
    let missing = "%Error opening disk0:/b-1.cfg (No such file or directory)\n";
    let capture = replaced(asa.clone(), &asa.texts[2].1, missing);
    let (class, stage, message) = told(&house, "missing", capture).await;
    assert_eq!((class, stage), (FailureClass::ErrorOutput, Stage::Check));
    assert!(message.starts_with("the context b-1: the device answered: %Error opening"), "{message}");

    let capture = replaced(asa.clone(), "admin-context", "! context: z\nadmin-context");
    let (_, _, message) = told(&house, "forged", capture).await;
    assert!(message.contains("reads like the heading"), "{message}");

    let capture = replaced(asa.clone(), "disk0:/c2.cfg", "disk0:/c2.cfg|append");
    let (class, stage, message) = told(&house, "hostile", capture).await;
    assert_eq!((class, stage), (FailureClass::ErrorOutput, Stage::Command));
    assert!(message.contains("the context c2: ") && message.contains("unfit for a command"), "{message}");

    let refused = "changeto system\nERROR: % Invalid input detected at '^' marker.\n";
    let capture = replaced(asa.clone(), "changeto system\n", refused);
    let (_, _, message) = told(&house, "own-context", capture).await;
    assert!(message.contains("their list was not reached: `changeto system` is refused"), "{message}");

    // Where the way in is not proven, the text would be another's.
    let capture = replaced(vsx.clone(), "gw1:2>", "gw1:1>");
    let (class, _, message) = told(&house, "elsewhere", capture).await;
    assert_eq!(class, FailureClass::ErrorOutput);
    assert!(message.starts_with("the context gw1_VS2: after `set virtual-system 2`"), "{message}");
    let refusal = "Context is set to Virtual Device gw1_VS1 (ID 1).";
    let capture = replaced(vsx, refusal, "CLINFR0329  Invalid command:'set virtual-system 1'.");
    let (_, _, message) = told(&house, "refused", capture).await;
    assert!(message.starts_with("the context gw1_VS1: `set virtual-system 1` is refused"), "{message}");
    house.close().await;
}
