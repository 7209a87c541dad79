//! Every page: for everybody to use, quiet, at home, on a phone, and light (U-01 to U-04, U-10).

use netraven::domain::access::Role;
use reqwest::StatusCode;

use super::{as_admin, assert_quiet, world};
use crate::support::{
    chromium::Browser,
    house::{House, Visitor},
};

/// What makes a page a page, and what is wrong with the one that is open.
const BONES: &str = "const wrong = [], count = selector => document.querySelectorAll(selector).length;
if (count('h1') !== 1) wrong.push(`${count('h1')} h1`);
if (count('main') !== 1) wrong.push(`${count('main')} main`);
if (!document.title.replace(' · NetRaven', '').trim()) wrong.push('no title');
if (document.documentElement.lang !== 'en') wrong.push('no language');
const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) wrong.push(`id ${id} twice`);
for (const link of document.querySelectorAll('a[href^=\"#\"]'))
  if (!document.getElementById(decodeURIComponent(link.hash.slice(1)))) wrong.push(`${link.hash} leads nowhere`);
return wrong.join(', ');";

/// Whether something sticks out of the card it lies in.
const CLIPPED: &str = "return [...document.querySelectorAll('main .btn, main .badge-nr, main input, main select')]
  .filter(one => one.offsetParent && one.getBoundingClientRect().right > innerWidth + 1
    && !one.closest('.sheet-text, .wide, .card > form, .card > .grid')).map(one => one.outerHTML.slice(0, 80)).join(' | ')";

/// Looks at the page that is open in every way, and writes down what is wrong with it.
pub async fn inspect(browser: &Browser, what: &str, wrong: &mut Vec<String>) {
    for is_dark in [false, true] {
        browser.dark(is_dark).await;
        let look = if is_dark { "dark" } else { "light" };
        wrong.extend(browser.axe().await.iter().map(|line| format!("{what}, {look}: {line}")));
    }
    let bones = browser.execute(BONES).await;
    if bones != "" {
        wrong.push(format!("{what}: {bones}"));
    }
    for width in [390, 320] {
        browser.viewport(width, 844).await;
        let over = browser.overflow().await;
        if over > 0 {
            wrong.push(format!("{what}: {over} px too wide at {width}"));
        }
        let clipped = browser.execute(CLIPPED).await;
        if clipped != "" {
            wrong.push(format!("{what}: cut off at {width}: {clipped}"));
        }
        wrong.extend(browser.axe().await.iter().map(|line| format!("{what}, {width} px: {line}")));
    }
    browser.viewport(1280, 900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_accessible_quiet_at_home_and_fits_a_phone() {
    let world = world::furnished().await;
    let house = &world.house;
    let browser = Browser::start().await;
    let mut wrong = Vec::new();
    browser.goto(&house.url("/login")).await;
    inspect(&browser, "sign-in", &mut wrong).await;
    as_admin(&browser, house).await;
    for (what, path) in &world.pages {
        browser.goto(&house.url(path)).await;
        inspect(&browser, what, &mut wrong).await;
        assert_quiet(&browser, house, what).await;
    }
    browser.goto(&house.url("/nowhere")).await;
    inspect(&browser, "not found", &mut wrong).await;
    drop(browser.console_problems().await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_that_come_back_are_as_good() {
    let house = House::new().await;
    let browser = Browser::start().await;
    let mut wrong = Vec::new();
    let token = netraven::service::setup::offer(&house.core).await.unwrap().unwrap();
    browser.goto(&house.url(&format!("/setup?token={}", token.expose()))).await;
    browser.click("main form .btn-primary").await;
    browser.wait_for("#complaints").await;
    inspect(&browser, "refused set-up", &mut wrong).await;
    as_admin(&browser, &house).await;
    inspect(&browser, "empty dashboard", &mut wrong).await;
    for (what, path, name) in [("device", "/devices/new", "!"), ("schedule", "/schedules/new", " ")] {
        browser.goto(&house.url(path)).await;
        browser.fill("#name", name).await;
        browser.click("main form .btn-primary").await;
        browser.wait_for("#complaints").await;
        inspect(&browser, &format!("refused {what}"), &mut wrong).await;
    }
    for (what, path) in [("devices", "/devices"), ("jobs", "/jobs"), ("schedules", "/schedules")] {
        browser.goto(&house.url(path)).await;
        inspect(&browser, &format!("no {what}"), &mut wrong).await;
    }
    browser.viewport(390, 844).await;
    browser.click(".menu-button").await;
    wrong.extend(browser.axe().await.iter().map(|line| format!("open menu: {line}")));
    let problems = browser.console_problems().await;
    assert!(problems.iter().all(|line| line.contains("422")), "{problems:#?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    house.close().await;
}

/// U-10: what the first visit to a page costs, and a later one.
#[tokio::test(flavor = "multi_thread")]
async fn pages_are_light() {
    let world = world::furnished().await;
    let house = &world.house;
    let visitor = house.signed_in(Role::Admin).await;
    let browser = Browser::start().await;
    super::sign_in(&browser, house, "admin").await;
    let count = "return performance.getEntriesByType('resource').filter(one => !one.name.includes('/events')).length + 1";
    for (what, path) in world.pages.iter().filter(|(_, path)| !path.ends_with("/diff")) {
        browser.session().devtools("Network.clearBrowserCache", serde_json::json!({})).await;
        browser.goto(&house.url(path)).await;
        let requests = browser.execute(count).await.as_u64().unwrap();
        let html = weight(&visitor, path).await;
        let mut whole = html;
        for asset in assets(&visitor.page(path).await) {
            whole += weight(&visitor, &asset).await;
        }
        println!("{what}: {requests} requests, {html} bytes of HTML, {whole} in all");
        assert!(requests <= 12, "{what}: {requests} requests");
        assert!(whole <= 200_000, "{what}: {whole} bytes");
        // Pages are not compressed; a configuration is a list of lines.
        assert!(html <= 100_000, "{what}: {html} bytes of HTML");
    }
    world.house.close().await;
}

/// The bytes of a body as it travels.
async fn weight(visitor: &Visitor, path: &str) -> usize {
    let reply =
        visitor.client().get(visitor.address(path)).header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK, "{path}");
    reply.bytes().await.unwrap().len()
}

/// The assets that a page names.
fn assets(html: &str) -> Vec<String> {
    let mut found: Vec<String> = html
        .split("\"/static/")
        .skip(1)
        .map(|rest| format!("/static/{}", rest.split(['"', '#']).next().unwrap()))
        .collect();
    found.sort();
    found.dedup();
    found
}
