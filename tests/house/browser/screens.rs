//! The pictures in `docs/screens`: `NETRAVEN_SCREENS=1` makes them anew, otherwise each page is only photographed.

use std::time::Duration;

use netraven::{
    config::Config,
    domain::id::DeviceId,
    service::setup,
    simulate::{Device, Fault, Faults, Running, fleet},
};

use super::{
    as_admin,
    photo::{Look, stop_clock, take},
    world,
};
use crate::support::{chromium::Browser, house::House, stock};

const EVERYWHERE: [Look; 3] = [Look::Light, Look::Dark, Look::Phone];

struct Studio {
    house: House,
    browser: Browser,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_photographed() {
    let house = House::with(Config::default(), Some(world::options())).await;
    let browser = Browser::start().await;
    let studio = Studio { house, browser };
    studio.first_steps().await;
    let (ids, fleet) = studio.history().await;
    studio.devices(&ids).await;
    studio.versions(ids[0]).await;
    studio.schedules_and_forms(ids[0]).await;
    studio.jobs(&ids).await;
    studio.overview().await;
    drop(fleet);
    studio.house.close().await;
}

impl Studio {
    async fn take(&self, path: &str, name: &str, looks: &[Look]) {
        for look in looks {
            take(&self.browser, &self.house.url(path), name, *look).await;
        }
    }

    async fn light(&self, path: &str, name: &str) {
        self.take(path, name, &[Look::Light]).await;
    }

    async fn first_steps(&self) {
        let token = setup::offer(&self.house.core).await.unwrap().unwrap();
        self.light(&format!("/setup?token={}", token.expose()), "setup").await;
        as_admin(&self.browser, &self.house).await;
        self.light("/", "dashboard-empty").await;
        self.light("/nowhere", "not-found").await;
    }

    /// The demonstration's fleet after a day and three rounds of backups, with what befell it.
    async fn history(&self) -> (Vec<DeviceId>, Vec<Running>) {
        let house = &self.house;
        let wanted = fleet::demo(19).into_iter().filter(|device| device.hostname != "branch-kie-2");
        let (ids, fleet) = house.fleet(wanted.map(calm)).await;
        let at = |name: &str| fleet.iter().position(|it| it.device().hostname == name).unwrap();
        let hung = ids[at("edge-dus-1")];
        let most: Vec<DeviceId> = ids.iter().copied().filter(|id| *id != hung).collect();
        fleet[at("access-lej-3")].clear_faults();
        fleet[at("rr-muc-1")].clear_faults();
        world::run(house, &most).await;
        house.clock.advance(Duration::from_hours(26));
        fleet[at("access-lej-3")].set_faults(Fault::Cut(4000));
        fleet[at("rr-muc-1")].set_faults(Fault::Shrink);
        fleet[at("core-ber-1")].set_config(&world::change(&fleet[at("core-ber-1")].config()));
        fleet[at("leaf-fra-11")]
            .set_config(&fleet[at("leaf-fra-11")].config().replace("mtu 9214", "mtu 9000"));
        world::run(house, &most).await;
        house.clock.advance(Duration::from_mins(64));
        let later = fleet[at("core-ber-2")].config().replace("access vlan 103", "access vlan 203");
        fleet[at("core-ber-2")].set_config(&later);
        world::run(house, &most[..9]).await;
        house.clock.advance(Duration::from_mins(7));
        world::nightly(house).await;
        stop_clock(&self.browser, house.clock.now().timestamp_millis()).await;
        self.browser.session().devtools("Network.clearBrowserCookies", serde_json::json!({})).await;
        self.take("/login", "sign-in", &EVERYWHERE).await;
        super::sign_in(&self.browser, house, "admin").await;
        (ids, fleet)
    }

    async fn devices(&self, ids: &[DeviceId]) {
        let rekeyed = self.house.id_of("edge-muc-3").await;
        let refused = self.house.id_of("leaf-fra-12").await;
        self.take("/devices", "devices", &EVERYWHERE).await;
        self.take(&format!("/devices/{}", ids[0]), "device", &EVERYWHERE).await;
        self.light(&format!("/devices/{rekeyed}"), "device-host-key").await;
        self.light(&format!("/devices/{refused}"), "device-failing").await;
        self.light(&format!("/devices/{}/delete", ids[0]), "device-delete").await;
    }

    async fn versions(&self, device: DeviceId) {
        let versions = self.house.versions(device).await;
        let (new, old) = (versions[0].id, versions[1].id);
        self.take(&format!("/devices/{device}/backups"), "versions", &[Look::Light, Look::Phone]).await;
        self.take(&format!("/backups/{new}"), "version", &EVERYWHERE).await;
        self.take(&format!("/compare?old={old}&new={new}"), "diff", &EVERYWHERE).await;
        let split = format!("/compare?old={old}&new={new}&mode=split");
        self.take(&split, "diff-split", &EVERYWHERE).await;
        self.light("/suspects/1", "suspect").await;
    }

    async fn schedules_and_forms(&self, device: DeviceId) {
        self.take("/schedules", "schedules", &[Look::Light, Look::Phone]).await;
        self.take("/schedules/1", "schedule", &EVERYWHERE).await;
        self.light("/schedules/1/delete", "schedule-delete").await;
        self.take("/devices/new", "device-new", &[Look::Light, Look::Phone]).await;
        self.light(&format!("/devices/{device}/edit"), "device-edit").await;
        self.take("/audit", "audit", &[Look::Light, Look::Phone]).await;
        stock::node(&self.house.core, "one", 0).await;
        self.take("/nodes", "nodes", &EVERYWHERE).await;
        self.take("/platforms", "platforms", &EVERYWHERE).await;
        self.take("/platforms/cisco_ios", "platform", &EVERYWHERE).await;
    }

    async fn jobs(&self, ids: &[DeviceId]) {
        let house = &self.house;
        let (cut, slow) = (house.id_of("access-lej-3").await, house.id_of("access-cgn-4").await);
        let hung = house.id_of("edge-dus-1").await;
        let (batch, ended) = world::run(house, &[ids[0], cut]).await;
        house.clock.advance(Duration::from_secs(5));
        stop_clock(&self.browser, house.clock.now().timestamp_millis()).await;
        self.light(&format!("/jobs/{}", ended[0].id), "job").await;
        self.light(&format!("/jobs/{}", ended[1].id), "job-failed").await;
        let running = world::start(house, hung).await;
        world::start(house, slow).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.take(&format!("/jobs/{}", running.id), "job-live", &EVERYWHERE).await;
        self.take("/jobs", "jobs", &EVERYWHERE).await;
        self.take("/batches", "batches", &EVERYWHERE).await;
        self.take(&format!("/batches/{batch}"), "batch", &EVERYWHERE).await;
        self.light(&format!("/batches/{}/cancel", running.batch), "batch-cancel").await;
    }

    async fn overview(&self) {
        self.take("/", "dashboard", &EVERYWHERE).await;
        world::lost(&self.house).await;
        self.take("/", "dashboard-silent", &EVERYWHERE).await;
    }
}

/// What happens by chance or with time happens on command here.
fn calm(mut device: Device) -> Device {
    if device.hostname == "core-ber-2" {
        device.faults = Faults::none();
    }
    if device.hostname == "access-cgn-4" {
        device.faults = Fault::Slow(Duration::from_millis(500)).into();
    }
    device
}
