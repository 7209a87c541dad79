//! Issue 3's walk without script: set-up, a person, a credential, a tag and a rule, 50 devices from a list, a schedule,
//! its run, a look, a comparison, and all of it found again in the trail.

use std::{fmt::Write as _, time::Duration};

use netraven::{
    service::setup,
    simulate::{self, Device, Platform, Running},
};

use super::{assert_quiet, shows};
use crate::support::{
    chromium::Browser,
    fleet::{anywhere, patient},
    house::{House, PASSWORD},
};

const DEVICES: usize = 50;
const STEP: Duration = Duration::from_millis(100);

struct Walk {
    house: House,
    browser: Browser,
    devices: Vec<Running>,
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_kept_without_script() {
    let walk = Walk::start().await;
    walk.set_up().await;
    walk.add_a_person().await;
    walk.add_a_credential_a_tag_and_a_rule().await;
    walk.bring_fifty_devices().await;
    walk.schedule_and_run().await;
    walk.change_look_and_compare().await;
    walk.find_it_in_the_trail().await;
    assert_quiet(&walk.browser, &walk.house, "the walk").await;
    walk.house.close().await;
}

impl Walk {
    async fn start() -> Self {
        let house = House::with(netraven::config::Config::default(), Some(patient())).await;
        let mut devices = Vec::new();
        for number in 0..DEVICES {
            let device = Device::new(Platform::CiscoIos, &format!("br-{number:02}"));
            devices.push(simulate::start(device, anywhere()).await.unwrap());
        }
        let clock = house.clock.clone();
        // Here time goes by: a job's log is over a moment after the job.
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(STEP).await;
                clock.advance(STEP);
            }
        });
        let browser = Browser::start().await;
        browser.javascript(false).await;
        // Without script the driver cannot scroll to what it clicks.
        browser.viewport(1280, 4_000).await;
        Self { house, browser, devices }
    }

    async fn click(&self, selector: &str) {
        self.browser.click(selector).await;
    }

    async fn fill(&self, selector: &str, text: &str) {
        self.browser.fill(selector, text).await;
    }

    async fn shows(&self, selector: &str, words: &str) -> String {
        shows(&self.browser, selector, words, false).await
    }

    /// Goes to a part of NetRaven by its navigation, and presses a link there.
    async fn open(&self, part: &str, link: &str) {
        self.click(&format!(".nav-list a[href='{part}']")).await;
        self.click(&format!("main a[href='{link}']")).await;
    }

    async fn save(&self) {
        self.click("main form .btn-primary").await;
    }

    async fn set_up(&self) {
        let token = setup::offer(&self.house.core).await.unwrap().unwrap();
        self.browser.goto(&self.house.url(&format!("/setup?token={}", token.expose()))).await;
        self.fill("#username", "olga").await;
        self.fill("#password", PASSWORD).await;
        self.fill("#again", PASSWORD).await;
        self.save().await;
        self.shows("main", "No devices to back up yet").await;
    }

    async fn add_a_person(&self) {
        self.open("/users", "/users/new").await;
        if self.browser.url().await.contains("/confirm") {
            self.fill("#password", PASSWORD).await;
            self.save().await;
        }
        self.fill("#username", "b a").await;
        self.fill("#full_name", "Bea Brandt").await;
        self.click("#role option[value=operator]").await;
        self.fill("#email", "bea@example.net").await;
        self.save().await;
        self.browser.wait_for("#username-complaint").await;
        // A refused form is an answer of 422, which the console calls a failed request.
        self.browser.console_problems().await;
        self.fill("#username", "bea").await;
        self.save().await;
        self.shows("h1", "bea").await;
        self.click(".nav-list a[href='/users']").await;
        self.shows("main", "Bea Brandt").await;
    }

    async fn add_a_credential_a_tag_and_a_rule(&self) {
        self.open("/tags", "/tags/new").await;
        self.fill("#name", "branch").await;
        self.save().await;
        self.shows("h1", "branch").await;
        self.open("/tags", "/rules").await;
        self.click("main a[href='/rules/new']").await;
        self.fill("#name", "Branches").await;
        self.click("#tag option:last-child").await;
        self.fill("#criteria", "name starts br-").await;
        self.click("button[value=save]").await;
        self.shows("main", "Branches").await;
        self.open("/credentials", "/credentials/new").await;
        self.fill("#name", "TACACS read-only").await;
        self.fill("#username", "netraven").await;
        self.fill("#password", "simulated").await;
        self.save().await;
        self.shows("h1", "TACACS read-only").await;
        self.click("select[name=tag] option:nth-child(2)").await;
        self.click("form[action$='/tags'].filters button").await;
        self.shows("section[aria-labelledby=tags-title] tbody", "branch").await;
    }

    async fn bring_fifty_devices(&self) {
        self.open("/devices", "/imports").await;
        self.click("main a[href='/imports/new']").await;
        let mut list = "Name;IP;Port;Type\n".to_owned();
        for (number, device) in self.devices.iter().enumerate() {
            writeln!(list, "br-{number:02};127.0.0.1;{};ios", device.address().port()).unwrap();
        }
        // One row that cannot be right.
        list.push_str("br 99;127.0.0.1;99999;ios\n");
        self.fill("#text", &list).await;
        self.save().await;
        self.shows("main", "Add 50 devices").await;
        self.click(".tabs a[href*='show=error']").await;
        self.shows("main tbody", "A port is a number from 1 to 65535.").await;
        self.click("#leave_out").await;
        self.save().await;
        self.shows("h1", "Carried out").await;
        self.shows("main", "50 devices").await;
        self.click(".nav-list a[href='/tags']").await;
        self.shows("main tbody", "branch").await;
    }

    async fn schedule_and_run(&self) {
        self.open("/schedules", "/schedules/new").await;
        self.fill("#name", "Branches at night").await;
        self.click("input[name=targets][value=tags]").await;
        self.click("#targets input[name=tags]").await;
        self.click("button[value=preview]").await;
        self.shows("main", "50 enabled devices now").await;
        self.click("button[value=save]").await;
        self.shows("h1", "Branches at night").await;
        self.click("form[action$='/run'] button").await;
        shows(&self.browser, "main", "50 of 50 finished", true).await;
        assert_eq!(self.browser.text("[data-number=failed] strong").await, "0");
    }

    async fn change_look_and_compare(&self) {
        let device = &self.devices[7];
        let config = device.config();
        let changed = config.replace("ip domain name example.net\n", "ip domain name example.org\n");
        assert_ne!(*config, *changed);
        device.set_config(&changed);
        self.click(".nav-list a[href='/devices']").await;
        self.fill("#q", "br-07").await;
        self.click("form.filters .btn").await;
        self.click("main tbody th a").await;
        self.shows("h1", "br-07").await;
        self.shows("main", "TACACS read-only").await;
        self.click("main form[action='/backups/run'] button").await;
        shows(&self.browser, "#job", "Stored", true).await;
        self.click("#job .facts a[href^='/devices/']").await;
        self.click("#versions a[href$='/diff']").await;
        let text = self.shows(".diff", "example.org").await;
        assert!(text.contains("example.net"), "{text}");
        self.click(".nav-list a[href='/backups']").await;
        self.click("main a[href='/compare']").await;
        self.fill("#device_old", "br-07").await;
        self.fill("#device_new", "br-08").await;
        self.click("form[action='/compare'][method=get] button").await;
        self.click("#old option:nth-child(2)").await;
        self.click("#new option:nth-child(2)").await;
        self.click("button[value=unified]").await;
        self.shows(".diff", "hostname br-08").await;
    }

    async fn find_it_in_the_trail(&self) {
        self.click(".nav-list a[href='/audit']").await;
        for (word, event) in [
            ("TACACS", "credential"),
            ("bea", "person"),
            ("Branches at night", "schedule"),
            ("50 devices", "Imported devices"),
            ("branch", "tag"),
        ] {
            self.fill("input[name=object]", word).await;
            self.click("form.filters .btn").await;
            let told = self.shows("main tbody", word).await;
            assert!(told.contains(event) && told.contains("olga"), "{word}: {told}");
        }
        let all = self.browser.text("main tbody").await;
        assert!(!all.contains("simulated"), "{all}");
    }
}
