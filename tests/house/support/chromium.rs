//! A real browser: Debian's Chromium without a window, led through `ChromeDriver`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::process::{Daemon, need, open_folder, until};
use super::webdriver::Session;

/// Without these Chromium asks hosts of its maker for updates, lists and switches.
const ARGUMENTS: [&str; 13] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--lang=en-GB",
];

/// A browser with a fresh profile and one page. Methods panic with what the browser said when they cannot.
pub struct Browser {
    session: Session,
    _driver: Daemon,
    _folder: TempDir,
}

impl Browser {
    /// Starts a browser with a viewport of 1280 by 800.
    pub async fn start() -> Self {
        // The driver takes a port of IPv6 first, which may be in use on IPv4: then another try finds another one.
        for _ in 0..5 {
            if let Some(browser) = Self::try_start().await {
                return browser;
            }
        }
        panic!("chromedriver found no port");
    }

    async fn try_start() -> Option<Self> {
        let binary = need(&["/usr/bin/chromium"], "chromium");
        let program = need(&["/usr/bin/chromedriver"], "chromium-driver");
        let folder = open_folder();
        let mut driver = Daemon::start(&program, ["--port=0"], &folder.path().join("chromedriver.log"));
        let port = until(
            20,
            async || {
                let (has_ended, log) = (driver.has_ended(), driver.log());
                if has_ended {
                    assert!(log.contains("Address already in use"), "chromedriver ended at once:\n{log}");
                    return Some(None);
                }
                let (_, rest) = log.split_once("started successfully on port ")?;
                rest.split_once('.')?.0.parse().ok().map(Some)
            },
            || "chromedriver does not say its port".to_owned(),
        )
        .await?;
        let mut arguments: Vec<String> = ARGUMENTS.iter().map(ToString::to_string).collect();
        arguments.push(format!("--user-data-dir={}", folder.path().join("profile").display()));
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": binary, "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let browser =
            Self { session: Session::open(port, capabilities).await, _driver: driver, _folder: folder };
        browser.viewport(1280, 800).await;
        Some(browser)
    }

    /// The session, for what has no method here.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Opens an address and waits until the page has loaded.
    pub async fn goto(&self, url: &str) {
        self.session.post("url", json!({ "url": url })).await;
    }

    /// The address of the page.
    pub async fn url(&self) -> String {
        text_of(&self.session.get("url").await)
    }

    /// Clicks the first element that the CSS selector finds.
    pub async fn click(&self, selector: &str) {
        loop {
            let element = self.wait_for(selector).await;
            match self.session.try_post(&format!("element/{element}/click"), json!({})).await {
                Ok(_) => return,
                // The page put another in its place since it was found: that one is meant.
                Err(why) if why.contains("stale element reference") => {}
                Err(why) => panic!("click {selector}: {why}"),
            }
        }
    }

    /// Empties a field and types into it; for a file field, the path of the file.
    pub async fn fill(&self, selector: &str, text: &str) {
        let element = self.wait_for(selector).await;
        // A file field cannot be emptied, and need not be.
        drop(self.session.try_post(&format!("element/{element}/clear"), json!({})).await);
        self.session.post(&format!("element/{element}/value"), json!({ "text": text })).await;
    }

    /// Presses a key, given as its character or as `WebDriver` numbers it (Tab is `\u{E004}`, Enter `\u{E007}`).
    pub async fn press(&self, key: &str) {
        let strokes = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let actions = json!({ "actions": [{ "type": "key", "id": "keys", "actions": strokes }] });
        self.session.post("actions", actions).await;
    }

    /// The text of an element as a person sees it.
    pub async fn text(&self, selector: &str) -> String {
        let element = self.wait_for(selector).await;
        text_of(&self.session.get(&format!("element/{element}/text")).await)
    }

    /// Waits until the selector finds an element, and gives its id.
    pub async fn wait_for(&self, selector: &str) -> String {
        until(
            10,
            async || self.session.element(selector).await.ok(),
            || format!("no `{selector}` on the page"),
        )
        .await
    }

    /// Runs the body of a function in the page and gives what it returns; the page's own policy does not hinder it.
    pub async fn execute(&self, script: &str) -> Value {
        self.session.post("execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Sets the size of the viewport in CSS pixels.
    pub async fn viewport(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.session.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Lets the reader prefer a dark page, or a light one.
    pub async fn dark(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        // Without movement: a colour that is still on its way is measured wrong.
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": value },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.session.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Switches the scripts of the pages opened from now on.
    pub async fn javascript(&self, is_on: bool) {
        self.session.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !is_on })).await;
    }

    /// A picture of the whole page, as wide as the viewport.
    pub async fn screenshot_png(&self) -> Vec<u8> {
        let metrics = self.session.devtools("Page.getLayoutMetrics", json!({})).await;
        let (page, view) = (&metrics["cssContentSize"], &metrics["cssLayoutViewport"]);
        let clip =
            json!({ "x": 0, "y": 0, "width": view["clientWidth"], "height": page["height"], "scale": 1 });
        let wish = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.session.devtools("Page.captureScreenshot", wish).await;
        STANDARD.decode(text_of(&picture["data"])).expect("base64 from the browser")
    }

    /// How many CSS pixels the page is wider than the window: 0 or less on a page that fits.
    pub async fn overflow(&self) -> i64 {
        let difference = "return document.documentElement.scrollWidth - window.innerWidth";
        self.execute(difference).await.as_i64().expect("a number of pixels")
    }

    /// Warnings and errors on the console since the last call: scripts, failed requests, breaches of the policy.
    pub async fn console_problems(&self) -> Vec<String> {
        let entries = self.log("browser").await;
        let problems =
            entries.iter().filter(|entry| entry["level"] == "WARNING" || entry["level"] == "SEVERE");
        problems.map(|entry| format!("{} {}", text_of(&entry["level"]), text_of(&entry["message"]))).collect()
    }

    /// Addresses asked for over a network since the last call that do not begin with this origin (`http://127.0.0.1:8080`).
    pub async fn requests_outside(&self, origin: &str) -> Vec<String> {
        let mut outside = Vec::new();
        for entry in self.log("performance").await {
            let event: Value = serde_json::from_str(&text_of(&entry["message"])).expect("an event in JSON");
            let event = &event["message"];
            if event["method"] != "Network.requestWillBeSent" && event["method"] != "Network.webSocketCreated"
            {
                continue;
            }
            let url = event["params"]["request"]["url"].as_str().or(event["params"]["url"].as_str());
            let url = url.unwrap_or_default();
            let is_local =
                ["data:", "blob:", "about:", "chrome:"].iter().any(|scheme| url.starts_with(scheme));
            let is_inside =
                url.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if !is_local && !is_inside {
                outside.push(url.to_owned());
            }
        }
        outside
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.session.post("se/log", json!({ "type": kind })).await;
        entries.as_array().cloned().unwrap_or_default()
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
