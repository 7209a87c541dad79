//! From an empty house to a seen change, by clicks: with script and without (U-08), and out again (S-03).

use std::time::Duration;

use netraven::{
    service::setup,
    simulate::{self, Device, Platform, Running},
};
use serde_json::json;

use super::{assert_quiet, shows};
use crate::support::{
    chromium::Browser,
    fleet::anywhere,
    house::{House, PASSWORD},
    process::until,
};

const STEP: Duration = Duration::from_millis(100);

struct Trip {
    house: House,
    browser: Browser,
    device: Running,
    has_script: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_path_with_script() {
    Trip::start(true).await.whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_path_without_script() {
    Trip::start(false).await.whole().await;
}

impl Trip {
    async fn start(has_script: bool) -> Self {
        let house = House::at_work().await;
        let mut device = Device::new(Platform::CiscoIos, "core-1");
        device.latency = Duration::from_millis(200);
        let device = simulate::start(device, anywhere()).await.unwrap();
        let clock = house.clock.clone();
        // Here time goes by: a job's log is over a moment after the job.
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(STEP).await;
                clock.advance(STEP);
            }
        });
        let browser = Browser::start().await;
        browser.javascript(has_script).await;
        // Without script the driver cannot scroll to what it clicks.
        browser.viewport(1280, 2400).await;
        Self { house, browser, device, has_script }
    }

    async fn whole(self) {
        self.first_admin().await;
        self.add_the_device().await;
        self.back_up("Stored").await;
        self.version().await;
        self.change_and_compare().await;
        self.schedule().await;
        assert_quiet(&self.browser, &self.house, "the path").await;
        self.leave().await;
        self.house.close().await;
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

    async fn value(&self, selector: &str) -> String {
        let element = self.browser.wait_for(selector).await;
        let value = self.browser.session().get(&format!("element/{element}/property/value")).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    async fn first_admin(&self) {
        let token = setup::offer(&self.house.core).await.unwrap().unwrap();
        self.browser.goto(&self.house.url(&format!("/setup?token={}", token.expose()))).await;
        self.fill("#username", "olga").await;
        self.fill("#password", PASSWORD).await;
        self.fill("#again", PASSWORD).await;
        self.click("main form .btn-primary").await;
        self.shows("main", "No devices to back up yet").await;
    }

    async fn add_the_device(&self) {
        self.click("main a[href='/devices/new']").await;
        self.fill("#name", "core-1").await;
        self.fill("#address", "127.0.0.1").await;
        self.fill("#port", "70000").await;
        self.click("#platform option[value=cisco_ios]").await;
        self.fill("#description", "Core switch").await;
        self.fill("#username", "netraven").await;
        self.fill("#password", "simulated").await;
        self.click("main form .btn-primary").await;
        self.shows("#complaints", "65535").await;
        self.shows("#port-complaint", "65535").await;
        for (field, kept) in [
            ("#name", "core-1"),
            ("#port", "70000"),
            ("#platform", "cisco_ios"),
            ("#description", "Core switch"),
            ("#username", "netraven"),
            ("#password", ""),
        ] {
            assert_eq!(self.value(field).await, kept, "{field}");
        }
        // A refused form is an answer of 422, which the console calls a failed request.
        let problems = self.browser.console_problems().await;
        assert!(problems.iter().all(|line| line.contains("422")), "{problems:#?}");
        self.fill("#port", &self.device.address().port().to_string()).await;
        self.fill("#password", "simulated").await;
        self.click("main form .btn-primary").await;
        self.shows("h1", "core-1").await;
        self.shows("#versions", "No version yet").await;
    }

    /// Presses "Back up now" on the device's page and watches the job to its end.
    async fn back_up(&self, outcome: &str) {
        self.click("main form[action='/backups/run'] button").await;
        self.shows("h1", "Backup of core-1").await;
        if self.has_script {
            self.browser.execute("window.__same = true").await;
            let count = "return window.__same ? document.querySelectorAll('.log li').length : -1";
            let first = self.browser.execute(count).await.as_i64().unwrap();
            let grew = until(
                10,
                async || {
                    let now = self.browser.execute(count).await.as_i64().unwrap();
                    assert!(now >= 0, "the page was loaded anew before a line came");
                    (now >= first + 2).then_some(now)
                },
                || "no line came".to_owned(),
            )
            .await;
            assert!(grew > first);
        }
        shows(&self.browser, "#job", outcome, !self.has_script).await;
        if self.has_script {
            // Until the page has come to rest, what one aims at may move away.
            self.browser.wait_for("#job:not([data-refresh])").await;
        }
        let log = self.shows(".log", "SHA256:").await;
        assert!(!log.contains("simulated"), "the password is in the log: {log}");
    }

    async fn version(&self) {
        self.click("#job .facts a[href^='/backups/']").await;
        self.shows("h1", "core-1").await;
        let text = self.browser.text("#text").await;
        let config = self.device.config();
        let numbered = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).count();
        assert!(numbered + 5 > config.lines().count(), "{numbered} of {} lines", config.lines().count());
        assert!(text.contains("hostname core-1") && !text.contains("enable secret 9 $9$"), "{text}");
        self.browser.wait_for("#L1 > a[href='#L1']").await;
        self.browser.wait_for("a[href$='/raw']").await;
        self.click(".crumbs li:nth-child(2) a").await;
    }

    async fn change_and_compare(&self) {
        let config = self.device.config();
        assert!(config.contains("ip domain name example.net\n"));
        let changed =
            config.replace("ip domain name example.net\n", "ip domain name example.org\nip ssh version 2\n");
        self.device.set_config(&changed);
        self.back_up("Stored").await;
        self.click("#job .facts a[href^='/devices/']").await;
        self.click("#versions a[href$='/diff']").await;
        self.shows("main", "+2 added").await;
        self.shows("main", "−1 removed").await;
        let text = self.browser.text(".diff").await;
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for line in text.lines() {
            if let Some(line) = line.strip_prefix("+ ") {
                added.push(line.trim().to_owned());
            } else if let Some(line) = line.strip_prefix("− ") {
                removed.push(line.trim().to_owned());
            }
        }
        assert_eq!(added, ["ip domain name example.org", "ip ssh version 2"], "{text}");
        assert_eq!(removed, ["ip domain name example.net"], "{text}");
        self.click("nav[aria-label='View of the differences'] a:nth-child(2)").await;
        let text = self.shows(".split", "example.org").await;
        assert!(text.contains("example.net"), "{text}");
        self.click("nav[aria-label='View of the differences'] a:nth-child(1)").await;
        self.browser.wait_for(".diff:not(.split)").await;
    }

    async fn schedule(&self) {
        self.click(".nav-list a[href='/schedules']").await;
        self.click("main a[href='/schedules/new']").await;
        self.fill("#name", "Nightly").await;
        self.fill("#zone", "Europe/Berlin").await;
        self.click("button[value=preview]").await;
        self.shows(".runs", "2 Mar 2026").await;
        self.click("button[value=save]").await;
        self.shows("h1", "Nightly").await;
        let text = self.shows("main .facts", "Europe/Berlin").await;
        assert!(text.contains("2 Mar 2026"), "{text}");
    }

    async fn leave(&self) {
        self.click(".nav-list a[href='/devices']").await;
        self.shows("main", "core-1").await;
        self.click(".who button").await;
        self.shows("h1", "Sign in").await;
        for _ in 0..3 {
            self.browser.session().post("back", json!({})).await;
            let text = self.browser.text("body").await;
            assert!(!text.contains("core-1") && !text.contains("olga"), "{text}");
        }
    }
}
