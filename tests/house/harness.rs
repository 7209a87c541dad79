//! The real parts themselves: that each starts, answers and ends.

use std::path::Path;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

use crate::support::chromium::Browser;
use crate::support::frr::Frr;
use crate::support::openssh::{Sshd, SshdOptions};
use crate::support::{postgres, shared};

#[tokio::test]
async fn openssh_logs_in_a_throw_away_account() {
    let server = Sshd::start(SshdOptions::default()).await;
    for method in ["publickey", "password", "keyboard-interactive"] {
        let name = server.ssh_by(method, "id -un");
        assert_eq!(name.trim(), server.account().name(), "{method}: {}", server.log());
        assert!(server.log().contains(&format!("Accepted {method}")), "{}", server.log());
    }
    assert!(server.port() > 0);
    let name = server.account().name().to_owned();
    assert!(accounts().contains(&name));
    drop(server);
    assert!(!accounts().contains(&name), "the account stayed");
}

#[tokio::test]
async fn openssh_comes_back_with_other_host_keys() {
    let lines = vec!["KexAlgorithms diffie-hellman-group14-sha256".to_owned()];
    let mut server = Sshd::start(SshdOptions { lines, ..SshdOptions::default() }).await;
    let (port, before) = (server.port(), server.host_key("ed25519"));
    server.change_host_keys(&["ed25519", "ecdsa"]).await;
    assert_eq!(server.port(), port);
    assert_ne!(server.host_key("ed25519"), before);
    assert!(server.host_key("ecdsa").starts_with("ecdsa-sha2-nistp256 "));
    assert_eq!(server.ssh("echo again"), "again\n");
}

#[tokio::test]
async fn frr_shows_the_same_configuration_behind_openssh() {
    let frr = Frr::start().await;
    let server = frr.sshd().await;
    let shown = frr.run("show running-config");
    assert!(shown.contains("hostname netraven-frr") && shown.contains("router bgp 64512"), "{shown}");
    assert_eq!(server.ssh("show running-config"), shown, "{}", server.log());
    frr.configure(&[
        "router bgp 64512",
        "neighbor 198.51.100.3 remote-as 64514",
        "neighbor 198.51.100.3 shutdown",
    ]);
    let after = server.ssh("show running-config");
    let added: Vec<&str> = after.lines().filter(|line| !shown.lines().any(|old| old == *line)).collect();
    assert_eq!(added, [" neighbor 198.51.100.3 remote-as 64514", " neighbor 198.51.100.3 shutdown"]);
}

#[tokio::test]
async fn postgresql_gives_each_test_an_empty_database() {
    // On SQLite there is nothing to see; tests/run comes again with PostgreSQL.
    let Some(url) = postgres::database_url().await else {
        return;
    };
    assert_ne!(postgres::database_url().await.as_ref(), Some(&url));
    let mut connection = AsyncPgConnection::establish(&url).await.expect("the new database");
    connection
        .batch_execute("CREATE TABLE once (id bigint); SELECT * FROM once")
        .await
        .expect("an empty database");
}

/// A page under a policy that forbids every script and every request.
const PAGE: &str = "data:text/html,<!doctype html><html lang=en><meta charset=utf-8>\
<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>Page</title>\
<style>@media (prefers-color-scheme: dark) {body {background: black; color: white}} summary {padding: 1em}</style>\
<main><h1>Hello</h1><form><label>Name <input name=name></label></form>\
<details><summary>More</summary><p id=more>Text</p></details><div style='height:2000px'></div></main>";

#[tokio::test]
async fn browser_reads_clicks_types_and_takes_pictures() {
    let browser = Browser::start().await;
    browser.goto(PAGE).await;
    assert_eq!(browser.text("h1").await, "Hello");
    assert!(browser.url().await.starts_with("data:text/html"));
    browser.fill("input", "core-1").await;
    browser.press("!").await;
    assert_eq!(browser.execute("return document.querySelector('input').value").await, "core-1!");
    browser.click("summary").await;
    assert_eq!(browser.text("#more").await, "Text");
    browser.viewport(390, 844).await;
    assert!(browser.overflow().await <= 0);
    let light = browser.screenshot_png().await;
    browser.dark(true).await;
    let dark = browser.screenshot_png().await;
    assert_ne!(light, dark);
    let (width, height) = size_of(&dark);
    assert_eq!(width, 390);
    assert!(height > 2000, "{height}");
    assert_eq!(browser.axe().await, Vec::<String>::new());
    assert_eq!(browser.requests_outside("http://127.0.0.1:1").await, Vec::<String>::new());
}

#[tokio::test]
async fn browser_tells_what_is_wrong_with_a_page() {
    let browser = Browser::start().await;
    browser.goto("data:text/html,<html><img src=http://127.0.0.1:1/x.png><p style='width:3000px'>wide").await;
    assert!(browser.overflow().await > 1000);
    let found = browser.axe().await;
    assert!(found.iter().any(|line| line.starts_with("image-alt (critical)")), "{found:?}");
    assert_eq!(browser.requests_outside("http://127.0.0.1:2").await, ["http://127.0.0.1:1/x.png"]);
    let problems = browser.console_problems().await;
    assert!(problems.iter().any(|line| line.contains("http://127.0.0.1:1/x.png")), "{problems:?}");
}

#[tokio::test]
async fn browser_runs_without_scripts() {
    const SCRIPTED: &str = "data:text/html,<noscript><b>off</b></noscript><p>x</p><details><summary>More</summary><i>open</i></details>\
<script>document.querySelector('p').textContent = 'on'</script>";
    let browser = Browser::start().await;
    browser.goto(SCRIPTED).await;
    assert_eq!(browser.text("p").await, "on");
    browser.javascript(false).await;
    browser.goto(SCRIPTED).await;
    assert_eq!(browser.text("b").await, "off");
    assert_eq!(browser.text("p").await, "x");
    browser.click("summary").await;
    assert_eq!(browser.text("i").await, "open");
    assert!(browser.overflow().await <= 0);
}

#[test]
fn recordings_are_found_or_said_to_be_missing() {
    if let Some(folder) = shared::captures() {
        assert!(folder.join("README.md").exists(), "{}", folder.display());
    }
}

fn accounts() -> String {
    std::fs::read_to_string(Path::new("/etc/passwd")).expect("the accounts")
}

/// Width and height as a PNG file's header has them.
fn size_of(png: &[u8]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}
